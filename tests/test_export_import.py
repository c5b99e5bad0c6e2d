"""What is written here comes back: a set from its export, and the rows of a file from tagging."""

import csv
import gzip
import json
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.articles.article import Article
from core.articles.export import ENDINGS, export_articles
from core.articles.formats.rows import read_rows
from core.articles.importing import import_source
from core.articles.store.sets import keep_articles, read_sources
from core.base.files import csv_line, inert_cell, uninert_cell
from core.runs.experiment import run_experiment
from core.suggest.bulk import tag_file
from core.suggest.suggester import Suggester
from tests.conftest import make_article

HOSTILE = "'=+-@\t\r\n\"[]{}<>#;,|、，； aé中\\/_0\x0b\x1c\u2028\ufeff"
texts = st.text(st.sampled_from(HOSTILE), max_size=6) | st.sampled_from(
    ["'tis", "=1+1", "''=x", "'-", "title", "[]", '["a"]', "null", "nan", "1.0", " a "]
)
names = texts.map(lambda name: " ".join(name.split())).filter(bool)
lists = st.lists(names, max_size=3, unique=True)
hostile_articles = st.lists(
    st.builds(
        dict,
        id=texts.filter(str.strip),
        title=texts,
        description=texts.filter(str.strip),
        fulltext=texts,
        tags=lists,
        language=st.sampled_from(["en", "zh", "fr"]),
        url=texts,
        creators=lists,
        published=st.none() | st.dates(date(1, 1, 1)),
        source=texts,
        split=st.sampled_from([None, "train", "test"]),
    ).map(Article.model_validate),
    min_size=1,
    max_size=5,
    unique_by=lambda article: article.id,
)


@pytest.fixture(scope="module")
def module_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("exports")


@pytest.mark.parametrize("ending", ENDINGS)
@given(hostile_articles)
@settings(max_examples=40)
def test_an_imported_export_has_equal_articles(module_folder, ending, articles):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TAGSMITH_HOME", str(module_folder / "home"))
        keep_articles("hostile", articles, replace=True)
        target = module_folder / f"out{ending}"
        assert export_articles("hostile", target) == len(articles)
        import_source(str(target), "again", replace_set=True)
        assert read_sources(["again"]) == read_sources(["hostile"]) == tuple(articles)


@pytest.mark.parametrize("ending", [".csv", ".jsonl", ".parquet"])
@pytest.mark.parametrize(
    ("tags", "creators"),
    [
        (["=a", "@b", "-c"], ["Smith, Jo"]),
        (["[lone"], ["O'Hara; Bo"]),
        (["machine learning"], ["Jo Smith"]),
        (["a、b", "c，d"], ["姓，名"]),
        (["#x", "#y z"], ["<Ann>"]),
        (["{a}", "['b']"], ["| x"]),
        ([], []),
    ],
)
def test_tags_and_creators_of_any_name_come_back(tmp_path, ending, tags, creators):
    articles = [make_article(n, tags=tags, creators=creators) for n in range(3)]
    keep_articles("one", articles)
    export_articles("one", tmp_path / f"out{ending}")
    import_source(str(tmp_path / f"out{ending}"), "two")
    assert read_sources(["two"]) == tuple(articles)


def test_plain_tags_are_parted_by_semicolons_and_others_are_json(tmp_path):
    keep_articles("one", [make_article(1, tags=["go", "machine learning"], creators=["Smith, Jo"])])
    export_articles("one", tmp_path / "out.csv")
    (row,) = csv.DictReader((tmp_path / "out.csv").open(encoding="utf-8"))
    assert (row["tags"], row["creators"]) == ("go; machine learning", '["Smith, Jo"]')


@given(st.text(st.sampled_from("'=+-@\t\ra "), max_size=6))
def test_a_guarded_cell_is_inert_and_gives_its_text_back(text):
    cell = inert_cell(text)
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert uninert_cell(cell) == text


