"""Sites on loopback that speak the real forms, with their faults; no test waits or leaves here."""

import io
import json
import threading
import zipfile
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from core.articles.importing import check_source
from core.articles.sources.fetching import fetch_source, pages_folder
from core.articles.sources.forem import Forem
from core.articles.sources.linkedinfo import LinkedInfo
from core.articles.sources.open_articles import Repository, fetch_open_articles, fold_tag
from core.articles.sources.polite import PoliteClient
from core.articles.sources.stackexchange import StackExchange
from core.articles.store.sets import list_sets, read_sources
from core.base.errors import DataError, FetchError
from core.commands.main import main

START = 1_700_000_000.0


class Clock:
    """Time that passes only where somebody waits."""

    def __init__(self):
        self.time, self.waits = START, []

    def sleep(self, seconds):
        self.waits.append(seconds)
        self.time += seconds

    def client(self):
        return PoliteClient(sleep=self.sleep, now=lambda: self.time)


@pytest.fixture
def clock():
    return Clock()


class Site:
    """answer: path and query -> value or bytes; faults: answers that come first, in order."""

    def __init__(self):
        self.asked, self.faults, self.answer = [], [], None

    def reply(self, path, query):
        self.asked.append((path, query))
        if self.faults:
            return self.faults.pop(0)
        return 200, {}, self.answer(path, query)


@pytest.fixture
def site():
    made = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            url = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(url.query).items()}
            status, headers, value = made.reply(url.path, query)
            body = value if isinstance(value, bytes) else json.dumps(value).encode()
            self.send_response(status)
            for name, text in ({"Content-Length": str(len(body))} | headers).items():
                self.send_header(name, text)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
    made.address = f"http://127.0.0.1:{server.server_port}"
    yield made
    server.shutdown()
    server.server_close()


def infos(count):
    """LinkedInfo's pages of `count` articles, as its client used them."""

    def answer(path, query):
        if path == "/tag-map":
            return {"golang": "go", "k8s": "kubernetes"}
        start, size = int(query["offset"]), int(query["quantify"])
        return {"content": [info(n) for n in range(start, min(start + size, count))]}

    return answer


def info(n):
    return {
        "title": f"Title {n}",
        "description": f"Description {n}",
        "url": f"https://example.com/{n}",
        "language": "cn" if n % 2 else "en",
        "tags": [{"tagID": "golang", "label": "Go"}, {"tagID": "web", "label": "Web"}],
        "creators": [{"label": "Somebody"}],
    }


def test_linkedinfo_is_read_to_its_short_page_with_its_alias_map(site, clock):
    site.answer = infos(25)
    info, report = fetch_source(LinkedInfo(address=site.address), "li", clock.client())
    assert (info.articles, report.bad_count) == (25, 0)
    articles = read_sources(["li"])
    assert articles[1].tags == ("go", "web")
    assert [a.language for a in articles[:2]] == ["en", "zh"]
    offsets = [query["offset"] for path, query in site.asked if path == "/infos"]
    assert offsets == ["0", "10", "20"]
    assert [path for path, _ in site.asked].count("/tag-map") == 1
    assert min(clock.waits) > 0.9  # between any two questions


def test_linkedinfos_full_texts_are_asked_for_by_address(site, clock):
    site.answer = infos(3)
    source = LinkedInfo(fulltext=True, address=site.address, fulltext_of=lambda url: f"of {url}")
    fetch_source(source, "li", clock.client())
    assert read_sources(["li"])[2].fulltext == "of https://example.com/2"


def test_a_file_of_linkedinfos_form_is_imported_as_it_is(tmp_path):
    path = tmp_path / "infos.json"
    path.write_text(json.dumps({"content": [info(n) | {"fulltext": "x"} for n in range(12)]}))
    report = check_source(str(path))
    assert (report.articles, report.tag_counts) == (12, {"golang": 12, "web": 12})


