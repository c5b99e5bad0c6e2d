"""What an experiment will cost: its work, measured speed, and what earlier runs tell."""

import json

import numpy as np
import pytest

from core.base import machine
from core.base.devices import Gpu
from core.base.errors import ConfigError, DataError, ModelError
from core.base.machine import job_device, list_devices, machine_name
from core.commands.main import main
from core.dataset.dataset import build_dataset
from core.estimate.cost import estimate_cost, growth, measure_missing, similar_steps
from core.estimate.plan import plan_experiment
from core.estimate.speed import PastStep, keep_speeds, read_history, read_speeds, speeds_file
from core.features.config import EncoderConfig
from core.features.token_counts import count_tokens, tokens_read, word_counts
from core.features.vector_cache import VectorCache
from core.methods.work import Speed, Work, WorkPlan
from core.runs.experiment import run_experiment
from core.study.presets import configure, preset_named


def amounts(plan, step):
    return {work.kind: work.amount for work in plan.work.parts if work.step == step}


def plan_of(config, articles, store):
    return plan_experiment(config, build_dataset(articles, config.data), store)


def test_words_are_counted_in_both_scripts():
    assert word_counts(["Go 1.22 and C++", "", "微服务 on k8s"]).tolist() == [5, 0, 5]


def test_tokens_are_counted_as_the_encoder_counts_them_and_kept(home):
    from core.features.encoder import load_tokenizer
    from core.features.encoder_files import find_encoder
    from core.features.encoder_tokens import tokenize

    texts = ["hello world", "unbelievably, Kubernetes\n微服务", ""]
    counts = count_tokens(texts, fingerprint="print").tolist()
    own = tokenize(load_tokenizer(find_encoder("minilm").folder), texts)
    assert counts == [len(ids) for ids in own]
    assert np.load(home / "cache" / "tokens" / "print.npy").tolist() == counts
    assert count_tokens(["something else"], fingerprint="print").tolist() == counts


def test_long_texts_are_cut_or_read_in_windows():
    cut, chunks = EncoderConfig(max_tokens=10), EncoderConfig(max_tokens=10, long_texts="chunks")
    counts = np.array([0, 3, 8, 9, 20])
    assert tokens_read(counts, cut).tolist() == [2, 5, 10, 10, 10]
    assert tokens_read(counts, chunks).tolist() == [2, 5, 10, 13, 26]


def test_the_work_of_a_keyword_grid_is_counted_by_hand(tiny_config, articles, store):
    settings = ["features.ngram_range=[[1,1],[1,2]]", "classifier.C=[1]", "classifier.folds=3"]
    plan = plan_of(configure(tiny_config, assignments=settings), articles, store)
    words = int(word_counts(plan.part.texts).sum())
    # Two ranges of one and two orders; each fit sees two of three folds; one of the two is final.
    fits = words * 3 * 4 * 2 + words * 1.5 * 4
    assert amounts(plan, "train") == {
        "count technical-2": words * 3,
        "liblinear l2 auto C=1": pytest.approx(fits),
    }


def test_the_work_of_products_of_rows_is_counted_by_hand(tiny_config, articles, store):
    settings = [
        "features.ngram_range=[1,6]",
        "classifier.C=[0.1,1]",
        "classifier.folds=3",
        'classifier.penalty=["l1","l2"]',
        "classifier.dual=false",
    ]
    plan = plan_of(configure(tiny_config, assignments=settings), articles, store)
    words = int(word_counts(plan.part.texts).sum())
    n, K = len(plan.part.texts), len(plan.part.tags)
    # Six orders are more than 30 terms an article. One of four points is final, an l1 or an l2.
    l1 = words * 6 * K * (2 + 1 / 4)
    assert amounts(plan, "train") == {
        "count technical-2": words * 6,
        "products": pytest.approx(K * (3 * (n * 2 / 3) ** 2 * 2 + n**2)),
        "liblinear l1 False C=0.1": pytest.approx(l1),
        "liblinear l1 False C=1": pytest.approx(l1),
    }
    # In double precision, and twice in single.
    (products,) = (work for work in plan.work.parts if work.kind == "products")
    assert products.size == 16 * n**2
    assert measure_missing(plan, store).known
    assert set(read_speeds()) == set(amounts(plan, "train"))


