"""The check report: what is read, what is dropped and why, and tags that look wrong."""

import pandas as pd
import streamlit as st

from core.articles.check import CheckReport
from core.dataset.variants import find_variants
from pages.parts.shared.downloads import offer_file
from pages.parts.shared.frame import show_metrics
from pages.parts.shared.tables import show_chart, show_download
from pages.parts.shared.words import count, plain

_SHOWN = 100


def show_report(report: CheckReport) -> None:
    """The counts of a check, its problems, and how many tags the articles have."""
    st.markdown("#### What is in it")
    copies = (
        "Articles with the address, or the title and description, of an earlier one. They are "
        "kept; training keeps copies on one side of the split."
    )
    show_metrics(
        {
            "Rows": f"{report.rows:,}",
            "Articles": f"{report.articles:,}",
            "Dropped": f"{report.bad_count:,}",
            "Copies": f"{report.copy_count:,}",
            "Tags": f"{len(report.tag_counts):,}",
            "Tags per article": f"{report.tags_per_article:.2f}",
        },
        help={"Copies": copies},
    )
    st.caption(
        f"Without tags: {report.without_tags:,} · without a description: "
        f"{report.without_description:,} · without a full text: {report.without_fulltext:,}"
    )
    if report.left_out:
        st.caption(plain(" · ".join(report.left_out)))
    _show_problems(report)
    _show_odd_tags(report)
    if report.articles:
        from pages.parts.shared.charts import count_bars  # brings Altair, for a file only

        numbers = {str(tags): n for tags, n in report.articles_by_tag_number.items()}
        show_chart(
            count_bars(numbers, title="Articles by their number of tags", label="tags"),
            pd.DataFrame({"tags": list(numbers), "articles": list(numbers.values())}),
            "tags-per-article.csv",
            alt=f"Articles by their number of tags; {report.tags_per_article:.2f} on average.",
        )


def show_cells(report: CheckReport) -> None:
    """Five cells and the tags read from them, and in which order dates are read."""
    if report.tag_examples:
        st.caption(f"Tags: {plain(str(report.plan.tag_form))}.")
        rows = [(example.cell, " · ".join(example.tags)) for example in report.tag_examples]
        frame = pd.DataFrame(rows, columns=["cell of tags", "tags read from it"])
        st.dataframe(frame, hide_index=True, alt="Cells and the tags in them.")
    if sentence := report.plan.date_form.sentence:
        st.caption(plain(sentence))


def _show_problems(report: CheckReport) -> None:
    if not report.bad_count and not report.copy_count and not report.left_empty:
        st.caption("Every row can be used, and none repeats another.")
        return
    kinds = {"dropped": report.bad_rows, "copy": report.copies, "left empty": report.left_empty}
    listed = [(str(row), kind) for kind, rows in kinds.items() for row in rows]
    label = f"{count(report.bad_count, 'row')} dropped, {count(report.copy_count, 'repeat')}"
    if report.left_empty:
        empty = sum(report.left_empty_counts.values())
        label += f", {count(empty, 'optional cell')} left empty"
    with st.expander(label, expanded=bool(report.bad_count)):
        frame = pd.DataFrame(listed[:_SHOWN], columns=["row", "what"])
        alt = "Rows dropped, repeated or with a cell left empty."
        st.dataframe(frame, hide_index=True, alt=alt)
        if len(listed) > _SHOWN:
            st.caption(f"{len(listed) - _SHOWN:,} more are in the download.")
        label = "Download all with their lines"
        offer_file(label, report.problems_csv, "problems.csv", key="download_problems")


def _show_odd_tags(report: CheckReport) -> None:
    rows = [(odd.tag, odd.articles, odd.why) for odd in report.odd_tags]
    rows += [
        (v.tag, v.tag_articles, f"perhaps {v.into} ({v.reason})")
        for v in find_variants(report.tag_counts)
    ]
    if not rows:
        return
    frame = pd.DataFrame(rows, columns=["tag", "articles", "why"])
    with st.expander(f"{count(len(rows), 'tag')} to look at"):
        st.dataframe(frame, hide_index=True, alt="Tags that look wrong.")
        st.caption(plain("Explore > Spellings merges them once the set is kept."))
        show_download(frame, "odd-tags.csv")
