"""Background jobs with their real processes: order, cancel, kill, repeat, and what they leave."""

import json
import os
import signal
import time
from itertools import pairwise
from pathlib import Path

import psutil
import pytest

from core.articles.store.sets import list_sets
from core.base.devices import Gpu
from core.base.errors import JobError
from core.commands.main import main
from core.jobs import job as job_module
from core.jobs.child import CancelledError, Reporter, failure_sentence
from core.jobs.first_start import is_first_start, start_first_jobs
from core.jobs.job import (
    STALE_SECONDS,
    Job,
    create_job,
    list_jobs,
    new_job_id,
    read_job,
    read_log,
    write_final_state,
    write_job,
)
from core.jobs.queue import cancel, run_again, submit, submit_experiment, wait_for
from core.jobs.slots import Turn, gpu_settings, position, slots_for
from core.jobs.tasks import CurveTask, ExperimentTask, ImportTask, read_task
from core.runs.learning_curves import read_learning_curve
from core.runs.store import RunStore
from core.study.presets import configure

PATIENCE = 120


@pytest.fixture
def article_file(articles, tmp_path):
    path = tmp_path / "articles.jsonl"
    path.write_text("".join(a.model_dump_json() + "\n" for a in articles), encoding="utf-8")
    return str(path)


@pytest.fixture
def quick(tiny_config, article_file):
    return configure(tiny_config, sources=[article_file])


@pytest.fixture
def long(quick, tiny_bert):
    """A fine-tuning that would take minutes."""
    return configure(
        quick,
        assignments=[
            "method=finetune",
            f"features.encoder.name={tiny_bert}",
            "features.encoder.device=cpu",
            "finetune.epochs=200",
            "finetune.patience=200",
            "finetune.precision=fp32",
            "augment.level=20",
        ],
    )


@pytest.fixture(autouse=True)
def no_process_is_left(home):
    yield
    for left in list_jobs():
        if left.is_active and left.pid:
            cancel(left.id)
            wait_for(left.id, seconds=20)


def a_job(**fields) -> Job:
    now = time.time()
    values = {
        "id": new_job_id(),
        "task": "import",
        "title": "a job",
        "settings": {},
        "created": now,
        "heartbeat": now,
    }
    return Job(**values | fields)


