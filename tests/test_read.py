"""Reading article files: formats, row-numbered errors, and files that are no article files."""

import csv
import gzip
import io
import json
import tempfile
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.articles.importing import check_source
from core.articles.options import ReadingOptions
from core.articles.read import read_articles
from core.base.errors import DataError

ROW = {"id": "1", "title": "T", "description": "D", "tags": ["go"]}
# Without a time: these bytes name a test, and both of pytest's workers must name it alike.
CUT_SHORT = gzip.compress(json.dumps(ROW).encode(), mtime=0)[:-9]


def write_jsonl(path: Path, *rows) -> Path:
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def rows(count: int, **changes):
    return [ROW | {"id": str(number)} | changes for number in range(count)]


texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=40)
tag_lists = st.lists(
    st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters=";,|["), min_size=1)
    .map(lambda tag: " ".join(tag.split()))
    .filter(bool),
    max_size=4,
    unique=True,
)
records = st.lists(
    st.fixed_dictionaries(
        {"title": texts.filter(str.strip), "description": texts, "tags": tag_lists}
    ),
    min_size=1,
    max_size=6,
)


@given(records)
def test_json_lines_come_back_as_written(written):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.jsonl.gz"
        lines = "".join(json.dumps(record) + "\n" for record in written)
        path.write_bytes(gzip.compress(lines.encode()))
        read = read_articles(path).articles
    assert [(a.title, a.description, list(a.tags)) for a in read] == [
        (r["title"], r["description"], r["tags"]) for r in written
    ]


@given(records)
def test_csv_comes_back_as_written(written):
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(["title", "description", "tags"])
    writer.writerows([r["title"], r["description"], ";".join(r["tags"])] for r in written)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        path.write_bytes(buffer.getvalue().encode())
        read = read_articles(path).articles
    assert [(a.title, a.description, list(a.tags)) for a in read] == [
        (r["title"], r["description"], r["tags"]) for r in written
    ]


def test_parquet_and_tsv_hold_the_same_articles(tmp_path):
    frame = pd.DataFrame([{"title": "T", "description": "D\tE", "tags": "go;web"}])
    frame.to_csv(tmp_path / "a.tsv", sep="\t", index=False)
    frame.assign(tags=[["go", "web"]]).to_parquet(tmp_path / "a.parquet")
    from_tsv = read_articles(tmp_path / "a.tsv").articles[0]
    from_parquet = read_articles(tmp_path / "a.parquet").articles[0]
    assert from_tsv.tags == from_parquet.tags == ("go", "web")
    assert from_tsv.description == from_parquet.description == "D\tE"


def test_a_bad_row_is_named_by_its_line_and_can_be_skipped(tmp_path):
    path = write_jsonl(tmp_path / "a.jsonl", ROW, "", "{broken", ROW | {"id": "2", "title": 7})
    with pytest.raises(DataError) as caught:
        read_articles(path)
    assert str(caught.value) == (
        "a.jsonl, line 3: is not JSON (2 bad rows of 3). "
        "Correct it, or leave out bad rows (--skip-bad-rows)."
    )
    result = read_articles(path, skip_bad_rows=True)
    assert [a.id for a in result.articles] == ["1"]
    assert [str(row) for row in result.report.bad_rows] == [
        "line 3: is not JSON",
        "line 4: title is 7: input should be a valid string",
    ]


def test_a_csv_row_keeps_its_line_number_after_cells_with_line_breaks(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('title,description,tags\n"two\nlines",D,go\nonly,two\n', encoding="utf-8")
    with pytest.raises(DataError, match=r"a\.csv, line 4: has 2 cells, the header has 3"):
        read_articles(path)


def test_another_encoding_is_found_out_and_a_wrong_name_for_it_refused_with_a_guess(tmp_path):
    path = tmp_path / "a.csv"
    title = "深入理解并发编程与内存模型,以及如何在生产环境中排查问题"
    path.write_text(f'title,description,tags\n"{title}",描述,go\n', encoding="gb18030")
    with pytest.raises(DataError, match=r"a\.csv is not UTF-8 text\. It looks like gb18030\."):
        read_articles(path, ReadingOptions(encoding="utf-8"))
    assert read_articles(path).articles[0].title == title
    assert read_articles(path, ReadingOptions(encoding="gb18030")).articles[0].title == title
    with pytest.raises(DataError, match="Unknown encoding 'klingon'"):
        read_articles(path, ReadingOptions(encoding="klingon"))


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("title,description,tags\nT,D,go\n", encoding="utf-8-sig")
    assert read_articles(path).articles[0].title == "T"


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("[" * 99_999, "is not JSON"),
        ('{"id": ' + "9" * 5000 + "}", "is not JSON"),
        (json.dumps(ROW | {"title": "\ud800"}), "title has half a character (a lone surrogate)"),
        (json.dumps(ROW | {"tags": ["a\0"]}), "id or tags have a NUL character"),
        ('{"title": NaN, "description": "", "tags": []}', "title is nan: input should be a valid"),
    ],
)
def test_a_line_that_cannot_be_kept_is_a_bad_row(tmp_path, line, problem):
    path = write_jsonl(tmp_path / "a.jsonl", ROW, line)
    assert problem in str(check_source(str(path)).bad_rows[0])


