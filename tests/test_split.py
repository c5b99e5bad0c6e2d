"""Splits: disjoint, complete, seeded, stratified as scikit-multilearn's, and without leaks."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from core.articles.store.sets import read_sources
from core.base.errors import DataError
from core.dataset.augment import augment_texts, crop_text, rare_tag_copies
from core.dataset.config import AugmentConfig, DataConfig, SplitConfig
from core.dataset.dataset import build_dataset
from core.dataset.split import iterative_parts, iterative_test_rows, split_dataset
from tests.conftest import make_article

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # its docstrings hold invalid escapes
    from skmultilearn.model_selection import iterative_stratification as peer

label_matrices = st.integers(1, 6).flatmap(
    lambda tags: st.lists(
        st.lists(st.booleans(), min_size=tags, max_size=tags), min_size=2, max_size=40
    )
)


class DrawsFrom:
    """Stands in for numpy inside the peer: its one global draw comes from our generator."""

    def __init__(self, rng):
        self.random = self
        self._rng = rng

    def choice(self, options, size):
        return [self._rng.choice(options)]

    def __getattr__(self, name):
        return getattr(np, name)


def peer_parts(Y, shares, seed, monkeypatch):
    """The part (n,) of each row by scikit-multilearn's IterativeStratification."""
    monkeypatch.setattr(peer, "np", DrawsFrom(np.random.default_rng(seed)))
    stratifier = peer.IterativeStratification(
        len(shares), order=2, sample_distribution_per_fold=list(shares)
    )
    parts = np.full(Y.shape[0], -1)
    for number, (_, rows) in enumerate(stratifier.split(np.zeros((Y.shape[0], 1)), Y)):
        parts[rows] = number
    return parts


def peer_test_rows(Y, test_share, seed, monkeypatch):
    """Test rows as scikit-multilearn's iterative_train_test_split takes them."""
    parts = peer_parts(Y, [test_share, 1.0 - test_share], seed, monkeypatch)
    return np.flatnonzero(parts == 0)


@given(label_matrices, st.sampled_from([0.2, 0.3, 0.5]), st.integers(0, 9))
@settings(max_examples=60)
def test_iterative_split_is_scikit_multilearns_draw_for_draw(labels, share, seed):
    Y = csr_array(np.array(labels, dtype=bool))
    with pytest.MonkeyPatch.context() as monkeypatch:
        theirs = peer_test_rows(Y, share, seed, monkeypatch)
    ours = iterative_test_rows(Y, share, np.random.default_rng(seed))
    assert ours.tolist() == theirs.tolist()


def test_iterative_split_of_the_sample_is_scikit_multilearns(monkeypatch):
    Y = build_dataset(read_sources(["sample"]), DataConfig()).Y
    ours = iterative_test_rows(Y, 0.3, np.random.default_rng(1))
    assert ours.tolist() == peer_test_rows(Y, 0.3, 1, monkeypatch).tolist()


@pytest.mark.parametrize("shares", [(0.3, 0.7), (0.5, 0.5), (0.2, 0.3, 0.5), (0.25,) * 4])
@pytest.mark.parametrize("shape", [(400, 3), (300, 40), (60, 200)])
@pytest.mark.parametrize("seed", [0, 1])
def test_iterative_parts_are_scikit_multilearns_draw_for_draw(shape, shares, seed, monkeypatch):
    # As in real sets: a few tags in many articles, many tags in a few.
    odds = 0.4 / np.arange(1, shape[1] + 1)
    Y = csr_array(np.random.default_rng(seed).random(shape) < odds)
    ours = iterative_parts(Y, shares, np.random.default_rng(seed))
    assert ours.tolist() == peer_parts(Y, shares, seed, monkeypatch).tolist()


@pytest.mark.parametrize(("method", "points"), [("iterative", 7), ("stratified", 2.5)])
def test_a_split_keeps_every_tags_share(method, points):
    dataset = build_dataset(read_sources(["sample"]), DataConfig())
    split = split_dataset(dataset, SplitConfig(method=method), seed=1)
    shares = dataset.Y[split.test].sum(axis=0) / dataset.tag_counts
    assert np.all(np.abs(100 * shares - 30) < points)


@given(
    st.sampled_from(["random", "iterative", "stratified"]),
    st.floats(0.2, 0.8),
    st.integers(0, 2**32 - 1),
    st.integers(15, 40),
)
@settings(max_examples=50)
def test_a_split_is_disjoint_complete_and_repeatable(method, share, seed, count):
    made = [make_article(n, tags=[f"t{n % 3}", f"u{n % 5}"]) for n in range(count)]
    dataset = build_dataset(made, DataConfig(min_tag_count=1))
    config = SplitConfig(method=method, test_share=share)
    first, second = (split_dataset(dataset, config, seed=seed) for _ in range(2))
    assert sorted([*first.train, *first.test]) == list(range(count))
    assert first.test.tolist() == second.test.tolist()
    if method == "random":
        assert len(first.test) == round(count * share)


