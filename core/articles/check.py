"""Check the rows of a source before anything is kept: what is good, what is not, and why."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from core.articles.article import Article, RowError, article_of_row
from core.articles.fields.optional_cells import UnreadCell
from core.articles.formats.row import Row, SourceFacts
from core.articles.mapping import ReadingPlan, article_cells
from core.articles.seen import SeenKeys
from core.base.errors import DataError
from core.base.files import safe_csv

# What a report holds of rows that are wrong or repeat another; beyond, they are only counted.
MOST_LISTED = 10_000
# A file whose first rows are all bad is the wrong file: stop instead of reading 200 MB of it.
HOPELESS_AFTER = 100
_LONG_TAG = 40
_EXAMPLES = 5
_LONGEST_EXAMPLE = 200


@dataclass(frozen=True)
class BadRow:
    """A row that is not an article: its line (1-based), the field ("" if the whole row), why.

    place: what to call the row where a line number says nothing.
    """

    line: int
    field: str
    reason: str
    place: str = ""

    def __str__(self) -> str:
        where = self.place or f"line {self.line}"
        return f"{where}: {f'{self.field} ' if self.field else ''}{self.reason}"


@dataclass(frozen=True)
class OddTag:
    """A tag that is probably none, and why."""

    tag: str
    articles: int
    why: str


@dataclass(frozen=True)
class TagExample:
    """A cell of tags as the file has it, and the tags read from it."""

    cell: str
    tags: tuple[str, ...]


@dataclass(frozen=True)
class CheckReport:
    """What is in a source.

    bad_rows, copies: the first 10,000 of bad_count and copy_count. copies: articles with the
    address, or title and description, of an earlier one; they are kept. reasons: how many rows
    each kind of fault took. left_empty: the first 10,000 optional cells that could not be read,
    in rows that are kept; left_empty_counts: how many of each field. tag_counts: articles of each
    tag, most frequent first. tag_examples: five cells of tags and what they were read as, cells
    with several tags first. articles_by_tag_number: how many articles have so many tags.
    left_out: sentences on what else a blog holds, such as drafts and files of other kinds.
    encoding: of its text, "" where it is no text. notes: what else a person should know of how it
    was read.
    """

    name: str
    plan: ReadingPlan
    rows: int
    articles: int
    bad_rows: tuple[BadRow, ...]
    bad_count: int
    reasons: dict[str, int]
    copies: tuple[BadRow, ...]
    copy_count: int
    left_empty: tuple[BadRow, ...]
    left_empty_counts: dict[str, int]
    without_description: int
    without_fulltext: int
    without_tags: int
    languages: dict[str, int]
    tag_counts: dict[str, int]
    tag_examples: tuple[TagExample, ...]
    articles_by_tag_number: dict[int, int]
    left_out: tuple[str, ...] = ()
    encoding: str = ""
    notes: tuple[str, ...] = ()

    @property
    def tags_per_article(self) -> float:
        """The mean number of tags of an article."""
        return sum(self.tag_counts.values()) / max(self.articles, 1)

    @property
    def odd_tags(self) -> tuple[OddTag, ...]:
        """One letter, numbers, several tags or a whole sentence: most frequent first."""
        counts = self.tag_counts
        found = ((tag, n, _oddness(tag) or _several_in(tag, counts)) for tag, n in counts.items())
        return tuple(OddTag(tag, count, why) for tag, count, why in found if why)

    def require_good_rows(self, *, skip_bad_rows: bool) -> None:
        """Raises DataError naming the first bad row, unless those are to be left out."""
        if not self.bad_count or skip_bad_rows:
            return
        more = f" ({self.bad_count} bad rows of {self.rows})" if self.bad_count > 1 else ""
        raise DataError(
            f"{self.name}, {self.bad_rows[0]}{more}. "
            "Correct it, or leave out bad rows (--skip-bad-rows)."
        )

    def problems_csv(self) -> str:
        """Every row that was dropped, repeats another or lost a cell; inert in a spreadsheet."""
        kinds = {"dropped": self.bad_rows, "copy": self.copies, "left empty": self.left_empty}
        rows = [
            (row.line, row.place, what, row.field, row.reason)
            for what, listed in kinds.items()
            for row in listed
        ]
        return safe_csv(("line", "place", "what", "field", "reason"), sorted(rows))


@dataclass
class _Listed:
    """The first 10,000 rows of a kind, and how many there are, also by field."""

    rows: list[BadRow] = field(default_factory=list)
    by_field: Counter[str] = field(default_factory=Counter)

    @property
    def count(self) -> int:
        return self.by_field.total()

    def add(self, row: BadRow) -> None:
        self.by_field[row.field] += 1
        if len(self.rows) < MOST_LISTED:
            self.rows.append(row)


@dataclass
class ArticleCheck:
    """Counts what passes; memory grows by some 50 bytes an article, whatever its length.

    finds_copies: False where nobody asks for them, which saves a third of the time. facts: given
    to whoever reads the rows, for the report.
    """

    name: str
    plan: ReadingPlan
    finds_copies: bool = True
    facts: SourceFacts = field(default_factory=SourceFacts)
    _ids: SeenKeys = field(default_factory=SeenKeys)
    _texts: SeenKeys = field(default_factory=SeenKeys)
    _counts: Counter[str] = field(default_factory=Counter)
    _reasons: Counter[str] = field(default_factory=Counter)
    _languages: Counter[str] = field(default_factory=Counter)
    _tags: Counter[str] = field(default_factory=Counter)
    _by_number: Counter[int] = field(default_factory=Counter)
    _bad: _Listed = field(default_factory=_Listed)
    _copies: _Listed = field(default_factory=_Listed)
    _left_empty: _Listed = field(default_factory=_Listed)
    # Cells with several tags, and with a single one.
    _examples: tuple[dict[str, TagExample], dict[str, TagExample]] = field(
        default_factory=lambda: ({}, {})
    )

    def articles_of(self, rows: Iterable[Row]) -> Iterator[Article]:
        """The good rows. Raises DataError if none of the first hundred is one, or there is none."""
        for row in rows:
            self._counts["rows"] += 1
            unread: list[UnreadCell] = []
            try:
                article = self._read(row, unread)
            except RowError as problem:
                self._refuse(BadRow(row.line, problem.field, problem.reason, row.place))
                continue
            self._count(article, row)
            for cell in unread:
                self._left_empty.add(BadRow(row.line, cell.field, cell.reason, row.place))
            yield article
        if not self._counts["rows"]:
            raise DataError(f"{self.name} is empty: it has a header at most, and no articles.")

    def _read(self, row: Row, unread: list[UnreadCell]) -> Article:
        article = article_in(row, self.plan, self.name, unread)
        first = self._ids.first_line(article.id, row.line)
        if first != row.line:
            where = f"as in line {first}" if not row.place else "as one before"
            raise RowError("id", f"is {article.id!r}, {where}: ids must be unique")
        return article

    def _refuse(self, bad: BadRow) -> None:
        self._bad.add(bad)
        kind = bad.reason.rsplit(": ", 1)[-1]
        self._reasons[f"{bad.field} {kind}".strip()] += 1
        if not self._counts["articles"] and self._bad.count >= HOPELESS_AFTER:
            raise DataError(
                f"{self.name}: none of the first {self._bad.count} rows is an article; "
                f"{self._bad.rows[0]}."
            )

    def _count(self, article: Article, row: Row) -> None:
        self._counts["articles"] += 1
        self._counts["no description"] += not article.description.strip()
        self._counts["no fulltext"] += not article.fulltext.strip()
        self._tags.update(article.tags)
        self._by_number[len(article.tags)] += 1
        self._languages[article.language or "not given"] += 1
        self._show_tags(article, row)
        if self.finds_copies and (copied := self._copied_line(article, row.line)):
            self._copies.add(
                BadRow(row.line, "", f"repeats the article of line {copied}", row.place)
            )

    def _show_tags(self, article: Article, row: Row) -> None:
        """Keep the cell as an example, if it is one of the first of its kind."""
        examples = self._examples[0 if len(article.tags) > 1 else 1]
        if not article.tags or len(examples) == _EXAMPLES or row.cells is None:
            return
        cell = row.cells.get(self.plan.fields.get("tags", "tags"))
        shown = (cell if isinstance(cell, str) else repr(cell))[:_LONGEST_EXAMPLE]
        examples.setdefault(shown, TagExample(shown, article.tags))

    def _copied_line(self, article: Article, line: int) -> int:
        """Line of an earlier article with this one's address or texts; 0 if there is none."""
        keys = [f"text {article.title.casefold()}\n{article.description.casefold()}"]
        keys += [f"url {article.url.rstrip('/')}"] if article.url else []
        firsts = [self._texts.first_line(" ".join(key.split()), line) for key in keys]
        return min((first for first in firsts if first != line), default=0)

    def report(self) -> CheckReport:
        """What was found so far; complete once all rows were read."""
        several, single = self._examples
        return CheckReport(
            name=self.name,
            plan=self.plan,
            rows=self._counts["rows"],
            articles=self._counts["articles"],
            bad_rows=tuple(self._bad.rows),
            bad_count=self._bad.count,
            reasons=dict(self._reasons.most_common(50)),
            copies=tuple(self._copies.rows),
            copy_count=self._copies.count,
            left_empty=tuple(self._left_empty.rows),
            left_empty_counts=dict(self._left_empty.by_field.most_common()),
            without_description=self._counts["no description"],
            without_fulltext=self._counts["no fulltext"],
            without_tags=self._by_number[0],
            languages=dict(self._languages.most_common()),
            tag_counts=dict(sorted(self._tags.items(), key=lambda item: (-item[1], item[0]))),
            tag_examples=(*several.values(), *single.values())[:_EXAMPLES],
            articles_by_tag_number=dict(sorted(self._by_number.items())),
            left_out=self.facts.left_out.sentences(),
            encoding=self.facts.encoding,
            notes=tuple(self.facts.notes),
        )


def article_in(
    row: Row, plan: ReadingPlan, name: str, unread: list[UnreadCell] | None = None
) -> Article:
    """The article of one row of the source called `name`.

    unread: as article_cells has it. Raises RowError saying why the row is no article.
    """
    if row.cells is None:
        raise RowError("", row.problem)
    cells = article_cells(row.cells, plan, unread)
    if cells.get("id") in (None, ""):
        cells["id"] = f"{name.split('.')[0]}-{row.line}"
    return article_of_row(cells)


def _oddness(tag: str) -> str:
    if tag.replace(".", "").replace("-", "").isdecimal():
        return "a number"
    # C and R are languages, and one Chinese character may be a word.
    if len(tag) == 1 and tag.lower() not in "cr" and tag.isascii():
        return "one letter"
    if len(tag) > _LONG_TAG:
        return f"longer than {_LONG_TAG} characters"
    return ""


def _several_in(tag: str, tags: Mapping[str, int]) -> str:
    """Said of "go, web" where "go" and "web" are tags too: the column has a second separator."""
    parts = [part.strip() for part in re.split(r"[;,|、，；]", tag) if part.strip()]
    return "perhaps several tags" if len(parts) > 1 and all(p in tags for p in parts) else ""
