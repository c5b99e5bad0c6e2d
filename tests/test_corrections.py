"""Corrections are learnt from and never tested on, and runs with and without them compare."""

import pytest

from core.articles.store.sets import keep_articles
from core.base.errors import DataError
from core.dataset.config import DataConfig, SplitConfig
from core.dataset.dataset import build_dataset
from core.dataset.groups import copies_of
from core.dataset.split import split_dataset
from core.evaluate.comparison import find_mismatches
from core.runs.experiment import run_experiment
from core.runs.lineup import build_contender
from core.study.presets import configure
from tests.conftest import make_article

DATA = DataConfig(min_tag_count=5)


def correction(number, **fields):
    text = f"Correction {number} of a goroutine and its channel"
    return make_article(f"c{number}", title=f"C{number}", description=text, **fields)


@pytest.mark.parametrize("method", ["iterative", "random"])
def test_corrections_are_on_the_training_side_and_the_test_part_stays(articles, method):
    config = SplitConfig(method=method)
    before = build_dataset(articles, DATA)
    after = build_dataset(articles, DATA, corrections=[correction(n) for n in range(30)])
    plain, corrected = (split_dataset(d, config, seed=5) for d in (before, after))
    assert corrected.test.tolist() == plain.test.tolist()
    assert corrected.train.tolist() == [*plain.train.tolist(), *range(120, 150)]
    assert after.tags == before.tags
    assert after.tested_fingerprint == before.fingerprint == before.tested_fingerprint
    assert after.fingerprint != before.fingerprint


def test_a_files_own_split_holds_beside_corrections():
    articles = [make_article(n, split="test" if n > 3 else "train") for n in range(6)]
    dataset = build_dataset(articles, DataConfig(min_tag_count=1), corrections=[correction(1)])
    split = split_dataset(dataset, SplitConfig(method="file"), seed=1)
    assert (split.train.tolist(), split.test.tolist()) == ([0, 1, 2, 3, 6], [4, 5])


def test_only_corrections_that_fit_the_data_are_used(articles):
    config = DataConfig(min_tag_count=5, languages=["en"], text_column="title")
    dataset = build_dataset(
        articles,
        config,
        corrections=[
            correction(1, tags=["golang", "new-tag"]),
            correction(2, tags=["new-tag"]),
            correction(3, language="de"),
            make_article(4, id="c4").model_copy(update={"title": " ", "description": " "}),
        ],
    )
    assert [a.id for a in dataset.articles[120:]] == ["ac1"]
    assert dataset.corrections == 1
    assert "new-tag" not in dataset.tags


def test_an_id_that_is_in_the_data_too_is_refused(articles):
    with pytest.raises(DataError, match="Article id 'a7' is in the data and again"):
        build_dataset(articles, DATA, corrections=[make_article(7)])


BODY = "Many words of a body, " * 20
ORIGINAL = make_article(
    1, title="The title", description="A short text.", fulltext=BODY, url="https://a.example/x"
)


@pytest.mark.parametrize(
    ("fields", "is_copy"),
    [
        ({"title": "THE TITLE", "description": "a short text"}, True),
        ({"title": "", "description": "A short text."}, True),
        ({"title": "", "description": f"The title\n\n{BODY}"}, True),
        ({"title": "The title", "description": BODY[:300]}, True),
        ({"title": "Mine", "description": BODY}, True),
        ({"title": "Other", "description": "Other", "url": "https://a.example/x/"}, True),
        ({"title": "The title", "description": "Another text."}, False),
        ({"title": "The title", "description": ""}, False),
    ],
)
def test_copies_of_an_article_are_known_by_how_they_begin(fields, is_copy):
    copies = copies_of([make_article(2, **fields)], [make_article(3), ORIGINAL])
    assert copies.tolist() == [is_copy]


def test_a_correction_of_a_test_article_is_left_out(articles):
    plain = split_dataset(build_dataset(articles, DATA), SplitConfig(), seed=5)
    tested, learnt = articles[plain.test[0]], articles[plain.train[0]]
    corrections = [
        a.model_copy(update={"id": f"c-{a.id}", "tags": ("web",)}) for a in (tested, learnt)
    ]
    dataset = build_dataset(articles, DATA, corrections=corrections)
    split = split_dataset(dataset, SplitConfig(), seed=5)
    assert split.test.tolist() == plain.test.tolist()
    assert split.train.tolist() == [*plain.train.tolist(), 121]


def test_a_run_with_corrections_is_new_and_compares_with_the_run_before(
    tiny_config, articles, store
):
    before = run_experiment(tiny_config, store, articles=articles).run
    tested = before.read_part("test").ids[0]
    copy = next(a for a in articles if a.id == tested).model_copy(update={"id": "copy"})
    keep_articles("corrections", [*(correction(n) for n in range(9)), copy])
    config = configure(tiny_config, assignments=['data.corrections="corrections"'])
    after = run_experiment(config, store, articles=articles)
    assert not after.reused
    assert after.run.report.data.corrections.as_json() == {"learnt": 9, "of_test_articles": 1}
    assert find_mismatches([build_contender(run, run.id) for run in (before, after.run)]) == []
    assert not {f"ac{n}" for n in range(9)} & set(after.run.read_part("test").ids)
    held_out = [set(run.read_part("out_of_fold").ids) for run in (before, after.run)]
    assert held_out[0] == held_out[1]
    assert run_experiment(config, store, articles=articles).reused
    keep_articles("corrections", [correction(n) for n in range(10)], replace=True)
    assert not run_experiment(config, store, articles=articles).reused
