"""Settings, presets, experiments and the run store."""

import json
from datetime import UTC, datetime
from unittest.mock import Mock

import numpy as np
import pytest

from core.base.config import override, setting_names
from core.base.errors import ConfigError, DataError, RunError
from core.base.files import new_folder, read_json, safe_csv
from core.base.progress import Clock, format_seconds
from core.features import vectors
from core.features.vector_cache import VectorCache
from core.methods import part as training_part
from core.methods.tfidf import training
from core.runs import experiment
from core.runs.experiment import run_experiment
from core.runs.store import RunStore, run_key
from core.settings.experiment import ExperimentConfig, read_config_file
from core.study.presets import configure, list_presets, preset_named


def test_an_unknown_setting_is_refused_with_the_nearest_name():
    with pytest.raises(ConfigError, match=r"Unknown setting 'data\.min_tag_cout'\. Did you mean"):
        configure(ExperimentConfig(), assignments=["data.min_tag_cout=3"])


@pytest.mark.parametrize(
    ("assignment", "sentence"),
    [
        ("data.min_tag_count=x", "Setting 'data.min_tag_count' cannot be 'x'"),
        ("data.min_tag_count=0", "greater than or equal to 1"),
        ("split.test_share=1", "less than 1"),
        ("classifier.C=[0]", "Setting 'classifier.C.0' cannot be 0"),
        ("features.ngram_range=[3,2]", r"cannot be \[3, 2\]"),
        ("seed.a=1", "'seed' has no parts"),
        ("seed", "write it as name=value"),
    ],
)
def test_an_impossible_setting_is_refused_in_a_sentence(assignment, sentence):
    with pytest.raises(ConfigError, match=sentence):
        configure(ExperimentConfig(), assignments=[assignment])


def test_settings_take_one_value_or_a_grid():
    one = configure(
        ExperimentConfig(), assignments=["classifier.C=1", "features.ngram_range=[1,4]"]
    )
    assert one.classifier.C == (1.0,)
    assert one.features.ngram_range == ((1, 4),)
    assert configure(one, assignments=["classifier.C=[1,10]"]).classifier.C == (1.0, 10.0)


def test_overriding_leaves_the_original_alone():
    values = {"a": {"b": 1}}
    assert override(values, ["a.b=2", "a.c=text"]) == {"a": {"b": 2, "c": "text"}}
    assert values == {"a": {"b": 1}}


def test_settings_are_read_from_toml_and_json(tmp_path):
    (tmp_path / "a.toml").write_text("seed = 7\n[data]\nmin_tag_count = 3\n")
    config = read_config_file(tmp_path / "a.toml")
    assert (config.seed, config.data.min_tag_count) == (7, 3)
    (tmp_path / "a.json").write_text(config.model_dump_json())
    assert read_config_file(tmp_path / "a.json") == config
    (tmp_path / "b.toml").write_text("seed = ")
    with pytest.raises(ConfigError, match=r"b\.toml is neither TOML nor JSON"):
        read_config_file(tmp_path / "b.toml")
    with pytest.raises(ConfigError, match="There is no settings file"):
        read_config_file(tmp_path / "c.toml")


def test_setting_names_include_groups_and_leaves():
    assert {"data", "data.min_tag_count", "seed"} <= set(setting_names(ExperimentConfig))


@pytest.mark.parametrize("number", range(1, 11))
def test_the_studys_presets_keep_its_faults_and_their_twins_do_not(number):
    study = preset_named(f"study-{number:02d}").config()
    fixed = preset_named(f"fixed-{number:02d}").config()
    assert not study.classifier.shuffle_folds and not study.classifier.grouped_folds
    assert fixed.classifier.shuffle_folds and fixed.classifier.grouped_folds
    assert study.thresholds.rule == ("value" if number == 6 else "zero")
    assert fixed.thresholds.rule == "global"
    assert study.classifier.scorer == ("subset_accuracy" if number >= 8 else "micro_f0.5")
    assert fixed.classifier.scorer == "micro_f0.5"
    for part in ("data", "augment"):
        assert getattr(study, part) == getattr(fixed, part)
    # The study's split goes by pairs of tags and can leave a tag without test articles.
    at_random = number <= 2
    assert study.split.method == ("random" if at_random else "iterative")
    assert fixed.split.method == ("random" if at_random else "stratified")
    same = ("C", "penalty", "dual", "folds")
    assert [getattr(study.classifier, n) for n in same] == [
        getattr(fixed.classifier, n) for n in same
    ]
    assert study.method == fixed.method
    assert study.seed == fixed.seed == 20200122


