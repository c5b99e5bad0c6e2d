"""Solver, grid search and thresholds against scikit-learn and brute force; safe model files."""

import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array, vstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import f1_score, fbeta_score, make_scorer
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import Pipeline
from sklearn.svm import LinearSVC

from core.articles.store.sets import read_sources
from core.base.errors import DataError, RunError
from core.dataset.config import DataConfig
from core.dataset.dataset import build_dataset
from core.features.config import FeaturesConfig
from core.methods.grid import Candidate
from core.methods.search import search_tfidf_svm
from core.methods.tfidf.tagger import TfidfTagger
from core.methods.tfidf.training import count_fits
from core.models.folds import build_folds
from core.models.thresholds import best_cut, tune_thresholds
from core.settings.classifier import ClassifierConfig, ThresholdsConfig
from core.settings.experiment import ExperimentConfig
from core.solvers.liblinear import fit_liblinear
from core.solvers.one_vs_rest import fit_path


@pytest.fixture(scope="module")
def dataset(articles):
    return build_dataset(articles, DataConfig(min_tag_count=5))


@pytest.fixture(scope="module")
def tagger(dataset):
    tfidf, found = search_tfidf_svm(
        dataset.texts,
        dataset.Y,
        build_folds(np.arange(len(dataset.texts)), dataset.Y, ClassifierConfig(), seed=1),
        FeaturesConfig(max_df=1.0),
        ClassifierConfig(C=1),
        seed=1,
    )
    thresholds = np.linspace(-0.5, 0.5, len(dataset.tags))
    return TfidfTagger(dataset.tags, thresholds, tfidf, found.svm)


def test_one_vs_rest_equals_scikit_learns(dataset):
    X = csr_array(TfidfVectorizer().fit_transform(dataset.texts))
    theirs = OneVsRestClassifier(LinearSVC(C=1, random_state=5)).fit(X, dataset.Y.toarray())
    (ours,) = fit_path(X, dataset.Y, [1.0], seed=5)
    np.testing.assert_allclose(ours.scores(X), theirs.decision_function(X), atol=1e-6)
    assert ours.unconverged == 0


def test_a_seed_means_the_same_weights_to_the_bit_whatever_runs_beside_it():
    """On articles enough for fits in two threads to overlap: they would share random numbers."""
    sample = build_dataset(read_sources(["sample"]), DataConfig(min_tag_count=20))
    X = csr_array(TfidfVectorizer().fit_transform(sample.texts))

    def fit(_):
        return fit_liblinear(X, sample.Y.toarray(), C=10, seed=5)[0]

    alone = fit(0)
    with ThreadPoolExecutor(2) as pool:
        together = list(pool.map(fit, range(2)))
    assert all((alone != weights).nnz == 0 for weights in [fit(1), *together])


def test_progress_counts_every_fit(dataset):
    settings_ = ClassifierConfig(C=[0.1, 1], folds=2)
    features = FeaturesConfig(ngram_range=[[1, 1], [1, 2]], max_df=1.0)
    config = ExperimentConfig(features=features, classifier=settings_)
    calls = []
    folds = build_folds(np.arange(len(dataset.texts)), dataset.Y, settings_, seed=1)
    search_tfidf_svm(
        dataset.texts, dataset.Y, folds, features, settings_, seed=1, on_fit=calls.append
    )
    assert sum(calls) == count_fits(config, len(dataset.tags)) == 9 * 4


def test_search_equals_grid_search_over_a_pipeline(dataset):
    grid = {
        "tfidf__ngram_range": [(1, 1), (1, 2)],
        "tfidf__max_df": [0.3, 0.9],
        "svm__estimator__C": [0.01, 1],
    }
    pipeline = Pipeline(
        [("tfidf", TfidfVectorizer()), ("svm", OneVsRestClassifier(LinearSVC(random_state=3)))]
    )
    scorer = make_scorer(fbeta_score, beta=0.5, average="micro", zero_division=0)
    theirs = GridSearchCV(pipeline, grid, scoring=scorer, cv=KFold(3), refit=True)
    theirs.fit(list(dataset.texts), dataset.Y.toarray())

    features = FeaturesConfig(
        analyzer="sklearn", ngram_range=[[1, 1], [1, 2]], max_df=[0.3, 0.9], sublinear_tf=False
    )
    classifier = ClassifierConfig(C=[0.01, 1], shuffle_folds=False, grouped_folds=False)
    folds = build_folds(np.arange(len(dataset.texts)), dataset.Y, classifier, seed=3)
    tfidf, ours = search_tfidf_svm(dataset.texts, dataset.Y, folds, features, classifier, seed=3)

    their_scores = {
        Candidate(
            p["svm__estimator__C"],
            ngram_range=p["tfidf__ngram_range"],
            max_df=p["tfidf__max_df"],
        ): score
        for p, score in zip(
            theirs.cv_results_["params"], theirs.cv_results_["mean_test_score"], strict=True
        )
    }
    assert ours.cv_scores == pytest.approx(their_scores, abs=1e-9)
    best = theirs.best_params_
    assert best["svm__estimator__C"] == ours.best.C
    assert ours.best.ngram_range == best["tfidf__ngram_range"]
    np.testing.assert_allclose(
        ours.svm.scores(tfidf.transform(dataset.texts)),
        theirs.decision_function(list(dataset.texts)),
        atol=1e-6,
    )


