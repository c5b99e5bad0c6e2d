"""How much work is done, in counts: what grows slower fails here without a timer."""

from unittest.mock import Mock

import numpy as np
import pytest

from core.features import encoder
from core.features.analyzers import ANALYZERS, TECHNICAL, technical_words
from core.features.config import EncoderConfig
from core.features.encoder_files import find_encoder
from core.features.vectors import embed_texts
from core.methods import grid as race
from core.runs.experiment import run_experiment
from core.study.presets import configure, preset_named


@pytest.fixture
def passes(monkeypatch):
    """(texts, tokens, tokens with padding) of each batch that an encoder gets."""
    batches = []

    def spy(tokens, fill):
        ids, mask = encoder_pad(tokens, fill)
        batches.append((len(ids), int(mask.sum()), ids.numel()))
        return ids, mask

    encoder_pad = encoder.pad
    monkeypatch.setattr(encoder, "pad", spy)
    return batches


def test_texts_of_all_lengths_are_encoded_once_with_little_padding(passes, tiny_bert):
    rng = np.random.default_rng(0)
    texts = [" ".join(["index"] * length) for length in range(1, 61)]
    texts = [texts[row] for row in rng.permutation(np.repeat(np.arange(60), 10))]
    texts = [f"{text} {'replica ' * (row % 5)}" for row, text in enumerate(texts)]
    embed_texts(texts, find_encoder(str(tiny_bert)), EncoderConfig(batch_tokens=1024))
    rows, real, padded = np.sum(passes, axis=0)
    assert rows == len(set(texts)) < len(texts)
    assert padded <= 1.1 * real
    assert len(passes) <= 2 * padded / 1024


def test_a_hybrid_encodes_the_titles_alone_where_the_texts_are_known(
    passes, tiny_bert, articles, store
):
    chosen = ["data.min_tag_count=5", f"features.encoder.name={tiny_bert}"]
    encoded = []
    for preset in ("best-encoder", "best-hybrid"):
        passes.clear()
        config = configure(preset_named(preset).config(), assignments=chosen)
        run_experiment(config, store, articles=articles)
        encoded.append(sum(rows for rows, _, _ in passes))
    # 120 texts; then as many titles, and the names of four tags.
    assert encoded == [120, 120 + 4]


def test_each_text_is_cut_into_words_once_a_range_of_n_grams(
    tiny_config, articles, store, monkeypatch
):
    cut = Mock(wraps=technical_words)
    monkeypatch.setitem(ANALYZERS, TECHNICAL, cut)
    config = configure(
        tiny_config, assignments=["features.ngram_range=[[1,1],[1,2]]", "classifier.C=[0.1,1,10]"]
    )
    run = run_experiment(config, store, articles=articles).run
    tested = len(run.read_part("test").ids)
    assert cut.call_count == 2 * (len(articles) - tested) + tested


@pytest.mark.parametrize("Cs", ["[1]", "[0.1,1,10,100]"])
def test_a_fold_is_fitted_once_for_all_values_of_c_and_dual(
    Cs, tiny_bert, articles, store, monkeypatch
):
    fits = Mock(wraps=race.fit_path)
    monkeypatch.setattr(race, "fit_path", fits)
    config = configure(
        preset_named("best-encoder").config(),
        assignments=[
            *("data.min_tag_count=5", f"features.encoder.name={tiny_bert}"),
            *(f"classifier.C={Cs}", "classifier.dual=[true,false]", "classifier.folds=4"),
        ],
    )
    run_experiment(config, store, articles=articles)
    assert fits.call_count == 4 + 1
