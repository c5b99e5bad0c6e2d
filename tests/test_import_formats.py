"""Importing: every format, encoding and tag form gives the same articles."""

import gzip
import json
import sqlite3
import zipfile
from unittest.mock import Mock

import pandas as pd
import pytest

from core.articles.formats import encoding as encodings
from core.articles.formats.csv_rows import find_delimiter
from core.articles.formats.rows import read_rows
from core.articles.importing import check_source, import_source, preview_source
from core.articles.options import ReadingOptions
from core.articles.store.sets import read_sources
from core.base.errors import DataError
from tests.conftest import shared_file

TITLES = ["深入理解并发编程与内存模型", "如何在生产环境中排查问题", "数据库索引的原理与实践"]


def test_a_semicolon_file_in_gbk_with_chinese_columns_is_read_without_a_word(tmp_path):
    lines = ["标题;摘要;标签"] + [f"{t};这是一段关于{t}的简介;并发,后端" for t in TITLES]
    path = tmp_path / "导出.csv"
    path.write_text("\n".join(lines) + "\n", encoding="gbk")
    info, report = import_source(str(path), "zh")
    articles = read_sources(["zh"])
    assert [a.title for a in articles] == TITLES
    assert articles[0].tags == ("并发", "后端")
    assert {a.language for a in articles} == {"zh"}
    assert report.plan.columns == {"title": "标题", "description": "摘要", "tags": "标签"}
    assert info.articles == 3


@pytest.mark.parametrize("kept", [40, 1 << 20])
@pytest.mark.parametrize(
    ("encoding", "title"),
    [
        ("utf-8", "Ein Überblick über Größen"),
        ("utf-8-sig", "Ein Überblick"),
        ("utf-16", "Ein Überblick über Größen"),
        ("utf-16-le", "An overview of sizes"),
        ("cp1252", "Ein Überblick über Größen – für Anfänger"),
        ("gb18030", "数据库索引的原理与实践,以及常见的误区"),
    ],
)
def test_the_encoding_of_short_and_long_files_is_found_out(
    tmp_path, monkeypatch, encoding, title, kept
):
    monkeypatch.setattr(encodings, "KEPT_BYTES", kept)
    path = tmp_path / "a.tsv"
    path.write_text(f"title\tdescription\ttags\n{title}\tD\tgo\n", encoding=encoding)
    import_source(str(path), "one")
    assert read_sources(["one"])[0].title == title


@pytest.mark.parametrize(("kept", "times"), [(99, 2), (100, 2), (101, 1)])
def test_a_file_that_is_not_long_is_unpacked_once(tmp_path, monkeypatch, kept, times):
    content = "title,description,tags\nT,D,go\n".ljust(100, "\n").encode()
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(content))
    unpack = Mock(wraps=encodings.open_bytes)
    monkeypatch.setattr(encodings, "open_bytes", unpack)
    monkeypatch.setattr(encodings, "KEPT_BYTES", kept)
    assert [row.cells["title"] for row in read_rows(path)] == ["T"]
    assert unpack.call_count == times


@pytest.mark.parametrize("kept", [10_000, 1 << 20])
def test_a_letter_outside_ascii_far_down_the_file_decides_its_encoding(tmp_path, monkeypatch, kept):
    monkeypatch.setattr(encodings, "KEPT_BYTES", kept)
    path = tmp_path / "a.csv"
    rows = "".join(f"Title {n},plain description,go\n" for n in range(9000))
    path.write_text(f"title,description,tags\n{rows}Größe,Übersicht,go\n", encoding="cp1252")
    import_source(str(path), "one")
    assert read_sources(["one"])[-1].title == "Größe"


def test_xlsx_parquet_sqlite_json_and_zip_hold_the_same_articles(tmp_path):
    frame = pd.DataFrame(
        {
            "headline": [f"Title {n}" for n in range(5)],
            "summary": [f"Summary {n}" for n in range(5)],
            "keywords": ["go; web"] * 5,
        }
    )
    frame.to_excel(tmp_path / "a.xlsx", index=False)
    frame.assign(keywords=[["go", "web"]] * 5).to_parquet(tmp_path / "a.parquet")
    with sqlite3.connect(tmp_path / "a.sqlite") as database:
        frame.to_sql("posts", database, index=False)
    (tmp_path / "a.json").write_text(json.dumps({"items": frame.to_dict("records")}))
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("inside/a.csv", frame.to_csv(index=False))
        archive.writestr("__MACOSX/a.csv", "junk")
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(frame.to_csv(index=False).encode()))
    for name in ("a.xlsx", "a.parquet", "a.sqlite", "a.json", "a.zip", "a.csv.gz"):
        import_source(str(tmp_path / name), "one", replace_set=True)
        articles = read_sources(["one"])
        assert [a.title for a in articles] == list(frame["headline"]), name
        assert {a.tags for a in articles} == {("go", "web")}, name


