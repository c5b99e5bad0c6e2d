"""Fetching a pasted address: a hostile server on loopback, and a guard told to allow just it."""

import gzip
import shutil
import ssl
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from core.base.errors import ConfigError, FetchError
from core.commands.main import main
from core.fetch.guard import FetchGuard, guard_of_settings, is_public
from core.fetch.page import FetchLimits, fetch_page
from core.fetch.text import decode_html

PARAGRAPH = (
    "A goroutine that waits on a channel nobody writes to never ends, and the collector cannot "
    "free what it holds. The profiler shows where such goroutines wait, so a leak is found fast. "
)
PAGE = (
    '<html lang="en"><head><title>How goroutines leak</title>'
    '<meta name="description" content="Finding leaks with pprof"></head>'
    f"<body><nav>Home About</nav><article><h1>How goroutines leak</h1><p>{PARAGRAPH * 3}</p>"
    f"<p>{PARAGRAPH * 2}</p></article></body></html>"
)


class HostileServer(ThreadingHTTPServer):
    """Answers as `answers` says, by path; keeps the requests it saw."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers = {}
        self.seen = []
        self.ended = threading.Event()

    @property
    def port(self):
        return self.server_address[1]

    def url(self, path="/", host="site.example"):
        return f"http://{host}:{self.port}{path}"


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.seen.append((self.path, self.headers["Host"]))
        answer = self.server.answers.get(self.path, (200, {"Content-Type": "text/html"}, PAGE))
        if callable(answer):
            answer(self)
            return
        status, headers, body = answer
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body if isinstance(body, bytes) else body.encode())

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    with HostileServer() as hostile:
        thread = threading.Thread(target=hostile.serve_forever, args=(0.01,))
        thread.start()
        yield hostile
        hostile.ended.set()
        hostile.shutdown()
        thread.join()


@pytest.fixture
def fetch(server):
    """Fetch with only this server allowed, by its name."""

    def call(path="/", *, host="site.example", seconds=5.0, **limits):
        return fetch_page(
            server.url(path, host),
            guard=guard_for(server),
            limits=FetchLimits(seconds=seconds, **limits),
        )

    return call


def guard_for(server, resolve=None):
    """Only this server, which answers to one name unless `resolve` says otherwise."""
    names = {"site.example": ["127.0.0.1"]}
    return FetchGuard(
        also=frozenset({("127.0.0.1", server.port)}),
        resolve=resolve or (lambda host, port: names.get(host, [])),
    )


def refused(call, *arguments, **options) -> str:
    """The one sentence (perhaps with what to do) that a refusal shows."""
    with pytest.raises(FetchError) as caught:
        call(*arguments, **options)
    sentence = str(caught.value)
    assert sentence.endswith(".") and "\n" not in sentence and len(sentence) < 250
    return sentence


def test_an_article_comes_with_title_description_text_and_language(fetch, server):
    page = fetch()
    assert page.title == "How goroutines leak"
    assert page.description == "Finding leaks with pprof"
    assert page.text.count("goroutine that waits") == 5
    assert "Home About" not in page.text
    assert (page.language, page.url, page.note) == ("en", server.url(), "")


def test_the_server_is_asked_by_its_name_although_its_address_is_fixed(fetch, server):
    fetch("/a?b=c#d")
    assert server.seen == [("/a?b=c", f"site.example:{server.port}")]


def public(host, port):
    raise AssertionError("an address that is no name is not looked up")


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1/",
        "http://127.8.9.10/",
        "http://10.0.0.1/",
        "http://172.16.0.1/",
        "http://192.168.1.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://100.64.0.1/",
        "http://100.100.100.200/",
        "http://168.63.129.16/",
        "http://192.0.0.192/",
        "http://0.0.0.0/",
        "http://224.0.0.1/",
        "http://255.255.255.255/",
        "http://[::1]/",
        "http://[::]/",
        "http://[fe80::1]/",
        "http://[fd00:ec2::254]/",
        "http://[fec0::1]/",
        "http://[ff02::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:8.8.8.8]/",
        "http://[::127.0.0.1]/",
        "http://[2002:7f00:1::]/",
        "http://[2001:0:7f00:1::]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[64:ff9b:1::7f00:1]/",
        "http://localhost/",
    ],
)
def test_addresses_that_lead_inside_are_refused(address):
    assert "private network" in refused(fetch_page, address, guard=FetchGuard())


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "0x7f000001", "017700000001", "127.1"])
def test_odd_spellings_of_an_address_are_refused_unasked(host):
    assert "not the name of a site" in refused(
        fetch_page, f"http://{host}/", guard=FetchGuard(resolve=public)
    )


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("http://site.example@127.0.0.1/", "holds a user name"),
        ("http://user:word@site.example/", "holds a user name"),
        ("http://127.0.0.1\\.site.example/", "not the name of a site"),
        ("http://127.0.0.1%00.site.example/", "not the name of a site"),
        ("http://[fe80::1%25lo]/", "not the name of a site"),
        ("http:///path", "not the name of a site"),
        ("file:///etc/passwd", "should begin with http"),
        ("ftp://site.example/", "should begin with http"),
        ("javascript:alert(1)", "should begin with http"),
        ("site.example/post", "should begin with http"),
        ("http://site.example\r\nHost: evil", "not a web address"),
        ("http://１２７.0.0.1/", "not a web address"),
        ("", "not a web address"),
        ("http://site.example/" + "a" * 3000, "too long"),
        ("http://site.example:22/", "Port 22 is not fetched, only 80, 443"),
        ("http://site.example:0/", "Port"),
    ],
)
def test_tricks_in_an_address_are_refused_unasked(address, sentence):
    assert sentence in refused(fetch_page, address, guard=FetchGuard(resolve=public))


def test_a_name_with_one_private_address_among_public_ones_is_refused():
    guard = FetchGuard(resolve=lambda host, port: ["93.184.216.34", "10.0.0.1"])
    assert "private network" in refused(fetch_page, "http://site.example/", guard=guard)


def test_allowing_one_address_and_port_allows_no_other(server):
    other = FetchGuard(also=frozenset({("127.0.0.1", server.port + 1)}))
    assert "Port" in refused(fetch_page, f"http://127.0.0.1:{server.port}/", guard=other)
    assert "private" in refused(fetch_page, "http://127.0.0.1/", guard=guard_for(server))


def test_a_name_that_changes_between_check_and_use_is_looked_up_once(server):
    looked_up = []

    def rebinding(host, port):
        looked_up.append(host)
        return ["127.0.0.1"] if len(looked_up) == 1 else ["10.0.0.1"]

    page = fetch_page(server.url(), guard=guard_for(server, rebinding))
    assert page.title == "How goroutines leak"
    assert looked_up == ["site.example"]
    assert "private network" in refused(
        fetch_page, server.url(), guard=guard_for(server, rebinding)
    )


def test_each_address_of_a_name_is_tried(server):
    closed = FetchGuard(
        also=frozenset({("127.0.0.1", server.port), ("127.0.0.2", server.port)}),
        resolve=lambda host, port: ["127.0.0.2", "127.0.0.1"],
    )
    assert fetch_page(server.url(), guard=closed).title == "How goroutines leak"


def test_an_unknown_site_and_a_closed_port_are_said(server):
    assert "no site 'other.example'" in refused(
        fetch_page, server.url(host="other.example"), guard=guard_for(server)
    )
    server.server_close()
    assert "cannot be reached" in refused(fetch_page, server.url(), guard=guard_for(server))


@pytest.mark.parametrize(
    "inside",
    [
        "http://127.0.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "//[::1]/",
        "http://[::ffff:127.0.0.1]/",
    ],
)
def test_a_redirect_inside_is_refused(fetch, server, inside):
    server.answers["/out"] = (302, {"Location": inside}, "")
    assert "private network" in refused(fetch, "/out")


@pytest.mark.parametrize(
    ("location", "sentence"),
    [
        ("file:///etc/passwd", "should begin with http"),
        ("http://a@site.example/", "holds a user name"),
        ("http://2130706433/", "not the name of a site"),
        ("http://site.example:port/", "not answer as a web server"),
        ("http://site.example:22/", "Port 22"),
    ],
)
def test_a_redirect_to_a_trick_is_refused(fetch, server, location, sentence):
    server.answers["/out"] = (301, {"Location": location}, "")
    assert sentence in refused(fetch, "/out")


def test_three_redirects_are_followed_and_a_loop_is_not(fetch, server):
    for step in range(3):
        server.answers[f"/{step}"] = (302, {"Location": f"/{step + 1}"}, "")
    assert fetch("/0").url == server.url("/3")
    server.answers["/loop"] = (307, {"Location": "/loop"}, "")
    assert "more than 3 times" in refused(fetch, "/loop")
    assert [path for path, _ in server.seen].count("/loop") == 4


def test_a_page_of_3_mb_is_refused_whether_it_says_so_or_not(fetch, server):
    html = {"Content-Type": "text/html"}
    big = PAGE + " " * 3_000_000
    server.answers["/said"] = (200, html | {"Content-Length": str(len(big))}, big)
    server.answers["/unsaid"] = (200, html, big)
    for path in ("/said", "/unsaid"):
        assert "larger than 2 MB" in refused(fetch, path)


def test_a_gzip_bomb_is_refused_before_it_is_unpacked(fetch, server):
    bomb = gzip.compress(b"0" * 60_000_000, compresslevel=1)
    assert len(bomb) < 2_000_000
    headers = {"Content-Type": "text/html", "Content-Encoding": "gzip"}
    server.answers["/bomb"] = (200, headers, bomb)
    assert "larger than 2 MB" in refused(fetch, "/bomb")
    server.answers["/packed"] = (200, {"Content-Type": "text/html"}, bomb)
    assert "No article" in refused(fetch, "/packed")


def test_a_packed_page_is_read_and_a_damaged_or_unasked_packing_refused(fetch, server):
    headers = {"Content-Type": "text/html", "Content-Encoding": "gzip"}
    packed = gzip.compress(PAGE.encode())
    server.answers["/packed"] = (200, headers, packed)
    assert fetch("/packed").title == "How goroutines leak"
    server.answers["/damaged"] = (200, headers, b"no gzip at all")
    assert "damaged" in refused(fetch, "/damaged")
    server.answers["/br"] = (200, headers | {"Content-Encoding": "br"}, b"\x0b")
    assert "'br'" in refused(fetch, "/br")


def drip(*, headers: bool):
    """A byte now and then, for ever: in the headers, or in the page."""

    def answer(handler):
        start = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
        handler.wfile.write(start + (b"X: " if headers else b"\r\n"))
        try:
            while not handler.server.ended.wait(0.02):
                handler.wfile.write(b"a")
        except OSError:
            pass

    return answer


@pytest.mark.parametrize("headers", [True, False])
def test_a_slow_drip_ends_when_the_time_is_up(fetch, server, headers):
    server.answers["/drip"] = drip(headers=headers)
    assert "longer than 0.3 seconds" in refused(fetch, "/drip", seconds=0.3)


def test_a_name_server_that_never_answers_ends_when_the_time_is_up(server):
    def silent(host, port):
        server.ended.wait(5)
        return []

    limits = FetchLimits(seconds=0.2)
    assert "longer than 0.2 seconds" in refused(
        fetch_page, server.url(), guard=guard_for(server, silent), limits=limits
    )


def test_a_page_that_breaks_off_is_refused(fetch, server):
    headers = {"Content-Type": "text/html", "Content-Length": "99999"}
    server.answers["/half"] = (200, headers, PAGE)
    assert "broke off" in refused(fetch, "/half")
    server.answers["/none"] = lambda handler: handler.wfile.write(b"SSH-2.0-OpenSSH\r\n")
    assert "as a web server should" in refused(fetch, "/none")


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (404, "has no such page (404)"),
        (410, "has no such page (410)"),
        (401, "only to its readers (401)"),
        (402, "a paywall"),
        (403, "only to its readers (403)"),
        (429, "asked too often"),
        (500, "answers with an error (500)"),
        (302, "answers with an error (302)"),
    ],
)
def test_an_answer_that_is_no_page_is_explained(fetch, server, status, sentence):
    server.answers["/x"] = (status, {"Content-Type": "text/html"}, PAGE)
    assert sentence in refused(fetch, "/x")


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("application/pdf", "This is a PDF"),
        ("image/png", "'image/png'"),
        ("application/json", "'application/json'"),
        ("text/plain", "'text/plain'"),
        ("", "of no stated type"),
    ],
)
def test_what_is_no_html_is_refused(fetch, server, kind, sentence):
    server.answers["/x"] = (200, {"Content-Type": kind}, PAGE)
    assert sentence in refused(fetch, "/x")


@pytest.mark.parametrize(
    "body",
    [
        "<html><body><script>draw()</script></body></html>",
        "<p>",
        "plain words",
        "\0\0\0",
        "<" * 500,
    ],
)
def test_a_page_without_an_article_is_refused(fetch, server, body):
    server.answers["/x"] = (200, {"Content-Type": "text/html"}, body)
    assert "No article" in refused(fetch, "/x")


def test_a_page_that_would_keep_the_extraction_busy_is_refused(fetch, server):
    busy = "<p>" + "<b><i>x</i></b> " * 60_000
    server.answers["/x"] = (200, {"Content-Type": "text/html"}, busy)
    assert "too many parts" in refused(fetch, "/x")


def test_an_empty_page_is_refused(fetch, server):
    server.answers["/x"] = (200, {"Content-Type": "text/html"}, " \n")
    assert "is empty" in refused(fetch, "/x")


@pytest.mark.parametrize("charset", ["gb18030", "no-such-charset", "utf-8", "rot13", "idna"])
def test_a_wrong_charset_is_passed_over(fetch, server, charset):
    body = PAGE.replace("How goroutines leak", "协程泄漏的诊断方法与实践经验总结")
    server.answers["/x"] = (
        200,
        {"Content-Type": f"text/html; charset={charset}"},
        body.encode("gb18030"),
    )
    assert fetch("/x").title == "协程泄漏的诊断方法与实践经验总结"


def test_a_pages_own_charset_is_read():
    assert decode_html('<meta charset="windows-1251">Привет'.encode("cp1251"), None).endswith(
        "Привет"
    )
    assert decode_html("<meta charset=utf-16>naïve".encode(), None).endswith("naïve")
    assert decode_html("\N{BOM}naïve".encode(), "ascii") == "naïve"


def test_a_paywall_that_shows_a_part_is_noted(fetch, server):
    mark = '<script type="application/ld+json">{"isAccessibleForFree": "False"}</script>'
    server.answers["/x"] = (
        200,
        {"Content-Type": "text/html"},
        PAGE.replace("<nav>", mark + "<nav>"),
    )
    assert "for subscribers" in fetch("/x").note


def test_the_environment_has_no_say_in_the_way(fetch, monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert fetch().title == "How goroutines leak"


def test_settings_forbid_fetching_or_name_the_ports():
    with pytest.raises(FetchError, match="switched off"):
        guard_of_settings({"TAGSMITH_FETCH": "off"})
    assert guard_of_settings({}).ports == {80, 443}
    assert guard_of_settings({"TAGSMITH_FETCH_PORTS": "443, 8443"}).ports == {443, 8443}
    with pytest.raises(ConfigError, match="TAGSMITH_FETCH_PORTS is 'web'"):
        guard_of_settings({"TAGSMITH_FETCH_PORTS": "web"})


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.216.34", "2606:4700:4700::1111"])
def test_public_addresses_are_known_as_such(address):
    assert is_public(address)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate of our own for site.example: (certificate file, key file)."""
    if shutil.which("openssl") is None:
        pytest.skip("the openssl program makes this test's certificate")
    folder = tmp_path_factory.mktemp("certificate")
    files = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt"),
            *("ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"),
            *("-subj", "/CN=site.example", "-addext", "subjectAltName=DNS:site.example"),
            *("-out", files[0], "-keyout", files[1]),
        ],
        check=True,
        capture_output=True,
    )
    return files


def test_a_certificate_must_be_trusted_and_be_the_names_own(server, certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    trusted = ssl.create_default_context(cafile=certificate[0])

    def fetch_as(host, certificates):
        guard = guard_for(server, lambda host, port: ["127.0.0.1"])
        url = f"https://{host}:{server.port}/"
        return fetch_page(url, guard=guard, certificates=certificates)

    assert fetch_as("site.example", trusted).title == "How goroutines leak"
    assert "certificate of site.example" in refused(fetch_as, "site.example", None)
    assert "certificate of other.example" in refused(fetch_as, "other.example", trusted)
    assert {host for _, host in server.seen} == {f"site.example:{server.port}"}


def test_the_command_line_takes_an_address(capsys, monkeypatch):
    monkeypatch.setenv("TAGSMITH_FETCH", "off")
    assert main(["suggest", "--url", "https://site.example/"]) == 2
    assert capsys.readouterr().err == (
        "Fetching addresses is switched off here. Paste the text instead.\n"
    )
