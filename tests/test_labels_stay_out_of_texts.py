"""A tag that is planted in each source and form is found among the tags and in no text."""

import json
import sqlite3
from dataclasses import replace

import pandas as pd
import pytest

from core.articles.importing import import_source
from core.articles.sources.fetching import fetch_source
from core.articles.sources.forem import Forem
from core.articles.sources.linkedinfo import LinkedInfo
from core.articles.sources.polite import PoliteClient
from core.articles.sources.stackexchange import StackExchange
from core.articles.store.sets import keep_articles, read_sources
from core.commands.main import main
from core.fetch.text import read_page
from core.runs.experiment import run_experiment
from core.suggest.dropped import read_dropped
from tests.test_blog_forms import FORMS, WRITTEN

PLANTED = "zqxplanted"
WORDS = "Goroutines leak when nobody reads from a channel, and the profiler finds them. " * 6
ROW = {"id": "1", "title": "Leaks", "description": "On leaks", "fulltext": WORDS, "tags": PLANTED}
POST = replace(WRITTEN[0], tags=(PLANTED, "go"), body=f"{WORDS}\n", text=WORDS)

# Heads with the tag under each name that makes it one, and bodies whose own lines hold it.
PLACES = {
    "tags": f"---\ntitle: A\ntags: [{PLANTED}]\n---\n{WORDS}",
    "categories": f"---\ntitle: A\ncategories:\n- [{PLANTED}, x]\n---\n{WORDS}",
    "keywords": f"---\ntitle: A\nkeywords: {PLANTED}\n---\n{WORDS}",
    "topics": f"---\ntitle: A\ntopics: {PLANTED}\n...\n{WORDS}",
    "taxonomies": f"+++\ntitle='A'\n[taxonomies]\ncategories=['{PLANTED}']\n+++\n{WORDS}",
    "hexo": f"title: A\ntags: [{PLANTED}]\n---\n{WORDS}",
    "semicolons": f'"title": "A",\n"tags": ["{PLANTED}"]\n;;;\n{WORDS}',
    "json": f'{{"title": "A", "tags": ["{PLANTED}"]}}\n{WORDS}',
    "pelican": f"Title: A\nTags: go, {PLANTED}\n\n{WORDS}",
    "byte order mark": f"\ufeff---\r\ntitle: A\r\ntags: [{PLANTED}]\r\n---\r\n{WORDS}",
    "hashtags": f"---\ntitle: A\n---\n{WORDS}\n\n#go #{PLANTED}",
    "a line of tags": f"# A\n\nTags: go, {PLANTED}\n\n{WORDS}",
}


def texts_of(article):
    return " ".join((article.title, article.description, article.fulltext))


def assert_only_a_label(articles):
    assert articles
    for article in articles:
        assert PLANTED in article.tags
        assert PLANTED not in texts_of(article)
        assert "nobody reads" in article.fulltext


def imported(path):
    import_source(str(path), "planted", replace_set=True)
    return read_sources(["planted"])


def write_rows(path, row):
    frame = pd.DataFrame([row])
    kind = path.suffix
    if kind == ".sqlite":
        with sqlite3.connect(path) as connection:
            frame.to_sql("articles", connection, index=False)
    elif kind == ".parquet":
        frame.to_parquet(path)
    elif kind == ".xlsx":
        frame.to_excel(path, index=False)
    elif kind in (".csv", ".tsv"):
        frame.to_csv(path, index=False, sep="\t" if kind == ".tsv" else ",")
    else:
        frame.to_json(path, orient="records", lines=kind == ".jsonl")
    return path


@pytest.mark.parametrize("head", [False, True])
@pytest.mark.parametrize("kind", ["csv", "tsv", "json", "jsonl", "xlsx", "parquet", "sqlite"])
def test_no_table_puts_its_tags_into_a_text(kind, head, tmp_path):
    """head: its full texts are Markdown as an editor has it."""
    row = dict(ROW)
    if head:
        row["body_markdown"] = f"---\ntitle: A\ntags: {PLANTED}, go\n---\n\n{row.pop('fulltext')}"
    assert_only_a_label(imported(write_rows(tmp_path / f"a.{kind}", row)))


def test_no_question_of_a_dump_holds_its_tags(tmp_path):
    body = f"&lt;p&gt;{WORDS}&lt;/p&gt;"
    row = f'<row Id="1" PostTypeId="1" Title="T" Body="{body}" Tags="&lt;{PLANTED}&gt;"/>'
    (tmp_path / "Posts.xml").write_text(f"<posts>{row}</posts>")
    assert_only_a_label(imported(tmp_path / "Posts.xml"))


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_no_post_of_any_site_builder_holds_its_tags(form, tmp_path):
    name, text = form(POST)
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text(text)
    assert_only_a_label(imported(tmp_path))
    dropped = read_dropped(name, text.encode())
    assert dropped.title == POST.title
    assert PLANTED not in dropped.text and "nobody reads" in dropped.text


@pytest.mark.parametrize("place", PLACES)
def test_no_place_for_tags_in_a_post_is_text(place, tmp_path):
    (tmp_path / "a.md").write_text(PLACES[place])
    assert_only_a_label(imported(tmp_path))
    dropped = read_dropped("a.md", PLACES[place].encode())
    assert (dropped.title, PLANTED in dropped.text) == ("A", False)
    assert "nobody reads" in dropped.text


