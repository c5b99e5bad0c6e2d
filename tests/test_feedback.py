"""Editors' corrections: kept whole, counted, exported and forgotten, in SQLite and PostgreSQL."""

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from core.articles.store.sets import list_sets, read_sources
from core.base.errors import ConfigError, FeedbackError
from core.feedback.corrections import Correction, FeedbackStore, ShownTag, text_hash
from core.feedback.database import Database
from core.feedback.export import correction_articles, export_corrections
from core.feedback.statistics import (
    Acceptance,
    acceptance_by_model,
    acceptance_by_run,
    acceptance_by_tag,
    corrections_per_day,
    find_disagreements,
)
from core.feedback.tables import METADATA
from tests.conftest import PROJECT

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SHOWN = (
    ShownTag("golang", 1.25, 0.5, True),
    ShownTag("testing", 0.75, 0.5, True),
    ShownTag("api", 0.25, 0.5, False),
    ShownTag("web", -1.0, 0.5, False),
)


def make_correction(**fields) -> Correction:
    values = {
        "text": "Goroutines leak when nobody reads the channel.",
        "title": "Leaks",
        "shown": SHOWN,
        "tags": ("golang", "api", "profiling"),
        "rejected": ("testing",),
        "run": "20260301-120000000-0123456789",
        "model": "best-tfidf",
        "language": "en",
        "url": "https://site.example/leaks",
        "name": "Ada",
    }
    return Correction(**values | fields)


@pytest.fixture
def database(home):
    opened = Database(busy_seconds=5)
    yield opened
    opened.close()


@pytest.fixture
def feedback(database):
    return FeedbackStore(database)


def test_what_was_kept_comes_back_whole(feedback, home):
    kept = feedback.save(make_correction(), at=NOON)
    assert kept.correction == make_correction()
    assert kept.correction.added == ("profiling",)
    assert kept.text_hash == text_hash("Leaks", make_correction().text)
    page = FeedbackStore().read()
    assert (page.total, page.kept) == (1, [kept])
    assert (home / "tagsmith.sqlite").is_file()


def test_times_are_utc_wherever_the_clock_stands(feedback):
    tokyo = timezone(timedelta(hours=9))
    feedback.save(make_correction(), at=datetime(2026, 3, 1, 21, tzinfo=tokyo))
    assert feedback.read().kept[0].at == NOON
    assert feedback.read().kept[0].at.tzinfo is UTC


def test_corrections_are_listed_a_page_at_a_time_newest_first(feedback):
    for hour in range(5):
        feedback.save(make_correction(title=f"T{hour}"), at=NOON + timedelta(hours=hour))
    titles = [
        [kept.correction.title for kept in feedback.read(offset=offset, limit=2).kept]
        for offset in (0, 2, 4, 6)
    ]
    assert titles == [["T4", "T3"], ["T2", "T1"], ["T0"], []]
    assert feedback.read(offset=2, limit=2).total == 5


def test_a_correction_needs_a_text_and_one_mind(feedback):
    for wrong, sentence in (
        ({"text": " ", "title": "\0"}, "no text to keep"),
        ({"rejected": ("golang",)}, "'golang' is both chosen and rejected"),
        ({"text": "x" * 200_001}, "200,001 characters; at most 200,000"),
        ({"name": "x" * 201}, "The name has 201 characters"),
        ({"tags": ("x" * 201,)}, "The tag has 201 characters"),
        ({"tags": tuple(map(str, range(300)))}, "tags are too many"),
    ):
        with pytest.raises(FeedbackError, match=sentence):
            feedback.save(make_correction(**wrong))
    assert feedback.read().total == 0


def test_odd_characters_are_kept_or_cleaned(feedback):
    hostile = make_correction(
        text="\0<script>'; DROP TABLE corrections;--\N{RIGHT-TO-LEFT OVERRIDE}\ud800 🦫",
        tags=("c++", "  node.js ", "c++", "=cmd()"),
        rejected=(),
        name="  Ada   L. ",
    )
    kept = feedback.save(hostile)
    assert feedback.read().kept == [kept]
    assert (
        kept.correction.text == "<script>'; DROP TABLE corrections;--\N{RIGHT-TO-LEFT OVERRIDE}? 🦫"
    )
    assert kept.correction.tags == ("c++", "node.js", "=cmd()")
    assert kept.correction.name == "Ada L."


