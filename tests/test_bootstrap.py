"""The paired bootstrap: cases by hand, coverage in a simulation, figures as sklearn's."""

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.stats import norm
from sklearn.metrics import f1_score, ndcg_score, precision_recall_fscore_support

from core.evaluate.bootstrap import bootstrap_differences, draw_weights
from core.evaluate.outcomes import build_outcomes, group_means, weighted_figures


def outcomes_of(truth, predicted):
    return build_outcomes(csr_array(truth), predicted.astype(np.float32), csr_array(predicted))


def figures_of(outcomes, weights):
    measured = weighted_figures(outcomes, np.atleast_2d(np.asarray(weights, dtype=float)))
    return dict(zip(outcomes.figure_names, measured.figures[0].tolist(), strict=True))


def test_two_articles_and_one_tag_by_hand():
    """Two articles with the tag; one run finds it in both, the other in the first only.

    Their recall differs by -1/2. Four equally likely draws: the first twice (no difference), the
    second twice (-1), one of each (-1/2), so the interval is from -1 to 0.
    """
    truth = np.array([[True], [True]])
    both, one = outcomes_of(truth, truth), outcomes_of(truth, np.array([[True], [False]]))
    recall = one.figure_names.index("micro recall")
    (interval,) = bootstrap_differences(
        [lambda weights: weighted_figures(one, weights).figures],
        lambda weights: weighted_figures(both, weights).figures,
        articles=2,
    )
    assert (interval.low[recall], interval.high[recall]) == (-1.0, 0.0)


def test_the_interval_of_a_mean_is_the_textbooks():
    """Of a mean of 400 values the interval is about mean +- 1.96 sd / sqrt(n)."""
    values = np.random.default_rng(3).normal(0.2, 1.0, size=400)
    (interval,) = bootstrap_differences(
        [lambda weights: (weights @ values / 400)[:, None]],
        lambda weights: np.zeros((len(weights), 1)),
        articles=400,
        resamples=4000,
    )
    half = 1.96 * values.std() / 20
    assert interval.low[0] == pytest.approx(values.mean() - half, abs=0.01)
    assert interval.high[0] == pytest.approx(values.mean() + half, abs=0.01)


def test_every_resample_draws_as_many_articles_as_there_are():
    blocks = list(draw_weights(7, 50, seed=1))
    weights = np.concatenate(blocks)
    assert weights.shape == (50, 7)
    assert (weights.sum(axis=1) == 7).all()
    assert weights.var() > 0
    assert np.array_equal(weights, np.concatenate(list(draw_weights(7, 50, seed=1))))
    assert not np.array_equal(weights, np.concatenate(list(draw_weights(7, 50, seed=2))))


@pytest.mark.parametrize("seed", range(5))
def test_weighted_figures_are_sklearns_on_the_repeated_articles(seed):
    rng = np.random.default_rng(seed)
    truth, predicted = rng.random((2, 30, 6)) < 0.3
    scores = rng.random((30, 6))
    outcomes = build_outcomes(csr_array(truth), scores, csr_array(predicted))
    weights = next(draw_weights(30, 1, seed))[0]
    found = figures_of(outcomes, weights)
    rows = np.repeat(np.arange(30), weights.astype(int))
    for average in ("micro", "macro", "weighted", "samples"):
        expected = precision_recall_fscore_support(
            truth[rows], predicted[rows], average=average, zero_division=0
        )
        for measure, value in zip(("precision", "recall", "F1"), expected, strict=False):
            assert found[f"{average} {measure}"] == pytest.approx(value)
    has_tags = rows[truth[rows].any(axis=1)]
    share = len(has_tags) / len(rows)
    assert found["nDCG@3"] == pytest.approx(
        ndcg_score(truth[has_tags], scores[has_tags], k=3) * share
    )
    assert found["subset accuracy"] == pytest.approx(
        (truth[rows] == predicted[rows]).all(axis=1).mean()
    )
    assert found["empty rate"] == pytest.approx((~predicted[rows].any(axis=1)).mean())
    assert found["tags per article"] == pytest.approx(predicted[rows].sum(axis=1).mean())
    per_tag = weighted_figures(outcomes, weights[None]).tag_f1[0]
    assert per_tag == pytest.approx(
        f1_score(truth[rows], predicted[rows], average=None, zero_division=0)
    )


def test_groups_of_tags_are_averaged():
    values = np.array([[0.0, 1.0, 0.5], [1.0, 1.0, 1.0]])
    groups = [np.array([0, 1]), np.array([2])]
    assert group_means(values, groups).tolist() == [[0.5, 0.5], [1.0, 1.0]]
    assert group_means(values, []).shape == (2, 0)


def make_world(articles, rng):
    """Truth and two predictions that share what is hard about an article."""
    prevalence = np.linspace(0.04, 0.25, 6)
    truth = rng.random((articles, 6)) < prevalence
    hard = 0.6 * rng.normal(size=(articles, 1))

    def predict(skill):
        luck = 0.8 * rng.normal(size=truth.shape) + hard
        return np.where(truth, luck < norm.ppf(skill), luck < norm.ppf(0.02))

    return truth, predict(np.linspace(0.5, 0.9, 6)), predict(np.linspace(0.65, 0.88, 6))


def test_the_interval_covers_the_true_difference_at_its_nominal_rate():
    """95% intervals of 600 made-up tests of 300 articles; the truth is that of a million articles.

    A rate of .95 over 600 has a standard error of .009, so 90-98% is what chance allows.
    """
    figures = ("micro F1", "macro F1", "weighted F1", "samples F1", "macro recall", "empty rate")
    rng = np.random.default_rng(11)
    true = {}
    truth, first, second = make_world(1_000_000, rng)
    ones = np.ones(len(truth))
    one, two = (figures_of(outcomes_of(truth, p), ones) for p in (first, second))
    true = {name: two[name] - one[name] for name in figures}
    covered = dict.fromkeys(figures, 0)
    for world in range(600):
        truth, first, second = make_world(300, rng)
        reference, other = outcomes_of(truth, first), outcomes_of(truth, second)
        (interval,) = bootstrap_differences(
            [lambda weights, other=other: weighted_figures(other, weights).figures],
            lambda weights, reference=reference: weighted_figures(reference, weights).figures,
            articles=300,
            resamples=400,
            seed=world,
        )
        for name in figures:
            column = other.figure_names.index(name)
            covered[name] += interval.low[column] <= true[name] <= interval.high[column]
    rates = {name: hits / 600 for name, hits in covered.items()}
    assert all(0.90 <= rate <= 0.98 for rate in rates.values()), rates


def test_pairing_makes_the_interval_of_nearly_equal_runs_narrow():
    """Two runs that differ in one article of 200 can differ by little in any resample."""
    rng = np.random.default_rng(5)
    truth, predicted = rng.random((2, 200, 4)) < 0.4
    changed = predicted.copy()
    changed[0] = truth[0]
    one, two = outcomes_of(truth, predicted), outcomes_of(truth, changed)
    (interval,) = bootstrap_differences(
        [lambda weights: weighted_figures(two, weights).figures],
        lambda weights: weighted_figures(one, weights).figures,
        articles=200,
        resamples=500,
    )
    assert (interval.high - interval.low).max() < 0.03
