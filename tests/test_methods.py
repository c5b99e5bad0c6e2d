"""Methods as plug-ins: one of its own gets everything, and nobody else compares their names."""

import ast
import json
from dataclasses import dataclass

import numpy as np
import pytest

from core.base.config import setting_names
from core.base.errors import ConfigError, RunError
from core.commands.main import main
from core.dataset.dataset import build_dataset
from core.estimate.cost import measure_missing
from core.estimate.plan import plan_experiment
from core.methods.base import COMMON_SETTINGS, Method, Trained, is_read
from core.methods.reading import reads_setting, refuse_unread
from core.methods.registry import list_methods, method_of, register, unregister
from core.methods.taggers import BaseTagger
from core.models.bundle import read_bundle, reading_model, write_bundle
from core.runs.experiment import run_experiment
from core.runs.store import RunStore
from core.settings.experiment import ExperimentConfig, parse_config
from core.study.presets import configure, preset_named
from core.suggest.suggester import Suggester
from tests.app_testing import import_articles, metrics_of, open_page, texts_of
from tests.conftest import PROJECT


@dataclass(frozen=True)
class MentionTagger(BaseTagger):
    """How often each tag's name stands in a text."""

    tags: tuple[str, ...]
    thresholds: np.ndarray

    def scores(self, texts):
        counts = [[text.count(tag) for tag in self.tags] for text in texts]
        return np.array(counts, np.float32).reshape(len(texts), len(self.tags))

    def save(self, folder):
        arrays = {"thresholds": self.thresholds}
        write_bundle(folder, kind="mentions", settings={}, texts={"tags": self.tags}, arrays=arrays)


class MentionMethod(Method):
    """Suggests the tags that a text names."""

    name, title, about = "mentions", "Mentions", "How often a tag's name stands in the text."
    tagger_kinds = ("mentions",)

    def train(self, given):
        part = given.part
        tagger = MentionTagger(part.tags, np.zeros(len(part.tags)))
        rows = np.arange(part.judged)
        return Trained(tagger, rows, tagger.scores(part.texts[: part.judged]), "all articles")

    def load(self, folder):
        bundle = read_bundle(folder, kind="mentions")
        with reading_model(folder):
            return MentionTagger(bundle.tags, bundle.thresholds)


@pytest.fixture
def mentions():
    yield register(MentionMethod())
    unregister("mentions")


@pytest.fixture
def naming(articles):
    """Articles that name their first tag."""
    return [a.model_copy(update={"description": f"{a.description} {a.tags[0]}"}) for a in articles]


SETTINGS = ["method=mentions", "data.min_tag_count=5"]


@pytest.fixture
def config(mentions):
    return configure(preset_named("best-tfidf").config(), assignments=SETTINGS)


@pytest.fixture
def run(config, naming, store):
    return run_experiment(config, store, articles=naming).run


def test_a_run_of_it_is_saved_loaded_and_found_again(run, config, naming, store):
    assert run.report.averages["micro avg"].recall > 0.5
    assert run.report.averages["micro avg"].precision > 0.9
    assert set(run.environment.seconds) == {"read", "split", "train", "thresholds", "test"}
    loaded = RunStore(store.folder).load(run.id).read_tagger()
    assert isinstance(loaded, MentionTagger) and (loaded.thresholds > 0).all()
    assert run_experiment(config, store, articles=naming).reused
    other = configure(config, assignments=["method=tfidf"])
    assert not run_experiment(other, store, articles=naming).reused


def test_it_suggests_with_evidence(run):
    found = Suggester.load(run).suggest("a text on golang and asyncio and golang again")
    best = found.tags[0]
    assert best.tag == "golang" and best.suggested and best.score == 2.0
    assert best.evidence[0].term == "golang"


def test_the_command_line_knows_it(run, mentions, naming, tmp_path, capsys):
    path = tmp_path / "a.jsonl"
    path.write_text("".join(a.model_dump_json() + "\n" for a in naming), encoding="utf-8")
    command = ["run", "best-tfidf", "--data", str(path), "--set", *SETTINGS, "--json"]
    assert main(command) == 0
    other = json.loads(capsys.readouterr().out)["run"]
    for words in (
        ["compare", run.id, other],
        ["thresholds", other, "--value", "0.5"],
        ["suggest", "--run", other, "--text", "some words on golang"],
        ["estimate", "best-tfidf", "--data", str(path), "--set", *SETTINGS],
    ):
        assert main([*words, "--json"]) == 0, words
        json.loads(capsys.readouterr().out)


