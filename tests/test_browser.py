"""One journey as a new user makes it: a real server, a real Chromium, real clicks."""

import re
import shutil
import sys
from contextlib import contextmanager
from itertools import product

import pytest

from core.settings.experiment import read_config_file
from tests.servers import free_port, running

playwright = pytest.importorskip("playwright.sync_api")
CHROMIUM = shutil.which("chromium")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed (.ci/run installs it)"),
]
PAGES = ("suggest", "review", "explore", "story", "data", "train", "jobs", "compare", "thresholds")
PATIENCE = 60_000  # milliseconds
playwright.expect.set_options(timeout=PATIENCE)


@pytest.fixture
def server(home, tmp_path):
    """The address of the app, started as `make run` starts it."""
    with start_server(tmp_path) as address:
        yield address


@contextmanager
def start_server(folder):
    """A server on a free port while the block lasts; what it prints goes into the folder."""
    address = f"http://127.0.0.1:{(port := free_port())}"
    command = [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={port}"]
    with running(command, alive=f"{address}/_stcore/health", log=folder / "server.log"):
        yield address


@pytest.fixture
def browser():
    with playwright.sync_playwright() as play:
        running = play.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking"],
        )
        yield running
        running.close()


def open_settled(page, address):
    page.set_default_timeout(PATIENCE)
    page.goto(address)
    settle(page)


def settle(page):
    page.wait_for_selector('[data-testid="stApp"][data-test-connection-state="CONNECTED"]')
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')
    playwright.expect(page.locator('[data-stale="true"]')).to_have_count(0, timeout=PATIENCE)


def test_from_the_chart_over_training_to_tags(server, browser, home):
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    failures = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    outside = []
    page.on("request", lambda r: outside.append(r.url) if "127.0.0.1" not in r.url else None)

    open_settled(page, server)
    playwright.expect(page.get_by_text("What is in this data set?")).to_be_visible()
    bars = page.locator('[aria-roledescription="bar"]')
    playwright.expect(bars).to_have_count(172, timeout=PATIENCE)
    long_tail = page.get_by_test_id("stVegaLiteChart").first
    playwright.expect(long_tail).to_be_in_viewport(ratio=0.9)  # without scrolling
    names = long_tail.locator(".role-axis-label text")
    playwright.expect(names.filter(has_text="golang")).to_have_count(0)  # no room for it
    long_tail.hover(position={"x": 70, "y": 150})
    page.keyboard.down("Control")
    page.mouse.wheel(0, -1500)
    page.keyboard.up("Control")
    playwright.expect(names.filter(has_text="golang")).to_have_count(1)
    long_tail.dblclick(position={"x": 300, "y": 150})
    playwright.expect(names.filter(has_text="golang")).to_have_count(0)

    page.get_by_role("link", name="Train").click()
    playwright.expect(page.get_by_text("What shall I try next")).to_be_visible()
    page.get_by_role("button", name="Launch", exact=True).click()
    playwright.expect(page.get_by_role("link", name="follow best-tfidf")).to_be_visible()
    page.get_by_role("link", name="best-tfidf on sample: done").click(timeout=PATIENCE)
    table = page.get_by_test_id("stTable").first
    playwright.expect(table).to_contain_text("micro")
    playwright.expect(table).to_contain_text(re.compile(r"0\.\d{3}"))
    assert len(list((home / "runs").glob("*/report.json"))) == 1

    page.get_by_role("link", name="Suggest tags with it").click()
    playwright.expect(page.get_by_text("Which tags fit this article?")).to_be_visible()
    article = page.get_by_role("textbox", name="Article", exact=True)
    article.fill("Goroutines leak when nobody reads the channel; pprof shows how to find them")
    article.press("Control+Enter")
    playwright.expect(page.get_by_test_id("stCode")).to_contain_text("golang", timeout=PATIENCE)

    page.get_by_role("link", name="Compare").click()
    playwright.expect(page.get_by_text("Which run is better")).to_be_visible(timeout=PATIENCE)
    settle(page)
    assert failures == []
    assert [url for url in outside if url.startswith("http")] == []


