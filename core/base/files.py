"""Files that are never seen half written, checksums, and CSV that a spreadsheet cannot run."""

import csv
import hashlib
import io
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# A cell that begins so is a formula to a spreadsheet (OWASP, "CSV Injection").
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def write_json(path: Path, value: Any, *, indent: int | None = 1) -> None:
    """Replace `path` by `value` as JSON in one step; a reader sees the old file or the new one.

    indent: None writes one line, in a quarter of the time.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    partial.write_text(f"{text}\n", encoding="utf-8")
    partial.replace(path)


def read_json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


@contextmanager
def new_folder(target: Path, *, replace: bool = False) -> Iterator[Path]:
    """A temporary folder beside `target` that takes its name at the end, or vanishes on any error.

    Raises FileExistsError if `target` exists by then, unless `replace`.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    workshop = Path(tempfile.mkdtemp(prefix=".partial-", dir=target.parent))
    made, old = workshop / "made", workshop / "old"
    try:
        made.mkdir()
        yield made
        if target.exists():
            if not replace:
                raise FileExistsError(target)
            target.rename(old)
        made.rename(target)
    finally:
        shutil.rmtree(workshop, ignore_errors=True)


def file_sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def safe_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """CSV text in which no text cell starts a spreadsheet formula; numbers stay numbers."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([inert_cell(cell) for cell in header])
    writer.writerows([inert_cell(cell) for cell in row] for row in rows)
    return buffer.getvalue()


def inert_cell(cell: object) -> object:
    """The cell, with an apostrophe before a text that a spreadsheet would run."""
    if isinstance(cell, str) and cell.startswith(_FORMULA_STARTS):
        return f"'{cell}"
    return cell