def test_acceptance_is_counted_by_tag_model_and_run(feedback):
    feedback.save(make_correction())
    feedback.save(make_correction(title="Other", tags=("golang", "testing"), rejected=()))
    feedback.save(make_correction(tags=("testing",), rejected=(), model="other", run="r2"))
    assert acceptance_by_tag(feedback) == [
        Acceptance("golang", 3, 2, 0),
        Acceptance("testing", 3, 2, 0),
        Acceptance("api", 0, 0, 1),
        Acceptance("profiling", 0, 0, 1),
    ]
    assert acceptance_by_model(feedback) == [
        Acceptance("best-tfidf", 4, 3, 2),
        Acceptance("other", 2, 1, 0),
    ]
    assert acceptance_by_model(feedback)[0].rate == 0.75
    assert Acceptance("api", 0, 0, 1).rate is None
    assert [line.name for line in acceptance_by_run(feedback)] == [make_correction().run, "r2"]


def test_days_are_counted_in_order(feedback):
    for days in (1, 0, 1):
        feedback.save(make_correction(), at=NOON + timedelta(days=days))
    assert corrections_per_day(feedback) == {date(2026, 3, 1): 1, date(2026, 3, 2): 2}


def test_people_who_left_different_tags_disagree(feedback):
    feedback.save(make_correction(name="Ada", tags=("web",), rejected=()), at=NOON)
    feedback.save(
        make_correction(name="Ada", tags=("golang", "api"), rejected=()),
        at=NOON + timedelta(hours=1),
    )
    assert find_disagreements(feedback) == []
    last = make_correction(name="Bob", tags=("golang", "testing"), rejected=())
    feedback.save(last, at=NOON + timedelta(hours=2))
    feedback.save(make_correction(title="Another"))
    (found,) = find_disagreements(feedback)
    assert (found.latest, found.corrections) == (last, 2)
    assert found.disputed == {"api": 1, "testing": 1}


def test_the_latest_correction_of_a_text_becomes_an_article(feedback):
    feedback.save(make_correction(tags=("web",), rejected=()), at=NOON + timedelta(hours=1))
    feedback.save(make_correction(), at=NOON)
    feedback.save(make_correction(title="Nothing fits", tags=()), at=NOON)
    (article,) = correction_articles(feedback)
    assert article.id == f"correction-{text_hash('Leaks', make_correction().text)[:16]}"
    assert (article.tags, article.language) == (("web",), "en")
    assert (article.title, article.description) == ("Leaks", make_correction().text)


def test_corrections_are_kept_as_a_data_set_and_replaced(feedback):
    with pytest.raises(FeedbackError, match="no corrections yet"):
        export_corrections(feedback)
    feedback.save(make_correction())
    first = export_corrections(feedback)
    feedback.save(make_correction(title="Second"))
    second = export_corrections(feedback)
    assert (first.name, first.articles, second.articles) == ("corrections", 1, 2)
    assert list(read_sources(["corrections"])) == correction_articles(feedback)
    assert [info.note for info in list_sets() if info.name == "corrections"] == [
        "corrected by editors"
    ]


def test_everything_of_one_person_is_deleted_from_the_file_too(feedback, home):
    feedback.save(make_correction(text="Ada's secret draft", name="Ada"))
    kept = feedback.save(make_correction(text="Bob's text", name="Bob"))
    assert feedback.delete_by_name(" Ada ") == 1
    assert feedback.delete_by_name("Ada") == 0
    assert feedback.read().kept == [kept]
    everything = b"".join(path.read_bytes() for path in home.glob("tagsmith.sqlite*"))
    assert b"secret draft" not in everything and b"Bob's text" in everything
    with pytest.raises(FeedbackError, match="Name whose"):
        feedback.delete_by_name("  ")


def test_one_correction_can_be_taken_back(feedback, database):
    kept = feedback.save(make_correction())
    assert feedback.delete(kept.id) and not feedback.delete(kept.id)
    assert feedback.read().total == 0
    assert acceptance_by_tag(feedback) == []


def test_the_migrations_end_at_the_tables_of_the_code(database):
    with database.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


_WRITER = """
import sys
from core.feedback.corrections import Correction, FeedbackStore
print("ready", flush=True)
sys.stdin.readline()
store = FeedbackStore()
for number in range(20):
    store.save(Correction(text=f"{sys.argv[1]} {number}", tags=("a", "b")))
"""


