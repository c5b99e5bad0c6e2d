"""Operating points: saved, listed, chosen, undone, damaged; and what suggest makes of them."""

import json
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import numpy as np
import pytest

from core.base.errors import ConfigError, RunError
from core.commands.main import main
from core.metrics.averages import build_averages
from core.metrics.counts import count_outcomes
from core.metrics.report import averages_json
from core.runs.experiment import run_experiment
from core.runs.operating_points import (
    FILE,
    OperatingPoints,
    build_point,
    change_point,
    chosen_point,
    trained_point,
)
from core.runs.records import RunThresholds
from core.runs.run_scores import build_run_scores
from core.study.presets import configure
from core.suggest.suggester import Suggester, choose_run

TEXT = "we show how a goroutine blocks on a channel, and how pprof finds it"
TAGS = ("database", "golang", "python", "web")


@pytest.fixture
def points(tmp_path):
    return OperatingPoints(tmp_path / "runs")


@pytest.fixture
def run(tiny_config, articles, store):
    return run_experiment(tiny_config, store, articles=articles).run


def point(name="careful", run="r1", **values):
    return build_point(**{"name": name, "run": run, "cut": 0.25} | values)


def call_json(capsys, *arguments):
    assert main([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_saved_point_is_chosen_and_read_back_by_another_process(points, tmp_path):
    saved = point(own={"golang": -0.5}, at_least=1, not_sure=(0.2, 0.8), goal="precision 0.8")
    points.save(saved)
    again = OperatingPoints(tmp_path / "runs")
    assert again.chosen() == saved
    assert again.of_run("r1") == {"careful": saved}
    assert again.of_run("r2") == {}


def test_a_name_saved_again_replaces_the_older_one(points):
    for cut in (0.1, 0.2):
        points.save(point(cut=cut))
    points.save(point("other"))
    assert {name: p.cut for name, p in points.of_run("r1").items()} == {
        "other": 0.25,
        "careful": 0.2,
    }
    points.choose("r1", "careful")
    assert points.chosen().cut == 0.2


def test_undo_takes_back_one_save_or_choice_after_the_other(points):
    points.save(point("first"))
    points.save(point("second", run="r2"))
    points.choose("r1", "first")
    points.choose_none()
    assert points.chosen() is None
    assert (points.undo(), points.chosen().name) == ("choose none", "first")
    assert (points.undo(), points.chosen().name) == ("choose 'first'", "second")
    assert points.last_step() == "save 'second'"
    assert (points.undo(), points.chosen().name) == ("save 'second'", "first")
    assert points.of_run("r2") == {}
    assert (points.undo(), points.chosen()) == ("save 'first'", None)
    assert points.undo() == ""


def test_what_was_never_saved_cannot_be_chosen(points):
    with pytest.raises(RunError, match="Run r1 has no operating point 'careful'"):
        points.choose("r1", "careful")


def test_points_saved_at_once_are_all_kept(points):
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: points.save(point(f"p{n}")), range(12)))
    assert len(points.of_run("r1")) == 12


@pytest.mark.parametrize(
    "damage",
    ["{", "[]", '{"format": 2}', '{"format": 1, "steps": [{"kind": "save", "point": {}}]}', "\x00"],
)
def test_a_damaged_file_is_a_sentence(points, tmp_path, damage):
    points.save(point())
    (tmp_path / "runs" / FILE).write_text(damage)
    with pytest.raises(RunError, match=r"operating_points.json cannot be read \(.+\). Mend"):
        points.chosen()


def test_suggest_says_in_a_sentence_that_the_points_are_damaged(run, store, capsys):
    (store.folder / FILE).write_text("{")
    assert main(["suggest", "--text", TEXT]) == 2
    assert "operating_points.json cannot be read" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"name": ""}, "Setting 'name' cannot be ''"),
        ({"cut": float("nan")}, "Setting 'cut' cannot be nan"),
        ({"own": {"web": float("inf")}}, "Setting 'own.web' cannot be inf"),
        ({"at_most": 0}, "Setting 'at_most' cannot be 0"),
        ({"at_least": 3, "at_most": 2}, "at least 3 and at most 2 tags leave nothing between"),
    ],
)
def test_an_impossible_point_is_refused(values, sentence):
    with pytest.raises(ConfigError, match=sentence):
        point(**values)


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"goal": "precision 0.8"}, "precision 0.8"),
        ({"at_least": 3, "at_most": 3}, "top 3"),
        ({"cut": 0.5}, "cut 0.500"),
    ],
)
def test_a_changed_point_keeps_the_rest_and_is_named_by_its_change(changes, name):
    kept = point(own={"web": 1.0}, not_sure=(0.2, 0.8))
    changed = change_point(kept, **changes)
    assert changed == kept.model_copy(update=changes | {"name": name})
    assert change_point(kept, " mine ", **changes).name == "mine"


def test_the_command_keeps_the_band_that_was_chosen_on_the_page(run, store, capsys):
    points = OperatingPoints(store.folder)
    points.save(point(run=run.id, not_sure=(0.2, 0.8)))
    call_json(capsys, "thresholds", run.id, "--value", "0.5", "--save")
    assert points.chosen() == point("cut 0.500", run=run.id, cut=0.5, not_sure=(0.2, 0.8))


def test_the_name_of_the_trained_cuts_is_taken(points):
    with pytest.raises(ConfigError, match="'as trained' names the run's own cuts"):
        points.save(point("as trained"))


