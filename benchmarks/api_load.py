"""Forty requests at once for a minute: errors, p95 against a lone request, memory.

python -m benchmarks.api_load [--seconds 60] [--texts titles whole one] [--run ID]

Each kind of text gets a server of its own. `titles` and `whole`: no text comes twice (each has a
number of its own in front). `again`: the articles of the sample over and over. `one`: all ask the
same. A lone request has a text of its own in every kind. The floor is what the model alone needs
for forty texts in one call, in this process: no server can be faster with texts that it never saw.
"""

import argparse
import asyncio
import itertools
import json
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.request import urlopen

import psutil

from core.articles.store.sets import read_sources
from core.suggest.suggester import load_suggester

AT_ONCE = 40
KINDS = {
    "titles": "title only",
    "whole": "title + description",
    "again": "the sample's articles over and over",
    "one": "one text asked by all",
}
_SETTLED_SECONDS = 10


@dataclass(frozen=True)
class Load:
    """Seconds of lone requests and of those in a crowd; MB of memory at three times.

    server, client: processor seconds that each used for the crowd.
    """

    alone: list[float]
    crowd: list[float]
    seconds: float
    megabytes: tuple[float, float, float]
    server: float
    client: float


# Title and description of an article.
Parts = tuple[str, str]


def bodies(parts: Sequence[Parts], *, first: int | None = None) -> Iterator[bytes]:
    """Requests without end. first: the number that makes the first a text of its own, and so on."""
    for number, (title, description) in enumerate(itertools.cycle(parts), start=first or 0):
        own = title if first is None else f"{number} {title}"
        yield json.dumps({"title": own, "description": description}).encode()


class Connection:
    """One kept connection: a plain client, so that it takes little from the server's cores."""

    def __init__(self, port: int, path: str) -> None:
        self._port, self._path = port, path

    async def open(self) -> None:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)

    async def ask(self, body: bytes) -> float:
        """Seconds until the whole answer is there. Raises RuntimeError for any but 200."""
        start = time.perf_counter()
        head = (
            f"POST {self._path} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        self._writer.write(head.encode() + body)
        answer = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        length = int(answer.split(b"content-length:")[1].split(b"\r\n")[0])
        content = await self._reader.readexactly(length)
        if b" 200 " not in answer[:15]:
            raise RuntimeError(f"{answer.decode()}{content.decode()}")
        return time.perf_counter() - start


async def measure(
    port: int, process: psutil.Process, run: str, parts: Sequence[Parts], kind: str, seconds: float
) -> Load:
    path = f"/predictions/tags?run={run}"
    fresh = bodies(parts, first=1000)
    source = bodies(parts, first=2000 if kind in ("titles", "whole") else None)
    lone = Connection(port, path)
    await lone.open()
    for _ in range(10):
        await lone.ask(next(fresh))
    alone = [await lone.ask(next(fresh)) for _ in range(100)]
    memory = [_megabytes(process)]
    took: list[float] = []
    start, used, own = time.monotonic(), _processor(process), time.process_time()
    end = start + seconds

    async def keep_asking() -> None:
        connection = Connection(port, path)
        await connection.open()
        while time.monotonic() < end:
            took.append(await connection.ask(next(source)))

    async def note_memory() -> None:
        await asyncio.sleep(min(_SETTLED_SECONDS, seconds / 2))
        memory.append(_megabytes(process))

    await asyncio.gather(note_memory(), *(keep_asking() for _ in range(AT_ONCE)))
    return Load(
        alone=alone,
        crowd=took,
        seconds=time.monotonic() - start,
        megabytes=(memory[0], memory[1], _megabytes(process)),
        server=_processor(process) - used,
        client=time.process_time() - own,
    )


def _megabytes(process: psutil.Process) -> float:
    return float(process.memory_info().rss) / 1e6


def _processor(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


@contextmanager
def running_server() -> Iterator[tuple[int, psutil.Process]]:
    """The port and process of a server of our own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen([sys.executable, "-m", "core", "serve", "--port", str(port)])
    try:
        while True:
            try:
                with urlopen(f"http://127.0.0.1:{port}/healthz"):
                    break
            except OSError:
                time.sleep(0.2)
        yield port, psutil.Process(server.pid)
    finally:
        server.terminate()
        server.wait()


def floor_seconds(run: str, texts: Sequence[str]) -> float:
    """Of the model alone, for forty texts in one call: the median of ten calls."""
    tagger = load_suggester(run).tagger
    took = []
    for first in range(0, 11 * AT_ONCE, AT_ONCE):
        start = time.perf_counter()
        tagger.scores(texts[first : first + AT_ONCE])
        took.append(time.perf_counter() - start)
    return statistics.median(took[1:])


def report(kind: str, words: float, load: Load, floor: float) -> str:
    """One line of the table."""
    single, p95 = statistics.median(load.alone), statistics.quantiles(load.crowd, n=20)[-1]
    cells = (
        f"{KINDS[kind]} ({words:.0f} words)",
        f"{1000 * single:.1f} ms",
        f"{1000 * statistics.median(load.crowd):.0f} ms",
        f"{1000 * p95:.0f} ms",
        f"{p95 / single:.1f}",
        f"{floor / single:.1f}",
        f"{len(load.crowd) / load.seconds:.0f}",
        " / ".join(f"{megabytes:.0f}" for megabytes in load.megabytes),
        f"{load.server / load.seconds:.2f} / {load.client / load.seconds:.2f}",
    )
    return f"| {' | '.join(cells)} |"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--texts", nargs="+", choices=list(KINDS), default=list(KINDS))
    parser.add_argument("--run", help="which run's model (default: the one of `suggest`)")
    options = parser.parse_args()
    run = load_suggester(options.run).run.id
    heads = (
        "texts",
        "lone median",
        f"{AT_ONCE} at once, median",
        "p95",
        "p95 / lone",
        "floor / lone",
        "answers/s",
        f"MB before / after {_SETTLED_SECONDS} s / at the end",
        "cores used by server / client",
    )
    print(f"| {' | '.join(heads)} |\n|{'---|' * len(heads)}", flush=True)
    articles = read_sources(["sample"])
    for kind in options.texts:
        parts = [(a.title, a.description if kind != "titles" else "") for a in articles if a.title]
        if kind == "one":
            parts = parts[:1] * len(parts)
        texts = [f"{t}\n{d}".strip() for t, d in parts]
        words = statistics.mean(len(text.split()) for text in texts)
        with running_server() as (port, process):
            load = asyncio.run(measure(port, process, run, parts, kind, options.seconds))
        print(report(kind, words, load, floor_seconds(run, texts)), flush=True)


if __name__ == "__main__":
    main()