@pytest.mark.parametrize("stopped_at", range(1, 21))
def test_a_fetch_that_is_interrupted_goes_on_without_gaps_or_doubles(site, clock, stopped_at):
    site.answer = infos(205)
    source = LinkedInfo(address=site.address)

    class StoppedError(BaseException): ...

    pages = []

    def stop(*_):
        pages.append(1)
        if len(pages) == stopped_at:
            raise StoppedError

    with pytest.raises(StoppedError):
        fetch_source(source, "li", clock.client(), progress=stop)
    assert [info.name for info in list_sets()] == ["sample"]
    site.asked.clear()
    fetch_source(source, "li", clock.client())
    asked = [int(query["offset"]) for path, query in site.asked if path == "/infos"]
    assert asked == list(range(stopped_at * 10, 201, 10))
    assert [a.title for a in read_sources(["li"])] == [f"Title {n}" for n in range(205)]
    assert not pages_folder(source).exists()


@pytest.mark.parametrize(
    ("fault", "wait"),
    [
        ((429, {"Retry-After": "17"}, {}), 17.0),
        ((429, {"Retry-After": formatdate(START + 60, usegmt=True)}, {}), 60.0),
        ((500, {}, b"oops"), 2.0),
        ((503, {"Retry-After": "nonsense"}, {}), 2.0),
        ((200, {}, b'{"content": [{'), 2.0),
    ],
)
def test_a_passing_fault_is_waited_out(site, clock, fault, wait):
    site.answer = infos(5)
    site.faults = [fault]
    fetch_source(LinkedInfo(address=site.address), "li", clock.client())
    assert len(read_sources(["li"])) == 5
    assert clock.waits[0] == pytest.approx(wait, abs=1.5)


def test_a_lasting_fault_ends_in_a_sentence_and_what_was_fetched_stays(site, clock):
    site.answer = infos(25)
    source = LinkedInfo(address=site.address)
    whole = site.answer
    site.answer = lambda path, query: b"{" if query.get("offset") == "20" else whole(path, query)
    with pytest.raises(FetchError, match=r"answers with broken JSON, 5 times\. Start again later"):
        fetch_source(source, "li", clock.client())
    assert len(list(pages_folder(source).glob("0*.json"))) == 2
    site.answer = whole
    fetch_source(source, "li", clock.client())
    assert len(read_sources(["li"])) == 25


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ((404, {}, {"error_message": "no such site"}), r"refuses \(404\): no such site"),
        ((429, {"Retry-After": "7200"}, {}), "asks to wait 120 minutes"),
        ((200, {}, {"nothing": 1}), "no list of articles"),
    ],
)
def test_a_refusal_is_said_at_once(site, clock, fault, sentence):
    site.faults = [fault]
    with pytest.raises(FetchError, match=sentence):
        fetch_source(LinkedInfo(address=site.address), "li", clock.client())
    assert len(site.asked) == 1


def test_an_empty_page_and_a_page_that_comes_twice_change_nothing(site, clock):
    """Forem shifts while it is read: the second page repeats half of the first."""

    def item(n):
        return {
            "id": n,
            "title": f"T{n}",
            "description": f"D{n}",
            "tag_list": ["go", "webdev"],
            "url": f"https://dev.to/{n}",
            "published_at": "2024-05-06T07:08:09Z",
            "user": {"name": "N"},
        }

    pages = {"1": range(0, 100), "2": range(50, 150), "3": range(0)}
    site.answer = lambda path, query: [item(n) for n in pages[query["page"]]]
    info, report = fetch_source(Forem(tag="go", address=site.address), "devto", clock.client())
    assert (info.articles, report.bad_count) == (150, 0)
    first = read_sources(["devto"])[0]
    assert (first.id, first.tags, str(first.published)) == (
        "forem-0",
        ("go", "webdev"),
        "2024-05-06",
    )
    assert {query["tag"] for _, query in site.asked} == {"go"}


EMPTY = {
    "forem": [],
    "stackexchange": {"items": [], "has_more": False, "quota_remaining": 9},
    "linkedinfo": {"content": []},
}


def one_article(kind):
    """Answers of a site that has one article."""

    def answer(path, query):
        if path == "/tag-map":
            return {}
        if kind == "forem":
            return [{"id": 1, "title": "T", "tag_list": ["go"]}] if query["page"] == "1" else []
        if kind == "stackexchange":
            return {"items": [{"question_id": 1, "title": "T", "tags": ["go"]}]}
        return {"content": [info(1)]}

    return answer


