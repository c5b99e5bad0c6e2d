"""Cells of tags: the separator that is named, what the check shows, real and hostile cells."""

import json
import random
import time
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.articles.fields.tag_formats import TagForm, guess_tag_form, tags_of_cell
from core.articles.importing import check_source, import_source, preview_source
from core.articles.options import ReadingOptions
from core.articles.store.sets import read_sources
from tests.conftest import shared_file


@pytest.mark.parametrize(
    ("given", "tags"),
    [
        ("", ["Networking, wireless", "C++"]),
        (",", ["Networking", "wireless; C++"]),
        ("comma", ["Networking", "wireless; C++"]),
        ("space", ["Networking", "wireless", "C++"]),
        ("none", ["Networking, wireless; C++"]),
        ("less;", ["Networking, wire", "C++"]),
    ],
)
def test_a_separator_that_is_named_comes_before_the_guess(tmp_path, given, tags):
    path = tmp_path / "a.csv"
    path.write_text('title,description,tags\nT,D,"Networking, wireless; C++"\n')
    for read in (check_source, lambda path, said: import_source(path, "one", said)[1]):
        report = read(str(path), ReadingOptions(tag_separator=given))
        assert list(report.tag_examples[0].tags) == tags
    assert list(read_sources(["one"])[0].tags) == tags
    assert (
        list(read_sources([str(path)], ReadingOptions(tag_separator=given or ";"))[0].tags) == tags
    )


