"""Arrays of a file, each checked for its type, shape and values before anything uses it.

Sizes and column numbers go to compiled code that trusts them, so a wrong one can end the process.
"""

import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray
from scipy.sparse import csr_array

# What the libraries raise for a file that is damaged or made up.
_UNREADABLE = (
    OSError,
    ValueError,
    TypeError,
    KeyError,
    EOFError,
    MemoryError,
    OverflowError,
    RuntimeError,
    NotImplementedError,
    SyntaxError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)


class ArrayError(ValueError):
    """An array of a file is missing or is not as it must be; the message names it."""


@dataclass(frozen=True)
class StoredArrays:
    """The arrays of a file by name. Each method returns a checked one, or raises ArrayError."""

    values: Mapping[str, NDArray[Any]]

    def array(self, name: str, *, dimensions: int) -> NDArray[Any]:
        """An array of so many dimensions, of any type."""
        if not isinstance(found := self.values.get(name), np.ndarray):
            raise ArrayError(f"{name} is missing")
        if found.ndim != dimensions:
            raise ArrayError(f"{name} has {found.ndim} dimensions, not {dimensions}")
        return found

    def floats(self, name: str, *shape: int | None, above: float = -np.inf) -> NDArray[Any]:
        """An array of finite float32 or float64 in C order.

        shape: a length each dimension, None where any will do. above: every value is larger.
        """
        found = self.array(name, dimensions=len(shape))
        if found.dtype.kind != "f" or found.dtype.itemsize not in (4, 8):
            raise ArrayError(f"{name} holds {found.dtype}, not float32 or float64")
        if any(size not in (None, own) for size, own in zip(shape, found.shape, strict=True)):
            wanted = " x ".join("any" if size is None else str(size) for size in shape)
            raise ArrayError(f"{name} is {' x '.join(map(str, found.shape))}, not {wanted}")
        if found.size:
            least, most = found.min(), found.max()  # either is NaN if one number is
            if not (np.isfinite(least) and np.isfinite(most)):
                raise ArrayError(f"{name} holds a value that is not a finite number")
            if least <= above:
                raise ArrayError(f"{name} holds {least}, which is not above {above:g}")
        return np.asarray(found, found.dtype.newbyteorder("="), order="C")

    def integers(self, name: str) -> NDArray[np.int64]:
        """A one-dimensional array of whole numbers."""
        found = self.array(name, dimensions=1)
        if found.dtype.kind not in "iu":
            raise ArrayError(f"{name} holds {found.dtype}, not whole numbers")
        if found.size and int(found.max()) > np.iinfo(np.int64).max:
            raise ArrayError(f"{name} holds a number that is too large")
        return np.ascontiguousarray(found, np.int64)

    def texts(self, name: str) -> tuple[str, ...]:
        """The texts of a one-dimensional array."""
        found = self.array(name, dimensions=1)
        if found.dtype.kind != "U" and found.size:
            raise ArrayError(f"{name} holds {found.dtype}, not texts")
        return tuple(map(str, found.tolist()))

    def sparse(
        self, indices: str, ends: str, shape: tuple[int, int], *, data: str = ""
    ) -> csr_array:
        """A sparse matrix of this shape from its arrays in CSR form.

        indices, ends, data: names of the arrays; data "" for a matrix of bool, in which no cell may
        be named twice.
        """
        rows, columns = shape
        places, bounds = self.integers(indices), self.integers(ends)
        cells = self.floats(data, len(places)) if data else np.ones(len(places), bool)
        if len(bounds) != rows + 1:
            raise ArrayError(f"{ends} has {len(bounds)} numbers, not {rows + 1}")
        if bounds[0] != 0 or bounds[-1] != len(places) or (np.diff(bounds) < 0).any():
            raise ArrayError(f"{ends} does not rise from 0 to {len(places)}")
        if len(places) and not 0 <= places.min() <= places.max() < columns:
            raise ArrayError(f"{indices} holds a column outside 0 to {columns - 1}")
        matrix = csr_array((cells, *smallest(places, bounds)), shape=shape)
        if not data:
            matrix.sum_duplicates()
            if matrix.nnz != len(places):
                raise ArrayError(f"{indices} names a column twice in one row")
        return matrix


def smallest(*indices: NDArray[np.int64]) -> list[NDArray[Any]]:
    """The arrays as int32 if all of their numbers fit, as scipy keeps them."""
    fits = all(not len(own) or own.max() <= np.iinfo(np.int32).max for own in indices)
    return [own.astype(np.int32) for own in indices] if fits else list(indices)


def read_arrays(path: Path) -> StoredArrays:
    """Read an .npz file. Raises ArrayError if it is not one, or if an array is cut off."""
    try:
        with zipfile.ZipFile(path) as packed:
            for info in packed.infolist():
                with packed.open(info) as file:
                    _require_whole(info, file)
        with np.load(path, allow_pickle=False) as stored:
            return StoredArrays({name: stored[name] for name in stored.files})
    except _UNREADABLE as error:
        raise ArrayError(str(error) or type(error).__name__) from None


def _require_whole(info: zipfile.ZipInfo, file: Any) -> None:
    """Refuse an array whose head states a wrong size, since memory is reserved by the head."""
    version = npy.read_magic(file)
    readers = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
    if version not in readers:
        raise ArrayError(f"{info.filename} is of an unknown form")
    shape, _, dtype = readers[version](file)
    if dtype.hasobject:
        raise ArrayError(f"{info.filename} holds Python objects, which are never read")
    size = dtype.itemsize
    for length in shape:
        size *= length
    if min(shape, default=0) < 0 or size != info.file_size - file.tell():
        raise ArrayError(f"{info.filename} is not whole")
