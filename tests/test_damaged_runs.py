"""Runs and jobs with changed files: named where they are listed or asked, never replaced."""

import json

import pytest

from core.base.errors import RunError
from core.base.files import read_json, write_json
from core.commands.main import main
from core.jobs.job import create_job
from core.jobs.tagged_files import keep_upload, remove_old_uploads
from core.runs.experiment import run_experiment
from core.runs.operating_points import OperatingPoints, build_point, trained_point
from core.suggest.model_pool import ModelPool
from core.suggest.suggester import SuggestRequest, choose_run, load_suggester
from pages.parts.shared.words import plain
from tests.app_testing import open_page, texts_of
from tests.test_api import client_of
from tests.test_jobs import a_job

TEXT = "we show how a goroutine blocks on a channel, and how pprof finds it"


@pytest.fixture
def run(tiny_config, articles, store):
    return run_experiment(tiny_config, store, articles=articles).run


@pytest.fixture
def newer(run, tiny_config, articles, store):
    """A run that was made after `run`."""
    return run_experiment(tiny_config, store, articles=articles, again=True).run


def other_digit(path):
    """Change one digit: the file stays as long, and as readable, as it was."""
    text = path.read_text()
    at = next(n for n, letter in enumerate(text) if letter in "12345678" and n > len(text) // 3)
    path.write_text(f"{text[:at]}{int(text[at]) + 1}{text[at + 1 :]}")


ANSWERING = ("config.json", "report.json", "environment.json")
LATER = {
    "thresholds.json": trained_point,
    "events.jsonl": lambda run: run.read_epochs(),
    "model/manifest.json": lambda run: run.read_tagger(),
}


@pytest.mark.parametrize("name", ANSWERING)
def test_one_digit_changed_in_a_file_of_a_run_is_found_when_it_is_loaded(run, store, name):
    other_digit(run.folder / name)
    with pytest.raises(RunError, match=f"Run {run.id} is damaged: {name} cannot be read"):
        store.load(run.id)


@pytest.mark.parametrize("name", LATER)
def test_one_digit_changed_in_a_part_of_a_run_is_found_when_it_is_read(run, store, name):
    if name == "events.jsonl":
        (run.folder / name).write_text('{"step": "epoch"}\n')
    elif name == "model/manifest.json":
        manifest = read_json(run.folder / name)
        write_json(run.folder / name, manifest | {"note": 1})
    else:
        other_digit(run.folder / name)
    with pytest.raises(RunError, match=f"{name} cannot be read \\(it has changed since"):
        LATER[name](store.load(run.id))


def test_a_run_of_before_so_many_checksums_were_kept_is_read_as_ever(run, store):
    status = read_json(run.folder / "status.json")
    few = {name: status["files"][name] for name in ("scores.npz", "per_tag.parquet")}
    write_json(run.folder / "status.json", status | {"files": few})
    other_digit(run.folder / "environment.json")
    assert trained_point(store.load(run.id)) == trained_point(run)
    assert store.load(run.id).read_tagger().tags == run.tags


@pytest.mark.parametrize("files", [{}, {"a": 1}, [], None])
def test_a_run_that_has_lost_its_checksums_is_damaged(run, store, files):
    status = read_json(run.folder / "status.json")
    write_json(run.folder / "status.json", status | {"files": files})
    with pytest.raises(RunError, match=f"Run {run.id} is damaged: status.json cannot be read"):
        store.load(run.id)


def test_a_models_settings_that_lack_one_end_in_a_sentence(run, store):
    manifest = read_json(run.folder / "model" / "manifest.json")
    del manifest["settings"]["ngram_range"]
    write_json(run.folder / "model" / "manifest.json", manifest)
    with pytest.raises(RunError, match=rf"{run.id}.* cannot be read \(.*ngram_range"):
        store.load(run.id).read_tagger()


DAMAGES = {
    "report": lambda folder: (folder / "report.json").write_text("{"),
    "status gone": lambda folder: (folder / "status.json").unlink(),
    "model": lambda folder: (folder / "model" / "arrays.npz").write_bytes(b""),
    "config of numbers": lambda folder: (folder / "config.json").write_text("[1]"),
    "nested": lambda folder: (folder / "environment.json").write_text("[" * 100_000),
}


@pytest.mark.parametrize("kind", DAMAGES)
def test_where_the_chosen_run_is_damaged_nobody_asks_another_one(
    run, newer, store, tmp_path, capsys, kind
):
    OperatingPoints(store.folder).save(build_point(name="mine", run=run.id, cut=0.2))
    assert choose_run(store).id == run.id
    DAMAGES[kind](run.folder)
    source = tmp_path / "a.jsonl"
    source.write_text(json.dumps({"id": "1", "title": "T", "description": TEXT}) + "\n")
    target = tmp_path / "tagged.csv"
    for command in (["suggest", "--text", TEXT], ["tag", str(source), str(target)]):
        assert main(command) == 2
        (said,) = capsys.readouterr().err.strip().splitlines()
        assert run.id in said and newer.id not in said
        assert not target.exists()
    answer = client_of(store).post("/predictions/tags", json={"description": TEXT})
    assert answer.status_code == 404 and run.id in answer.json()["detail"]
    assert main(["suggest", "--text", TEXT, "--run", newer.id, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["run"] == newer.id


def test_the_suggest_page_names_a_damaged_chosen_run_and_lets_the_editor_choose(run, newer, store):
    OperatingPoints(store.folder).save(build_point(name="mine", run=run.id, cut=0.2))
    DAMAGES["report"](run.folder)
    app = open_page("suggest")
    assert run.id in texts_of(app).replace("\\", "")
    assert app.selectbox(key="chosen_run").value is None


def test_a_chosen_run_that_was_deleted_gives_way_to_the_newest(run, newer, store):
    gone = "20200101-000000000-0000000000"
    OperatingPoints(store.folder).save(build_point(name="mine", run=gone, cut=0.2))
    assert choose_run(store).id == newer.id


def test_where_the_newest_run_is_damaged_the_one_before_it_says_so(
    run, newer, store, tmp_path, capsys
):
    DAMAGES["report"](newer.folder)
    assert main(["suggest", "--text", TEXT, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["run"] == run.id
    expected = f"Run {newer.id} is damaged: report.json cannot be read"
    assert expected in answer["note"] and f"run {run.id} is used instead" in answer["note"]
    assert ModelPool(store).model().suggest(SuggestRequest(TEXT)).note == answer["note"]
    assert ModelPool(store).model(run.id).suggest(SuggestRequest(TEXT)).note == ""
    assert load_suggester(run.id).warning == ""
    assert newer.id in texts_of(open_page("suggest")).replace("\\", "")
    source = tmp_path / "a.jsonl"
    source.write_text(json.dumps({"id": "1", "title": "T", "description": TEXT}) + "\n")
    assert main(["tag", str(source), str(tmp_path / "tagged.csv")]) == 0
    assert expected in capsys.readouterr().err


def test_a_home_in_which_no_run_can_be_read_does_not_learn_from_the_sample_unasked(
    run, store, capsys
):
    DAMAGES["report"](run.folder)
    assert main(["suggest", "--text", TEXT]) == 2
    assert f"Run {run.id} is damaged: report.json" in capsys.readouterr().err
    with pytest.raises(RunError, match=f"{run.id} is damaged"):
        ModelPool(store).model()
    with pytest.raises(RunError, match=f"{run.id} is damaged"):
        ModelPool(store).model(preset="best-tfidf")
    assert len(store.folders()) == 1


@pytest.mark.parametrize("kind", ["report", "status gone", "config of numbers", "nested"])
def test_a_damaged_run_is_in_every_list_of_runs(run, newer, store, capsys, kind):
    DAMAGES[kind](run.folder)
    assert main(["runs", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [(one["run"], one["problem"] == "") for one in listed] == [
        (newer.id, True),
        (run.id, False),
    ]
    assert ".json cannot be read" in listed[1]["problem"] and listed[1]["report"] is None
    assert client_of(store).get("/runs").json() == listed
    assert main(["runs"]) == 0
    assert listed[1]["problem"] in capsys.readouterr().out


@pytest.mark.parametrize("page", ["compare", "thresholds"])
def test_a_page_that_chooses_among_runs_names_a_damaged_one(run, newer, store, page):
    DAMAGES["report"](run.folder)
    ((damaged,), app) = store.survey()[1], open_page(page)
    assert plain(damaged.problem) in [warning.value for warning in app.warning]


JOB_DAMAGES = {
    "empty": "",
    "half": '{"format": 1, "id": "2026',
    "a list": "[]",
    "null": "null",
    "nested": "[" * 100_000,
    "nested in its settings": '{"settings": ' + "[" * 700 + "]" * 700 + "}",
    "another object": '{"nonsense": 1}',
}


@pytest.mark.parametrize("kind", JOB_DAMAGES)
def test_a_damaged_job_is_in_every_list_of_jobs(home, capsys, kind):
    good, bad = a_job(title="good"), a_job(title="bad")
    create_job(good)
    create_job(bad)
    (bad.folder / "job.json").write_text(JOB_DAMAGES[kind])
    assert main(["jobs", "list", "--json"]) == 0
    listed = {one["id"]: one for one in json.loads(capsys.readouterr().out)}
    assert set(listed) == {good.id, bad.id}
    assert (listed[good.id]["state"], listed[bad.id]["state"]) == (good.state, "damaged")
    sentence = listed[bad.id]["error"]
    assert f"Job {bad.id} is damaged: its job.json cannot be read" in sentence
    assert main(["jobs", "list"]) == 0
    assert sentence in capsys.readouterr().out
    for command in ("show", "cancel", "again"):
        assert main(["jobs", command, bad.id]) == 2
        assert sentence in capsys.readouterr().err


def test_the_jobs_page_names_a_damaged_job_beside_the_others(home):
    good, bad = a_job(title="good"), a_job(title="bad")
    create_job(good)
    create_job(bad)
    (bad.folder / "job.json").write_text("{")
    app = open_page("jobs")
    assert bad.id in app.warning[0].value.replace("\\", "") and "good" in texts_of(app)


def test_a_home_whose_only_job_is_damaged_is_no_home_without_jobs(home, capsys):
    job = a_job()
    create_job(job)
    (job.folder / "job.json").write_text("{")
    assert main(["jobs", "list"]) == 0
    said = capsys.readouterr().out
    assert job.id in said and "No job yet" not in said
    assert "run in the background are shown here" not in texts_of(open_page("jobs"))


def test_a_job_record_of_another_job_is_damaged(home, capsys):
    one, two = a_job(), a_job()
    create_job(one)
    create_job(two)
    (one.folder / "job.json").write_bytes((two.folder / "job.json").read_bytes())
    assert main(["jobs", "show", one.id]) == 2
    assert f"it is of job {two.id}" in capsys.readouterr().err


def test_uploads_stay_while_a_job_that_may_need_them_cannot_be_read(home):
    path = keep_upload("a.jsonl", b"{}", "run")
    job = a_job(task="tag", settings={"source": str(path)}, state="running")
    create_job(job)
    (job.folder / "job.json").write_text("")
    remove_old_uploads(now=path.stat().st_mtime + 10 * 24 * 3600)
    assert path.exists()
