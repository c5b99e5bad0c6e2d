"""A whole file tagged: the suggester's tags, in constant batches, and again after a kill."""

import csv
import gzip
import json

import numpy as np
import pytest

from core.base.errors import DataError
from core.commands.main import main
from core.jobs.queue import submit, wait_for
from core.jobs.tasks import TagTask
from core.runs.experiment import run_experiment
from core.suggest.bulk import Tagged, tag_file
from core.suggest.suggester import Suggester

PATIENCE = 120


@pytest.fixture
def suggester(tiny_config, articles, store):
    return Suggester.load(run_experiment(tiny_config, store, articles=articles).run)


@pytest.fixture
def source(articles, tmp_path):
    """100 articles without tags or ids, a row that is no article, and one of unknown words."""
    rows = [{"title": a.title, "description": a.description, "note": a.id} for a in articles[:100]]
    rows += [{"title": 7, "description": ""}, {"title": "zzz", "description": "qqq xxx"}]
    path = tmp_path / "in.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def read_jsonl(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_every_row_gets_the_tags_that_the_suggester_gives(source, suggester, articles, tmp_path):
    target = tmp_path / "out.jsonl"
    found = tag_file(source, target, suggester)
    rows = read_jsonl(target)
    assert len(rows) == 102
    for row, article in zip(rows, articles[:100], strict=False):
        assert row["note"] == article.id
        alone = suggester.suggest(article.description, title=article.title)
        sure = {tag.tag: tag.score for tag in alone.tags if tag.suggested}
        assert dict(zip(row["suggested_tags"], row["tag_scores"], strict=True)) == pytest.approx(
            sure, abs=1e-6
        )
        assert row["needs_a_look"] == (not sure)
    assert rows[100]["problem"].startswith("line 101: title is 7")
    assert rows[100]["suggested_tags"] == []
    read = "Read: title from 'title', description from 'description'."
    assert found == Tagged(102, 1, sum(row["needs_a_look"] for row in rows), read)


@pytest.mark.parametrize("rows_at_once", [1, 7, 1000])
def test_the_size_of_a_batch_changes_nothing(source, suggester, tmp_path, rows_at_once):
    whole, parted = tmp_path / "whole.jsonl", tmp_path / "parted.jsonl"
    tag_file(source, whole, suggester)
    tag_file(source, parted, suggester, rows_at_once=rows_at_once)
    assert parted.read_bytes() == whole.read_bytes()


def test_a_second_call_goes_on_where_the_first_was_killed(source, suggester, tmp_path):
    undisturbed, target = tmp_path / "whole.jsonl.gz", tmp_path / "out.jsonl.gz"
    tag_file(source, undisturbed, suggester, rows_at_once=10)

    class KilledError(BaseException): ...

    def kill(step, done, total, unit):
        if done >= 50:
            raise KilledError

    with pytest.raises(KilledError):
        tag_file(source, target, suggester, rows_at_once=10, progress=kill)
    assert not target.exists()
    scored = []

    class Counting:
        tags, thresholds = suggester.tagger.tags, suggester.tagger.thresholds

        def scores(self, texts):
            scored.extend(texts)
            return suggester.tagger.scores(texts)

    tag_file(source, target, Suggester(suggester.run, Counting()), rows_at_once=10)
    assert len(scored) == 52
    assert gzip.decompress(target.read_bytes()) == gzip.decompress(undisturbed.read_bytes())
    assert [path.name for path in tmp_path.glob(".*")] == []


def test_two_that_write_to_one_target_do_not_mix_their_parts(source, suggester, tmp_path):
    target, undisturbed = tmp_path / "out.jsonl", tmp_path / "undisturbed.jsonl"
    tag_file(source, undisturbed, suggester)
    sentences = []

    def begin_another(*_):
        with pytest.raises(DataError) as error:
            tag_file(source, target, suggester)
        sentences.append(str(error.value))

    tag_file(source, target, suggester, rows_at_once=50, progress=begin_another)
    assert sentences[0].startswith("out.jsonl is being written already.")
    assert target.read_bytes() == undisturbed.read_bytes()
    tag_file(source, target, suggester)
    assert [path.name for path in tmp_path.glob(".*")] == []


def test_parts_of_another_model_or_file_are_not_used(source, suggester, tmp_path):
    target = tmp_path / "out.jsonl"

    class KilledError(BaseException): ...

    def kill(*_):
        raise KilledError

    with pytest.raises(KilledError):
        tag_file(source, target, suggester, progress=kill)
    never = suggester.tagger.with_thresholds(np.full(len(suggester.tagger.tags), 1e9))
    tag_file(source, target, Suggester(suggester.run, never))
    assert not any(row["suggested_tags"] for row in read_jsonl(target))


class GivesOneTag:
    """As an encoder does, it finds something in every text."""

    tags, thresholds = ("golang", "web"), np.zeros(2)

    def scores(self, texts):
        return np.tile(np.array([[1, -1]], np.float32), (len(texts), 1))


@pytest.mark.parametrize(
    ("text", "tags", "look"),
    [
        ("!!!", [], True),
        ("-- ... \N{PARTY POPPER}", [], True),
        ("Kubernetes", ["golang"], True),
        ("Kubernetes operators", ["golang"], True),
        ("Kubernetes operators explained", ["golang"], False),
        ("!" * 300 + " Kubernetes operators explained", ["golang"], False),
    ],
)
def test_a_text_of_too_few_words_to_go_by_needs_a_look(suggester, tmp_path, text, tags, look):
    (tmp_path / "in.jsonl").write_text(json.dumps({"title": text}) + "\n", encoding="utf-8")
    found = tag_file(
        tmp_path / "in.jsonl", tmp_path / "out.jsonl", Suggester(suggester.run, GivesOneTag())
    )
    (row,) = read_jsonl(tmp_path / "out.jsonl")
    assert (row["suggested_tags"], row["needs_a_look"]) == (tags, look)
    assert found.needs_a_look == look


def test_csv_comes_back_as_csv_without_formulas(suggester, tmp_path):
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("title,description\n=1+1,a goroutine and a channel in pprof\n")
    tag_file(source, target, suggester)
    (row,) = csv.DictReader(target.read_text().splitlines())
    assert row["title"] == "'=1+1"
    assert "golang" in row["suggested_tags"].split("; ")
    assert row["needs_a_look"] == "False"


@pytest.mark.parametrize(
    ("name", "sentence"), [("out.xlsx", "cannot be written"), ("out.jsonl", "There is no file")]
)
def test_what_cannot_be_read_or_written_is_said(suggester, tmp_path, name, sentence):
    with pytest.raises(DataError, match=sentence):
        tag_file(tmp_path / "absent.jsonl", tmp_path / name, suggester)
    assert list(tmp_path.glob(".out*")) == []


def test_the_command_and_the_job_write_the_same_file(source, suggester, tmp_path, capsys):
    here, job_target = tmp_path / "here.csv", tmp_path / "job.csv"
    assert main(["tag", str(source), str(here), "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    job = wait_for(submit(TagTask(source=str(source), target=str(job_target))).id, seconds=PATIENCE)
    assert job.device_kind == "cpu"  # keywords need no GPU
    assert job.result == printed | {"file": str(job_target)}
    assert job_target.read_bytes() == here.read_bytes()
