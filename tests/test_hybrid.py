"""Hybrids: words and vectors in one matrix, one classifier, and the second stage over it."""

from unittest.mock import Mock

import numpy as np
import pytest
from scipy.sparse import csr_array, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from core.base.errors import ConfigError
from core.features.analyzers import technical_words
from core.features.config import HybridConfig
from core.features.hybrid import (
    CountedHybrid,
    encoded_texts,
    hybrid_vectors,
)
from core.features.parts import first_line
from core.methods import search
from core.methods.grid import Candidate
from core.methods.hybrid.second_stage import Signs, fit_second_stage, names_of, row_lengths
from core.methods.search import fit_parts
from core.metrics.counts import predict
from core.metrics.scorers import score_prediction
from core.runs.experiment import run_experiment
from core.solvers import one_vs_rest as svm
from core.solvers.matrix import SideBySide
from core.solvers.one_vs_rest import fit_path
from core.study.presets import configure, preset_named
from core.suggest.suggester import Suggester

TEXTS = [
    "Goroutines\nA channel joins two goroutines",
    "Channels in Go\nEvery channel of golang blocks",
    "Frames\nA frame of pandas has columns",
    "Pandas again\nColumns of a pandas frame are series",
    "Both\npandas in one goroutine, a frame in a channel",
]


@pytest.fixture
def vectors():
    return np.random.default_rng(0).normal(size=(2 * len(TEXTS), 4)).astype(np.float32)


def test_each_part_is_scikit_learns_tfidf_times_the_root_of_its_weight(vectors):
    config = HybridConfig(words=4, title_words=0, characters=2.25, text_vector=9, title_vector=0)
    counted = CountedHybrid.build(TEXTS, hybrid_vectors(vectors[:5], config), config)
    rows = np.arange(4)
    terms, matrix = counted.fit(rows)
    words = TfidfVectorizer(
        tokenizer=technical_words,
        token_pattern=None,
        lowercase=False,
        ngram_range=(1, 2),
        max_df=0.8,
        sublinear_tf=True,
    ).fit(TEXTS[:4])
    characters = TfidfVectorizer(
        analyzer="char_wb", ngram_range=(3, 5), min_df=2, max_df=0.8, sublinear_tf=True
    ).fit(TEXTS[:4])
    expected = hstack([2 * words.transform(TEXTS), 1.5 * characters.transform(TEXTS)])
    unit = vectors[:5] / np.linalg.norm(vectors[:5], axis=1, keepdims=True)
    every = matrix(np.arange(5))
    np.testing.assert_allclose(every.sparse.toarray(), expected.toarray(), atol=1e-12)
    np.testing.assert_allclose(every.dense, 3 * unit, rtol=1e-6)
    again = terms.transform(TEXTS, every.dense)
    np.testing.assert_allclose(again.sparse.toarray(), every.sparse.toarray(), atol=1e-12)


def test_a_hybrid_splits_into_the_parts_with_a_weight(vectors):
    config = HybridConfig(title_words=0, text_vector=9)
    counted = CountedHybrid.build(TEXTS, hybrid_vectors(vectors, config), config)
    terms, matrix = counted.fit(np.arange(5))
    X = matrix(np.arange(5))
    parts = terms.split(X)
    assert list(parts) == config.parts == ["words", "characters", "text_vector", "title_vector"]
    for part, length in zip(parts.values(), (1, 1, 3, 1), strict=True):
        np.testing.assert_allclose(row_lengths(part), length, rtol=1e-6)
    together = sum(part.products(part) for part in parts.values())
    np.testing.assert_allclose(together, X.products(X), rtol=1e-6)


def test_the_encoder_reads_texts_and_their_first_lines():
    texts = ["a\nb", "c"]
    assert encoded_texts(texts, HybridConfig()) == ["a\nb", "c", "a", "c"]
    assert encoded_texts(texts, HybridConfig(text_vector=0)) == ["a", "c"]
    assert encoded_texts(texts, HybridConfig(title_vector=0)) == texts
    assert first_line("x" * 300) == "x" * 200


@pytest.fixture
def side_by_side():
    rng = np.random.default_rng(1)
    sparse = csr_array(rng.random((60, 300)) * (rng.random((60, 300)) < 0.1))
    return SideBySide(sparse, rng.normal(size=(60, 5)).astype(np.float32))


@pytest.fixture
def truth(side_by_side):
    leaning = side_by_side @ np.random.default_rng(2).normal(size=(305, 4))
    Y = leaning > np.quantile(leaning, 0.7, axis=0)
    Y[:, 3] = False
    return csr_array(Y)


