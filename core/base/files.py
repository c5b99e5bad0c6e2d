"""Files and folders that are replaced in one step, checksums, and CSV without formulas."""

import csv
import hashlib
import io
import json
import re
import secrets
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

# A cell that begins so is a formula to a spreadsheet (OWASP, "CSV Injection").
_FORMULA_STARTS = r"[=+\-@\t\r]"
_TO_GUARD = re.compile(f"'*{_FORMULA_STARTS}")
_GUARDED = re.compile(f"'+{_FORMULA_STARTS}")
# Levels of lists and objects within one another; writing much deeper JSON again would fail.
_DEEPEST = 50


@dataclass(frozen=True)
class Unreadable:
    """A set, run or job that is kept but cannot be read.

    problem: a sentence that names the file and what is wrong with it.
    """

    name: str
    problem: str


def write_json(path: Path, value: Any, *, indent: int | None = 1) -> None:
    """Write a value as JSON in one step: a reader sees the old file or the new one, never half.

    indent: None writes one line, in a quarter of the time.

    >>> write_json(Path("settings.json"), {"seed": 7}, indent=None)
    >>> read_json(Path("settings.json"))
    {'seed': 7}
    """
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    with replacing(path) as partial:
        partial.write_text(f"{text}\n", encoding="utf-8")


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """Give a path beside the target to write to, which takes the target's name at the end.

    On any error the partial file is removed. Its name is unique, so that threads and processes
    that write the same target at once do not write into one another's file.
    """
    partial = target.with_name(f".{target.name[-40:]}.{secrets.token_hex(8)}.partial")
    try:
        yield partial
        partial.replace(target)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def read_json(path: Path) -> Any:
    """Read a JSON file. Raises OSError or ValueError, whatever is wrong with it."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def read_json_object(path: Path) -> dict[str, Any]:
    """Read a JSON file that holds an object.

    Raises as read_json does, and ValueError for another value or one nested too deeply.
    """
    value = read_json(path)
    if not isinstance(value, dict):
        raise ValueError("it holds no JSON object")
    level: list[Any] = [value]
    for _ in range(_DEEPEST):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
    if level:
        raise ValueError("it is nested too deeply")
    return value


@contextmanager
def new_folder(target: Path, *, replace: bool = False) -> Iterator[Path]:
    """Give a folder to fill, which takes the target's name at the end; on any error it is removed.

    Raises FileExistsError if the target exists by then, unless `replace`.

    >>> with new_folder(Path("run")) as folder:
    ...     write_json(folder / "report.json", {"f1": 0.7})
    >>> sorted(path.name for path in Path("run").iterdir())
    ['report.json']
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


def why_unreadable(error: Exception) -> str:
    """Say in a few words, for a sentence on one of our files, why it could not be read."""
    if isinstance(error, FileNotFoundError):
        return "it is missing"
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    if isinstance(error, ValidationError):
        problem = error.errors(include_url=False)[0]
        return ": ".join([*map(str, problem["loc"]), problem["msg"]])
    if isinstance(error, json.JSONDecodeError | UnicodeDecodeError):
        return "it is not JSON"
    return str(error) or type(error).__name__


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file's bytes, in 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def safe_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Write CSV text in which no text cell starts a spreadsheet formula; numbers stay numbers.

    >>> safe_csv(["tag", "change"], [["=A1", -0.5]])
    "tag,change\\n'=A1,-0.5\\n"
    """
    return "".join(map(csv_line, (header, *rows)))


def csv_line(cells: Iterable[object]) -> str:
    """Write one row of such CSV. A text with any line end is quoted."""
    buffer = io.StringIO()
    # csv quotes "\\r" only where the line end has it, and one without quotes ends a row.
    csv.writer(buffer, lineterminator="\r\n").writerow([inert_cell(cell) for cell in cells])
    return f"{buffer.getvalue()[:-2]}\n"


def inert_cell(cell: object) -> object:
    """Put an apostrophe before a text that a spreadsheet would run; leave other cells as they are.

    A text that has apostrophes there gets one more, so that uninert_cell gives back any text.
    """
    if isinstance(cell, str) and _TO_GUARD.match(cell):
        return f"'{cell}"
    return cell


def uninert_cell(cell: str) -> str:
    """Give back the text from which inert_cell made this cell."""
    return cell[1:] if _GUARDED.match(cell) else cell
