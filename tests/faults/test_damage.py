"""Files that were damaged, come from another version, or stand where a folder should be."""

import json
from itertools import chain

import pytest

from core.base.errors import CoreError, RunError
from core.base.files import read_json, write_json
from core.commands.main import main
from core.runs.experiment import run_experiment
from core.runs.files import finish_folder
from core.study.presets import configure
from core.suggest.model_pool import ModelPool

READ_LATER = {
    "scores.npz": lambda run: run.read_part("test"),
    "per_tag.parquet": lambda run: run.per_tag,
    "thresholds.json": lambda run: run.thresholds,
    "events.jsonl": lambda run: run.read_epochs(),
}


@pytest.fixture
def run(tiny_config, articles, store):
    return run_experiment(tiny_config, store, articles=articles).run


def damages(content):
    """A changed byte, half of it, nothing at all, and something else."""
    middle = len(content) // 2
    flipped = content[:middle] + bytes([content[middle] ^ 0x55]) + content[middle + 1 :]
    return flipped, content[:middle], b"", b"\x80\x04no model\x00"


def test_every_damaged_file_of_a_model_is_named(run, tiny_config, articles, store, tiny_bert):
    encoder = f"features.encoder.name={tiny_bert}"
    more = [encoder, "features.encoder.device=cpu", "features.encoder.max_tokens=32"]
    vectors = configure(tiny_config, assignments=["method=encoder", *more])
    other = run_experiment(vectors, store, articles=articles).run
    files = list(chain.from_iterable((r.folder / "model").rglob("*.*") for r in (run, other)))
    assert {"texts.json", "arrays.npz", "manifest.json"} <= {path.name for path in files}
    for path in files:
        owner = run if run.folder in path.parents else other
        content = path.read_bytes()
        for damaged in damages(content) if path.name != "manifest.json" else (b"", b"{", b"[1]"):
            path.write_bytes(damaged)
            with pytest.raises(
                RunError, match=path.name if path.name != "manifest.json" else "model"
            ):
                owner.read_tagger()
        path.write_bytes(content)
    assert owner.read_tagger().tags == run.read_tagger().tags


@pytest.mark.parametrize("name", READ_LATER)
def test_every_damaged_part_of_a_run_is_named(run, store, name):
    path = run.folder / name
    content = path.read_bytes()
    READ_LATER[name](store.load(run.id))
    for damaged in damages(content):
        if damaged == content:
            continue  # a run without events, emptied
        path.write_bytes(damaged)
        with pytest.raises(RunError, match=f"Run {run.id} is damaged: {name} cannot be read"):
            READ_LATER[name](store.load(run.id))
    path.unlink()
    with pytest.raises(RunError, match=name):
        READ_LATER[name](store.load(run.id))


def test_a_run_of_the_first_format_is_read_as_ever(run, store):
    before = run.read_part("test")
    write_json(run.folder / "status.json", {"state": "done"})
    old = store.load(run.id)
    assert (old.read_part("test").scores == before.scores).all()
    assert old.tags == run.tags and old.report == run.report


def test_a_run_of_a_newer_format_is_refused(run, store):
    status = read_json(run.folder / "status.json")
    write_json(run.folder / "status.json", status | {"format": status["format"] + 1})
    with pytest.raises(RunError, match="newer Tagsmith"):
        store.load(run.id)
    assert store.finished() == []
    with pytest.raises(RunError, match="newer Tagsmith"):
        ModelPool(store).model()


def test_a_run_with_settings_of_another_version_is_refused_by_name(run, store):
    config = read_json(run.folder / "config.json")
    write_json(run.folder / "config.json", config | {"shape": "round"})
    finish_folder(run.folder)
    with pytest.raises(RunError, match=f"{run.id} .*Unknown setting 'shape'"):
        store.load(run.id)


def test_a_model_of_another_format_is_refused(run):
    manifest = run.folder / "model" / "manifest.json"
    write_json(manifest, read_json(manifest) | {"format": 99})
    with pytest.raises(RunError, match="format 99; expected 'tfidf-svm', format 1"):
        run.read_tagger()


@pytest.mark.parametrize(
    "command",
    [
        ["data", "import", "FILE", "--name", "blog"],
        ["run", "best-tfidf", "--data", "FILE"],
        ["runs"],
        ["data", "list"],
        ["jobs", "list"],
        ["run", "best-tfidf", "--data", "FILE", "--detach"],
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_a_file_where_the_home_should_be_ends_in_a_sentence(home, article_file, capsys, command):
    home.write_text("not a folder")
    code = main([str(article_file) if word == "FILE" else word for word in command])
    said = capsys.readouterr()
    assert code in (0, 2)
    assert "Traceback" not in said.err
    if code == 2:
        assert said.err.strip().splitlines()[-1].endswith(".")
    assert home.read_text() == "not a folder"


@pytest.mark.parametrize("operation", ["import", "feedback", "grid search", "save", "bulk tag"])
def test_a_full_disk_ends_in_a_sentence_and_breaks_nothing(campaign, operation):
    for most in (0, 10_000):
        answer, home, faults = campaign.disturb(operation, file_bytes=most)
        assert answer["ended"] in ("done", "refused"), answer["sentence"]
        assert faults + campaign.repeat(operation, home) == []


def test_json_that_is_no_json_is_a_core_error(run, store):
    for name in ("config", "report", "environment", "status"):
        path = run.folder / f"{name}.json"
        content = path.read_text()
        for damaged in ("", "{", "[]", "null", json.dumps({"state": 3, "format": "x"})):
            path.write_text(damaged)
            try:
                store.load(run.id)
            except CoreError as error:
                assert run.id in str(error)
        path.write_text(content)
    assert store.load(run.id).report == run.report
