"""Every row of a file is read, or said to be left out, whatever quotes and headers it has."""

import csv
import gzip
import io
import json
import random
import sqlite3
import time
import zipfile

import openpyxl
import pandas as pd
import pyarrow
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from core.articles.formats.rows import read_rows
from core.articles.importing import check_source, import_source, preview_source
from core.articles.options import ReadingOptions
from core.articles.store.sets import read_sources
from core.base.errors import DataError
from core.commands.main import main

HEADER = "title,description,tags\n"


def write(folder, name, text):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def titles(path):
    """Titles of the rows that can be read, and the problems of the others with their lines."""
    rows = list(read_rows(path))
    good = [row.cells["title"] for row in rows if row.cells is not None]
    return good, [(row.line, row.problem) for row in rows if row.cells is None]


@pytest.mark.parametrize(
    "bad", ['"T2,D2,go', 'T2,"D2,go', 'T2,D2,"go', '"T2,""D2"",go', '"T2" x,D2,go']
)
@pytest.mark.parametrize("others", ["T{n},D{n},go", '"T{n}","D{n}","go"', '"T{n}",D{n},""'])
def test_an_open_quote_costs_its_own_row_and_no_other(tmp_path, bad, others):
    lines = [others.format(n=n) for n in range(12)]
    lines[2] = bad
    path = write(tmp_path, "a.csv", HEADER + "\n".join(lines) + "\n")
    good, problems = titles(path)
    assert good == [f"T{n}" for n in range(12) if n != 2]
    assert [line for line, _ in problems] == [4]
    report = import_source(str(path), "one", skip_bad_rows=True)[1]
    assert (report.rows, report.articles, report.bad_count) == (12, 11, 1)


def test_a_quoted_cell_of_several_lines_is_one_cell_also_behind_an_open_quote(tmp_path):
    text = HEADER + '"open,D,go\nT1,"two\nlines, and a comma",go\nT2,D,go\n'
    good, problems = titles(write(tmp_path, "a.csv", text))
    assert (good, [line for line, _ in problems]) == (["T1", "T2"], [2])
    rows = [row for row in read_rows(tmp_path / "a.csv") if row.cells]
    assert rows[0].cells["description"] == "two\nlines, and a comma"
    assert [row.line for row in rows] == [3, 5]


def test_a_record_of_several_lines_with_a_cell_too_few_is_one_bad_row(tmp_path):
    text = HEADER + 'T1,"a, b\nc\nd, e"\nT2,D,go\n'
    good, problems = titles(write(tmp_path, "a.csv", text))
    assert good == ["T2"]
    assert problems == [(2, "has 2 cells over lines 2 to 4, the header has 3")]


def test_in_a_tab_separated_dump_a_quote_is_a_character(tmp_path):
    cells = ['"Hello" said he', '"open', '12"', '"whole"', 'a "b" c', '"', '""']
    lines = [f"{cell}\tD{n}\tgo" for n, cell in enumerate(cells)]
    path = write(tmp_path, "a.tsv", "title\tdescription\ttags\n" + "\n".join(lines) + "\n")
    assert titles(path) == (cells, [])
    zipped = write(tmp_path, "a.tsv.gz", gzip.compress(path.read_bytes()))
    assert titles(zipped) == (cells, [])


def test_in_tab_separated_text_of_a_spreadsheet_quotes_enclose_cells(tmp_path):
    values = ["a\tb", "two\nlines", 'say ""', "plain", "x, y", '"both"']
    frame = pd.DataFrame({"title": values, "description": "D", "tags": "go"})
    path = write(tmp_path, "a.tsv", frame.to_csv(sep="\t", index=False))
    assert titles(path) == (values, [])
    broken = path.read_text() + '"open\tD\tgo\nlast\tD\tgo\n'
    assert titles(write(tmp_path, "b.tsv", broken)) == ([*values, '"open', "last"], [])


texts = st.text(st.sampled_from("ab ,;\t|\"\n\r'é"), max_size=8)
tables = st.lists(st.tuples(texts, texts, texts), min_size=1, max_size=8)


