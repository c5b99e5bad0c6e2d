"""`run` with --detach and --engine: a job for each experiment, the family's and a sweep's too."""

import json
from types import SimpleNamespace

import pytest

from core.articles.store.sets import keep_articles
from core.base.errors import CoreError, JobError
from core.base.progress import no_epoch, no_progress
from core.commands.main import main
from core.jobs.job import list_jobs, read_job, write_final_state
from core.jobs.tasks import ExperimentTask, read_task
from core.runs.store import RunStore
from core.study.presets import configure, family_presets, preset_named
from tests.conftest import many_articles

LEAST = ["data.min_tag_count=5", "classifier.C=[0.1,1]", "features.max_df=1.0"]
LISTENER = SimpleNamespace(progress=no_progress, on_epoch=no_epoch, on_cluster=False)
FAMILY = [preset.name for preset in family_presets()]


class Engine:
    """Does a job when it starts, in this process; after `most` of them it takes no more."""

    def __init__(self):
        self.most, self.names = 1000, []

    def start(self, job):
        if len(list_jobs()) > self.most:
            raise JobError("The cluster is full.")
        self.names.append(job.engine)
        try:
            done = {"state": "done", "result": read_task(job.settings).perform(LISTENER)}
        except CoreError as error:
            done = {"state": "failed", "error": str(error)}
        write_final_state(job.model_copy(update=done))


class Waiting(Engine):
    """Takes jobs and leaves them waiting."""

    def start(self, job):
        self.names.append(job.engine)


@pytest.fixture
def engine(monkeypatch):
    engine = Engine()
    monkeypatch.setattr("core.jobs.queue.engine_named", lambda name: engine)
    return engine


@pytest.fixture
def waiting(monkeypatch):
    engine = Waiting()
    monkeypatch.setattr("core.jobs.queue.engine_named", lambda name: engine)
    return engine


@pytest.fixture
def sets(articles):
    keep_articles("one", articles)
    keep_articles("two", [a.model_copy(update={"tags": a.tags[:1]}) for a in many_articles(160)])


def document(capsys, *arguments, ends=0):
    assert main([*arguments, "--json"]) == ends
    return json.loads(capsys.readouterr().out)


def test_the_family_is_submitted_as_a_job_each(waiting, sets, capsys):
    jobs = document(capsys, "run", "study", "--data", "one", "--set", *LEAST, "--detach")
    assert [entry["preset"] for entry in jobs] == FAMILY
    assert RunStore().finished() == []
    tasks = [read_task(read_job(entry["job"]).settings) for entry in jobs]
    assert [task.config.preset for task in tasks] == FAMILY
    assert all(task.config.data.sources == ("one",) for task in tasks)
    assert all(task.config.data.min_tag_count == 5 for task in tasks)
    by_preset = {task.config.preset: task for task in tasks}
    for name, task in by_preset.items():
        kind, _, number = name.partition("-")
        teacher = by_preset[f"{kind}-06"].config if number == "07" else None
        assert task.teacher == teacher


def test_a_sweep_is_submitted_as_a_job_a_combination(waiting, sets, capsys):
    sweeps = ["--sweep", "data.sources=one,two", "--sweep", "seed=1,2"]
    jobs = document(capsys, "run", "best-tfidf", "--set", *LEAST, *sweeps, "--detach", "--again")
    points = [(entry["data.sources"], entry["seed"], entry["preset"]) for entry in jobs]
    assert points == [(name, seed, "best-tfidf") for name in ("one", "two") for seed in "12"]
    tasks = [read_task(read_job(entry["job"]).settings) for entry in jobs]
    assert all(task.again for task in tasks)
    assert [(t.config.data.sources, t.config.seed) for t in tasks] == [
        (("one",), 1),
        (("one",), 2),
        (("two",), 1),
        (("two",), 2),
    ]
    assert tasks[0].title == "best-tfidf, data.sources=one, seed=1 on one"


def test_submitted_jobs_are_listed_for_people(waiting, sets, capsys):
    command = ["run", "best-tfidf", "--set", *LEAST, "--sweep", "seed=1,2", "--detach"]
    assert main(command) == 0
    printed = capsys.readouterr().out
    for job in list_jobs():
        assert job.id in printed
    assert "seed=1" in printed and "jobs list" in printed


@pytest.mark.parametrize("name", ["local", "ray"])
def test_a_sweep_on_an_engine_waits_for_its_jobs_and_shows_their_figures(
    name, engine, sets, capsys, tmp_path
):
    command = ["run", "best-tfidf", "--set", *LEAST, "--sweep", "data.sources=one,two"]
    chart = tmp_path / "chart.html"
    on_engine = document(capsys, *command, "--engine", name, "--chart", str(chart))
    assert engine.names == [name, name]
    assert chart.read_text(encoding="utf-8")
    assert on_engine == document(capsys, *command)


