"""Models that serve: asked on one thread, warmed before they are asked, under the newest cut."""

import platform
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from core.base.errors import RunError
from core.methods.tfidf import TfidfTagger
from core.models.calibration import Calibration, IsotonicCurve, SigmoidCurve
from core.runs.experiment import run_experiment
from core.runs.operating_points import OperatingPoints, build_point
from core.study.presets import configure
from core.suggest import model_pool
from core.suggest.model_pool import ModelPool, RecentScores, SharedTagger
from core.suggest.suggester import Suggester


@pytest.fixture
def run(tiny_config, articles, store):
    return run_experiment(tiny_config, store, articles=articles).run


class ThreadsSeen:
    """A tagger that notes which threads ask it."""

    tags = ("a",)
    thresholds = np.zeros(1)

    def __init__(self):
        self.threads = set()

    def scores(self, texts):
        self.threads.add(threading.get_ident())
        return np.zeros((len(texts), 1), np.float32)


def in_threads(count, call):
    threads = [threading.Thread(target=call) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)


def test_one_thread_asks_every_model_whoever_wants_the_scores():
    first, second = ThreadsSeen(), ThreadsSeen()
    shared = [SharedTagger(first), SharedTagger(second)]
    in_threads(12, lambda: [tagger.scores(["text"]) for tagger in shared])
    assert first.threads == second.threads
    assert len(first.threads) == 1
    assert threading.get_ident() not in first.threads


def test_a_text_asked_again_has_the_same_scores_without_the_model():
    class Counting(ThreadsSeen):
        asked = 0

        def scores(self, texts):
            self.asked += len(texts)
            return np.full((len(texts), 1), self.asked, np.float32)

    tagger = Counting()
    shared = SharedTagger(tagger)
    first = shared.scores(["one", "two"])
    assert_array_equal(shared.scores(["two", "one"]), first[::-1])
    assert tagger.asked == 2
    assert shared.scores(["one", "three"]).tolist() == [[4], [4]]
    assert tagger.asked == 4


def test_the_scores_of_the_texts_asked_longest_ago_are_forgotten():
    recent = RecentScores(most=2)
    recent.keep(["one", "two"], np.array([[1], [2]], np.float32))
    assert recent.of(["one"]).tolist() == [[1]]
    recent.keep(["three"], np.array([[3]], np.float32))
    assert recent.of(["two"]) is None
    assert recent.of(["three", "one"]).tolist() == [[3], [1]]
    assert recent.of([]) is None


_HOLES = """
import sys, numpy as np, psutil
from core.base.machine import give_back_large_blocks
if sys.argv[1] == "given back":
    give_back_large_blocks()
np.ones(16 << 20, np.uint8)  # a freed block, from which glibc learns to keep such
before = psutil.Process().memory_info().rss
blocks = [(np.ones(2 << 20, np.uint8), np.ones(5000, np.uint8)) for _ in range(60)]
small = [pin for _, pin in blocks]
del blocks
print((psutil.Process().memory_info().rss - before) >> 20)
"""


@pytest.mark.skipif("glibc" not in platform.libc_ver(), reason="another C library")
def test_memory_between_small_blocks_is_given_back_to_the_system():
    kept, given_back = (
        int(subprocess.run([sys.executable, "-c", _HOLES, way], capture_output=True).stdout)
        for way in ("kept", "given back")
    )
    assert kept > 100
    assert given_back < 10


def test_a_warmed_model_is_loaded_and_has_read_a_text_before_it_is_asked(store, run, monkeypatch):
    read = []
    scores = TfidfTagger.scores

    def noting(tagger, texts):
        read.append(tuple(texts))
        return scores(tagger, texts)

    monkeypatch.setattr(TfidfTagger, "scores", noting)
    pool = ModelPool(store)
    begun = [pool.warm(run.id) for _ in range(3)]
    assert [work is None for work in begun] == [False, True, True]
    begun[0].result(30)
    assert len(read) == 1
    monkeypatch.setattr(Suggester, "load", lambda run: pytest.fail("loaded again"))
    assert pool.suggester(run.id).run.id == run.id