@given(tables, st.sampled_from(",;\t|"), st.booleans())
def test_what_the_csv_module_writes_is_read_as_it_was(
    tmp_path_factory, table, delimiter, all_quoted
):
    # Of tab-separated text whose every line has the tabs of the header, quotes are characters.
    table = [tuple(cell.replace("\t", "") for cell in row) for row in table]
    filled = [row for row in table if any(cell.strip() for cell in row)]
    buffer = io.StringIO(newline="")
    quoting = csv.QUOTE_ALL if all_quoted else csv.QUOTE_MINIMAL
    # A lone "\r" is only quoted where the line end has it.
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator="\r\n", quoting=quoting)
    writer.writerow(["title", "description", "tags"])
    writer.writerows(filled)
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    path.write_bytes(buffer.getvalue().encode())
    assert [tuple(row.cells.values()) for row in read_rows(path)] == filled


@given(st.integers(0, 10**6))
def test_rows_and_bad_rows_add_up_to_the_lines_of_a_damaged_file(tmp_path_factory, seed):
    """One record a line, some with an open quote or a cell too many: each is a row, once."""
    chance = random.Random(seed)
    good = ["T{n},D,go", '"T{n}, x",D,go', '"T{n}","D ""q""",go', "T{n},,"]
    bad = ['"T{n},D,go', 'T{n},"D,go', "T{n},D", "T{n},D,go,x", '"T{n}" D,D,go']
    kinds = [chance.choice([*good, *good, *bad]) for _ in range(30)]
    lines = [kind.format(n=n) for n, kind in enumerate(kinds)]
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    path.write_text(HEADER + "\n".join(lines))
    rows = list(read_rows(path))
    assert len(rows) == 30
    expected = [n + 2 for n, kind in enumerate(kinds) if kind in bad]
    assert [row.line for row in rows if row.cells is None] == expected


@pytest.mark.parametrize(
    ("name", "text", "good"),
    [
        ("cr.csv", "title,description,tags\rA,D,go\rB,D,go\r", ["A", "B"]),
        ("crcrlf.csv", "title,description,tags\r\r\nA,D,go\r\r\nB,D,go\r\r\n", ["A", "B"]),
        ("blank.csv", "\n \ntitle,description,tags\n\nA,D,go\n   \nB,D,go\n\n", ["A", "B"]),
        ("empty-rows.csv", ",,\n,,\ntitle,description,tags\nA,D,go\n", ["A"]),
        ("sep.csv", "sep=;\ntitle;description;tags\nA;D;go\n", ["A"]),
        ("sep2.csv", '"sep=|"\r\ntitle|description|tags\r\nA|D, E; F|go\r\n', ["A"]),
        ("nul.csv", "title,description,tags\nA\0,D,go\n", ["A\0"]),
        (
            "trailing.csv",
            "title,description,tags,,\nA,D,go,,\nB,D,go\nC,D,go,,,,\n",
            ["A", "B", "C"],
        ),
        ("index.csv", ",title,description,tags\n0,A,D,go\n1,B,D,go\n", ["A", "B"]),
        ("last.csv", "title,description,tags\nA,D,go\nB,D,go", ["A", "B"]),
    ],
)
def test_files_as_programs_write_them_are_read_whole(tmp_path, name, text, good):
    path = write(tmp_path, name, text)
    assert titles(path) == (good, [])
    assert set(preview_source(str(path)).plan.fields) == {"title", "description", "tags"}


def test_a_column_without_a_name_is_kept_where_it_is_filled(tmp_path):
    text = "title,,tags,,column 4\nA,x,go,,4\nB,,go,y,5\n"
    assert [row.cells for row in read_rows(write(tmp_path, "a.csv", text))] == [
        {"title": "A", "column 2": "x", "tags": "go", "column 4": "4"},
        {"title": "B", "tags": "go", "column 4 (unnamed)": "y", "column 4": "5"},
    ]


def test_a_header_in_the_middle_is_no_article(tmp_path):
    path = write(tmp_path, "a.csv", HEADER + "A,D,go\n" + HEADER + "B,D,go\n")
    assert titles(path) == (["A", "B"], [(3, "is the header again")])
    book = openpyxl.Workbook()
    for row in (["title", "tags"], ["A", "go"], ["title", "tags"], ["B", "go"]):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    assert titles(tmp_path / "a.xlsx") == (["A", "B"], [(3, "is the header again")])


