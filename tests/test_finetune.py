"""Fine-tuning: loss, schedule and stopping by hand; runs that resume, repeat and teach others."""

import json
import math
import os
import signal
import subprocess
import sys

import numpy as np
import pytest
import torch
from scipy.sparse import csr_array

from core.base.errors import ConfigError, RunError
from core.features.encoder import choose_precision, load_model, load_tokenizer
from core.features.encoder_files import find_encoder
from core.features.encoder_tokens import tokenize
from core.methods.evidence import occluded_parts
from core.methods.finetune.epochs import (
    Network,
    Rows,
    Trainer,
    epoch_batches,
    parameter_groups,
    positive_weights,
    rate_factor,
    training_loss,
)
from core.methods.finetune.training import fit_network, new_tagger, validation_rows
from core.methods.finetune.vocabulary import add_words, useful_words
from core.methods.part import TrainingPart
from core.methods.work import Material
from core.runs.experiment import checkpoint_folder, run_experiment
from core.settings.classifier import FinetuneConfig
from core.settings.experiment import ExperimentConfig
from core.study.presets import configure, preset_named
from core.suggest.suggester import Suggester
from tests.conftest import PROJECT, make_article

SETTINGS = [
    "data.min_tag_count=5",
    "augment.level=1",
    "finetune.epochs=4",
    "finetune.learning_rate=0.003",
    "finetune.dropout=0.1",
    "finetune.attention_dropout=0.1",
    "finetune.head_learning_rate=0.02",
    "finetune.batch_size=4",
    "finetune.precision=fp32",
    "features.encoder.device=cpu",
]


def tiny(preset, tiny_bert, *more):
    name = f"features.encoder.name={tiny_bert}"
    keep = preset_named(preset).config().features.encoder.name.startswith("run:")
    settings = [*SETTINGS, *more] if keep else [*SETTINGS, name, *more]
    return configure(preset_named(preset).config(), assignments=settings)


@pytest.fixture
def fixed_06(tiny_bert):
    return tiny("fixed-06", tiny_bert)


@pytest.fixture
def study_06(tiny_bert):
    return tiny("study-06", tiny_bert)


@pytest.fixture(scope="module")
def plain_articles():
    """80 articles of one tag each and three words of that tag."""
    words = {
        "golang": ["goroutine", "channel", "pprof", "gopher"],
        "python": ["asyncio", "pandas", "decorator", "generator"],
    }
    return [
        make_article(
            number,
            title=f"the service {number}",
            description=" ".join(words[tag][(number + step) % 4] for step in range(3)),
            tags=[tag],
        )
        for number, tag in enumerate(["golang", "python"] * 40)
    ]


LOGITS = torch.tensor([[2.0, -1.0, 0.5], [0.0, 1.0, -2.0]])
TRUTH = torch.tensor([[0.0, 1.0, 1.0], [1.0, 0.0, 0.0]])


def test_the_studys_loss_sees_the_first_tag_alone():
    loss = training_loss(LOGITS, TRUTH, FinetuneConfig(loss="first_tag"), torch.ones(3))
    by_hand = [
        -math.log(math.exp(-1) / (math.exp(2) + math.exp(-1) + math.exp(0.5))),
        -math.log(math.exp(0) / (math.exp(0) + math.exp(1) + math.exp(-2))),
    ]
    assert float(loss) == pytest.approx(sum(by_hand) / 2)


def test_the_corrected_loss_sees_every_tag_through_one_sigmoid():
    weights = torch.tensor([3.0, 1.0, 1.0])
    loss = training_loss(LOGITS, TRUTH, FinetuneConfig(loss="all_tags"), weights)
    by_hand = 0.0
    for logits, truth in zip(LOGITS.tolist(), TRUTH.tolist(), strict=True):
        for logit, true, weight in zip(logits, truth, weights.tolist(), strict=True):
            chance = 1 / (1 + math.exp(-logit))
            by_hand -= weight * math.log(chance) if true else math.log(1 - chance)
    assert float(loss) == pytest.approx(by_hand / 6)


def test_rare_tags_weigh_more_if_asked_for():
    truth = np.array([[1, 1], [0, 1], [0, 1], [0, 1], [0, 0]], np.float32)
    assert positive_weights(truth, balance=True).tolist() == [2.0, 0.5]
    assert positive_weights(truth, balance=False).tolist() == [1.0, 1.0]


