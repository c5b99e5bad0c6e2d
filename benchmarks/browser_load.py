"""Fifty browser sessions while a job trains: p95 of every page, and nobody sees another's text.

python -m benchmarks.browser_load [--sessions 50] [--seconds 120] [--think 5]

Makes a home of its own with a run of the sample. A session is a WebSocket that speaks Streamlit's
protocol as its page does; it opens pages at random, rests `think` seconds on each (polling where
the page polls), and on Suggest pastes an article with a word that nobody else has.
"""

import argparse
import asyncio
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil

from benchmarks.browser_session import Session, press_of, text_of
from core.articles.store.sets import read_sources
from tests.servers import free_port

PAGES = ("explore", "suggest", "review", "data", "train", "jobs", "compare", "thresholds")
Seconds = dict[str, list[float]]


@contextmanager
def serving(home: Path) -> Iterator[tuple[int, psutil.Process]]:
    """The port and process of a server over a home that has one run of the sample."""
    settings = os.environ | {"TAGSMITH_HOME": str(home), "TAGSMITH_FIRST_START": "off"}
    core = [sys.executable, "-m", "core"]
    subprocess.run(
        [*core, "run", "best-tfidf", "--json"], env=settings, check=True, stdout=subprocess.DEVNULL
    )
    port = free_port()
    server = subprocess.Popen(
        [*core, "serve", "--port", str(port)], env=settings, stdout=subprocess.DEVNULL
    )
    try:
        while True:
            try:
                httpx.get(f"http://127.0.0.1:{port}/healthz")
                break
            except httpx.HTTPError:
                time.sleep(0.2)
        yield port, psutil.Process(server.pid)
    finally:
        server.terminate()
        server.wait(timeout=60)


async def browse(
    number: int, port: int, seconds: float, think: float, took: Seconds, marks: dict[int, str]
) -> tuple[int, int, int]:
    """One session: how often it polled, saw its own word, and got an exception."""
    chance = random.Random(number)
    texts = [f"{a.title}. {a.description}" for a in read_sources(["sample"])]
    others = [word.encode() for other, word in marks.items() if other != number]
    polls = own = 0
    await asyncio.sleep(chance.uniform(0, think))  # nobody arrives with all the others
    session = await Session.open(port)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        page = chance.choice(PAGES)
        took[page].append(await session.go_to(page))
        if page == "suggest":
            article = f"{chance.choice(texts)} {marks[number]}"
            filled = text_of(session.widget("text_area", "Article"), article)
            pressed = press_of(session.widget("button", "Suggest tags"))
            took["suggest: tags"].append(await session.change([filled, pressed]))
            own += marks[number].encode() in session.heard
        leaks = [word for word in others if word in session.heard]
        assert not leaks, f"session {number} sees the text of another"
        session.heard.clear()
        polls += await session.rest(chance.uniform(0.5, 1.5) * think)
    await session.close()
    return polls, own, session.exceptions


async def measure(options: argparse.Namespace, port: int, server: psutil.Process) -> None:
    marks = {
        n: f"mark{random.Random(-n - 1).getrandbits(48):012x}" for n in range(options.sessions)
    }
    took: Seconds = defaultdict(list)
    alone: Seconds = defaultdict(list)
    await browse(0, port, 20.0, 0.1, alone, marks)
    before = server.memory_info().rss
    job = start_training(options.home)
    ended = await asyncio.gather(
        *(browse(n, port, options.seconds, options.think, took, marks) for n in marks)
    )
    polls, own, exceptions = (sum(part) for part in zip(*ended, strict=True))
    everything = [seconds for page in took.values() for seconds in page]
    print(f"{options.sessions} sessions for {options.seconds:.0f} s; job: {state_of(job, options)}")
    print(f"{len(everything):,} pages, {polls:,} polls, {exceptions} exceptions")
    print(f"{own} answers show the session's own text, none another's")
    print("page: alone, median; under load, median, p95, longest (s)")
    for page in sorted(took):
        quiet = statistics.median(alone[page]) if alone[page] else float("nan")
        cuts = (
            statistics.quantiles(took[page], n=20, method="inclusive")
            if len(took[page]) > 1
            else took[page] * 19
        )
        print(f"  {page}: {quiet:.2f}; {cuts[9]:.2f}, {cuts[-1]:.2f}, {max(took[page]):.2f}")
    print(f"all: p95 {statistics.quantiles(everything, n=20, method='inclusive')[-1]:.2f} s")
    print(f"memory {before / 1e6:.0f} MB before, {server.memory_info().rss / 1e6:.0f} MB after")


def start_training(home: Path) -> str:
    """A job that trains longer than the sessions last; its id."""
    os.environ["TAGSMITH_HOME"] = str(home)
    from core.jobs.queue import submit_experiment
    from core.study.presets import configure, preset_named

    settings = ["method=finetune", "finetune.epochs=100", "finetune.patience=100"]
    config = preset_named("best-finetuned").config()
    return submit_experiment(configure(config, sources=["sample"], assignments=settings)).id


def state_of(job_id: str, options: argparse.Namespace) -> str:
    """How the job stands; it is cancelled."""
    from core.jobs.job import read_job
    from core.jobs.queue import cancel, wait_for

    job = read_job(job_id)
    if job.is_active:
        cancel(job_id)
        wait_for(job_id, seconds=30)
    return f"{job.state}, {job.step} {job.done:,} of {job.total:,} {job.unit}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--think", type=float, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        options.home = Path(folder) / "home"
        with serving(options.home) as (port, server):
            asyncio.run(measure(options, port, server))


if __name__ == "__main__":
    main()
