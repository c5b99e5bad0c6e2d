"""A blog of Markdown files (Hugo, Hexo, Jekyll, Astro ...): a folder or a zip of it, as rows."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from core.articles.formats.compressed import open_archive
from core.articles.formats.left_out import LeftOut
from core.articles.formats.row import Row
from core.articles.sources.front_matter import FrontMatterError, parse_post
from core.articles.sources.posts import is_draft, post_cells, tags_of
from core.base.errors import DataError

ENDINGS = (".md", ".mdx", ".markdown", ".mdown", ".mkd", ".mkdn", ".rmd", ".rmarkdown", ".qmd")
# Sources of R Markdown and Quarto, which are rendered to a Markdown file beside them.
_RENDERED = (".rmd", ".rmarkdown", ".qmd")
_MOST_BYTES = 4 * 1024 * 1024
# Papers of a project, with a language behind them or not: README.zh-CN.md, LICENSE-MIT.md. A post
# may be named readme-driven-development.md or security.md.
_PAPER = (
    r"(?:readme|contributing|licen[cs]e|changelog|code[_-]of[_-]conduct|"
    r"(?:pull_request|issue)_template)"
)
_PAPERS = re.compile(rf"{_PAPER}(?:[._-][a-z]{{2,3}}(?:[-_][a-z]{{2,4}})?)?", re.IGNORECASE)
_CAPITALS = frozenset(
    (
        "SECURITY SUPPORT HISTORY NOTICE AUTHORS MAINTAINERS GOVERNANCE CONTRIBUTORS TODO "
        "ROADMAP CLAUDE AGENTS SUMMARY COPYING INSTALL UPGRADING"
    ).split()
)
# Other people's code, and templates, which only look like posts.
_PROGRAM_FOLDERS = frozenset(
    (
        "node_modules bower_components vendor venv site-packages themes archetypes scaffolds "
        "layouts _layouts _includes _sass _data _site _plugins __pycache__"
    ).split()
)
# Tables and lists by their endings, that belong to a project: no set of articles is named so.
_PROJECT_FILES = re.compile(
    r"(?:package|package-lock|composer|bower|lerna|turbo|nx|angular|vercel|now|firebase|renovate|"
    r"deno|biome|cspell|manifest|site|schema|datapackage|dataset-metadata|dataset_infos?|metadata|"
    r"croissant|_config|config|[jt]sconfig[\w.-]*|[\w.-]+\.(?:config|schema|11tydata))\.json|"
    r"thumbs\.db",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class _File:
    """A file of a blog, and its first four megabytes."""

    place: str
    data: bytes


def read_posts(path: Path, left_out: LeftOut | None = None) -> Iterator[Row]:
    """A row for each post below a folder or in a zip, in order of their names.

    A post whose front matter is broken is a row with a problem. left_out: counts drafts, pages
    without a text, files of other kinds and whatever else is no post. Raises DataError if there
    are no Markdown files.
    """
    out = left_out if left_out is not None else LeftOut()
    number = 0
    for file in _files_of(path, out):
        number += 1
        try:
            post = parse_post(_text_of(file.data))
            if is_draft(post, file.place):
                out.others["draft"] += 1
                continue
            cells = post_cells(post, file.place)
        except FrontMatterError as problem:
            yield Row(number, None, str(problem), place=file.place)
            continue
        if not cells["fulltext"] and not post.head.get("title"):
            out.others["page without title and text"] += 1
            continue
        yield Row(number, cells, place=file.place)
    if number:
        return
    what = f", but {out.named_kinds()}" if out.kinds else ""
    if path.is_dir():
        raise DataError(
            f"There is no file {str(path)!r}, but a folder without Markdown posts{what}. "
            f"Posts end in {', '.join(ENDINGS[:3])}; convert others to Markdown."
        )
    raise DataError(
        f"{path.name} holds no article file and no Markdown posts ({', '.join(ENDINGS[:3])})"
        f"{what}. Convert other files to Markdown, or pack one article file."
    )


def holds_tagged_posts(path: Path) -> bool:
    """Whether a post in the zip names tags in its head, so that it is a blog."""
    for file in _files_of(path, LeftOut()):
        try:
            if tags_of(parse_post(_text_of(file.data)), file.place):
                return True
        except FrontMatterError:
            continue
    return False


def is_project_file(place: str) -> bool:
    """Whether it belongs to the program of a site, as package.json does, and holds no articles."""
    path = PurePosixPath(place)
    return bool(_PROJECT_FILES.fullmatch(path.name)) or not _PROGRAM_FOLDERS.isdisjoint(path.parts)


def _files_of(path: Path, out: LeftOut) -> Iterator[_File]:
    """The Markdown files that may be posts; all others are counted."""
    if path.is_dir():
        yield from _files_below(path, out)
        return
    with open_archive(path) as (archive, members):
        infos = {info.filename.replace("\\", "/"): info for info in members}
        for place in _posts_among(sorted(infos), out):
            with archive.open(infos[place]) as packed:
                yield _File(place, _head_of(packed))


def _files_below(folder: Path, out: LeftOut) -> Iterator[_File]:
    places = []
    for file in folder.rglob("*"):
        inside = file.relative_to(folder)
        if any(part.startswith(".") for part in inside.parts):
            continue
        if file.is_symlink():
            out.others["link to another place"] += 1
        elif file.is_file():
            places.append(inside.as_posix())
    for place in _posts_among(sorted(places), out):
        with (folder / place).open("rb") as opened:
            yield _File(place, _head_of(opened))


def _head_of(file: IO[bytes]) -> bytes:
    return file.read(_MOST_BYTES + 1)


def _posts_among(places: list[str], out: LeftOut) -> Iterator[str]:
    known = {place.lower() for place in places}
    for place in places:
        path = PurePosixPath(place)
        ending = path.suffix.lower()
        if not _PROGRAM_FOLDERS.isdisjoint(path.parts[:-1]):
            if ending in ENDINGS:
                out.others[_folder_words(path)] += 1
        elif ending not in ENDINGS:
            out.kinds[ending or "without an ending"] += 1
        elif _is_no_post(path.stem):
            out.others["file of the project (README, _index and the like)"] += 1
        elif ending in _RENDERED and _has_rendered(place, known):
            out.others["source of a post that lies beside it rendered"] += 1
        else:
            yield place


def _folder_words(path: PurePosixPath) -> str:
    folder = next(part for part in path.parts if part in _PROGRAM_FOLDERS)
    return f"post in {folder}"


def _is_no_post(stem: str) -> bool:
    """Names with _ before them are indexes and parts of pages, with all site builders."""
    if stem.startswith("_") or _PAPERS.fullmatch(stem):
        return True
    capitals = stem.upper() == stem
    return stem.split(".")[0] in _CAPITALS or (
        capitals and bool(re.match(_PAPER, stem, re.IGNORECASE))
    )


def _has_rendered(place: str, known: set[str]) -> bool:
    stem = place[: -len(PurePosixPath(place).suffix)].lower()
    return any(f"{stem}{ending}" in known for ending in ENDINGS if ending not in _RENDERED)


def _text_of(data: bytes) -> str:
    if len(data) > _MOST_BYTES:
        raise FrontMatterError(f"is larger than {_MOST_BYTES // 1024**2} MB: no post is so long")
    return decode_post(data)


def decode_post(data: bytes) -> str:
    """UTF-8, UTF-16 with its mark, or else what the bytes look like."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        from core.articles.formats.encoding_guess import guess_encodings  # few posts need it

        likeliest = next(iter(guess_encodings(data[:65536])), "cp1252")
        return data.decode(likeliest, errors="replace")
