"""A data set whose record or article file is damaged: named, never written over, never used."""

import json

import pytest

from core.articles.export import export_articles
from core.articles.importing import import_source
from core.articles.store.changes import decide, undo_last
from core.articles.store.record import sets_folder
from core.articles.store.sets import keep_articles, list_sets, read_sources, survey_sets
from core.articles.store.versions import delete_set, drop_current, versions_of
from core.base.errors import CoreError, DataError
from core.commands.main import main
from core.feedback.corrections import Correction, FeedbackStore
from core.feedback.export import export_corrections
from core.feedback.forgetting import forget_person
from core.runs.experiment import run_experiment
from core.study.presets import configure
from pages.parts.shared.words import plain
from tests.app_testing import open_page, texts_of
from tests.conftest import make_article

DAMAGES = {
    "empty": lambda content: b"",
    "half": lambda content: content[: len(content) // 2],
    "noise": lambda content: b"\x80\x04\x00noise\xff" * 40,
    "another object": lambda content: b'{"nonsense": 1}',
    "a list": lambda content: b"[1, 2]",
    "null": lambda content: b"null",
    "nested": lambda content: b"[" * 100_000,
    "nested in its changes": lambda content: content.replace(
        b'"changes": []', b'"changes": [' + b"[" * 700 + b"]" * 700 + b"]", 1
    ),
    "text for a number": lambda content: content.replace(b'"articles": 4', b'"articles": "4"'),
    "a version that is not there": lambda content: content.replace(
        b'"version": 2', b'"version": 9', 1
    ),
    "a file elsewhere": lambda content: content.replace(b'"articles.jsonl"', b'"../x.jsonl"'),
    "missing": None,
}


def articles(count, *, first=0):
    return [make_article(first + n, tags=["golang", "web"]) for n in range(count)]


@pytest.fixture
def new_rows(tmp_path):
    path = tmp_path / "new.jsonl"
    path.write_text('{"id": "new", "title": "T", "description": "D", "tags": ["go"]}\n')
    return path


@pytest.fixture
def blog(new_rows):
    """A set of two versions, of 4 and 5 articles, and beside it a set that stays whole."""
    keep_articles("blog", articles(4))
    import_source(str(new_rows), "blog", update=True)
    keep_articles("other", articles(3))
    return sets_folder() / "blog"


def damage(path, kind):
    change = DAMAGES[kind]
    if change is None:
        path.unlink()
        return
    damaged = change(path.read_bytes())
    assert damaged != path.read_bytes()
    path.write_bytes(damaged)


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def reading(new_rows, target):
    """Commands that need the record of the set, to read it or to change it."""
    importing = ["data", "import", str(new_rows), "--name", "blog"]
    return [
        [*importing, "--update"],
        [*importing, "--replace"],
        ["data", "versions", "blog"],
        ["data", "versions", "blog", "--use", "1"],
        ["data", "export", "blog", str(target)],
        ["data", "export", "blog@1", str(target)],
        ["data", "stats", "blog"],
        ["run", "best-tfidf", "--data", "blog"],
    ]


def refused(new_rows):
    """Commands that do not touch a set that is there, whatever its record says."""
    return [
        ["data", "import", str(new_rows), "--name", "blog"],
        ["data", "rename", "other", "blog"],
        ["data", "delete", "blog"],
    ]


@pytest.mark.parametrize("kind", DAMAGES)
def test_no_command_writes_over_a_set_whose_record_is_damaged(
    blog, new_rows, tmp_path, capsys, kind
):
    damage(blog / "set.json", kind)
    before, target = contents(blog), tmp_path / "out.csv"
    (newer,) = (name for name in before if name.startswith("articles-2-"))
    for command in reading(new_rows, target):
        assert main(command) == 2, command
        (said,) = capsys.readouterr().err.strip().splitlines()
        assert "sets/blog/set.json cannot be read" in said, command
        assert "articles.jsonl" in said and newer in said
        assert contents(blog) == before and not target.exists()
    for command in refused(new_rows):
        assert main(command) == 2, command
        (said,) = capsys.readouterr().err.strip().splitlines()
        assert "blog" in said or "Nothing was deleted" in said
        assert contents(blog) == before
    assert [len(read_sources([name])) for name in ("other", "sample")] == [3, 1440]
    assert main(["data", "delete", "blog", "--yes"]) == 0
    assert [info.name for info in list_sets()] == ["sample", "other"]


CHANGES = {
    "decide": lambda: decide("blog", "a1", "web", has_it=True, fix=True),
    "undo": lambda: undo_last("blog"),
    "drop": lambda: drop_current("blog"),
    "replace": lambda: keep_articles("blog", articles(1), replace=True),
}


@pytest.mark.parametrize("change", CHANGES)
def test_no_decision_writes_over_a_set_whose_record_is_damaged(blog, change):
    (blog / "set.json").write_text("{")
    before = contents(blog)
    with pytest.raises(DataError, match=r"sets/blog/set\.json"):
        CHANGES[change]()
    assert contents(blog) == before


@pytest.mark.parametrize("kind", DAMAGES)
def test_a_damaged_record_is_listed_with_its_name_and_its_sentence(blog, capsys, kind):
    damage(blog / "set.json", kind)
    assert main(["data", "list", "--json"]) == 0
    listed = {one["name"]: one for one in json.loads(capsys.readouterr().out)}
    assert list(listed) == ["sample", "other", "blog"]
    assert (listed["other"]["articles"], listed["other"]["problem"]) == (3, "")
    assert listed["blog"]["articles"] is None
    assert "sets/blog/set.json" in listed["blog"]["problem"]
    assert main(["data", "list"]) == 0
    said = capsys.readouterr().out
    assert "blog" in said and "damaged" in said and listed["blog"]["problem"] in said


def test_the_files_that_can_still_be_opened_are_those_that_are_whole(blog):
    first, second = sorted(path for path in blog.glob("*.jsonl"))
    names = {path.name: path for path in (first, second)}
    newer = next(path for name, path in names.items() if name != "articles.jsonl")
    (blog / "set.json").write_text("{")
    newer.write_bytes(newer.read_bytes()[:-40])
    with pytest.raises(DataError, match=r"opened there is articles\.jsonl: import"):
        versions_of("blog")
    (blog / "articles.jsonl").write_bytes(b"")
    with pytest.raises(DataError, match="No article file there can be opened"):
        versions_of("blog")


def test_the_data_page_shows_a_damaged_set_and_deletes_it_after_a_question(blog):
    (blog / "set.json").write_text("{")
    app = open_page("data")
    assert not app.exception
    assert plain("sets/blog/set.json") in app.error[0].value and "other" in texts_of(app)
    app.button(key="delete_blog").click().run()
    assert "all its files" in texts_of(app)
    app.button(key="do_delete").click().run()
    assert not app.exception and [info.name for info in list_sets()] == ["sample", "other"]


def halve(path):
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[: len(lines) // 2]))


def without_one(path):
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[1:]))


