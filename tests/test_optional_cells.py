"""Fields that an article may lack: read in every form, or left empty, counted and said."""

import json
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.articles.article import article_of_row
from core.articles.fields.creators import creators_of_cell, guess_creator_separator
from core.articles.importing import check_source, import_source
from core.articles.languages.codes import language_code
from core.articles.mapping import ReadingPlan, article_cells, with_cell_forms
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


def test_one_bad_cell_in_four_thousand_rows_is_left_empty_and_said(tmp_path, capsys):
    lines = [f"{n},T{n},D,go; web,2024-04-09,en" for n in range(4000)]
    lines[2500] = "2500,T2500,D,go; web,n.d.,en"
    path = tmp_path / "a.csv"
    path.write_text("\n".join(["id,title,description,tags,published,language", *lines]) + "\n")
    assert main(["data", "import", str(path), "--name", "all"]) == 0
    said = capsys.readouterr().out
    assert "published cannot be read in 1 row, and is left empty there:" in said
    assert "line 2502: published is 'n.d.': it is not a date" in said
    assert "Kept 4,000 articles as data set 'all'; 1 optional cell left empty." in said
    articles = read_sources(["all"])
    assert [a.id for a in articles if a.published is None] == ["2500"]
    assert {a.published for a in articles} == {DAY, None}


UNREADABLE = {
    "language": "gibberish",
    "url": 5,
    "source": {"colour": "red"},
    "creators": [{"colour": "red"}],
    "published": "someday",
    "split": "dev",
    "id": [1],
}


