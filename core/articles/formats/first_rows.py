"""The rows at the start of a source, from which its reading is planned."""

from collections.abc import Iterator

from core.articles.formats.rows import Row

# Enough that a date after the twelfth of a month or a tag that recurs is among them.
_MOST_ROWS = 5000
_MOST_CHARACTERS = 8_000_000


def first_rows(rows: Iterator[Row]) -> list[Row]:
    """The first 5,000 rows, or fewer where these are long: about eight million characters."""
    found: list[Row] = []
    characters = 0
    for row in rows:
        found.append(row)
        values = (row.cells or {}).values()
        characters += sum(len(value) for value in values if isinstance(value, str))
        if len(found) == _MOST_ROWS or characters > _MOST_CHARACTERS:
            break
    return found
