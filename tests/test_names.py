"""Names of runs in lists: short, never alike, told apart by the settings that differ."""

import re
from datetime import UTC, datetime

import pytest

from core.articles.formats.rows import FORMATS
from core.articles.source_names import source_names
from core.runs.names import labels_of, short_names
from core.runs.records import Environment, RunReport
from core.runs.store import Run
from core.study.presets import configure, preset_named

BASE = preset_named("best-tfidf").config()


@pytest.fixture
def made(tmp_path):
    """A run of the preset with changes, as loaded; the second it was kept in is 12:00:SS UTC."""

    def make(*assignments, second=0, base=BASE, number=0):
        run_id = f"20261127-1200{second:02}000-{number:010x}"
        config = configure(base, assignments=assignments)
        report = RunReport.model_construct()
        return Run(run_id, tmp_path / run_id, config, report, Environment(fingerprint=""))

    return make


def names_of(*runs):
    return list(short_names(runs).values())


def test_runs_of_one_recipe_are_named_by_what_differs(made):
    common = "data.min_tag_count=5"
    first, second = made(common, "features.ngram_range=[[1,1]]"), made(common, number=1)
    assert names_of(first, second) == ["best-tfidf, ngram_range=[[1,1]]", "best-tfidf"]
    third = made("data.min_tag_count=7", "seed=3", number=2)
    assert names_of(second, third) == [
        "best-tfidf, min_tag_count=5",
        "best-tfidf, min_tag_count=7, seed=3",
    ]


def test_a_run_alone_or_beside_other_recipes_has_its_recipes_name(made):
    study = made("seed=3", base=preset_named("study-08").config(), number=1)
    assert names_of(made("seed=3")) == ["best-tfidf"]
    assert names_of(made("seed=3"), study) == ["best-tfidf", "study-08"]


def test_many_changes_are_counted(made):
    changes = [
        "data.min_tag_count=7",
        "features.ngram_range=[[1,1]]",
        "classifier.C=[0.01,0.1,1]",
    ]
    assert names_of(made(*changes), made(number=1)) == [
        "best-tfidf, 3 settings changed",
        "best-tfidf",
    ]


def test_a_run_that_was_made_again_has_its_time_and_of_one_second_its_id(made):
    when = [
        f"{datetime(2026, 11, 27, 12, 0, s, tzinfo=UTC).astimezone():%m-%d %H:%M:%S}"
        for s in (0, 9)
    ]
    first, again, twin = made(), made(second=9), made(number=1)
    assert names_of(first, again) == [f"best-tfidf, {w}" for w in when]
    assert names_of(first, twin) == [f"best-tfidf, {when[0]} ({run.id})" for run in (first, twin)]
    assert list(labels_of([first, twin]).values()) == [
        f"best-tfidf on sample, {when[0]} ({run.id})" for run in (first, twin)
    ]


def test_a_label_says_what_differs_and_on_which_data(made):
    labels = labels_of([made("seed=3"), made(number=1)])
    when = f"{datetime(2026, 11, 27, 12, tzinfo=UTC).astimezone():%m-%d %H:%M:%S}"
    assert list(labels.values()) == [
        f"best-tfidf, seed=3 on sample, {when}",
        f"best-tfidf on sample, {when}",
    ]


def test_a_run_of_a_preset_that_is_gone_has_its_name(made):
    gone = BASE.model_copy(update={"preset": "older"})
    assert names_of(made("seed=3", base=gone)) == ["older"]


WHEN = datetime(2026, 11, 27, 12, tzinfo=UTC).astimezone()


def test_sets_whose_names_differ_behind_a_dot_are_told_apart(made):
    english, chinese = made("data.sources=x.en"), made("data.sources=x.zh", number=1)
    assert [run.data_names for run in (english, chinese)] == [("x.en",), ("x.zh",)]
    assert list(labels_of([english, chinese]).values()) == [
        f"best-tfidf on x.en, {WHEN:%m-%d %H:%M:%S}",
        f"best-tfidf on x.zh, {WHEN:%m-%d %H:%M:%S}",
    ]
    assert names_of(english, chinese) == ["best-tfidf on x.en", "best-tfidf on x.zh"]


def test_a_name_has_its_data_only_where_runs_of_that_name_differ_in_it(made):
    first, second = made("data.sources=a"), made("data.sources=b", number=1)
    seeded = made("data.sources=b", "seed=3", number=2)
    assert names_of(first, second, seeded) == [
        "best-tfidf on a",
        "best-tfidf on b",
        "best-tfidf, seed=3",
    ]


@pytest.mark.parametrize(
    ("sources", "names"),
    [
        (["blog", "blog@2", "sample"], ["blog", "blog@2", "sample"]),
        (["x.en", "x.zh"], ["x.en", "x.zh"]),
        (["v1.2", "v1.3"], ["v1.2", "v1.3"]),
        (["/data/posts.jsonl.gz"], ["posts"]),
        (["posts.en.CSV", "posts.zh.csv"], ["posts.en", "posts.zh"]),
        (["a/posts.csv", "b/posts.csv"], ["a/posts.csv", "b/posts.csv"]),
        (["/a/posts.csv", "/a/posts.json"], ["posts.csv", "posts.json"]),
        (["posts", "posts.csv"], ["posts", "posts.csv"]),
        (["/a/x/posts.csv", "/b/x/posts.csv"], ["a/x/posts.csv", "b/x/posts.csv"]),
        (["blog", "blog"], ["blog", "blog"]),
        ([".csv"], [".csv"]),
        (["/data/blog"], ["blog"]),
    ],
)
def test_sources_are_called_as_short_as_tells_them_apart(sources, names):
    assert source_names(sources) == names


def test_the_ending_of_every_format_that_is_read_is_left_out():
    endings = re.findall(r"\.[a-z]+", FORMATS)
    assert len(endings) > 8
    assert {tuple(source_names([f"posts{ending}"])) for ending in endings} == {("posts",)}
