"""An editor's journey by keyboard alone: paste, decide, copy, save; the next model learns."""

import pytest

from core.articles.store.sets import keep_articles, read_sources
from core.feedback.corrections import FeedbackStore
from core.runs.experiment import run_experiment
from core.study.presets import configure
from core.suggest.suggester import Suggester
from core.suggest.sureness import rate_tags
from tests.test_browser import PATIENCE, browser, open_settled, playwright, server, settle
from tests.test_browser import pytestmark as browser_marks

__all__ = ["browser", "server"]  # fixtures
pytestmark = browser_marks
TEXT = (
    "we show how a goroutine blocks on a channel and how pprof finds it, then an index and a query"
)


@pytest.fixture
def run(tiny_config, articles, store):
    keep_articles("small", articles)
    config = configure(tiny_config, sources=["small"])
    return run_experiment(config, store, articles=read_sources(["small"])).run


def is_focused(target):
    return target.evaluate("element => element.contains(document.activeElement)")


def tab_to(page, target, *, most=120):
    """Press Tab until the target has the focus."""
    playwright.expect(target).to_be_visible()
    for _ in range(most):
        if is_focused(target):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"Tab does not reach {target}")


def press_chip(page, name):
    """Tab enters the group that has the chip, arrows walk it, Enter presses."""
    chip = page.get_by_role("toolbar").get_by_role("button", name=name)
    playwright.expect(chip).to_have_count(1)
    tab_to(page, page.get_by_role("toolbar").filter(has=page.get_by_role("button", name=name)))
    for arrow in ("ArrowRight", "ArrowLeft"):
        for _ in range(10):
            if not is_focused(chip):
                page.keyboard.press(arrow)
    assert is_focused(chip)
    page.keyboard.press("Enter")


def test_an_editor_corrects_by_keyboard_and_a_new_model_learns(run, server, browser, home):
    model = Suggester.load(run)
    rated = rate_tags(model, model.suggest(TEXT).tags)
    suggested = [tag.tag for tag in rated if tag.verdict == "suggested"]
    others = [tag.tag for tag in rated if tag.verdict != "suggested"]
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=server)
    page = context.new_page()
    open_settled(page, f"{server}/suggest?run={run.id}")
    tab_to(page, page.get_by_role("textbox", name="Article", exact=True))
    page.keyboard.insert_text(TEXT)
    page.keyboard.press("Control+Enter")
    code = page.get_by_test_id("stCode")
    playwright.expect(code).to_contain_text(suggested[0], timeout=PATIENCE)

    press_chip(page, suggested[0])
    playwright.expect(code).not_to_contain_text(suggested[0])
    for tag in others[:2]:
        press_chip(page, tag)
        playwright.expect(code).to_contain_text(tag)
    tab_to(page, page.get_by_role("combobox", name="Add a tag"))
    page.keyboard.type("leaks")
    page.keyboard.press("Enter")
    playwright.expect(code).to_contain_text("leaks")
    tags = code.inner_text().strip()
    tab_to(page, code)  # which shows its copy button
    tab_to(page, code.get_by_role("button", name="Copy to clipboard"))
    page.keyboard.press("Enter")
    assert page.evaluate("navigator.clipboard.readText()") == tags
    tab_to(page, page.get_by_role("button", name="Save these tags"))
    page.keyboard.press("Enter")
    playwright.expect(page.get_by_text("The next model can learn from it")).to_be_visible()

    open_settled(page, f"{server}/review")
    (kept,) = FeedbackStore().read().kept
    assert kept.correction.text == TEXT
    assert kept.correction.rejected == (suggested[0],)
    assert set(kept.correction.tags) == {*suggested[1:], *others[:2], "leaks"}
    assert ", ".join(kept.correction.tags) == tags
    tab_to(page, page.get_by_role("button", name="Train with corrections"))
    page.keyboard.press("Enter")
    offered = page.get_by_role("link", name="Suggest with it")
    playwright.expect(offered).to_be_visible(timeout=3 * PATIENCE)
    tab_to(page, offered)
    page.keyboard.press("Enter")
    playwright.expect(page.get_by_text("Which tags fit this article?")).to_be_visible()
    settle(page)
    assert run.id not in page.url
    assert len(list((home / "runs").glob("*/report.json"))) == 2
