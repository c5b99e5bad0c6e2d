"""Which column of a file is which field of an article: guessed from its name, and applied."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.articles.article import REQUIRED_FIELDS, Article, shown_columns
from core.articles.encoding import AUTO
from core.articles.tag_formats import TagFormat, tags_of_cell
from core.base.errors import DataError

FIELDS = tuple(Article.model_fields)
# By field, best first; spaces, case and punctuation do not count.
_NAMES: dict[str, str] = {
    "title": "title headline heading subject name posttitle articletitle 标题 题目 文章标题 题名",
    "description": "description summary abstract excerpt subtitle teaser lead intro desc "
    "摘要 简介 描述 概要 导语 内容摘要",
    "fulltext": "fulltext body content contents text bodymarkdown bodyhtml articletext article "
    "正文 内容 全文 文章内容",
    "tags": "tags tag taglist tagnames labels label keywords keyword categories category topics "
    "topic 标签 关键词 关键字 分类 类别 话题",
    "id": "id articleid postid uuid guid slug key 编号 序号 文章编号",
    "url": "url link href permalink canonicalurl address 链接 网址 地址",
    "language": "language lang locale 语言 语种",
    "creators": "creators creator authors author byline writer 作者",
    "published": "published publishedat publishdate pubdate date postdate createdat created "
    "发布时间 发布日期 日期 时间",
    "source": "source publisher site origin 来源 出处",
    "split": "split",
}
LEAD_CHARACTERS = 300


@dataclass(frozen=True)
class ReadingPlan:
    """How the rows of a file become articles.

    columns: field -> the file's column, for fields that are named otherwise. lead: the
    description is the first 300 characters of the full text. aliases: tag -> the tag it stands
    for. found: the columns there are. encoding: "auto" finds it out.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    tag_format: TagFormat = "separated"
    lead: bool = False
    aliases: Mapping[str, str] = field(default_factory=dict)
    found: tuple[str, ...] = ()
    encoding: str = AUTO

    @property
    def fields(self) -> dict[str, str]:
        """Every field that has a column, with its column."""
        own = {name: name for name in FIELDS if name in self.found}
        return {name: column for name, column in (own | dict(self.columns)).items() if column}


def guess_columns(found: Iterable[str], given: Mapping[str, str]) -> dict[str, str]:
    """Field -> column, for fields whose column has another name.

    A column that is named exactly as a field is that field; `given` comes before any guess, and
    "" there means that the field has no column.
    """
    names = list(found)
    taken = {column for column in given.values() if column} | (set(FIELDS) & set(names))
    columns = dict(given)
    plain = {_plain(name): name for name in reversed(names) if name not in taken}
    for target, words in _NAMES.items():
        if target in given or target in names:
            continue
        if word := next((word for word in words.split() if word in plain), None):
            columns[target] = plain.pop(word)
    return columns


def build_plan(
    found: Iterable[str], name: str, *, given: Mapping[str, str], encoding: str = AUTO
) -> ReadingPlan:
    """The plan for a file with these columns, its tags still taken as separated.

    Raises DataError if a named column is missing, or there is none for the tags or any text.
    """
    names = tuple(found)
    for target, column in given.items():
        if column and column not in names:
            raise DataError(
                f"{name} has no column {column!r} for {target}. It has: {shown_columns(names)}."
            )
    columns = guess_columns(names, given)
    has = {target for target in FIELDS if columns.get(target) or target in names}
    texts = has & {"title", "description", "fulltext"}
    missing = "tags" if "tags" not in has else "title" if not texts else ""
    if missing:
        raise DataError(
            f"{name} has no column {missing!r}. It has: {shown_columns(names)}. "
            f"Add the column, or name another with --{missing} COLUMN."
        )
    lead = "description" not in has and "fulltext" in has
    return ReadingPlan(columns, lead=lead, found=names, encoding=encoding)


def article_cells(cells: Mapping[str, Any], plan: ReadingPlan) -> dict[str, Any]:
    """The cells of one row under the names of the fields; texts that have no column are ""."""
    mapped = dict(cells)
    for target, column in plan.columns.items():
        mapped[target] = cells.get(column) if column else None
    for name in REQUIRED_FIELDS:
        mapped.setdefault(name, "" if name != "tags" else None)
    mapped["tags"] = tags_of_cell(mapped["tags"], plan.tag_format)
    mapped["creators"] = tags_of_cell(mapped.get("creators"), "separated")
    if plan.aliases and isinstance(mapped["tags"], list):
        mapped["tags"] = [plan.aliases.get(tag, tag) for tag in mapped["tags"]]
    if plan.lead and isinstance(mapped.get("fulltext"), str):
        mapped["description"] = lead_of(mapped["fulltext"])
    return mapped


def lead_of(text: str) -> str:
    """The first 300 characters, to the end of a word."""
    line = " ".join(text[: LEAD_CHARACTERS * 4].split())
    if len(line) <= LEAD_CHARACTERS:
        return line
    cut = line[:LEAD_CHARACTERS]
    return cut.rsplit(" ", 1)[0] if " " in cut[LEAD_CHARACTERS // 2 :] else cut


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", str(name)).casefold())