@pytest.mark.parametrize(
    ("number", "split", "min_tag_count", "copies", "languages"),
    [
        (1, "random", 1, (0, 0.1), ("en",)),
        (2, "random", 1, (0, 0.1), ("en",)),
        (3, "iterative", 1, (0, 0.1), ("en",)),
        (4, "iterative", 1, (2, 0.1), ("en",)),
        (5, "iterative", 20, (2, 0.1), ("en",)),
        (6, "iterative", 20, (2, 0.1), ("en",)),
        (7, "iterative", 20, (2, 0.1), ("en",)),
        (8, "iterative", 20, (4, 0.2), ("en",)),
        (9, "iterative", 20, (4, 0.2), ("en", "zh")),
        (10, "iterative", 20, (4, 0.2), ("en", "zh")),
    ],
)
def test_the_studys_presets_follow_its_rows(number, split, min_tag_count, copies, languages):
    config = preset_named(f"study-{number:02d}").config()
    assert config.split.method == split and config.split.test_share == 0.3
    assert config.data.min_tag_count == min_tag_count
    assert (config.augment.level, config.augment.crop_ratio) == copies
    assert config.data.languages == languages
    expected = "finetune" if number == 6 else "tfidf" if number >= 8 else "encoder"
    assert config.method == expected


def test_the_studys_fine_tuning_is_its_recipe_and_the_twin_corrects_it():
    study, fixed = (preset_named(name).config() for name in ("study-06", "fixed-06"))
    recipe = study.finetune
    assert (recipe.epochs, recipe.batch_size, recipe.learning_rate) == (4, 16, 5e-5)
    assert (recipe.adam_epsilon, recipe.weight_decay, recipe.clip_norm) == (1e-8, 0.1, 1.0)
    assert (recipe.loss, recipe.pooling) == ("first_tag", "pooler")
    assert (recipe.warmup_share, recipe.validation_share) == (0, 0)
    assert (study.thresholds.rule, study.thresholds.value) == ("value", 0.5)
    assert fixed.finetune.loss == "all_tags"
    assert fixed.finetune.warmup_share > 0 and fixed.finetune.validation_share > 0
    assert preset_named("study-07").config().features.encoder.name == "run:study-06"
    assert preset_named("fixed-07").config().features.encoder.name == "run:fixed-06"


def test_published_figures_agree_with_one_another():
    published = {p.name: p.published for p in list_presets() if p.published}
    assert sorted(published) == [f"study-{number:02d}" for number in range(1, 11)]
    for figures in published.values():
        micro = figures.averages["micro avg"]
        harmonic = 2 * micro.precision * micro.recall / (micro.precision + micro.recall)
        assert micro.f1_score == pytest.approx(harmonic, abs=1e-4)
        # Recall weighted by support is micro recall.
        assert figures.averages["weighted avg"].recall == micro.recall


def test_an_unknown_preset_gets_the_nearest_name():
    with pytest.raises(ConfigError, match="Did you mean 'study-08'"):
        preset_named("study-8")


@pytest.fixture
def run(tiny_config, articles, store):
    return run_experiment(tiny_config, store, articles=articles).run