def same_length(path):
    path.write_bytes(path.read_bytes().replace(b"golang", b"gopher", 1))


FILE_DAMAGES = {
    "emptied": lambda path: path.write_bytes(b""),
    "half": halve,
    "one article gone": without_one,
    "a letter changed": same_length,
    "missing": lambda path: path.unlink(),
}


@pytest.mark.parametrize("kind", FILE_DAMAGES)
def test_an_article_file_that_is_not_as_it_was_kept_is_named_and_not_used(
    blog, new_rows, tmp_path, capsys, kind
):
    (path,) = blog.glob("articles-2-*.jsonl")
    FILE_DAMAGES[kind](path)
    before = contents(blog)
    target = tmp_path / "out.jsonl"
    for command in (
        ["data", "export", "blog", str(target)],
        ["data", "export", "blog@2", str(target)],
        ["data", "stats", "blog"],
        ["data", "import", str(new_rows), "--name", "blog", "--update"],
        ["data", "versions", "blog", "--use", "2"],
        ["run", "best-tfidf", "--data", "blog", "other"],
    ):
        assert main(command) == 2, command
        said = capsys.readouterr().err.strip().splitlines()
        assert len(said) == 1
        assert f"sets/blog/{path.name} cannot be used" in said[0] and "--use 1" in said[0]
        assert contents(blog) == before and not target.exists()
    with pytest.raises(DataError, match=path.name):
        decide("blog", "a1", "web", has_it=True, fix=True)
    assert len(read_sources(["blog@1"])) == 4
    assert main(["data", "versions", "blog"]) == 0
    assert f"Version 2 is damaged: sets/blog/{path.name}" in capsys.readouterr().out
    assert main(["data", "versions", "blog", "--use", "1"]) == 0
    assert export_articles("blog", target) == 4


