"""Seeded hostile inputs: 500 here, as many as TAGSMITH_INPUTS says in `make campaign`.

No fault of ours, no answer later than 5 s, no file outside the home, no secret in what is printed.
"""

import gc
import json
import os
import random
import socket
import time

import psutil
import pytest
from fastapi.testclient import TestClient

from core.api.app import PATHS, build_app
from core.api.limits import ApiLimits, limits_of_settings
from core.articles.importing import import_source, preview_source
from core.articles.options import ReadingOptions
from core.base.config import override, setting_names
from core.base.errors import CoreError
from core.feedback.corrections import Correction, FeedbackStore
from core.runs.experiment import run_experiment
from core.settings.experiment import ExperimentConfig, parse_config
from core.suggest.model_pool import ModelPool
from core.suggest.suggester import Suggester
from tests.app_testing import open_page
from tests.hostile.inputs import (
    hostile_body,
    hostile_message,
    hostile_rows,
    hostile_settings,
    hostile_text,
    hostile_value,
)
from tests.hostile.watch import watching
from tests.test_import_fuzz import KINDS, good_files, spoil

INPUTS = int(os.environ.get("TAGSMITH_INPUTS", "500"))
SECONDS = 5.0
TOKEN = "s3cret-token-8d1f"
PAGES = ("explore", "suggest", "review", "data", "train", "jobs", "compare", "thresholds")
# Of a hundred inputs. A page costs a hundred times what the others do.
SHARES = {"api": 45, "suggest": 16, "import": 20, "settings": 15, "links": 4}
# A process that was just started fills its caches.
ROOM = 200_000_000


@pytest.fixture
def run(tiny_config, articles, store):
    return run_experiment(tiny_config, store, articles=articles).run


@pytest.fixture
def secret(tmp_path):
    """A file outside the home, which nobody may open."""
    path = tmp_path / "outside" / "secret.txt"
    path.parent.mkdir()
    path.write_text("s3cret-content-77ab")
    return path


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    def refuse(host, *_, **__):
        raise socket.gaierror(f"no name {host!r} here")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def attack(kind, one_input, home, secret, capfd, caplog):
    """Try the kind's share of the inputs, each under its own seed."""
    count = max(INPUTS * SHARES[kind] // 100, 1)
    process, memory, slowest = psutil.Process(), 0, 0.0
    with watching(home, home.parent / "in", forbidden=secret) as touched:
        for number in range(count):
            if number == count // 3:
                gc.collect()
                memory = process.memory_info().rss
            start = time.process_time()
            one_input(random.Random(f"{kind} {number}"))
            took = time.process_time() - start
            slowest = max(slowest, took)
            assert took < SECONDS, f"{kind} {number} took {took:.1f} s"
    assert touched == []
    gc.collect()
    assert process.memory_info().rss - memory < ROOM
    printed = capfd.readouterr()
    text = printed.out + printed.err + caplog.text
    assert TOKEN not in text and secret.read_text() not in text
    if INPUTS > 500:
        with capfd.disabled():
            grown = (process.memory_info().rss - memory) / 1e6
            print(f"\n{kind}: {count:,} inputs, slowest {slowest:.2f} s, memory {grown:+.0f} MB")


def test_the_api_answers_every_body_below_500(run, store, home, secret, capfd, caplog):
    app = build_app(ApiLimits(token=TOKEN, requests_per_minute=10**9), ModelPool(store))
    client = TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False)

    def ask(chance):
        names = ["by_url", "only_model", "run", "limit", "threshold", "evidence", "x"]
        query = {n: hostile_text(chance, 1) for n in chance.sample(names, k=chance.randint(0, 2))}
        query = {n: v.encode(errors="replace").decode()[:2000] for n, v in query.items()}
        content = chance.choice(["application/json"] * 8 + ["text/plain", "multipart/form-data"])
        answer = client.request(
            chance.choice(["POST"] * 9 + ["GET", "PUT", "DELETE"]),
            chance.choice([*PATHS[:3] * 4, *PATHS]),
            content=hostile_body(chance),
            params=query,
            headers={"Authorization": f"Bearer {TOKEN}", "Content-Type": content},
        )
        assert answer.status_code < 500, (answer.status_code, answer.text)
        if answer.status_code >= 400 and answer.status_code != 405:
            assert isinstance(answer.json()["detail"], str)
        assert "text/html" not in answer.headers["content-type"] or "<script" not in answer.text

    attack("api", ask, home, secret, capfd, caplog)


