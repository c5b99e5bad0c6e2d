"""Folders and zips of whole blogs: which files are posts, and what is said of all others."""

import json
import zipfile
from pathlib import PurePosixPath

import pytest

from core.articles.importing import check_source
from core.base.errors import DataError
from core.commands.main import main

POST = "---\ntitle: {name}\ntags: [go, web]\n---\nText of {name}."
ROWS = [{"title": f"Row {n}", "description": "", "tags": ["go"]} for n in range(3)]
ARTICLES = "".join(json.dumps(row) + "\n" for row in ROWS)

NOISE = {
    "package.json": '{"name": "site", "description": "A site", "keywords": ["a", "b"]}',
    "package-lock.json": "{}",
    "tsconfig.json": "{}",
    "content/posts/posts.11tydata.json": '{"tags": "post"}',
    "static/search.json": '[{"title": "One", "tags": ["x"]}]',
    "data/authors.csv": "name,tags\nAnn,x\n",
    "static/Thumbs.db": "x",
    "themes/plain/exampleSite/content/demo.md": POST.format(name="Demo"),
    "node_modules/lib/docs.md": POST.format(name="Library"),
    "vendor/bundle/gem/a.md": POST.format(name="Gem"),
    "archetypes/default.md": '---\ntitle: "{{ replace .Name }}"\ndraft: true\n---\n',
    ".github/bug.md": POST.format(name="Hidden"),
    "content/_index.md": POST.format(name="Section"),
    "content/posts/_index.zh-cn.md": POST.format(name="Section"),
    "content/posts/_part.md": POST.format(name="Part"),
    "README.md": POST.format(name="Readme"),
    "README.zh-CN.md": POST.format(name="Readme"),
    "LICENSE-MIT.md": "MIT",
    "SECURITY.md": "Write to us.",
    "CHANGELOG_V18.md": "New.",
    "index.md": "---\nlayout: home\n---\n",
    "_drafts/later.md": POST.format(name="Later"),
    "content/posts/draft.md": "---\ntitle: D\ndraft: true\n---\nText",
    "static/a.png": "PNG",
    "static/b.png": "PNG",
    "content/old/c.adoc": "= C",
    "content/old/n.ipynb": "{}",
    "Makefile": "all:",
}
POSTS = {
    "content/posts/one.md": POST.format(name="One"),
    "content/posts/security.md": POST.format(name="Security of it"),
    "content/posts/history/index.md": POST.format(name="History"),
    "content/posts/readme-driven-development.md": POST.format(name="Readme first"),
    "content/posts/contributing-to-open-source.md": POST.format(name="Contributing"),
}


def pack(path, files):
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return str(path)


def unpack(folder, files):
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return str(folder)


@pytest.mark.parametrize("wrapped", ["", "blog-main/"])
@pytest.mark.parametrize("write", [pack, unpack])
def test_a_whole_blog_is_its_posts_and_the_rest_is_counted(tmp_path, write, wrapped):
    files = {f"{wrapped}{name}": text for name, text in (NOISE | POSTS).items()}
    report = check_source(write(tmp_path / "blog.zip", files))
    assert (report.articles, report.bad_count) == (5, 0)
    assert report.tag_counts == {"go": 5, "web": 5}
    assert set(report.left_out) == {
        "12 files of other kinds left out: 1 .adoc, 1 .ipynb, 5 .json, 2 .png, 1 .csv, 1 .db, "
        "1 without an ending",
        "8 files of the project (README, _index and the like) left out",
        "2 drafts left out",
        "1 post in themes left out",
        "1 post in node_modules left out",
        "1 post in vendor left out",
        "1 post in archetypes left out",
        "1 page without title and text left out",
    }


def test_every_markdown_file_is_a_row_or_counted(tmp_path):
    files = NOISE | POSTS
    report = check_source(pack(tmp_path / "blog.zip", files))
    counted = sum(int(sentence.split()[0].replace(",", "")) for sentence in report.left_out)
    hidden = sum(name.startswith(".") for name in files)
    assert report.rows + counted + hidden == len(files)


@pytest.mark.parametrize(
    "noise",
    [
        {},
        {name: NOISE[name] for name in ("package.json", "README.md", "LICENSE-MIT.md")},
        {"README.md": NOISE["README.md"], "datapackage.json": "{}", "a.png": "x", "x.txt": "y"},
        {"notes.md": "# Notes\n\nHow the rows were made."},
        {"docs/guide.md": "---\ntitle: Guide\n---\nText"},
        {"node_modules/lib/data.json": "[]", "node_modules/lib/a.md": POST},
        {"__MACOSX/._a.jsonl": "x", ".DS_Store": "x", "Thumbs.db": "x"},
    ],
)
def test_a_zip_with_one_article_file_and_noise_is_that_file(tmp_path, noise):
    report = check_source(pack(tmp_path / "a.zip", {"data/a.jsonl": ARTICLES} | noise))
    assert (report.articles, report.tag_counts) == (3, {"go": 3})


def test_two_article_files_are_refused_by_their_names(tmp_path):
    files = {"a.jsonl": ARTICLES, "b.csv": "title,tags\nx,y\n", "package.json": "{}"}
    with pytest.raises(DataError, match=r"2 article files \(a\.jsonl, b\.csv"):
        check_source(pack(tmp_path / "a.zip", files))


def test_a_zip_without_posts_names_what_it_holds(tmp_path):
    files = {f"{n}.rst": "x" for n in range(3)} | {"a.org": "x", "README.md": "x"}
    with pytest.raises(DataError, match=r"no Markdown posts .* but 3 \.rst, 1 \.org\. Convert"):
        check_source(pack(tmp_path / "a.zip", files))


def test_r_markdown_is_read_unless_its_rendered_post_lies_beside_it(tmp_path):
    names = ("a/index.Rmd", "a/index.md", "b.Rmd", "c.qmd", "d.markdown", "e.MDX")
    files = {name: POST.format(name=PurePosixPath(name).stem + name[0]) for name in names}
    report = check_source(unpack(tmp_path / "blog", files))
    assert report.articles == 5
    assert report.left_out == ("1 source of a post that lies beside it rendered left out",)


def test_a_post_in_utf_16_and_one_in_gb18030_are_read(tmp_path):
    text = "---\ntitle: 缓存的三种写法\ntags: [前端]\n---\n" + "缓存让页面更快，也让人更困惑。" * 20
    (tmp_path / "a.md").write_bytes(text.encode("utf-16"))
    (tmp_path / "b.md").write_bytes(text.encode("gb18030"))
    assert check_source(str(tmp_path)).tag_counts == {"前端": 2}


def test_the_command_says_what_was_left_out(tmp_path, capsys):
    files = POSTS | {f"old/{n}.adoc": "= A" for n in range(20)} | {"a.ipynb": "", "b.ipynb": ""}
    source = pack(tmp_path / "blog.zip", files)
    assert not main(["data", "check", source])
    shown = capsys.readouterr().out
    assert "22 files of other kinds left out: 20 .adoc, 2 .ipynb." in shown
    assert not main(["data", "check", source, "--json"])
    found = json.loads(capsys.readouterr().out)
    assert found["left_out"] == ["22 files of other kinds left out: 20 .adoc, 2 .ipynb"]
