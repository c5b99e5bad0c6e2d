"""Models that serve: each in a child process, warmed before it is asked, under the newest cut."""

import platform
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from core.base.errors import DataError, NoAnswerError, RunError
from core.models.calibration import Calibration, IsotonicCurve, SigmoidCurve
from core.runs.experiment import run_experiment
from core.runs.operating_points import OperatingPoints, build_point
from core.study.presets import configure
from core.suggest import held_model, model_pool, model_processes
from core.suggest.held_model import Asked, HeldModel, ModelFacts
from core.suggest.model_pool import ModelPool
from core.suggest.model_processes import ModelProcesses
from core.suggest.suggester import Suggester, SuggestRequest
from tests.child_work import die, hang

TEXT = "how a goroutine blocks on a channel"


@pytest.fixture
def run(tiny_config, articles, store):
    return run_experiment(tiny_config, store, articles=articles).run


@pytest.fixture
def other_run(tiny_config, articles, store):
    config = configure(tiny_config, assignments=["seed=3"])
    return run_experiment(config, store, articles=articles).run


class FakeChild:
    """Answers as a child does, in this process: texts by their length, the first when told.

    calls: each call's function and arguments. late: a text that no call may hold.
    """

    late = "late"

    def __init__(self):
        self.calls = []
        self.is_alive = True
        self.entered, self.go_on = threading.Event(), threading.Event()

    def ask(self, limit, function, folder, *args):
        self.calls.append((function.__name__, folder, *args))
        if function is held_model.load_model:
            return ModelFacts(("a",), np.zeros(1), None, has_exact_evidence=True)
        self.entered.set()
        assert self.go_on.wait(60)
        texts = [one.request.text for one in args[0]]
        if self.late in texts:
            raise limit.error("took longer than that")
        return [len(text) for text in texts]

    @property
    def batches(self):
        """Lengths of the texts of each call."""
        return [
            [len(one.request.text) for one in args[0]]
            for name, _, *args in self.calls
            if name == "suggest_all"
        ]


def ask_at_once(texts, tmp_path):
    """The first text alone, the others while the child is busy with it; what each one got."""
    child, found = FakeChild(), {}
    seat = ModelProcesses(start=lambda: child).seat(tmp_path)

    def ask(text):
        try:
            found[text] = seat.suggest(tmp_path, Asked(SuggestRequest(text)))
        except NoAnswerError as error:
            found[text] = error

    with ThreadPoolExecutor(len(texts)) as threads:
        work = [threads.submit(ask, texts[0])]
        assert child.entered.wait(60)
        work += [threads.submit(ask, text) for text in texts[1:]]
        while seat.waiting < len(texts) - 1:
            work[0].cancel()  # it runs, so this only gives way to the others
        child.go_on.set()
    return child, found


def test_texts_that_wait_are_scored_in_one_call(tmp_path):
    texts = ["x" * length for length in range(1, 31)]
    child, found = ask_at_once(texts, tmp_path)
    assert [len(batch) for batch in child.batches] == [1, 29]
    assert found == {text: len(text) for text in texts}


def test_a_batch_is_no_larger_than_64_texts(tmp_path):
    child, _ = ask_at_once(["x" * length for length in range(1, 101)], tmp_path)
    assert [len(batch) for batch in child.batches] == [1, 64, 35]


def test_a_long_text_is_read_alone_and_after_the_short_ones(tmp_path):
    child, _ = ask_at_once(["first", "x" * 30_000, "one", "ones", "y" * 40_000], tmp_path)
    assert child.batches[0] == [5]
    assert sorted(child.batches[1]) == [3, 4]
    assert sorted(child.batches[2:]) == [[30_000], [40_000]]


def test_who_shares_a_call_with_a_text_that_takes_too_long_is_answered(tmp_path):
    child, found = ask_at_once(["first", "one", FakeChild.late, "three"], tmp_path)
    assert (found["first"], found["one"], found["three"]) == (5, 3, 5)
    assert isinstance(found[FakeChild.late], NoAnswerError)
    assert len(child.batches) == 5


def test_a_text_that_waited_too_long_is_not_read_any_more(tmp_path, monkeypatch):
    monkeypatch.setattr(model_processes, "WAITING", replace(model_processes.WAITING, seconds=-1))
    child = FakeChild()
    with pytest.raises(NoAnswerError, match=r"^This text had to wait too long for others\."):
        ModelProcesses(start=lambda: child).seat(tmp_path).suggest(
            tmp_path, Asked(SuggestRequest(TEXT))
        )
    assert child.batches == []


def test_a_text_without_tags_gets_its_error_and_the_others_their_tags(run, store):
    asked = [Asked(SuggestRequest(text)) for text in (TEXT, "", f"{TEXT} and more")]
    one, error, other = held_model.suggest_all(run.folder, asked)
    assert isinstance(error, DataError) and "no text yet" in str(error)
    suggester = Suggester.load(run)
    assert (one, other) == (suggester.suggest(TEXT), suggester.suggest(f"{TEXT} and more"))