def test_the_rate_rises_then_falls_as_in_transformers():
    from transformers import get_linear_schedule_with_warmup

    for steps, warmup_share in ((10, 0.0), (20, 0.25)):
        optimizer = torch.optim.AdamW([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
        warmup = round(steps * warmup_share)
        schedule = get_linear_schedule_with_warmup(optimizer, warmup, steps)
        for step in range(steps):
            (theirs,) = schedule.get_last_lr()
            # Theirs wastes its first step on a rate of 0.
            ours = rate_factor(step, steps, warmup_share)
            assert ours == pytest.approx(theirs if step >= warmup else theirs + 1 / warmup)
            optimizer.step()
            schedule.step()


def test_biases_and_layer_norms_do_not_decay(tiny_bert):
    network = Network(load_model(tiny_bert), 4, FinetuneConfig())
    config = FinetuneConfig(weight_decay=0.1, learning_rate=1e-4, head_learning_rate=1e-2)
    names = {id(p): name for name, p in network.named_parameters()}
    groups = parameter_groups(network, config)
    found = {names[id(p)]: (g["lr"], g["weight_decay"]) for g in groups for p in g["params"]}
    assert len(found) == len(names)
    assert found["encoder.encoder.layer.0.attention.self.query.weight"] == (1e-4, 0.1)
    assert found["encoder.encoder.layer.0.attention.self.query.bias"] == (1e-4, 0.0)
    assert found["encoder.embeddings.LayerNorm.weight"] == (1e-4, 0.0)
    assert found["head.weight"] == (1e-2, 0.1)
    assert found["head.bias"] == (1e-2, 0.0)


@pytest.mark.parametrize("grouped", [True, False])
def test_an_epoch_takes_every_row_once_in_an_order_of_its_own(grouped):
    config = FinetuneConfig(batch_size=8, group_by_length=grouped)
    lengths = np.random.default_rng(1).integers(3, 60, 100).tolist()
    batches = epoch_batches(lengths, config, np.random.default_rng([5, 0]))
    assert sorted(row for batch in batches for row in batch) == list(range(100))
    assert {len(batch) for batch in batches} == {8, 4}
    assert batches == epoch_batches(lengths, config, np.random.default_rng([5, 0]))
    assert batches != epoch_batches(lengths, config, np.random.default_rng([5, 1]))
    padded = sum(len(b) * max(lengths[row] for row in b) for b in batches)
    assert (padded < 1.15 * sum(lengths)) == grouped


@pytest.fixture
def trainer(tiny_bert, tmp_path):
    config = FinetuneConfig(epochs=9, patience=2, batch_size=2)
    torch.manual_seed(0)
    network = Network(load_model(tiny_bert), 2, config)
    device = torch.device("cpu")
    return Trainer(network, config, 0, device, 1, tmp_path / "checkpoint", lambda *_: None)


ROWS = Rows([[2, 7, 3], [2, 8, 9, 3], [2, 10, 3]], np.array([[1, 0], [0, 1], [1, 1]], np.float32))


def test_training_stops_when_stuck_and_keeps_the_best_epoch(trainer):
    scores = iter([0.3, 0.5, 0.4, 0.5, 0.9])
    seen = []

    def watch():
        seen.append(trainer.network.head.weight.detach().clone())
        return {"score": next(scores)}

    curve = []
    trainer.train(ROWS, watch, curve.append)
    assert [figures["epoch"] for figures in curve] == [1, 2, 3, 4]
    assert trainer.state.best_epoch == 2
    assert torch.equal(trainer.network.head.weight, seen[1])


def test_training_without_a_score_goes_to_the_end(trainer):
    curve = []
    trainer.train(ROWS, dict, curve.append)
    assert len(curve) == 9
    assert curve[-1]["train_loss"] < curve[0]["train_loss"]


def test_precision_is_bf16_only_where_the_device_has_it(monkeypatch):
    cpu = torch.device("cpu")
    for has, expected in ((True, "bf16"), (False, "fp32")):
        monkeypatch.setattr(torch.cpu, "get_capabilities", lambda has=has: {"avx512_bf16": has})
        assert choose_precision("auto", cpu) == expected
    assert choose_precision("fp32", cpu) == "fp32"
    assert choose_precision("bf16", cpu) == "bf16"


def test_new_words_start_as_the_mean_of_their_pieces(tiny_bert):
    tokenizer, encoder = load_tokenizer(tiny_bert), load_model(tiny_bert)
    texts = ["zig and cffi", "zig, goroutine", "zig cffi goroutine", "cffi, rust", "C++ zig"]
    # goroutine is one token already, rust is in one text only, C++ is broken but in one text.
    assert useful_words(tokenizer, texts, 10) == ["zig", "cffi"]
    assert useful_words(tokenizer, texts, 1) == ["zig"]
    (pieces,) = tokenize(tokenizer, ["zig"])
    expected = encoder.get_input_embeddings().weight[pieces].mean(0).detach().clone()
    add_words(tokenizer, encoder, ["zig", "cffi"])
    ((token,),) = tokenize(tokenizer, ["Zig"])
    assert torch.equal(encoder.get_input_embeddings().weight[token], expected)
    # Inside another word it is no word.
    assert len(tokenize(tokenizer, ["zigcffi"])[0]) > 2


def test_fine_tuning_learns_and_keeps_validation_and_test_apart(fixed_06, plain_articles, store):
    run = run_experiment(fixed_06, store, articles=plain_articles).run
    assert run.report.cv is None
    assert run.report.averages["micro avg"].f1_score > 0.9
    validation, test = run.read_part("out_of_fold"), run.read_part("test")
    assert len(validation.ids) == run.environment.validation_articles == 6
    assert not set(validation.ids) & set(test.ids)
    curve = run.read_epochs()
    assert [point.epoch for point in curve] == list(range(1, len(curve) + 1))
    assert curve[-1].train_loss < curve[0].train_loss
    best = run.environment.best_epoch
    scores = [point.micro_f1_score for point in curve]
    assert scores[best - 1] == max(scores)
    assert not checkpoint_folder(fixed_06, run.environment.fingerprint).exists()


def test_a_loaded_tagger_scores_like_the_one_that_was_saved(fixed_06, plain_articles, store):
    run = run_experiment(fixed_06, store, articles=plain_articles).run
    test = run.read_part("test")
    text_of = {a.id: f"{a.title}\n{a.description}" for a in plain_articles}
    scores = run.read_tagger().scores([text_of[article_id] for article_id in test.ids])
    assert np.array_equal(scores, test.scores)
    found = Suggester.load(run).suggest("goroutine channel pprof in the new service")
    assert found.tags[0].tag == "golang"
    assert {"goroutine", "channel", "pprof"} & {part.term for part in found.tags[0].evidence}


def test_validation_articles_have_their_share_of_every_tag_and_keep_copies_together():
    rng = np.random.default_rng(4)
    Y = rng.random((100, 5)) < [0.5, 0.3, 0.2, 0.1, 0.05]
    Y[60:80] = Y[40:60]
    groups = np.concatenate([np.arange(60), np.arange(40, 60), np.arange(80, 100)])
    part = TrainingPart([""] * 100, csr_array(Y), tuple("abcde"), np.arange(100), groups)
    rows = validation_rows(part, 0.2, seed=1)
    np.testing.assert_allclose(Y[rows].sum(axis=0), 0.2 * Y.sum(axis=0), atol=2)
    assert not set(groups[rows]) & set(np.delete(groups, rows))
    assert len(validation_rows(part, 0.0, seed=1)) == 0


def test_a_changed_model_file_is_refused(fixed_06, articles, store):
    run = run_experiment(fixed_06, store, articles=articles).run
    weights = run.folder / "model" / "encoder" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"x")
    with pytest.raises(RunError, match=r"encoder/model.safetensors .* has changed"):
        run.read_tagger()


def test_the_same_seed_gives_the_same_run_bit_for_bit(fixed_06, articles, store):
    first = run_experiment(fixed_06, store, articles=articles).run
    second = run_experiment(fixed_06, store, articles=articles, again=True).run
    assert first.id != second.id and first.report == second.report
    assert np.array_equal(first.read_part("test").scores, second.read_part("test").scores)
    other = configure(fixed_06, assignments=["finetune.dropout=0.2"])
    third = run_experiment(other, store, articles=articles).run
    assert not np.array_equal(first.read_part("test").scores, third.read_part("test").scores)


def test_the_study_cuts_raw_logits_at_a_half_and_watches_the_test_part(study_06, articles, store):
    run = run_experiment(study_06, store, articles=articles).run
    assert run.report.at == "value" and set(run.report.cuts) == {"zero", "value"}
    assert run.thresholds.value == 0.5 and run.thresholds.global_cut is None
    assert len(run.read_part("out_of_fold").ids) == 0
    curve = run.read_epochs()
    assert len(curve) == 4
    # The last epoch's figures are the report's: both are of the test part.
    assert curve[-1].micro_f1_score == run.report.averages["micro avg"].f1_score
    assert curve[-1].macro_recall == run.report.averages["macro avg"].recall
    assert any("the test part, as published" in note for note in run.environment.notes)


def test_a_tuned_cut_without_held_out_articles_is_refused(study_06, articles, store):
    config = configure(study_06, assignments=["thresholds.rule=global"])
    with pytest.raises(ConfigError, match="need held-out articles"):
        run_experiment(config, store, articles=articles)


class StopError(Exception):
    pass


def test_an_interrupted_training_goes_on_where_it_was(fixed_06, articles, store):
    undisturbed = run_experiment(fixed_06, store, articles=articles).run

    def stop_in_epoch_2(step, done, total, unit):
        if done > total * 0.4:
            raise StopError

    with pytest.raises(StopError):
        run_experiment(fixed_06, store, articles=articles, progress=stop_in_epoch_2, again=True)
    starts = []
    resumed = run_experiment(
        fixed_06,
        store,
        articles=articles,
        again=True,
        progress=lambda step, done, total, unit: starts.append(done / total),
    ).run
    assert starts[0] > 0.25
    assert resumed.report == undisturbed.report
    assert resumed.read_epochs() != [] and len(resumed.read_epochs()) == len(
        undisturbed.read_epochs()
    )
    assert np.array_equal(resumed.read_part("test").scores, undisturbed.read_part("test").scores)


def test_a_training_cancelled_within_an_epoch_leaves_the_usual_attention(tiny_bert, tmp_path):
    texts = ["goroutine channel", "pandas pip", "index query", "css layout"]
    truth = csr_array(np.eye(4, dtype=bool))
    part = TrainingPart(texts, truth, ("a", "b", "c", "d"), np.arange(4), np.arange(4))
    config = ExperimentConfig.model_validate(
        {
            "features": {"encoder": {"name": str(tiny_bert), "device": "cpu"}},
            "finetune": {"batch_size": 1, "epochs": 1, "precision": "fp32"},
        }
    )
    tagger = new_tagger(Material(config, part, find_encoder(str(tiny_bert))))
    settings = tagger.network.encoder.config
    usual = settings._attn_implementation
    at_work = []

    def stop(done, total):
        at_work.append(settings._attn_implementation)
        raise StopError

    with pytest.raises(StopError):
        fit_network(
            tagger,
            part,
            np.arange(4),
            seed=1,
            checkpoint=tmp_path / "checkpoint",
            on_tokens=stop,
            watch=dict,
            on_epoch=lambda figures: None,
        )
    assert at_work == ["eager"] and usual != "eager"
    assert settings._attn_implementation == usual


KILL = """
import os, signal, sys
from core.commands import runs
from core.commands.main import main

class Killer:
    def __call__(self, step, done, total, unit):
        if done > total * 0.4:
            os.kill(os.getpid(), signal.SIGKILL)

runs.ProgressLine = Killer
main(sys.argv[1:])
"""


def test_a_run_killed_in_epoch_2_ends_with_the_figures_of_an_undisturbed_one(
    fixed_06, articles, tmp_path
):
    data, settings = tmp_path / "articles.jsonl", tmp_path / "settings.json"
    data.write_text("".join(a.model_dump_json() + "\n" for a in articles), encoding="utf-8")
    settings.write_text(fixed_06.model_dump_json())
    command = ["run", "--config", str(settings), "--data", str(data), "--json"]

    def call(home, *start):
        environment = os.environ | {"TAGSMITH_HOME": str(tmp_path / home)}
        return subprocess.run(
            [sys.executable, *start, *command], cwd=PROJECT, env=environment, capture_output=True
        )

    assert call("killed", "-c", KILL).returncode == -signal.SIGKILL
    assert list((tmp_path / "killed" / "cache" / "checkpoints").iterdir())
    resumed, undisturbed = (call(home, "-m", "core") for home in ("killed", "whole"))
    assert b"\ntrain: " not in undisturbed.stdout
    reports = [json.loads(done.stdout)["report"] for done in (resumed, undisturbed)]
    assert reports[0] == reports[1]


def test_experiment_7_takes_the_encoder_that_experiment_6_saved(tiny_bert, articles, store):
    teacher = tiny("study-06", tiny_bert)
    made = run_experiment(teacher, store, articles=articles).run
    config = tiny("study-07", tiny_bert, f"features.encoder.name=run:{made.id}")
    run = run_experiment(config, store, articles=articles).run
    assert run.environment.encoder == "fine-tuned"
    # The study's folds see vectors that learnt from every training article.
    assert run.report.cv.folds == 3 and not run.report.cv.grouped
    weights = "encoder/model.safetensors"
    assert (run.folder / "model" / weights).read_bytes() == (
        made.folder / "model" / weights
    ).read_bytes()
    test = run.read_part("test")
    text_of = {a.id: f"{a.title}\n{a.description}" for a in articles}
    scores = run.read_tagger().scores([text_of[article_id] for article_id in test.ids])
    assert np.array_equal(scores, test.scores)


def test_the_twin_of_experiment_7_tunes_on_what_its_encoder_has_not_seen(
    tiny_bert, articles, store
):
    made = run_experiment(tiny("fixed-06", tiny_bert), store, articles=articles).run
    config = tiny("fixed-07", tiny_bert, f"features.encoder.name=run:{made.id}")
    run = run_experiment(config, store, articles=articles).run
    assert run.read_part("out_of_fold").ids == made.read_part("out_of_fold").ids
    assert run.report.cv.folds == 1
    assert "not fine-tuned on" in run.thresholds.tuned_on


def test_a_teacher_named_by_its_preset_is_trained_first_and_once(
    tiny_bert, articles, store, monkeypatch
):
    teacher = tiny("study-06", tiny_bert)
    monkeypatch.setattr(
        "core.runs.experiment.preset_named",
        lambda name: type("P", (), {"config": lambda self: teacher})(),
    )
    config = tiny("study-07", tiny_bert)
    made = run_experiment(config, store, articles=articles).run
    assert made.read_epochs() == []
    assert [run.config.preset for run in store.finished()] == ["study-07", "study-06"]
    run_experiment(config, store, articles=articles, again=True)
    assert [run.config.preset for run in store.finished()].count("study-06") == 1


def test_an_encoder_that_learnt_the_test_articles_is_refused(tiny_bert, articles, store):
    made = run_experiment(tiny("fixed-06", tiny_bert), store, articles=articles).run
    encoder = f"features.encoder.name=run:{made.id}"
    other_seed = tiny("fixed-07", tiny_bert, encoder, "seed=5", "split.method=random")
    with pytest.raises(ConfigError, match=r"fine-tuned on .* of these test articles"):
        run_experiment(other_seed, store, articles=articles)


def test_a_run_without_an_encoder_cannot_teach(tiny_bert, tiny_config, articles, store):
    made = run_experiment(tiny_config, store, articles=articles).run
    config = tiny("fixed-07", tiny_bert, f"features.encoder.name=run:{made.id}")
    with pytest.raises(ConfigError, match="has no encoder of its own"):
        run_experiment(config, store, articles=articles)


def test_extra_words_are_learnt_and_saved(tiny_bert, articles, store):
    config = tiny("fixed-06", tiny_bert, "finetune.extra_words=3", "finetune.epochs=1")
    odd = [a.model_copy(update={"title": f"zig cffi {a.title}"}) for a in articles]
    run = run_experiment(config, store, articles=odd).run
    tokenizer = load_tokenizer(run.folder / "model" / "encoder")
    assert len(tokenize(tokenizer, ["zig"])[0]) == 1
    test = run.read_part("test")
    text_of = {a.id: f"{a.title}\n{a.description}" for a in odd}
    scores = run.read_tagger().scores([text_of[article_id] for article_id in test.ids])
    assert np.array_equal(scores, test.scores)


def test_occlusion_gives_each_word_what_the_scores_lose_without_it():
    value = {"go": [2.0, 0.0], "db": [-1.0, 3.0]}

    def scores(texts):
        return np.array(
            [np.sum([value.get(w, [0.0, 0.0]) for w in t.split()], axis=0) for t in texts],
            np.float32,
        )

    found = occluded_parts(scores, "go uses db")
    assert found.terms == ("go", "uses", "db")
    assert found.parts.tolist() == [[2.0, 0.0], [0.0, 0.0], [-1.0, 3.0]]


def test_occlusion_of_a_long_text_leaves_out_sentences_while_time_is_left():
    def scores(texts):
        return np.array([[text.count("go")] for text in texts], np.float32)

    text = " ".join(f"Sentence {n} says go and nothing else at all." for n in range(30))
    found = occluded_parts(scores, text)
    assert len(found.terms) == 30
    assert found.terms[3] == "Sentence 3 says go and nothing else at all."
    assert (found.parts == 1).all()
    assert occluded_parts(scores, "用 go 写服务。再说别的!最后 go。").terms[0] == "用 go 写服务。"
    assert len(occluded_parts(scores, f"{text} " * 10).terms) <= 48

    ticks = iter(range(100))
    early = occluded_parts(scores, text, seconds=1.5, clock=lambda: next(ticks))
    assert len(early.terms) == 16