def test_a_run_holds_all_that_its_figures_came_from(run, tiny_config):
    names = {path.name for path in run.folder.iterdir()}
    assert names == {
        "config.json",
        "environment.json",
        "events.jsonl",
        "log.txt",
        "model",
        "per_tag.parquet",
        "report.json",
        "scores.npz",
        "status.json",
        "thresholds.json",
    }
    assert run.config == tiny_config
    assert set(run.report.as_json()) == {
        "at",
        "averages",
        "cuts",
        "cv",
        "data",
        "empty_rate",
        "ndcg_at",
        "per_language",
        "precision_at",
        "subset_accuracy",
        "tags_per_article",
        "test_scorer",
        "tested_macro_f1",
        "untested_tags",
        "zero_division",
    }
    assert run.environment.seconds.keys() == {"read", "split", "train", "thresholds", "test"}
    events = [json.loads(line) for line in (run.folder / "events.jsonl").read_text().splitlines()]
    assert events[-1]["done"] == events[-1]["total"] == (2 * 3 + 1) * 4


def test_the_stored_report_follows_from_the_stored_scores(run):
    test = run.read_part("test")
    cut = run.thresholds.global_cut
    hits = ((test.scores > cut) & test.truth.toarray()).sum()
    micro = run.report.averages["micro avg"]
    assert run.report.at == "global"
    assert micro.precision == pytest.approx(hits / (test.scores > cut).sum())
    assert micro.recall == pytest.approx(hits / test.truth.sum())
    assert run.per_tag["support"].sum() == micro.support == test.truth.sum()
    assert run.tags == run.read_tagger().tags


def test_test_articles_are_scored_by_the_stored_model_and_never_learnt_from(run, articles):
    test, held_out = run.read_part("test"), run.read_part("out_of_fold")
    assert not set(test.ids) & set(held_out.ids)
    text_of = {a.id: f"{a.title}\n{a.description}" for a in articles}
    scores = run.read_tagger().scores([text_of[article_id] for article_id in test.ids])
    np.testing.assert_array_equal(scores, test.scores)


def test_thresholds_are_tuned_on_training_articles_only(run, store, articles):
    from core.models.thresholds import best_cut

    held_out = run.read_part("out_of_fold")
    truth, scores = held_out.truth.toarray().ravel(), held_out.scores.ravel()
    expected = best_cut(truth, scores)
    assert run.thresholds.global_cut == expected
    generous = configure(run.config, assignments=["thresholds.beta=4"])
    cut = run_experiment(generous, store, articles=articles).run.thresholds.global_cut
    assert cut == best_cut(truth, scores, beta=4) != expected
    assert run.read_tagger().thresholds.tolist() == [expected] * 4


def test_the_same_settings_and_data_give_the_finished_run_again(tiny_config, articles, store):
    first = run_experiment(tiny_config, store, articles=articles)
    second = run_experiment(tiny_config, store, articles=articles)
    assert (first.reused, second.reused) == (False, True)
    assert second.run.id == first.run.id
    repeated = run_experiment(tiny_config, store, articles=articles, again=True)
    assert repeated.run.id != first.run.id
    assert repeated.run.report == first.run.report
    other_seed = configure(tiny_config, assignments=["seed=1"])
    assert not run_experiment(other_seed, store, articles=articles).reused
    assert not run_experiment(tiny_config, store, articles=articles[:-1]).reused


def test_the_key_of_a_run_does_not_depend_on_where_the_data_lay(tiny_config):
    moved = configure(tiny_config, sources=["elsewhere.jsonl"])
    assert run_key(tiny_config, "print") == run_key(moved, "print")
    assert run_key(tiny_config, "print") != run_key(tiny_config, "other")


def test_runs_are_listed_newest_first_and_the_newest_of_equals_is_found(
    tiny_config, articles, store
):
    made = [run_experiment(tiny_config, store, articles=articles, again=True).run for _ in range(3)]
    ids = [run.id for run in made]
    assert [run.id for run in store.finished()] == ids[::-1]
    assert store.find(tiny_config, made[0].environment.fingerprint).id == ids[-1]


