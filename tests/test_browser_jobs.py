"""Jobs as an analyst meets them: launched, left alone, cancelled, killed and run again."""

import os
import signal
import time
from urllib.parse import urlencode

import pytest

from core.jobs.job import list_jobs, read_job
from core.jobs.queue import cancel, submit_experiment, wait_for
from core.study.presets import configure, preset_named
from tests.app_testing import import_articles
from tests.test_browser import (  # noqa: F401
    PATIENCE,
    browser,
    open_settled,
    playwright,
    pytestmark,
    server,
    start_server,
)
from tests.test_jobs import child_of, no_process_is_left, wait_until  # noqa: F401


@pytest.fixture
def settings(articles, tmp_path, home, tiny_bert):
    """A fine-tuning of tiny size on a data set named small."""
    import_articles(articles, tmp_path, "small")
    return [
        "data.min_tag_count=5",
        f"features.encoder.name={tiny_bert}",
        "features.encoder.device=cpu",
        "finetune.precision=fp32",
        "finetune.patience=200",
        "augment.level=20",
    ]


def submit_long(settings):
    """A job that would take many minutes."""
    config = configure(
        preset_named("best-finetuned").config(),
        sources=["small"],
        assignments=[*settings, "finetune.epochs=200"],
    )
    return submit_experiment(config)


def test_a_launched_job_outlives_its_tab_and_its_server(browser, settings, tmp_path):  # noqa: F811
    query = [("preset", "best-finetuned"), ("data", "small")]
    query += [("set", one) for one in [*settings, "finetune.epochs=6"]]
    with start_server(tmp_path) as address:
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        open_settled(page, f"{address}/train?{urlencode(query)}")
        page.get_by_role("button", name="Launch", exact=True).click()
        follow = page.get_by_role("link", name="follow best-finetuned")
        playwright.expect(follow).to_be_visible(timeout=PATIENCE)
        (job,) = list_jobs()
        page.close()
    assert read_job(job.id).is_active
    with start_server(tmp_path) as address:
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        open_settled(page, f"{address}/jobs?job={job.id}")
        playwright.expect(page.get_by_text("best-finetuned on small")).to_be_visible()
        curves = page.get_by_test_id("stVegaLiteChart")
        playwright.expect(curves).to_be_visible(timeout=PATIENCE)
        run = page.get_by_role("link", name="Open the run")
        playwright.expect(run).to_be_visible(timeout=2 * PATIENCE)
        run.click()
        table = page.get_by_test_id("stTable").first
        playwright.expect(table).to_contain_text("micro", timeout=PATIENCE)


def test_what_runs_stands_in_every_sidebar_and_is_cancelled_within_5_seconds(
    server,  # noqa: F811
    browser,  # noqa: F811
    settings,
):
    job = submit_long(settings)
    wait_until(lambda job: job.step == "train", job.id)
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    open_settled(page, f"{server}/compare")
    sidebar = page.get_by_test_id("stSidebar")
    playwright.expect(sidebar).to_contain_text("best-finetuned on small")
    playwright.expect(sidebar).to_contain_text("tokens", timeout=PATIENCE)
    tab = browser.new_page(viewport={"width": 1280, "height": 800})
    open_settled(tab, f"{server}/jobs")
    pressed = time.time()
    tab.get_by_role("button", name="Cancel").click()
    assert wait_for(job.id, seconds=10).ended - pressed < 6
    cancelled = tab.get_by_test_id("stMain").get_by_text("cancelled")
    playwright.expect(cancelled).to_be_visible(timeout=PATIENCE)
    link = sidebar.get_by_role("link", name="best-finetuned on small: cancelled")
    playwright.expect(link).to_be_visible(timeout=PATIENCE)


def test_a_killed_job_reads_lost_and_is_run_again_from_its_page(server, browser, settings):  # noqa: F811
    job = wait_until(lambda job: job.step == "train", submit_long(settings).id)
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    open_settled(page, f"{server}/jobs")
    killed = time.monotonic()
    os.kill(job.pid, signal.SIGKILL)
    playwright.expect(page.get_by_text("lost", exact=True)).to_be_visible(timeout=90_000)
    assert time.monotonic() - killed < 90
    page.get_by_role("button", name="Run again").click()
    playwright.expect(page.get_by_role("button", name="Cancel")).to_be_visible(timeout=PATIENCE)
    newest = list_jobs()[0]
    assert newest.again_of == job.id
    cancel(newest.id)