def test_its_cost_is_measured_by_training_on_some_articles(config, naming, store):
    plan = plan_experiment(config, build_dataset(naming, config.data), store)
    estimate = measure_missing(plan, store)
    assert estimate.known and estimate.measured == ("train", "test")


def test_trains_form_offers_it_with_what_it_reads(mentions, naming, tmp_path, config, store):
    import_articles(naming, tmp_path, "naming")
    measure_missing(plan_experiment(config, build_dataset(naming, config.data), store), store)
    app = open_page("train", data="naming", set=SETTINGS)
    (method,) = (w for w in app.get("button_group") if w.key and w.key.startswith("method "))
    assert method.value == "mentions"
    shown = {w.key.split(" ")[0] for w in (*app.number_input, *app.toggle) if w.key}
    assert "data.min_tag_count" in shown
    assert not {name for name in shown if name.startswith(("features.", "classifier.folds"))}
    assert "Words" in metrics_of(app) and "Fits" not in metrics_of(app)
    assert "of memory" in texts_of(app)


def test_a_run_of_a_method_that_is_gone_is_refused_in_a_sentence(run, store):
    unregister("mentions")
    with pytest.raises(RunError, match="there is no such method; known: tfidf, encoder"):
        store.load(run.id)


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ("method=hybird", "did you mean 'hybrid'"),
        ("features.kind=word", "there is no such method"),
    ],
)
def test_a_method_that_does_not_exist_is_refused(setting, sentence):
    with pytest.raises(ConfigError, match=sentence):
        configure(ExperimentConfig(), assignments=[setting])


@pytest.mark.parametrize(
    ("values", "method"),
    [
        ({}, "tfidf"),
        ({"features": {"kind": "hybrid"}}, "hybrid"),
        ({"features": {"kind": "encoder"}, "classifier": {"kind": "svm", "C": 1}}, "encoder"),
        ({"features": {"kind": "hybrid"}, "classifier": {"kind": "finetune"}}, "finetune"),
        ({"classifier": {"kind": "finetune"}}, "finetune"),
    ],
)
def test_the_method_is_read_as_earlier_versions_wrote_it(values, method):
    assert parse_config(json.dumps(values), "config.json").method == method


def test_one_of_the_two_earlier_settings_changes_the_other_as_it_did():
    base = preset_named("best-finetuned").config()
    assert configure(base, assignments=["classifier.kind=svm"]).method == "encoder"
    assert configure(base, assignments=["features.kind=hybrid"]).method == "finetune"
    both = ["features.kind=hybrid", "classifier.kind=svm"]
    assert configure(base, assignments=both).method == "hybrid"


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (["features.hybrid.words=2"], "'tfidf' does not read 'features.hybrid.words'"),
        (["method=finetune", "features.encoder.pooling=cls"], "reads is 'finetune.pooling'"),
        (["method=hybrid", "classifier.vector_kernel=rbf"], "(encoder does)"),
        (["method=hybrid", "finetune.epochs=3"], "(finetune does)"),
        (["classifier.kind=finetune", "features.kind=hybrid"], "Write method=hybrid"),
    ],
)
def test_a_setting_that_would_have_no_effect_is_refused(settings, sentence, capsys):
    assert main(["run", "best-tfidf", "--data", "sample", "--set", *settings]) == 2
    assert sentence in capsys.readouterr().err


def test_a_sweep_over_methods_may_set_what_only_one_of_them_reads(capsys):
    swept = ["run", "best-tfidf", "--data", "none.jsonl", "--sweep", "method=tfidf,encoder"]
    main([*swept, "--set", "features.encoder.max_tokens=64"])
    assert "does not read" not in capsys.readouterr().err
    assert main([*swept, "--set", "features.hybrid.words=2"]) == 2
    assert "'tfidf' does not read 'features.hybrid.words'" in capsys.readouterr().err