def test_the_fits_of_a_hybrid_are_counted_by_hand(tiny_config, tiny_bert, articles, store):
    settings = ["method=hybrid", f"features.encoder.name={tiny_bert}"]
    config = configure(tiny_config, assignments=[*settings, "classifier.folds=3"])
    plan = plan_of(config, articles, store)
    n, K = len(plan.part.texts), len(plan.part.tags)
    # Two values of C and five parts alone on each fold; the best and five parts on all.
    assert amounts(plan, "train") == {"hybrid": pytest.approx(n**1.5 * K * (3 * (2 + 5) + 1 + 5))}
    plain = configure(config, assignments=["features.hybrid.second_stage=false"])
    plan = plan_of(plain, articles, store)
    assert amounts(plan, "train") == {"hybrid": pytest.approx(n**1.5 * K * (3 * 2 + 1))}
    assert measure_missing(plan, store).known


def test_the_fits_of_vectors_are_counted_by_hand(tiny_bert, articles, store):
    settings = [f"features.encoder.name={tiny_bert}", "data.min_tag_count=5", "classifier.folds=3"]
    grid = ['classifier.penalty=["l1","l2"]', "classifier.dual=false", "classifier.C=[1,10]"]
    near = configure(preset_named("best-encoder").config(), assignments=[*settings, *grid])
    plan = plan_of(near, articles, store)
    n, K = len(plan.part.texts), len(plan.part.tags)
    # Two values of C on folds of two thirds, then one on all; by nearness every two rows count.
    squares, rows = 3 * (n * 2 / 3) ** 2 * 2 + n**2, n * (2 * 2 + 1)
    found = {work.kind.split()[-1]: work for work in plan.work.parts if work.step == "train"}
    assert {kind: work.amount for kind, work in found.items()} == {
        "l1": rows * K,
        "rbf": pytest.approx(squares * K),
    }
    assert found["rbf"].size == 16 * n**2
    assert measure_missing(plan, store).known
    straight = configure(near, assignments=["classifier.vector_kernel=linear"])
    found = amounts(plan_of(straight, articles, store), "train")
    assert list(found.values()) == [rows * K] * 2


def test_copies_count_as_texts_and_cached_vectors_cost_nothing(tiny_bert, articles, store):
    settings = [
        f"features.encoder.name={tiny_bert}",
        "features.encoder.max_tokens=64",
        "data.min_tag_count=5",
        "augment.level=1",
    ]
    config = configure(preset_named("best-encoder").config(), assignments=settings)
    plan = plan_of(config, articles, store)
    assert len(plan.part.texts) == 2 * plan.part.articles
    assert plan.work.cached == 0
    encode = amounts(plan, "encode")
    assert list(encode.values()) == [plan.work.tokens]
    run = run_experiment(config, store, articles=articles).run
    assert run.environment.work["encode"] == encode
    again = plan_of(config, articles, store)
    tested = run.report.data.test
    assert again.work.cached == len(again.part.texts) + tested
    assert sum(amounts(again, "encode").values()) == 0
    assert VectorCache().present([b"unknown"]) == set()


def test_a_run_tells_what_the_next_one_costs(tiny_config, articles, store):
    run = run_experiment(tiny_config, store, articles=articles).run
    history = read_history(store)
    assert {past.step for past in history} == {"train", "test"}
    estimate = estimate_cost(plan_of(tiny_config, articles, store).work, history, {})
    seconds = run.environment.seconds
    assert estimate.known
    assert estimate.by_step == {step: pytest.approx(seconds[step]) for step in ("train", "test")}
    assert estimate.peak_bytes == pytest.approx(run.environment.peak_memory_bytes, rel=0.1)


def test_runs_of_another_machine_tell_nothing(tiny_config, articles, store, monkeypatch):
    run_experiment(tiny_config, store, articles=articles)
    monkeypatch.setattr("core.estimate.speed.machine_name", lambda: "another, 64 processors")
    assert read_history(store) == []
    assert read_speeds() == {}


def test_a_damaged_environment_is_passed_over(tiny_config, articles, store):
    run = run_experiment(tiny_config, store, articles=articles).run
    (run.folder / "environment.json").write_text("[")
    assert read_history(store) == []


