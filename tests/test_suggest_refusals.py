"""What an editor says no to on Suggest: kept as a no, apart from what was merely left alone."""

import pytest

from core.articles.store.sets import keep_articles, read_sources
from core.feedback.corrections import FeedbackStore
from core.runs.experiment import run_experiment
from core.runs.operating_points import OperatingPoints, build_point
from core.study.presets import configure
from core.suggest.choices import Choices
from tests.app_testing import open_page, press, texts_of

TEXT = (
    "we show how a goroutine blocks on a channel, and how pprof finds it in a fast new service "
    "with an index and a query"
)


@pytest.fixture
def unsure_page(tiny_config, articles, store):
    """Suggest with an answer of whose four tags it is sure of none."""
    keep_articles("small", articles)
    config = configure(tiny_config, sources=["small"])
    run = run_experiment(config, store, articles=read_sources(["small"])).run
    point = build_point(name="careful", run=run.id, cut=-9.0, not_sure=(0.0, 1.0))
    OperatingPoints(store.folder).save(point)
    app = open_page("suggest")
    app.text_area(key="article").set_value(TEXT)
    press(app, "Suggest tags")
    assert [pills.label for pills in app.pills] == ["Not sure: your call"]
    return app


def kept_correction():
    (kept,) = FeedbackStore().read().kept
    return kept.correction


def test_a_tag_that_was_taken_and_left_again_is_a_no(unsure_page):
    unsure_page.pills[0].set_value(["golang", "web"]).run()
    unsure_page.pills[0].set_value(["golang"]).run()
    assert "You said no to web." in texts_of(unsure_page)
    press(unsure_page, "Save these tags")
    assert kept_correction().tags == ("golang",)
    assert kept_correction().rejected == ("web",)


def test_one_press_says_no_to_all_that_were_not_taken(unsure_page):
    unsure_page.pills[0].set_value(["golang"]).run()
    press(unsure_page, "The others do not fit")
    press(unsure_page, "Save these tags")
    assert kept_correction().tags == ("golang",)
    assert set(kept_correction().rejected) == {"database", "python", "web"}


def test_a_no_can_be_undone_and_what_nobody_touched_is_none(unsure_page):
    unsure_page.pills[0].set_value(["golang"]).run()
    press(unsure_page, "The others do not fit")
    press(unsure_page, "Undo")
    assert "You said no to" not in texts_of(unsure_page)
    press(unsure_page, "Save these tags")
    assert kept_correction().rejected == ()


def test_a_tag_is_never_both_taken_and_refused_when_the_line_moves():
    web = frozenset({"web"})
    taken_unsure = Choices().press(web, web, suggested=False)
    then_left = taken_unsure.press(web, frozenset(), suggested=True)
    assert (then_left.taken, then_left.left) == (frozenset(), web)
    taken_again = then_left.press(web, web, suggested=False)
    assert (taken_again.taken, taken_again.left) == (web, frozenset())
