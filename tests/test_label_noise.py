"""Doubtful tags: planted faults are found first, and a fix lands in a new version with history."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from scipy.sparse import csr_array

from core.articles.store.changes import changed_set, decide, read_changes, undo_last
from core.articles.store.sets import keep_articles, read_sources
from core.base.errors import DataError
from core.evaluate.label_noise import find_doubts
from core.runs.experiment import run_experiment
from core.study.presets import configure
from core.suggest.doubts import (
    build_doubtful_data,
    decide_doubt,
    last_decision,
    undecided,
    undo_doubt,
)
from tests.conftest import make_article, many_articles

TAGS = ("golang", "python")


@pytest.fixture
def planted():
    """480 made-up articles, 8 tags taken away and 8 wrong ones put in their place elsewhere."""
    articles = many_articles(480)
    chance = np.random.default_rng(5)
    taken, given = np.split(chance.choice(len(articles), size=16, replace=False), 2)
    changed, missing, wrong = list(articles), set(), set()
    for row in taken.tolist():
        gone = articles[row].tags[0]
        left = [t for t in articles[row].tags if t != gone] or ["filler"]
        changed[row] = articles[row].model_copy(update={"tags": tuple(left)})
        missing.add((articles[row].id, gone))
    for row in given.tolist():
        absent = sorted({"golang", "python", "database", "web"} - set(articles[row].tags))[0]
        tags = (*articles[row].tags, absent)
        changed[row] = articles[row].model_copy(update={"tags": tags})
        wrong.add((articles[row].id, absent))
    return changed, missing, wrong


def test_the_order_is_that_of_the_distance_to_what_is_typical_of_a_tag():
    truth = csr_array(np.array([[1, 0], [1, 0], [0, 1], [0, 1]], bool))
    chances = np.array([[0.9, 0.6], [0.1, 0.1], [0.8, 0.5], [0.0, 0.3]])
    wrong = find_doubts(truth, chances, "abcd", TAGS, has_it=True)
    # golang is typically (0.9 + 0.1) / 2 = 0.5, python (0.5 + 0.3) / 2 = 0.4.
    assert [(d.article, d.tag) for d in wrong] == [("b", "golang"), ("d", "python")]
    assert [d.doubt for d in wrong] == pytest.approx([0.4, 0.1])
    missing = find_doubts(truth, chances, "abcd", TAGS, has_it=False)
    assert [(d.article, d.tag) for d in missing] == [("c", "golang"), ("a", "python")]
    assert [d.doubt for d in missing] == pytest.approx([0.3, 0.2])
    assert find_doubts(truth, chances, "abcd", TAGS, has_it=False, limit=1) == missing[:1]


@pytest.mark.parametrize("has_it", [True, False])
def test_planted_faults_stand_in_front(has_it):
    """2,000 x 20 pairs, 60 of them flipped; the model is right more often than not."""
    chance = np.random.default_rng(11)
    right = chance.random((2000, 20)) < 0.15
    noisy = right.copy()
    rows, columns = np.nonzero(right != has_it)
    flips = chance.choice(len(rows), size=60, replace=False)
    noisy[rows[flips], columns[flips]] = has_it
    chances = 1 / (1 + np.exp(-(3 * right - 2 + chance.normal(size=right.shape))))
    ids, tags = [str(n) for n in range(2000)], [f"t{n}" for n in range(20)]
    found = find_doubts(csr_array(noisy), chances, ids, tags, has_it=has_it, limit=20)
    planted = set(zip(rows[flips].tolist(), columns[flips].tolist(), strict=True))
    hits = sum((int(d.article), tags.index(d.tag)) in planted for d in found)
    by_chance = 60 / (noisy == has_it).sum()
    assert hits / 20 > 15 * by_chance


def test_a_run_finds_faults_that_were_planted_in_its_training_data(planted, tiny_config, store):
    changed, missing, wrong = planted
    keep_articles("small", changed)
    # Six to eight of each are left to be found, so what the split draws decides much of the share.
    config = configure(tiny_config, sources=["small"], assignments=["split.method=iterative"])
    run = run_experiment(config, store, articles=read_sources(["small"])).run
    data = build_doubtful_data(run)
    tested = set(run.read_part("test").ids)
    for doubts, planted_pairs in ((data.missing, missing), (data.wrong, wrong)):
        first = {(d.article, d.tag) for d in doubts[:20]}
        there = {pair for pair in planted_pairs if pair[0] not in tested}
        assert len(first & there) >= len(there) / 2


def test_a_fix_makes_a_new_version_and_can_be_undone():
    articles = [make_article(n, tags=["golang", "web"]) for n in range(3)]
    keep_articles("blog", articles)
    info = decide("blog", "a1", "web", has_it=True, fix=True)
    assert (info.name, info.version) == ("blog", 2)
    decide("blog", "a2", "python", has_it=False, fix=True)
    decide("blog", "a0", "web", has_it=True, fix=False)
    assert [a.tags for a in read_sources(["blog"])] == [
        ("golang", "web"),
        ("golang",),
        ("golang", "web", "python"),
    ]
    assert [a.tags for a in read_sources(["blog@1"])] == [("golang", "web")] * 3
    changes = read_changes("blog")
    assert [(c.article, c.tag, c.change) for c in changes] == [
        ("a1", "web", "removed"),
        ("a2", "python", "added"),
        ("a0", "web", "kept"),
    ]
    assert undo_last("blog") == changes[-1]
    assert undo_last("blog") == changes[-2]
    assert read_sources(["blog"])[2].tags == ("golang", "web")


def test_a_set_is_changed_itself_and_the_sample_or_a_file_in_a_set_of_its_own():
    keep_articles("blog", [make_article(1)])
    assert [changed_set(s) for s in ("blog", "sample", "/x/entech.jsonl.gz")] == [
        "blog",
        "sample-v2",
        "entech-v2",
    ]
    decide("sample", read_sources(["sample"])[0].id, "web", has_it=False, fix=False)
    assert changed_set("sample-v2") == "sample-v3"


def test_a_lost_article_is_said():
    keep_articles("blog", [make_article(1)])
    assert undo_last("blog") is None
    with pytest.raises(DataError, match="Article 'gone' is no longer in 'blog'"):
        decide("blog", "gone", "web", has_it=False, fix=True)


def test_what_was_decided_is_no_longer_in_doubt(planted, tiny_config, store):
    keep_articles("small", planted[0])
    config = configure(tiny_config, sources=["small"])
    run = run_experiment(config, store, articles=read_sources(["small"])).run
    data = build_doubtful_data(run)
    first, second = data.missing[:2]
    fixed = decide_doubt(data, first, fix=True)
    assert (fixed.name, fixed.version) == ("small", 2)
    decide_doubt(data, second, fix=False)
    assert undecided(data, data.missing) == data.missing[2:]
    assert last_decision(run).change == undo_doubt(run).change == "kept"
    assert undecided(data, data.missing) == data.missing[1:]


def test_a_fix_that_is_killed_leaves_articles_and_history_as_they_were(monkeypatch):
    keep_articles("blog", [make_article(n, tags=["golang", "web"]) for n in range(3)])
    decide("blog", "a1", "web", has_it=True, fix=True)
    before = read_changes("blog"), read_sources(["blog"])

    class KilledError(BaseException): ...

    for step in ("core.articles.store.record.write_json", "pathlib.Path.unlink"):
        with monkeypatch.context() as patch:

            def kill(*_, **__):
                raise KilledError

            patch.setattr(step, kill)
            with pytest.raises(KilledError):
                decide("blog", "a2", "web", has_it=True, fix=True)
        after = read_changes("blog"), read_sources(["blog"])
        if step.endswith("write_json"):
            assert after == before
    # The second kill came after the step that counts: both are there.
    assert [change.article for change in after[0]] == ["a1", "a2"]
    assert [a.tags for a in after[1]] == [("golang", "web"), ("golang",), ("golang",)]


def test_fixes_at_the_same_time_are_all_kept():
    keep_articles("blog", [make_article(n, tags=["golang", "web"]) for n in range(12)])
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda n: decide("blog", f"a{n}", "web", has_it=True, fix=True), range(12)))
    assert len(read_changes("blog")) == 12
    assert {a.tags for a in read_sources(["blog"])} == {("golang",)}