def test_a_model_that_cannot_be_warmed_says_so_only_to_who_asks(store, run):
    (run.folder / "model" / "arrays.npz").write_bytes(b"")
    pool = ModelPool(store)
    assert isinstance(pool.warm(run.id).exception(30), RunError)
    with pytest.raises(RunError, match=r"changed|damaged|cannot be read"):
        pool.suggester(run.id)


@pytest.fixture
def slow_to_load(tiny_config, articles, store, monkeypatch):
    """Another run whose model is not loaded until `go` is set, and the threads that load it."""
    other = configure(tiny_config, assignments=["seed=3"])
    slow = run_experiment(other, store, articles=articles).run
    begun, go, loads = threading.Event(), threading.Event(), []
    load = Suggester.load

    def waiting(run):
        if run.id == slow.id:
            loads.append(threading.get_ident())
            begun.set()
            assert go.wait(60)
        return load(run)

    monkeypatch.setattr(Suggester, "load", waiting)
    yield slow, begun, go, loads
    go.set()


TEXTS = ["how a goroutine blocks on a channel"]


@pytest.mark.parametrize("way", ["asked", "warmed"])
def test_a_loaded_model_answers_while_another_is_loaded(store, run, slow_to_load, way):
    slow, begun, go, _ = slow_to_load
    pool = ModelPool(store)
    expected = pool.suggester(run.id).tagger.scores(TEXTS)
    with ThreadPoolExecutor(2) as threads:
        work = (
            threads.submit(lambda: pool.suggester(slow.id))
            if way == "asked"
            else pool.warm(slow.id)
        )
        assert begun.wait(60)
        new = [*TEXTS, "a text that nobody has asked before"]
        answer = threads.submit(lambda: pool.suggester(run.id).tagger.scores(new)).result(30)
        assert_array_equal(answer[:1], expected)
        assert not work.done()
        go.set()
        work.result(60)


def test_a_model_is_loaded_once_for_all_who_ask_and_by_the_one_thread_that_loads(
    store, run, slow_to_load
):
    slow, begun, go, loads = slow_to_load
    pool = ModelPool(store)
    with ThreadPoolExecutor(6) as threads:
        work = [threads.submit(lambda: pool.suggester(slow.id)) for _ in range(5)]
        assert begun.wait(60)
        pool.warm(slow.id)
        go.set()
        found = [one.result(60) for one in work]
    assert len(loads) == 1
    assert len({id(suggester.tagger) for suggester in found}) == 1


def test_the_points_file_is_read_again_after_it_was_written_only(store, run, monkeypatch):
    reads = []
    chosen = model_pool.chosen_point
    monkeypatch.setattr(model_pool, "chosen_point", lambda run: reads.append(1) or chosen(run))
    points, pool = OperatingPoints(store.folder), ModelPool(store)
    points.save(build_point(name="first", run=run.id, cut=1.0))
    assert [pool.suggester(run.id).point.name for _ in range(3)] == ["first"] * 3
    assert len(reads) == 1
    points.save(build_point(name="second", run=run.id, cut=2.0))
    assert pool.suggester(run.id).point.name == "second"
    points.undo()
    assert pool.suggester(run.id).point.name == "first"


def test_probabilities_of_all_tags_at_once_are_those_of_each_curve():
    chance = np.random.default_rng(3)
    curves = [SigmoidCurve(slope=s, offset=o) for s, o in chance.uniform(0.1, 4, (30, 2))]
    scores = chance.normal(size=(5, 30)).astype(np.float32)
    steps = IsotonicCurve(scores=(-1, 1), values=(0.1, 0.9))
    for own in (curves, [*curves[:-1], steps]):
        named = {f"tag {number}": curve for number, curve in enumerate(own)}
        found = Calibration(method="sigmoid", curves=named, pooled=()).probabilities(scores)
        expected = [curve.at(column) for curve, column in zip(own, scores.T, strict=True)]
        assert_array_equal(found, np.array(expected).T)


def test_scores_of_other_tags_have_no_probabilities():
    curve = SigmoidCurve(slope=1, offset=0)
    calibration = Calibration(method="sigmoid", curves={"a": curve, "b": curve}, pooled=())
    for columns in (1, 3):
        with pytest.raises(ValueError, match="zip"):
            calibration.probabilities(np.zeros((1, columns), np.float32))