@pytest.mark.parametrize("work", [hang, die])
def test_a_text_that_hangs_or_kills_its_process_leaves_the_next_one_its_answer(
    run, store, monkeypatch, work
):
    model = ModelPool(store, processes=ModelProcesses(most=1)).model(run.id)
    expected = model.suggest(SuggestRequest(TEXT))
    with monkeypatch.context() as patch:
        patch.setattr(held_model, "suggest_all", work)
        if work is hang:
            patch.setattr(model_processes, "TEXT", replace(model_processes.TEXT, seconds=0.05))
        with pytest.raises(NoAnswerError, match=r"^Reading this text .*\. Shorten it"):
            model.suggest(SuggestRequest(TEXT))
    assert model.suggest(SuggestRequest(TEXT)) == expected == Suggester.load(run).suggest(TEXT)


class Counting:
    """Scores texts by the number of those that were asked so far."""

    tags, thresholds, asked = ("a",), np.zeros(1), 0

    def scores(self, texts):
        self.asked += len(texts)
        return np.full((len(texts), 1), self.asked, np.float32)


def test_a_text_asked_again_has_the_same_scores_without_the_model():
    model = HeldModel(Suggester(None, Counting()))
    assert model.scores(["one", "two"]).tolist() == [[2], [2]]
    assert model.scores(["two", "three"]).tolist() == [[2], [3]]
    assert model.scores(["four", "four"]).tolist() == [[4], [4]]


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


def test_a_warmed_model_is_loaded_and_has_read_a_text_before_it_is_asked(store, run):
    child = FakeChild()
    child.go_on.set()
    pool = ModelPool(store, processes=ModelProcesses(start=lambda: child))
    begun = [pool.warm(run.id) for _ in range(3)]
    assert [work is None for work in begun] == [False, True, True]
    begun[0].exception(60)
    assert [name for name, *_ in child.calls] == ["load_model", "score_texts"]
    assert pool.model(run.id).run.id == run.id
    assert len(child.calls) == 2


def test_a_model_that_cannot_be_warmed_says_so_only_to_who_asks(store, run):
    (run.folder / "model" / "arrays.npz").write_bytes(b"")
    pool = ModelPool(store)
    assert isinstance(pool.warm(run.id).exception(60), RunError)
    with pytest.raises(RunError, match=r"changed|damaged|cannot be read"):
        pool.model(run.id)


class SlowToLoad(FakeChild):
    """A child whose model is not loaded until it is told to go on; other calls pass at once."""

    def ask(self, limit, function, folder, *args):
        if function is held_model.load_model:
            self.entered.set()
            assert self.go_on.wait(60)
        else:
            self.go_on.set()
        return super().ask(limit, function, folder, *args)


@pytest.mark.parametrize("way", ["asked", "warmed"])
def test_a_loaded_model_answers_while_another_is_loaded(store, run, other_run, way):
    ready, slow = FakeChild(), SlowToLoad()
    ready.go_on.set()
    children = iter([ready, slow])
    pool = ModelPool(store, processes=ModelProcesses(start=lambda: next(children)))
    loaded = pool.model(run.id)
    with ThreadPoolExecutor(1) as threads:
        ask = {"asked": lambda: threads.submit(pool.model, other_run.id)}
        work = ask.get(way, lambda: pool.warm(other_run.id))()
        assert slow.entered.wait(60)
        assert loaded.suggest(SuggestRequest(TEXT)) == len(TEXT)
        assert not work.done()
        slow.go_on.set()
        work.exception(60)


def test_a_model_is_loaded_once_for_all_who_ask(store, run):
    child = SlowToLoad()
    pool = ModelPool(store, processes=ModelProcesses(start=lambda: child))
    with ThreadPoolExecutor(5) as threads:
        work = [threads.submit(pool.model, run.id) for _ in range(5)]
        assert child.entered.wait(60)
        child.go_on.set()
        assert {one.result(60).tags for one in work} == {("a",)}
    assert len(child.calls) == 1


def test_the_least_used_model_makes_room_and_is_loaded_again(store, run, other_run):
    pool = ModelPool(store, processes=ModelProcesses(most=1))
    first, other = pool.model(run.id), pool.model(other_run.id)
    expected = [Suggester.load(one).suggest(TEXT) for one in (run, other_run)]
    assert [model.suggest(SuggestRequest(TEXT)) for model in (first, other)] == expected
    with pytest.raises(RunError, match="no run 'none'"):
        pool.model("none")


def test_the_points_file_is_read_again_after_it_was_written_only(store, run, monkeypatch):
    reads = []
    chosen = model_pool.chosen_point
    monkeypatch.setattr(model_pool, "chosen_point", lambda run: reads.append(1) or chosen(run))
    points, pool = OperatingPoints(store.folder), ModelPool(store)
    points.save(build_point(name="first", run=run.id, cut=1.0))
    assert [pool.model(run.id).point.name for _ in range(3)] == ["first"] * 3
    assert len(reads) == 1
    points.save(build_point(name="second", run=run.id, cut=2.0))
    assert pool.model(run.id).point.name == "second"
    points.undo()
    assert pool.model(run.id).point.name == "first"


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
