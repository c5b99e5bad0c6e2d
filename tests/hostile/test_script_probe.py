"""Hostile titles, texts and tags on every page of a real browser: nothing of them runs.

A policy forbids scripts in attributes, and the browser tells the probe of every breach.
"""

import json

import pytest

from core.articles.store.sets import import_file
from core.base.home import home_folder
from core.feedback.corrections import Correction, FeedbackStore
from core.runs.experiment import run_experiment
from core.runs.store import RunStore
from core.study.presets import configure
from tests.hostile.inputs import PIECES
from tests.test_browser import (  # noqa: F401
    PAGES,
    PATIENCE,
    browser,
    open_settled,
    playwright,
    pytestmark,
    server,
    settle,
)

ARMED = [piece for piece in PIECES if "hit(" in piece]
PROBE = """
window.hits = [];
window.hit = what => window.hits.push(String(what));
document.addEventListener('securitypolicyviolation', event => {
  if (event.violatedDirective.startsWith('script-src-attr')) window.hit(event.sample || 'inline');
});
document.addEventListener('DOMContentLoaded', () => {
  const rule = document.createElement('meta');
  rule.httpEquiv = 'Content-Security-Policy';
  rule.content = "script-src-attr 'none'";
  document.head.append(rule);
});
"""


@pytest.fixture
def hostile_set(tiny_config, home, tmp_path):
    """A set of hostile articles with a run that learnt from it, and a hostile correction."""
    rows = [
        {
            "title": ARMED[n % len(ARMED)],
            "description": f"{ARMED[(n + 1) % len(ARMED)]} goroutine channel {n} {n % 7} word{n}",
            "tags": [ARMED[n % 2], "golang" if n % 3 else "python"],
        }
        for n in range(60)
    ]
    path = tmp_path / "evil.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    import_file(path, "evil")
    config = configure(tiny_config, sources=["evil"])
    run = run_experiment(config, RunStore(home_folder() / "runs")).run
    store = FeedbackStore()
    store.save(Correction(ARMED[0], (ARMED[1],), title=ARMED[2], name=ARMED[3], run=run.id))
    store.database.close()
    return run


def hits(page):
    return [hit for frame in page.frames for hit in frame.evaluate("window.hits || []")]


def test_nothing_that_a_user_supplied_runs_in_the_page(hostile_set, server, browser):  # noqa: F811
    page = browser.new_page(viewport={"width": 1280, "height": 1600})
    page.add_init_script(PROBE)
    outside = []
    page.on("request", lambda r: outside.append(r.url) if "127.0.0.1" not in r.url else None)
    for name in PAGES:
        open_settled(page, f"{server}/{name}?data=evil&run={hostile_set.id}")
        assert hits(page) == [], name
    open_settled(page, f"{server}/suggest")
    article = page.get_by_role("textbox", name="Article", exact=True)
    article.fill(" goroutine channel ".join(ARMED))
    article.press("Control+Enter")
    playwright.expect(page.get_by_test_id("stCode")).to_be_visible(timeout=PATIENCE)
    settle(page)
    assert hits(page) == []
    assert [url for url in outside if url.startswith("http")] == []
    # The probe does hear what runs.
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=hit(1)>')")
    page.wait_for_function("window.hits.length > 0")
