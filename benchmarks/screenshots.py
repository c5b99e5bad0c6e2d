"""Take the pictures of docs/images from the running app, on the sample (needs chromium).

python -m benchmarks.screenshots
"""

import io
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect, sync_playwright

from core.base.home import PROJECT
from core.runs.experiment import run_experiment
from core.runs.store import RunStore
from core.study.presets import configure, preset_named
from tests.servers import free_port, running

IMAGES = PROJECT / "docs" / "images"
MOST_BYTES = 150_000
PATIENCE = 180_000  # milliseconds
_COLOURS = 128


def ask_for_tags(page: Page) -> None:
    page.get_by_role("button", name="Leaking goroutines").click()
    expect(page.get_by_test_id("stCode")).to_be_visible(timeout=PATIENCE)


def look(page: Page) -> None:
    """As the page opens."""


PICTURES: tuple[tuple[str, str, Callable[[Page], None]], ...] = (
    ("suggest", "suggest", ask_for_tags),
    ("explore", "explore", look),
    ("story", "story?step=The+leak", look),
    ("compare", "compare", look),
    ("thresholds", "thresholds", look),
)


def settle(page: Page) -> None:
    for state in ('test-connection-state="CONNECTED"', 'test-script-state="notRunning"'):
        page.wait_for_selector(f'[data-testid="stApp"][data-{state}]', timeout=PATIENCE)
    expect(page.locator('[data-stale="true"]')).to_have_count(0, timeout=PATIENCE)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0, timeout=PATIENCE)


def take(page: Page, target: Path) -> None:
    """A picture of few colours, so that it is small."""
    picture = Image.open(io.BytesIO(page.screenshot(animations="disabled"))).convert("RGB")
    picture.quantize(_COLOURS).save(target, optimize=True)
    if target.stat().st_size > MOST_BYTES:
        raise SystemExit(f"{target.name} has {target.stat().st_size:,} bytes; use fewer colours.")
    print(f"{target.name}: {target.stat().st_size:,} bytes")


def take_all(address: str) -> None:
    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-dev-shm-usage"],
        )
        for name, where, prepare in PICTURES:
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            page.goto(f"{address}/{where}", timeout=PATIENCE)
            settle(page)
            prepare(page)
            settle(page)
            take(page, IMAGES / f"{name}.png")
            page.close()
        browser.close()


def train_two(articles: str) -> None:
    """Two taggers of a data set, which the pages then show."""
    base = preset_named("best-tfidf").config()
    for changes in (["features.ngram_range=[[1,1]]"], []):
        run_experiment(configure(base, sources=[articles], assignments=changes), RunStore())


if __name__ == "__main__":
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {"TAGSMITH_HOME": home, "TAGSMITH_FIRST_START": "off"}
        train_two("sample")
        port = str(free_port())
        server = [sys.executable, "-m", "streamlit", "run", "app.py"]
        with running(
            [*server, f"--server.port={port}"],
            alive=f"http://127.0.0.1:{port}/_stcore/health",
            log=Path(home) / "server.log",
        ):
            take_all(f"http://127.0.0.1:{port}")
