"""A server under steady use: 10,000 requests in 30 minutes, memory sampled.

python -m benchmarks.soak [--requests 10000] [--minutes 30]

Nine of ten requests are to the API (suggest, language, feedback), one is a page in one of four
browser sessions, which is closed and opened anew at every twentieth page.
"""

import argparse
import asyncio
import os
import random
import statistics
import tempfile
import time
from pathlib import Path

import httpx
import psutil

from benchmarks.browser_load import PAGES, serving
from benchmarks.browser_session import Session
from core.articles.store.sets import read_sources

_TABS, _PAGES_A_TAB, _SAMPLES = 4, 20, 60


async def ask_api(
    client: httpx.AsyncClient, chance: random.Random, articles: list[dict[str, str]]
) -> float:
    article, start = chance.choice(articles), time.monotonic()
    kind = chance.randrange(10)
    if kind < 7:
        answer = await client.post("/predictions/tags", json=article)
    elif kind < 9:
        answer = await client.post("/predictions/language", json=article)
    else:
        answer = await client.post("/tag-suggestions", json=article | {"tags": ["python"]})
    answer.raise_for_status()
    return time.monotonic() - start


async def soak(options: argparse.Namespace, port: int, server: psutil.Process) -> None:
    chance = random.Random(1)
    articles = [{"title": a.title, "description": a.description} for a in read_sources(["sample"])]
    pace, opened = options.minutes * 60 / options.requests, 0
    memory: list[float] = []
    api: list[float] = []
    pages: list[float] = []
    tabs: list[Session] = []
    begun = time.monotonic()
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=120) as client:
        for number in range(options.requests):
            await asyncio.sleep(max(0.0, begun + number * pace - time.monotonic()))
            if number % max(options.requests // _SAMPLES, 1) == 0:
                memory.append(server.memory_info().rss / 1e6)
            if number % 10:
                api.append(await ask_api(client, chance, articles))
                continue
            if len(tabs) < _TABS:
                tabs.append(await Session.open(port))
                opened += 1
            tab = chance.choice(tabs)
            pages.append(await tab.go_to(chance.choice(PAGES)))
            tab.heard.clear()
            assert tab.exceptions == 0
            if len(pages) % _PAGES_A_TAB == 0:
                tabs.remove(tab)
                await tab.close()
    minutes = (time.monotonic() - begun) / 60
    print(
        f"{len(api):,} API requests, {len(pages):,} pages in {opened} sessions, {minutes:.1f} min"
    )
    print(f"p95: API {1000 * cut(api):.0f} ms, pages {cut(pages):.2f} s; no error")
    thirds = [memory[len(memory) * n // 3 : len(memory) * (n + 1) // 3] for n in range(3)]
    print("memory by thirds, median MB:", *(f"{statistics.median(part):.0f}" for part in thirds))
    print(f"memory: first {memory[0]:.0f}, highest {max(memory):.0f}, last {memory[-1]:.0f} MB")


def cut(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=20)[-1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--minutes", type=float, default=30)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        os.environ["TAGSMITH_HOME"] = str(home)
        with serving(home) as (port, server):
            asyncio.run(soak(options, port, server))


if __name__ == "__main__":
    main()
