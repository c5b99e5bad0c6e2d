"""Dates in files: whole days in every form, decided once a column, never made up."""

import json
from datetime import UTC, date, datetime

import pandas as pd
import pytest

from core.articles.fields.dates import DateForm, day_of_cell, guess_date_form
from core.articles.importing import check_source, import_source
from core.articles.store.sets import read_sources
from core.commands.main import main

DAY = date(2024, 4, 9)


def write_rows(path, *changes):
    rows = [
        {"id": str(n), "title": f"T{n}", "description": "D", "tags": ["go"]} | change
        for n, change in enumerate(changes)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(path)


@pytest.mark.parametrize(
    "written",
    [
        *("2024-04-09", "2024-04-09T23:30:00Z", "2024-04-09T23:30:00+02:00", "20240409"),
        *("2024-04-09 23:30:00.123 +0200", "20240409T120000Z", "20240409120000", "2024-W15-2"),
        *("9 April 2024", "Apr 9th, 2024", "9-Apr-2024", "09-Apr-24", "Tuesday, April 9, 2024"),
        *("Tue, 09 Apr 2024 23:00:00 -0700", "Tue Apr 09 10:00:00 +0000 2024"),
        *("Tue Apr 09 2024 10:30:00 GMT+0200 (Central European Summer Time)", "2024-04-09+02:00"),
        *("April 9, 2024 10:30 AM (GMT+8)", "April 9, 2024 at 10:30 AM", "2024年4月9日 上午10:30"),
        *("2024/4/9 23:30", "2024.04.09", "2024年4月9日", "2024年04月09日 星期二 12:30"),
        *(
            "２０２４年４月９日",
            "2024년 4월 9일",
            "/Date(1712620800000)/",
            "1712620800",
            1712620800,
        ),
        *("1712620800000", 1712620800000.0, "1712620800.5", "45391", 45391, 45391.75, 20240409),
        *(datetime(2024, 4, 9, 23, tzinfo=UTC), pd.Timestamp("2024-04-09"), DAY, [2024, 4, 9]),
        *([[2024, 4, 9]], {"$date": "2024-04-09T10:00:00Z"}, {"date-parts": [[2024, 4, 9]]}),
    ],
    ids=str,
)
def test_a_day_may_be_written_in_many_ways(written):
    assert day_of_cell(written) == DAY


@pytest.mark.parametrize(
    "written",
    [
        *("2020", 2020, "2020-05", "202005", "2020/5", "May 2020", "2020年", "2020年1月", "Apr-24"),
        *("5 May", "May 5", [2020, 5], {"date-parts": [[2020]]}),
    ],
    ids=str,
)
def test_a_year_or_a_month_alone_is_no_day(written):
    with pytest.raises(ValueError, match="not a whole date"):
        day_of_cell(written)


@pytest.mark.parametrize(
    "written",
    [
        *("n.d.", "today", "now", "Tuesday", "10:30", "12", "1.2.3", "0", 0, -5, True, "Q1 2020"),
        *("in press", "Spring 2020", "0000-00-00", "2020-02-30", "2020-W54-1", "9" * 40, 1e30),
        *(
            float("inf"),
            "2020-01-05 to 2020-02-01",
            "x" * 10_000,
            {"a": 1, "b": 2},
            b"x",
            "20-20-20",
        ),
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_is_no_date_is_never_made_one(written):
    with pytest.raises(ValueError, match=r"not a date|there is no"):
        day_of_cell(written)


@pytest.mark.parametrize("written", ["", "  ", None, float("nan"), pd.NaT], ids=str)
def test_an_empty_cell_has_no_day(written):
    assert day_of_cell(written) is None


def test_two_digits_of_a_year_are_1969_to_2068_in_any_year():
    for year, full in (("69", 1969), ("99", 1999), ("00", 2000), ("24", 2024), ("68", 2068)):
        assert day_of_cell(f"5/14/{year}").year == full
        assert day_of_cell(f"14 May {year}").year == full


@pytest.mark.parametrize(
    ("cells", "form", "days"),
    [
        (["05/04/2020", "25/04/2020"], DateForm("day first"), [(4, 5), (4, 25)]),
        (["05/04/2020", "04/25/2020 1:30 PM"], DateForm("month first"), [(5, 4), (4, 25)]),
        (["05/04/2020"], DateForm("month first", sure=False), [(5, 4)]),
        (["5.4.2020"], DateForm("day first", sure=False), [(4, 5)]),
        (["31.12.1999", "5.4.20"], DateForm("day first"), [(12, 31), (4, 5)]),
        (["2020-05-04", "2020年1月5日"], DateForm(), [(5, 4), (1, 5)]),
        (
            ["13/04/2020", "14/04/2020", "04/25/2020"],
            DateForm("day first"),
            [(4, 13), (4, 14), None],
        ),
        (["20-04-09", "20-04-25"], DateForm("month first", sure=False), [None, None]),
    ],
)
def test_the_order_of_day_and_month_is_decided_once_for_the_column(tmp_path, cells, form, days):
    found = guess_date_form(cells)
    path = write_rows(tmp_path / "a.jsonl", *({"date": cell} for cell in cells))
    report = check_source(path)
    if days[0] is not None:
        assert found == form == report.plan.date_form
    import_source(path, "one")
    kept = [a.published for a in read_sources(["one"])]
    if days[0] is not None:
        assert [day and (day.month, day.day) for day in kept] == days
    assert report.left_empty_counts.get("published", 0) == kept.count(None)


def test_the_order_that_was_taken_is_said(tmp_path, capsys):
    path = write_rows(tmp_path / "a.jsonl", {"date": "05/04/2020"})
    main(["data", "check", path])
    said = capsys.readouterr().out
    assert "Dates such as 05/04/2020 are read month first; no cell tells for sure." in said