def test_of_equally_good_candidates_the_first_is_taken(dataset):
    classifier = ClassifierConfig(C=[1, 1.0000001])
    folds = build_folds(np.arange(len(dataset.texts)), dataset.Y, classifier, seed=3)
    features = FeaturesConfig(max_df=1.0)
    _, found = search_tfidf_svm(dataset.texts, dataset.Y, folds, features, classifier, seed=3)
    assert len(set(found.cv_scores.values())) == 1
    assert found.best.C == 1


def test_out_of_fold_scores_come_from_models_that_did_not_see_the_row(dataset):
    classifier = ClassifierConfig(C=1)
    features = FeaturesConfig(
        analyzer="sklearn", ngram_range=[1, 1], max_df=1.0, sublinear_tf=False
    )
    folds = build_folds(np.arange(len(dataset.texts)), dataset.Y, classifier, seed=2)
    _, found = search_tfidf_svm(dataset.texts, dataset.Y, folds, features, classifier, seed=2)
    texts = np.array(dataset.texts, dtype=object)
    for train, test in folds:
        vectorizer = TfidfVectorizer()
        model = OneVsRestClassifier(LinearSVC(C=1, random_state=2))
        model.fit(vectorizer.fit_transform(texts[train]), dataset.Y[train].toarray())
        expected = model.decision_function(vectorizer.transform(texts[test]))
        # Liblinear stops at a tolerance of 1e-4.
        np.testing.assert_allclose(found.out_of_fold[test], expected, atol=1e-4)


def no_tags(rows):
    return csr_array((rows, 1), dtype=bool)


def test_shuffled_folds_of_articles_share_out_every_tag(dataset):
    rows = np.arange(len(dataset.texts))
    for _, test in build_folds(
        np.concatenate([rows, rows]), vstack([dataset.Y] * 2), ClassifierConfig(), seed=1
    ):
        assert np.all(
            np.abs(dataset.Y[test[test < len(rows)]].sum(axis=0) - dataset.tag_counts / 3) <= 2
        )


def test_grouped_folds_keep_copies_together_and_ungrouped_ones_do_not():
    groups = np.tile(np.arange(30), 3)
    for train, test in build_folds(groups, no_tags(90), ClassifierConfig(), seed=1):
        assert not set(groups[train]) & set(groups[test])
    leaking = ClassifierConfig(grouped_folds=False)
    assert all(
        set(groups[a]) & set(groups[b])
        for a, b in build_folds(groups, no_tags(90), leaking, seed=1)
    )


def test_folds_are_shuffled_by_seed_unless_told_otherwise():
    rows = np.arange(30)

    def first_test_rows(seed, **changes):
        return build_folds(rows, no_tags(30), ClassifierConfig(**changes), seed=seed)[0][1].tolist()

    assert first_test_rows(1) == first_test_rows(1) != first_test_rows(2)
    in_order = {"shuffle_folds": False, "grouped_folds": False}
    assert first_test_rows(1, **in_order) == list(range(10))


def test_too_few_articles_for_the_folds_are_refused():
    with pytest.raises(DataError, match="2 training articles cannot make 3 folds"):
        build_folds(np.array([0, 1, 1]), no_tags(3), ClassifierConfig(), seed=1)


labelled = st.lists(st.tuples(st.booleans(), st.integers(-4, 4)), min_size=1, max_size=15)


@given(labelled, st.sampled_from([0.5, 1.0, 2.0]))
@settings(max_examples=100)
def test_the_best_cut_is_as_good_as_any_by_brute_force(cells, beta):
    truth = np.array([t for t, _ in cells])
    scores = np.array([s for _, s in cells], dtype=float)

    def quality(cut):
        return fbeta_score(truth, scores > cut, beta=beta, zero_division=0)

    every_cut = np.arange(-5.5, 5)
    best = best_cut(truth, scores, beta=beta)
    assert quality(best) == pytest.approx(max(map(quality, every_cut)))


def test_of_equally_good_cuts_the_highest_is_taken():
    assert best_cut(np.array([True, False, False]), np.array([3.0, 1.0, 0.0])) == 2.0
    assert best_cut(np.array([True, True]), np.array([3.0, 1.0])) == 0.5
    assert best_cut(np.array([False, False]), np.array([3.0, 1.0])) == 0.0


