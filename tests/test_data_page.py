"""The Data page without a browser: empty, sets as cards, a file on its way in."""

import json
from dataclasses import replace

import pytest

from core.articles.importing import import_source
from core.articles.store.sets import list_sets, read_sources
from core.articles.uploads import keep_upload
from pages.parts.data import file_work
from tests.app_testing import HOSTILE, open_page, texts_of
from tests.child_work import hang
from tests.conftest import PROJECT

CSV = "标题,摘要,标签\nOne,D1,go;golang\nTwo,D2,web;x\nbroken\n"


@pytest.fixture
def blog(tmp_path):
    path = tmp_path / "posts.csv"
    path.write_text("id,title,description,tags\n1,One,D1,go\n2,Two,D2,web\n")
    import_source(str(path), "blog")
    import_source(str(path), "blog", update=True)
    return path


def open_upload(text, name="posts.csv"):
    from streamlit.testing.v1 import AppTest

    app = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=60)
    app.session_state["data_file"] = str(keep_upload(name, text.encode()))
    app.query_params["part"] = "Add a file"
    app.run()
    app.switch_page("pages/data.py").run()
    assert not app.exception
    return app


def test_with_the_sample_only_the_page_says_what_to_do(home):
    app = open_page("data")
    assert "Only the sample is here" in app.info[0].value
    assert "written for this project" in texts_of(app)


def test_the_page_shows_cells_with_their_tags_and_changes_the_separator():
    text = 'title,description,tags,date\nA,D,"Networks, wireless; Go",05/04/2020\nB,D,Go,n.d.\n'
    app = open_upload(text)
    choice = app.selectbox(key="tag_separator")
    assert choice.value == ""
    assert 'Tags: cut at ";".' in texts_of(app)
    assert cells_with_tags(app)["Networks, wireless; Go"] == "Networks, wireless · Go"
    assert "read month first; no cell tells for sure" in texts_of(app)
    assert any("1 optional cell left empty" in box.label for box in app.expander)
    choice.set_value(",").run()
    assert cells_with_tags(app)["Networks, wireless; Go"] == "Networks · wireless; Go"
    app.text_input(key="keep_name").set_value("blog").run()
    app.button(key="keep").click().run()
    assert [a.tags for a in read_sources(["blog"])] == [("Networks", "wireless; Go"), ("Go",)]


def cells_with_tags(app):
    frames = [frame.value for frame in app.dataframe]
    (shown,) = [frame for frame in frames if "cell of tags" in frame.columns]
    return dict(zip(shown["cell of tags"], shown["tags read from it"], strict=True))


def test_a_card_says_size_version_and_origin(blog):
    shown = texts_of(open_page("data"))
    assert "2 articles · version 2 of 2" in shown
    assert r"from posts\.csv" in shown


def test_a_set_is_renamed_and_deleted_after_a_question(blog):
    app = open_page("data")
    app.button(key="rename_blog").click().run()
    app.text_input(key="new_name").set_value("news")
    app.button(key="do_rename").click().run()
    assert [info.name for info in list_sets()] == ["sample", "news"]
    app.button(key="delete_news").click().run()
    assert [info.name for info in list_sets()] == ["sample", "news"]
    app.button(key="do_delete").click().run()
    assert [info.name for info in list_sets()] == ["sample"]


def test_a_file_is_shown_checked_and_kept_without_its_bad_rows(home):
    app = open_upload(CSV)
    assert app.selectbox(key="column_title").value == "标题"
    metrics = {metric.label: metric.value for metric in app.metric}
    assert (metrics["Rows"], metrics["Articles"], metrics["Dropped"]) == ("3", "2", "1")
    assert len(app.get("vega_lite_chart")) == 1
    assert app.button(key="keep").disabled
    app.checkbox(key="keep_skip").check()
    app.text_input(key="keep_name").set_value("zh").run()
    app.button(key="keep").click().run()
    assert not app.exception
    assert [a.title for a in read_sources(["zh"])] == ["One", "Two"]


def test_a_hostile_file_is_shown_letter_by_letter(home):
    app = open_upload(
        json.dumps({"title": HOSTILE, "description": "", "tags": [HOSTILE]}), "a.jsonl"
    )
    assert "<img" not in "".join(element.value for element in app.markdown)


def test_a_file_that_is_none_gets_its_sentence(home):
    app = open_upload("title,description\nT,D\n")
    assert "has no column" in app.error[0].value


@pytest.fixture
def hasty(monkeypatch):
    """Have a step of the Data page take too long: the name of its work and that of its limit."""

    def hurry(work, limit):
        place = "pages.parts.data.file_work"
        monkeypatch.setattr(f"{place}.{work}", hang)
        asked = getattr(file_work, limit)
        monkeypatch.setattr(f"{place}.{limit}", replace(asked, seconds=0.05))

    return hurry


def test_a_file_that_takes_too_long_to_look_at_is_given_up(hasty):
    hasty("preview_source", "LOOKING")
    app = open_upload(CSV)
    sentence = app.error[0].value.replace("\\", "")
    assert sentence.startswith("Looking at this file took longer than 0.05 seconds. Import it on")


def test_a_file_that_takes_too_long_to_check_is_kept_by_a_job(hasty, monkeypatch):
    hasty("check_source", "CHECKING")
    asked = []
    monkeypatch.setattr("pages.parts.data.add_file.submit", asked.append)
    app = open_upload(CSV)
    sentence = app.warning[0].value.replace("\\", "")
    assert sentence.startswith("Checking this file took longer than 0.05 seconds. Keep it below")
    app.checkbox(key="keep_skip").check()
    app.text_input(key="keep_name").set_value("zh").run()
    app.button(key="keep").click().run()
    assert not app.exception
    assert (asked[0].name, asked[0].skip_bad_rows) == ("zh", True)


def test_a_file_that_takes_too_long_to_keep_is_kept_by_a_job(hasty, monkeypatch):
    hasty("import_source", "KEEPING")
    asked = []
    monkeypatch.setattr("pages.parts.data.add_file.submit", asked.append)
    app = open_upload("title,tags\nOne,go\n")
    app.text_input(key="keep_name").set_value("zh").run()
    app.button(key="keep").click().run()
    assert "A job does it again now" in app.success[0].value
    assert [task.name for task in asked] == ["zh"]


def test_fetching_starts_a_job(home, monkeypatch):
    asked = []
    monkeypatch.setattr("pages.parts.data.fetch.submit", asked.append)
    app = open_page("data", part="Fetch")
    app.button(key="fetch_open").click().run()
    assert not app.exception
    assert (asked[0].source, asked[0].name) == ("open-articles", "open-articles")
