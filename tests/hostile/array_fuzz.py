"""Every array of saved models, changed in every way: python -m tests.hostile.array_fuzz FOLDER ...

In a process of its own, for what the checks of arrays prevent ends the process. Prints a line of
JSON for each change: the model, the array, the change, and the error's class and sentence, or
whether the scores are those of the model as it was saved.
"""

import json
import shutil
import sys
from pathlib import Path

import numpy as np

from core.base.errors import CoreError
from core.base.files import file_sha256, read_json, write_json
from core.methods.registry import load_tagger
from core.methods.tfidf.tagger import TfidfTagger

TEXTS = ["goroutine channel pprof", "asyncio pandas", ""]
FAR = np.iinfo(np.int32).max


def changes(values):
    """Name -> the array after it: other sizes, types, places in memory and numbers."""
    yield "Fortran order", np.asfortranarray(values)
    yield "other byte order", values.astype(values.dtype.newbyteorder(">"))
    yield "transposed", values.T
    yield "one dimension more", values[None]
    yield "flat", values.ravel()
    yield "no rows", values[:0] if values.ndim else np.zeros(0)
    yield "texts", values.astype(str)
    yield "truth values", values.astype(bool)
    yield "complex", values.astype(complex)
    yield "half precision", values.astype(np.float16)
    yield "whole numbers as floats", values.astype(float) if values.dtype.kind in "iu" else values
    if values.ndim:
        yield "one row less", values[:-1]
        yield "one row more", np.concatenate([values, values[-1:]])
    if values.ndim > 1:
        yield "one column less", values[:, :-1]
    for name, number in (("negative", -1), ("far", FAR), ("very far", 2**62)):
        if values.dtype.kind in "iu":
            for place in (0, -1):
                yield f"{name} at {place}", with_number(values.astype(np.int64), place, number)
    if values.dtype.kind == "f":
        for number in (np.nan, np.inf):
            yield f"{number}", with_number(values, 0, number)
    if values.dtype.kind in "iu":
        yield "falling", values[::-1]
        yield "the same", np.full_like(values, values.ravel()[0])


def with_number(values, place, number):
    changed = values.copy()
    changed.ravel()[place] = number  # a view, as the copy is in one piece
    return changed


def try_changes(model):
    saved = scores_of(model)
    arrays_file = model / "arrays.npz"
    with np.load(arrays_file) as stored:
        arrays = {name: stored[name] for name in stored.files}
    whole = shutil.copytree(model, model.with_name(f"{model.name} whole"))
    for name, values in arrays.items():
        others = {key: value for key, value in arrays.items() if key != name}
        for change, changed in changes(values):
            write(model, lambda to, new=changed: np.savez(to, **{**others, name: new}))  # noqa: B023
            yield name, change, outcome(model, saved)
        write(model, lambda to: np.savez(to, **others))  # noqa: B023
        yield name, "left out", outcome(model, saved)
    data = (whole / "arrays.npz").read_bytes()
    for cut in (0, 1, 100, len(data) // 2, len(data) - 1):
        write(model, lambda to, cut=cut: to.write_bytes(data[:cut]))
        yield "the file", f"cut after {cut} bytes", outcome(model, saved)


def write(model, save):
    """The file, and its checksum: a stranger can count too."""
    save(model / "arrays.npz")
    manifest = read_json(model / "manifest.json")
    manifest["files"]["arrays.npz"] = file_sha256(model / "arrays.npz")
    write_json(model / "manifest.json", manifest)


def outcome(model, saved):
    try:
        scores = scores_of(model)
    except CoreError as error:
        return [type(error).__name__, str(error)]
    except Exception as error:
        return ["unexpected", repr(error)[:300]]
    alike = scores.shape == saved.shape and np.allclose(scores, saved, atol=1e-6)
    return ["scores", "the same" if alike else f"others: {scores.tolist()}"]


def scores_of(model):
    tagger = load_tagger(model)
    if isinstance(tagger, TfidfTagger):
        tagger.contributions(TEXTS[0])
    return np.vstack([tagger.scores(TEXTS), tagger.thresholds])


if __name__ == "__main__":
    for name in sys.argv[1:]:
        for line in try_changes(Path(name)):
            print(json.dumps([Path(name).name, *line]), flush=True)
