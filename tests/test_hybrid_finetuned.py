"""A hybrid that hears a fine-tuned encoder: out of fold, saved whole, picked up again."""

import numpy as np
import pytest
import torch
from scipy.sparse import csr_array

from core.base.errors import ConfigError, RunError
from core.base.progress import no_progress
from core.features.encoder_files import find_encoder
from core.methods.base import PlainSteps, Training
from core.methods.hybrid import finetuned_logits
from core.methods.hybrid.finetuned_logits import fit_finetuned_logits
from core.methods.part import Labelled, TrainingPart
from core.methods.work import by_step
from core.runs.experiment import run_experiment
from core.runs.learning_curves import has_curve
from core.study.presets import configure, preset_named
from tests.test_estimate import plan_of

EPOCHS = 2


@pytest.fixture(scope="module")
def config(tiny_bert):
    return configure(
        preset_named("best-hybrid-finetuned").config(),
        assignments=[
            f"features.encoder.name={tiny_bert}",
            "features.encoder.device=cpu",
            "data.min_tag_count=5",
            "augment.level=1",
            "classifier.C=1",
            f"finetune.epochs={EPOCHS}",
            "finetune.learning_rate=0.003",
            "finetune.precision=fp32",
        ],
    )


@pytest.fixture
def part(articles):
    """Twenty articles of two tags, the last a copy of the first, and a copy of each."""
    chosen = [*articles[:19], articles[0]]
    texts = [f"{article.title} {article.description}" for article in chosen] * 2
    truth = csr_array(np.array([["go" in a.tags, "go" not in a.tags] for a in chosen] * 2))
    return TrainingPart(texts, truth, ("a", "b"), np.tile(np.arange(20), 2), np.r_[0:19, 0])


def fit(part, config, folder, progress=no_progress):
    files = find_encoder(config.features.encoder.name)
    test = Labelled((), part.Y[:0])
    given = Training(config, part, files, test, folder, PlainSteps(progress))
    return fit_finetuned_logits(given, part.folds(config.classifier, seed=1))


def test_no_article_is_judged_by_an_encoder_that_learnt_it_or_its_copy(
    part, config, tmp_path, monkeypatch
):
    learnt = []
    original = finetuned_logits.fit_network

    def record(tagger, part, rows, **named):
        learnt.append((tagger, rows))
        return original(tagger, part, rows, **named)

    monkeypatch.setattr(finetuned_logits, "fit_network", record)
    sign = fit(part, config, tmp_path)
    *folds, (final, everything) = learnt
    assert len(folds) == config.classifier.folds
    assert everything.tolist() == list(range(40)) and sign.tagger is final
    judged_by = np.zeros(20, int)
    for tagger, rows in folds:
        others = np.flatnonzero(~np.isin(part.groups, part.groups[part.originals[rows]]))
        judged_by[others] += 1
        scores = tagger.scores([part.texts[row] for row in others])
        np.testing.assert_allclose(sign.held_out[others], scores, atol=1e-6)
    assert judged_by.tolist() == [1] * 20
    assert sign.epochs == EPOCHS * (config.classifier.folds + 1)


def test_it_goes_on_where_it_was_stopped_and_counts_only_its_own_epochs(part, config, tmp_path):
    class StoppedError(Exception):
        pass

    def stop_in_the_second(step, done, total, unit):
        assert (step, unit) == ("finetune", "characters") and 0 < done <= total
        if done > 0.4 * total:
            raise StoppedError

    whole = fit(part, config, tmp_path / "whole")
    with pytest.raises(StoppedError):
        fit(part, config, tmp_path / "stopped", stop_in_the_second)
    rest = fit(part, config, tmp_path / "stopped")
    assert EPOCHS <= rest.epochs < whole.epochs
    np.testing.assert_array_equal(rest.held_out, whole.held_out)
    again = fit(part, config, tmp_path / "stopped")
    assert again.epochs == 0
    np.testing.assert_array_equal(again.held_out, whole.held_out)


def test_training_leaves_the_programs_random_numbers_alone(part, config, tmp_path):
    before = torch.random.get_rng_state()
    fit(part, config, tmp_path)
    assert torch.equal(torch.random.get_rng_state(), before)


def test_a_run_is_saved_with_its_fine_tuned_encoder(config, articles, store):
    run = run_experiment(config, store, articles=articles).run
    tagger = run.read_tagger()
    assert tagger.stage.weights.shape == (6 + 2 * 5 + 1,)
    assert tagger.stage.weights[-1] > 0  # what it says speaks for a tag
    test = run.read_part("test")
    text_of = {a.id: f"{a.title}\n{a.description}" for a in articles}
    scores = tagger.scores([text_of[article_id] for article_id in test.ids])
    np.testing.assert_allclose(scores, test.scores, atol=1e-5)
    assert "4 encoders fine-tuned, 2 epochs each" in run.environment.notes
    steps = run.environment.work
    assert list(steps) == ["encode", "finetune", "train"]

    (encoder,) = run.folder.glob("**/finetuned/encoder/model.safetensors")
    encoder.write_bytes(encoder.read_bytes()[:-1] + b"x")
    with pytest.raises(RunError, match=r"model.safetensors .* has changed"):
        run.read_tagger()


def test_its_cost_counts_every_epoch_of_every_fold(config, articles, store):
    work = plan_of(config, articles, store).work
    (tuned,) = by_step(work.parts)["finetune"]
    plain = configure(config, assignments=["method=finetune"])
    once = plan_of(plain, articles, store).work.tokens
    assert tuned.amount == once * EPOCHS * config.classifier.folds
    run = run_experiment(config, store, articles=articles).run
    assert run.environment.work["finetune"] == {tuned.kind: tuned.amount}


def test_what_cannot_be_is_refused_in_a_sentence(config):
    with pytest.raises(ConfigError, match="only the second stage uses a fine-tuned encoder"):
        configure(config, assignments=["features.hybrid.second_stage=false"])
    assert not has_curve(config)
