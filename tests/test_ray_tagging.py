"""Bulk tagging by Ray Data against a real one-machine cluster with one processor to give away."""

import json

import numpy as np
import pytest

from benchmarks.large_files import write_rows
from core.jobs.job import read_log
from core.jobs.queue import submit, wait_for
from core.jobs.tasks import TagTask
from core.runs.experiment import run_experiment
from core.study.presets import configure
from core.suggest.bulk import tag_file
from core.suggest.suggester import Suggester
from tests.test_ray_engine import PATIENCE, cluster, on_ray  # noqa: F401

ROWS = 2500  # three parts


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "rows.jsonl"
    write_rows(path, ROWS)
    with path.open("a") as file:
        file.write('{"title": 7}\n{broken\n')
    return path


@pytest.fixture
def trained(tiny_config, home, store):
    config = configure(tiny_config, assignments=["data.most_articles=300", "classifier.C=1"])
    return config, run_experiment(config, store).run


def tag_there(source, target, run):
    task = TagTask(source=str(source), target=str(target), run=run.id)
    job = wait_for(submit(task).id, seconds=PATIENCE)
    assert (job.state, job.error) == ("done", ""), read_log(job)
    return job


def test_the_file_of_the_cluster_is_that_of_one_process(on_ray, source, trained, tmp_path):  # noqa: F811
    _, run = trained
    here, there = tmp_path / "here.jsonl", tmp_path / "there.jsonl"
    found = tag_file(source, here, Suggester.load(run))
    job = tag_there(source, there, run)
    assert (job.slot, job.step, job.done, job.unit) == ("ray", "tag", 3, "parts")
    assert job.result == {
        "rows": found.rows,
        "bad_rows": 2,
        "needs_a_look": found.needs_a_look,
        "reading": found.reading,
        "notes": list(found.notes),
        "file": str(there),
    }
    assert there.read_bytes() == here.read_bytes()
    assert list(tmp_path.glob(".there*")) == []


def test_what_was_begun_in_one_process_is_finished_on_the_cluster(
    on_ray,  # noqa: F811
    source,
    trained,
    tmp_path,
):
    _, run = trained
    whole, target = tmp_path / "whole.csv.gz", tmp_path / "out.csv.gz"
    suggester = Suggester.load(run)
    tag_file(source, whole, suggester)

    class KilledError(BaseException): ...

    def kill(*_):
        raise KilledError

    with pytest.raises(KilledError):
        tag_file(source, target, suggester, progress=kill)
    job = tag_there(source, target, run)
    assert job.done == 2  # the first part was there
    assert target.read_bytes() == whole.read_bytes()


def test_an_encoders_scores_agree_on_the_cluster(on_ray, source, trained, tiny_bert, tmp_path):  # noqa: F811
    config = configure(
        trained[0], assignments=["method=encoder", f"features.encoder.name={tiny_bert}"]
    )
    from core.runs.store import RunStore

    run = run_experiment(config, RunStore()).run
    here, there = tmp_path / "here.jsonl", tmp_path / "there.jsonl"
    tag_file(source, here, Suggester.load(run))
    tag_there(source, there, run)
    ours, theirs = (
        [json.loads(line) for line in path.read_text().splitlines()] for path in (here, there)
    )
    assert [row["suggested_tags"] for row in ours] == [row["suggested_tags"] for row in theirs]
    assert any(row["suggested_tags"] for row in ours)
    for mine, its in zip(ours, theirs, strict=True):
        assert np.allclose(mine["tag_scores"], its["tag_scores"], rtol=0, atol=1.1e-5)