def test_blank_lines_are_no_header_and_a_header_names_each_column_once(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("\n\ntitle,description,tags\n\nT,D,go\n")
    assert [a.id for a in read_articles(path).articles] == ["a-5"]
    path.write_text("title,title,description,tags\nT,U,D,go\n")
    with pytest.raises(DataError, match="has two columns 'title'"):
        read_articles(path)


def test_a_folder_or_an_unreadable_file_gets_a_sentence(tmp_path, monkeypatch):
    (tmp_path / "a.jsonl").mkdir()
    with pytest.raises(DataError, match="There is no file"):
        read_articles(tmp_path / "a.jsonl")

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    path = write_jsonl(tmp_path / "b.jsonl", ROW)
    monkeypatch.setattr("core.articles.formats.encoding.open_bytes", refuse)
    with pytest.raises(DataError, match=r"b\.jsonl cannot be read: Permission denied"):
        read_articles(path)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.jsonl", b"", "a.jsonl is empty"),
        ("a.csv", b"title,description,tags\n", "a.csv is empty: it has a header at most"),
        ("a.jsonl", b"\n\n", "a.jsonl is empty"),
        ("a.jsonl.gz", b"no gzip", "a.jsonl.gz is damaged or not gzip"),
        ("a.parquet", b"no parquet", "a.parquet is not a Parquet file"),
        ("a.docx", b"x", "Cannot tell the format of 'a.docx'"),
        ("a.jsonl.gz", CUT_SHORT, "damaged or not gzip"),
    ],
)
def test_a_file_that_is_no_article_file_gets_a_sentence(tmp_path, name, content, sentence):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DataError, match=sentence):
        read_articles(path)


def test_a_missing_file_gets_a_sentence(tmp_path):
    with pytest.raises(DataError, match="There is no file"):
        read_articles(tmp_path / "none.jsonl")


def test_a_missing_column_is_named_with_those_there_are(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("title,part,tags\nT,D,go\n")
    article = read_articles(path, ReadingOptions({"description": "part"})).articles[0]
    assert article.description == "D"
    with pytest.raises(DataError) as caught:
        read_articles(path, ReadingOptions({"description": "text"}))
    assert "no column 'text' for description. It has: title, part, tags." in str(caught.value)
    path.write_text("title,part\nT,D\n")
    with pytest.raises(DataError, match=r"no column 'tags'. It has: title, part\."):
        read_articles(path)


def test_a_json_row_without_a_text_or_tags_has_none(tmp_path):
    path = write_jsonl(tmp_path / "a.jsonl", {"title": "T", "fulltext": "F"}, ROW)
    first, second = read_articles(path).articles
    assert (first.title, first.description, first.tags) == ("T", "F", ())
    assert (second.description, second.tags) == ("D", ("go",))


def test_a_missing_column_is_said_without_reading_the_rest(tmp_path):
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.write(b"title,description\n" + b"T,D\n" * 10_000)
        file.write(b"\xff" * 1000)  # would fail to decode if it were read
    with pytest.raises(DataError, match="no column 'tags'"):
        read_articles(path)


def test_a_file_of_nothing_but_bad_rows_is_given_up_early(tmp_path):
    path = write_jsonl(tmp_path / "a.jsonl", *rows(99, title=7), *rows(2, title=8))
    with pytest.raises(DataError, match="none of the first 100 rows is an article; line 1: title"):
        check_source(str(path))


def test_one_article_is_reason_to_read_on_past_a_hundred_bad_rows(tmp_path):
    path = write_jsonl(tmp_path / "a.jsonl", ROW | {"id": "good"}, *rows(150, title=7))
    result = read_articles(path, skip_bad_rows=True)
    assert [a.id for a in result.articles] == ["good"]
    assert (result.report.rows, result.report.bad_count) == (151, 150)
    assert [row.line for row in result.report.bad_rows] == list(range(2, 152))


def test_ids_are_unique_and_made_from_the_line_where_absent(tmp_path):
    path = write_jsonl(tmp_path / "a.jsonl", ROW, ROW)
    with pytest.raises(DataError, match="line 2: id is '1', as in line 1: ids must be unique"):
        read_articles(path)
    no_id = {name: value for name, value in ROW.items() if name != "id"}
    path = write_jsonl(tmp_path / "b.jsonl", no_id, no_id)
    assert [a.id for a in read_articles(path).articles] == ["b-1", "b-2"]


def test_a_file_without_usable_rows_is_refused_even_when_skipping(tmp_path):
    path = write_jsonl(tmp_path / "a.jsonl", ROW | {"title": 7}, "[]")
    with pytest.raises(DataError, match="none of its 2 rows is usable"):
        read_articles(path, skip_bad_rows=True)
