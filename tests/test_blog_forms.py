"""A small blog written for each site builder: every form gives the same posts."""

import json
import zipfile
from dataclasses import dataclass

import pytest

from core.articles.importing import check_source, import_source
from core.articles.store.sets import read_sources
from core.base.errors import DataError


@dataclass(frozen=True)
class Written:
    slug: str
    title: str
    tags: tuple[str, ...]
    day: str
    body: str
    text: str


WRITTEN = (
    Written(
        "leaks",
        "Leaks: how to find them",
        ("go", "on", "0123"),
        "2020-01-05",
        "A goroutine *waits*, and nobody comes.\n\n```go\nimport kept\n```\n\n"
        "| tool | cost |\n|---|---|\n| trace | low |\n",
        "A goroutine waits, and nobody comes.\nimport kept\ntool\ncost\ntrace\nlow",
    ),
    Written(
        "caches",
        "Three caches",
        ("no", "web performance", "12:30"),
        "2021-11-30",
        "## Cold\n\nThe first one is `cold`.\n\n    export kept too\n",
        "Cold\nThe first one is cold.\nexport kept too",
    ),
)


def yaml_list(names):
    return "\n" + "".join(f"  - {name}\n" for name in names)


def hugo_yaml(post):
    head = f"title: '{post.title}'\ndate: {post.day}T10:00:00+08:00\ntags: [{', '.join(post.tags)}]"
    return f"content/posts/{post.slug}/index.md", f"---\n{head}\n---\n{post.body}"


def hugo_toml(post):
    head = f"title = {json.dumps(post.title)}\ndate = {post.day}\ntags = {json.dumps(post.tags)}"
    return f"content/posts/{post.slug}.md", f"+++\n{head}\n+++\n\n{post.body}"


def hugo_json(post):
    head = {"title": post.title, "date": post.day, "tags": post.tags, "draft": False}
    return f"content/posts/{post.slug}.md", f"{json.dumps(head, indent=2)}\n\n{post.body}"


def zola(post):
    tags = json.dumps(post.tags)
    head = f"title = {json.dumps(post.title)}\ndate = {post.day}\n[taxonomies]\ntags = {tags}"
    return f"content/blog/{post.slug}.md", f"+++\n{head}\n+++\n{post.body}"


def hexo(post):
    head = f"title: '{post.title}'\ndate: {post.day} 20:46:25\ntags:{yaml_list(post.tags)}"
    return f"source/_posts/{post.slug}.md", f"{head}---\n{post.body}"


def hexo_json(post):
    head = f'"title": {json.dumps(post.title)},\n"date": "{post.day}",\n'
    head += f'"tags": {json.dumps(post.tags)}'
    return f"source/_posts/{post.slug}.md", f"{head}\n;;;\n{post.body}"


def jekyll(post):
    """The day stands in the name of the file; dots end the head."""
    head = f"layout: post\ntitle: '{post.title}'\ntags:{yaml_list(post.tags)}"
    return f"_posts/{post.day}-{post.slug}.md", f"---\r\n{head}...\r\n{post.body}"


def pelican(post):
    head = f"Title: {post.title}\nDate: {post.day} 10:20\nTags: {', '.join(post.tags)}"
    return f"content/{post.slug}.md", f"{head}\nSlug: {post.slug}\n\n{post.body}"


def docusaurus(post):
    tags = "".join(f"  - label: '{tag}'\n    permalink: /{tag}\n" for tag in post.tags)
    body = (
        f"import Tabs from '@theme/Tabs';\n\n<Tabs values={{[{{a: 1}}]}}>\n\n{post.body}\n</Tabs>\n"
    )
    # MDX has no indented code, so that the last paragraph stays one.
    head = f"title: '{post.title}'\nauthors: [ann]\ntags:\n{tags}"
    return f"blog/{post.day}-{post.slug}.mdx", f"---\n{head}---\n{body}"


def astro(post):
    head = f"title: '{post.title}'\npubDate: {post.day}\ntags: {json.dumps(post.tags)}"
    return f"src/content/blog/{post.slug}.md", f"\ufeff---\n{head}\n---\n{post.body}"


def eleventy(post):
    head = f"title: '{post.title}'\ndate: {post.day}\ntags:{yaml_list(post.tags)}"
    return f"posts/{post.slug}.md", f"---\n{head}---\n{{% include 'a.njk' %}}\n\n{post.body}"


def blogdown(post):
    head = f"title: '{post.title}'\nauthor: Ann\ndate: '{post.day}'\nslug: []\n"
    head += f"categories: []\ntags: {json.dumps(post.tags)}\n"
    return f"content/post/{post.slug}/index.Rmd", f"---\n{head}---\n{post.body}"


def obsidian(post):
    """A note's title is its first heading."""
    tags = yaml_list(post.tags)
    return (
        f"{post.slug}.md",
        f"---\ncreated: {post.day}\ntags:{tags}---\n\n# {post.title}\n\n{post.body}",
    )


FORMS = (
    hugo_yaml,
    hugo_toml,
    hugo_json,
    zola,
    hexo,
    hexo_json,
    jekyll,
    pelican,
    docusaurus,
    astro,
    eleventy,
    blogdown,
    obsidian,
)


def write_blog(folder, form):
    for post in WRITTEN:
        name, text = form(post)
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text.encode())
    (folder / "package.json").write_text('{"name": "site", "keywords": ["blog"]}')
    (folder / "README.md").write_text("# A site")
    return folder


def found_in(source):
    import_source(str(source), "found", replace_set=True)
    return {
        article.id: (article.title, article.tags, str(article.published), article.fulltext)
        for article in read_sources(["found"])
    }


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_each_site_builder_s_posts_are_read_whole(form, tmp_path, home):
    folder = write_blog(tmp_path / "blog", form)
    with zipfile.ZipFile(tmp_path / "blog.zip", "w") as archive:
        for path in folder.rglob("*.*"):
            archive.write(path, f"blog-main/{path.relative_to(folder).as_posix()}")
    expected = {}
    for post in WRITTEN:
        heading = f"{post.title}\n" if form is obsidian else ""
        expected[form(post)[0]] = (post.title, post.tags, post.day, heading + post.text)
    assert found_in(folder) == expected
    packed = {f"blog-main/{name}": post for name, post in expected.items()}
    assert found_in(tmp_path / "blog.zip") == packed


def test_asciidoc_is_refused_in_words_and_named_beside_posts(tmp_path):
    for n in range(20):
        (tmp_path / f"post-{n}.adoc").write_text("= Title\n:tags: go\n\nText")
    (tmp_path / "a.ipynb").write_text("{}")
    with pytest.raises(DataError, match=r"without Markdown posts, but 20 \.adoc, 1 \.ipynb\."):
        check_source(str(tmp_path))
    (tmp_path / "one.md").write_text("---\ntitle: One\ntags: [go]\n---\nText")
    report = check_source(str(tmp_path))
    assert report.articles == 1
    assert report.left_out == ("21 files of other kinds left out: 20 .adoc, 1 .ipynb",)
