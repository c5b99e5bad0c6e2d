"""What becomes of an import: reports, versions, updates, names, exports; and what is refused."""

import csv
import gzip
import io
import json
import zipfile

import pytest

from core.articles.export import export_articles
from core.articles.importing import check_source, import_source
from core.articles.read import read_articles
from core.articles.seen import SeenKeys
from core.articles.store.record import sets_folder
from core.articles.store.sets import list_sets, read_sources
from core.articles.store.versions import delete_set, rename_set, use_version, versions_of
from core.base.errors import DataError
from core.commands.main import main

HEADER = "id,title,description,tags\n"


@pytest.fixture
def posts(tmp_path):
    path = tmp_path / "posts.csv"
    path.write_text(HEADER + "1,One,D1,go\n2,Two,D2,web\n3,Three,D3,web\n")
    return path


def titles(name):
    return {a.id: a.title for a in read_sources([name])}


def leftovers():
    return [path.name for path in sets_folder().glob(".partial-*")]


def test_the_report_counts_what_is_wrong_and_names_the_rows(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(HEADER + "1,One,D1,go;golang\n1,Again,D,go\n,,,go\n4,One,D1,x;2019\n5,Five,,\n")
    report = check_source(str(path))
    assert (report.rows, report.articles, report.bad_count, report.copy_count) == (5, 3, 2, 1)
    assert [str(row) for row in report.bad_rows] == [
        "line 3: id is '1', as in line 2: ids must be unique",
        "line 4: title, description and fulltext are all empty",
    ]
    assert [(t.tag, t.why) for t in report.odd_tags] == [("2019", "a number"), ("x", "one letter")]
    assert (report.without_description, report.without_fulltext, report.without_tags) == (1, 3, 1)
    assert report.articles_by_tag_number == {0: 1, 2: 2}
    rows = list(csv.DictReader(io.StringIO(report.problems_csv())))
    assert [(row["line"], row["what"]) for row in rows] == [
        ("3", "dropped"),
        ("4", "dropped"),
        ("5", "copy"),
    ]


def test_an_update_replaces_by_id_adds_and_keeps_the_old_version(posts, tmp_path):
    import_source(str(posts), "blog")
    newer = tmp_path / "newer.csv"
    newer.write_text(HEADER + "4,Four,D4,go\n2,Second,D2,web\n")
    info, _ = import_source(str(newer), "blog", update=True)
    assert (info.version, info.articles) == (2, 4)
    assert titles("blog") == {"1": "One", "2": "Second", "3": "Three", "4": "Four"}
    assert [(v.version, v.articles, v.origin) for v in versions_of("blog")] == [
        (1, 3, "posts.csv"),
        (2, 4, "newer.csv"),
    ]
    first = use_version("blog", 1)
    assert titles("blog") == {"1": "One", "2": "Two", "3": "Three"}
    assert list_sets()[1] == first
    import_source(str(newer), "blog", replace_set=True)
    assert (list_sets()[1].version, titles("blog")) == (3, {"4": "Four", "2": "Second"})


def test_an_update_without_ids_says_which_column_could_be_one(posts, tmp_path):
    import_source(str(posts), "blog")
    other = tmp_path / "other.csv"
    other.write_text("title,description,tags\nT,D,go\n")
    with pytest.raises(DataError, match="no column of ids"):
        import_source(str(other), "blog", update=True)


@pytest.mark.parametrize("bad", ["5,Five\n", "5,,,go\n", "1,One again,D,go\n"])
def test_a_bad_row_keeps_nothing_unless_skipped(posts, bad):
    posts.write_text(posts.read_text() + bad)
    with pytest.raises(DataError, match=r"posts\.csv, line 5: "):
        import_source(str(posts), "blog")
    assert [info.name for info in list_sets()] == ["sample"]
    assert leftovers() == []
    info, report = import_source(str(posts), "blog", skip_bad_rows=True)
    assert (info.articles, report.bad_count) == (3, 1)


def test_a_failed_update_leaves_the_set_as_it_was(posts, tmp_path):
    import_source(str(posts), "blog")
    before = sorted(path.name for path in (sets_folder() / "blog").iterdir())
    bad = tmp_path / "bad.csv"
    bad.write_text(HEADER + "1,New,D,go\nbroken\n")
    with pytest.raises(DataError):
        import_source(str(bad), "blog", update=True)
    assert titles("blog")["1"] == "One"
    assert sorted(path.name for path in (sets_folder() / "blog").iterdir()) == before
    assert leftovers() == []


def test_a_set_is_renamed_and_deleted_with_its_versions(posts):
    import_source(str(posts), "blog")
    rename_set("blog", "posts")
    assert [info.name for info in list_sets()] == ["sample", "posts"]
    with pytest.raises(DataError, match="cannot be named 'sample'"):
        rename_set("posts", "sample")
    delete_set("posts")
    assert [info.name for info in list_sets()] == ["sample"]
    with pytest.raises(DataError, match="no imported data set 'posts'"):
        versions_of("posts")


@pytest.mark.parametrize("ending", ["jsonl", "jsonl.gz", "csv", "csv.gz", "parquet"])
def test_an_export_reads_back_as_the_set(posts, tmp_path, ending):
    import_source(str(posts), "blog")
    target = tmp_path / f"out.{ending}"
    assert export_articles("blog", target) == 3
    assert read_articles(target).articles == read_sources(["blog"])


def test_a_formula_in_a_cell_is_inert_in_the_export_and_in_the_report(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(HEADER + '1,"=HYPERLINK(""http://x"")",D,go\n=2+2,,,\n')
    import_source(str(path), "blog", skip_bad_rows=True)
    export_articles("blog", tmp_path / "out.csv")
    row = next(csv.DictReader((tmp_path / "out.csv").open()))
    assert row["title"].startswith("'=HYPERLINK")
    for line in csv.reader(io.StringIO(check_source(str(path)).problems_csv())):
        assert not any(cell.startswith(("=", "+", "-", "@")) for cell in line)


def test_a_zip_bomb_and_a_gzip_bomb_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("core.articles.formats.compressed.HARMLESS_BYTES", 10_000)
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", HEADER + "\n" * 5_000_000)
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(HEADER.encode() + b"\n" * 5_000_000))
    for name in ("a.zip", "a.csv.gz"):
        with pytest.raises(DataError, match="as only a malicious file does"):
            check_source(str(tmp_path / name))


@pytest.mark.parametrize("member", ["../../etc/a.csv", "/etc/a.csv", "..\\a.csv", "C:\\a.csv"])
def test_a_name_that_leads_out_of_an_archive_is_refused(tmp_path, member):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(member, HEADER + "1,T,D,go\n")
    with pytest.raises(DataError, match="leads outside the archive"):
        check_source(str(tmp_path / "a.zip"))


def test_an_archive_of_many_files_is_refused_in_words(tmp_path, monkeypatch):
    monkeypatch.setattr("core.articles.formats.compressed.MOST_MEMBERS", 10)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for number in range(11):
            archive.writestr(f"{number}.md", "# T\n")
    with pytest.raises(DataError, match="holds 11 files; 10 are read"):
        check_source(str(tmp_path / "a.zip"))
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr("a.csv", HEADER)
        archive.writestr("b.csv", HEADER)
    with pytest.raises(DataError, match=r"holds 2 article files \(a\.csv, b\.csv \.\.\.\)"):
        check_source(str(tmp_path / "b.zip"))


def test_keys_are_seen_across_merges():
    seen = SeenKeys(merged_at=3)
    assert [seen.first_line(f"k{n}", n) for n in range(10)] == list(range(10))
    assert [seen.first_line(f"k{n}", 99) for n in range(10)] == list(range(10))


def test_the_commands_rename_export_list_versions_and_ask_before_they_delete(
    posts, tmp_path, capsys
):
    assert main(["data", "import", str(posts), "--name", "blog"]) == 0
    assert main(["data", "import", str(posts), "--name", "blog", "--update"]) == 0
    assert main(["data", "rename", "blog", "news"]) == 0
    assert main(["data", "export", "news", str(tmp_path / "out.jsonl")]) == 0
    capsys.readouterr()
    assert main(["data", "versions", "news", "--use", "1", "--json"]) == 0
    versions = json.loads(capsys.readouterr().out)
    assert [(v["version"], v["current"]) for v in versions] == [(1, True), (2, False)]
    assert main(["data", "delete", "news"]) == 2
    assert "Nothing was deleted" in capsys.readouterr().err
    assert main(["data", "delete", "news", "--yes"]) == 0
    assert [info.name for info in list_sets()] == ["sample"]


def test_check_writes_every_fault_to_a_file_and_warns_of_spellings(tmp_path, capsys):
    path = tmp_path / "a.csv"
    path.write_text(HEADER + "1,One,D1,golang\n2,Two,D2,Golang;x\nbad\n")
    problems = tmp_path / "problems.csv"
    assert main(["data", "check", str(path), "--problems", str(problems)]) == 2
    printed = capsys.readouterr().out
    assert "'x' (one letter)" in printed
    assert "golang" in printed and "(as " in printed
    assert "has 1 cells, the header has 4" in problems.read_text()