def test_a_query_chooses_the_rows_of_a_database_and_changes_nothing(tmp_path):
    path = tmp_path / "a.db"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE a (id INTEGER, name TEXT, body TEXT, tags TEXT)")
        database.execute("CREATE TABLE b (x)")
        rows = [(n, f"T{n}", f"B{n}", '["go"]') for n in range(4)]
        database.executemany("INSERT INTO a VALUES (?, ?, ?, ?)", rows)
    url = f"sqlite:///{path}"
    with pytest.raises(DataError, match=r"has 2 tables \(a, b\); say which rows with --query"):
        check_source(url)
    import_source(url, "one", ReadingOptions(query="SELECT * FROM a WHERE id > 1"))
    assert [(a.id, a.title, a.description, a.tags) for a in read_sources(["one"])] == [
        ("2", "T2", "B2", ("go",)),
        ("3", "T3", "B3", ("go",)),
    ]
    with pytest.raises(DataError, match=r"The database refused: attempt to write a readonly"):
        query = "INSERT INTO b VALUES (1) RETURNING x, 1 AS tags, 2 AS title"
        check_source(url, ReadingOptions(query=query))
    with pytest.raises(DataError, match="There is no file"):
        check_source(f"sqlite:///{tmp_path}/none.db")
    assert not (tmp_path / "none.db").exists()


def test_a_password_in_a_databases_address_is_never_said():
    with pytest.raises(DataError) as caught:
        check_source("postgresql://me:hush@127.0.0.1:1/none", ReadingOptions(query="SELECT 1"))
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    ("header", "delimiter"),
    [("title,tags", ","), ("title;tags", ";"), ('"a,b,c";tags', ";"), ("a|b|c", "|"), ("one", ",")],
)
def test_the_delimiter_is_found_in_the_header(header, delimiter):
    assert find_delimiter(header) == delimiter


def test_a_preview_shows_the_guess_and_a_named_column_comes_before_it(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("Headline,Body,Keywords,Topic\nT,B,go,x\n")
    found = preview_source(str(path))
    assert found.plan.fields == {"title": "Headline", "fulltext": "Body", "tags": "Keywords"}
    assert found.plan.lead
    assert found.rows[0]["Headline"] == "T"
    named = preview_source(str(path), ReadingOptions({"tags": "Topic"}))
    assert named.plan.fields["tags"] == "Topic"
    with pytest.raises(DataError, match="no column 'Tag' for tags"):
        preview_source(str(path), ReadingOptions({"tags": "Tag"}))


def test_json_values_are_found_in_lists_objects_and_one_after_another(tmp_path):
    row = {"title": "T", "description": "D", "tags": ["go"]}
    path = tmp_path / "a.json"
    for text, count in [
        (json.dumps([row] * 3), 3),
        (json.dumps({"total": 2, "content": [row] * 2}), 2),
        (json.dumps(row) + "\n" + json.dumps(row), 2),
        (json.dumps([row | {"fulltext": "x" * 200_000}] * 3), 3),
    ]:
        path.write_text(text)
        assert check_source(str(path)).articles == count
    for text in ('[{"a": 1}, {]', '[{"title": "T"}', "[1 2]", "nothing", '{"a": [1, 2'):
        path.write_text(text)
        with pytest.raises(DataError, match="is not JSON"):
            check_source(str(path))


@pytest.mark.parametrize(
    ("name", "articles"),
    [("entech", 3785), ("zhtech", 1387), ("mlprojects", 2032), ("so30k", 29996)],
)
def test_the_shared_sets_are_checked_whole(name, articles):
    report = check_source(str(shared_file(f"{name}.jsonl.gz")))
    assert (report.rows, report.articles, report.bad_count) == (articles, articles, 0)
