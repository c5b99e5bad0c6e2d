"""The HTTP API: the command line's numbers, limits with a sentence each, one batch for many."""

import json
import sys
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from core.api.app import PATHS, build_app
from core.api.limits import ApiLimits, RateLimit, limits_of_settings
from core.base.errors import ConfigError
from core.commands.main import main
from core.feedback.corrections import FeedbackStore
from core.runs.experiment import run_experiment
from core.runs.operating_points import OperatingPoints, build_point
from core.study.presets import configure
from core.suggest import held_model, model_processes
from core.suggest.model_pool import ModelPool
from core.suggest.suggester import Suggester
from tests.child_work import hang
from tests.servers import free_port, running

TEXT = "we show how a goroutine blocks on a channel, and how pprof finds it"


@pytest.fixture
def run(tiny_config, articles, store):
    return run_experiment(tiny_config, store, articles=articles).run


def client_of(store, **limits) -> TestClient:
    app = build_app(ApiLimits(**limits), ModelPool(store))
    return TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False)


@pytest.fixture
def client(store, run):
    return client_of(store)


def sentence(response, status) -> str:
    assert response.status_code == status
    detail = response.json()["detail"]
    assert isinstance(detail, str) and detail.strip() and "\n" not in detail
    return detail


def test_the_numbers_are_those_of_the_command_line(client, run, articles, capsys):
    for article in articles[:20]:
        arguments = ["--text", article.description, "--title", article.title, "--json"]
        assert main(["suggest", *arguments]) == 0
        message = {"title": article.title, "description": article.description}
        answer = client.post("/predictions/tags", json=message)
        assert answer.json() == json.loads(capsys.readouterr().out)


def test_limit_threshold_run_and_preset_are_obeyed(client, run, store, tiny_config, articles):
    other = configure(tiny_config, assignments=['preset="study-08"'])
    older = run_experiment(other, store, articles=articles).run

    def ask(**query):
        return client.post("/predictions/tags", json={"description": TEXT}, params=query).json()

    assert [tag["tag"] for tag in ask(limit=1)["tags"]] == ["golang"]
    assert all(tag["suggested"] for tag in ask(threshold=-99)["tags"])
    assert ask()["run"] == run.id
    assert ask(run=older.id)["run"] == ask(only_model="study-08")["run"] == older.id


@pytest.mark.parametrize(
    ("settings", "read"),
    [
        (["data.text_column=partial_text", "data.partial_length=40"], TEXT[:40]),
        (["data.text_column=everything"], f"other words\n{TEXT}"),
    ],
)
def test_a_model_of_full_texts_reads_the_full_text(store, tiny_config, articles, settings, read):
    whole = [a.model_copy(update={"fulltext": a.description, "description": ""}) for a in articles]
    config = configure(tiny_config, assignments=settings)
    run = run_experiment(config, store, articles=whole).run
    message = {"title": "T", "description": "other words", "fulltext": TEXT}
    answer = client_of(store).post("/predictions/tags", json=message).json()
    expected = Suggester.load(run).suggest(read, title="T")
    assert [tag["score"] for tag in answer["tags"]] == [tag.score for tag in expected.tags]


@pytest.mark.parametrize(
    ("query", "message", "status", "expected"),
    [
        ("", {"description": ""}, 422, "There is no text yet"),
        ("", {"description": "two words"}, 422, "has 2 words"),
        ("", {"text": TEXT}, 422, "text: Extra inputs are not permitted"),
        ("", {"description": 5}, 422, "description: Input should be a valid string"),
        ("", {"description": "x" * 200_001}, 422, "description: String should have at most 200000"),
        ("?run=none", {"description": TEXT}, 404, "no run 'none'"),
        ("?only_model=best-x", {"description": TEXT}, 404, "no run of 'best-x' yet"),
        ("?limit=0", {"description": TEXT}, 422, "limit: Input should be greater"),
        ("?threshold=nan", {"description": TEXT}, 422, "threshold: Input should be a finite"),
        ("?by_url=1", {"description": TEXT}, 422, "There is no url to fetch"),
        ("", {"url": "http://169.254.169.254/"}, 422, "private network"),
        ("?by_url=1", {"url": "file:///etc/passwd"}, 422, "should begin with http"),
    ],
)
def test_what_cannot_be_answered_gets_a_sentence(client, query, message, status, expected):
    answer = client.post(f"/predictions/tags{query}", json=message)
    assert expected in sentence(answer, status)