def test_a_runs_label_names_preset_data_and_local_time(run, monkeypatch):
    import dataclasses
    import time

    monkeypatch.setenv("TZ", "Asia/Shanghai")
    time.tzset()
    try:
        named = dataclasses.replace(run, id="20260131-233000123-0123456789")
        assert named.label == "best-tfidf on sample, 02-01 07:30:00"
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize(
    ("preset", "base", "recipe"),
    [
        ("study-04", "minilm", "study-04 (recipe with MiniLM)"),
        ("fixed-06", "bert-mini", "fixed-06"),
        ("study-07", "/models/my-bert", "study-07 (recipe with my-bert)"),
        ("study-08", "", "study-08"),
        ("best-encoder", "minilm", "best-encoder"),
        ("", "minilm", "own settings"),
    ],
)
def test_a_study_run_names_its_encoder_where_it_is_not_the_studys(run, preset, base, recipe):
    import dataclasses

    config = run.config.model_copy(update={"preset": preset})
    environment = run.environment.model_copy(update={"encoder_base": base})
    assert dataclasses.replace(run, config=config, environment=environment).recipe == recipe


@pytest.mark.parametrize("preset", ["fixed-05", "best-hybrid"])
def test_vectors_give_the_same_run_bit_for_bit(preset, tiny_bert, articles, store, monkeypatch):
    settings = [f"features.encoder.name={tiny_bert}", "data.min_tag_count=5", "augment.level=1"]
    config = configure(preset_named(preset).config(), assignments=settings)
    first = run_experiment(config, store, articles=articles).run
    VectorCache().clear()
    second = run_experiment(config, store, articles=articles, again=True).run
    # Training, test and tag names: with everything remembered, no encoder is even loaded.
    monkeypatch.setattr(vectors, "load", Mock(side_effect=AssertionError("an encoder was loaded")))
    from_cache = run_experiment(config, store, articles=articles, again=True).run
    assert first.environment.vectors_from_cache < from_cache.environment.vectors_from_cache
    for other in (second, from_cache):
        assert other.report == first.report
        assert np.array_equal(other.read_part("test").scores, first.read_part("test").scores)


def test_one_seed_decides_split_crops_and_folds(tiny_config, articles, store, monkeypatch):
    seeds = []
    named_so = ("split_dataset", "augment_texts", "build_folds", "search_tfidf_svm")
    for name, module in zip(
        named_so, (experiment, experiment, training_part, training), strict=True
    ):
        original = getattr(module, name)

        def record(*arguments, original=original, **named):
            seeds.append(named["seed"])
            return original(*arguments, **named)

        monkeypatch.setattr(module, name, record)
    config = configure(tiny_config, assignments=["seed=7", "augment.level=1"])
    run_experiment(config, store, articles=articles)
    assert seeds == [7, 7, 7, 7]


def test_augmented_copies_train_but_do_not_count_as_articles(tiny_config, articles, store):
    config = configure(tiny_config, assignments=["augment.level=2"])
    run = run_experiment(config, store, articles=articles).run
    plain = run_experiment(tiny_config, store, articles=articles).run
    assert run.read_part("out_of_fold").ids == plain.read_part("out_of_fold").ids
    assert run.read_part("test").ids == plain.read_part("test").ids
    assert (run.read_part("test").scores != plain.read_part("test").scores).any()


def test_the_studys_leak_shows_and_grouped_folds_close_it(articles, store, tiny_config):
    settings = ["augment.level=4", "augment.crop_ratio=0.1", "features.ngram_range=[1,4]"]
    grouped = configure(tiny_config, assignments=[*settings, "classifier.C=[10]"])
    leaking = configure(grouped, assignments=["classifier.grouped_folds=false"])
    cv = {
        name: run_experiment(config, store, articles=articles).run.report.cv.score
        for name, config in (("grouped", grouped), ("leaking", leaking))
    }
    assert cv["leaking"] > cv["grouped"] + 0.02


def test_progress_counts_up_to_the_end(tiny_config, articles, store):
    calls = []
    run_experiment(tiny_config, store, articles=articles, progress=lambda *call: calls.append(call))
    assert [done for _, done, _, _ in calls] == list(range(1, 29))
    assert {call[2:] for call in calls} == {(28, "fits")}


