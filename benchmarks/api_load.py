"""Forty requests at once for a minute: errors, p95 against a lone request, memory.

python -m benchmarks.api_load [--seconds 60]    (uses the run that `suggest` would use)
"""

import argparse
import asyncio
import itertools
import socket
import statistics
import subprocess
import sys
import time

import httpx
import psutil

from core.articles.sets import read_sources

AT_ONCE = 40


async def ask(client: httpx.AsyncClient, article: dict[str, str]) -> float:
    start = time.perf_counter()
    answer = await client.post("/predictions/tags", json=article)
    answer.raise_for_status()
    return time.perf_counter() - start


async def measure(address: str, process: psutil.Process, seconds: float) -> None:
    articles = [{"title": a.title, "description": a.description} for a in read_sources(["sample"])]
    source = itertools.cycle(articles)
    limits = httpx.Limits(max_connections=AT_ONCE)
    async with httpx.AsyncClient(base_url=address, timeout=120, limits=limits) as client:
        for _ in range(5):
            await ask(client, next(source))
        alone = [await ask(client, next(source)) for _ in range(50)]
        memory = process.memory_info().rss
        took: list[float] = []
        end = time.monotonic() + seconds

        async def keep_asking() -> None:
            while time.monotonic() < end:
                took.append(await ask(client, next(source)))

        await asyncio.gather(*(keep_asking() for _ in range(AT_ONCE)))
    single, p95 = statistics.median(alone), statistics.quantiles(took, n=20)[-1]
    print(f"a lone request, median of {len(alone)}: {1000 * single:.1f} ms")
    print(f"{AT_ONCE} at once for {seconds:.0f} s: {len(took):,} answers, no error")
    print(f"median {1000 * statistics.median(took):.0f} ms, p95 {1000 * p95:.0f} ms")
    print(f"p95 is {p95 / single:.1f} times the lone request")
    print(f"memory {memory / 1e6:.0f} MB before, {process.memory_info().rss / 1e6:.0f} MB after")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=60)
    options = parser.parse_args()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen([sys.executable, "-m", "core", "serve", "--port", str(port)])
    address = f"http://127.0.0.1:{port}"
    try:
        while True:
            try:
                httpx.get(f"{address}/healthz")
                break
            except httpx.HTTPError:
                time.sleep(0.2)
        asyncio.run(measure(address, psutil.Process(server.pid), options.seconds))
    finally:
        server.terminate()


if __name__ == "__main__":
    main()
