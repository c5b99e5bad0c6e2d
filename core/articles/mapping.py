"""Which column of a file is which field of an article: guessed from its name, and applied."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import TypeAdapter

from core.articles.article import REQUIRED_FIELDS, Article, RowError, shown_columns, shown_value
from core.articles.fields.article_text import holds_html, html_cell, lead_of
from core.articles.fields.creators import guess_creator_separator
from core.articles.fields.dates import DateForm, guess_date_form
from core.articles.fields.optional_cells import UnreadCell, read_optional
from core.articles.fields.separators import separator_named
from core.articles.fields.tag_formats import TagForm, guess_tag_form, tags_of_cell
from core.articles.languages.codes import language_code
from core.articles.options import AUTO
from core.articles.sources.front_matter import without_head
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
_LANGUAGE_ROWS = 200
TEXTS = ("title", "description", "fulltext")


@dataclass(frozen=True)
class ReadingPlan:
    """How the rows of a file become articles: made once, shown, and kept with the set and the run.

    columns: field -> the file's column, for fields that are named otherwise; "" for a field that
    has none. tag_form, creator_separator, date_form: how the cells of those columns are written.
    lead: no column holds a description, so that the first 300 characters of the full text stand
    for it; a single row without one is read the same way. html: the texts that are HTML and become
    plain text. languages: those that are usual in the file, among which a row without one is
    judged. aliases: tag -> the tag it means. found: the columns there are. encoding:
    "auto" finds it out.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    tag_form: TagForm = field(default_factory=TagForm)
    creator_separator: str = ""
    date_form: DateForm = field(default_factory=DateForm)
    lead: bool = False
    html: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)
    found: tuple[str, ...] = ()
    encoding: str = AUTO

    @property
    def fields(self) -> dict[str, str]:
        """Every field that has a column, with its column."""
        own = {name: name for name in FIELDS if name in self.found}
        return {name: column for name, column in (own | dict(self.columns)).items() if column}

    def record(self) -> dict[str, Any]:
        """What is kept of the plan with a set or a run, as JSON has it."""
        kept: dict[str, Any] = _PLANS.dump_python(self, mode="json", exclude={"found", "aliases"})
        return kept | {"fields": self.fields}


_PLANS: TypeAdapter[ReadingPlan] = TypeAdapter(ReadingPlan)


def reading_sentence(record: Mapping[str, Any]) -> str:
    """Which column each field is read from and what is done to the texts, of a plan's record."""
    fields = [f"{name} from {column!r}" for name, column in record.get("fields", {}).items()]
    said = [f"Read: {', '.join(fields)}."] if fields else []
    if record.get("lead"):
        said.append("No column holds a description: the start of the full text is used.")
    if html := record.get("html"):
        said.append(f"HTML becomes plain text in: {', '.join(html)}.")
    return " ".join([*said, *record.get("notes", ())])


def kept_separator(record: Mapping[str, Any]) -> str:
    """The separator of tags that somebody named for a plan that was kept; "" if nobody did."""
    form = record.get("tag_form", {})
    return str(form.get("separator", "")) if form.get("given") else ""


def fitting_record(records: Iterable[Mapping[str, Any]], found: Iterable[str]) -> Mapping[str, Any]:
    """The first kept plan of whose texts the file has all columns; {} if none fits."""
    names = set(found)
    for record in records:
        fields = record.get("fields", {})
        texts = {fields[name] for name in TEXTS if name in fields}
        if texts and texts <= names:
            return record
    return {}


def kept_columns(record: Mapping[str, Any], found: Iterable[str]) -> dict[str, str]:
    """The columns of a kept plan that the file has: a file to be tagged lacks some."""
    fields, names = record.get("fields", {}), set(found)
    return {name: c for name, c in fields.items() if name in FIELDS and c in names}


