"""Review without a browser: numbers, tables, learning, deletion, doubtful tags, empty states."""

from datetime import UTC, datetime

import pytest

from core.articles.store.changes import read_changes
from core.articles.store.sets import keep_articles, list_sets, read_sources
from core.feedback.corrections import Correction, FeedbackStore, ShownTag
from core.jobs.job import list_jobs
from core.jobs.queue import wait_for
from core.runs.experiment import run_experiment
from core.runs.store import RunStore
from core.study.presets import configure
from pages.parts.review.corrections import correction_frame, day_bars
from tests.app_testing import open_page, press, texts_of

SHOWN = (ShownTag("golang", 0.9, 0.0, True), ShownTag("web", 0.4, 0.0, True))


@pytest.fixture
def run(tiny_config, articles, store):
    keep_articles("small", articles)
    config = configure(tiny_config, sources=["small"])
    return run_experiment(config, store, articles=read_sources(["small"])).run


@pytest.fixture
def feedback():
    """Three corrections of two texts by two people, on two days."""
    store = FeedbackStore()
    for day, text, tags, name in (
        (1, "a goroutine and its channel", ("golang",), "Ada"),
        (2, "a goroutine and its channel", ("golang", "web"), "Bob"),
        (2, "a query with an index", ("database",), "Ada"),
    ):
        store.save(
            Correction(
                text=text,
                tags=tags,
                shown=SHOWN,
                rejected=tuple(t.tag for t in SHOWN if t.tag not in tags),
                model="best-tfidf",
                language="en",
                name=name,
            ),
            at=datetime(2026, 11, day, tzinfo=UTC),
        )
    return store


@pytest.mark.parametrize("section", ["Corrections", "Tags and models", "Doubtful tags"])
def test_an_empty_home_says_what_to_do(section):
    app = open_page("review", review=section)
    assert app.subheader[0].value == "What did editors correct, and what may be wrong in the data?"
    assert [metric.value for metric in app.metric] == ["0", "none yet", "0", "0"]
    assert len(app.info) == 1
    assert not app.error


def test_four_numbers_sum_up_the_corrections(feedback):
    # Suggested: golang and web each time; stayed: golang, golang + web, neither.
    assert {metric.label: metric.value for metric in open_page("review").metric} == {
        "Saved articles": "3",
        "Suggestions that stayed": "50%",
        "Tags they added": "1",
        "Articles in dispute": "1",
    }


def test_the_corrections_are_listed_over_time_and_in_dispute(feedback):
    app = open_page("review")
    table, disputes = (frame.value for frame in app.dataframe)
    assert sorted(table["tags"]) == ["database", "golang", "golang; web"]
    assert table["when"].iloc[-1] == "2026-11-01 00:00"
    assert disputes["in dispute"].tolist() == ["web (1)"]
    assert len(app.get("vega_lite_chart")) == 1
    spec = day_bars({datetime(2026, 11, 1).date(): 1}).to_dict()
    assert list(spec["datasets"].values()) == [[{"day": "2026-11-01", "articles": 1}]]
    assert correction_frame([]).empty


def test_how_often_a_tags_suggestions_stayed(feedback):
    by_tag, by_model = (f.value for f in open_page("review", review="Tags and models").dataframe)
    of_tag = by_tag.set_index("tag")
    assert of_tag.loc["golang", "stayed"] == pytest.approx(2 / 3)
    assert of_tag.loc["web", "stayed"] == pytest.approx(1 / 3)
    assert of_tag.loc["database", "added by hand"] == 1
    assert by_model["model"].tolist() == ["best-tfidf"]


def test_corrections_become_a_data_set(feedback):
    app = open_page("review")
    press(app, "Make them a data set")
    assert {info.name: info.articles for info in list_sets()}["corrections"] == 2
    assert "2 articles" in texts_of(app)


def test_ones_own_corrections_are_deleted_after_a_question(feedback):
    app = open_page("review")
    app.text_input(key="forget_name").set_value("Ada").run()
    app.button(key="forget_me").click().run()
    assert len(feedback.read().kept) == 3
    app.button(key="do_forget").click().run()
    assert "Deleted: 2 saved articles" in texts_of(app).replace("\\", "")
    assert [k.correction.name for k in feedback.read().kept] == ["Bob"]


def test_a_new_model_learns_from_the_corrections_in_a_job(feedback, run):
    app = open_page("review")
    press(app, "Train with corrections")
    (job,) = [job for job in list_jobs() if job.task == "experiment"]
    ended = wait_for(job.id, seconds=300)
    assert ended.state == "done", ended.error
    learnt = RunStore().load(ended.result["run"])
    assert learnt.config.data.corrections == ("corrections",)
    assert learnt.report.data.corrections.learnt == 2
    app = open_page("review")
    assert "A model that learnt from the corrections is ready" in texts_of(app)


def test_a_doubtful_tag_is_fixed_in_a_new_version_and_undone(run):
    app = open_page("review", review="Doubtful tags")
    fix = next(b for b in app.button if b.label.startswith("Add "))
    article, tag = fix.key.removeprefix("fix ").split(" ", 1)
    fix.click().run()
    assert not app.exception
    assert f"Added '{tag}'; version 2 of 'small' has it so." in texts_of(app).replace("\\", "")
    assert tag in {a.id: a for a in read_sources(["small"])}[article].tags
    assert tag not in {a.id: a for a in read_sources(["small@1"])}[article].tags
    press(app, f"Undo: added {tag}")
    assert read_changes("small") == []
    assert tag not in {a.id: a for a in read_sources(["small"])}[article].tags


def test_a_tag_that_is_kept_is_no_longer_asked_about(run):
    app = open_page("review", review="Doubtful tags", doubt="Probably wrong")
    keep = next(b for b in app.button if b.label == "Keep as it is")
    key = keep.key
    keep.click().run()
    assert key not in [button.key for button in app.button]
    assert [change.change for change in read_changes("small")] == ["kept"]