def test_a_row_that_is_longer_than_the_header_is_left_out_and_said(tmp_path):
    path = write(tmp_path, "a.csv", HEADER + "A,D,go,web\nB,D,go\n")
    assert titles(path) == (["B"], [(2, "has 4 cells, the header has 3")])


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_header_of_very_many_columns_is_refused_at_once(tmp_path, delimiter):
    names = delimiter.join(["title", "tags", *(f"c{n}" for n in range(100_000))])
    path = write(tmp_path, "a.csv", f"{names}\nA{delimiter}go\n")
    began = time.process_time()
    with pytest.raises(DataError, match="has 100,002 columns; up to 10,000 are read"):
        check_source(str(path))
    assert time.process_time() - began < 5


def test_many_open_quotes_take_no_longer_than_the_file(tmp_path):
    line = 'a",b"c,"d\n'  # leaves a quote open both from its start and from within one
    path = write(tmp_path, "a.csv", HEADER + line * 100_000)
    began = time.process_time()
    rows = sum(1 for _ in read_rows(path))
    assert rows == 100_000
    assert time.process_time() - began < 10


def with_dimension(path, stated):
    """The workbook again, whose first sheet says that it is no larger than this."""
    target = path.with_name(f"stated-{path.name}")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w") as new:
        for info in old.infolist():
            data = old.read(info)
            if info.filename == "xl/worksheets/sheet1.xml":
                before, after = data.split(b'<dimension ref="', 1)
                data = before + b'<dimension ref="' + stated + after[after.index(b'"') :]
            new.writestr(info, data)
    return target


@pytest.mark.parametrize("stated", [b"A1", b"A1:C3", b"A1:B9", b"A1:ZZ9999"])
def test_a_sheet_that_states_another_size_is_read_whole(tmp_path, stated):
    rows = [("title", "description", "tags"), *((f"T{n}", f"D{n}", "go") for n in range(8))]
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    found = list(read_rows(with_dimension(tmp_path / "a.xlsx", stated)))
    assert [tuple(row.cells.values()) for row in found] == rows[1:]


def test_the_sheet_that_is_read_is_named_with_those_that_are_not(tmp_path, capsys):
    book = openpyxl.Workbook()
    book.active.title = "Empty"
    hidden, posts, notes = (book.create_sheet(name) for name in ("Old", "Posts", "Notes"))
    hidden.sheet_state = "hidden"
    hidden.append(["title", "tags"])
    posts.append([])
    posts.append([None, "title", "tags"])
    posts.append([7, "A_x000D_\nB _x005F_x0041_", "go", "beside"])
    posts.append([])
    posts.append([None, "C", "web"])
    notes.append(["see Posts"])
    book.save(tmp_path / "a.xlsx")
    rows = list(read_rows(tmp_path / "a.xlsx"))
    assert [(row.line, row.cells) for row in rows] == [
        (3, {"column 1": "7", "title": "A\r\nB _x0041_", "tags": "go", "column 4": "beside"}),
        (5, {"title": "C", "tags": "web"}),
    ]
    main(["data", "check", str(tmp_path / "a.xlsx")])
    assert (
        "Only the sheet 'Posts' was read, and not 'Empty', 'Old' (hidden), 'Notes'."
        in capsys.readouterr().out
    )


def test_the_value_of_merged_cells_is_that_of_the_first(tmp_path):
    book = openpyxl.Workbook()
    for row in (["title", "tags", None], ["A", "go", "x"], ["B", None, None], ["C", "web", None]):
        book.active.append(row)
    book.active.merge_cells("B2:B3")
    book.active.merge_cells("B1:C1")
    book.save(tmp_path / "a.xlsx")
    assert [row.cells for row in read_rows(tmp_path / "a.xlsx")] == [
        {"title": "A", "tags": "go", "column 3": "x"},
        {"title": "B", "tags": ""},
        {"title": "C", "tags": "web"},
    ]


@pytest.mark.parametrize("name", ["a#b.db", "a?b.db", "a%20b.sqlite", "a b;c.sqlite3", "ü&=.db"])
def test_a_database_file_is_read_whatever_its_name(tmp_path, name):
    path = tmp_path / "plain.db"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE posts (title TEXT, tags TEXT)")
        database.executemany("INSERT INTO posts VALUES (?, 'go')", [(f"T{n}",) for n in range(3)])
    database.close()
    path = path.rename(tmp_path / name)
    assert titles(path) == (["T0", "T1", "T2"], [])
    report = check_source(str(path), ReadingOptions(query="SELECT * FROM posts WHERE title > 'T0'"))
    assert report.articles == 2


