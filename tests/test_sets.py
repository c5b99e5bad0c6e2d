"""Named sets: the embedded sample, imported ones, and files that are joined."""

import json

import pytest

from core.articles.store.record import SAMPLE, sets_folder
from core.articles.store.sets import import_file, list_sets, read_sources
from core.articles.store.versions import delete_set
from core.base.errors import DataError
from tests.conftest import make_article


def write(path, *articles):
    path.write_text("".join(a.model_dump_json() + "\n" for a in articles), encoding="utf-8")
    return path


def test_the_sample_is_there_and_marked_as_written_for_the_project():
    articles = read_sources([SAMPLE])
    languages = [article.language for article in articles]
    assert (len(articles), languages.count("en"), languages.count("zh")) == (1440, 1200, 240)
    info = list_sets()[0]
    assert (info.name, info.articles, info.note) == (SAMPLE, 1440, "written for this project")


def test_an_imported_file_is_known_by_name_with_languages_filled_in(tmp_path):
    text = "How to find the goroutine that never ends in a large program"
    path = write(tmp_path / "a.jsonl", make_article(1, title=text, language=""))
    info, _ = import_file(path, "blog")
    assert (info.name, info.articles) == ("blog", 1)
    assert list_sets()[1] == info
    (sets_folder() / "blog").rename(sets_folder() / "moved")
    assert list_sets()[1].name == "moved"
    assert read_sources(["moved"])[0].language == "en"


def test_a_name_is_taken_until_it_is_replaced_or_deleted(tmp_path):
    one, two = make_article(1), make_article(2)
    first, _ = import_file(write(tmp_path / "a.jsonl", one), "blog")
    with pytest.raises(DataError, match="There is a data set 'blog' already"):
        import_file(write(tmp_path / "b.jsonl", one, two), "blog")
    second, _ = import_file(tmp_path / "b.jsonl", "blog", replace=True)
    assert len(read_sources(["blog"])) == 2
    assert first.fingerprint != second.fingerprint
    delete_set("blog")
    assert [info.name for info in list_sets()] == [SAMPLE]


def test_a_failed_replacement_keeps_the_old_set(tmp_path):
    import_file(write(tmp_path / "a.jsonl", make_article(1)), "blog")
    (tmp_path / "bad.jsonl").write_text("{\n")
    with pytest.raises(DataError):
        import_file(tmp_path / "bad.jsonl", "blog", replace=True)
    assert len(read_sources(["blog"])) == 1


@pytest.mark.parametrize("name", ["sample", "", "../up", "a/b", ".hidden", "x" * 65, "a b"])
def test_impossible_names_are_refused(tmp_path, name):
    path = write(tmp_path / "a.jsonl", make_article(1))
    with pytest.raises(DataError, match="cannot be named"):
        import_file(path, name)
    with pytest.raises(DataError):
        delete_set(name)


def test_a_damaged_set_does_not_hide_the_others(home, tmp_path):
    import_file(write(tmp_path / "a.jsonl", make_article(1)), "good")
    (home / "sets" / "bad").mkdir()
    (home / "sets" / "bad" / "set.json").write_text(json.dumps({"nonsense": 1}))
    assert [info.name for info in list_sets()] == [SAMPLE, "good"]


def test_joined_files_must_not_share_ids(tmp_path):
    first = write(tmp_path / "a.jsonl", make_article(1))
    second = write(tmp_path / "b.jsonl", make_article(2))
    assert [a.id for a in read_sources([str(first), str(second)])] == ["a1", "a2"]
    write(tmp_path / "b.jsonl", make_article(1))
    with pytest.raises(DataError, match=r"Article id 'a1' is in .* and again in"):
        read_sources([str(first), str(second)])
    with pytest.raises(DataError, match=r"Article id 'a1' is in .* and again in"):
        read_sources([str(first), str(first)])


def test_the_language_of_a_files_articles_is_detected_where_absent(tmp_path):
    text = "How to find the goroutine that never ends in a large program"
    known = make_article(1, title=text, language="fr")
    unknown = make_article(2, title=text, language="")
    path = write(tmp_path / "a.jsonl", known, unknown)
    assert [a.language for a in read_sources([str(path)])] == ["fr", "en"]


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(DataError, match="Known sets: sample; or give a file"):
        read_sources(["entec"])
