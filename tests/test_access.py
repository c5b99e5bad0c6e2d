"""Who may reach the server: addresses, logins, tokens, and what is said to the others."""

import os
import socket

import pytest
import streamlit
from fastapi.testclient import TestClient

from core.api.app import build_app
from core.api.limits import ApiLimits
from core.base.access import is_loopback, login_names, may_enter, require_guard
from core.base.errors import ConfigError
from core.commands import serve
from core.commands.main import main
from pages.parts.shared import access
from pages.parts.shared import server as server_module
from tests.app_testing import open_page, texts_of

LOGIN = '[auth]\nclient_id = "x"\nredirect_uri = "http://localhost:8501/oauth2callback"\n'


@pytest.fixture(autouse=True)
def no_settings(monkeypatch, tmp_path):
    for name in ("TAGSMITH_TOKEN", "TAGSMITH_OPEN", "TAGSMITH_USERS", "TAGSMITH_HOSTS"):
        # Set first, so that what a command sets in this process is taken back.
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    monkeypatch.setattr("core.base.access.secrets_files", lambda: [tmp_path / "secrets.toml"])


@pytest.fixture
def served(monkeypatch):
    """Addresses at which a server would have been started."""
    started = []
    monkeypatch.setattr(
        "uvicorn.run", lambda app, **options: started.append((options["host"], options["port"]))
    )
    # Whether the tests' machine has the port free does not matter.
    monkeypatch.setattr("core.commands.serve.free_port", lambda host, port: port)
    monkeypatch.setenv("STREAMLIT_SERVER_PORT", "8501")
    monkeypatch.setenv("GOMP_SPINCOUNT", "")
    monkeypatch.delenv("GOMP_SPINCOUNT")
    return started


@pytest.mark.parametrize(("given", "expected"), [(None, "1000"), ("50", "50")])
def test_waiting_threads_of_a_server_spin_shortly_unless_told_otherwise(
    served, monkeypatch, given, expected
):
    if given:
        monkeypatch.setenv("GOMP_SPINCOUNT", given)
    assert main(["serve"]) == 0
    assert os.environ["GOMP_SPINCOUNT"] == expected


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("[::1]", True),
        ("LOCALHOST", True),
        ("", False),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.1.4", False),
        ("localhost.evil.example", False),
    ],
)
def test_only_addresses_of_this_machine_are_loopback(address, expected):
    assert is_loopback(address) is expected


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.4", ""])
def test_serving_others_without_a_lock_is_refused_in_a_sentence(served, capsys, host):
    assert main(["serve", "--host", host]) == 2
    said = capsys.readouterr().err
    assert "anyone who reaches this machine" in said and "TAGSMITH_TOKEN" in said
    assert said.count("\n") == 1
    assert served == []


@pytest.mark.parametrize("lock", ["token", "login", "open", "option"])
def test_a_lock_or_an_explicit_word_lets_others_reach_it(
    served, capsys, monkeypatch, tmp_path, lock
):
    if lock == "token":
        monkeypatch.setenv("TAGSMITH_TOKEN", "secret")
    elif lock == "login":
        (tmp_path / "secrets.toml").write_text(LOGIN)
    elif lock == "open":
        monkeypatch.setenv("TAGSMITH_OPEN", "yes")
    more = ["--open"] if lock == "option" else []
    assert main(["serve", "--host", "0.0.0.0", "--port", "8502", *more]) == 0
    assert served == [("0.0.0.0", 8502)]
    said = capsys.readouterr().err
    assert "secret" not in said
    assert ("have no login" in said) == (lock != "login")


def test_this_machine_alone_needs_no_lock(served):
    assert main(["serve"]) == 0
    assert served == [("127.0.0.1", 8501)]


def test_only_the_word_yes_opens():
    for word in ("no", "0", "", "off"):
        with pytest.raises(ConfigError, match="TAGSMITH_OPEN=yes"):
            require_guard("0.0.0.0", guarded=False, how="Lock it", settings={"TAGSMITH_OPEN": word})
    require_guard("0.0.0.0", guarded=False, how="", settings={"TAGSMITH_OPEN": "Yes"})


def test_logins_are_those_of_the_last_file_that_has_some(tmp_path):
    first, second = tmp_path / "a.toml", tmp_path / "b.toml"
    assert login_names([first]) == ()
    first.write_text(LOGIN)
    second.write_text("[other]\nx = 1\n")
    assert login_names([first, second]) == ("",)
    second.write_text('[auth]\ncookie_secret = "c"\n[auth.google]\nclient_id = "g"\n')
    assert login_names([first, second]) == ("google",)


@pytest.mark.parametrize("text", ["[auth", "auth = 3\n"])
def test_a_login_that_cannot_be_read_opens_nothing(served, tmp_path, capsys, text):
    (tmp_path / "secrets.toml").write_text(text)
    assert main(["serve"]) == 2
    assert "secrets.toml" in capsys.readouterr().err
    assert served == []


