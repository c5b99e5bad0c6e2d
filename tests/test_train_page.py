"""The Train page: start, settings, cost, launch, and what an address restores."""

import shlex
import time
from types import SimpleNamespace
from typing import get_args

import pytest
from streamlit.testing.v1 import AppTest

from core.base.config import limits_of, type_of
from core.base.errors import JobError
from core.estimate.speed import keep_speeds
from core.jobs.job import Job, create_job, new_job_id
from core.methods.work import Speed
from core.runs.experiment import run_experiment
from core.settings.experiment import ExperimentConfig, config_to_toml, parse_config
from core.study.changed_settings import changed_settings, command_line
from core.study.presets import configure, preset_named
from pages.parts.train.form import read_fields
from tests.app_testing import import_articles, metrics_of, press, texts_of
from tests.conftest import PROJECT, make_article

KINDS = ["count technical-2", "count sklearn", "products"] + [
    f"liblinear l2 auto C={C}" for C in ("0.1", "1", "10")
]


@pytest.fixture(autouse=True)
def measured(monkeypatch):
    """Settings (TOML) that a measurement was started for."""
    import streamlit as st

    st.cache_resource.clear()
    started = []
    never_ends = SimpleNamespace(poll=lambda: None)
    monkeypatch.setattr(
        "pages.parts.train.cost.start_measuring",
        lambda settings: started.append(settings) or never_ends,
    )
    return started


@pytest.fixture
def launched(monkeypatch):
    """What was submitted: settings, and whether a finished run is to be repeated."""
    submitted = []

    def submit(config, *, again=False):
        submitted.append((config, again))
        now = time.time()
        job = Job(
            id=new_job_id(),
            task="experiment",
            title="a job",
            settings={},
            created=now,
            heartbeat=now,
        )
        create_job(job)
        return job

    monkeypatch.setattr("pages.parts.train.launch.submit_experiment", submit)
    return submitted


@pytest.fixture
def known_speeds(home):
    keep_speeds([Speed(kind, 1.0, 1e-9, 0.0, 10**8, 10**8) for kind in KINDS])


@pytest.fixture
def small(articles, tmp_path):
    return import_articles(articles, tmp_path, "small")


def open_train(data=None, **query):
    app = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=60)
    app.run()
    app.switch_page("pages/train.py")
    for key, value in query.items():
        app.query_params[key] = value
    app.run()
    if data:
        app.selectbox(key="data").set_value(data).run()
    assert not app.exception
    return app


def field(app, setting):
    """The widget of one setting, whatever start it belongs to."""
    kinds = ("number_input", "selectbox", "multiselect", "toggle", "button_group", "text_input")
    widgets = (widget for kind in kinds for widget in app.get(kind))
    return next((w for w in widgets if w.key and w.key.split(" ")[0] == setting), None)


def shown_config(app):
    """The settings on the page, by the command line that it shows."""
    from core.commands.main import build_parser

    options = build_parser().parse_args(shlex.split(app.code[0].value)[3:])
    base = preset_named(options.preset).config()
    return configure(base, sources=options.data, assignments=options.assignments)


def test_every_field_is_of_a_setting_and_names_each_of_its_values():
    fields = [field for part in read_fields().values() for field in part]
    assert len({field.setting for field in fields}) == len(fields) > 60
    for shown in fields:
        wanted = type_of(ExperimentConfig, shown.setting)
        assert wanted is not None, shown.setting
        if shown.names:
            parts = [part for part in get_args(wanted) if get_args(part)] or [wanted]
            literals = {value for part in parts for value in get_args(part)}
            assert literals <= set(shown.names), shown.setting


@pytest.mark.parametrize(
    ("setting", "limits"),
    [
        ("seed", (0, 2**32 - 1)),
        ("split.test_share", (0, 1)),
        ("augment.level", (0, 20)),
        ("thresholds.value", (None, None)),
        ("no.such", (None, None)),
    ],
)
def test_a_number_has_the_limits_of_the_schema(setting, limits):
    assert limits_of(ExperimentConfig, setting) == limits


@pytest.mark.parametrize("preset", ["study-01", "study-06", "study-10", "fixed-07", "best-encoder"])
def test_every_preset_is_shown_unchanged(preset):
    app = open_train(preset=preset)
    assert shown_config(app) == preset_named(preset).config()
    assert "Changed from" not in texts_of(app)
    assert not app.error


def test_only_settings_that_matter_are_shown():
    app = open_train(preset="best-tfidf")
    assert field(app, "features.min_df") and field(app, "classifier.folds")
    assert not field(app, "features.encoder.name") and not field(app, "finetune.epochs")
    assert not field(app, "augment.crop_ratio")
    field(app, "augment.level").set_value(2).run()
    assert field(app, "augment.crop_ratio")
    app = open_train(preset="best-encoder")
    assert field(app, "features.encoder.pooling") and not field(app, "features.min_df")
    app = open_train(preset="best-finetuned")
    assert field(app, "finetune.epochs") and not field(app, "classifier.folds")
    assert field(app, "finetune.validation_share")
    assert not field(app, "features.encoder.pooling")
    app = open_train(preset="best-hybrid")
    assert not field(app, "finetune.epochs")
    field(app, "features.hybrid.finetuned").set_value(True).run()
    assert field(app, "finetune.epochs") and field(app, "classifier.folds")
    assert not field(app, "finetune.validation_share")