def test_the_count_of_the_record_is_held_against_the_file(blog):
    values = json.loads((blog / "set.json").read_text())
    values["articles"] = values["versions"][1]["articles"] = 6
    (blog / "set.json").write_text(json.dumps(values))
    with pytest.raises(DataError, match="it holds 5 articles instead of 6"):
        read_sources(["blog"])


def test_a_shorter_article_file_is_listed_as_damaged_and_its_set_can_go_back(blog, capsys):
    (path,) = blog.glob("articles-2-*.jsonl")
    halve(path)
    assert [one.name for one in survey_sets()[1]] == ["blog"]
    assert main(["data", "list", "--json"]) == 0
    listed = {one["name"]: one for one in json.loads(capsys.readouterr().out)}
    assert listed["blog"]["version"] == 2 and path.name in listed["blog"]["problem"]
    assert plain(path.name) in open_page("data").error[0].value
    assert main(["data", "versions", "blog", "--use", "1"]) == 0
    assert survey_sets()[1] == []


def test_a_decision_is_not_taken_back_onto_a_damaged_version():
    keep_articles("blog", articles(4))
    decide("blog", "a1", "web", has_it=True, fix=True)
    halve(sets_folder() / "blog" / "articles.jsonl")
    before = contents(sets_folder() / "blog")
    with pytest.raises(DataError, match=r"sets/blog/articles\.jsonl"):
        undo_last("blog")
    assert contents(sets_folder() / "blog") == before
    assert len(read_sources(["blog"])) == 4


def test_a_file_that_was_found_whole_and_is_changed_later_is_found_out(blog):
    assert len(read_sources(["blog"])) == 5
    same_length(next(blog.glob("articles-2-*.jsonl")))
    with pytest.raises(DataError, match="it has changed since it was kept"):
        read_sources(["blog"])


def test_a_set_that_is_deleted_and_kept_anew_is_read():
    for tag in ("golang", "python", "gopher"):
        keep_articles("blog", [make_article(1, tags=[tag])])
        assert read_sources(["blog"])[0].tags == (tag,)
        delete_set("blog")


def test_a_sweep_does_not_train_on_a_damaged_set(blog, tiny_config, store):
    same_length(next(blog.glob("articles-2-*.jsonl")))
    with pytest.raises(CoreError, match="articles-2-"):
        run_experiment(configure(tiny_config, sources=["blog"]), store)
    assert store.finished() == []


def test_a_row_that_cannot_be_read_is_no_row_less_in_an_export(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"id": "1", "title": "T", "description": "D", "tags": ["x"]}\nbroken\n')
    with pytest.raises(DataError, match=r"a\.jsonl, line 2 is not JSON"):
        export_articles(str(path), tmp_path / "out.jsonl")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.jsonl"]


def test_corrections_take_no_set_that_holds_other_articles(home):
    store = FeedbackStore()
    store.save(Correction("text", ("go",), title="T", name="Ada"))
    keep_articles("corrections", articles(3))
    with pytest.raises(CoreError, match="holds other articles than corrections"):
        export_corrections(store)
    forget_person(store, "Ada")
    assert len(read_sources(["corrections"])) == 3


def test_who_asks_to_be_forgotten_is_told_before_anything_is_deleted_that_a_set_is_damaged(home):
    store = FeedbackStore()
    store.save(Correction("text", ("go",), title="T", name="Ada"))
    export_corrections(store)
    (sets_folder() / "corrections" / "set.json").write_text("")
    with pytest.raises(DataError, match=r"sets/corrections/set\.json"):
        forget_person(store, "Ada")
    assert store.count_by_name("Ada") == 1