def test_any_text_gets_suggestions_or_a_sentence(run, home, secret, capfd, caplog):
    suggester, feedback = Suggester.load(run), FeedbackStore()

    def suggest(chance):
        text, title = hostile_text(chance), hostile_text(chance, 2)
        try:
            found = suggester.suggest(text, title=title, limit=chance.choice([1, 10, 10**9]))
            json.dumps([tag.score for tag in found.tags], allow_nan=False)
        except CoreError as error:
            assert str(error)
        tags = tuple(hostile_text(chance, 1) for _ in range(chance.randint(0, 3)))
        try:
            kept = feedback.save(Correction(text, tags, title=title, name=hostile_text(chance, 1)))
            assert feedback.read(limit=1).kept[0].correction == kept.correction
        except CoreError as error:
            assert str(error)

    attack("suggest", suggest, home, secret, capfd, caplog)


def test_any_file_is_a_set_or_a_sentence(tmp_path, home, secret, capfd, caplog):
    folder = tmp_path / "in"
    folder.mkdir()
    originals = good_files(folder)

    def read(chance):
        if chance.random() < 0.5:
            kind = chance.choice(KINDS)
            path = folder / f"b.{kind}"
            path.write_bytes(spoil(originals[f"a.{kind}"], chance))
        else:
            path = folder / chance.choice(["b.jsonl", "b.csv", "b.json", "b.txt"])
            path.write_text(hostile_rows(chance), encoding="utf-8", errors="surrogatepass")
        name = chance.choice(["blog", "blog", hostile_text(chance, 1)])
        columns = {"title": hostile_text(chance, 1)} if chance.random() < 0.1 else {}
        try:
            preview_source(str(path))
            import_source(
                str(path), name, ReadingOptions(columns), skip_bad_rows=True, replace_set=True
            )
        except CoreError as error:
            assert str(error) and "\n" not in str(error)

    attack("import", read, home, secret, capfd, caplog)


def test_any_settings_are_obeyed_or_refused_in_a_sentence(home, secret, capfd, caplog):
    names = setting_names(ExperimentConfig)
    plain = ExperimentConfig().model_dump(mode="json")

    def set_up(chance):
        tries = (
            lambda: parse_config(hostile_settings(chance, names), "a.toml"),
            lambda: parse_config(json.dumps(hostile_value(chance)), "a.json"),
            lambda: parse_config(json.dumps(hostile_message(chance)), "a.json"),
            lambda: override(plain, [hostile_text(chance, 2)]),
            lambda: override(plain, [f"{chance.choice(names)}={hostile_text(chance, 1)}"]),
            lambda: limits_of_settings({"TAGSMITH_RATE_LIMIT": hostile_text(chance, 1)}),
        )
        for one in tries:
            try:
                one()
            except CoreError as error:
                assert str(error)

    attack("settings", set_up, home, secret, capfd, caplog)


def test_any_link_opens_a_page(run, home, secret, capfd, caplog):
    def follow(chance):
        names = ["data", "run", "tag", "article", "set", "preset", "job", "cut", "q", "reference"]
        query = {name: hostile_text(chance, 2) for name in chance.sample(names, k=3)}
        if chance.random() < 0.3:
            query["set"] = f'data.sources=["{secret}"]'
            query["data"] = str(secret)
        query = {n: v.encode(errors="replace").decode() for n, v in query.items()}
        app = open_page(chance.choice(PAGES), **query)
        for element in app.get("markdown"):
            assert not element.allow_html

    attack("links", follow, home, secret, capfd, caplog)


@pytest.mark.parametrize("field", ["title", "description", "fulltext", "tags"])
def test_half_a_character_is_refused_in_what_an_article_is_made_of(tmp_path, field):
    half = ["\ud800"] if field == "tags" else "\ud800"
    path = tmp_path / "half.jsonl"
    path.write_text(json.dumps({"title": "T", "description": "D", "tags": ["go"], field: half}))
    with pytest.raises(CoreError):
        import_source(str(path), "half")


@pytest.mark.parametrize("field", ["id", "url", "source", "creators", "language"])
def test_half_a_character_in_an_optional_field_leaves_it_empty_and_is_said(tmp_path, field):
    half = ["\ud800"] if field == "creators" else "\ud800"
    path = tmp_path / "half.jsonl"
    path.write_text(json.dumps({"title": "T", "description": "D", "tags": ["go"], field: half}))
    _, report = import_source(str(path), "half")
    assert report.left_empty_counts == {field: 1}