def test_a_file_may_hold_what_its_preset_has(tmp_path, capsys):
    path = tmp_path / "a.json"
    for preset in ("study-06", "best-hybrid"):
        path.write_text(preset_named(preset).config().model_dump_json())
        main(["run", "--config", str(path), "--data", "none.jsonl"])
        assert "does not read" not in capsys.readouterr().err
    path.write_text('{"features": {"hybrid": {"words": 2}}}')
    assert main(["run", "--config", str(path), "--data", "none.jsonl"]) == 2
    assert "does not read 'features.hybrid.words'" in capsys.readouterr().err


def leaves(config):
    names = setting_names(ExperimentConfig)
    return [name for name in names if not any(other.startswith(f"{name}.") for other in names)]


@pytest.mark.parametrize("method", ["tfidf", "encoder", "hybrid", "finetune"])
def test_each_declared_setting_exists_and_each_setting_is_refused_or_read(method):
    config = ExperimentConfig(method=method)
    names = setting_names(ExperimentConfig)
    assert {*COMMON_SETTINGS, *method_of(config).reads(config)} <= set(names)
    for name in leaves(config):
        if not reads_setting(config, name):
            with pytest.raises(ConfigError, match="The nearest setting that it reads is"):
                refuse_unread([config], [name])


OTHERS = {
    "features.encoder.name": "nobody/none",
    "features.encoder.pooling": "cls",
    "features.encoder.long_texts": "chunks",
    "features.encoder.precision": "bf16",
    "features.encoder.device": "cpu",
    "features.hybrid.second_stage": True,
    "features.analyzer": "sklearn",
    "features.ngram_range": [[1, 3]],
    "classifier.penalty": ["l1"],
    "classifier.dual": [False],
    "classifier.vector_kernel": "rbf",
    "finetune.loss": "first_tag",
    "finetune.pooling": "cls",
    "finetune.precision": "bf16",
}


def another(name, value):
    """A valid value of the setting that differs from its default."""
    if name in OTHERS:
        return OTHERS[name]
    if isinstance(value, bool):
        return not value
    if isinstance(value, list):
        return [value[0] / 2]
    return value + 1 if isinstance(value, int) else value / 2 + 0.1


@pytest.mark.parametrize("method", ["tfidf", "encoder", "hybrid", "finetune"])
def test_settings_that_a_method_does_not_read_do_not_change_its_scores(
    method, tiny_bert, articles, store
):
    config = configure(
        preset_named("best-tfidf").config(),
        assignments=[
            f"method={method}",
            "data.min_tag_count=5",
            *(["classifier.C=1", "features.max_df=1.0"] if method == "tfidf" else []),
            *([] if method == "tfidf" else [f"features.encoder.name={tiny_bert}"]),
            *(["finetune.epochs=1"] if method == "finetune" else []),
        ],
    )
    values = config.model_dump(mode="json")
    for name in leaves(config):
        if not reads_setting(config, name):
            *parents, last = name.split(".")
            part = values
            for parent in parents:
                part = part[parent]
            part[last] = another(name, part[last])
    first, second = (
        run_experiment(one, store, articles=articles).run.read_part("test").scores
        for one in (config, ExperimentConfig.model_validate(values))
    )
    np.testing.assert_array_equal(first, second)


def compared_methods(path):
    """Lines where a name of a method, or of its features or classifier, is compared."""
    names = {method.name for method in list_methods()}
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Compare):
            continue
        compared = [n for n in ast.walk(node) if isinstance(n, ast.Constant) and n.value in names]
        asked = {n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)}
        if compared and asked & {"method", "kind", "name", "KIND"}:
            found.append(node.lineno)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "isinstance":
            kinds = {n.id for n in ast.walk(node.args[1]) if isinstance(n, ast.Name)}
            if any(kind.endswith("Tagger") for kind in kinds):
                found.append(node.lineno)
    return found


def test_nobody_but_the_methods_and_the_study_compares_them(tmp_path):
    wrong = tmp_path / "wrong.py"
    wrong.write_text("if config.method == 'tfidf' or isinstance(tagger, TfidfTagger): pass\n")
    assert compared_methods(wrong) == [1, 1]
    own = ("core/methods/", "core/study/")
    for path in [*PROJECT.glob("core/**/*.py"), *PROJECT.glob("pages/**/*.py")]:
        if not path.relative_to(PROJECT).as_posix().startswith(own):
            assert compared_methods(path) == [], path


def test_a_group_is_read_if_one_of_its_settings_is():
    assert is_read("finetune", ["finetune.epochs"]) and not is_read("finetune", ["seed"])
