"""Cells that JSON has no form for: days, bytes and decimals of a Parquet file."""

import json
from datetime import date, datetime
from decimal import Decimal

import pyarrow
import pytest
from pyarrow import parquet

from core.articles.importing import import_source
from core.articles.store.sets import read_sources
from core.runs.experiment import run_experiment
from core.suggest.bulk import tag_file
from core.suggest.suggester import Suggester


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "in.parquet"
    row = {
        "title": "A goroutine",
        "description": "a channel in pprof",
        "tags": ["golang"],
        "published": datetime(2020, 1, 2, 3, 4),
        "notes": [{"day": date(2020, 1, 2), "price": Decimal("1.50"), "raw": b"\xff!"}],
        "views": 7,
        "share": 0.5,
        "gone": None,
    }
    parquet.write_table(pyarrow.Table.from_pylist([row]), path)
    return path


def test_every_cell_of_a_parquet_file_comes_back_from_tagging(
    source, tiny_config, articles, store, tmp_path
):
    run = run_experiment(tiny_config, store, articles=articles).run
    tag_file(source, tmp_path / "out.jsonl", Suggester.load(run))
    (row,) = map(json.loads, (tmp_path / "out.jsonl").read_text().splitlines())
    assert row["published"] == "2020-01-02T03:04:00"
    assert row["notes"] == [{"day": "2020-01-02", "price": "1.50", "raw": "\ufffd!"}]
    assert (row["views"], row["share"], row["gone"]) == (7, 0.5, None)
    assert row["suggested_tags"]


def test_a_day_in_a_parquet_file_is_the_day_of_the_article(source):
    import_source(str(source), "one")
    assert read_sources(["one"])[0].published == date(2020, 1, 2)