def test_a_dropped_post_whose_head_is_broken_loses_it_all_the_same():
    page = read_dropped("a.md", f"---\ntitle: [\ntags: {PLANTED}\n---\n{WORDS}".encode())
    assert PLANTED not in page.text and page.text.startswith("Goroutines")


class Answers(PoliteClient):
    """A client that asks nobody."""

    def __init__(self, answers):
        super().__init__()
        self.answers = answers

    def get_json(self, address, parameters=None):
        return next(a for end, a in self.answers.items() if address.endswith(end))

    def wait(self, seconds):
        pass


def page_with(tags):
    return (
        f'<html><head><title>Leaks</title><meta name="keywords" content="{PLANTED}"></head><body>'
        f"<article><h1>Leaks</h1><p>{WORDS}</p><p>{WORDS}</p>{tags}</article></body></html>"
    )


@pytest.mark.parametrize(
    "tags",
    [
        "",
        f'<p>In <a rel="tag" href="/t">{PLANTED}</a></p>',
        f'<p>In <a rel="category tag" href="/t">{PLANTED}</a></p>',
        f'<p>Tags: <a href="/t">{PLANTED}</a>, <a href="/go">go</a></p>',
        f"<p>#{PLANTED} #go</p>",
        f'<p><span itemprop="keywords">{PLANTED}</span></p>',
        f'<ul class="tags"><li><a href="/t">{PLANTED}</a></li></ul>',
        f'<script type="application/ld+json">{{"keywords": "{PLANTED}"}}</script>',
        f'<p class="article-tag">{PLANTED}</p>',
        f'<div class="card post-tags wide"><span>{PLANTED}</span></div>',
        f'<p class="p-category">{PLANTED}</p>',
        f'<div><span class="Tag__label tag">{PLANTED}</span></div>',
        f'<p><a href="/tags/x/">{PLANTED}</a>, <a href="/tags/go/">go</a></p>',
        f'<p><a href="https://blog.example/tag/{PLANTED}">{PLANTED}</a></p>',
        f'<p class="filed-under">Filed under <a href="/category/x">{PLANTED}</a></p>',
    ],
)
def test_no_web_page_s_tags_are_text(tags):
    page = read_page(page_with(tags), "")
    assert PLANTED not in page.title + page.description + page.text
    assert "nobody reads" in page.text


@pytest.mark.parametrize(
    "words",
    [
        f'<p>A note on <a href="/tags/x">{PLANTED}</a> and what it is good for.</p>',
        f'<p class="stage tagline">{PLANTED} is said here, in a sentence.</p>',
        f'<pre><code>print(<span class="token tag">{PLANTED}</span>)</code></pre>',
        f'<div class="content category-go"><p>{PLANTED} is the subject of it all.</p></div>',
    ],
)
def test_words_of_a_web_page_that_only_resemble_a_tag_are_text(words):
    assert PLANTED in read_page(page_with(words), "").text


FOREM = {
    "id": 7,
    "title": "Leaks",
    "description": "On leaks",
    "tag_list": [PLANTED],
    "body_markdown": f"---\ntitle: Leaks\npublished: true\ntags: {PLANTED}, go\n---\n\n{WORDS}",
}
LINKED = {"key": "1", "title": "L", "description": "D", "url": "u", "tags": [{"tagID": PLANTED}]}
ASKED = {"question_id": 1, "title": "L", "body": f"<p>{WORDS}</p>", "tags": [PLANTED]}
FETCHED = {
    "forem": (Forem(fulltext=True), {"/articles": [FOREM], "/articles/7": FOREM}),
    "stack exchange": (StackExchange(), {"/questions": {"items": [ASKED], "has_more": False}}),
    "linkedinfo": (
        LinkedInfo(fulltext=True, fulltext_of=lambda url: read_page(page_with(""), url).text),
        {"/infos": {"content": [LINKED]}, "/tag-map": {}},
    ),
}


@pytest.mark.parametrize("source", FETCHED)
def test_no_fetched_article_holds_its_tags(source, monkeypatch):
    asked, answers = FETCHED[source]
    if source == "forem":  # has no end but an empty page
        pages = iter([[FOREM], []])
        client = Answers(answers)
        ask = client.get_json
        client.get_json = lambda a, p=None: next(pages) if a.endswith("/articles") else ask(a, p)
    else:
        client = Answers(answers)
    fetch_source(asked, "fetched", client)
    assert_only_a_label(read_sources(["fetched"]))


def test_suggest_reads_a_post_as_its_title_and_text(capsys, tmp_path, articles, store, tiny_config):
    keep_articles("small", articles)
    config = tiny_config.model_copy(
        update={"data": tiny_config.data.model_copy(update={"sources": ("small",)})}
    )
    run_experiment(config, store, articles=read_sources(["small"]))

    def answer(*arguments):
        assert not main(["suggest", *arguments, "--json"])
        return json.loads(capsys.readouterr().out)

    text = "how a goroutine blocks on a channel"
    expected = answer("--title", "Pprof finds it", "--text", text)
    heads = (
        "+++\ntitle = 'Pprof finds it'\ntags = ['react', 'css']\n+++\n",
        "---\ntitle: Pprof finds it\ntags: [react, css]\n---\n",
        "Title: Pprof finds it\nTags: react, css\n\n",
        "# Pprof finds it\n\n",
    )
    for head in heads:
        (tmp_path / "post.md").write_text(head + text)
        assert answer("--file", str(tmp_path / "post.md")) == expected
    own = answer("--title", "Mine", "--file", str(tmp_path / "post.md"))
    assert own == answer("--title", "Mine", "--text", text)
