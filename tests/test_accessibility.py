"""Every page before axe in a real Chromium, light and dark: no serious or critical finding."""

import pytest

from core.runs.experiment import run_experiment
from core.study.presets import configure
from pages.parts.story.steps import STEPS
from tests.app_testing import import_articles
from tests.test_browser import PAGES, PATIENCE, browser, open_settled, playwright, server, settle
from tests.test_browser import pytestmark as browser_marks

__all__ = ["browser", "server"]  # fixtures
axe = pytest.importorskip("axe_playwright_python.sync_playwright")
pytestmark = browser_marks
GRAVE = ("serious", "critical")
# Streamlit's own, which a page cannot change, by rule: the very elements. st.navigation puts a div
# for each group between the list and its items.
STREAMLITS_OWN = {
    "list": 'ul[data-testid="stSidebarNavItems"]',
    "listitem": 'ul[data-testid="stSidebarNavItems"] li',
}

# Pages with sections, and what the choice of them is called.
SECTIONS = {
    "explore": "Section",
    "review": "Section",
    "data": "Section",
    "thresholds": "Details",
    "compare": "Look further",
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
    own = STREAMLITS_OWN.get(rule)
    is_one = "([target, own]) => document.querySelector(target).matches(own)"
    return own is not None and page.evaluate(is_one, [node["target"][0], own])


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
def test_no_section_of_a_page_has_a_grave_finding(scheme, run, server, browser):
    page = browser.new_page(viewport={"width": 1280, "height": 800}, color_scheme=scheme)
    found = {}
    for name, label in SECTIONS.items():
        open_settled(page, f"{server}/{name}")
        sections = page.get_by_role("radiogroup", name=label, exact=True).get_by_role("radio")
        playwright.expect(sections.nth(1)).to_be_visible()
        for section in sections.all_inner_texts()[1:]:
            chosen = sections.get_by_text(section, exact=True)
            chosen.click()
            settle(page)
            found[name, section] = findings_of(page)
    assert {place: findings for place, findings in found.items() if findings} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_step_of_the_story_has_a_grave_finding(scheme, server, browser):
    page = browser.new_page(viewport={"width": 390, "height": 844}, color_scheme=scheme)
    found = {}
    for step in STEPS:
        open_settled(page, f"{server}/story?step={step.name}")
        playwright.expect(page.get_by_role("heading", name=step.name)).to_be_visible()
        found[step.name] = findings_of(page)
    assert {name: findings for name, findings in found.items() if findings} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_suggested_tags_have_no_grave_finding(scheme, run, server, browser):
    page = browser.new_page(viewport={"width": 1280, "height": 800}, color_scheme=scheme)
    open_settled(page, f"{server}/suggest?run={run.id}")
    page.get_by_role("textbox", name="Article", exact=True).fill("a goroutine blocks on a channel")
    page.keyboard.press("Control+Enter")
    playwright.expect(page.get_by_test_id("stCode")).to_be_visible(timeout=PATIENCE)
    settle(page)
    page.get_by_role("button", name="Leaking goroutines").hover()
    assert findings_of(page) == []


@pytest.mark.parametrize(
    ("fault", "rule"),
    [
        ("<img src=x>", "image-alt"),
        ("<ul><p>no item</p></ul>", "list"),
        (
            '<div data-testid="stButtonGroup"><button style="color: #999">two words</button></div>',
            "color-contrast",
        ),
    ],
)
def test_a_fault_of_our_own_is_found(fault, rule, browser):
    page = browser.new_page()
    page.set_content(f"<html lang=en><title>t</title><main><h1>h</h1>{fault}</main></html>")
    assert [finding.partition(":")[0] for finding in findings_of(page)] == [rule]
