"""Markdown blogs of four site builders, as a folder and as a zip."""

import zipfile

import pytest

from core.articles.importing import check_source, import_source
from core.articles.sources.front_matter import parse_post
from core.articles.sources.html_text import html_to_text
from core.articles.sources.markdown_text import markdown_to_text
from core.articles.sources.posts import post_cells
from core.articles.store.sets import read_sources
from core.base.errors import DataError

HUGO = """+++
title = "Post {n}"
description = "What post {n} is about"
date = 2024-03-{day:02}T10:00:00Z
draft = {draft}
tags = ["go", "tag-{tag}"]
categories = ["engineering"]
+++
# Heading

Text of post {n} with `code` and a [link](https://example.com).
"""


@pytest.fixture
def hugo(tmp_path):
    """300 posts below content/, 10 drafts among them, a section's index and a broken one."""
    content = tmp_path / "blog" / "content" / "posts"
    content.mkdir(parents=True)
    for n in range(300):
        draft = "true" if n % 30 == 0 else "false"
        text = HUGO.format(n=n, day=n % 28 + 1, draft=draft, tag=n % 5)
        (content / f"post-{n:03}.md").write_text(text)
    (content / "_index.md").write_text("---\ntitle: Posts\n---\n")
    (content / "broken.md").write_text("---\ntitle: [no end\n---\nText")
    (content / "picture.png").write_bytes(b"\x89PNG")
    return tmp_path / "blog"


def test_a_hugo_folder_of_300_posts_is_read_without_drafts_and_broken_ones(hugo):
    with pytest.raises(DataError, match=r"content/posts/broken\.md: its front matter is not YAML"):
        import_source(str(hugo), "blog")
    info, report = import_source(str(hugo), "blog", skip_bad_rows=True)
    assert (info.articles, report.bad_count) == (290, 1)
    first = read_sources(["blog"])[0]
    assert (first.id, first.title) == ("content/posts/post-001.md", "Post 1")
    assert first.description == "What post 1 is about"
    assert first.fulltext == "Heading\nText of post 1 with code and a link."
    assert first.tags == ("go", "tag-1", "engineering")
    assert str(first.published) == "2024-03-02"


def test_a_zip_of_the_folder_holds_the_same_posts(hugo, tmp_path):
    with zipfile.ZipFile(tmp_path / "blog.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(hugo.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(hugo))
    folder = check_source(str(hugo))
    packed = check_source(str(tmp_path / "blog.zip"))
    assert (packed.articles, packed.tag_counts) == (folder.articles, folder.tag_counts)


@pytest.mark.parametrize(
    ("head", "title", "tags"),
    [
        ("title: One\ntags: [go, web]", "One", ["go", "web"]),  # Jekyll
        (
            "title: One\ntags:\n- go\ncategories:\n- [web, api]\n- db",
            "One",
            ["go", "web", "api", "db"],
        ),
        ("title: 'One: two'\nkeywords: go, web", "One: two", ["go", "web"]),
        ("title: One\ntags: go", "One", ["go"]),
        ("pubDate: 2024-01-02\ntags: ['go']", "Heading", ["go"]),  # Astro
        ("title: 2024\ntags: [2024, go]", "2024", ["2024", "go"]),
        ("title: One\ntags:", "One", []),
    ],
)
def test_front_matter_of_each_builder_gives_title_and_tags(head, title, tags):
    cells = post_cells(parse_post(f"---\n{head}\n---\n# Heading\n\nText."), "2024/a.md")
    assert (cells["title"], cells["tags"]) == (title, tags)
    assert cells["description"] == "Heading Text."


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("---\ntitle: One\n", "no closing ---"),
        ("---\ntitle: [\n---\n", "not YAML"),
        ("---\n- a\n---\n", "not a list of names and values"),
        ("+++\ntitle = \n+++\n", "not TOML"),
        ("---\na: &a [x, *a]\n---\n", "not YAML"),
        ('{"title": 1, \n\nText', "not JSON"),
        ("---\na: !!python/object/apply:os.system ['true']\n---\n", "not YAML"),
    ],
)
def test_a_broken_head_is_a_row_that_says_why(tmp_path, text, problem):
    (tmp_path / "good.md").write_text("---\ntitle: T\ntags: [go]\n---\nText")
    (tmp_path / "bad.md").write_text(text)
    report = check_source(str(tmp_path))
    assert report.articles == 1
    assert problem in str(report.bad_rows[0])


def test_shortcodes_imports_scripts_and_marks_are_no_text():
    body = "import X from './x'\n\n{{< figure src=a >}}\n**Bold** <script>x()</script> {% raw %}\n"
    assert markdown_to_text(body, mdx=True) == "Bold"
    assert html_to_text("<p>a</p><pre>code</pre><p>b &amp; c</p>", keep_code=False) == "a\nb & c"


def test_a_folder_without_posts_says_what_is_missing(tmp_path):
    with pytest.raises(DataError, match="a folder without Markdown posts"):
        check_source(str(tmp_path))