def test_global_and_per_tag_thresholds_are_tuned_on_the_scores_given():
    rng = np.random.default_rng(3)
    truth = rng.random((400, 3)) < [0.5, 0.2, 0.01]
    scores = truth + rng.normal(0, 0.4, truth.shape) + [0, -1, 1]
    config = ThresholdsConfig(rule="per_tag", min_support=10)
    found = tune_thresholds(csr_array(truth), scores, config)
    at = {
        rule: f1_score(truth, scores > cut, average="micro") for rule, cut in found.cuts().items()
    }
    assert at["zero"] < at["global"] < at["per_tag"]
    assert truth[:, 2].sum() < 10
    assert found.per_tag[2] == found.global_cut
    assert found.in_use().tolist() == found.per_tag.tolist()


def test_a_tag_with_just_enough_support_gets_a_cut_between_its_own_and_the_global_one():
    truth = np.zeros((40, 2), bool)
    truth[:10, 0] = truth[:20, 1] = True
    scores = np.where(truth, [3.0, -3.0], [2.0, -4.0])
    # Its own is 2.5, the global one -3.5: 10 articles weigh a third against the 20 of the rule.
    for support, cut in ((10, 2.5 / 3 - 3.5 * 2 / 3), (11, -3.5)):
        config = ThresholdsConfig(rule="per_tag", min_support=support)
        found = tune_thresholds(csr_array(truth), scores, config)
        assert found.global_cut == -3.5
        assert found.per_tag.tolist() == pytest.approx([cut, -3.5])


def test_a_higher_beta_asks_for_recall_and_lowers_the_cut():
    rng = np.random.default_rng(3)
    truth = rng.random((300, 2)) < 0.2
    scores = truth + rng.normal(0, 0.7, truth.shape)
    cuts = {
        beta: tune_thresholds(csr_array(truth), scores, ThresholdsConfig(beta=beta, min_support=1))
        for beta in (0.5, 2.0)
    }
    assert cuts[2.0].global_cut < cuts[0.5].global_cut
    assert (cuts[2.0].per_tag < cuts[0.5].per_tag).all()


def test_an_interrupted_fit_does_not_fit_the_remaining_tags(dataset, monkeypatch):
    fitted = []
    fit = LinearSVC.fit
    monkeypatch.setattr(LinearSVC, "fit", lambda *a: fitted.append(1) or fit(*a))
    monkeypatch.setattr("core.solvers.liblinear.processor_count", lambda: 1)
    X = csr_array(TfidfVectorizer().fit_transform(dataset.texts))
    Y = np.tile(dataset.Y.toarray(), 100)

    def interrupt(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit_liblinear(X, Y, C=1, seed=1, on_column=interrupt)
    assert len(fitted) < 50


def test_a_loaded_tagger_scores_bit_for_bit_like_the_saved_one(tagger, dataset, tmp_path):
    tagger.save(tmp_path / "model")
    loaded = TfidfTagger.load(tmp_path / "model")
    np.testing.assert_array_equal(loaded.scores(dataset.texts), tagger.scores(dataset.texts))
    np.testing.assert_array_equal(loaded.thresholds, tagger.thresholds)
    assert loaded.tags == tagger.tags
    assert tagger.scores(dataset.texts).dtype == np.float32


def test_a_text_scores_the_same_alone_and_among_others(tagger, dataset):
    together = tagger.scores(dataset.texts)
    alone = np.vstack([tagger.scores([text]) for text in dataset.texts])
    np.testing.assert_allclose(alone, together, atol=1e-6)


def test_contributions_and_the_intercept_sum_to_the_score(tagger, dataset):
    text = dataset.texts[0]
    totals = tagger.contributions(text).parts.sum(axis=0) + tagger.svm.intercepts
    np.testing.assert_allclose(totals, tagger.scores([text])[0], atol=1e-6)


def test_no_model_file_is_a_pickle(tagger, tmp_path):
    tagger.save(tmp_path)
    assert {path.suffix for path in tmp_path.iterdir()} == {".json", ".npz"}
    with np.load(tmp_path / "arrays.npz", allow_pickle=False) as stored:
        assert all(stored[name].dtype.kind in "fi" for name in stored.files)


@pytest.mark.parametrize("name", ["texts.json", "arrays.npz"])
def test_a_changed_or_missing_model_file_is_refused(tagger, tmp_path, name):
    tagger.save(tmp_path)
    content = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(content[:-3] + b"abc")
    with pytest.raises(RunError, match=f"{name} of the model in .* has changed"):
        TfidfTagger.load(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(RunError, match="cannot be read"):
        TfidfTagger.load(tmp_path)


def test_a_model_of_another_kind_is_refused(tagger, tmp_path):
    tagger.save(tmp_path)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    (tmp_path / "manifest.json").write_text(json.dumps(manifest | {"kind": "other"}))
    with pytest.raises(RunError, match="expected 'tfidf-svm'"):
        TfidfTagger.load(tmp_path)
