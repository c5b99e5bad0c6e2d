"""Files larger than memory: refused or streamed, and finished after a kill."""

import json
import tracemalloc

import pytest

from benchmarks.large_files import memory_of, tag_twice, write_rows
from core.articles.importing import check_source
from core.base.errors import DataError
from core.runs.experiment import run_experiment
from core.study.presets import configure

GIGABYTE = 1 << 30
STARTS = {
    "a.jsonl": '{"title": "T", "description": "',
    "a.json": '[{"title": "T", "description": "',
    "a.csv": "title,description,tags\nT,",
}


@pytest.mark.parametrize("name", STARTS)
def test_a_line_of_a_gigabyte_is_refused_in_words_and_a_bounded_memory(tmp_path, name):
    path = tmp_path / name
    with path.open("wb") as file:
        file.write(STARTS[name].encode() + b"x" * 40_000_000)
        file.truncate(GIGABYTE)  # the rest is a hole: read as zeros, kept on no disk
    tracemalloc.start()
    try:
        with pytest.raises(DataError, match="more than 16 million characters") as refused:
            check_source(str(path))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert "\n" not in str(refused.value)
    assert peak < 200_000_000


def test_generated_rows_are_the_same_every_time(tmp_path):
    for name in ("a.jsonl", "b.jsonl"):
        write_rows(tmp_path / name, 50)
    assert (tmp_path / "a.jsonl").read_bytes() == (tmp_path / "b.jsonl").read_bytes()
    report = check_source(str(tmp_path / "a.jsonl"))
    assert (report.articles, report.bad_count, report.copy_count) == (50, 0, 0)


def test_a_file_whose_tagging_was_killed_is_finished_to_the_same_bytes(
    tiny_config, home, store, tmp_path
):
    config = configure(tiny_config, assignments=["data.most_articles=300", "classifier.C=1"])
    run = run_experiment(config, store).run
    source = tmp_path / "rows.jsonl"
    write_rows(source, 4000)
    found = tag_twice(source, run.id, tmp_path, home, 4000)
    assert [one.killed for one in found] == [False, True, False]
    assert min(one.peak_bytes for one in found) > 10_000_000
    lines = (tmp_path / "again.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["id"] for line in lines] == [f"row-{n}" for n in range(4000)]
    assert not list(tmp_path.glob(".again*"))


def test_memory_of_a_process_that_is_gone_is_none():
    import psutil

    process = psutil.Popen(["true"])
    process.wait()
    assert memory_of(process) == 0