def test_a_file_of_ones_own_is_added_looked_at_and_downloaded(server, browser, tmp_path):
    rows = [f'T{n},"about <b>go</b> & css {n}",=evil;web\n' for n in range(30)]
    file = tmp_path / "posts.csv"
    file.write_text("title,description,tags\n" + "".join(rows) + "only,two\n")
    page = browser.new_page(viewport={"width": 390, "height": 844})
    open_settled(page, f"{server}/explore")
    page.get_by_role("button", name="Add a file").click()
    dialog = page.get_by_role("dialog")
    dialog.locator("input[type=file]").set_input_files(file)
    dialog.get_by_label("Name it").fill("posts")
    dialog.get_by_role("button", name="Add", exact=True).click()
    playwright.expect(dialog).to_contain_text("posts.csv, line 32: has 2 cells", timeout=PATIENCE)
    dialog.get_by_text("Leave out rows that are wrong").click()
    dialog.get_by_role("button", name="Add", exact=True).click()
    playwright.expect(page.get_by_text("posts: 30 articles")).to_be_visible(timeout=PATIENCE)
    playwright.expect(dialog).to_have_count(0)
    assert page.url.endswith("data=posts")
    button = page.get_by_role("button", name="Download the tag counts")
    playwright.expect(button).to_have_count(1, timeout=PATIENCE)  # the old page's has gone
    with page.expect_download() as download:
        button.click()
    assert download.value.path().read_text() == "tag,articles\n'=evil,30\nweb,30\n"


def test_the_cost_is_measured_while_the_page_waits(server, browser, home):
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    open_settled(page, f"{server}/train?preset=best-tfidf&set=augment.level%3D1")
    playwright.expect(page.get_by_text(re.compile(r"About .* of memory"))).to_be_visible(
        timeout=PATIENCE
    )
    assert (home / "cache" / "speeds.json").is_file()
    page.get_by_role("spinbutton", name="Keep tags in at least so many articles").fill("30")
    page.keyboard.press("Enter")
    playwright.expect(page.get_by_text("data.min_tag_count: 20 → 30")).to_be_visible()
    playwright.expect(page.get_by_role("button", name="Launch", exact=True)).to_be_in_viewport()
    link = page.url
    page.goto("about:blank")
    open_settled(page, link)
    playwright.expect(page.get_by_text("data.min_tag_count: 20 → 30")).to_be_visible()
    page.get_by_role("button", name="Settings file").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download as TOML").click()
    config = read_config_file(download.value.path().rename(home / "got.toml"))
    assert (config.data.min_tag_count, config.augment.level) == (30, 1)


def test_a_link_opens_its_page_on_a_server_that_has_just_started(server, browser):
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    open_settled(page, f"{server}/train?preset=study-08")
    playwright.expect(page.get_by_text("What shall I try next")).to_be_visible()
    playwright.expect(page.get_by_text("as published").first).to_be_visible()
    assert page.title() == "Train · Tagsmith"
    links = page.get_by_test_id("stSidebarNavLink")
    assert links.all_inner_texts() == [
        "Suggest",
        "Review",
        "Explore",
        "Story",
        "Data",
        "Train",
        "Jobs",
        "Compare",
        "Thresholds",
    ]


def test_nothing_is_wider_than_a_phone_light_or_dark(server, browser):
    for scheme, name in product(("light", "dark"), PAGES):
        page = browser.new_page(viewport={"width": 390, "height": 844}, color_scheme=scheme)
        open_settled(page, f"{server}/{name}")
        width = page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth")
        assert width <= 390, name
        background = page.evaluate(
            "getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"
        )
        is_light = sum(map(int, re.findall(r"\d+", background)[:3])) > 3 * 128
        assert is_light == (scheme == "light")
        page.close()
