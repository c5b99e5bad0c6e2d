"""The first screen of Compare: figures side by side, verdicts, and F1 by tag frequency."""

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from core.evaluate.comparison import Comparison, Row
from core.evaluate.export import (
    INTERVAL_NOTE,
    Published,
    Table,
    band_rows,
    csv_text,
    text_table,
    to_latex,
    to_markdown,
)
from core.evaluate.findings import state_band_findings, state_verdicts
from core.evaluate.tables import band_table
from core.runs.lineup import Lineup, published_columns
from pages.parts.compare.charts import band_bars
from pages.parts.compare.runs import Chosen
from pages.parts.shared.downloads import offer_file
from pages.parts.shared.frame import choose_section
from pages.parts.shared.link import link_here
from pages.parts.shared.tables import show_chart
from pages.parts.shared.words import count, plain

_AVERAGES, _F1_ONLY, _EVERYTHING = "Precision, recall, F1", "F1", "All figures"
_HELP = (
    "Micro counts every (article, tag) pair alike, macro every tag, weighted every tag by its "
    "articles, samples every article. nDCG and precision@k judge the order of the tags, with no "
    "cut."
)


def show_comparison(chosen: Chosen, lineup: Lineup) -> None:
    """Verdict, table and chart of runs that may be compared."""
    comparison = lineup.tables[0]
    if verdicts := state_verdicts(comparison):
        st.markdown("  \n".join(f"**{plain(verdict)}**" for verdict in verdicts))
    published = published_columns(chosen.runs)
    with st.container(horizontal=True, vertical_alignment="center"):
        rows = _choose_rows(comparison)
        _show_export(comparison, published)
    _show_table(comparison, rows, published)
    if len(comparison.names) > 1:
        st.caption(
            f"{count(comparison.articles, 'test article')}. In brackets: {plain(INTERVAL_NOTE)}."
        )
    _show_bands(chosen, comparison, lineup.band_sizes)


def show_apart(chosen: Chosen, tables: tuple[Comparison, ...]) -> None:
    """One table a run, and no difference anywhere."""
    rows = _choose_rows(tables[0])
    for run, table in zip(chosen.runs, tables, strict=True):
        st.markdown(f"**{plain(table.names[0])}**")
        names = {row.figure for row in rows}
        shown = tuple(row for row in table.figures if row.figure in names)
        _show_table(table, shown, published_columns([run]))


def _choose_rows(comparison: Comparison) -> tuple[Row, ...]:
    views = [_F1_ONLY, _AVERAGES, _EVERYTHING]
    return _rows_of(comparison, choose_section("Figures", views, key="figures", help=_HELP))


def _show_table(comparison: Comparison, rows: Sequence[Row], published: Published) -> None:
    table = text_table(comparison, rows, published)
    st.table(escaped_frame(table), alt="Figures of the chosen runs, and their differences.")


def _rows_of(comparison: Comparison, view: str) -> tuple[Row, ...]:
    if view == _EVERYTHING:
        return comparison.figures
    measures = (" F1",) if view == _F1_ONLY else (" precision", " recall", " F1")
    return tuple(row for row in comparison.figures if row.figure.endswith(measures))


def escaped_frame(table: Table) -> pd.DataFrame:
    """Cells shown letter by letter; a difference that is sure in bold."""
    columns = [plain(name) for name in table.header]
    cells = [[f"**{plain(c)}**" if c.endswith("*") else plain(c) for c in r] for r in table.rows]
    return pd.DataFrame(cells, columns=columns).set_index(columns[0])


def _show_export(comparison: Comparison, published: Published) -> None:
    rows = (*comparison.figures, *band_rows(comparison))
    files: Mapping[str, tuple[str, str]] = {
        "CSV": ("csv", csv_text(comparison, rows, published)),
        "Markdown": ("md", to_markdown(text_table(comparison, rows, published))),
        "LaTeX": ("tex", to_latex(text_table(comparison, rows, published))),
    }
    with st.popover("Export", help="The table as a file, and a link that restores this view"):
        for name, (ending, text) in files.items():
            file_name = f"comparison.{ending}"
            offer_file(f"Download as {name}", text, file_name, width="stretch")
        st.caption("Link to this view, for people who use the same Tagsmith:")
        st.code(link_here(), language=None, wrap_lines=True)


def _show_bands(chosen: Chosen, comparison: Comparison, sizes: Sequence[int]) -> None:
    title = state_band_findings(comparison)
    frame = band_table(comparison, sizes)
    show_chart(
        band_bars(frame, chosen.colours),
        frame,
        "f1-by-tag-frequency.csv",
        label="Download this chart's numbers",
        title=title,
        key="bands",
        alt=f"{'; '.join(title)}. Bars of F1 of each run by tag frequency.",
    )
