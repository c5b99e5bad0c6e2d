"""One file, one reading: every command and page reads a file by the same plan."""

import csv
import io
import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.articles.check import article_in
from core.articles.importing import check_source, import_source
from core.articles.options import ReadingOptions
from core.articles.read import open_source
from core.articles.store.sets import read_sources
from core.articles.store.versions import versions_of
from core.commands.main import main
from core.runs.experiment import run_experiment
from core.runs.store import RunStore
from core.runs.texts import read_articles_of
from tests.conftest import PROJECT, many_articles, shared_file

BODY = "Indexes make a query fast. " * 20
FILES = {
    "angle brackets": (
        "Title,Body,Tags\nOne,About rows,<sql><css>\nTwo,About boxes,<css>\n",
        [("One", "About rows", ("sql", "css")), ("Two", "About boxes", ("css",))],
    ),
    "other names": (
        "Headline,Summary,Labels\nOne,About rows,sql|css\nTwo,About boxes,css\n",
        [("One", "About rows", ("sql", "css")), ("Two", "About boxes", ("css",))],
    ),
    "no description": (
        f"title;content;tags\nOne;{BODY};sql,css\nTwo;Short;css\n",
        [("One", BODY[:296], ("sql", "css")), ("Two", "Short", ("css",))],
    ),
    "an empty column of excerpts": (
        f"title;excerpt;content;tags\nOne;;{BODY};sql\nTwo;Own;Short;css\n",
        [("One", BODY[:296], ("sql",)), ("Two", "Own", ("css",))],
    ),
    "HTML": (
        "title,description,tags\nA &amp; B,<p>About <b>rows</b></p><p>and boxes</p>,sql\n"
        "Two,<p>1 &lt; 2</p>,css\n",
        [("A & B", "About rows\nand boxes", ("sql",)), ("Two", "1 < 2", ("css",))],
    ),
    "a word about HTML": (
        "title;description;tags\nOne;The <p> element;sql\nTwo;Use <b>bold</b> rarely;css\n",
        [("One", "The <p> element", ("sql",)), ("Two", "Use <b>bold</b> rarely", ("css",))],
    ),
}


def facts(articles):
    return [(a.title, a.description, tuple(a.tags)) for a in articles]


@pytest.fixture(params=FILES, ids=str)
def file(request, tmp_path):
    text, expected = FILES[request.param]
    path = tmp_path / "posts.csv"
    path.write_text(text)
    return path, expected


def test_import_run_and_statistics_read_the_same_articles(file, capsys):
    path, expected = file
    import_source(str(path), "kept")
    assert facts(read_sources(["kept"])) == expected
    assert facts(read_sources([str(path)])) == expected
    assert main(["data", "stats", str(path), "--json"]) == 0
    stats = json.loads(capsys.readouterr().out)
    tags = {tag for _, _, of_one in expected for tag in of_one}
    assert set(stats["tag_counts"]) == tags
    report = check_source(str(path))
    assert (report.articles, set(report.tag_counts)) == (2, tags)


def test_a_file_to_be_tagged_is_read_as_one_to_learn_from(file):
    path, expected = file
    reading = open_source(str(path), wants_tags=False)
    articles = [article_in(row, reading.plan, reading.name) for row in reading.rows]
    assert facts(articles) == [(title, text, ()) for title, text, _ in expected]


cells = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1).map(
    lambda text: " ".join(text.split())
)
words = st.text("abcdefgh", min_size=1, max_size=6)
records = st.lists(
    st.tuples(cells.filter(bool), cells, st.lists(words, min_size=1, max_size=3, unique=True)),
    min_size=1,
    max_size=5,
)


@settings(max_examples=60)
@given(
    records,
    st.sampled_from(["title,description,tags", "Headline,Summary,Labels", "标题,摘要,标签"]),
    st.sampled_from([";", ",", "|"]),
)
def test_every_reader_of_a_file_finds_what_the_others_find(written, header, separator):
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(header.split(","))
    writer.writerows([title, text, separator.join(tags)] for title, text, tags in written)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "posts.csv"
        path.write_text(buffer.getvalue(), encoding="utf-8", newline="")
        learnt = read_sources([str(path)])
        import_source(str(path), "kept", replace_set=True)
        tagging = open_source(str(path), wants_tags=False)
        to_tag = [article_in(row, tagging.plan, tagging.name) for row in tagging.rows]
    assert facts(learnt) == facts(read_sources(["kept"]))
    assert [(a.title, a.description) for a in to_tag] == [(a.title, a.description) for a in learnt]


def tagged(capsys, tmp_path, source, run=""):
    target = tmp_path / "tagged.jsonl"
    assert main(["tag", str(source), str(target), "--json", *(["--run", run] if run else [])]) == 0
    found = json.loads(capsys.readouterr().out)
    return found, [json.loads(line) for line in target.read_text().splitlines()]


