"""Calibration against scikit-learn's, pooling by hand, error, band, and files."""

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.special import expit
from sklearn.calibration import _SigmoidCalibration, calibration_curve
from sklearn.isotonic import IsotonicRegression

from core.base.errors import ConfigError, DataError
from core.models.calibration import (
    Calibration,
    IsotonicCurve,
    NotSureRange,
    count_not_sure,
    expected_calibration_error,
    fit_calibration,
    reliability_table,
    solve_not_sure,
)
from core.runs.calibrated import build_calibrated, read_calibration
from core.runs.experiment import run_experiment
from core.runs.store import ScoredPart
from core.suggest.suggester import Suggester

TAGS = ("a", "b", "c")


def made_part(seed=0, articles=400, rates=(0.3, 0.1, 0.01)):
    rng = np.random.default_rng(seed)
    truth = rng.random((articles, len(rates))) < rates
    scores = (1.2 * truth + rng.normal(0, 0.6, truth.shape) - 0.8).astype(np.float32)
    return csr_array(truth), scores


def test_the_sigmoid_is_scikit_learns_for_each_tag_with_enough_articles():
    truth, scores = made_part()
    found = fit_calibration(truth, scores, TAGS, min_support=10).probabilities(scores)
    for column in (0, 1):
        theirs = _SigmoidCalibration().fit(scores[:, column], truth.toarray()[:, column])
        np.testing.assert_allclose(found[:, column], theirs.predict(scores[:, column]), atol=2e-4)


def test_the_isotonic_curve_is_scikit_learns():
    truth, scores = made_part()
    found = fit_calibration(truth, scores, TAGS, method="isotonic", min_support=1)
    other = np.linspace(-4, 4, 50).astype(np.float32)
    for column in range(3):
        theirs = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip")
        theirs.fit(scores[:, column].astype(float), truth.toarray()[:, column])
        ours = found.probabilities(np.stack([other] * 3, axis=1))[:, column]
        np.testing.assert_allclose(ours, theirs.predict(other.astype(float)), atol=1e-9)


@pytest.mark.parametrize("method", ["sigmoid", "isotonic"])
def test_rare_tags_share_the_curve_of_all_tags(method):
    truth, scores = made_part()
    assert truth.toarray()[:, 2].sum() < 10
    found = fit_calibration(truth, scores, TAGS, method=method, min_support=10)
    assert found.pooled == ("c",)
    flat = csr_array(truth.toarray().reshape(-1, 1))
    everything = fit_calibration(flat, scores.reshape(-1, 1), ("all",), method=method)
    assert found.curves["c"] == everything.curves["all"]
    assert found.curves["a"] != everything.curves["all"]


@pytest.mark.parametrize("method", ["sigmoid", "isotonic"])
def test_a_tag_whose_scores_speak_against_it_shares_the_curve_too(method):
    truth, scores = made_part()
    scores[:, 0] *= -1
    assert "a" in fit_calibration(truth, scores, TAGS, method=method, min_support=1).pooled


@pytest.mark.parametrize("method", ["sigmoid", "isotonic"])
def test_probabilities_rise_with_the_score_and_mend_the_error(method):
    found = fit_calibration(*made_part(0), TAGS, method=method)
    steps = np.linspace(-5, 5, 200, dtype=np.float32)[:, None].repeat(3, axis=1)
    rising = found.probabilities(steps)
    assert (np.diff(rising, axis=0) >= 0).all() and rising.min() >= 0 and rising.max() <= 1
    truth, scores = made_part(1, articles=2000)
    errors = [
        expected_calibration_error(reliability_table(truth, probabilities))
        for probabilities in (found.probabilities(scores), expit(scores.astype(float)))
    ]
    assert errors[0] < 0.02 < 0.1 < errors[1]


def test_the_reliability_table_by_hand_and_against_scikit_learn():
    truth = csr_array(np.array([[True, False], [False, True]]))
    probabilities = np.array([[0.95, 0.05], [0.15, 1.0]])
    table = reliability_table(truth, probabilities)
    assert table["low"].tolist() == [0.0, 0.1, 0.9]
    assert table["pairs"].tolist() == [1, 1, 2]
    assert table["probability"].tolist() == pytest.approx([0.05, 0.15, 0.975])
    assert table["true"].tolist() == [0.0, 0.0, 1.0]
    assert expected_calibration_error(table) == pytest.approx((0.05 + 0.15 + 2 * 0.025) / 4)
    assert expected_calibration_error(table[table["low"] > 1]) == 0.0
    truth, scores = made_part()
    found = expit(scores.astype(float))
    true, given = calibration_curve(truth.toarray().ravel(), found.ravel(), n_bins=10)
    table = reliability_table(truth, found)
    np.testing.assert_allclose(table["true"], true)
    np.testing.assert_allclose(table["probability"], given)


