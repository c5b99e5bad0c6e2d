"""Records of a run: the JSON they give, and runs that earlier versions of Tagsmith kept."""

import json

import pytest

from core.base.errors import RunError
from core.base.files import read_json, write_json
from core.runs.experiment import run_experiment
from core.runs.records import RunThresholds

# Of the first format: what later versions added is not there.
ADDED_TO_REPORT = ("untested_tags", "tested_macro_f1")
ADDED_TO_DATA = ("corrections", "extra")
ADDED_TO_ENVIRONMENT = ("peak_bytes", "machine", "sources", "readings", "extra_articles", "notes")


@pytest.fixture
def run(tiny_config, articles, store):
    return run_experiment(tiny_config, store, articles=articles).run


@pytest.fixture
def first_format(run, store):
    """The run as the first version of Tagsmith would have kept it."""
    report = read_json(run.folder / "report.json")
    environment = read_json(run.folder / "environment.json")
    for name in ADDED_TO_REPORT:
        del report[name]
    for name in ADDED_TO_DATA:
        del report["data"][name]
    for name in (*ADDED_TO_ENVIRONMENT, "work"):
        del environment[name]
    write_json(run.folder / "report.json", report)
    write_json(run.folder / "environment.json", environment)
    write_json(run.folder / "status.json", {"state": "done"})
    return store.load(run.id)


def test_the_records_give_the_json_that_their_files_hold(run, store):
    read = store.load(run.id)
    for record, name in ((read.report, "report"), (read.environment, "environment")):
        assert json.dumps(record.as_json()) == json.dumps(read_json(run.folder / f"{name}.json"))
    assert read.thresholds.as_json() == read_json(run.folder / "thresholds.json")


def test_a_run_of_the_first_version_is_read_with_the_documented_defaults(first_format, run):
    report, environment = first_format.report, first_format.environment
    assert report.averages == run.report.averages and report.cv == run.report.cv
    assert (report.untested_tags, report.tested_macro_f1) == ([], None)
    assert report.data.own_train == report.data.train
    assert (environment.sources, environment.notes, environment.work) == (None, (), {})
    assert environment.total_seconds == run.environment.total_seconds


def test_a_run_of_the_first_version_gives_the_json_that_it_was_kept_with(first_format):
    kept = read_json(first_format.folder / "report.json")
    assert json.dumps(first_format.report.as_json()) == json.dumps(kept)


@pytest.mark.parametrize(
    ("name", "change", "reason"),
    [
        ("report.json", {"averages": {"micro avg": {"precision": "high"}}}, "averages"),
        ("report.json", {"cv": {"score": 0.5}}, "cv: scorer: Field required"),
        ("environment.json", {"seconds": [1]}, "seconds"),
        ("environment.json", {"fingerprint": None}, "fingerprint"),
    ],
)
def test_a_record_with_a_wrong_field_is_refused_by_name(run, store, name, change, reason):
    write_json(run.folder / name, read_json(run.folder / name) | change)
    write_json(run.folder / "status.json", {"state": "done"})
    with pytest.raises(RunError, match=f"Run {run.id} is damaged: {name} cannot be read .{reason}"):
        store.load(run.id)


@pytest.mark.parametrize(
    ("rule", "cuts"),
    [("zero", [0, 0]), ("value", [0.5, 0.5]), ("global", [0.25, 0.25]), ("per_tag", [0.1, 0.2])],
)
def test_the_thresholds_in_use_follow_from_the_rule(rule, cuts):
    own = {"go": 0.1, "rust": 0.2}
    kept = RunThresholds(rule=rule, tuned_on="folds", value=0.5, global_cut=0.25, per_tag=own)
    assert kept.cuts(["go", "rust"]).tolist() == cuts
