"""The Ray engine against a real one-machine cluster on loopback."""

import sys
import tempfile
import time
from pathlib import Path

import pytest

from core.base.errors import JobError
from core.features.vector_cache import VectorCache
from core.jobs.job import STALE_SECONDS, create_job, read_job, read_log
from core.jobs.queue import cancel, settle, submit_experiment, wait_for
from core.jobs.ray_engine import RayEngine
from core.runs.experiment import run_experiment
from core.study.presets import configure
from tests.servers import free_port, running
from tests.test_jobs import a_job, article_file, quick, wait_until  # noqa: F401

pytest.importorskip("ray", reason="ray is not installed (requirements-ray.txt)")
PATIENCE = 180


@pytest.fixture(scope="module")
def cluster():
    """The address of a head node with one processor to give away."""
    address = f"http://127.0.0.1:{(port := free_port())}"
    # A socket's path may have 107 characters at most, so not below pytest's own folder.
    with tempfile.TemporaryDirectory(prefix="ray-") as folder:
        command = [
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
            # Their defaults are fixed, so a second cluster on this machine would have no agent.
            f"--dashboard-agent-listen-port={free_port()}",
            f"--dashboard-agent-grpc-port={free_port()}",
            f"--runtime-env-agent-port={free_port()}",
            f"--metrics-export-port={free_port()}",
            "--num-cpus=1",
            "--num-gpus=0",
            f"--temp-dir={folder}",
        ]
        with running(
            command,
            alive=f"{address}/api/version",
            log=Path(folder) / "head.log",
            environment={"RAY_AUTH_MODE": "disabled"},
        ):
            yield address


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


def test_the_cluster_shares_the_vectors_that_its_jobs_make(on_ray, quick, tiny_bert, store):  # noqa: F811
    config = configure(quick, assignments=["method=encoder", f"features.encoder.name={tiny_bert}"])
    job = wait_for(submit_experiment(config).id, seconds=PATIENCE)
    assert (job.state, job.device_kind) == ("done", "gpu")  # without GPUs it takes a processor
    here = run_experiment(config, store, again=True).run
    on_cluster = store.load(job.result["run"])
    assert here.report.averages == on_cluster.report.averages
    assert VectorCache().size()[0] == 120


def test_jobs_at_work_and_waiting_are_cancelled_on_the_cluster(on_ray, quick, tiny_bert):  # noqa: F811
    slow = configure(
        quick,
        assignments=[
            "method=finetune",
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