@pytest.mark.parametrize("field", UNREADABLE)
def test_an_optional_cell_that_cannot_be_read_never_refuses_the_row(tmp_path, field, capsys):
    path = write_rows(tmp_path / "a.jsonl", {}, {field: UNREADABLE[field]}, {field: None})
    report = check_source(path)
    assert (report.articles, report.bad_count) == (3, 0)
    assert report.left_empty_counts == {field: 1}
    (row,) = report.left_empty
    assert (row.line, row.field) == (2, field)
    assert f"2,,left empty,{field}," in report.problems_csv()
    import_source(path, "one")
    kept = read_sources(["one"])
    empty = kept[0].model_dump()[field] if field != "id" else "a-2"
    assert kept[1].model_dump()[field] == empty
    assert main(["data", "check", path, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["left_empty"] == {field: 1}
    assert found["first_left_empty"][0]["line"] == 2


def test_a_half_character_in_an_optional_cell_is_left_empty(tmp_path):
    half = dict.fromkeys(("url", "source", "language", "creators", "id", "published"), "\ud800")
    report = check_source(write_rows(tmp_path / "a.jsonl", half))
    assert report.articles == 1
    assert set(report.left_empty_counts) == set(half)


def test_a_column_that_says_only_whether_it_is_published_gives_way_to_the_date(tmp_path):
    path = write_rows(tmp_path / "a.jsonl", {"published": True, "date": "2024-04-09"})
    assert check_source(path).left_empty_counts == {}
    import_source(path, "one")
    assert read_sources(["one"])[0].published == DAY


LANGUAGES = {
    "en": "en EN en-US en_GB.UTF-8 eng English ENGLISH English\xa0(US) 英语 英文 Englisch anglais",
    "zh": "zh zh-Hans zh_CN zh-cmn-Hans-CN cn cmn zho chi chinese 中文 简体中文 汉语 Mandarin yue",
    "de": "de deu ger German Deutsch deutsch de-AT 德语",
    "fr": "fr fra fre French français FRANÇAIS",
    "ja": "ja jpn jp Japanese 日本語",
    "no": "no nor nb nob Norwegian",
    "fa": "fa fas per pes Persian Farsi",
    "he": "he iw heb Hebrew",
    "el": "el ell gre Greek,\xa0Modern\xa0(1453-)",
    "es": "es spa Spanish;\xa0Castilian español",
    "haw": "haw Hawaiian",
    "": "xx gibberish none unknown n/a - und mul English,\xa0Chinese 7",
}


@pytest.mark.parametrize(
    ("name", "code"), [(n, c) for c, names in LANGUAGES.items() for n in names.split(" ")]
)
def test_a_language_has_one_code_however_it_is_named(name, code):
    assert language_code(name) == code


def test_every_code_that_the_detector_gives_is_known_but_the_one_for_no_language():
    from py3langid.langid import rank

    assert [code for code, _ in rank("text") if not language_code(str(code))] == ["zxx"]


def test_a_language_that_is_not_known_is_detected_and_an_undetermined_one_is_no_fault(tmp_path):
    text = {"description": "Goroutines leak when nobody reads the channel"}
    changes = ({"language": "English"}, {"language": "???"}, {"language": "und"})
    path = write_rows(tmp_path / "a.jsonl", *(text | change for change in changes))
    assert check_source(path).left_empty_counts == {"language": 1}
    import_source(path, "one")
    assert [a.language for a in read_sources(["one"])] == ["en", "en", "en"]


PEOPLE = {
    "Python list": (
        ["['Ann Bee']", "['Jo Smith', 'Ann Bee']"],
        [["Ann Bee"], ["Jo Smith", "Ann Bee"]],
    ),
    "objects": ([[{"name": "Ann Bee"}, {"login": "jo"}]], [["Ann Bee", "jo"]]),
    "objects as text": (['[{"given": "Ann", "family": "Bee"}]'], [["Ann Bee"]]),
    "one object": ([{"first_name": "Ann", "last_name": "Bee"}], [["Ann Bee"]]),
    "OpenAlex": ([[{"author": {"display_name": "Ann Bee"}}]], [["Ann Bee"]]),
    "arXiv's parts": (
        [[["Bee", "Ann", ""], ["Smith", "Jo", "Jr"]]],
        [["Bee, Ann", "Smith, Jo, Jr"]],
    ),
    "surname first": (["Smith, Jo", "van der Bee, A. B.", "O'Neil, Mary-Ann"], None),
    "surname first, one row": (["Smith, Jo"], None),
    "surname first, semicolons": (
        ["Smith, Jo; Bee, Ann", "Bee, Ann"],
        [["Smith, Jo", "Bee, Ann"], ["Bee, Ann"]],
    ),
    "surname first, and": (
        ["Smith, Jo and Bee, Ann", "Bee, Ann"],
        [["Smith, Jo", "Bee, Ann"], ["Bee, Ann"]],
    ),
    "commas": (["Ann Bee, Jo Smith", "Max Roe"], [["Ann Bee", "Jo Smith"], ["Max Roe"]]),
    "commas and an and": (["Ann Bee, Jo Smith, and Max Roe"], [["Ann Bee", "Jo Smith", "Max Roe"]]),
    "two people and an and": (
        ["Ann van der Bee and Jo Smith", "Max Roe", "Health and Human Services"],
        [["Ann van der Bee", "Jo Smith"], ["Max Roe"], ["Health and Human Services"]],
    ),
    "a title behind a comma": (["Ann Bee, PhD, Jo Smith"], [["Ann Bee, PhD", "Jo Smith"]]),
    "first names": (["Ann, Jo", "Ann", "Jo, Max"], [["Ann", "Jo"], ["Ann"], ["Jo", "Max"]]),
    "user names": (["ann, jo", "max"], [["ann", "jo"], ["max"]]),
    "Chinese names": (["张三,李四", "王五、张三"], [["张三", "李四"], ["王五", "张三"]]),
    "a company": (["Google, Inc.", "Ann Bee"], [["Google, Inc."], ["Ann Bee"]]),
}


@pytest.mark.parametrize("name", PEOPLE)
def test_people_are_read_however_a_column_names_them(tmp_path, name):
    cells, people = PEOPLE[name]
    people = people or [[cell] for cell in cells]
    mark = guess_creator_separator(cells)
    assert [creators_of_cell(cell, mark) for cell in cells] == people
    path = write_rows(tmp_path / "a.jsonl", *({"authors": cell} for cell in cells))
    import_source(path, "one")
    assert [list(a.creators) for a in read_sources(["one"])] == people


def test_a_split_and_an_id_are_read_in_other_forms(tmp_path):
    changes = (
        {"split": "Train"},
        {"split": "TEST"},
        {"split": "training"},
        {"split": "validation"},
    )
    import_source(write_rows(tmp_path / "a.jsonl", *changes), "one")
    assert [a.split for a in read_sources(["one"])] == ["train", "test", "train", None]
    ids = ({"id": 12.0}, {"id": 13}, {"id": {"$oid": "5f"}}, {"id": True}, {"id": ""})
    import_source(write_rows(tmp_path / "b.jsonl", *ids), "two")
    assert [a.id for a in read_sources(["two"])] == ["12", "13", "5f", "b-4", "b-5"]


def test_a_source_may_be_an_object_as_news_services_have_it(tmp_path):
    source = {"source": {"id": None, "name": "Wired"}, "url": ["https://x.org"]}
    import_source(write_rows(tmp_path / "a.jsonl", source), "one")
    article = read_sources(["one"])[0]
    assert (article.source, article.url) == ("Wired", "https://x.org")


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=30)
    | st.from_regex(r"(Jan|May|Mon|am|Z|UTC|[0-9]{1,4}|[ ,./:T+-]){1,8}", fullmatch=True),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["name", "value", "id", "$date", "x"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=400, deadline=None)
@given(VALUES)
def test_whatever_an_optional_cell_holds_the_row_is_an_article(value):
    fields = ("id", "language", "url", "creators", "published", "source", "split")
    row = {"title": "T", "description": "D", "tags": ["go"]} | dict.fromkeys(fields, value)
    plan = with_cell_forms(ReadingPlan(found=tuple(row)), [row])
    cells = article_cells(row, plan)
    article_of_row(cells | {"id": cells["id"] or "made"})
