"""A comparison as a table: for people, for a spreadsheet, for Markdown and for LaTeX."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from core.base.files import safe_csv
from core.evaluate.comparison import Comparison, Difference, Row
from core.evaluate.findings import interval_text

INTERVAL_NOTE = "95% interval of a paired bootstrap over the test articles; * where it excludes 0"
# Figure -> value, by the heading of its column; such a column is never part of a difference.
Published = Mapping[str, Mapping[str, float]]
SUPPORT = "support"
_LATEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "\N{EN DASH}": "--",
    **{character: f"\\{character}" for character in "&%$#_{}"},
}
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>|])")


@dataclass(frozen=True)
class Table:
    """Cells as text, as many in each row as in the header."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def text_table(comparison: Comparison, rows: Sequence[Row], published: Published) -> Table:
    """Write a comparison as text: a row a figure, with values, differences and what was published.

    The last row is the support: true (article, tag) pairs, which all averages share.
    """
    header = ("figure", *comparison.names, *_against(comparison), *published)
    support = (
        SUPPORT,
        *(f"{comparison.support:,}" for _ in comparison.names),
        *("" for _ in _against(comparison)),
        *(f"{column[SUPPORT]:,.0f}" for column in published.values()),
    )
    return Table(header, (*(_text_row(row, published) for row in rows), support))


def csv_text(comparison: Comparison, rows: Sequence[Row], published: Published) -> str:
    """Write a comparison as CSV with numbers in full; a difference takes four columns."""
    parts = ("", ", low", ", high", ", sure")
    against = [f"{name}{part}" for name in _against(comparison) for part in parts]
    lines = [
        [
            row.figure,
            *row.values,
            *(cell for d in row.differences if d for cell in (d.value, d.low, d.high, d.is_sure)),
            *(column.get(row.figure, "") for column in published.values()),
        ]
        for row in rows
    ]
    support = [
        SUPPORT,
        *(comparison.support for _ in comparison.names),
        *("" for _ in against),
        *(column[SUPPORT] for column in published.values()),
    ]
    return safe_csv(["figure", *comparison.names, *against, *published], [*lines, support])


def band_rows(comparison: Comparison) -> tuple[Row, ...]:
    """Name the F1 by tag frequency so that it can stand beside other figures."""
    return tuple(
        replace(row, figure=f"macro F1, {row.figure} training articles") for row in comparison.bands
    )


# Not by pandas: its to_markdown needs tabulate and escapes no "|", its LaTeX needs booktabs.
def to_markdown(table: Table) -> str:
    r"""Write a table in Markdown; cells are escaped.

    >>> print(to_markdown(Table(("tag", "F1"), (("a|b", "0.5"),))), end="")
    | tag | F1 |
    | --- | --- |
    | a\|b | 0.5 |
    """
    lines = [table.header, tuple("---" for _ in table.header), *table.rows]
    return "".join(f"| {' | '.join(map(_markdown_cell, line))} |\n" for line in lines)


def to_latex(table: Table) -> str:
    """Write a table as a LaTeX tabular that needs no package; cells are escaped."""
    lines = [" & ".join(map(escape_latex, line)) + r" \\" for line in (table.header, *table.rows)]
    columns = "l" + "r" * (len(table.header) - 1)
    body = "\n".join([lines[0], r"\hline", *lines[1:]])
    return f"\\begin{{tabular}}{{{columns}}}\n\\hline\n{body}\n\\hline\n\\end{{tabular}}\n"


def escape_latex(text: str) -> str:
    """Escape a text for LaTeX; a minus sign becomes a mathematical one."""
    escaped = "".join(_LATEX.get(character, character) for character in " ".join(text.split()))
    return escaped.replace("\N{MINUS SIGN}", "$-$")


def difference_text(difference: Difference) -> str:
    """Write a difference such as "+0.021 [+0.005, +0.037] *"; * where the interval excludes 0."""
    return interval_text(difference) + (" *" if difference.is_sure else "")


def _against(comparison: Comparison) -> list[str]:
    others = (name for name in comparison.names if name != comparison.reference)
    return [f"{name} against {comparison.reference}" for name in others]


def _text_row(row: Row, published: Published) -> tuple[str, ...]:
    return (
        row.figure,
        *(f"{value:.3f}" for value in row.values),
        *(difference_text(difference) for difference in row.differences if difference),
        *(
            f"{column[row.figure]:.3f}" if row.figure in column else ""
            for column in published.values()
        ),
    )


def _markdown_cell(text: str) -> str:
    return text if text == "---" else _MARKDOWN.sub(r"\\\1", " ".join(text.split()))
