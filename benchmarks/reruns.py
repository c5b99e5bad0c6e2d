"""How long each page takes to run again, on the server: what a click costs before it is drawn.

python -m benchmarks.reruns [FILE] [--rounds 9]

FILE: articles in place of the sample. Two keyword taggers of it are trained first, which the pages
then show. Run in Streamlit's own test harness, so without a browser; an empty page is the floor.
"""

import argparse
import os
import statistics
import tempfile
import time
import warnings
from pathlib import Path

from streamlit.testing.v1 import AppTest

from benchmarks.screenshots import train_two
from core.articles.store.sets import import_file
from tests.app_testing import open_page

PAGES = (
    *("suggest", "review", "explore", "story", "data"),
    *("train", "jobs", "compare", "thresholds"),
)


def rerun_seconds(app: AppTest, rounds: int) -> list[float]:
    app.run()
    seconds = []
    for _ in range(rounds):
        start = time.perf_counter()
        app.run()
        seconds.append(time.perf_counter() - start)
    assert not app.exception, app.exception
    return seconds


def show(name: str, seconds: list[float]) -> None:
    figures = (statistics.median(seconds), min(seconds), max(seconds))
    cells = " | ".join(f"{1000 * figure:.0f} ms" for figure in figures)
    print(f"| {name} | {cells} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path, nargs="?")
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {"TAGSMITH_HOME": home, "TAGSMITH_FIRST_START": "off"}
        name = import_file(options.file, "given")[0].name if options.file else "sample"
        train_two(name)
        print("| page | median | lowest | highest |\n|---|---|---|---|")
        show("empty", rerun_seconds(AppTest.from_string("import streamlit"), options.rounds))
        for page in PAGES:
            show(page, rerun_seconds(open_page(page, data=name), options.rounds))


if __name__ == "__main__":
    main()