def test_apostrophes_of_other_peoples_files_stay(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("title,description,tags\n'=1+1,'tis,go\n''-x,'@home,go\n")
    assert [list(row.cells.values())[:2] for row in read_rows(path)] == [
        ["'=1+1", "'tis"],
        ["''-x", "'@home"],
    ]


@given(st.lists(texts, min_size=2, max_size=4))
def test_a_line_of_csv_is_one_row_whatever_line_ends_its_cells_have(cells):
    (row,) = csv.reader([csv_line(cells)], strict=True)
    assert list(map(uninert_cell, row)) == cells


@pytest.fixture
def suggester(tiny_config, articles, store):
    return Suggester.load(run_experiment(tiny_config, store, articles=articles).run)


TEXT = {"title": "a goroutine and a channel", "description": "pprof"}


@pytest.mark.parametrize("name", ["out.csv", "out.jsonl", "out.csv.gz"])
def test_tagging_leaves_the_users_own_columns_as_they_are(suggester, tmp_path, name):
    own = {"problem": "mine", "suggested_tags": ["kept"], "suggested_tags_2": "=also"}
    source = tmp_path / "in.jsonl"
    source.write_text(json.dumps(TEXT) + "\n" + json.dumps(TEXT | own) + "\n")
    found = tag_file(source, tmp_path / name, suggester)
    assert found.notes == (
        "The file has a column 'suggested_tags' of its own: what tagging adds is in "
        "'suggested_tags_3'.",
        "The file has a column 'problem' of its own: what tagging adds is in 'problem_2'.",
    )
    plain, kept = (row.cells for row in read_rows(tmp_path / name))
    assert kept["problem"] == "mine"
    assert kept["suggested_tags"] in (["kept"], "kept")
    assert kept["suggested_tags_2"] == "=also"
    assert "golang" in kept["suggested_tags_3"]
    assert plain["problem_2"] == ""


def test_a_key_that_the_first_rows_lack_has_its_column(suggester, tmp_path):
    rows = [TEXT, TEXT | {"views": 7}, TEXT | {"by": ["Smith, Jo"], "more": {"a": [1]}}]
    source, target = tmp_path / "in.jsonl", tmp_path / "out.csv"
    source.write_text("".join(json.dumps(row) + "\n" for row in rows))
    tag_file(source, target, suggester, rows_at_once=1)
    first, second, third = csv.DictReader(target.open(encoding="utf-8"))
    assert [list(row)[:5] for row in (first, third)] == [
        ["title", "description", "views", "by", "more"]
    ] * 2
    assert (first["views"], second["views"]) == ("", "7")
    assert (third["by"], third["more"]) == ('["Smith, Jo"]', '{"a": [1]}')


def test_a_tagged_file_is_tagged_again_to_the_same_texts(suggester, tmp_path):
    source = tmp_path / "in.csv"
    source.write_text("title,description,=x\n'=1+1,a goroutine in pprof,@y\n")
    tag_file(source, tmp_path / "once.csv", suggester)
    (once,) = (row.cells for row in read_rows(tmp_path / "once.csv"))
    tag_file(tmp_path / "once.csv", tmp_path / "twice.csv", suggester)
    (twice,) = (row.cells for row in read_rows(tmp_path / "twice.csv"))
    assert [once["title"], once["=x"]] == [twice["title"], twice["=x"]] == ["'=1+1", "@y"]
    assert twice["suggested_tags"] == once["suggested_tags"] == twice["suggested_tags_2"]


def test_rows_of_a_file_and_of_what_tagging_made_of_it_are_as_many(suggester, tmp_path):
    source, target = tmp_path / "in.csv.gz", tmp_path / "out.jsonl"
    lines = ["title,description", *(f"T{n},a goroutine" for n in range(9)), '"open,D', "last,D"]
    source.write_bytes(gzip.compress("\n".join(lines).encode()))
    found = tag_file(source, target, suggester)
    assert (found.rows, found.bad_rows) == (11, 1)
    assert len(target.read_text().splitlines()) == 11