def write_from_processes(count: int, **environment) -> None:
    """`count` processes that begin at the same time on a database that is not there yet."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(number)],
            cwd=PROJECT,
            env={**os.environ, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(count)
    ]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        process.communicate()
        assert process.returncode == 0


def assert_all_written(count: int, store: FeedbackStore) -> None:
    texts = {kept.correction.text for kept in store.read(limit=1000).kept}
    assert texts == {f"{number} {line}" for number in range(count) for line in range(20)}
    assert all(kept.correction.tags == ("a", "b") for kept in store.read(limit=1000).kept)


def test_processes_that_start_and_write_at_once_lose_nothing(home):
    write_from_processes(4)
    assert_all_written(4, FeedbackStore())


def test_a_database_that_is_held_by_another_is_said(feedback, home):
    impatient = FeedbackStore(Database(busy_seconds=0.05))
    holder = sqlite3.connect(home / "tagsmith.sqlite", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(FeedbackError, match="held by another program"):
        impatient.save(make_correction())
    assert impatient.read().total == 0
    holder.execute("COMMIT")
    holder.close()
    impatient.save(make_correction())
    assert impatient.read().total == 1


def test_a_damaged_database_is_said_and_left_alone(home):
    home.mkdir()
    file = home / "tagsmith.sqlite"
    file.write_bytes(b"this is no database at all" * 100)
    with pytest.raises(FeedbackError, match=r"tagsmith.sqlite is damaged"):
        FeedbackStore()
    assert file.read_bytes() == b"this is no database at all" * 100


def test_a_database_of_a_newer_version_is_said(database):
    with database.connect(writes=True) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(FeedbackError, match="written by a newer Tagsmith"):
        Database()


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "tagsmith.sqlite").mkdir()
    with pytest.raises(FeedbackError, match="unable to open database file"):
        Database(f"sqlite:///{tmp_path / 'tagsmith.sqlite'}")


@pytest.mark.parametrize(
    ("url", "error", "sentence"),
    [
        ("nonsense", ConfigError, "not the address of a database"),
        ("mysql://user:hidden@host/name", ConfigError, "names 'mysql'"),
        ("postgresql://user:hidden@127.0.0.1:9/name", FeedbackError, "cannot be used"),
    ],
)
def test_an_address_that_does_not_work_is_said_without_its_password(
    monkeypatch, url, error, sentence
):
    monkeypatch.setenv("TAGSMITH_DATABASE_URL", url)
    with pytest.raises(error, match=sentence) as caught:
        Database()
    assert "hidden" not in str(caught.value)


@pytest.fixture(scope="module")
def postgresql():
    """The address of a PostgreSQL of our own, on a socket in a folder of its own."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not programs:
        pytest.skip("Debian's postgresql package is not installed (.ci/run installs it)")
    folder = Path(tempfile.mkdtemp(prefix="tagsmith-"))
    as_user = ()
    if os.geteuid() == 0:  # it refuses to run as root
        as_user = ("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups")
        shutil.chown(folder, "postgres", "postgres")

    def call(program, *arguments):
        command = [*as_user, str(programs[-1] / program), "-D", str(folder / "data"), *arguments]
        subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL)

    try:
        call("initdb", "-U", "postgres", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C")
        options = f"-k {folder} -c listen_addresses='' -c fsync=off"
        call("pg_ctl", "start", "-w", "-o", options, "-l", str(folder / "log"))
        try:
            yield f"postgresql://postgres@/postgres?host={folder}"
        finally:
            call("pg_ctl", "stop", "-w", "-m", "immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def test_postgresql_keeps_the_same(postgresql, monkeypatch):
    write_from_processes(3, TAGSMITH_DATABASE_URL=postgresql)
    monkeypatch.setenv("TAGSMITH_DATABASE_URL", postgresql)
    database = Database()
    store = FeedbackStore(database)
    assert_all_written(3, store)
    test_the_migrations_end_at_the_tables_of_the_code(database)
    kept = store.save(make_correction(text="\0Ada's 🦫", name="Ada"), at=NOON)
    store.save(make_correction(text="Ada's 🦫", name="Bob", tags=("web",), rejected=()), at=NOON)
    assert kept in store.read(limit=1000).kept
    assert corrections_per_day(store)[date(2026, 3, 1)] == 2
    assert Acceptance("golang", 2, 1, 0) in acceptance_by_tag(store)
    assert [line.name for line in acceptance_by_model(store)] == ["best-tfidf", ""]
    (disagreement,) = find_disagreements(store)
    assert disagreement.disputed == {"api": 1, "golang": 1, "profiling": 1, "web": 1}
    assert len(correction_articles(store)) == 61
    assert store.delete_by_name("Ada") == 1
    database.close()
