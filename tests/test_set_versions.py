"""Checked tags as versions of their set: what each holds, what it was made of, what can go back."""

import json

import pytest

from core.articles.importing import import_source
from core.articles.store.changes import changes_of, decide, last_change, read_changes, undo_last
from core.articles.store.record import read_record, sets_folder
from core.articles.store.sets import is_sample, keep_articles, list_sets, read_sources
from core.articles.store.versions import pinned, use_version, versions_of
from core.base.errors import DataError
from core.commands.main import main
from core.runs.experiment import run_experiment
from core.runs.texts import read_articles_of
from core.study.presets import configure
from core.suggest.doubts import build_doubtful_data, decide_doubt, last_decision, undo_doubt
from core.suggest.neighbours import Neighbours
from tests.app_testing import open_page, texts_of
from tests.conftest import make_article


@pytest.fixture
def blog():
    return keep_articles("blog", [make_article(n, tags=["golang", "web"]) for n in range(4)])


def numbers(name="blog"):
    return [(v.version, v.base, len(v.changes)) for v in versions_of(name)]


def tags(source, article):
    return {a.id: a.tags for a in read_sources([source])}[article]


def fix(article, *, learnt=()):
    return decide("blog", article, "web", has_it=True, fix=True, learnt=learnt)


def test_changes_gather_in_one_version_that_says_what_was_changed(blog):
    fix("a1")
    info = fix("a2")
    assert (info.version, info.articles) == (2, 4)
    assert numbers() == [(1, 0, 0), (2, 1, 2)]
    made = versions_of("blog")[1]
    assert made.origin == "version 1, 2 tags checked"
    assert [(c.article, c.tag, c.change) for c in changes_of(made.changes)] == [
        ("a1", "web", "removed"),
        ("a2", "web", "removed"),
    ]
    assert sorted(path.name for path in (sets_folder() / "blog").glob("*.jsonl")) == sorted(
        version.file for version in versions_of("blog")
    )


def test_the_earlier_version_can_be_restored_and_then_nothing_counts_as_decided(blog):
    fix("a1")
    use_version("blog", 1)
    assert tags("blog", "a1") == ("golang", "web")
    assert read_changes("blog") == []
    assert last_change("blog") is None
    use_version("blog", 2)
    assert tags("blog", "a1") == ("golang",)
    assert [change.article for change in read_changes("blog")] == ["a1"]


def test_undoing_the_only_change_leaves_the_set_as_it_was(blog):
    fix("a1")
    assert undo_last("blog").article == "a1"
    assert numbers() == [(1, 0, 0)]
    assert list_sets()[1] == blog
    assert undo_last("blog") is None


def test_an_update_by_id_keeps_what_was_decided_before_it(blog, tmp_path):
    fix("a1")
    path = tmp_path / "new.jsonl"
    path.write_text(json.dumps({"id": "a9", "title": "T", "description": "D", "tags": ["go"]}))
    import_source(str(path), "blog", update=True)
    assert numbers() == [(1, 0, 0), (2, 1, 1), (3, 2, 0)]
    assert tags("blog", "a1") == ("golang",)
    assert [change.article for change in read_changes("blog")] == ["a1"]
    # Something was made of version 2 since: it is changed no more.
    assert undo_last("blog") is None
    fix("a2")
    use_version("blog", 2)
    fix("a3")
    assert numbers() == [(1, 0, 0), (2, 1, 1), (3, 2, 0), (4, 3, 1), (5, 2, 1)]
    assert [change.article for change in read_changes("blog")] == ["a1", "a3"]
    import_source(str(path), "blog", replace_set=True)
    assert read_changes("blog") == []


def test_a_version_from_which_was_learnt_is_changed_no_more(blog):
    fix("a1")
    assert pinned("blog") == "blog@2"
    assert last_change("blog", learnt={"blog@2"}) is None
    assert undo_last("blog", learnt={"blog@2"}) is None
    assert fix("a2", learnt={"blog@2"}).version == 3
    assert [tags(f"blog@{number}", "a1") for number in (1, 2, 3)] == [
        ("golang", "web"),
        ("golang",),
        ("golang",),
    ]
    assert tags("blog@2", "a2") == ("golang", "web")
    assert [change.article for change in read_changes("blog")] == ["a1", "a2"]


def test_changes_to_a_set_that_was_made_of_the_sample_do_not_overwrite_it():
    first = read_sources(["sample"])[0]
    assert decide("sample", first.id, "web", has_it=False, fix=True).name == "sample-v2"
    info = decide("sample-v2", first.id, "web", has_it=True, fix=True)
    assert info.name == "sample-v3"
    assert is_sample(info.name)
    assert "web" in tags("sample-v2", first.id)


