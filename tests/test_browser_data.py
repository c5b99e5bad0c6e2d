"""The questions of the Data page in a browser: each ends once it is answered."""

from core.articles.importing import import_source
from core.articles.store.changes import decide
from core.articles.store.sets import list_sets
from tests.test_browser import (  # noqa: F401
    browser,
    open_settled,
    playwright,
    pytestmark,
    server,
    settle,
)


def test_a_version_is_restored_and_a_set_renamed_and_deleted(server, browser, tmp_path):  # noqa: F811
    path = tmp_path / "posts.csv"
    path.write_text("id,title,description,tags\n1,One,D1,go\n2,Two,D2,web\n")
    import_source(str(path), "blog")
    decide("blog", "1", "web", has_it=False, fix=True)
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    open_settled(page, f"{server}/data")
    question = page.get_by_role("dialog")

    page.get_by_role("button", name="Versions").click()
    playwright.expect(question.get_by_text("Tags that were checked on Review: 1")).to_be_visible()
    question.get_by_text("1: 2 articles from posts.csv").click()
    question.get_by_role("button", name="Use this version").click()
    playwright.expect(page.get_by_text("blog is at version 1.")).to_be_visible()
    playwright.expect(question).to_have_count(0)

    settle(page)
    page.get_by_role("button", name="Rename").click()
    question.get_by_role("textbox").fill("news")
    question.get_by_role("button", name="Rename").click()
    playwright.expect(page.get_by_text("blog is news now.")).to_be_visible()
    playwright.expect(question).to_have_count(0)

    settle(page)
    page.get_by_role("button", name="Delete").click()
    question.get_by_role("button", name="Delete").click()
    playwright.expect(page.get_by_text("news is deleted.")).to_be_visible()
    playwright.expect(question).to_have_count(0)
    assert [info.name for info in list_sets()] == ["sample"]
