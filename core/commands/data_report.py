"""The findings of a check, as JSON and for people to read."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.articles.check import CheckReport

_SHOWN = 20
_FEW = 3


def report_json(report: CheckReport) -> dict[str, Any]:
    """Make the JSON document of a check; of bad rows and empty cells it holds the first 20."""
    from core.dataset.variants import find_variants

    return {
        "file": report.name,
        "rows": report.rows,
        "articles": report.articles,
        "duplicates": report.copy_count,
        "bad_rows": report.bad_count,
        "first_bad_rows": [asdict(row) for row in report.bad_rows[:_SHOWN]],
        "reasons": report.reasons,
        "left_out": report.left_out,
        "encoding": report.encoding,
        "notes": report.notes,
        "columns": report.plan.fields,
        "tag_format": report.plan.tag_form.format,
        "tag_separator": report.plan.tag_form.separator,
        "tag_examples": [asdict(example) for example in report.tag_examples],
        "date_order": report.plan.date_form.order,
        "left_empty": report.left_empty_counts,
        "first_left_empty": [asdict(row) for row in report.left_empty[:_SHOWN]],
        "without_description": report.without_description,
        "without_fulltext": report.without_fulltext,
        "without_tags": report.without_tags,
        "tags": len(report.tag_counts),
        "tags_per_article": report.tags_per_article,
        "odd_tags": [asdict(tag) for tag in report.odd_tags],
        "variants": [asdict(variant) for variant in find_variants(report.tag_counts)],
    }


def print_report(report: CheckReport) -> None:
    """Print what a check found, with the first 20 bad rows and doubtful tags."""
    from core.articles.mapping import reading_sentence
    from core.dataset.variants import find_variants

    print(
        f"{report.name}: {_counted(report.rows, 'row')}, {_counted(report.articles, 'article')}, "
        f"{_counted(report.copy_count, 'duplicate')}, {_counted(report.bad_count, 'bad row')}"
    )
    for row in report.bad_rows[:_SHOWN]:
        print(f"  {row}")
    for note in report.notes:
        print(note)
    for sentence in report.left_out:
        print(f"{sentence}.")
    print(reading_sentence(report.plan.record()))
    _print_cells(report)
    print(
        f"{len(report.tag_counts):,} tags, {report.tags_per_article:.2f} an article; without tags "
        f"{report.without_tags:,}, without a description {report.without_description:,}, "
        f"without a full text {report.without_fulltext:,}."
    )
    odd = [f"{tag.tag!r} ({tag.why})" for tag in report.odd_tags]
    odd += [f"{v.tag!r} (as {v.into!r}?)" for v in find_variants(report.tag_counts)]
    if odd:
        more = f" and {len(odd) - _SHOWN:,} more" if len(odd) > _SHOWN else ""
        print(f"Look at these tags: {', '.join(odd[:_SHOWN])}{more}.")


def _print_cells(report: CheckReport) -> None:
    """How tags and dates are read, and which cells were left empty."""
    if report.tag_examples:
        print(f"Tags: {report.plan.tag_form} (another: --tag-separator MARK).")
    for example in report.tag_examples:
        print(f"  {example.cell!r} -> {', '.join(map(repr, example.tags))}")
    if sentence := report.plan.date_form.sentence:
        print(sentence)
    for field, count in report.left_empty_counts.items():
        rows = [row for row in report.left_empty if row.field == field]
        print(f"{field} cannot be read in {_counted(count, 'row')}, and is left empty there:")
        for row in rows[:_FEW]:
            print(f"  {row}")


def _counted(number: int, noun: str) -> str:
    return f"1 {noun}" if number == 1 else f"{number:,} {noun}s"