def test_time_grows_with_the_work_and_the_newest_runs_decide():
    past = [PastStep("train", {"a": 10.0}, seconds, 100, 300) for seconds in (4.0, 2.0, 3.0, 900.0)]
    plan = WorkPlan((Work("train", "a", 20.0),))
    assert estimate_cost(plan, past, {}).seconds == 2 * 3.0
    assert growth({"a": 20.0, "b": 5.0}, {"a": 10.0, "b": 10.0}) == pytest.approx(1.0)


def test_a_run_of_another_size_or_kind_does_not_decide():
    past = [PastStep("train", {"a": 1.0}, 1.0, 0, 0), PastStep("train", {"b": 10.0}, 1.0, 0, 0)]
    assert similar_steps("train", {"a": 10.0}, past) == []
    assert similar_steps("train", {"a": 3.0}, past) == past[:1]
    assert similar_steps("test", {"a": 1.0}, past) == []
    found = estimate_cost(WorkPlan((Work("train", "a", 10.0),)), past, {})
    assert (found.known, found.missing) == (False, ("a",))


def test_measured_speed_adds_the_start_once_and_grows_with_the_size():
    speeds = {"count": Speed("count", 100.0, 0.5, 3.0, base_bytes=1000, peak_bytes=1500)}
    parts = (Work("encode", "count", 10.0, size=200.0), Work("test", "count", 4.0, size=50.0))
    estimate = estimate_cost(WorkPlan(parts), [], speeds)
    assert estimate.by_step == {"encode": 3.0 + 5.0, "test": 2.0}
    assert estimate.peak_bytes == 1000 + 2 * 500
    fixed = estimate_cost(WorkPlan((Work("test", "count", 4.0),)), [], speeds)
    assert fixed.peak_bytes == 1500


def test_speeds_are_kept_per_machine_and_a_broken_file_is_none():
    keep_speeds([Speed("a", 1.0, 2.0, 0.0, 0, 0)])
    keep_speeds([Speed("b", 1.0, 3.0, 0.0, 0, 0)])
    assert {kind: speed.unit_seconds for kind, speed in read_speeds().items()} == {"a": 2, "b": 3}
    assert list(json.loads(speeds_file().read_text())) == [machine_name()]
    speeds_file().write_text('{"' + machine_name() + '": {"a": {"old": 1}}}')
    assert read_speeds() == {}
    speeds_file().write_text("{")
    assert read_speeds() == {}
    keep_speeds([Speed("a", 1.0, 2.0, 0.0, 0, 0)])
    assert list(read_speeds()) == ["a"]


def test_what_is_unknown_is_measured_once(tiny_config, articles, store):
    plan = plan_of(tiny_config, articles, store)
    estimate = measure_missing(plan, store)
    assert estimate.known and estimate.measured == ("train", "test")
    assert estimate.seconds > 0 and estimate.peak_bytes > 50e6
    assert set(read_speeds()) == {
        "count technical-2",
        "liblinear l2 auto C=0.1",
        "liblinear l2 auto C=1",
    }
    kept = speeds_file().read_text()
    assert measure_missing(plan, store) == estimate
    assert speeds_file().read_text() == kept


@pytest.mark.parametrize(
    ("preset", "pooling"),
    [
        ("best-encoder", "layers"),
        ("best-finetuned", "mean"),
        ("best-hybrid", "mean"),
        ("best-hybrid", "layers"),
    ],
)
def test_encoders_are_measured_on_the_texts_themselves(preset, pooling, tiny_bert, articles, store):
    settings = [
        f"features.encoder.pooling={pooling}",
        f"features.encoder.name={tiny_bert}",
        "features.encoder.max_tokens=64",
        "data.min_tag_count=5",
        "finetune.epochs=2",
        "finetune.validation_share=0.2",
    ]
    config = configure(preset_named(preset).config(), assignments=settings)
    plan = plan_of(config, articles, store)
    estimate = measure_missing(plan, store)
    assert estimate.known
    run = run_experiment(config, store, articles=articles).run
    assert {step: set(work) for step, work in run.environment.work.items()} == {
        step: set(amounts(plan, step)) for step in run.environment.work
    }
    assert estimate_cost(plan.work, read_history(store), {}).known