def test_vectors_are_those_of_the_best_preset_until_others_are_asked_for():
    app = open_train(preset="best-tfidf")
    assert not field(app, "classifier.vector_kernel")
    app.button_group[0].set_value("encoder").run()
    best = preset_named("best-encoder").config()
    assert shown_config(app).classifier == best.classifier
    assert shown_config(app).features.encoder == best.features.encoder
    field(app, "classifier.vector_kernel").set_value("linear").run()
    assert shown_config(app).classifier.vector_kernel == "linear"
    app.button_group[0].set_value("hybrid").run()
    assert field(app, "features.encoder.pooling").value == "mean"
    hybrid = preset_named("best-hybrid").config()
    assert shown_config(app).features.encoder == hybrid.features.encoder
    assert field(open_train(preset="fixed-01"), "classifier.vector_kernel").value == "linear"


@pytest.mark.parametrize("other", ["tfidf", "hybrid", "finetune"])
def test_how_vectors_were_made_comes_back_with_them(other):
    app = open_train(preset="fixed-01")
    field(app, "features.encoder.max_tokens").set_value(64).run()
    before = shown_config(app)
    assert before.features.encoder.pooling == "cls"
    app.button_group[0].set_value(other).run()
    app.button_group[0].set_value("encoder").run()
    assert shown_config(app) == before


def test_hidden_settings_come_back_with_their_method():
    app = open_train()
    field(app, "features.min_df").set_value(3).run()
    app.button_group[0].set_value("encoder").run()
    assert not field(app, "features.min_df")
    app.button_group[0].set_value("tfidf").run()
    assert field(app, "features.min_df").value == 3
    assert shown_config(app).method == "tfidf"


def test_what_differs_from_the_start_is_said_and_stands_in_the_address(small, known_speeds):
    app = open_train(data="small")
    field(app, "data.min_tag_count").set_value(5).run()
    assert metrics_of(app)["Tags"] == "4"
    assert "from: 20" in texts_of(app)
    assert r"data\.min\_tag\_count: 20 → **5**" in texts_of(app)
    assert app.query_params["set"] == "data.min_tag_count=5"
    assert app.query_params["preset"] == "best-tfidf"
    link = open_train(data="small", preset="best-tfidf", set=["data.min_tag_count=5", "seed=7"])
    assert field(link, "data.min_tag_count").value == 5
    assert shown_config(link) == configure(
        preset_named("best-tfidf").config(),
        sources=["small"],
        assignments=["data.min_tag_count=5", "seed=7"],
    )


def test_another_start_brings_its_own_settings(small):
    app = open_train(data="small")
    field(app, "data.min_tag_count").set_value(5).run()
    field(app, "start").set_value("study-08").run()
    assert not app.exception
    assert field(app, "data.min_tag_count").value == 20
    assert "set" not in app.query_params
    assert app.query_params["preset"] == "study-08"


def test_a_run_is_compared_with_one_of_the_same_data(small, tiny_config, articles, store):
    config = configure(tiny_config, sources=["small"])
    shown, other = (
        run_experiment(configure(config, assignments=[f"classifier.C=[{C}]"]), store).run.id
        for C in (1, 2)
    )
    app = open_train(run=shown)
    links = {link.proto.label: link.proto for link in app.get("page_link")}
    assert links["Compare it"].page == "compare"
    assert links["Compare it"].query_string == f"run={shown}&run={other}"


def test_a_run_is_run_again_with_changes(small, tiny_config, articles, store, known_speeds):
    run = run_experiment(configure(tiny_config, sources=["small"]), store, articles=articles).run
    app = open_train(base=run.id)
    assert app.selectbox(key="data").value == "small"
    assert shown_config(app) == run.config
    assert app.get("page_link")
    assert any(button.label == "Launch again" for button in app.button)
    field(app, "thresholds.rule").set_value("per_tag").run()
    assert r"thresholds\.rule: global → **per\_tag**" in texts_of(app)
    assert app.query_params["base"] == run.id
    assert any(button.label == "Launch" for button in app.button)


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"preset": "study-99"}, "Unknown preset"),
        ({"base": "20260101-000000000-0000000000"}, "There is no run"),
        ({"preset": "best-tfidf", "set": "data.min_tag_cout=3"}, "Did you mean"),
        ({"preset": "best-tfidf", "set": "classifier.folds=1"}, "greater than or equal to 2"),
    ],
)
def test_a_link_that_cannot_be_followed_says_so_and_opens_the_first_preset(query, sentence):
    app = open_train(**query)
    assert sentence.replace("-", r"\-") in app.warning[0].value
    assert field(app, "start").value == "best-tfidf"


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (["data.min_tag_count=5000"], "No tag is in 5000 or more"),
        (["split.method=file"], "have no split of their own"),
        (["method=finetune", "finetune.validation_share=0"], "need held\\-out articles"),
        (
            ["method=encoder", "features.encoder.device=mps"],
            "This machine has no mps device",
        ),
    ],
)
def test_what_cannot_run_is_not_launched_and_says_why(settings, sentence, small):
    app = open_train(data="small", set=["data.min_tag_count=5", *settings])
    assert sentence in app.error[0].value
    assert not [button for button in app.button if button.label.startswith("Launch")]


