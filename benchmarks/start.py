"""How soon the program is there: imports, the first page of a new server, memory at rest.

python -m benchmarks.start [--rounds 3]    (needs chromium)

Each round starts a server in an empty home, where nothing trains beside it, and opens its first
page in a new browser profile; the page is there once the app rests and shows nothing unfinished.
In turn with it, an app of one word: what Streamlit and the browser take by themselves.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
from playwright.sync_api import Browser, sync_playwright

from benchmarks.screenshots import PATIENCE, settle
from core.base.home import PROJECT
from tests.servers import free_port, running

IMPORTS = ("core", "core.commands.main")
_HEAVY = ("torch", "transformers", "sklearn")
_REST_SECONDS = 5
OURS = PROJECT / "app.py"


@dataclass(frozen=True)
class Start:
    """Seconds until the server answers, then until its first page is there; resident bytes.

    heavy: libraries of machine learning that the server has mapped after the page.
    """

    server: float
    page: float
    bytes_before: int
    bytes_at_rest: int
    heavy: tuple[str, ...]


def import_seconds(module: str) -> float:
    """Of one import in a new process, without the start of Python itself."""
    code = (
        "import sys, time; start = time.perf_counter(); "
        f"import {module}; print(time.perf_counter() - start); assert 'torch' not in sys.modules"
    )
    command = [sys.executable, "-c", code]
    return float(subprocess.run(command, cwd=PROJECT, capture_output=True, check=True).stdout)


def start_once(browser: Browser, app: Path) -> Start:
    with tempfile.TemporaryDirectory() as home:
        port = free_port()
        address = f"http://127.0.0.1:{port}"
        begun = time.perf_counter()
        with running(
            [sys.executable, "-m", "streamlit", "run", str(app), f"--server.port={port}"],
            alive=f"{address}/_stcore/health",
            log=Path(home) / "server.log",
            environment={"TAGSMITH_HOME": home, "TAGSMITH_FIRST_START": "off"},
        ) as process:
            answered = time.perf_counter()
            server = psutil.Process(process.pid)
            before = server.memory_info().rss
            page = browser.new_page()
            asked = time.perf_counter()
            page.goto(address, timeout=PATIENCE)
            settle(page)
            shown = time.perf_counter()
            page.close()
            time.sleep(_REST_SECONDS)
            mapped = {part for file in server.memory_maps() for part in Path(file.path).parts}
            return Start(
                server=answered - begun,
                page=shown - asked,
                bytes_before=before,
                bytes_at_rest=server.memory_info().rss,
                heavy=tuple(sorted(mapped & set(_HEAVY))),
            )


def measure_pages(rounds: int) -> None:
    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-dev-shm-usage"],
        )
        with tempfile.TemporaryDirectory() as folder:
            floor = Path(folder) / "floor.py"
            floor.write_text("import streamlit as st\n\nst.write('A word')\n", encoding="utf-8")
            start_once(browser, OURS)  # its files are in the system's cache, as on any second day
            pairs = [(start_once(browser, OURS), start_once(browser, floor)) for _ in range(rounds)]
        browser.close()
    found, floors = zip(*pairs, strict=True)
    _show("`streamlit run app.py` until it answers", [one.server for one in found], "s")
    _show("its first page", [one.page for one in found], "s")
    _show("the first page of an app of one word", [one.page for one in floors], "s")
    _show("memory before any page", [one.bytes_before / 1e6 for one in found], "MB")
    _show("memory after it, at rest", [one.bytes_at_rest / 1e6 for one in found], "MB")
    _show("memory of the app of one word", [one.bytes_at_rest / 1e6 for one in floors], "MB")
    heavy = sorted({name for one in found for name in one.heavy})
    print(f"\nOf {', '.join(_HEAVY)} the server has loaded: {', '.join(heavy) or 'none'}.")


def _show(what: str, values: list[float], unit: str) -> None:
    low, high = min(values), max(values)
    digits = 0 if unit == "MB" else 4
    cells = (f"{value:.{digits}f} {unit}" for value in (statistics.median(values), low, high))
    print(f"| {what} | {' | '.join(cells)} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # compiled modules are kept, as by default
    print("| what | median | lowest | highest |\n|---|---|---|---|")
    for module in IMPORTS:
        import_seconds(module)
        _show(f"`import {module}`", [import_seconds(module) for _ in range(options.rounds)], "s")
    measure_pages(options.rounds)


if __name__ == "__main__":
    main()
