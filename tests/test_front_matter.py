"""Heads of posts: what is written there is what title, tags and day say."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.articles.sources.front_matter import FrontMatterError, body_of, parse_post
from core.articles.sources.posts import is_draft, post_cells


def cells_of(text, place="posts/a.md"):
    return post_cells(parse_post(text), place)


def tags_in(head, place="posts/a.md"):
    return cells_of(f"---\ntitle: One\n{head}\n---\nText.", place)["tags"]


# What YAML 1.1 takes for truth values, numbers (octal, base 60, floating) and dates.
YAML_1_1 = [
    "no",
    "yes",
    "on",
    "off",
    "y",
    "n",
    "true",
    "False",
    "NO",
    "On",
    "0123",
    "1e3",
    "12:30",
    "190:20:30",
    "0x1F",
    "1_000",
    ".5",
    "1.10",
    "2020-01-01",
    "null",
    "Null",
    ".inf",
    "0b11",
    "3.0",
]


@pytest.mark.parametrize("tag", YAML_1_1)
def test_a_tag_is_the_text_that_was_written(tag):
    assert tags_in(f"tags: [go, {tag}]") == ["go", tag]
    assert tags_in(f"tags:\n- {tag}\n- go") == [tag, "go"]
    assert tags_in(f"tags: go, {tag}") == ["go", tag]


@settings(max_examples=200, deadline=None)
@given(st.from_regex(r"[a-z0-9.+_:-]{0,8}[a-z0-9]", fullmatch=True))
def test_any_plain_word_between_quotes_or_without_them_is_the_same_tag(word):
    quoted = tags_in(f'tags: ["{word}"]')
    assert quoted == [word]
    try:
        assert tags_in(f"tags: [{word}]") in (quoted, [])
    except FrontMatterError:
        assert word[0] in "-.:"


@pytest.mark.parametrize(
    ("head", "place", "tags"),
    [
        ("tags: go web api", "_posts/2020-01-05-a.md", ["go", "web", "api"]),
        ("tags: go web api", "site/ops/_posts/2020-01-05-a.markdown", ["go", "web", "api"]),
        ("tags: go web", "source/_posts/2012-03-04-a.markdown", ["go", "web"]),  # Octopress
        ("categories: go web", "_posts/2020-01-05-a.md", ["go", "web"]),
        ("tags: machine learning, go", "_posts/2020-01-05-a.md", ["machine learning", "go"]),
        ("tag: machine learning", "_posts/2020-01-05-a.md", ["machine learning"]),
        ("tags: [machine learning]", "_posts/2020-01-05-a.md", ["machine learning"]),
        ("tags: machine learning", "content/posts/a.md", ["machine learning"]),  # Hugo
        ("tags: machine learning", "source/_posts/a.md", ["machine learning"]),  # Hexo
        ("tags: machine learning", "source/_posts/2020-01-05-a.md", ["machine learning"]),
        ("tags: ['a, b', c]", "a.md", ["a, b", "c"]),
        ("tags: a; b", "a.md", ["a", "b"]),
        ("tags: 前端、性能", "a.md", ["前端", "性能"]),
        ("tags:\n- label: Web API\n  permalink: /web\n- go", "a.md", ["Web API", "go"]),
        ("tags:\n- {name: go}\n- {slug: web}", "a.md", ["go", "web"]),
        ("tags:\n- C#: the language", "a.md", ["C#: the language"]),
        ("tags: {go: , web: }", "a.md", ["go", "web"]),
        ("tags:\n  Tech: [go, web]\n  Other: x", "a.md", ["go", "web", "x"]),
        (
            "categories:\n- [Sports, Baseball]\n- [MLB, [Boston]]\n- Rivalries",
            "a.md",
            ["Sports", "Baseball", "MLB", "Boston", "Rivalries"],
        ),
        ("tags: [go]\ncategories: [db]\ntopics: [api]", "a.md", ["go", "db", "api"]),
        ("topics: [api, web]", "a.md", ["api", "web"]),
        ("topic: api", "a.md", ["api"]),
        ("Tags: [go]\nKEYWORDS: [x]", "a.md", ["go"]),
        ("keywords: [x, y]", "a.md", ["x", "y"]),
        ("tags: ['#go', 'c#']", "a.md", ["go", "c#"]),
        ("tags: '#go #web/api'", "a.md", ["go", "web/api"]),
        ("tags: null", "a.md", []),
        ("tags: ~\nkeywords: [x]", "a.md", ["x"]),
        ("tags: []", "a.md", []),
        ("tags: [go, go, ' go ']", "a.md", ["go"]),
        ("base: &b [go, web]\ntags: *b", "a.md", ["go", "web"]),
        ("x: &b go\ntags: [*b, web]", "a.md", ["go", "web"]),
        ("x: &b {tags: [go]}\n<<: *b", "a.md", ["go"]),
    ],
)
def test_tags_are_parted_as_the_site_builder_parts_them(head, place, tags):
    assert tags_in(head, place) == tags


@pytest.mark.parametrize(
    ("text", "title", "tags", "body"),
    [
        ("---\ntitle: A\ntags: [x]\n...\nText", "A", ["x"], "Text"),
        ("---\ntitle: A\ntext: |\n  one\n  ---\n  two\ntags: [x]\n---\nText", "A", ["x"], "Text"),
        ("-----\ntitle: A\ntags: [x]\n-----\nText", "A", ["x"], "Text"),
        ("\ufeff---\r\ntitle: A\r\ntags: [x]\r\n---\r\nText\r\n", "A", ["x"], "Text"),
        ("---   \ntitle: A\ntags: [x]\n---  \nText", "A", ["x"], "Text"),
        ("\n\n---\ntitle: A\ntags: [x]\n---\nText", "A", ["x"], "Text"),
        ("title: A\ntags:\n- x\n---\nText\n\n---\nmore", "A", ["x"], "Text\nmore"),
        ('"title": "A",\n"tags": ["x"]\n;;;\nText', "A", ["x"], "Text"),
        (';;;\n"title": "A",\n"tags": ["x"],\n;;;\nText', "A", ["x"], "Text"),
        ('{\n  "title": "A",\n  "tags": ["x", 2020]\n}\nText', "A", ["x", "2020"], "Text"),
        ('{"title": "A", "tags": ["x"]}\n{{< figure >}}\nText', "A", ["x"], "Text"),
        (
            "Title: A: the b\nDate: 2020-01-02\nTags: x, y z\n\nText",
            "A: the b",
            ["x", "y z"],
            "Text",
        ),
        ("Title: A\nTags: x, y;\n  z\n\nText", "A", ["x", "y", "z"], "Text"),
        ("title:A\ntags:x\n\nText", "A", ["x"], "Text"),
        ("---\nTitle: A: the b\nTags: x, y\n---\nText", "A: the b", ["x", "y"], "Text"),
        ("---\ntitle: @a decorates\ntags: x\n---\nText", "@a decorates", ["x"], "Text"),
        ("+++\ntitle = 'A'\ntags = ['x', 1.10]\n+++\nText", "A", ["x", "1.10"], "Text"),
        ("+++\ntitle = 'A'\n[taxonomies]\nTags = ['x']\n+++\nText", "A", ["x"], "Text"),
        ("Title: A\nTags: x\n\n- one\n- two\n\n---\n", "A", ["x"], "one\ntwo"),
        ("---\n---\n# A\nText", "A", [], "A\nText"),
        # No heads: prose that begins with a word and a colon, a list, a template.
        ("Note: this is text\n\nmore", "a", [], "Note: this is text\nmore"),
        ("Date: today I went\n\nmore", "a", [], "Date: today I went\nmore"),
        ("Warning: a heading\n---\nText", "Warning: a heading", [], "Warning: a heading\nText"),
        ("{% include a.html %}\nText", "a", [], "Text"),
    ],
)
def test_every_form_of_a_head_is_read_and_never_stays_in_the_text(text, title, tags, body):
    cells = cells_of(text)
    assert (cells["title"], cells["tags"], cells["fulltext"]) == (title, tags, body)


@pytest.mark.parametrize(
    ("head", "place", "day"),
    [
        ("", "_posts/2020-01-05-a-title.md", "2020-01-05"),
        ("", "blog/2019-05-30-welcome/index.md", "2019-05-30"),
        ("", "blog/2019/05/30/welcome.mdx", "2019-05-30"),
        ("", "posts/2020-13-05-a.md", ""),
        ("date: 2021-02-03", "_posts/2020-01-05-a.md", "2021-02-03"),
        ("date: 2021/2/3 10:00:00", "a.md", "2021-02-03"),
        ("date: 2021-02-03T23:30:00-08:00", "a.md", "2021-02-03"),
        ("date: 3 February 2021", "a.md", "2021-02-03"),
        ("pubDate: Feb 03 2021", "a.md", "2021-02-03"),
        ("publishDate: 2021-02-03", "a.md", "2021-02-03"),
        ("published: true\ndate: 2021-02-03", "a.md", "2021-02-03"),
        ("date: February 2021", "a.md", ""),
        ("date: 03/02/2021", "a.md", ""),
        ("date: soon", "a.md", ""),
        ("date: 2021-02-31", "a.md", ""),
    ],
)
def test_the_day_comes_from_the_head_or_the_name_and_is_never_made_up(head, place, day):
    assert cells_of(f"---\ntitle: A\n{head}\n---\nText", place)["published"] == day


@pytest.mark.parametrize(
    ("body", "place", "title"),
    [
        ("```\n# comment\n```\n\n# Real `x` title {#id}\n", "a.md", "Real x title"),
        ("A title\n=======\n\nText", "a.md", "A title"),
        ("## Second level first\n\nText", "a.md", "Second level first"),
        ("Text\n\n## Later\n", "posts/my-name.md", "my-name"),
        ("Text", "_posts/2020-01-05-my-first-post.md", "My First Post"),
        ("Text", "posts/goroutines/index.en.md", "goroutines"),
    ],
)
def test_a_post_without_a_title_is_named_by_its_heading_or_its_file(body, place, title):
    assert cells_of(f"---\ntags: [x]\n---\n{body}", place)["title"] == title


@pytest.mark.parametrize(
    ("head", "creators"),
    [
        ("author: Bee, Ann", ["Bee, Ann"]),
        ("authors: Ann, Cy", ["Ann", "Cy"]),
        ("authors: [Ann Bee, Cy]", ["Ann Bee", "Cy"]),
        ("authors:\n- {name: Ann, title: Lead}\n- cy", ["Ann", "cy"]),
        ("author: {name: Ann, url: x}", ["Ann"]),
        ("author:", []),
    ],
)
def test_authors_are_named_one_by_one(head, creators):
    assert cells_of(f"---\ntitle: A\n{head}\n---\nText")["creators"] == creators


@pytest.mark.parametrize(
    ("head", "draft"),
    [
        ("draft: true", True),
        ("draft: yes", True),
        ("published: false", True),
        ("Status: draft", True),
        ("unlisted: true", True),
        ("draft: false", False),
        ("published: 2020-01-01", False),
        ("status: published", False),
    ],
)
def test_drafts_are_told_by_each_builder_s_own_word(head, draft):
    assert is_draft(parse_post(f"---\ntitle: A\n{head}\n---\n"), "a.md") is draft


def test_aliases_that_multiply_or_turn_in_a_circle_end_at_once():
    lists = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lists += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    started = time.process_time()
    with pytest.raises(FrontMatterError, match="more than 1,000 tags"):
        tags_in("\n".join([*lists, "tags: [*a3]"]))
    assert tags_in("\n".join([*lists, "tags: [*a8]"])) == []  # deeper than any list of tags
    with pytest.raises(FrontMatterError):
        tags_in("tags: &t [go, *t]")
    with pytest.raises(FrontMatterError, match="100,000 characters"):
        tags_in("tags: [" + "x, " * 40_000 + "]")
    assert time.process_time() - started < 5


@pytest.mark.parametrize("text", ["---\ntitle: [\ntags: zq\n---\nText", "---\ntags: zq\nText"])
def test_the_body_of_a_broken_head_holds_none_of_it(text):
    with pytest.raises(FrontMatterError):
        parse_post(text)
    assert body_of(text).strip() == "Text"