def test_one_experiment_on_an_engine_is_a_job_too(engine, sets, capsys):
    command = ["run", "best-tfidf", "--data", "one", "--set", *LEAST]
    on_engine = document(capsys, *command, "--engine", "local")
    assert engine.names == ["local"]
    assert on_engine == document(capsys, *command)


def test_a_job_that_fails_is_said_beside_the_figures_of_the_others(engine, sets, capsys):
    command = ["run", "best-tfidf", "--data", "one", "--set", *LEAST[1:]]
    command += ["--engine", "local", "--sweep", "data.min_tag_count=5,1000"]
    good, bad = document(capsys, *command, ends=2)
    assert good["report"]["data"]["articles"] == 120
    assert bad["run"] is None and "No tag is in 1000 or more" in bad["error"]


def test_an_engine_that_takes_no_more_jobs_is_said_with_the_ids_of_those_it_took(
    engine, sets, capsys
):
    engine.most = 2
    command = ["run", "best-tfidf", "--data", "one", "--set", *LEAST, "--detach"]
    jobs = document(capsys, *command, "--sweep", "seed=1,2,3,4", ends=2)
    assert [bool(entry["job"]) for entry in jobs] == [True, True, False, False]
    assert [entry.get("error") for entry in jobs[2:]] == ["The cluster is full."] * 2
    assert len(list_jobs()) == 3  # the refused one, and none after it


def test_an_engine_that_takes_no_job_at_all_is_one_sentence(engine, sets, capsys):
    engine.most = 0
    assert main(["run", "study", "--data", "one", "--detach"]) == 2
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", "The cluster is full.\n")


def test_a_job_finds_files_that_were_named_from_another_folder(
    waiting, articles, tmp_path, tiny_bert, monkeypatch, capsys
):
    rows = "".join(a.model_dump_json() + "\n" for a in articles)
    (tmp_path / "posts.jsonl").write_text(rows, encoding="utf-8")
    (tmp_path / "more.jsonl").write_text(rows, encoding="utf-8")
    monkeypatch.chdir(tiny_bert.parent)
    (tiny_bert.parent / "here.jsonl").write_text(rows, encoding="utf-8")
    command = ["run", "best-encoder", "--data", "here.jsonl", "sample", "--set", *LEAST[:2]]
    command += ["features.encoder.name=tiny-bert", f"data.extra={tmp_path}/more.jsonl"]
    job = document(capsys, *command, "--detach")["job"]
    config = read_task(read_job(job).settings).config
    assert config.data.sources == (str(tiny_bert.parent / "here.jsonl"), "sample")
    assert config.data.extra == (str(tmp_path / "more.jsonl"),)
    assert config.features.encoder.name == str(tiny_bert)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--data", "none.jsonl", "--detach"], "There is no article file 'none.jsonl'"),
        (["--data", "none", "--detach"], "There is no data set 'none'"),
        (["--sweep", "seed=1,2", "--chart", "a.html", "--detach"], "--chart shows results"),
        (["--markdown", "--detach"], "--markdown shows results"),
        (["--title", "headline", "--detach"], "A job reads article files as they are"),
        (
            ["--title", "headline", "--sweep", "seed=1,2", "--engine", "ray"],
            "A job reads article files as they are",
        ),
    ],
)
def test_what_a_job_cannot_do_is_refused_before_there_is_one(options, sentence, waiting, capsys):
    assert main(["run", "best-tfidf", *options]) == 2
    assert sentence in capsys.readouterr().err
    assert list_jobs() == []


def test_a_job_of_the_family_learns_from_the_familys_own_teacher(
    store, articles, tiny_bert, monkeypatch
):
    keep_articles("one", articles)
    tiny = [
        *LEAST[:1],
        f"features.encoder.name={tiny_bert}",
        "features.encoder.device=cpu",
        "augment.level=0",
        "finetune.epochs=1",
        "finetune.precision=fp32",
    ]
    teacher = configure(preset_named("fixed-06").config(), sources=["one"], assignments=tiny)
    own = [*tiny, "features.encoder.name=run:fixed-06"]
    config = configure(preset_named("fixed-07").config(), sources=["one"], assignments=own)
    task = ExperimentTask(config=config, teacher=teacher)
    done = [task.perform(LISTENER)["run"] for _ in range(2)]
    made = [run for run in store.finished() if run.config == teacher]
    assert len(made) == 1  # made for the first job, found by the second
    assert done[0] == done[1]
    assert store.load(done[0]).config.features.encoder.name == f"run:{made[0].id}"
