"""The Ray engine against a real one-machine cluster on loopback."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import pytest

from core.base.errors import JobError
from core.jobs.job import STALE_SECONDS, create_job, read_job, read_log
from core.jobs.queue import cancel, settle, submit, submit_experiment, wait_for
from core.jobs.ray_engine import RayEngine
from core.jobs.tasks import EmbedTask
from core.runs.experiment import run_experiment
from core.runs.presets import configure
from tests.test_jobs import a_job, article_file, quick, wait_until  # noqa: F401

pytest.importorskip("ray", reason="ray is not installed (requirements-ray.txt)")
PATIENCE = 180


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture(scope="module")
def cluster():
    """The address of a head node with one processor to give away."""
    port = free_port()
    environment = os.environ | {"RAY_AUTH_MODE": "disabled", "RAY_DISABLE_IMPORT_WARNING": "1"}
    # A socket's path may have 107 characters at most, so not below pytest's own folder.
    with tempfile.TemporaryDirectory(prefix="ray-") as folder:
        log = (Path(folder) / "head.log").open("w")
        process = subprocess.Popen(
            [
                str(Path(sys.executable).with_name("ray")),
                "start",
                "--head",
                "--block",
                "--disable-usage-stats",
                "--node-ip-address=127.0.0.1",
                f"--port={free_port()}",
                "--include-dashboard=true",
                "--dashboard-host=127.0.0.1",
                f"--dashboard-port={port}",
                "--num-cpus=1",
                "--num-gpus=0",
                f"--temp-dir={folder}",
            ],
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            wait_until_up(f"http://127.0.0.1:{port}/api/version", process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
            log.close()


def wait_until_up(address, process):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        assert process.poll() is None, "ray ended"
        try:
            urllib.request.urlopen(address, timeout=2)
            return
        except OSError:
            try:
                process.wait(timeout=0.5)
            except subprocess.TimeoutExpired:
                continue
    pytest.fail("ray did not start")


@pytest.fixture
def on_ray(cluster, monkeypatch):
    monkeypatch.setenv("RAY_ADDRESS", cluster)
    monkeypatch.setenv("TAGSMITH_ENGINE", "ray")


def test_an_experiment_on_the_cluster_gives_the_local_figures(on_ray, quick, articles, store):  # noqa: F811
    job = submit_experiment(quick)
    assert job.engine == "ray"
    done = wait_for(job.id, seconds=PATIENCE)
    assert (done.state, done.error) == ("done", ""), read_log(done)
    assert done.slot == "ray"
    on_cluster = store.load(done.result["run"]).report
    here = run_experiment(quick, store, articles=articles, again=True).run.report
    assert on_cluster == here


def test_embedding_on_the_cluster_fills_the_shared_cache(on_ray, quick, tiny_bert):  # noqa: F811
    encoder = {"name": str(tiny_bert)}
    job = wait_for(submit(EmbedTask(data=quick.data, encoder=encoder)).id, seconds=PATIENCE)
    assert (job.state, job.device_kind) == ("done", "gpu")  # without GPUs it takes a processor
    here = wait_for(
        submit(EmbedTask(data=quick.data, encoder=encoder), engine="local").id, seconds=PATIENCE
    )
    assert here.result == {"texts": 120, "reused": 120, "truncated": 0}


def test_jobs_at_work_and_waiting_are_cancelled_on_the_cluster(on_ray, quick, tiny_bert):  # noqa: F811
    slow = configure(
        quick,
        assignments=[
            "classifier.kind=finetune",
            f"features.encoder.name={tiny_bert}",
            "finetune.epochs=200",
            "finetune.patience=200",
            "augment.level=20",
        ],
    )
    first, second = submit_experiment(slow), submit_experiment(slow)
    wait_until(lambda job: job.step == "train", first.id)
    assert read_job(second.id).state == "queued"  # the cluster has one processor
    cancel(second.id)
    assert wait_for(second.id, seconds=STALE_SECONDS + 10).state == "cancelled"
    asked = time.time()
    cancel(first.id)
    ended = wait_for(first.id, seconds=10)
    assert ended.state == "cancelled"
    assert ended.ended - asked < 5


def test_a_job_that_the_cluster_gave_up_reads_failed(on_ray, home):
    job = a_job(engine="ray", heartbeat=time.time() - STALE_SECONDS - 1)
    create_job(job)
    settled = settle(read_job(job.id))
    assert settled.state == "failed"
    assert "does not know the job" in settled.error
    assert read_job(job.id).state == "failed"


def test_without_a_cluster_the_job_fails_in_a_sentence(monkeypatch, home):
    monkeypatch.setenv("RAY_ADDRESS", f"http://127.0.0.1:{free_port()}")
    with pytest.raises(JobError, match="No Ray cluster answers at"):
        RayEngine().start(a_job())