def test_the_band_holds_what_is_neither_right_enough_nor_safe_to_leave():
    probabilities = np.array([[0.9], [0.8], [0.6], [0.5], [0.4], [0.1]])
    truth = csr_array(np.array([[1], [1], [0], [1], [0], [0]], dtype=bool))
    band = solve_not_sure(truth, probabilities, right=1.0, missed=0.0)
    assert (band.low, band.high) == (pytest.approx(0.45), pytest.approx(0.7))
    figures = count_not_sure(truth, probabilities, band)
    assert (figures.sure, figures.sure_right) == (pytest.approx(2 / 6), 1.0)
    assert (figures.unsure, figures.unsure_right) == (pytest.approx(2 / 6), 0.5)
    assert figures.missed == 0.0
    wide = count_not_sure(truth, probabilities, NotSureRange(0.55, 0.85))
    assert (wide.unsure_right, wide.missed) == (0.5, pytest.approx(1 / 3))


def test_where_one_cut_does_both_the_band_is_empty():
    probabilities = np.array([[0.9], [0.1]])
    band = solve_not_sure(csr_array(np.array([[True], [False]])), probabilities)
    assert band.low == band.high == pytest.approx(0.5)


@pytest.mark.parametrize("ends", [(0.8, 0.2), (-0.1, 0.5), (0.5, 1.1)])
def test_a_band_the_wrong_way_round_is_refused(ends):
    with pytest.raises(DataError, match="0 <= from <= to <= 1"):
        count_not_sure(csr_array(np.array([[True]])), np.array([[0.5]]), NotSureRange(*ends))


def test_scores_without_true_tags_cannot_be_calibrated():
    with pytest.raises(ConfigError, match="need held-out scores of true and of other tags"):
        fit_calibration(csr_array((3, 2), dtype=bool), np.zeros((3, 2), np.float32), TAGS[:2])


def test_a_calibration_survives_its_json():
    fitted = fit_calibration(*made_part(), TAGS, method="isotonic")
    again = Calibration.model_validate_json(fitted.model_dump_json())
    assert again == fitted
    assert isinstance(again.curves["a"], IsotonicCurve)


@pytest.fixture
def run(tiny_config, articles, store):
    return run_experiment(tiny_config, store, articles=articles).run


def test_a_runs_calibration_is_kept_beside_its_model(run, monkeypatch):
    fitted = read_calibration(run)
    assert tuple(fitted.curves) == run.tags
    monkeypatch.setattr("core.runs.calibrated.fit_calibration", lambda *_, **__: pytest.fail())
    assert read_calibration(run) == fitted


@pytest.mark.parametrize("damage", ["{", "{}", '{"method": "sigmoid", "curves": {}, "pooled": []}'])
def test_a_damaged_calibration_is_fitted_again(run, damage):
    fitted = read_calibration(run)
    (run.folder / "calibration-sigmoid.json").write_text(damage)
    assert read_calibration(run) == fitted


def test_calibration_is_judged_on_the_test_part(run):
    found = build_calibrated(run, "isotonic")
    test = run.read_part("test")
    expected = reliability_table(
        test.truth, read_calibration(run, "isotonic").probabilities(test.scores)
    )
    assert found.reliability.equals(expected)
    assert found.reliability["pairs"].sum() == test.scores.size
    band = found.solve_not_sure(right=0.5, missed=0.5)
    assert 0 <= found.count_not_sure(band).missed <= 1


def test_suggestions_carry_the_calibrated_score(run):
    suggester = Suggester.load(run)
    tags = suggester.suggest("we show how a goroutine blocks on a channel").tags
    for tag in tags:
        curve = suggester.calibration.curves[tag.tag]
        assert tag.probability == pytest.approx(float(curve.at(np.array([tag.score]))[0]))
    assert all(0 < tag.probability < 1 for tag in tags)


def test_a_calibration_that_cannot_be_kept_is_fitted_for_every_reader(run, monkeypatch):
    expected = read_calibration(run)
    path = run.folder / "calibration-sigmoid.json"
    path.unlink()
    path.mkdir()  # nothing can be read from it, and no file can take its place
    (path / "in the way").touch()
    assert read_calibration(run) == expected
    assert Suggester.load(run).calibration == expected


def test_a_run_without_held_out_scores_has_no_probabilities(run, monkeypatch):
    nothing = ScoredPart((), csr_array((0, 4), dtype=bool), np.zeros((0, 4), np.float32))
    monkeypatch.setattr(type(run), "read_part", lambda self, part: nothing)
    assert read_calibration(run) is None
    assert build_calibrated(run, "sigmoid") is None