def wait_until(condition, job_id, seconds=PATIENCE):
    """The job as soon as the condition holds of it."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        job = read_job(job_id)
        if condition(job):
            return job
        wait_for(job_id, seconds=0.1)
    pytest.fail(f"it did not come to that: {read_job(job_id)}, {read_log(read_job(job_id))}")


def child_of(job: Job) -> psutil.Process:
    (child,) = [
        process
        for process in psutil.Process(job.pid).children()
        if "spawn_main" in " ".join(process.cmdline())
    ]
    return child


def test_a_submitted_experiment_runs_in_its_own_process_and_leaves_a_run(quick, store):
    submitted = submit_experiment(quick)
    assert submitted.state == "queued"
    job = wait_for(submitted.id, seconds=PATIENCE)
    assert (job.state, job.error) == ("done", "")
    assert store.load(job.result["run"]).config == quick
    assert job.pid != os.getpid()
    assert (job.done, job.slot) == (job.total, "cpu")
    assert job.memory_bytes > 0
    assert job.created <= job.started <= job.ended


def test_the_second_job_waits_at_position_2_and_starts_when_the_first_ends(long, quick):
    first, second = submit_experiment(long), submit_experiment(quick)
    wait_until(lambda job: job.state == "running", first.id)
    wait_until(lambda job: job.pid, second.id)
    waiting = read_job(second.id)
    assert waiting.state == "queued"
    assert position(waiting, list_jobs()) == 2
    cancel(first.id)
    first_ended = wait_for(first.id, seconds=10)
    started = wait_until(lambda job: job.started, second.id)
    assert started.started - first_ended.ended < 3
    assert wait_for(second.id, seconds=PATIENCE).state == "done"


def test_submissions_are_all_done_once_and_in_order(article_file):
    ids = [submit(ImportTask(file=article_file, name=f"set-{n}")).id for n in range(6)]
    jobs = [wait_for(job_id, seconds=PATIENCE) for job_id in ids]
    assert [job.state for job in jobs] == ["done"] * 6
    assert {info.name for info in list_sets()} == {"sample", *(f"set-{n}" for n in range(6))}
    starts = [job.started for job in jobs]
    assert starts == sorted(starts)
    # One slot: none began before the one before it had ended.
    assert all(job.ended <= after.started for job, after in pairwise(jobs))


def test_a_running_job_is_cancelled_within_5_seconds(long):
    submitted = submit_experiment(long)
    wait_until(lambda job: job.step == "train" and job.done, submitted.id)
    asked = time.time()
    cancel(submitted.id)
    job = wait_for(submitted.id, seconds=10)
    assert job.state == "cancelled"
    assert job.ended - asked < 5
    assert not RunStore().finished()
    with pytest.raises(JobError, match="is cancelled already"):
        cancel(submitted.id)


def test_work_that_does_not_answer_is_killed_within_5_seconds(long):
    submitted = submit_experiment(long)
    job = wait_until(lambda job: job.step == "train", submitted.id)
    child = child_of(job)
    child.suspend()
    asked = time.time()
    cancel(submitted.id)
    job = wait_for(submitted.id, seconds=10)
    assert job.state == "cancelled"
    assert job.ended - asked < 5
    assert not psutil.pid_exists(child.pid)


def test_a_job_that_waits_is_cancelled_before_it_begins(long, quick):
    first, second = submit_experiment(long), submit_experiment(quick)
    wait_until(lambda job: job.pid, second.id)
    cancel(second.id)
    assert wait_for(second.id, seconds=10).state == "cancelled"
    assert read_job(second.id).started is None
    assert read_job(first.id).is_active


def test_a_killed_worker_reads_lost_frees_its_slot_and_can_run_again(long, quick):
    submitted = submit_experiment(long)
    job = wait_until(lambda job: job.step == "train", submitted.id)
    child = child_of(job)
    os.kill(job.pid, signal.SIGKILL)
    child.wait(timeout=10)
    later = time.time() + STALE_SECONDS + 1
    assert read_job(job.id, now=later).state == "lost"
    assert "Run it again" in read_job(job.id, now=later).error
    with pytest.raises(JobError, match="still running"):
        run_again(job.id)
    write_job(job.model_copy(update={"heartbeat": time.time() - STALE_SECONDS - 1}))
    after = submit_experiment(quick)
    assert wait_for(after.id, seconds=PATIENCE).state == "done"
    again = run_again(job.id)
    assert again.again_of == job.id
    assert read_task(again.settings) == ExperimentTask(config=long)


def test_a_killed_child_reads_lost_at_once(long):
    submitted = submit_experiment(long)
    job = wait_until(lambda job: job.step == "train", submitted.id)
    child_of(job).kill()
    job = wait_for(submitted.id, seconds=10)
    assert job.state == "lost"
    assert "signal 9" in job.error


def test_a_killed_fine_tuning_goes_on_when_it_is_run_again(long, home):
    config = configure(long, assignments=["finetune.epochs=4", "augment.level=1"])
    first = submit_experiment(config)
    job = wait_until(lambda job: (job.folder / "events.jsonl").exists(), first.id)
    child_of(job).kill()
    assert wait_for(first.id, seconds=10).state == "lost"
    epochs_before = len(job_module.read_curve(job))
    again = wait_for(run_again(first.id).id, seconds=PATIENCE)
    assert again.state == "done"
    curve = job_module.read_curve(again)
    assert [figures["epoch"] for figures in curve] == [1, 2, 3, 4]
    assert curve[:epochs_before] == job_module.read_curve(job)


def test_two_workers_never_do_the_same_job(long):
    submitted = submit_experiment(long)
    wait_until(lambda job: job.state == "running", submitted.id)
    assert main(["work", submitted.id]) == 2
    cancel(submitted.id)
    wait_for(submitted.id, seconds=10)
    assert main(["work", submitted.id]) == 2


def test_what_a_user_can_mend_fails_with_its_sentence_and_earlier_runs_stay(quick, store):
    run = store.load(wait_for(submit_experiment(quick).id, seconds=PATIENCE).result["run"])
    none_left = configure(quick, assignments=["data.min_tag_count=5000"])
    job = wait_for(submit_experiment(none_left).id, seconds=PATIENCE)
    assert job.state == "failed"
    assert job.error.startswith("No tag is in 5000 or more")
    assert store.load(run.id).report == run.report


def test_a_folder_that_cannot_be_written_fails_the_job_with_a_sentence(quick, home):
    (home / "runs").parent.mkdir(exist_ok=True)
    (home / "runs").write_text("in the way")
    job = wait_for(submit_experiment(quick).id, seconds=PATIENCE)
    assert job.state == "failed"
    assert "cannot be read or written" in job.error


def test_a_full_disk_still_takes_the_last_word(monkeypatch, home):
    job = a_job()
    create_job(job)
    reserve = job.folder / "reserve"
    original = job_module.write_json

    def full_while_reserved(path, value):
        if reserve.exists():
            raise OSError(28, "No space left on device")
        original(path, value)

    monkeypatch.setattr(job_module, "write_json", full_while_reserved)
    write_final_state(job.model_copy(update={"state": "failed", "error": "No space left"}))
    assert read_job(job.id).error == "No space left"


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (type("OutOfMemoryError", (RuntimeError,), {})(), "Lower finetune.batch_size"),
        (MemoryError(), "fewer articles"),
        (OSError(28, "No space left on device", "/x"), "/x cannot be read or written: No space"),
        (ZeroDivisionError(), "A bug of Tagsmith"),
    ],
)
def test_a_failure_is_told_with_advice(error, advice):
    assert advice in failure_sentence(error)


def test_a_heartbeat_of_long_ago_or_of_the_future_is_none(home):
    job = a_job(state="running")
    create_job(job)
    alive = job.heartbeat
    assert read_job(job.id, now=alive + STALE_SECONDS - 1).state == "running"
    assert read_job(job.id, now=alive + STALE_SECONDS + 1).state == "lost"
    assert read_job(job.id, now=alive - STALE_SECONDS - 1).state == "lost"


def test_the_queue_counts_live_jobs_of_the_same_slot_only(home):
    old = a_job(state="done")
    running = a_job(state="running")
    elsewhere = a_job(engine="ray")
    dead = a_job(heartbeat=time.time() - 1000)
    mine = a_job()
    for job in (old, running, elsewhere, dead, mine):
        create_job(job)
    assert [job.id for job in Turn(mine).ahead()] == [running.id]
    assert position(mine, list_jobs()) == 2
    with Turn(mine).try_slot() as slot:
        assert slot == "cpu"
        with Turn(running).try_slot() as other:
            assert other == ""


def test_a_cancelled_report_ends_the_work():
    class Connection:
        def recv(self):
            return "cancel"

        def send(self, message): ...

    reporter = Reporter(Connection())
    reporter.progress("train", 1, 2, "fits")
    reporter.listen()
    with pytest.raises(CancelledError):
        reporter.progress("train", 2, 2, "fits")


def test_a_learning_curve_is_measured_and_kept_with_its_run(quick, store):
    job = wait_for(submit(CurveTask(config=quick)).id, seconds=PATIENCE)
    assert (job.state, job.error) == ("done", "")
    assert (job.step, job.unit, job.done) == ("learn", "articles", job.total)
    run = store.load(job.result["run"])
    curve = read_learning_curve(run)
    assert job.result["sizes"] == list(curve.sizes)
    micro = run.report.averages["micro avg"].f1_score
    assert curve.line("micro F1").values[-1] == pytest.approx(micro)
    again = wait_for(submit(CurveTask(config=quick, run=run.id)).id, seconds=PATIENCE)
    assert again.result == job.result
    assert [one.id for one in store.finished()] == [run.id]


def test_a_curve_of_what_takes_a_fine_tuned_encoder_is_refused_before_it_trains(long, store):
    job = wait_for(submit(CurveTask(config=long)).id, seconds=PATIENCE)
    assert job.state == "failed"
    assert "needs no fine-tuned encoder" in job.error
    assert store.finished() == []


def test_a_curve_is_of_the_run_that_is_named_and_of_no_other(quick, article_file, store):
    run = store.load(wait_for(submit_experiment(quick).id, seconds=PATIENCE).result["run"])
    file = Path(article_file)
    file.write_text("\n".join(file.read_text(encoding="utf-8").splitlines()[:-10]))
    job = wait_for(submit(CurveTask(config=quick, run=run.id)).id, seconds=PATIENCE)
    assert job.state == "failed"
    assert f"has changed since run {run.id}" in job.error


def test_a_damaged_or_unknown_job_is_said_in_a_sentence(home):
    job = a_job()
    create_job(job)
    (job.folder / "job.json").write_text("{")
    with pytest.raises(JobError, match="is damaged"):
        read_job(job.id)
    assert list_jobs() == []
    for wrong in ("gone", "../x", "20260101-000000000000-abcdef"):
        with pytest.raises(JobError, match="There is no job"):
            read_job(wrong)


def test_settings_of_another_version_are_refused_in_a_sentence():
    with pytest.raises(JobError, match="cannot be used"):
        read_task({"kind": "experiment", "config": {"nonsense": 1}})


def test_the_command_line_submits_lists_shows_cancels_and_repeats(article_file, capsys, tiny_bert):
    def call(*arguments):
        assert main([*arguments, "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    settings = ["data.min_tag_count=5", "classifier.C=1", "features.max_df=1.0"]
    asked = call("run", "best-tfidf", "--data", article_file, "--set", *settings, "--detach")
    assert wait_for(asked["job"], seconds=PATIENCE).state == "done"
    assert [job["id"] for job in call("jobs", "list")] == [asked["job"]]
    shown = call("jobs", "show", asked["job"])
    assert (shown["state"], shown["position"]) == ("done", None)
    again = call("jobs", "again", asked["job"])
    assert wait_for(again["id"], seconds=PATIENCE).result["reused"] is True
    slow = [settings[0], "method=finetune", "finetune.epochs=200", "finetune.patience=200"]
    slow += [f"features.encoder.name={tiny_bert}", "augment.level=20"]
    job = call("run", "best-tfidf", "--data", article_file, "--set", *slow, "--detach")["job"]
    wait_until(lambda job: job.state == "running", job)
    assert call("jobs", "cancel", job)["state"] == "cancelled"
    assert main(["jobs", "list"]) == 0
    assert "cancelled" in capsys.readouterr().out
    assert main(["jobs", "show", "gone"]) == 2
    assert "There is no job" in capsys.readouterr().err


def test_a_job_refuses_reading_options_that_it_would_not_follow(article_file, capsys):
    assert main(["run", "best-tfidf", "--data", article_file, "--title", "t", "--detach"]) == 2
    assert "Import the file" in capsys.readouterr().err


def test_a_new_home_learns_from_the_sample_once(home, monkeypatch):
    submitted = []
    monkeypatch.setattr("core.jobs.queue.submit_experiment", submitted.append)
    monkeypatch.setenv("TAGSMITH_FIRST_START", "")
    assert is_first_start()
    start_first_jobs()
    presets = [config.preset for config in submitted]
    assert presets == ["best-tfidf", "best-encoder", "best-hybrid"]
    assert all(config.data.sources == ("sample",) for config in submitted)
    assert not is_first_start()
    assert start_first_jobs() == []
    assert len(submitted) == 3


def test_a_home_with_runs_is_no_new_one(home, monkeypatch):
    monkeypatch.setenv("TAGSMITH_FIRST_START", "")
    (home / "runs" / "some").mkdir(parents=True)
    assert not is_first_start()


@pytest.mark.parametrize(
    ("kind", "torch_has_cuda", "slots"),
    [("gpu", True, ("gpu-0", "gpu-2")), ("gpu", False, ("cpu",)), ("cpu", True, ("cpu",))],
)
def test_slots_are_the_gpus_that_torch_can_use(kind, torch_has_cuda, slots, monkeypatch):
    cards = [Gpu(index, "a card", 80 << 30, 79 << 30) for index in (0, 2)]
    monkeypatch.setattr("core.jobs.slots.list_gpus", lambda: cards)
    monkeypatch.setattr("core.jobs.slots.torch_has_cuda", lambda: torch_has_cuda)
    slots_for.cache_clear()
    try:
        assert slots_for(kind) == slots
        for slot in slots:
            named = gpu_settings(slot)
            assert named["CUDA_VISIBLE_DEVICES"] == slot[4:]
            assert named["CUDA_DEVICE_ORDER"] == "PCI_BUS_ID"  # as the driver numbers them
    finally:
        slots_for.cache_clear()