@pytest.mark.parametrize("kind", EMPTY)
def test_a_fetch_of_nothing_is_a_sentence_and_a_later_fetch_asks_again(
    site, clock, kind, capsys, home, monkeypatch
):
    monkeypatch.setattr("core.articles.sources.polite.PoliteClient", clock.client)
    site.answer = lambda path, query: EMPTY[kind]
    order = ["data", "fetch", kind, "--name", "new", "--address", site.address]
    order += ["--tag", "nosuch"] if kind != "linkedinfo" else []  # which takes all articles
    for _ in range(2):
        assert main(order) == 2
        (sentence,) = capsys.readouterr().err.splitlines()
        assert "the site has no such article" in sentence
    assert [info.name for info in list_sets()] == ["sample"]
    assert not list((home / "cache").rglob("*.json"))
    site.answer = one_article(kind)
    assert main(order) == 0
    assert len(read_sources(["new"])) == 1


def test_an_empty_page_that_was_kept_before_is_asked_for_again(site, clock):
    source = Forem(address=site.address)
    pages_folder(source).mkdir(parents=True)
    page = {"cursor": "1", "next": "", "total": 0, "rows": []}
    (pages_folder(source) / "000001.json").write_text(json.dumps(page))
    site.answer = one_article("forem")
    assert fetch_source(source, "new", clock.client())[0].articles == 1


def test_pages_without_a_usable_article_are_not_kept(site, clock):
    source = Forem(address=site.address)
    site.answer = lambda path, query: [{"id": 1, "title": ""}] if query["page"] == "1" else []
    with pytest.raises(DataError, match="none of its rows is usable"):
        fetch_source(source, "new", clock.client())
    assert not pages_folder(source).exists()


def test_pages_of_an_earlier_longer_fetch_are_left_out_of_a_shorter_one(site, clock):
    site.answer = infos(40)
    source = LinkedInfo(address=site.address)

    def stop(step, done, total, unit):
        if done == 30:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch_source(source, "li", clock.client(), progress=stop)
    assert fetch_source(source, "li", clock.client(), most=10)[0].articles == 10


def test_a_site_that_sends_empty_pages_without_end_is_left(site, clock):
    site.answer = lambda path, query: {"items": [], "has_more": True}
    with pytest.raises(FetchError, match="one empty page after another"):
        fetch_source(StackExchange(address=site.address), "so", clock.client())


@pytest.mark.parametrize("broken", [b"no zip", "no posts"])
def test_an_archive_without_posts_is_fetched_again(site, clock, broken):
    def archive(names):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as out:
            for name in names:
                out.writestr(f"repo-main/{name}", "---\ntitle: Post\ntags: [go]\n---\nText")
        return packed.getvalue()

    site.answer = lambda path, query: archive(["moved/a.md"]) if broken == "no posts" else broken
    repositories = [Repository("demo", f"{site.address}/a.zip", "posts", "CC BY 4.0")]
    with pytest.raises(DataError):
        fetch_open_articles("open", clock.client(), repositories=repositories)
    site.answer = lambda path, query: archive(["posts/a.md"])
    info, _ = fetch_open_articles("open", clock.client(), repositories=repositories)
    assert info.articles == 1


def test_a_publisher_without_posts_is_counted_and_the_others_are_kept(site, clock):
    def answer(path, query):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as out:
            folder = "posts" if path == "/a.zip" else "moved"
            out.writestr(f"repo-main/{folder}/a.md", "---\ntitle: P\ntags: [go]\n---\nText")
        return packed.getvalue()

    site.answer = answer
    repositories = [Repository(n, f"{site.address}/{n}.zip", "posts", "MIT") for n in ("a", "b")]
    info, report = fetch_open_articles("open", clock.client(), repositories=repositories)
    assert (info.articles, report.bad_count) == (1, 1)
    assert "has no tagged posts in posts" in str(report.bad_rows[0])


