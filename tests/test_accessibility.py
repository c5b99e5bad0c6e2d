"""Every page before axe in a real Chromium, light and dark: no serious or critical finding."""

import pytest

from core.runs.experiment import run_experiment
from core.runs.presets import configure
from pages.parts.story_steps import STEPS
from tests.app_testing import import_articles
from tests.test_browser import PAGES, PATIENCE, browser, open_settled, playwright, server, settle
from tests.test_browser import pytestmark as browser_marks

__all__ = ["browser", "server"]  # fixtures
axe = pytest.importorskip("axe_playwright_python.sync_playwright")
pytestmark = browser_marks
GRAVE = ("serious", "critical")
# Streamlit's own, which a page cannot change, by rule: where its elements lie.
STREAMLITS_OWN = {
    # Groups of st.navigation are divs between the list and its items.
    "list": '[data-testid="stSidebarNav"]',
    "listitem": '[data-testid="stSidebarNav"]',
    # The hint of a button's shortcut has 60 % of the button's colour for words. In the dark the
    # accent is both the ground of white words and, for what is chosen, the colour of words: no
    # colour has a contrast of 4.5 as both, and the buttons come first.
    "color-contrast": 'button kbd, [data-testid="stButtonGroup"], [data-testid="stSlider"]',
}


def findings_of(page):
    """Each grave finding as "rule: element's HTML"."""
    answer = axe.Axe().run(page).response
    return [
        f"{found['id']}: {node['html'][:300]}"
        for found in answer["violations"]
        if found["impact"] in GRAVE
        for node in found["nodes"]
        if not is_streamlits_own(page, found["id"], node)
    ]


def is_streamlits_own(page, rule, node):
    place = STREAMLITS_OWN.get(rule)
    inside = "([target, place]) => !!document.querySelector(target)?.closest(place)"
    return place is not None and page.evaluate(inside, [node["target"][0], place])


@pytest.fixture
def run(articles, tiny_config, store, tmp_path):
    """Two finished runs, so that the pages have something to show; the newer one."""
    import_articles(articles, tmp_path, "small")
    config = configure(tiny_config, sources=["small"])
    run_experiment(configure(config, assignments=["classifier.C=0.01"]), store, articles=articles)
    return run_experiment(config, store, articles=articles).run


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_grave_finding(scheme, run, server, browser):
    page = browser.new_page(viewport={"width": 1280, "height": 800}, color_scheme=scheme)
    found = {}
    for name in PAGES:
        open_settled(page, f"{server}/{name}")
        found[name] = findings_of(page)
    assert {name: findings for name, findings in found.items() if findings} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_step_of_the_story_has_a_grave_finding(scheme, server, browser):
    page = browser.new_page(viewport={"width": 390, "height": 844}, color_scheme=scheme)
    found = {}
    for step in STEPS:
        open_settled(page, f"{server}/story?step={step.name}")
        playwright.expect(page.get_by_role("heading", name=step.name)).to_be_visible()
        found[step.name] = findings_of(page)
    assert {name: findings for name, findings in found.items() if findings} == {}


def test_suggested_tags_have_no_grave_finding(run, server, browser):
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    open_settled(page, f"{server}/suggest?run={run.id}")
    page.get_by_role("textbox", name="Article", exact=True).fill("a goroutine blocks on a channel")
    page.keyboard.press("Control+Enter")
    playwright.expect(page.get_by_test_id("stCode")).to_be_visible(timeout=PATIENCE)
    settle(page)
    assert findings_of(page) == []


def test_a_picture_without_a_name_is_found(browser):
    page = browser.new_page()
    page.set_content("<html lang=en><title>t</title><main><h1>h</h1><img src=x></main></html>")
    assert [finding.partition(":")[0] for finding in findings_of(page)] == ["image-alt"]