@pytest.mark.parametrize(
    ("source", "sentence"),
    [("blog@7", r"blog has no version 7\. It has: 1"), ("none@1", "no imported data set 'none'")],
)
def test_a_version_that_is_not_there_is_said(blog, source, sentence):
    with pytest.raises(DataError, match=sentence):
        read_sources([source])


def test_changes_to_an_earlier_version_go_to_a_set_of_their_own(blog):
    decide("blog", "a0", "web", has_it=True, fix=True)
    info = decide("blog@1", "a1", "web", has_it=True, fix=True)
    assert info.name == "blog-1-v2"
    assert tags("blog-1-v2", "a1") == ("golang",) and "web" in tags("blog-1-v2", "a0")
    assert numbers() == [(1, 0, 0), (2, 1, 1)]
    undo_last("blog@1")
    assert read_changes("blog@1") == []


def test_a_record_in_which_versions_are_made_of_each_other_is_read(blog):
    fix("a1")
    path = sets_folder() / "blog" / "set.json"
    values = json.loads(path.read_text())
    values["versions"][0]["base"] = 2
    path.write_text(json.dumps(values))
    assert len(read_record(path.parent).changes) == 1


def test_the_history_of_a_set_from_before_versions_had_their_own_is_read():
    first = read_sources(["sample"])[0]
    decide("sample", first.id, "web", has_it=False, fix=True)
    path = sets_folder() / "sample-v2" / "set.json"
    values = json.loads(path.read_text())
    changes = values.pop("versions")[0]["changes"]
    path.write_text(json.dumps(values | {"changes": changes}))
    assert [c.article for c in read_changes("sample")] == [first.id]


@pytest.fixture
def run(tiny_config, articles, store):
    keep_articles("small", articles)
    return run_experiment(configure(tiny_config, sources=["small"]), store).run


def test_a_runs_articles_are_shown_as_they_were_when_it_learnt(run, articles):
    assert run.sources == ("small@1",)
    data = build_doubtful_data(run)
    doubt = data.missing[0]
    assert decide_doubt(data, doubt, fix=True).version == 2
    assert doubt.tag in tags("small", doubt.article)
    assert doubt.tag not in read_articles_of(run)[doubt.article].tags
    assert Neighbours.build(run, run.read_tagger()).nearest(articles[0].description)


def test_a_run_of_the_fixed_version_ends_it_and_its_own_fixes_make_the_next(
    run, tiny_config, store
):
    data = build_doubtful_data(run)
    decide_doubt(data, data.missing[0], fix=True)
    second = run_experiment(configure(tiny_config, sources=["small"]), store).run
    assert second.sources == ("small@2",)
    assert last_decision(second) is None
    assert decide_doubt(data, data.missing[1], fix=True).version == 3
    assert decide_doubt(data, data.missing[2], fix=True).version == 3
    assert undo_doubt(second).article == data.missing[2].article
    assert numbers("small") == [(1, 0, 0), (2, 1, 1), (3, 2, 1)]
    assert read_articles_of(second)


def test_a_version_from_which_a_run_learnt_stays_though_the_run_is_damaged(run, tiny_config, store):
    data = build_doubtful_data(run)
    decide_doubt(data, data.missing[0], fix=True)
    second = run_experiment(configure(tiny_config, sources=["small"]), store).run
    (second.folder / "report.json").write_text("{")
    assert decide_doubt(data, data.missing[1], fix=True).version == 3
    assert numbers("small") == [(1, 0, 0), (2, 1, 1), (3, 2, 1)]


def test_the_versions_of_a_set_say_which_tags_were_checked(blog):
    fix("a1")
    decide("blog", "a2", "=cmd", has_it=False, fix=True)
    decide("blog", "a0", "web", has_it=True, fix=False)
    app = open_page("data")
    assert r"version 2 of 2" in texts_of(app)
    app.button(key="versions_blog").click().run()
    assert app.radio(key="chosen_version").options[1].startswith("2: 4 articles from version 1, 3")
    assert "Tags that were checked on Review: 1 added, 1 kept, 1 removed." in texts_of(app)
    (frame,) = (element.value for element in app.dataframe)
    assert frame[["article", "tag", "what"]].values.tolist() == [
        ["a1", "web", "removed"],
        ["a2", "=cmd", "added"],
        ["a0", "web", "kept"],
    ]


def test_the_command_lists_the_changes_of_each_version(blog, capsys):
    fix("a1")
    assert main(["data", "versions", "blog", "--json"]) == 0
    first, second = json.loads(capsys.readouterr().out)
    assert (first["base"], first["changes"], first["current"]) == (0, [], False)
    assert (second["base"], second["changes"][0]["article"]) == (1, "a1")
    assert main(["data", "versions", "blog"]) == 0
    assert "version 1, 1 tag checked" in capsys.readouterr().out