@pytest.mark.parametrize("content", [[], ["README.md"], ["notes.txt"]])
def test_a_folder_without_posts_is_a_sentence(tmp_path, content, capsys):
    folder = tmp_path / "blog"
    folder.mkdir()
    for name in content:
        (folder / name).write_text("")
    assert main(["data", "import", str(folder), "--name", "blog"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_stack_exchange_waits_its_backoff_and_drops_code_if_asked(site, clock):
    def answer(path, query):
        page = int(query["page"])
        return {
            "items": [
                {
                    "question_id": page * 10 + n,
                    "title": "Why &lt;b&gt;?",
                    "body": "<p>Some text</p><pre><code>x = 1</code></pre>",
                    "tags": ["python"],
                    "link": f"https://stackoverflow.com/q/{page * 10 + n}",
                    "creation_date": 1_700_000_000,
                    "content_license": "CC BY-SA 4.0",
                }
                for n in range(3)
            ],
            "has_more": page < 2,
            "backoff": 30 if page == 1 else None,
            "quota_remaining": 10,
        }

    site.answer = answer
    source = StackExchange(tag="python", keep_code=False, address=site.address)
    fetch_source(source, "so", clock.client())
    articles = read_sources(["so"])
    assert len(articles) == 6
    assert (articles[0].title, articles[0].fulltext) == ("Why <b>?", "Some text")
    assert articles[0].source == "stackoverflow, CC BY-SA 4.0"
    assert 30.0 in [round(wait) for wait in clock.waits]
    assert site.asked[0][1]["filter"] == "withbody"


def test_a_used_up_quota_is_said(site, clock):
    site.answer = lambda path, query: {"items": [], "has_more": True, "quota_remaining": 0}
    with pytest.raises(FetchError, match="Today's quota"):
        fetch_source(StackExchange(address=site.address), "so", clock.client())


def test_a_dump_is_streamed_question_by_question(tmp_path):
    rows = "".join(
        f'<row Id="{n}" PostTypeId="{1 if n % 2 else 2}" Title="T{n}" '
        f'Body="&lt;p&gt;Body {n}&lt;/p&gt;" Tags="&lt;go&gt;&lt;web&gt;" '
        'CreationDate="2010-01-02T03:04:05"/>\n'
        for n in range(1, 1001)
    )
    path = tmp_path / "Posts.xml"
    path.write_text(f'<?xml version="1.0" encoding="utf-8"?>\n<posts>\n{rows}</posts>')
    report = check_source(str(path))
    assert (report.articles, report.tag_counts) == (500, {"go": 500, "web": 500})
    path.write_text(f"<posts>\n{rows}")
    with pytest.raises(DataError, match="is not XML in line"):
        check_source(str(path))
    path.write_text('<!DOCTYPE x [<!ENTITY a "aaaa">]><posts>&a;</posts>')
    with pytest.raises(DataError, match="declares entities"):
        check_source(str(path))


def test_the_ready_made_set_keeps_credit_folds_tags_and_fetches_an_archive_once(site, clock):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as out:
        for n in range(4):
            head = f"---\ntitle: Post {n}\ntags: [Golang, K8s, golang]\n---\nText {n}"
            out.writestr(f"repo-main/posts/{n}.md", head)
        out.writestr("repo-main/posts/untagged.md", "---\ntitle: None\n---\nText")
        out.writestr("repo-main/README.md", "---\ntitle: R\ntags: [x]\n---\n")
        out.writestr("repo-main/docs/a.md", "---\ntitle: D\ntags: [x]\n---\n")
    site.answer = lambda path, query: archive.getvalue()
    repositories = [Repository("demo", f"{site.address}/a.zip", "posts", "CC BY 4.0")]
    for _ in range(2):
        info, _ = fetch_open_articles(
            "open", clock.client(), repositories=repositories, replace=True
        )
    assert (info.articles, len(site.asked)) == (4, 1)
    first = read_sources(["open"])[0]
    assert (first.id, first.source) == ("demo/posts/0.md", "demo, CC BY 4.0")
    assert first.tags == (fold_tag("Golang"), fold_tag("k8s")) == ("go", "kubernetes")


def test_a_second_fetch_of_the_same_pages_waits_its_turn_in_words(site, clock):
    """The first one removes the pages at its end, which the second would miss in its set."""
    answer, sentences = infos(25), []

    def answer_and_fetch_again(path, query):
        if query.get("offset") == "20" and not sentences:
            sentences.append("")
            try:
                fetch_source(LinkedInfo(address=site.address), "other", clock.client())
            except FetchError as error:
                sentences[0] = str(error)
        return answer(path, query)

    site.answer = answer_and_fetch_again
    info, _ = fetch_source(LinkedInfo(address=site.address), "li", clock.client())
    assert info.articles == 25
    assert "is being fetched with the same settings already" in sentences[0]
    assert [one.name for one in list_sets()] == ["sample", "li"]
    again, _ = fetch_source(LinkedInfo(address=site.address), "other", clock.client())
    assert again.articles == 25
