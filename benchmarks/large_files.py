"""A file larger than memory should be: checked, tagged, killed halfway and tagged again.

python -m benchmarks.large_files [ROWS]    (default: 1,000,000; leaves nothing behind)

Rows are generated, seed 7, from the words and tags of the embedded sample; the tagger is
best-tfidf trained on it. Peak memory is the sum of resident memory of a command's processes,
looked at every 50 ms. Prints a Markdown table.
"""

import filecmp
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from core.articles.store.sets import read_sources
from core.base.home import PROJECT

ROWS = 1_000_000
MOST_BYTES = 1_500_000_000
_LOOK_SECONDS = 0.05
_WORDS_OF_TITLE, _WORDS_OF_TEXT = 8, 40


@dataclass(frozen=True)
class Measured:
    """One command from start to end. peak_bytes: resident memory of it and its children."""

    what: str
    seconds: float
    peak_bytes: int
    killed: bool = False


def write_rows(path: Path, rows: int, *, seed: int = 7) -> None:
    """JSON Lines of articles whose words and tags are drawn from the sample's."""
    with path.open("w", encoding="utf-8") as file:
        for row in _generate(rows, random.Random(seed)):
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def _generate(rows: int, chance: random.Random) -> Iterator[dict[str, object]]:
    articles = [a for a in read_sources(["sample"]) if a.language == "en"]
    words = [word for a in articles for word in re.findall(r"\S+", a.description)]
    tags = sorted({tag for article in articles for tag in article.tags})
    for number in range(rows):
        text = chance.choices(words, k=_WORDS_OF_TITLE + _WORDS_OF_TEXT)
        yield {
            "id": f"row-{number}",
            "title": " ".join(text[:_WORDS_OF_TITLE]),
            "description": " ".join(text[_WORDS_OF_TITLE:]),
            "tags": sorted(set(chance.choices(tags, k=3))),
            "language": "en",
        }


def measure(
    what: str, arguments: Sequence[str], home: Path, *, kill_when: Callable[[], bool] | None = None
) -> Measured:
    """Run `python -m core ARGUMENTS`, and kill -9 it as soon as `kill_when` says so."""
    start = time.perf_counter()
    process = psutil.Popen(
        [sys.executable, "-m", "core", *arguments],
        cwd=PROJECT,
        env=os.environ | {"TAGSMITH_HOME": str(home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    peak, killed = 0, False
    while process.poll() is None:
        peak = max(peak, memory_of(process))
        if kill_when and kill_when():
            process.kill()
            killed = True
        time.sleep(_LOOK_SECONDS)
    _, problem = process.communicate()
    if process.returncode and not killed:
        raise RuntimeError(problem.decode(errors="replace")[-2000:])
    found = Measured(what, time.perf_counter() - start, peak, killed)
    print(found, file=sys.stderr)
    return found


def memory_of(process: psutil.Process) -> int:
    """Resident bytes of a process and all below it."""
    total = 0
    try:
        for one in (process, *process.children(recursive=True)):
            total += one.memory_info().rss
    except psutil.Error:
        return total  # one of them has just ended
    return total


def tag_twice(source: Path, run: str, folder: Path, home: Path, rows: int) -> list[Measured]:
    """Tag undisturbed; then kill at half of the parts and tag again. Both must be one file.

    Raises RuntimeError if they differ, or if the kill came too late.
    """
    whole, again = folder / "whole.jsonl", folder / "again.jsonl"
    parts = again.with_name(f".{again.name}.parts")

    def half_done() -> bool:
        return len(list(parts.glob("[0-9]*.json"))) >= max(rows // 2000, 1)

    def command(target: Path) -> list[str]:
        return ["tag", str(source), str(target), "--run", run, "--json"]

    found = [
        measure("tag", command(whole), home),
        measure("tag, kill -9 halfway", command(again), home, kill_when=half_done),
    ]
    if not found[-1].killed or again.exists():
        raise RuntimeError("The command ended before it was killed: take more rows.")
    found.append(measure("tag again", command(again), home))
    if not filecmp.cmp(whole, again, shallow=False):
        raise RuntimeError("The file that was begun twice is not the undisturbed one.")
    return found


def train_tagger(home: Path) -> str:
    """Id of a run of best-tfidf on the sample."""
    done = subprocess.run(
        [sys.executable, "-m", "core", "run", "best-tfidf", "--data", "sample", "--json"],
        cwd=PROJECT,
        env=os.environ | {"TAGSMITH_HOME": str(home)},
        capture_output=True,
        check=True,
    )
    return str(json.loads(done.stdout)["run"])


def print_table(rows: int, size: int, found: Sequence[Measured]) -> None:
    print(
        f"{rows:,} rows, {size / 1e6:,.0f} MB of JSON Lines; the file begun twice is identical.\n"
    )
    print("| what | seconds | rows/s | peak memory |\n|---|---|---|---|")
    for one in found:
        # What was killed, and what went on behind it, did not do all rows.
        rate = f"{rows / one.seconds:,.0f}" if one.what in ("data check", "tag") else ""
        print(f"| {one.what} | {one.seconds:,.1f} | {rate} | {one.peak_bytes / 1e6:,.0f} MB |")
    within = max(one.peak_bytes for one in found) < MOST_BYTES
    print(f"\nWithin {MOST_BYTES / 1e9:g} GB: {'yes' if within else 'NO'}.")


def main(rows: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        home, source = folder / "home", folder / "rows.jsonl"
        run = train_tagger(home)
        write_rows(source, rows)
        checked = measure("data check", ["data", "check", str(source), "--json"], home)
        found = [checked, *tag_twice(source, run, folder, home, rows)]
        print_table(rows, source.stat().st_size, found)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)