def test_an_early_stop_is_recorded_as_less_work(tiny_bert, articles, store):
    settings = [
        f"features.encoder.name={tiny_bert}",
        "features.encoder.max_tokens=64",
        "data.min_tag_count=5",
        "finetune.epochs=40",
        "finetune.patience=1",
    ]
    config = configure(preset_named("best-finetuned").config(), assignments=settings)
    run = run_experiment(config, store, articles=articles).run
    ((kind, done),) = run.environment.work["train"].items()
    planned = amounts(plan_of(config, articles, store), "train")[kind]
    assert run.environment.epochs < 40
    assert done == pytest.approx(planned * run.environment.epochs / 40)


def test_a_teacher_that_is_not_there_yet_is_counted(tiny_bert, articles, store):
    settings = [f"features.encoder.name={tiny_bert}", "data.min_tag_count=5"]
    taught = configure(preset_named("fixed-07").config(), assignments=["data.min_tag_count=5"])
    plan = plan_of(taught, articles, store)
    assert [one.config.preset for one in plan.experiments()] == ["fixed-06", "fixed-07"]
    assert plan.work.cached == 0
    own = plan_of(configure(taught, assignments=settings), articles, store)
    assert own.teacher is None


@pytest.mark.parametrize(
    ("settings", "error", "sentence"),
    [
        (["method=finetune", "finetune.validation_share=0"], ConfigError, "held-out"),
        (["split.method=file"], DataError, "have no split of their own"),
        (["split.test_share=0.9", "classifier.folds=20"], DataError, "cannot make 20 folds"),
        (["method=encoder", "features.encoder.name=/none"], ModelError, "is no encoder"),
        (["method=encoder", "features.encoder.name=a b"], ModelError, "is no encoder"),
        (
            ["method=encoder", "features.encoder.name=run:gone"],
            ConfigError,
            "Unknown preset",
        ),
    ],
)
def test_what_cannot_run_is_said_before_it_starts(
    settings, error, sentence, tiny_config, articles, store
):
    with pytest.raises(error, match=sentence):
        plan_of(configure(tiny_config, assignments=settings), articles, store)


def test_an_encoder_that_is_still_to_be_fetched_is_judged_by_minilm(
    tiny_config, articles, store, monkeypatch
):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    settings = ["method=encoder", "features.encoder.name=nobody/no-such-encoder"]
    plan = plan_of(configure(tiny_config, assignments=settings), articles, store)
    assert plan.guessed and plan.files.name == "minilm"


def test_an_encoder_that_learnt_from_test_articles_is_refused(tiny_bert, articles, store):
    settings = [f"features.encoder.name={tiny_bert}", "data.min_tag_count=5", "finetune.epochs=1"]
    config = configure(preset_named("best-finetuned").config(), assignments=settings)
    run = run_experiment(config, store, articles=articles).run
    named = [f"features.encoder.name=run:{run.id}", "data.min_tag_count=5"]
    pupil = configure(preset_named("best-encoder").config(), assignments=named)
    assert plan_of(pupil, articles, store).files is not None
    with pytest.raises(ConfigError, match="of these test articles"):
        plan_of(configure(pupil, assignments=["seed=1"]), articles, store)


def test_the_command_prints_the_same_estimate_as_json(articles, tmp_path, capsys):
    path = tmp_path / "a.jsonl"
    path.write_text("".join(a.model_dump_json() + "\n" for a in articles), encoding="utf-8")
    command = ["estimate", "best-tfidf", "--data", str(path), "--set", "data.min_tag_count=5"]
    assert main([*command, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["articles"], found["tags"]) == (120, 4)
    assert found["seconds"] >= 0 and found["judged_by_measurement"] == ["train", "test"]
    assert main(command) == 0
    assert "of memory" in capsys.readouterr().out


def test_a_job_takes_the_card_if_torch_can_use_it(monkeypatch):
    monkeypatch.setattr(machine, "list_gpus", lambda: [Gpu(0, "Card", 16 << 20, 8 << 20)])
    for usable, kind in ((True, "cuda"), (False, "cpu")):
        monkeypatch.setattr(machine, "torch_has_cuda", lambda usable=usable: usable)
        assert job_device("auto").kind == kind
        assert next(device.usable for device in list_devices()) == usable
    assert job_device("cpu").kind == list_devices()[-1].kind == "cpu"


def test_asking_for_the_devices_loads_no_framework():
    from tests.test_house import modules_after

    assert not {"torch", "numpy"} & modules_after("core.base.machine as m; m.list_devices()")