@pytest.mark.parametrize("most_rows", [8000, 10], ids=["by products", "by liblinear"])
def test_one_classifier_on_both_is_liblinears_optimum(side_by_side, truth, most_rows, monkeypatch):
    monkeypatch.setattr(svm, "MOST_KERNEL_ROWS", most_rows)
    whole = hstack([side_by_side.sparse, csr_array(side_by_side.dense)]).toarray()
    for C, fitted in zip(
        (0.1, 3.0), fit_path(side_by_side, truth, (0.1, 3.0), seed=0), strict=True
    ):
        scores = fitted.scores(side_by_side if most_rows > 60 else csr_array(whole))
        for column in range(3):
            exact = LinearSVC(C=C, tol=1e-8, max_iter=100_000, random_state=0)
            expected = exact.fit(whole, truth.toarray()[:, column]).decision_function(whole)
            np.testing.assert_allclose(scores[:, column], expected, atol=5e-3)
        assert np.all(scores[:, 3] == -1)


def test_l1_is_left_to_liblinear(side_by_side, truth):
    (fitted,) = fit_path(side_by_side, truth, (0.5,), penalty="l1", dual=False, seed=0)
    assert 0 < np.mean(fitted.weights.toarray()[:, 0] != 0) < 0.3


def test_a_classifier_of_each_part_judges_the_rows_it_did_not_see(monkeypatch):
    rng = np.random.default_rng(3)
    words = [["goroutine", "channel", "golang"], ["pandas", "frame", "column"]]
    of_words = rng.integers(2, size=24)
    texts = ["\n".join(rng.choice(words[kind], 2)) + f" {rng.choice(99)}" for kind in of_words]
    config = HybridConfig(title_words=0)
    encoded = rng.normal(size=(48, 4)).astype(np.float32)
    counted = CountedHybrid.build(texts, hybrid_vectors(encoded, config), config)
    Y = csr_array(np.column_stack([of_words, rng.integers(2, size=24)]).astype(bool))
    folds = [(np.arange(12, 24), np.arange(12)), (np.arange(12), np.arange(12, 24))]

    def dense(terms, X):
        return [np.hstack([p.sparse.toarray(), p.dense]) for p in terms.split(X).values()]

    def expected(fitted, judged):
        """The margins of liblinear, by part and tag."""
        terms, matrix = counted.fit(fitted)
        sides = zip(dense(terms, matrix(fitted)), dense(terms, matrix(judged)), strict=True)
        exact = LinearSVC(C=0.5, tol=1e-9, max_iter=100_000, random_state=0)
        return [
            [exact.fit(X, tags).decision_function(of) for tags in Y[fitted].toarray().T]
            for X, of in sides
        ]

    terms, matrix = counted.fit(np.arange(24))
    parts = terms.split(matrix(np.arange(24)))
    fits = Mock(wraps=search.fit_path)
    monkeypatch.setattr(search, "fit_path", fits)
    monkeypatch.setattr(svm, "FEWEST_TERMS", 0)
    monkeypatch.setattr(svm, "FEWEST_BY_ROWS", 0)
    svms, held_out = fit_parts(counted, parts, Y, folds, Candidate(0.5), seed=0)
    starts = [call.kwargs.get("start") for call in fits.call_args_list]
    folds_first = len(folds) * len(parts)
    assert starts[:folds_first] == [None] * folds_first
    # Words and characters; vectors are not solved by their rows.
    assert [bool(start.any()) for start in starts[folds_first:]] == [True, True, False, False]
    assert held_out.shape == (len(config.parts), 24, 2)
    for train, test in folds:
        np.testing.assert_allclose(
            held_out[:, test], np.moveaxis(expected(train, test), 1, 2), atol=1e-3
        )
    scores = [svm.scores(part) for svm, part in zip(svms, parts.values(), strict=True)]
    whole = np.moveaxis(expected(np.arange(24), np.arange(24)), 1, 2)
    np.testing.assert_allclose(scores, whole, atol=1e-3)


@pytest.fixture
def signs(vectors):
    config = HybridConfig()
    counted = CountedHybrid.build(TEXTS, hybrid_vectors(vectors, config), config)
    terms, matrix = counted.fit(np.arange(5))
    X = matrix(np.arange(5))
    Y = csr_array(np.array([[1, 0], [1, 0], [0, 1], [0, 1], [1, 1]], dtype=bool))
    names = np.eye(2, 4, dtype=np.float32)
    return X, Y, Signs.build(terms, X, Y, ("golang", "pandas"), names)


