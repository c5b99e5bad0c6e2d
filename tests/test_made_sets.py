"""Sets that are made by deciding doubts of what is no set: their names, and whose they are."""

import json

import pytest

from core.articles.importing import import_source
from core.articles.store.changes import changed_set, decide, last_change, read_changes, undo_last
from core.articles.store.record import read_record, sets_folder
from core.articles.store.sets import keep_articles, list_sets, read_sources
from core.articles.store.versions import rename_set
from core.base.errors import DataError
from tests.conftest import make_article


def write_source(path, *, ids, title="T"):
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [
        {"id": f"a{n}", "title": f"{title} {n}", "description": "D", "tags": ["go", "web"]}
        for n in ids
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(path)


def fix(source, article, **options):
    return decide(source, article, "web", has_it=True, fix=True, **options).name


def tags(name):
    return {a.id: a.tags for a in read_sources([name])}


def titles(name):
    return [a.title for a in read_sources([name])]


def test_a_set_that_happens_to_have_the_name_is_left_as_it_is(tmp_path):
    keep_articles("a-v2", [make_article(n, title="Mine") for n in range(5)])
    source = write_source(tmp_path / "a.jsonl", ids=range(80))
    assert fix(source, "a1") == "a-v3"
    assert fix(source, "a2") == "a-v3"
    assert titles("a-v2") == ["Mine"] * 5
    assert [n for n, its in tags("a-v3").items() if its == ("go",)] == ["a1", "a2"]


def test_earlier_versions_of_two_sets_with_a_dot_in_their_names_have_a_set_each():
    for name in ("x.en", "x.zh"):
        keep_articles(name, [make_article(n, title=name, tags=["go", "web"]) for n in range(3)])
        decide(name, "a0", "web", has_it=True, fix=True)
    made = [fix("x.en@1", "a1"), fix("x.zh@1", "a2"), fix("x.en@1", "a2"), fix("x.zh@1", "a1")]
    assert made == ["x.en-1-v2", "x.zh-1-v2"] * 2
    assert (set(titles(made[0])), set(titles(made[1]))) == ({"x.en"}, {"x.zh"})
    assert [c.article for c in read_changes("x.en@1")] == ["a1", "a2"]
    assert [c.article for c in read_changes("x.zh@1")] == ["a2", "a1"]


def test_two_files_of_one_name_do_not_share_a_set(tmp_path):
    first = write_source(tmp_path / "one" / "x.jsonl", ids=range(3), title="One")
    second = write_source(tmp_path / "two" / "x.jsonl", ids=range(3), title="Two")
    assert [fix(first, "a1"), fix(second, "a2")] == ["x-v2", "x-v3"]
    assert [fix(second, "a1"), fix(first, "a2")] == ["x-v3", "x-v2"]
    assert (titles("x-v2")[0], titles("x-v3")[0]) == ("One 0", "Two 0")
    assert undo_last(first).article == "a2"
    assert [c.article for c in read_changes(first)] == ["a1"]
    assert [c.article for c in read_changes(second)] == ["a2", "a1"]


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("x.en.jsonl", "x.en-v2"),
        ("x.zh.jsonl.gz", "x.zh-v2"),
        ("posts-v2.csv", "posts-v3"),
        ("my posts (1).csv", "my-posts-1-v2"),
        ("文章.csv", "articles-v2"),
        ("sample.csv", "file-sample-v2"),
        ("sample-v2.jsonl", "file-sample-v3"),
        ("a" * 200 + ".jsonl", "a" * 52 + "-v2"),
    ],
)
def test_every_file_has_a_name_that_a_set_can_have(file, name):
    assert changed_set(f"/somewhere/{file}") == name


@pytest.mark.parametrize("how", ["update", "replace"])
def test_what_was_imported_into_a_made_set_stays(tmp_path, how):
    source = write_source(tmp_path / "x.jsonl", ids=range(3))
    fix(source, "a1")
    more = write_source(tmp_path / "more.jsonl", ids=[7], title="More")
    import_source(more, "x-v2", update=how == "update", replace_set=how == "replace")
    before = titles("x-v2")
    assert last_change(source) is None
    assert fix(source, "a2") == "x-v3"
    assert titles("x-v2") == before
    assert [c.article for c in read_changes(source)] == ["a1", "a2"]
    assert [tags("x-v3")[n] for n in ("a0", "a1", "a2")] == [("go", "web"), ("go",), ("go",)]


def test_a_file_that_was_exchanged_does_not_take_its_old_articles_with_it(tmp_path):
    source = write_source(tmp_path / "x.jsonl", ids=range(3), title="Old")
    fix(source, "a1")
    write_source(tmp_path / "x.jsonl", ids=range(4), title="New")
    assert fix(source, "a2") == "x-v3"
    assert (titles("x-v2")[0], titles("x-v3")[0]) == ("Old 0", "New 0")
    assert tags("x-v3")["a1"] == ("go",)
    assert fix(source, "a3") == "x-v3"


def test_a_made_set_is_found_again_under_another_name(tmp_path):
    source = write_source(tmp_path / "x.jsonl", ids=range(3))
    fix(source, "a1")
    rename_set("x-v2", "checked")
    assert fix(source, "a2") == "checked"
    assert [info.name for info in list_sets()] == ["sample", "checked"]


def test_a_made_set_from_which_was_learnt_stays_as_it_was(tmp_path):
    source = write_source(tmp_path / "x.jsonl", ids=range(3))
    fix(source, "a1")
    assert fix(source, "a2", learnt={"x-v2@1"}) == "x-v3"
    assert tags("x-v2")["a2"] == ("go", "web")
    assert [tags("x-v3")[n] for n in ("a1", "a2")] == [("go",), ("go",)]


def test_a_made_set_of_before_its_source_was_recorded_is_gone_on_with_if_it_is_of_it(tmp_path):
    first = write_source(tmp_path / "one" / "x.jsonl", ids=range(3), title="One")
    second = write_source(tmp_path / "two" / "x.jsonl", ids=range(3), title="Two")
    fix(first, "a1")
    path = sets_folder() / "x-v2" / "set.json"
    values = json.loads(path.read_text())
    del values["versions"][0]["made_of"]
    path.write_text(json.dumps(values))
    assert read_changes(second) == []
    assert fix(second, "a2") == "x-v3"
    assert [c.article for c in read_changes(first)] == ["a1"]
    assert fix(first, "a0") == "x-v2"
    assert read_record(path.parent).versions[0].made_of == first


def test_a_damaged_set_that_may_hold_the_decisions_is_named_and_no_other_begun(tmp_path):
    source = write_source(tmp_path / "x.jsonl", ids=range(3))
    fix(source, "a1")
    (sets_folder() / "x-v2" / "set.json").write_text("{")
    for step in (
        lambda: fix(source, "a2"),
        lambda: read_changes(source),
        lambda: undo_last(source),
    ):
        with pytest.raises(DataError, match=r"sets/x-v2/set\.json"):
            step()
    assert fix(write_source(tmp_path / "y.jsonl", ids=range(3)), "a1") == "y-v2"