def with_kept_separator(plan: ReadingPlan, record: Mapping[str, Any]) -> ReadingPlan:
    """The plan with what stood between the tags of a kept one, where both are plain text."""
    kept = record.get("tag_form", {})
    if plan.tag_form.format != "separated" or kept.get("format") != "separated":
        return plan
    return replace(plan, tag_form=TagForm("separated", str(kept.get("separator", ""))))


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
    found: Iterable[str],
    name: str,
    *,
    given: Mapping[str, str],
    encoding: str = AUTO,
    wants_tags: bool = True,
) -> ReadingPlan:
    """Decide which column of a file gives which field of an article.

    found: the file's columns. name: the file's name, for error messages. given: field -> column
    as the user named it, which comes before any guess; "" means that the field has no column.
    wants_tags: False for a file that is to be tagged, whose tags are then ignored. How the cells
    of tags, creators and dates are written is not guessed here but by `with_cell_forms`. Raises
    DataError if a column in `given` is missing, if tags are wanted and no column holds them, or
    if no column holds a title, description or full text.
    """
    names = tuple(found)
    for target, column in given.items():
        if column and column not in names:
            raise DataError(
                f"{name} has no column {column!r} for {target}. It has: {shown_columns(names)}."
            )
    columns = guess_columns(names, given)
    if not wants_tags:
        columns["tags"] = ""  # whatever the file has there is no reason to refuse a row
    has = {target for target in FIELDS if columns.get(target) or target in names}
    texts = has & set(TEXTS)
    missing = "tags" if wants_tags and "tags" not in has else "title" if not texts else ""
    if missing:
        raise DataError(
            f"{name} has no column {missing!r}. It has: {shown_columns(names)}. "
            f"Add the column, or name another with --{missing} COLUMN."
        )
    lead = "description" not in has and "fulltext" in has
    return ReadingPlan(columns, lead=lead, found=names, encoding=encoding)


def html_fields(plan: ReadingPlan, rows: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """The texts whose columns hold HTML in these rows; with them the title, if it has entities."""
    column_of = {name: plan.fields[name] for name in TEXTS if name in plan.fields}
    bodies = [
        name
        for name, column in column_of.items()
        if name != "title" and holds_html(row.get(column) for row in rows)
    ]
    return ("title", *bodies) if bodies and "title" in column_of else tuple(bodies)


def with_cell_forms(
    plan: ReadingPlan, rows: Sequence[Mapping[str, Any]], *, tag_separator: str = ""
) -> ReadingPlan:
    """The plan, with how tags, creators and dates are written in these rows of the file.

    tag_separator: what stands between tags, which comes before any guess.
    """

    def column(name: str) -> list[Any]:
        found = plan.fields.get(name)
        return [row.get(found) for row in rows] if found else []

    given = separator_named(tag_separator) if tag_separator else ""
    return replace(
        plan,
        tag_form=TagForm("separated", given, given=True)
        if given
        else guess_tag_form(column("tags")),
        creator_separator=guess_creator_separator(column("creators")),
        date_form=guess_date_form([*column("published"), *(row.get("date") for row in rows)]),
    )


def sample_texts(plan: ReadingPlan, rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Text and given language of up to 200 of these rows, evenly drawn."""
    columns = [plan.fields[name] for name in TEXTS if name in plan.fields]
    drawn = rows[:: max(1, len(rows) // _LANGUAGE_ROWS)][:_LANGUAGE_ROWS]
    return [
        (
            "\n".join(str(row[column])[:1000] for column in columns if row.get(column)),
            language_code(str(row.get(plan.fields.get("language", "")) or "")),
        )
        for row in drawn
    ]


def article_cells(
    cells: Mapping[str, Any], plan: ReadingPlan, unread: list[UnreadCell] | None = None
) -> dict[str, Any]:
    """The cells of one row under the names of the fields; texts that have no column are "".

    unread: gets the optional cells that cannot be read, which are left empty. Raises RowError if
    the tags cannot be read.
    """
    mapped = dict(cells)
    for target, column in plan.columns.items():
        mapped[target] = cells.get(column) if column else None
    for name in REQUIRED_FIELDS:
        mapped.setdefault(name, "" if name != "tags" else None)
    try:
        mapped["tags"] = tags_of_cell(mapped["tags"], plan.tag_form)
    except ValueError as problem:
        raise RowError("tags", f"is {shown_value(mapped['tags'])}: {problem}") from None
    left_empty = read_optional(
        mapped, creator_separator=plan.creator_separator, date_form=plan.date_form
    )
    if unread is not None:
        unread += left_empty
    if plan.aliases and isinstance(mapped["tags"], list):
        mapped["tags"] = [plan.aliases.get(tag, tag) for tag in mapped["tags"]]
    for name in plan.html:
        mapped[name] = html_cell(mapped.get(name))
    if isinstance(mapped.get("fulltext"), str):
        mapped["fulltext"] = without_head(mapped["fulltext"])
    if not _is_filled(mapped["description"]) and isinstance(mapped.get("fulltext"), str):
        mapped["description"] = lead_of(mapped["fulltext"])
    return mapped


def _is_filled(value: Any) -> bool:
    return bool(value.strip()) if isinstance(value, str) else value is not None


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", str(name)).casefold())
