"""The files of a run's folder: their names, and whether each is as it was kept."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.base.errors import RunError
from core.base.files import file_sha256, read_json_object, why_unreadable, write_json

CONFIG, REPORT, ENVIRONMENT = "config.json", "report.json", "environment.json"
SCORES, PER_TAG, THRESHOLDS = "scores.npz", "per_tag.parquet", "thresholds.json"
EVENTS, MANIFEST = "events.jsonl", "model/manifest.json"
_STATUS = "status.json"
# Of a run's folder. 1 had no such number, and no checksums; an early 2 has those of two files.
_FORMAT = 2
# The model's manifest has the checksums of the model's other files.
_CHECKED = (CONFIG, REPORT, ENVIRONMENT, SCORES, PER_TAG, THRESHOLDS, EVENTS, MANIFEST)


def finish_folder(folder: Path) -> None:
    """Write the last file of a run's folder, which says that the others are there."""
    files = {name: file_sha256(folder / name) for name in _CHECKED}
    write_json(folder / _STATUS, {"state": "done", "format": _FORMAT, "files": files})


def read_checksums(folder: Path) -> dict[str, str]:
    """sha256 by name of the files that a finished run promises not to use once they have changed.

    Raises RunError for a run that is unfinished, damaged, or of a newer Tagsmith.
    """
    status = read_unchanged(folder, _STATUS, {})
    try:
        state, number = status["state"], int(status.get("format", 1))
        checksums = dict(status.get("files", {}))
        if number == _FORMAT and not {SCORES, PER_TAG} <= checksums.keys():
            raise ValueError("its checksums are gone")
    except (KeyError, ValueError, TypeError) as error:
        raise damaged_file(folder, _STATUS, error) from None
    if state != "done":
        raise RunError(f"Run {folder.name} is {state}, not done.")
    if number > _FORMAT:
        raise RunError(f"Run {folder.name} was kept by a newer Tagsmith. Update Tagsmith.")
    return checksums


def require_unchanged(folder: Path, name: str, checksums: Mapping[str, str]) -> None:
    """Raises ValueError if a file is not the one that was kept, as far as its sha256 is known."""
    if checksums.get(name, "") not in ("", file_sha256(folder / name)):
        raise ValueError("it has changed since it was kept")


def read_unchanged(folder: Path, name: str, checksums: Mapping[str, str]) -> dict[str, Any]:
    """A JSON object of the run. Raises RunError naming the file if it is damaged."""
    try:
        require_unchanged(folder, name, checksums)
        return read_json_object(folder / name)
    except (OSError, ValueError) as error:
        raise damaged_file(folder, name, error) from None


def damaged_file(folder: Path, name: str, error: Exception) -> RunError:
    return RunError(
        f"Run {folder.name} is damaged: {name} cannot be read ({why_unreadable(error)}). "
        "Run it again."
    )