def test_impossible_data_leaves_no_run_behind(tiny_config, articles, store):
    config = configure(tiny_config, assignments=["data.min_tag_count=999"])
    with pytest.raises(DataError):
        run_experiment(config, store, articles=articles)
    assert store.finished() == []


def test_an_interrupted_run_leaves_nothing_behind(tiny_config, articles, store):
    def interrupt(step, done, total, unit):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_experiment(tiny_config, store, articles=articles, progress=interrupt)
    assert not store.folder.exists()


def test_a_folder_is_named_when_complete_or_vanishes(tmp_path):
    with pytest.raises(ZeroDivisionError), new_folder(tmp_path / "run") as folder:
        (folder / "half").write_text("x")
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []
    with new_folder(tmp_path / "run") as folder:
        assert not (tmp_path / "run").exists()
    with pytest.raises(FileExistsError), new_folder(tmp_path / "run"):
        pass
    with new_folder(tmp_path / "run", replace=True) as folder:
        (folder / "newer").touch()
    assert [path.name for path in tmp_path.rglob("*")] == ["run", "newer"]


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: (folder / "report.json").write_text("{"),
        lambda folder: (folder / "status.json").unlink(),
        lambda folder: (folder / "status.json").write_text('{"state": "running"}'),
        lambda folder: (folder / "config.json").write_text('{"no": "setting"}'),
    ],
)
def test_a_damaged_run_is_named_and_does_not_hide_the_others(
    damage, tiny_config, articles, store, run
):
    again = run_experiment(tiny_config, store, articles=articles, again=True).run
    damage(run.folder)
    with pytest.raises((RunError, ConfigError)):
        store.load(run.id)
    finished, damaged = store.survey()
    assert [found.id for found in finished] == [again.id]
    assert [one.name for one in damaged] == [run.id]
    assert run.id in damaged[0].problem


@pytest.mark.parametrize("name", ["", "..", "../../etc", "20260101-000000000-0000000000"])
def test_an_unknown_run_is_refused(store, name):
    with pytest.raises(RunError, match="There is no run"):
        store.load(name)


def test_a_store_without_a_folder_is_empty(tmp_path):
    assert RunStore(tmp_path / "none").finished() == []


def test_csv_cells_that_a_spreadsheet_would_run_are_made_inert():
    text = safe_csv(["tag", "n"], [("=1+1", -1), ("@x", 2), ("a-b", 3), ('q"uote', 4)])
    assert text == 'tag,n\n\'=1+1,-1\n\'@x,2\na-b,3\n"q""uote",4\n'


def test_json_files_are_replaced_whole(tmp_path, run):
    assert read_json(run.folder / "status.json")["state"] == "done"
    assert not list(run.folder.glob("*.partial"))


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.4, "0 s"), (59.4, "59 s"), (130, "2 min 10 s"), (3900, "1 h 5 min")]
)
def test_times_are_written_for_people(seconds, text):
    assert format_seconds(seconds) == text


def test_time_left_follows_the_rate_so_far(monkeypatch):
    now = iter([100.0, 110.0])
    monkeypatch.setattr("core.base.progress.time.monotonic", lambda: next(now))
    assert Clock().state(1, 4, "fits") == "1 of 4 fits, 30 s left"


def test_two_runs_of_one_millisecond_are_both_kept(tiny_config, articles, store, monkeypatch):
    at = datetime(2026, 1, 2, 3, 4, 5, 6000, tzinfo=UTC)

    class Standing(datetime):
        @classmethod
        def now(cls, tz=None):
            return at

    monkeypatch.setattr("core.runs.store.datetime", Standing)
    runs = [run_experiment(tiny_config, store, articles=articles, again=True).run for _ in range(2)]
    assert [run.id[:18] for run in runs] == ["20260102-030405006", "20260102-030405007"]


def test_a_file_in_the_place_of_the_runs_is_an_error_not_a_wait(tiny_config, articles, tmp_path):
    in_the_way = tmp_path / "runs"
    in_the_way.write_text("a file")
    with pytest.raises(OSError):
        run_experiment(tiny_config, RunStore(in_the_way), articles=articles, again=True)