@pytest.mark.parametrize(
    ("email", "verified", "expected"),
    [
        ("Ada@Example.org", True, True),
        ("ada@example.org", False, False),
        ("bob@other.net", True, True),
        ("eve@other.net", True, False),
        ("ada@example.org.evil.net", True, False),
        ("", True, False),
    ],
)
def test_users_are_let_in_by_their_addresses(email, verified, expected):
    settings = {"TAGSMITH_USERS": "*@example.org, bob@other.net"}
    assert may_enter(email, verified=verified, settings=settings) is expected


def test_without_a_list_everyone_may_enter_whom_the_provider_knows():
    assert may_enter("eve@other.net", verified=True, settings={})


def test_beside_a_login_the_api_asks_for_a_token(tmp_path, monkeypatch):
    (tmp_path / "secrets.toml").write_text(LOGIN)
    built = []
    monkeypatch.setattr(server_module, "build_app", built.append)
    monkeypatch.setattr(server_module, "App", lambda *_, **__: None)
    monkeypatch.setattr(server_module, "Route", lambda *_, **__: None)
    server_module.build_server()
    assert built[0].needs_token
    client = TestClient(build_app(ApiLimits(needs_token=True)), base_url="http://127.0.0.1")
    for headers in ({}, {"Authorization": "Bearer "}):
        answer = client.get("/runs", headers=headers)
        assert answer.status_code == 401 and "token is needed" in answer.json()["detail"]
    assert client.get("/healthz").status_code == 200


def log_in(monkeypatch, **user):
    monkeypatch.setattr(access, "login_names", lambda files: ("", "google"))
    monkeypatch.setattr(streamlit.user_info, "_get_user_info", lambda: user)


def test_a_stranger_sees_the_login_and_nothing_else(monkeypatch):
    log_in(monkeypatch, is_logged_in=False)
    for page in ("explore", "suggest", "review"):
        app = open_page(page)
        assert [button.label for button in app.button] == ["Log in", "Log in with google"]
        assert texts_of(app) == "Log in to use Tagsmith"
        assert not app.sidebar.children


def test_a_login_that_is_not_installed_or_wrong_is_a_sentence(monkeypatch):
    log_in(monkeypatch, is_logged_in=False)
    app = open_page("explore")
    app.button[0].click().run()
    assert not app.exception
    assert len(app.error) == 1 and "\n" not in app.error[0].value


def test_one_who_is_logged_in_sees_the_page_and_can_log_out(monkeypatch):
    log_in(monkeypatch, is_logged_in=True, email="ada@example.org")
    app = open_page("explore")
    assert "What is in this data set?" in texts_of(app)
    assert "Log out" in [button.label for button in app.sidebar.button]


def test_one_who_is_not_on_the_list_sees_no_page(monkeypatch):
    monkeypatch.setenv("TAGSMITH_USERS", "*@example.org")
    log_in(monkeypatch, is_logged_in=True, email="eve@other.net")
    app = open_page("explore")
    assert "may not use this server" in app.error[0].value
    assert "What is in this data set?" not in texts_of(app)


def test_pages_at_an_open_address_say_how_to_lock_it(monkeypatch):
    options = {"server.address": "0.0.0.0", "secrets.files": []}
    usual = streamlit.get_option
    monkeypatch.setattr(streamlit, "get_option", lambda name: options.get(name, usual(name)))
    app = open_page("explore")
    assert "anyone who reaches this machine" in app.error[0].value
    assert "What is in this data set?" not in texts_of(app)
    monkeypatch.setenv("TAGSMITH_OPEN", "yes")
    assert "What is in this data set?" in texts_of(open_page("explore"))


def test_the_pages_follow_what_serve_has_judged(served, monkeypatch):
    monkeypatch.setenv("TAGSMITH_TOKEN", "secret")
    serve.judge_address("0.0.0.0", allowed=False)
    require_guard("0.0.0.0", guarded=False, how="")


@pytest.fixture
def started(monkeypatch):
    """Addresses at which a server would have been started, if they are free."""
    found = []
    monkeypatch.setattr(
        "uvicorn.run", lambda app, **options: found.append((options["host"], options["port"]))
    )
    for name in ("STREAMLIT_SERVER_PORT", "GOMP_SPINCOUNT"):
        monkeypatch.setenv(name, "")
    return found


def test_a_taken_port_is_one_sentence_and_no_address_is_said(started, capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert main(["serve", "--port", port]) == 2
    printed = capsys.readouterr()
    assert printed.err.count("\n") == 1
    assert f"cannot listen on port {port} of '127.0.0.1': Address already in use" in printed.err
    assert "http://" not in printed.err + printed.out
    assert started == []


@pytest.mark.parametrize(
    "address", [["--port", "99999"], ["--port", "-1"], ["--host", "no such host", "--open"]]
)
def test_an_address_that_cannot_be_is_one_sentence(started, address, capsys):
    assert main(["serve", *address]) == 2
    said = capsys.readouterr().err
    assert "cannot listen on port" in said and "http://" not in said
    assert started == []


def test_a_free_port_is_found_for_0_and_said(started, capsys):
    assert main(["serve", "--port", "0"]) == 0
    ((host, port),) = started
    assert port > 0 and os.environ["STREAMLIT_SERVER_PORT"] == str(port)
    assert f"http://{host}:{port}/docs" in capsys.readouterr().err