def test_without_a_run_the_answer_says_how_to_get_one(store):
    answer = client_of(store).post("/predictions/tags", json={"description": TEXT})
    assert "Train one: python -m core run best-tfidf" in sentence(answer, 404)


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script> goroutine",
        "\u202eright\u200b to left",
        "🦫 goroutine 🦫 go",
        "\ud800 a b c",
    ],
)
def test_hostile_text_is_text(client, text):
    body = json.dumps({"description": text})
    answer = client.post(
        "/predictions/tags", content=body, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code in (200, 422)
    assert answer.headers["content-type"] == "application/json"


def test_the_language_is_told(client):
    def ask(text):
        return client.post("/predictions/language", json={"description": text}).json()

    assert ask("how goroutines leak and how to find the leaks") == {"language": "en"}
    assert ask("数据库的索引为什么很快") == {"language": "zh"}
    assert ask("...") == {"language": ""}


@pytest.mark.parametrize("run_id", ["", "its own"])
def test_the_language_of_an_editors_article_is_that_of_the_text_sent(client, run, run_id):
    message = {"title": "Redis", "fulltext": "数据库的索引为什么很快", "tags": ["web"]}
    message |= {"run": run_id and run.id}
    assert client.post("/tag-suggestions", json=message).status_code == 201
    assert FeedbackStore().read().kept[0].correction.language == "zh"


def test_an_editors_tags_are_kept(client, run):
    shown = {"tag": "web", "score": 0.5, "threshold": 0.25, "suggested": True}
    message = {"description": TEXT, "tags": ["golang"], "rejected": ["web"], "shown": [shown]}
    answer = client.post("/tag-suggestions", json=message | {"run": run.id, "name": "Ada"})
    assert answer.status_code == 201
    (kept,) = FeedbackStore().read().kept
    correction = kept.correction
    assert (kept.id, correction.text) == (answer.json()["id"], TEXT)
    assert (correction.tags, correction.rejected) == (("golang",), ("web",))
    assert (correction.run, correction.model, correction.name) == (run.id, "best-tfidf", "Ada")
    assert correction.language == "en"
    both = {"description": TEXT, "tags": ["web"], "rejected": ["web"]}
    assert "both chosen and rejected" in sentence(client.post("/tag-suggestions", json=both), 422)


def test_runs_are_those_of_the_command_line(client, run, capsys):
    assert main(["runs", "--json"]) == 0
    assert client.get("/runs").json() == json.loads(capsys.readouterr().out)


def test_the_api_describes_itself_and_says_that_it_lives(client):
    described = client.get("/openapi.json").json()
    assert set(described["paths"]) == set(PATHS) - {"/docs", "/openapi.json"}
    page = client.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    assert all(path in page.text for path in described["paths"])
    assert "//" not in page.text.replace("</", "")  # nothing is loaded from elsewhere
    assert client.get("/healthz").json() == {"state": "ok"}


def test_a_token_is_asked_for_where_one_is_set(store, run):
    client = client_of(store, token="secret")
    message = {"description": TEXT}
    for headers in ({}, {"Authorization": "Bearer other"}, {"Authorization": "secret"}):
        answer = client.post("/predictions/tags", json=message, headers=headers)
        assert "token is needed" in sentence(answer, 401)
    headers = {"Authorization": "Bearer secret"}
    assert client.post("/predictions/tags", json=message, headers=headers).status_code == 200
    assert "token" in sentence(client.get("/runs"), 401)
    assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:9999"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_page_of_another_site_may_not_post(client, headers):
    answer = client.post("/predictions/language", json={"title": "x"}, headers=headers)
    assert "other sites" in sentence(answer, 403)
    own = {"Origin": "http://127.0.0.1", "Sec-Fetch-Site": "same-origin"}
    assert client.post("/predictions/language", json={}, headers=own).status_code == 200


def test_another_name_for_this_server_must_be_allowed(store):
    rebound = {"Host": "evil.example:80"}
    assert "under that name" in sentence(client_of(store).get("/runs", headers=rebound), 421)
    allowed = client_of(store, hosts=("evil.example",))
    assert allowed.get("/runs", headers=rebound).status_code == 200
    assert client_of(store, hosts=("*",)).get("/runs", headers=rebound).status_code == 200


def test_a_request_that_is_too_large_is_refused(store):
    client = client_of(store, most_bytes=1000)
    answer = client.post("/predictions/language", content=b" " * 1001)
    assert "larger than 0.001 MB" in sentence(answer, 413)
    answer = client.post("/predictions/language", content=iter([b" " * 600] * 2))
    assert "larger than 0.001 MB" in sentence(answer, 413)


@pytest.fixture
def hanging(run, monkeypatch):
    """A text that is worked on until its time limit of so many seconds has passed."""

    def hurry(seconds):
        monkeypatch.setattr(held_model, "suggest_all", hang)
        monkeypatch.setattr(model_processes, "TEXT", replace(model_processes.TEXT, seconds=seconds))

    return hurry


def test_a_request_that_takes_too_long_is_answered(client, store, hanging):
    client.post("/predictions/tags", json={"description": TEXT})
    hanging(5.0)
    hasty = client_of(store, seconds=0.2)
    answer = hasty.post("/predictions/tags", json={"description": TEXT})
    assert "longer than 0.2 s" in sentence(answer, 504)


def test_health_is_told_while_a_text_is_worked_on_that_gets_a_sentence_in_the_end(client, hanging):
    client.post("/predictions/tags", json={"description": TEXT})
    hanging(2.0)
    with ThreadPoolExecutor(1) as threads:
        asked = {"json": {"description": TEXT}}
        work = threads.submit(client.post, "/predictions/tags", **asked)
        assert [client.get("/healthz").status_code for _ in range(3)] == [200] * 3
        assert not work.done()
        assert "took longer than 2 seconds. Shorten it" in sentence(work.result(), 503)


def test_a_client_that_asks_too_often_is_refused(store):
    client = client_of(store, requests_per_minute=2)
    assert [client.get("/healthz").status_code for _ in range(3)] == [200, 200, 429]


def test_a_bucket_fills_again_steadily_and_each_client_has_its_own():
    now = 0.0
    rate = RateLimit(60, clock=lambda: now)
    assert [rate.allows("a") for _ in range(61)] == [True] * 60 + [False]
    assert rate.allows("b")
    now = 1.5
    assert [rate.allows("a") for _ in range(2)] == [True, False]
    now = 2.0
    assert [rate.allows("a") for _ in range(2)] == [True, False]


def test_limits_come_from_the_settings():
    limits = limits_of_settings(
        {"TAGSMITH_TOKEN": " t ", "TAGSMITH_RATE_LIMIT": "60", "TAGSMITH_HOSTS": "a.example, B"}
    )
    assert (limits.token, limits.requests_per_minute) == ("t", 60)
    assert limits.hosts == ("127.0.0.1", "localhost", "[::1]", "a.example", "b")
    with pytest.raises(ConfigError, match="TAGSMITH_RATE_LIMIT is 'many'"):
        limits_of_settings({"TAGSMITH_RATE_LIMIT": "many"})


def test_a_newer_run_is_noticed_after_a_moment(store, run, tiny_config, articles):
    now = 0.0
    pool = ModelPool(store, clock=lambda: now)
    assert pool.model().run.id == run.id
    newer = run_experiment(tiny_config, store, articles=articles, again=True).run
    assert pool.model().run.id == run.id
    now = 3.0
    assert pool.model().run.id == newer.id


@pytest.fixture
def server(home, tmp_path):
    """The address of `python -m core serve` on a free port."""
    address = f"http://127.0.0.1:{(port := free_port())}"
    command = [sys.executable, "-m", "core", "serve", "--port", str(port)]
    with running(command, alive=f"{address}/healthz", log=tmp_path / "server.log"):
        yield address


def test_one_server_has_the_pages_and_the_api(server, run):
    with urllib.request.urlopen(f"{server}/suggest") as page:
        assert b"<title>Streamlit</title>" in page.read()
    with urllib.request.urlopen(f"{server}/_stcore/health") as health:
        assert health.read() == b"ok"
    body = json.dumps({"description": TEXT}).encode()
    request = urllib.request.Request(
        f"{server}/predictions/tags", body, {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request) as answer:
        assert json.load(answer)["run"] == run.id
    request.add_header("Origin", "https://evil.example")
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(request)


def test_a_cut_saved_later_holds_for_a_model_that_is_loaded(client, run, store):
    asked = {"description": TEXT}
    before = client.post("/predictions/tags", json=asked).json()["tags"]
    assert any(tag["suggested"] for tag in before)
    OperatingPoints(store.folder).save(build_point(name="never", run=run.id, cut=1e6))
    after = client.post("/predictions/tags", json=asked).json()["tags"]
    assert not any(tag["suggested"] for tag in after)
    assert {tag["threshold"] for tag in after} == {1e6}
