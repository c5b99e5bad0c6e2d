"""Delete everything about me: on the Data page, by command, and in the data set made of it."""

import json
from datetime import UTC, datetime

import pytest

from core.articles.store.record import sets_folder
from core.articles.store.sets import list_sets, read_sources
from core.base.errors import FeedbackError
from core.commands.main import main
from core.feedback.corrections import Correction, FeedbackStore
from core.feedback.export import export_corrections
from core.feedback.forgetting import forget_person
from tests.app_testing import HOSTILE, open_page, texts_of


@pytest.fixture
def store():
    made = FeedbackStore()
    for number, name in enumerate(("Ada", "Ada", "Bob", "")):
        correction = Correction(text=f"Text {number} of {name}", tags=("golang",), name=name)
        made.save(correction, at=datetime(2026, 11, 1 + number, tzinfo=UTC))
    return made


def names(store):
    return [kept.correction.name for kept in store.read().kept]


def test_what_one_person_saved_goes_from_the_database_and_the_data_set(store):
    export_corrections(store)
    assert store.count_by_name(" Ada ") == 2
    gone = forget_person(store, "Ada")
    assert (gone.saved, gone.from_set) == (2, 2)
    assert names(store) == ["", "Bob"]
    assert {a.description for a in read_sources(["corrections"])} == {"Text 2 of Bob", "Text 3 of"}
    files = [path.read_bytes() for path in sets_folder().rglob("*") if path.is_file()]
    assert not any(b"of Ada" in content for content in files)


def test_the_data_set_goes_with_the_last_of_it():
    store = FeedbackStore()
    store.save(Correction(text="Text", tags=("web",), name="Eve"))
    export_corrections(store)
    assert forget_person(store, "Eve").from_set == 1
    assert [info.name for info in list_sets()] == ["sample"]


def test_nobodys_corrections_are_nobodys_to_delete(store):
    with pytest.raises(FeedbackError, match="Name whose"):
        forget_person(store, " ")
    assert forget_person(store, "ada").saved == 0
    assert len(names(store)) == 4


def test_the_command_deletes_only_after_a_yes_and_counts(store, capsys):
    assert main(["feedback", "delete", "Ada"]) == 2
    assert "Nothing was deleted" in capsys.readouterr().err
    assert len(names(store)) == 4
    assert main(["feedback", "delete", "Ada", "--yes", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"name": "Ada", "saved": 2, "from_set": 0}
    assert names(store) == ["", "Bob"]
    assert main(["feedback", "delete", "Ada"]) == 0
    assert "Nothing was saved under 'Ada'" in capsys.readouterr().out


def test_the_data_page_asks_with_a_count_and_says_what_went(store):
    app = open_page("data", part="Feedback")
    assert "4 saved articles" in texts_of(app)
    app.text_input(key="forget_name").set_value("Ada").run()
    app.button(key="forget_me").click().run()
    assert "2 saved articles" in texts_of(app)
    assert len(names(store)) == 4
    app.button(key="do_forget").click().run()
    assert not app.exception
    assert names(store) == ["", "Bob"]
    assert "Deleted: 2 saved articles" in texts_of(app).replace("\\", "")


def test_a_name_that_nobody_used_deletes_nothing_and_is_shown_letter_by_letter(store):
    app = open_page("data", part="Feedback")
    app.text_input(key="forget_name").set_value(HOSTILE).run()
    app.button(key="forget_me").click().run()
    assert "Nothing was saved under" in texts_of(app)
    assert "<img" not in texts_of(app).replace(r"\<", "")
    assert not [button for button in app.button if button.key == "do_forget"]


def test_without_feedback_the_page_says_where_it_comes_from(home):
    app = open_page("data", part="Feedback")
    assert "No editor has saved tags yet" in app.info[0].value
