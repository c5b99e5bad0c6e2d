"""Thresholds without a browser: the command's numbers, solving, links, saving, undo, states."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.sparse import csr_array
from streamlit.testing.v1 import AppTest

from core.commands.main import main
from core.runs.experiment import run_experiment
from core.runs.operating_points import FILE, OperatingPoints, build_point
from core.runs.store import ScoredPart
from core.study.presets import configure
from pages.parts.thresholds.charts import precision_recall_spec, reliability_chart
from pages.parts.thresholds.cuts import Controls
from pages.parts.thresholds.data import load_curves
from tests.app_testing import open_page, press, texts_of
from tests.conftest import PROJECT

TEXT = "we show how a goroutine blocks on a channel, and how pprof finds it"


@pytest.fixture
def run(tiny_config, articles, store):
    return run_experiment(tiny_config, store, articles=articles).run


@pytest.fixture
def points(store):
    return OperatingPoints(store.folder)


def call_json(capsys, *arguments):
    assert main([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def metrics_of(app):
    return [float(metric.value) for metric in app.metric[:3]]


def micro(found, part="held_out"):
    figures = found[part]["averages"]["micro avg"]
    return [round(figures[name], 3) for name in ("precision", "recall", "f1-score")]


def slider(app):
    return next(slider for slider in app.slider if slider.key.startswith("cut of"))


def test_an_empty_home_says_what_to_do():
    app = open_page("thresholds")
    assert app.subheader[0].value == "What does this cut cost?"
    assert "There is no finished run yet" in app.info[0].value


def test_a_move_of_the_slider_shows_the_commands_numbers(run, capsys):
    app = open_page("thresholds")
    assert metrics_of(app) == micro(call_json(capsys, "thresholds", run.id))
    assert "The same tags as at the saved cut." in texts_of(app)
    slider(app).set_value(0.1).run()
    found = call_json(capsys, "thresholds", run.id, "--value", "0.1")
    assert metrics_of(app) == micro(found)
    table = app.table[0].value
    assert table.loc["micro"].tolist() == [
        f"{value:.3f}" for value in micro(found) + micro(found, "test")
    ]
    trained = call_json(capsys, "thresholds", run.id)["held_out"]
    missed = found["held_out"]["missed"] - trained["missed"]
    wrong = trained["wrong"] - found["held_out"]["wrong"]
    assert missed > 1 and wrong > 1
    assert f"**{missed} more tags missed, {wrong} fewer wrong.**" in texts_of(app)
    changed = app.dataframe[0].value
    assert (changed["missed"].sum(), changed["wrong"].sum()) == (missed, -wrong)


def test_solving_gives_the_commands_cut(run, capsys):
    app = open_page("thresholds")
    app.number_input(key="target").set_value(0.7)
    press(app, "Solve")
    found = call_json(capsys, "thresholds", run.id, "--precision", "0.7")
    assert slider(app).value == found["point"]["cut"]
    assert metrics_of(app) == micro(found)
    assert app.query_params["cut"] == repr(found["point"]["cut"])


def test_a_goal_out_of_reach_is_said_and_nothing_moves(run, monkeypatch):
    app = open_page("thresholds")
    before = slider(app).value
    monkeypatch.setattr("core.models.cut_solver.TOLERANCE", -1.0)
    press(app, "Solve")
    assert "cannot be reached on the held\\-out articles" in app.error[0].value
    assert slider(app).value == before


def test_each_tags_cut_is_solved_and_linked(run, capsys):
    app = open_page("thresholds")
    app.segmented_control[0].set_value("each").run()
    press(app, "Solve each tag")
    found = call_json(capsys, "thresholds", run.id, "--precision", "0.8", "--per-tag")
    assert metrics_of(app) == micro(found)
    assert app.query_params["solve"] == "precision:0.8"
    linked = open_page("thresholds", run=run.id, rule="each", solve="precision:0.8")
    assert metrics_of(linked) == micro(found)
    tag, cut = max(found["point"]["own"].items(), key=lambda item: item[1])
    app.session_state[Controls(run).key("own")] = found["point"]["own"] | {tag: 9.0}
    app.run()
    assert metrics_of(app) != micro(found) and cut != 9.0


def edit_two_cuts():
    import streamlit as st

    from pages.parts.thresholds.cuts import Controls

    controls = Controls(st.session_state["run"])
    controls.set(own={"a": 1.0}, version=1)
    controls.take_edits({"0": {"cut": None}, "1": {"cut": 2.0}})


def test_a_cut_typed_into_the_table_is_the_tags_own_and_an_emptied_one_is_not():
    app = AppTest.from_function(edit_two_cuts)
    app.session_state["run"] = SimpleNamespace(id="r", tags=("a", "b"))
    app.run()
    assert not app.exception
    assert app.session_state["own of r"] == {"b": 2.0}
    assert app.session_state["version of r"] == 2


def test_the_k_best_tags(run, capsys):
    app = open_page("thresholds")
    app.segmented_control[0].set_value("top").run()
    app.slider[0].set_value(2).run()
    assert metrics_of(app) == micro(call_json(capsys, "thresholds", run.id, "--top-k", "2"))
    assert "2.00 tags per article" in texts_of(app)
    assert metrics_of(open_page("thresholds", run=run.id, rule="top", k="2")) == metrics_of(app)


def test_a_link_restores_run_rule_and_cut(run, tiny_config, articles, store):
    run_experiment(configure(tiny_config, assignments=["seed=1"]), store, articles=articles)
    app = open_page("thresholds", run=run.id, rule="one", cut="0.3", one="1")
    assert app.selectbox(key="thresholds_run").value == run.id
    assert slider(app).value == 0.3
    assert app.toggle[0].value
    assert "held-out: 0.0% of the articles get no tag" in texts_of(app)


@pytest.mark.parametrize(
    "query", [{"cut": "nan"}, {"cut": "much"}, {"rule": "x"}, {"k": "-4", "rule": "top"}]
)
def test_a_link_that_makes_no_sense_is_passed_over(run, query):
    assert not open_page("thresholds", run=run.id, **query).error


def test_a_link_to_a_run_that_is_gone_says_so(run):
    assert (
        "This link names a run that is gone: gone"
        in open_page("thresholds", run="gone").warning[0].value
    )


def test_what_is_saved_is_what_suggest_uses_next(run, points, capsys):
    app = open_page("thresholds")
    slider(app).set_value(0.1)
    app.text_input(key="point_name").set_value("careful").run()
    press(app, "Save")
    assert points.chosen().cut == 0.1
    found = call_json(capsys, "suggest", "--text", TEXT)
    assert {tag["threshold"] for tag in found["tags"]} == {0.1}
    assert "The same tags as at the saved cut." in texts_of(app)
    assert "Suggest uses careful of this run." in texts_of(app)
    press(app, "Undo")
    assert points.chosen() is None
    found = call_json(capsys, "suggest", "--text", TEXT)
    assert {tag["threshold"] for tag in found["tags"]} == {run.thresholds.global_cut}


def test_a_point_without_a_name_is_not_saved(run, points):
    app = open_page("thresholds")
    press(app, "Save")
    assert "has no name yet" in app.error[0].value
    assert points.chosen() is None


def test_a_saved_point_is_shown_and_chosen(run, points):
    points.save(build_point(name="high", run=run.id, cut=0.4))
    points.save(build_point(name="low", run=run.id, cut=-0.4))
    app = open_page("thresholds")
    assert slider(app).value == -0.4
    app.selectbox(key="saved_point").set_value("high").run()
    press(app, "Show")
    assert slider(app).value == 0.4
    press(app, "Suggest with it")
    assert points.chosen().name == "high"
    app.selectbox(key="saved_point").set_value("as trained").run()
    press(app, "Suggest with it")
    assert points.chosen() is None


def test_the_suggest_page_follows_the_point_without_a_restart(run, points):
    app = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=120).run()
    app.switch_page("pages/suggest.py").run()
    app.text_area(key="article").set_value(TEXT)
    press(app, "Suggest tags")
    assert app.code[0].value.startswith("golang")
    points.save(build_point(name="web only", run=run.id, cut=99.0, own={"web": -99.0}))
    press(app, "Suggest tags")
    assert app.code[0].value == "web"


def test_a_run_without_held_out_scores_offers_fixed_cuts_only(run, monkeypatch):
    read = type(run).read_part
    nothing = ScoredPart((), csr_array((0, 4), dtype=bool), np.zeros((0, 4), np.float32))
    monkeypatch.setattr(
        type(run), "read_part", lambda self, p: read(self, p) if p == "test" else nothing
    )
    app = open_page("thresholds", detail="Probabilities")
    assert "no held-out scores" in app.warning[0].value
    assert next(button for button in app.button if button.label == "Solve").disabled
    micro_f1 = run.report.averages["micro avg"].f1_score
    assert metrics_of(app)[2] == round(micro_f1, 3)
    assert "Probabilities are fitted on held-out scores" in texts_of(app)


def test_a_run_whose_folds_leak_says_so(tiny_config, articles, store):
    leaking = ["augment.level=1", "classifier.grouped_folds=false"]
    run_experiment(configure(tiny_config, assignments=leaking), store, articles=articles)
    assert "on both sides of this run's folds" in open_page("thresholds").warning[0].value


def test_damaged_operating_points_are_a_sentence(run, store):
    (store.folder / FILE).write_text("{")
    assert "cannot be read" in open_page("thresholds").error[0].value


def test_probabilities_and_the_band_are_shown(run):
    app = open_page("thresholds", detail="Probabilities")
    app.number_input(key="band_right").set_value(0.5).run()
    assert not app.error
    assert "Not sure from" in texts_of(app)
    assert app.metric[3].label == "Calibration error"


def test_a_saved_band_stays_with_what_is_saved_next(run, points):
    points.save(build_point(name="first", run=run.id, cut=0.0, not_sure=(0.25, 0.75)))
    app = open_page("thresholds", detail="Probabilities")
    assert "keeps 25% to 75%" in texts_of(app)
    app.text_input(key="point_name").set_value("second").run()
    press(app, "Save")
    assert points.chosen().not_sure == (0.25, 0.75)
    app.checkbox[0].check().run()
    app.text_input(key="point_name").set_value("third").run()
    press(app, "Save")
    assert points.chosen().not_sure not in (None, (0.25, 0.75))


def test_the_curve_keeps_its_layers_and_changes_its_data(run):
    import pandas as pd

    curves = load_curves(run)
    points = pd.DataFrame({"part": ["test"], "precision": [0.5], "recall": [0.25]})
    first = precision_recall_spec(curves, points)
    second = precision_recall_spec(curves, points.assign(recall=0.75))
    assert first["datasets"]["points"]["recall"].tolist() == [0.25]
    del first["datasets"], second["datasets"]
    assert first == second
    assert "title" in first
    assert sorted(curves["part"].unique()) == ["held-out", "test"]


def test_the_reliability_chart_has_a_diagonal_and_titles():
    import pandas as pd

    table = pd.DataFrame({"pairs": [3], "probability": [0.2], "true": [0.5]})
    spec = reliability_chart(table).to_dict()
    assert len(spec["layer"]) == 2
    assert spec["layer"][1]["encoding"]["x"]["title"] == "probability given (mean of a bin)"