def test_a_pair_without_a_solver_is_refused_on_the_page(small):
    app = open_train(data="small", set=["data.min_tag_count=5"])
    field(app, "classifier.penalty").set_value(['"l1"'])
    field(app, "classifier.dual").set_value(["true"]).run()
    assert "there is no linear SVM with penalty l1 and dual" in app.error[0].value
    assert not [button for button in app.button if button.label.startswith("Launch")]
    field(app, "classifier.dual").set_value(["false"]).run()
    assert not app.error


def test_several_sets_are_joined(articles, small, tmp_path):
    german = [a.model_copy(update={"id": f"de-{a.id}", "language": "de"}) for a in articles[:60]]
    import_articles(german, tmp_path, "german")
    app = open_train(data="small", set=["data.min_tag_count=5"])
    assert field(app, "data.languages").options == ["en"]
    app.multiselect(key="more_data").set_value(["german"]).run()
    assert metrics_of(app)["Articles"] == "180"
    assert field(app, "data.languages").options == ["de", "en"]
    assert shown_config(app).data.sources == ("small", "german")


def test_the_cost_is_shown_by_what_is_known(small, known_speeds, measured):
    app = open_train(data="small", set=["data.min_tag_count=5"])
    assert "**About 1 s, 100 MB of memory** on " in texts_of(app)
    assert "from a short measurement (train, test)" in texts_of(app)
    assert measured == []


def test_what_is_not_known_is_measured_once_in_another_process(small, measured):
    # With so many terms an article, either set goes to the same solver.
    app = open_train(data="small", set=["data.min_tag_count=5", "features.ngram_range=[1,4]"])
    assert "Measuring how fast this machine is" in texts_of(app)
    app.run()
    (settings,) = measured
    # Of the sample, which was in view first: a speed is one of the machine, whatever the texts.
    shown = configure(shown_config(app), sources=["sample"])
    assert parse_config(settings, "a.toml") == shown
    assert any(button.label == "Launch" for button in app.button)


def test_the_settings_on_the_page_are_launched_as_a_job(small, known_speeds, launched):
    app = open_train(data="small")
    field(app, "start").set_value("fixed-09").run()
    field(app, "data.text_column").set_value("title")
    field(app, "data.min_tag_count").set_value(6)
    field(app, "data.languages").set_value(["en"])
    field(app, "thresholds.rule").set_value("per_tag").run()
    press(app, "Launch")
    ((config, again),) = launched
    assert not again
    assert (config.preset, config.data.sources) == ("fixed-09", ("small",))
    assert (config.data.text_column, config.data.min_tag_count) == ("title", 6)
    assert config.data.languages == ("en",)
    assert config.thresholds.rule == "per_tag"
    assert config == shown_config(app)
    assert "1 job before it" in texts_of(app)


def test_a_job_that_cannot_be_submitted_is_said(small, known_speeds, monkeypatch):
    def refuse(config, *, again=False):
        raise JobError("The job cannot be kept. /home cannot be written: No space left.")

    monkeypatch.setattr("pages.parts.train.launch.submit_experiment", refuse)
    app = open_train(data="small", set=["data.min_tag_count=5"])
    press(app, "Launch")
    assert "No space left" in app.error[0].value


def test_a_finished_run_is_repeated_only_by_another_word(
    small, tiny_config, articles, store, launched
):
    run = run_experiment(configure(tiny_config, sources=["small"]), store, articles=articles).run
    press(open_train(base=run.id), "Launch again")
    assert launched == [(run.config, True)]


def test_the_settings_file_on_the_page_is_that_of_the_settings(small, known_speeds):
    app = open_train(data="small", set=["data.min_tag_count=5"])
    config = shown_config(app)
    assert app.code[0].value == command_line(config)
    assert parse_config(config_to_toml(config), "a.toml") == config
    assert app.get("download_button")


def test_a_settings_file_starts_another_experiment(small, known_speeds):
    wanted = configure(
        preset_named("study-08").config(), sources=["small"], assignments=["seed=9", "preset="]
    )
    app = open_train()
    (uploader,) = app.get("file_uploader")
    uploader.set_value(("mine.toml", config_to_toml(wanted).encode(), "application/toml")).run()
    assert not app.exception
    assert app.selectbox(key="data").value == "small"
    assert changed_settings(shown_config(app), wanted) == []


def test_names_of_data_and_runs_are_shown_letter_by_letter(tmp_path, known_speeds):
    hostile = "**bold** [x](javascript:alert(1))"
    tagged = [make_article(n, title=f"{hostile} {n}", tags=[hostile]) for n in range(30)]
    import_articles(tagged, tmp_path, "odd.name_1")
    app = open_train(data="odd.name_1", set=["features.encoder.name=**x**"])
    assert r"minilm → **\*\*x\*\***" in texts_of(app)