def test_signs_of_a_pair_are_neighbours_names_and_likeness(signs):
    X, Y, built = signs
    margins = np.arange(10).reshape(5, 2) / 10
    groups = np.array([0, 1, 2, 3, 3])  # the last two are copies of one article
    by_part = np.arange(50).reshape(5, 5, 2) / 50
    pairs = built.of_pairs(margins, by_part, X, TEXTS, groups=groups)
    assert pairs.shape == (5, 2, 16)
    np.testing.assert_allclose(pairs[..., 0], margins, rtol=1e-6)

    whole = np.hstack([X.sparse.toarray(), X.dense])
    unit = whole / np.linalg.norm(whole, axis=1, keepdims=True)
    likeness = unit @ unit.T
    likeness[groups[:, None] == groups] = 0
    weights = likeness.clip(0) ** 4
    expected = weights @ Y.toarray() / weights.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(pairs[..., 1], expected, atol=1e-5)

    assert pairs[..., 3].tolist() == [[0, 0], [1, 0], [0, 1], [0, 2], [0, 1]]
    assert pairs[..., 4].tolist() == [[0, 0], [0, 0], [0, 0], [0, 1], [0, 0]]
    # Standardised over the training articles: no name is liked by all of them.
    np.testing.assert_allclose(pairs[..., 5].mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(pairs[..., 5].std(axis=0), 1, atol=1e-5)

    np.testing.assert_allclose(np.moveaxis(pairs[..., 6:11], -1, 0), by_part, rtol=1e-6)
    vectors = X.dense[:, 4:] / np.linalg.norm(X.dense[:, 4:], axis=1, keepdims=True)
    likeness = vectors @ vectors.T
    likeness[groups[:, None] == groups] = 0
    weights = likeness.clip(0) ** 4
    # A text with no neighbour at all has no share of any tag.
    expected = weights @ Y.toarray() / np.maximum(weights.sum(axis=1, keepdims=True), 1e-9)
    np.testing.assert_allclose(pairs[..., 15], expected, atol=1e-5)


def test_names_of_a_tag_are_its_aliases_without_ambiguous_ones():
    assert names_of("kubernetes") == (" k8s ", " kubernetes ")
    assert names_of("machine-learning") == (" machine learning ", " ml ", " 机器 学习 ")
    assert " go " not in names_of("golang") and names_of("go")[0] == " go "


def test_the_second_stage_is_one_logistic_regression_judged_on_other_folds():
    rng = np.random.default_rng(3)
    pairs = rng.normal(size=(40, 3, 6)).astype(np.float32)
    Y = csr_array(pairs[..., 0] + rng.normal(size=(40, 3)) > 0)
    folds = [(np.arange(20, 40), np.arange(20)), (np.arange(20), np.arange(20, 40))]
    stage, held_out = fit_second_stage(None, (), pairs, Y, folds)
    for train, test in folds:
        oracle = make_pipeline(StandardScaler(), LogisticRegression(max_iter=300))
        oracle.fit(pairs[train].reshape(-1, 6).astype(float), Y[train].toarray().ravel())
        expected = oracle.decision_function(pairs[test].reshape(-1, 6)).reshape(20, 3)
        np.testing.assert_allclose(held_out[test], expected, atol=1e-4)
    assert stage.weights[0] > 1 > np.abs(stage.weights[1:]).max()


@pytest.fixture(scope="module")
def hybrid_config(tiny_bert):
    return configure(
        preset_named("best-hybrid").config(),
        assignments=[
            f"features.encoder.name={tiny_bert}",
            "features.encoder.device=cpu",
            "data.min_tag_count=5",
            "classifier.C=1",
        ],
    )


@pytest.mark.parametrize("second_stage", [True, False])
def test_a_loaded_hybrid_scores_like_the_one_that_was_saved(
    hybrid_config, articles, store, second_stage
):
    config = configure(
        hybrid_config, assignments=[f"features.hybrid.second_stage={str(second_stage).lower()}"]
    )
    run = run_experiment(config, store, articles=articles).run
    test = run.read_part("test")
    text_of = {a.id: f"{a.title}\n{a.description}" for a in articles}
    tagger = run.read_tagger()
    scores = tagger.scores([text_of[article_id] for article_id in test.ids])
    np.testing.assert_allclose(scores, test.scores, atol=1e-5)
    found = Suggester.load(run).suggest(text_of[test.ids[0]])
    assert found.tags[0].suggested or found.tags[0].score <= found.tags[0].threshold
    assert run.report.averages["micro avg"].f1_score > 0.5
    cv, held_out = run.report.cv, run.read_part("out_of_fold")
    assert (cv.score == cv.grid[0].score) is not second_stage
    # Folds are of nearly one size, so that their mean is nearly the figure of all.
    whole = score_prediction(cv.scorer, held_out.truth, predict(held_out.scores, 0.0))
    assert cv.score == pytest.approx(whole, abs=0.03)


def test_a_hybrid_without_words_or_without_vectors_is_refused():
    base = preset_named("best-hybrid").config()
    no_vectors = ["features.hybrid.text_vector=0", "features.hybrid.title_vector=0"]
    with pytest.raises(ConfigError, match="without vectors"):
        configure(base, assignments=no_vectors)
    no_words = [f"features.hybrid.{name}=0" for name in ("words", "title_words", "characters")]
    with pytest.raises(ConfigError, match="without words"):
        configure(base, assignments=no_words)


def test_a_hybrid_on_an_encoder_that_was_fine_tuned_on_its_articles_is_refused(
    hybrid_config, tiny_bert, articles, store
):
    tuned = configure(
        preset_named("best-finetuned").config(),
        assignments=[
            f"features.encoder.name={tiny_bert}",
            "features.encoder.device=cpu",
            "data.min_tag_count=5",
            "finetune.epochs=1",
        ],
    )
    run = run_experiment(tuned, store, articles=articles).run
    config = configure(hybrid_config, assignments=[f"features.encoder.name=run:{run.id}"])
    with pytest.raises(ConfigError, match="cannot be evaluated"):
        run_experiment(config, store, articles=articles)
