"""Processes that change one record at the same time: what each was told is kept is there."""

import json
import multiprocessing
import sys
import threading

import pytest

from core.articles.importing import import_source
from core.articles.store.changes import decide, read_changes
from core.articles.store.sets import keep_articles, list_sets, read_sources
from core.articles.store.versions import rename_set, use_version, versions_of
from core.base.errors import CoreError
from core.base.files import read_json, write_json
from core.estimate.speed import Speed, keep_speeds, read_speeds
from core.runs.operating_points import OperatingPoints, build_point
from core.runs.store import RunStore
from tests.conftest import make_article

WORKERS, ROUNDS, PATIENCE = 2, 5, 300
RUN = "20260101-000000000-0000000000"


def update(worker, turn, folder):
    path = folder / f"{worker}-{turn}.jsonl"
    row = {"id": f"w{worker}-{turn}", "title": "T", "description": "D", "tags": ["go"]}
    path.write_text(json.dumps(row))
    import_source(str(path), "news", update=True)


def decide_on_a_set(worker, turn, folder):
    decide("blog", f"a{worker * ROUNDS + turn}", "web", has_it=True, fix=True)


def decide_on_one_file(worker, turn, folder):
    path = str(folder / "both.jsonl")
    decide(path, f"a{worker * ROUNDS + turn}", "web", has_it=True, fix=True)


def decide_on_files_of_one_name(worker, turn, folder):
    decide(str(folder / str(worker) / "x.jsonl"), f"a{turn}", "web", has_it=True, fix=True)


def save_point(worker, turn, folder):
    points = OperatingPoints(RunStore().folder)
    points.save(build_point(name=f"{worker}-{turn}", run=RUN, cut=turn))


def keep_speed(worker, turn, folder):
    keep_speeds([Speed(f"{worker}-{turn}", 1.0, 1.0, 0.0, 1, 1)])


CHANGES = (
    update,
    decide_on_a_set,
    decide_on_one_file,
    decide_on_files_of_one_name,
    save_point,
    keep_speed,
)


def work(worker, folder, together, answers):
    """In a process of its own: each change in several rounds, all workers' at once."""
    try:
        for change in CHANGES:
            for turn in range(ROUNDS):
                together.wait(PATIENCE)
                change(worker, turn, folder)
        answers.put("")
    except Exception as error:
        together.abort()
        answers.put(repr(error))


def write_articles(path, **fields):
    articles = [make_article(n, tags=["go", "web"], **fields) for n in range(WORKERS * ROUNDS)]
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(article.model_dump_json() + "\n" for article in articles))


@pytest.fixture(scope="module")
def changed_home(tmp_path_factory):
    """A home on which the workers have made all their changes."""
    folder = tmp_path_factory.mktemp("parallel")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TAGSMITH_HOME", str(folder / "home"))
        patch.setitem(sys.modules, "__main__", sys.modules[__name__])
        keep_articles("news", [make_article(n) for n in range(3000)])
        keep_articles("blog", [make_article(n, tags=["go", "web"]) for n in range(10)])
        write_articles(folder / "both.jsonl")
        for worker in range(WORKERS):
            write_articles(folder / str(worker) / "x.jsonl", title=f"of {worker}")
        processes = multiprocessing.get_context("spawn")
        together, answers = processes.Barrier(WORKERS), processes.Queue()
        started = [
            processes.Process(target=work, args=(n, folder, together, answers), daemon=True)
            for n in range(WORKERS)
        ]
        for process in started:
            process.start()
        assert [answers.get(timeout=PATIENCE) for _ in started] == [""] * WORKERS
        for process in started:
            process.join(PATIENCE)
    return folder / "home"


@pytest.fixture
def used(changed_home, monkeypatch):
    monkeypatch.setenv("TAGSMITH_HOME", str(changed_home))


def every_turn():
    return {f"{worker}-{turn}" for worker in range(WORKERS) for turn in range(ROUNDS)}


def test_updates_at_once_are_all_in_the_set(used):
    found = {a.id for a in read_sources(["news"])}
    assert {f"w{turn}" for turn in every_turn()} <= found and len(found) == 3000 + 10
    versions = versions_of("news")
    assert [v.base for v in versions] == list(range(11))
    assert [v.articles for v in versions] == list(range(3000, 3011))


def test_decisions_at_once_on_a_set_and_on_a_file_are_all_kept(used, changed_home):
    every_article = {f"a{n}" for n in range(10)}
    for source in ("blog", str(changed_home.parent / "both.jsonl")):
        assert {change.article for change in read_changes(source)} == every_article
    for name in ("blog", "both-v2"):
        assert {a.tags for a in read_sources([name])} == {("go",)}


def test_decisions_at_once_on_files_of_one_name_have_a_set_each(used):
    names = [info.name for info in list_sets()[1:]]
    assert names == ["blog", "both-v2", "news", "x-v2", "x-v3"]
    held = [
        sorted((a.title, a.id) for a in read_sources([name]) if a.tags == ("go",))
        for name in ("x-v2", "x-v3")
    ]
    assert sorted(held) == [[(f"of {w}", f"a{n}") for n in range(ROUNDS)] for w in range(WORKERS)]


def test_operating_points_and_speeds_kept_at_once_are_all_there(used):
    assert set(OperatingPoints(RunStore().folder).of_run(RUN)) == every_turn()
    assert set(read_speeds()) == every_turn()


def test_threads_that_write_one_file_at_once_leave_one_of_their_texts(tmp_path):
    """A reader finds a whole file at any time, and no writer fails."""
    path, errors = tmp_path / "x.json", []
    write_json(path, [])

    def write(worker):
        try:
            for turn in range(100):
                write_json(path, [worker] * (turn + 1))
                value = read_json(path)
                assert len(set(value)) == 1
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == [] and [one.name for one in tmp_path.iterdir()] == ["x.json"]


@pytest.mark.parametrize(
    "change", [lambda: use_version("news", 1), lambda: rename_set("news", "renamed")]
)
def test_nothing_changes_a_set_while_an_update_joins_it(monkeypatch, tmp_path, change):
    """Another thread's change waits until the update is whole."""
    keep_articles("news", [make_article(n) for n in range(3)])
    seen = []

    def merge(name, places, new, writer):
        thread = threading.Thread(target=lambda: (change(), seen.append("changed")))
        thread.start()
        thread.join(0.3)
        seen.append("merged")
        writer.write(make_article(9))
        waiting.append(thread)

    waiting: list[threading.Thread] = []
    monkeypatch.setattr("core.articles.importing._merge", merge)
    update(0, 0, tmp_path)
    waiting[0].join(PATIENCE)
    assert seen == ["merged", "changed"]


def test_a_name_is_not_taken_between_the_question_and_the_renaming(home):
    keep_articles("blog", [make_article(1)])
    keep_articles("news", [make_article(2)])
    with pytest.raises(CoreError, match="There is a data set 'news' already"):
        rename_set("blog", "news")
    assert [info.name for info in list_sets()] == ["sample", "blog", "news"]