def test_two_columns_of_one_name_are_refused_in_every_table(tmp_path):
    with sqlite3.connect(tmp_path / "a.db") as database:
        database.execute("CREATE TABLE posts (title TEXT, tags TEXT)")
        database.execute("INSERT INTO posts VALUES ('A', 'go')")
    table = pyarrow.table([["A"], ["B"], ["go"]], names=["title", "title", "tags"])
    parquet.write_table(table, tmp_path / "a.parquet")
    book = openpyxl.Workbook()
    book.active.append(["title", "title", "tags"])
    book.active.append(["A", "B", "go"])
    book.save(tmp_path / "a.xlsx")
    twice = "SELECT title, tags AS title, tags FROM posts"
    for name, query in (("a.db", twice), ("a.parquet", ""), ("a.xlsx", "")):
        with pytest.raises(DataError, match="has two columns 'title'"):
            check_source(str(tmp_path / name), ReadingOptions(query=query))


ROW = {"title": "T", "description": "D", "tags": ["go"]}


@pytest.mark.parametrize(
    ("text", "rows", "bad"),
    [
        (json.dumps([ROW, 5, None, "x", ROW]), 5, 3),
        (json.dumps([ROW]) + "\n" + json.dumps([ROW, ROW]), 3, 0),
        (json.dumps({"items": [ROW, None, ROW]}), 3, 1),
        (json.dumps([ROW, [ROW]]), 2, 1),
    ],
)
def test_json_values_that_are_no_objects_are_counted(tmp_path, text, rows, bad):
    report = check_source(str(write(tmp_path, "a.json", text)))
    assert (report.rows, report.bad_count) == (rows, bad)


def test_json_that_goes_on_behind_its_list_or_has_another_list_is_said(tmp_path):
    path = write(tmp_path, "a.json", json.dumps([ROW]) + "x")
    with pytest.raises(DataError, match="something follows the list"):
        check_source(str(path))
    path = write(tmp_path, "b.json", json.dumps({"posts": [ROW, ROW], "pages": [ROW]}))
    report = check_source(str(path))
    assert report.rows == 2
    assert report.notes == ("Only the list 'posts' of b.json was read, and not 'pages' (1).",)


def test_gzip_members_one_after_another_are_one_file(tmp_path):
    parts = [HEADER, "A,D,go\n", "B,D,go\n"]
    path = write(tmp_path, "a.csv.gz", b"".join(gzip.compress(part.encode()) for part in parts))
    assert titles(path) == (["A", "B"], [])


def forms_of(folder, records):
    """The same rows in every form that holds rows, by name."""
    frame = pd.DataFrame(records)
    for name, delimiter in (("c.csv", ","), ("s.csv", ";"), ("t.tsv", "\t"), ("p.csv", "|")):
        frame.to_csv(folder / name, sep=delimiter, index=False)
    frame.to_parquet(folder / "a.parquet")
    frame.to_excel(folder / "a.xlsx", index=False)
    with sqlite3.connect(folder / "a.sqlite") as database:
        frame.to_sql("posts", database, index=False)
    database.close()
    (folder / "a.json").write_text(json.dumps(records))
    (folder / "a.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    (folder / "a.csv.gz").write_bytes(gzip.compress((folder / "c.csv").read_bytes()))
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        archive.write(folder / "a.jsonl", "a.jsonl")
    return sorted(path for path in folder.iterdir() if path.is_file())


def test_read_kept_left_out_and_repeated_add_up_in_every_form(tmp_path):
    """Of 40 rows, 3 have no text, 2 an id for the second time, and 4 repeat another's texts."""
    records = [
        {"id": str(n), "title": f"T{n}", "description": f'D "{n}"', "tags": "go;web"}
        for n in range(40)
    ]
    for n in (3, 7, 11):
        records[n] |= {"title": "", "description": ""}
    for n in (20, 21):
        records[n]["id"] = "1"
    for n in (30, 31, 32, 33):
        records[n] |= {"title": "T0", "description": 'D "0"'}
    folder = tmp_path / "forms"
    folder.mkdir()
    for path in forms_of(folder, records):
        report = check_source(str(path))
        counts = (report.rows, report.articles, report.bad_count, report.copy_count)
        assert counts == (40, 35, 5, 4), path.name
        import_source(str(path), "one", skip_bad_rows=True, replace_set=True)
        assert len(read_sources(["one"])) == 35, path.name