def test_a_point_decides_with_its_cut_and_the_tags_own():
    decision = point(own={"python": 2.0}, at_least=1).decision(TAGS)
    assert decision.thresholds.tolist() == [0.25, 0.25, 2.0, 0.25]
    assert (decision.at_least, decision.at_most) == (1, None)
    with pytest.raises(ConfigError, match="The run has no tag 'cobol'"):
        point(own={"cobol": 1.0}).decision(TAGS)


@pytest.mark.parametrize(
    ("rule", "value", "cut", "own"),
    [
        ("zero", None, 0.0, {}),
        ("value", 0.5, 0.5, {}),
        ("global", None, -0.3, {}),
        ("per_tag", None, -0.3, {"web": 0.1}),
    ],
)
def test_the_trained_cuts_are_a_point_too(rule, value, cut, own):
    kept = RunThresholds(
        rule=rule, tuned_on="folds", value=value, global_cut=-0.3, per_tag={"web": 0.1}
    )
    found = trained_point(SimpleNamespace(id="r1", thresholds=kept))
    assert (found.cut, found.own) == (cut, own)


def test_the_trained_point_gives_the_reports_figures(run):
    figures = build_run_scores(run).figures(trained_point(run))["test"]
    assert figures.averages == run.report.averages
    assert figures.empty_rate == run.report.empty_rate
    assert figures.tags_per_article == pytest.approx(run.report.tags_per_article)


def test_suggest_uses_the_point_saved_last(run, store):
    points = OperatingPoints(store.folder)
    assert chosen_point(run) is None
    points.save(build_point(name="nothing", run=run.id, cut=99.0, own={"web": -99.0}))
    found = Suggester.load(run).suggest(TEXT)
    assert [tag.tag for tag in found.tags if tag.suggested] == ["web"]
    assert found.tags[0].threshold == -99.0
    points.undo()
    assert Suggester.load(run).suggest(TEXT).tags[0].threshold == run.thresholds.global_cut


def test_a_point_may_ask_for_one_tag_at_least_or_the_k_best(run, store):
    points = OperatingPoints(store.folder)
    plain_order = [tag.tag for tag in Suggester.load(run).suggest(TEXT).tags]
    for limits, expected in (({"at_least": 1}, 1), ({"at_least": 3, "at_most": 3}, 3)):
        points.save(build_point(name="p", run=run.id, cut=99.0, **limits))
        found = Suggester.load(run).suggest(TEXT)
        assert [tag.tag for tag in found.tags if tag.suggested] == plain_order[:expected]
    over = Suggester.load(run).suggest(TEXT, threshold=99)
    assert not any(tag.suggested for tag in over.tags)


def test_the_chosen_points_run_comes_before_newer_ones(tiny_config, articles, store, run):
    other = configure(tiny_config, assignments=["seed=1"])
    newer = run_experiment(other, store, articles=articles).run
    assert choose_run(store).id == newer.id
    OperatingPoints(store.folder).save(build_point(name="old", run=run.id, cut=0.0))
    assert choose_run(store).id == run.id
    assert choose_run(store, newer.id).id == newer.id
    assert Suggester.load(newer).point is None


def test_a_chosen_point_of_a_run_that_is_gone_is_passed_over(run, store):
    gone = "20200101-000000000-0123456789"
    OperatingPoints(store.folder).save(build_point(name="old", run=gone, cut=0.0))
    assert choose_run(store).id == run.id


def test_the_command_saves_what_suggest_uses_next(run, store, capsys):
    found = call_json(
        capsys, "thresholds", run.id, "--value", "99", "--at-least-one", "--save", "x"
    )
    assert found["saved"] and found["thresholds"] == dict.fromkeys(run.tags, 99.0)
    tags = call_json(capsys, "suggest", "--text", TEXT)["tags"]
    assert {tag["threshold"] for tag in tags} == {99.0}
    assert sum(tag["suggested"] for tag in tags) == 1


def test_the_commands_figures_are_those_of_the_cut_it_names(run, capsys):
    found = call_json(capsys, "thresholds", run.id, "--precision", "0.7")
    assert not found["saved"]
    assert found["held_out"]["averages"]["micro avg"]["precision"] >= 0.7
    test = run.read_part("test")
    cuts = np.array([found["thresholds"][tag] for tag in run.tags])
    from scipy.sparse import csr_array

    counts = count_outcomes(test.truth, csr_array(test.scores > cuts))
    assert found["test"]["averages"] == averages_json(build_averages(counts))
    assert call_json(capsys, "thresholds", run.id)["point"]["name"] == "as trained"


def test_the_command_solves_for_each_tag_and_for_the_k_best(run, capsys):
    each = call_json(capsys, "thresholds", run.id, "--per-tag", "--smoothing", "0")
    assert len(set(each["thresholds"].values())) > 1
    assert each["point"]["goal"] == "best F1, each tag"
    top = call_json(capsys, "thresholds", run.id, "--top-k", "2")
    assert (top["held_out"]["tags_per_article"], top["test"]["empty_rate"]) == (2.0, 0.0)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--precision", "2"], "A precision of 2 cannot be a goal"),
        (["--value", "nan"], "Setting 'cut' cannot be nan"),
        (["--top-k", "0"], "Setting 'at_most' cannot be 0"),
        (["--per-tag", "--value", "1"], "A cut for each tag needs a goal"),
    ],
)
def test_the_command_refuses_in_a_sentence(run, capsys, options, sentence):
    assert main(["thresholds", run.id, *options]) == 2
    assert sentence in capsys.readouterr().err
