"""The names of a table's columns, and its rows under them."""

from collections import Counter
from collections.abc import Sequence

from core.articles.formats.cells import is_written_here
from core.articles.formats.row import Row
from core.base.errors import DataError
from core.base.files import uninert_cell

# A spreadsheet has 16,384 at most. Every column costs memory in every row that is shown.
MOST_COLUMNS = 10_000


def require_columns(place: str, names: Sequence[str]) -> None:
    """Raises DataError for too many columns, or two of the same name."""
    if len(names) > MOST_COLUMNS:
        raise DataError(
            f"{place} has {len(names):,} columns; up to {MOST_COLUMNS:,} are read. "
            "Leave out columns that no article needs."
        )
    counts = Counter(filter(None, names))
    if twice := sorted(name for name, times in counts.items() if times > 1):
        raise DataError(f"{place} has two columns {twice[0][:80]!r}. Give each its own name.")


class Header:
    """Columns by their names. One without a name is "column N", in rows where it is filled."""

    def __init__(self, place: str, cells: Sequence[str], *, ragged: bool = False) -> None:
        """ragged: rows may be shorter or longer, as a sheet has them, without being wrong."""
        self._cells = [cell.strip() for cell in cells]
        require_columns(place, self._cells)
        self._ragged = ragged
        named = [at for at, name in enumerate(self._cells, start=1) if name]
        self._least, self._most = max(named), len(self._cells)
        self._is_ours = is_written_here(self._cells)
        self._names: list[str] = []
        self._unnamed: list[str] = []
        self._taken = {name for name in self._cells if name}
        self._extend(self._most)

    def _extend(self, width: int) -> None:
        """Names for the columns up to this one."""
        for at in range(len(self._names), width):
            name = self._cells[at] if at < len(self._cells) else ""
            if name:
                self._names.append(uninert_cell(name) if self._is_ours else name)
                continue
            name = f"column {at + 1}"
            while name in self._taken:
                name += " (unnamed)"
            self._names.append(name)
            self._unnamed.append(name)

    def row(self, line: int, cells: list[str]) -> Row:
        """The row, or why its cells do not fit the columns."""
        while len(cells) > self._most and not cells[-1].strip():
            cells.pop()
        if self._ragged:
            cells = cells + [""] * (self._most - len(cells))
            self._extend(len(cells))
        elif not self._least <= len(cells) <= self._most:
            problem = f"has {len(cells)} cells, the header has {self._least}"
            return Row(line, None, problem, has_header=True)
        if cells[0].strip() == self._cells[0] and self._repeats_header(cells):
            return Row(line, None, "is the header again", has_header=True)
        if self._is_ours:
            cells = [uninert_cell(cell) for cell in cells]
        row = dict(zip(self._names, cells, strict=False))
        for name in self._unnamed:
            if not row.get(name, "").strip():
                row.pop(name, None)
        return Row(line, row, has_header=True)

    def _repeats_header(self, cells: list[str]) -> bool:
        filled = [cell.strip() for cell in cells[: self._most]]
        return filled[: self._least] == self._cells[: self._least] and not any(
            filled[self._least :]
        )
