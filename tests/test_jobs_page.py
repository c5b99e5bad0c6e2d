"""The Jobs page and the sidebar's line, without a browser."""

import json
import time

import pytest

from core.jobs.job import create_job
from pages.parts.jobs.charts import learning_curves
from pages.parts.shared.job_views import facts_text, progress_text
from tests.app_testing import open_page, press, texts_of
from tests.test_jobs import a_job

CURVE = [
    {
        "epoch": 1,
        "train_loss": 0.5,
        "validation_loss": 0.4,
        "micro_f1_score": 0.2,
        "macro_f1_score": 0.1,
    },
    {
        "epoch": 2,
        "train_loss": 0.3,
        "validation_loss": 0.35,
        "micro_f1_score": 0.6,
        "macro_f1_score": 0.5,
    },
]


@pytest.fixture
def running(home):
    job = a_job(
        title="best-tfidf on <b>x</b>",
        state="running",
        step="train",
        done=30,
        total=120,
        unit="fits",
        seconds_left=90.0,
        started=time.time(),
        slot="cpu",
        memory_bytes=1_500_000_000,
    )
    create_job(job)
    return job


def test_without_jobs_the_page_says_what_it_will_show(home):
    app = open_page("jobs")
    assert "run in the background are shown here" in app.info[0].value


def test_a_running_job_shows_its_step_units_time_left_and_place(running):
    waiting = a_job(title="second")
    create_job(waiting)
    app = open_page("jobs")
    assert "train: 30 of 120 fits, 1 min 30 s left" in progress_text(running)
    assert "on cpu" in facts_text(running)
    assert "1.5 GB of memory" in facts_text(running)
    shown = "\n".join(element.value for element in app.markdown)
    assert "waiting, position 2" in shown
    assert r"best\-tfidf on \<b\>x\<\/b\>" in shown or r"\<b\>" in shown


def test_the_cancel_button_asks_the_job_to_stop(running):
    app = open_page("jobs")
    press(app, "Cancel")
    assert (running.folder / "cancel").exists()


def test_a_failed_job_shows_its_sentence_and_can_be_repeated(home, monkeypatch):
    asked = []
    monkeypatch.setattr("core.jobs.queue.run_again", asked.append)
    job = a_job(state="failed", error="No tag is in 5000 or more.", ended=time.time())
    create_job(job)
    app = open_page("jobs")
    assert "No tag is in 5000 or more" in app.error[0].value
    assert "Run again" in [button.label for button in app.button]


def test_a_refused_action_is_said_above_the_jobs(home):
    job = a_job(state="failed", settings={"kind": "of another version"})
    create_job(job)
    app = open_page("jobs")
    press(app, "Run again")
    assert "cannot be used" in app.error[0].value


def test_a_link_opens_a_job_with_its_curve_log_and_settings(home):
    job = a_job(state="done", settings={"kind": "experiment"}, result={"run": "some-run"})
    create_job(job)
    (job.folder / "events.jsonl").write_text("".join(json.dumps(p) + "\n" for p in CURVE))
    (job.folder / "log.txt").write_text("it printed this\n")
    app = open_page("jobs", job=job.id)
    assert "it printed this" in app.code[0].value
    assert '"kind": "experiment"' in app.code[1].value
    assert len(app.get("vega_lite_chart")) == 1
    gone = open_page("jobs", job="20200101-000000000000-000000")
    assert "names a job that is gone" in gone.warning[0].value


def test_a_finished_job_leads_to_what_it_made(home):
    for task in ("experiment", "curve"):
        create_job(a_job(task=task, state="done", result={"run": "some-run"}))
    links = {link.proto.label: link.proto for link in open_page("jobs").get("page_link")}
    assert links["Open the run"].page == "train"
    assert links["Open the curve"].page == "compare"
    assert "curve=some-run" in links["Open the curve"].query_string


def test_curves_carry_titles_and_every_point():
    spec = learning_curves(CURVE).to_dict()
    left, right = spec["hconcat"]
    assert left["title"] == "Loss by epoch"
    assert "F1" in right["title"]
    values = [row["value"] for data in spec["datasets"].values() for row in data]
    assert sorted(values) == sorted(
        point[name] for point in CURVE for name in point if name != "epoch"
    )


def test_a_lost_job_reads_so_without_any_process(home):
    job = a_job(state="running", heartbeat=time.time() - 1000)
    create_job(job)
    app = open_page("jobs")
    assert "Its process is gone" in app.error[0].value
    assert "lost" in texts_of(app)
