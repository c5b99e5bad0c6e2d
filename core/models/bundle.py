"""A saved model: JSON and numpy files, each named with its sha256 in a manifest. No pickle."""

import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.base.errors import RunError
from core.base.files import file_sha256, read_json, write_json

_FORMAT = 1
MANIFEST = "manifest.json"
_TEXTS, _ARRAYS = "texts.json", "arrays.npz"


@dataclass(frozen=True)
class Bundle:
    """The parts of a saved model."""

    settings: Mapping[str, Any]
    texts: Mapping[str, Sequence[str]]
    arrays: Mapping[str, NDArray[Any]]


def write_bundle(
    folder: Path,
    *,
    kind: str,
    settings: Mapping[str, Any],
    texts: Mapping[str, Sequence[str]],
    arrays: Mapping[str, Any],
    more_files: Sequence[str] = (),
) -> None:
    """Write a model into an empty or new folder; the manifest last.

    more_files: names of files that are there already and belong to it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / _TEXTS, texts)
    np.savez(folder / _ARRAYS, **arrays)
    files = {name: file_sha256(folder / name) for name in (_TEXTS, _ARRAYS, *more_files)}
    manifest = {"format": _FORMAT, "kind": kind, "settings": settings, "files": files}
    write_json(folder / MANIFEST, manifest)


def read_kind(folder: Path) -> str:
    """What kind of model a folder holds. Raises RunError if that cannot be read."""
    try:
        return str(read_json(folder / MANIFEST)["kind"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _unreadable(folder, error) from None


def read_bundle(folder: Path, *, kind: str) -> Bundle:
    """Read a model after checking every file's sha256.

    Raises RunError if it is incomplete, changed since it was saved, or of another kind.
    """
    try:
        manifest = read_json(folder / MANIFEST)
        if (manifest["format"], manifest["kind"]) != (_FORMAT, kind):
            raise RunError(
                f"The model in {folder} is {manifest['kind']!r}, format {manifest['format']}; "
                f"expected {kind!r}, format {_FORMAT}. Train it again."
            )
        for name in {_TEXTS, _ARRAYS, *manifest["files"]}:
            if not (folder / name).resolve().is_relative_to(folder.resolve()):
                raise RunError(f"The model in {folder} names a file outside it. Train it again.")
            if file_sha256(folder / name) != manifest["files"][name]:
                raise RunError(f"{name} of the model in {folder} has changed. Train it again.")
        with np.load(folder / _ARRAYS, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        return Bundle(manifest["settings"], read_json(folder / _TEXTS), arrays)
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise _unreadable(folder, error) from None


def _unreadable(folder: Path, error: Exception) -> RunError:
    return RunError(f"The model in {folder} cannot be read ({error}). Train it again.")