def write_csv(path, header, rows):
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def test_a_set_without_descriptions_is_tagged_by_the_texts_it_learnt_from(
    tmp_path, tiny_config, capsys
):
    """Its titles say nothing: who read them alone would give no tag right."""
    articles = many_articles(120)
    path = write_csv(
        tmp_path / "posts.csv",
        ["title", "content", "tags"],
        [["Post", f"{a.title} {a.description}", ";".join(a.tags)] for a in articles],
    )
    import_source(str(path), "posts")
    config = tiny_config.model_copy(
        update={"data": tiny_config.data.model_copy(update={"sources": ("posts",)})}
    )
    run = run_experiment(config, RunStore()).run
    found, rows = tagged(capsys, tmp_path, path, run.id)
    assert found["reading"] == (
        "Read: title from 'title', fulltext from 'content'. No column holds a description: the "
        "start of the full text is used."
    )
    tested = run.read_part("test")
    scores = dict(zip(tested.ids, tested.scores, strict=True))
    for number, row in enumerate(rows, start=2):
        if f"posts-{number}" in scores:
            of_row = scores[f"posts-{number}"]
            for tag, score in zip(row["suggested_tags"], row["tag_scores"], strict=True):
                assert score == pytest.approx(of_row[run.tags.index(tag)], abs=2e-6)


def test_columns_named_once_are_kept_with_the_set_the_run_and_what_is_tagged(
    tmp_path, tiny_config, capsys
):
    """Without their names the columns "what" and "about" are not understood."""
    rows = [[a.title, a.description, ";".join(a.tags), a.id] for a in many_articles(60)]
    path = write_csv(tmp_path / "odd.csv", ["what", "about", "tags", "key"], rows)
    named = {"title": "what", "description": "about"}
    import_source(str(path), "odd", ReadingOptions(named))
    assert versions_of("odd")[-1].reading["fields"]["title"] == "what"
    info, _ = import_source(str(path), "odd", update=True)
    assert info.version == 2
    settings = ["--set", "data.min_tag_count=5", "classifier.C=1", "features.max_df=1.0", "--json"]
    options = ["--title", "what", "--description", "about"]
    for source, more in (("odd", []), (str(path), options)):
        assert main(["run", "best-tfidf", "--data", source, *more, *settings]) == 0
        printed = capsys.readouterr()
        run = RunStore().load(json.loads(printed.out)["run"])
        assert ("title from 'what'" in printed.err) == bool(more)
        found, of_rows = tagged(capsys, tmp_path, path, run.id)
        assert found["reading"] == (
            "Read: title from 'what', description from 'about', id from 'key'."
        )
        assert any(row["suggested_tags"] for row in of_rows)
        first = next(iter(read_articles_of(run).values()))
        assert first.title == rows[0][0]


def test_a_file_whose_texts_nobody_can_name_is_refused(tmp_path, tiny_config, capsys):
    path = write_csv(tmp_path / "odd.csv", ["what", "about"], [["A goroutine", "leaks"]])
    run_experiment(tiny_config, RunStore(), articles=many_articles(120))
    assert main(["tag", str(path), str(tmp_path / "out.csv")]) == 2
    assert "odd.csv has no column 'title'. It has: what, about." in capsys.readouterr().err
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize("name", ["sample", "entech", "zhtech", "mlprojects"])
def test_a_file_and_the_set_that_it_becomes_hold_the_same_articles(name):
    path = (
        PROJECT / "data" / "sample" / "articles.jsonl"
        if name == "sample"
        else shared_file(f"{name}.jsonl.gz")
    )
    import_source(str(path), "kept", replace_set=True)
    assert read_sources(["kept"]) == read_sources([str(path)])


def test_one_new_row_is_cut_as_the_rows_of_the_set_were(tmp_path):
    """By itself it looks like two tags with a comma between them."""
    tags = [
        "Networking, wireless; C++",
        "C++; Go",
        "Networking, wireless",
        "Go; Networking, wireless",
    ]
    header = ["id", "title", "description", "tags"]
    rows = [[n, f"Title {n}", "Text", tags[n % 4]] for n in range(120)]
    path = write_csv(tmp_path / "posts.csv", header, rows)
    import_source(str(path), "posts")
    new = write_csv(tmp_path / "new.csv", header, [["new", "New", "Text", "Networking, wireless"]])
    import_source(str(new), "posts", update=True)
    by_id = {article.id: article.tags for article in read_sources(["posts"])}
    assert by_id["0"] == ("Networking, wireless", "C++")
    assert by_id["new"] == ("Networking, wireless",)
