"""A saved model: JSON and numpy files, each named with its sha256 in a manifest. No pickle."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.base.arrays import ArrayError, StoredArrays, read_arrays
from core.base.errors import RunError
from core.base.files import file_sha256, read_json, write_json

_FORMAT = 1
MANIFEST, ARRAYS = "manifest.json", "arrays.npz"
_TEXTS = "texts.json"


@dataclass(frozen=True)
class Bundle:
    """The parts of a saved model, of which texts and arrays are checked when they are asked for."""

    settings: Mapping[str, Any]
    texts: Mapping[str, Any]
    arrays: StoredArrays

    @property
    def tags(self) -> tuple[str, ...]:
        """The K tags. Raises ValueError if there are none, or one stands there twice."""
        return self.names("tags")

    @property
    def thresholds(self) -> NDArray[np.float64]:
        """(K,). Raises ValueError if they are not the tags' own."""
        return self.arrays.floats("thresholds", len(self.tags)).astype(np.float64)

    @property
    def unconverged(self) -> int:
        """How many tags' fits stopped at the solver's limit. Raises ValueError for no number."""
        found = self.settings["unconverged"]
        if not isinstance(found, int):
            raise ValueError(f"unconverged is {found!r}")
        return found

    def names(self, key: str) -> tuple[str, ...]:
        """A list of different texts, one at least. Raises ValueError for anything else."""
        found = self.strings(key)
        if not found or len(set(found)) < len(found):
            raise ValueError(f"{key} in {_TEXTS} is empty or names something twice")
        return found

    def strings(self, key: str) -> tuple[str, ...]:
        """A list of texts. Raises ValueError for anything else."""
        found = self.texts[key]
        if not isinstance(found, list) or not all(isinstance(text, str) for text in found):
            raise ValueError(f"{key} in {_TEXTS} is no list of texts")
        return tuple(found)


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
    np.savez(folder / ARRAYS, **arrays)
    files = {name: file_sha256(folder / name) for name in (_TEXTS, ARRAYS, *more_files)}
    manifest = {"format": _FORMAT, "kind": kind, "settings": settings, "files": files}
    write_json(folder / MANIFEST, manifest)


def read_kind(folder: Path) -> str:
    """What kind of model a folder holds. Raises RunError if that cannot be read."""
    try:
        return str(read_json(folder / MANIFEST)["kind"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise _unreadable(folder, error) from None


def read_bundle(folder: Path, *, kind: str) -> Bundle:
    """Read a model after checking every file's sha256.

    Raises RunError if it is incomplete, changed since it was saved, or of another kind.
    """
    with reading_model(folder):
        manifest = read_json(folder / MANIFEST)
        if (manifest["format"], manifest["kind"]) != (_FORMAT, kind):
            raise RunError(
                f"The model in {folder} is {manifest['kind']!r}, format {manifest['format']}; "
                f"expected {kind!r}, format {_FORMAT}. Train it again."
            )
        for name in {_TEXTS, ARRAYS, *manifest["files"]}:
            if not (folder / name).resolve().is_relative_to(folder.resolve()):
                raise RunError(f"The model in {folder} names a file outside it. Train it again.")
            if file_sha256(folder / name) != manifest["files"][name]:
                raise RunError(f"{name} of the model in {folder} has changed. Train it again.")
        settings, texts = manifest["settings"], read_json(folder / _TEXTS)
        if not isinstance(settings, dict) or not isinstance(texts, dict):
            raise ValueError("its settings or texts are no object")
        return Bundle(settings, texts, read_arrays(folder / ARRAYS))


@contextmanager
def reading_model(folder: Path) -> Iterator[None]:
    """What the parts of a saved model raise becomes a RunError that names the folder or a file."""
    try:
        yield
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _unreadable(folder, error) from None


def _unreadable(folder: Path, error: Exception) -> RunError:
    said = f"{error} is missing" if isinstance(error, KeyError) else " ".join(str(error).split())
    what = f"{ARRAYS} of the model" if isinstance(error, ArrayError) else "The model"
    return RunError(f"{what} in {folder} cannot be read ({said}). Train it again.")