def test_a_named_separator_is_obeyed_in_a_cell_that_looks_like_a_list(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("title,description,tags\nT,D,[meta] / [draft]\n")
    report = check_source(str(path), ReadingOptions(tag_separator="/"))
    assert report.tag_examples[0].tags == ("[meta]", "[draft]")


def test_the_check_shows_five_cells_with_several_tags_first(tmp_path):
    path = tmp_path / "a.csv"
    cells = ["go", "web", "go; web", "go", "css; go", "sql", "x", "y"]
    path.write_text(
        "title,description,tags\n" + "".join(f"T{n},D,{c}\n" for n, c in enumerate(cells))
    )
    examples = check_source(str(path)).tag_examples
    assert [example.cell for example in examples] == ["go; web", "css; go", "go", "web", "sql"]
    assert examples[1].tags == ("css", "go")


def test_a_tag_that_holds_two_other_tags_is_to_be_looked_at(tmp_path):
    path = tmp_path / "a.csv"
    cells = ["go; web", "web; css", '"go, css"', '"a, b"']
    path.write_text(
        "title,description,tags\n" + "".join(f"T{n},D,{c}\n" for n, c in enumerate(cells))
    )
    odd = {tag.tag: tag.why for tag in check_source(str(path)).odd_tags}
    assert odd == {"go, css": "perhaps several tags"}


def test_a_list_that_is_cut_off_is_a_bad_row_and_not_a_tag(tmp_path):
    path = tmp_path / "a.jsonl"
    cells = ['["go"]', '["web", "css', '{"choices": ["go"']
    rows = [{"title": "T", "description": str(n), "tags": c} for n, c in enumerate(cells)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    path.write_text(
        path.read_text() + path.read_text().splitlines()[0].replace('"0"', '"3"') + "\n"
    )
    report = check_source(str(path))
    assert [row.line for row in report.bad_rows] == [2, 3]
    assert "looks like a list but cannot be read" in report.bad_rows[0].reason


def test_a_cell_that_is_nested_too_deeply_is_a_bad_row_and_nothing_worse(tmp_path):
    path = tmp_path / "a.jsonl"
    deep = "[" * 900 + "]" * 900
    rows = [
        f'{{"title": "{n}", "description": "D", "tags": {tags}, "creators": {deep}}}'
        for n, tags in enumerate(('["go"]', deep, json.dumps(deep)))
    ]
    path.write_text("\n".join(rows) + "\n")
    report = check_source(str(path))
    assert report.articles + report.bad_count == 3


def test_objects_without_a_name_are_a_bad_row_that_says_what_they_have(tmp_path):
    path = tmp_path / "a.jsonl"
    rows = [{"title": "T", "description": "D", "tags": ["go"]}]
    rows.append({"title": "T2", "description": "D", "tags": [{"colour": "red"}]})
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    (bad,) = check_source(str(path)).bad_rows
    assert bad.reason.endswith("an object in it has no name, but colour")


NAMES = st.text(st.sampled_from("abcxyz+#.'\"-é并 "), min_size=1, max_size=8).map(
    lambda text: " ".join(text.split())
)
LISTS = st.lists(
    st.lists(NAMES.filter(bool), min_size=1, max_size=4, unique=True), min_size=1, max_size=5
)


@settings(max_examples=150, deadline=None)
@given(LISTS)
def test_what_programs_print_is_read_back_whatever_the_names_are(lists):
    for write in (json.dumps, repr, lambda tags: repr(tuple(tags)), _numpy, _postgres):
        cells = [write(tags) for tags in lists]
        form = guess_tag_form(cells)
        assert [tags_of_cell(cell, form) for cell in cells] == lists, (cells, form)


def _numpy(tags):
    return str(np.array(tags, dtype=object))


def _postgres(tags):
    return (
        "{"
        + ",".join('"' + tag.replace("\\", "\\\\").replace('"', '\\"') + '"' for tag in tags)
        + "}"
    )


def cells_like(lists, mark):
    return [mark.join(tags) for tags in lists]


@pytest.mark.parametrize("name", ["entech", "zhtech", "mlprojects", "so30k"])
@pytest.mark.parametrize("size", [50, 1000])
def test_real_tags_come_back_from_every_mark_between_them(name, size):
    rows = [row.tags for row in read_sources([str(shared_file(f"{name}.jsonl.gz"))]) if row.tags]
    lists = [list(tags) for tags in random.Random(size).sample(rows, size)]
    spaced = [[tag.replace("-", " ") for tag in tags] for tags in lists]
    for mark in (", ", ";", "|", "\n", "\t", " / ", " · ", "、"):
        assert_read_back(spaced, cells_like(spaced, mark))
    with_commas = [[tag.replace("-", ", ") for tag in tags] for tags in lists]
    assert_read_back(with_commas, cells_like(with_commas, "; "))
    assert_read_back(spaced, [_numpy(tags) for tags in spaced])
    assert_read_back(spaced, [_postgres(tags) for tags in spaced])
    assert_read_back(spaced, ["".join(f"<{tag}>" for tag in tags) for tags in spaced])
    assert_read_back(lists, [" ".join(f"#{tag}" for tag in tags) for tags in lists])
    if size == 1000:
        hyphened = [[tag.replace(" ", "-") for tag in tags] for tags in lists]
        assert_read_back(hyphened, cells_like(hyphened, " "))
        assert_read_back(hyphened, cells_like(hyphened, "/"))
    firsts = [tags[:1] for tags in spaced]
    assert_read_back(firsts, [tags[0] for tags in firsts])


def assert_read_back(lists, cells):
    form = guess_tag_form(cells)
    assert [tags_of_cell(cell, form) for cell in cells] == lists, form


def test_a_preview_says_how_tags_are_written(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("title,description,tags\nT,D,go;web\n")
    assert str(preview_source(str(path)).plan.tag_form) == 'cut at ";"'
    assert str(TagForm("separated", "newline")) == "cut at newline"
    assert str(TagForm("PostgreSQL array")) == "PostgreSQL array"


HUGE = [
    *("[" * 200_000, "{" * 90_000 + "}" * 90_000, "(" * 50_000 + ")" * 50_000, "['a' " * 40_000),
    *("f(" + ", dtype=" * 50_000 + ")", "[" + " " * 200_000 + "x]", "{" + '"a' * 60_000 + "}"),
    *("a" + " " * 200_000 + "b", '"' * 99_999, "'" * 99_999, "<" * 99_999, "#" * 99_999),
    *("a," * 99_999, "a " * 99_999, "a/" * 99_999, "&amp;" * 50_000, "#a " * 60_000),
    "['\\d'" + ",'\\d'" * 10_000 + "]",
]


@pytest.mark.parametrize("cell", HUGE, ids=range(len(HUGE)))
def test_a_huge_cell_takes_a_moment(cell):
    started = time.process_time()
    form = guess_tag_form([cell, "go"])
    with suppress(ValueError):
        tags_of_cell(cell, form)
    assert time.process_time() - started < 3
