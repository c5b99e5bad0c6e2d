"""A file whose parts are tagged elsewhere: the same bytes, whoever tags them in which order."""

import json
import sys

import pytest

from core.articles.mapping import ReadingPlan
from core.base.files import read_json
from core.commands.main import main
from core.runs.experiment import run_experiment
from core.runs.operating_points import OperatingPoint
from core.suggest.bulk import read_set_aside, rows_beside, tag_file
from core.suggest.bulk_ray import PartTagger
from core.suggest.suggester import Suggester


@pytest.fixture
def suggester(tiny_config, articles, store):
    return Suggester.load(run_experiment(tiny_config, store, articles=articles).run)


@pytest.fixture
def source(articles, tmp_path):
    """105 rows; the last three are no article, no JSON, and empty of known words."""
    rows = [json.dumps({"title": a.title, "description": a.description}) for a in articles[:102]]
    rows += ['{"title": 7, "description": ""}', "{broken", '{"title": "zzz", "description": "q"}']
    path = tmp_path / "in.jsonl"
    path.write_text("\n".join(rows) + "\n")
    return path


class Backwards:
    """Workers that load the model themselves and take the parts from the end."""

    def __init__(self, most=1000):
        self.tagged, self.most = [], most

    def __call__(self, tagging, parts, progress):
        run = tagging.suggester.run
        worker = PartTagger(
            run.id, run.folder.parent, tagging.suggester.point, tagging.source, tagging.plan
        )
        for part in parts[::-1][: self.most]:
            worker({"path": [str(part)]})
            self.tagged.append(part.name)
            progress("tag", len(self.tagged), len(parts), "parts")
        if len(parts) > self.most:
            raise KilledError


class KilledError(BaseException): ...


def test_parts_that_are_tagged_elsewhere_make_the_same_file(source, suggester, tmp_path):
    here, there, steps = tmp_path / "here.jsonl", tmp_path / "there.jsonl", []
    found = tag_file(source, here, suggester, rows_at_once=10)
    workers = Backwards()
    assert found == tag_file(
        source,
        there,
        suggester,
        rows_at_once=10,
        workers=workers,
        progress=lambda *step: steps.append(step),
    )
    assert there.read_bytes() == here.read_bytes()
    assert workers.tagged[0] == "000010.json"
    assert steps[0] == ("read", 10, 106, "rows")
    assert steps[-1] == ("tag", 11, 11, "parts")
    assert list(tmp_path.glob(".*")) == []


@pytest.mark.parametrize("again_here", [True, False])
def test_after_a_kill_only_the_parts_that_are_missing_are_tagged(
    source, suggester, tmp_path, again_here
):
    whole, target = tmp_path / "whole.jsonl", tmp_path / "out.jsonl"
    tag_file(source, whole, suggester, rows_at_once=10)
    with pytest.raises(KilledError):
        tag_file(source, target, suggester, rows_at_once=10, workers=Backwards(most=4))
    assert not target.exists()
    parts = tmp_path / ".out.jsonl.parts"
    assert sorted(path.name for path in parts.glob("[0-9]*.json")) == [
        f"{number:06d}.json" for number in range(7, 11)
    ]
    second = Backwards()
    workers = None if again_here else second
    tag_file(source, target, suggester, rows_at_once=10, workers=workers)
    assert target.read_bytes() == whole.read_bytes()
    assert len(second.tagged) == (0 if again_here else 7)
    assert not parts.exists()


def test_a_part_that_was_tagged_before_its_machine_was_lost_is_not_tagged_again(
    source, suggester, tmp_path
):
    part, rows = tmp_path / "000000.json", [{"line": 1, "cells": {"title": "A goroutine"}}]
    rows_beside(part).write_text(json.dumps(rows))
    assert [row.cells for row in read_set_aside(part)] == [{"title": "A goroutine"}]
    part.write_text("[]")
    run = suggester.run
    PartTagger(run.id, run.folder.parent, None, source, ReadingPlan())({"path": [str(part)]})
    assert read_json(part) == []
    assert not rows_beside(part).exists()


def test_a_worker_takes_the_operating_point_of_who_sends_it(source, suggester, tmp_path):
    """The point may be changed on the Thresholds page while a file is tagged."""
    run = suggester.run
    never = OperatingPoint(name="never", run=run.id, cut=1e9)
    workers = Backwards()
    tag_file(
        source, tmp_path / "out.jsonl", Suggester(run, suggester.tagger, never), workers=workers
    )
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert workers.tagged and not any(row["suggested_tags"] for row in rows)


def test_tagging_on_ray_without_ray_is_refused_in_a_sentence(
    source, suggester, tmp_path, monkeypatch, capsys
):
    monkeypatch.setitem(sys.modules, "ray.job_submission", None)
    command = ["tag", str(source), str(tmp_path / "out.jsonl"), "--engine", "ray"]
    assert main(command) == 2
    assert "Ray is not installed: pip install -r requirements-ray.txt" in capsys.readouterr().err
    assert not (tmp_path / "out.jsonl").exists()