@pytest.mark.parametrize("method", ["random", "iterative", "stratified"])
def test_another_seed_gives_another_split(articles, method):
    dataset = build_dataset(articles, DataConfig(min_tag_count=1))
    config = SplitConfig(method=method)
    tests = {tuple(split_dataset(dataset, config, seed=seed).test) for seed in range(4)}
    assert len(tests) >= 2  # the iterative rule draws for ties only


def test_splitting_leaves_numpys_global_state_alone(articles):
    dataset = build_dataset(articles, DataConfig(min_tag_count=1))
    before = np.random.get_state()[1].tolist()  # noqa: NPY002
    split_dataset(dataset, SplitConfig(), seed=3)
    assert np.random.get_state()[1].tolist() == before  # noqa: NPY002


@pytest.mark.parametrize("method", ["random", "iterative", "stratified"])
def test_copies_of_an_article_stay_on_one_side(method):
    made = [make_article(n, title=f"T{n // 3}", description="D") for n in range(60)]
    dataset = build_dataset(made, DataConfig(min_tag_count=1))
    split = split_dataset(dataset, SplitConfig(method=method), seed=1)
    assert not {n // 3 for n in split.train} & {n // 3 for n in split.test}
    apart = SplitConfig(method=method, group_duplicates=False)
    split = split_dataset(dataset, apart, seed=1)
    assert {n // 3 for n in split.train} & {n // 3 for n in split.test}


def test_a_files_own_split_is_taken_as_it_is():
    made = [make_article(n, split="test" if n in (1, 3) else "train") for n in range(5)]
    dataset = build_dataset(made, DataConfig(min_tag_count=1))
    split = split_dataset(dataset, SplitConfig(method="file"), seed=1)
    assert split.test.tolist() == [1, 3]
    dataset = build_dataset([*made, make_article(9)], DataConfig(min_tag_count=1))
    with pytest.raises(DataError, match="1 of 6 articles have no split of their own"):
        split_dataset(dataset, SplitConfig(method="file"), seed=1)


def test_a_side_without_articles_is_refused():
    dataset = build_dataset([make_article(1), make_article(2)], DataConfig(min_tag_count=1))
    with pytest.raises(DataError, match="leaves one side empty"):
        split_dataset(dataset, SplitConfig(method="random", test_share=0.1), seed=1)


def test_augmentation_adds_cropped_copies_after_the_originals():
    texts = ["one two three four five six seven eight nine ten", "微服务架构的演进之路与经验"]
    config = AugmentConfig(level=2, crop_ratio=0.2)
    truth = csr_array(np.eye(2, dtype=bool))
    augmented, rows = augment_texts(texts, ["en", "zh"], truth, config, seed=5)
    assert augmented[:2] == texts
    assert rows.tolist() == [0, 1, 0, 1, 0, 1]
    for copy, row in zip(augmented[2:], rows[2:], strict=True):
        assert copy != texts[row] and copy in texts[row]
    assert augment_texts(texts, ["en", "zh"], truth, config, seed=5)[0] == augmented


def test_articles_of_rare_tags_get_more_copies():
    # Three tags, in four, two and one articles.
    truth = csr_array(np.array([[1, 0, 0], [1, 0, 0], [1, 1, 0], [1, 1, 0], [0, 0, 1]], dtype=bool))
    assert rare_tag_copies(truth, 4).tolist() == [0, 0, 1, 1, 3]
    assert rare_tag_copies(truth, 0).tolist() == [0] * 5
    assert rare_tag_copies(truth, 1000).max() == 20
    texts, languages = [f"text {number} is long enough" for number in range(5)], ["en"] * 5
    config = AugmentConfig(level=1, rare_tag_rows=4)
    augmented, rows = augment_texts(texts, languages, truth, config, seed=5)
    assert rows.tolist() == [0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 4, 4]
    assert len(augmented) == len(rows)
    assert truth[rows].sum(axis=0).min() >= 4


def test_cropping_takes_k_words_from_the_head_and_one_more_from_the_tail():
    class Draws:
        def integers(self, low, high):
            assert (low, high) == (0, 3)  # k is 0, 1 or 2 of ten words at a ratio of 0.2
            return 2

    words = "0 1 2 3 4 5 6 7 8 9"
    assert crop_text(words, 0.2, Draws(), by_word=True) == "2 3 4 5 6"
    assert crop_text("0123456789", 0.2, Draws(), by_word=False) == "23456"


def test_a_text_too_short_to_crop_stays_whole():
    assert crop_text("one", 0.4, np.random.default_rng(1), by_word=True) == "one"
