"""Which files one text, one threshold and one setting pass, on the way from a command to its end.

python benchmarks/paths.py    (from the root of any version of the project)

A file counts if one of its functions is called with the value, alone or inside a record that holds
it. Files are listed in the order in which they are first reached. A climb is a call to a function
on a higher floor, by a function on a lower one that holds the value too.
"""

import contextlib
import io
import os
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np

ROOT = Path.cwd()
# As in tests/test_house.py; "models" held the methods and solvers before they had rooms.
FLOORS = (
    "base articles dataset features metrics settings solvers models methods evaluate study runs "
    "estimate fetch suggest feedback jobs api commands __main__"
).split()
TEXT = "Zyzzyva channels leak when nobody reads the goroutine"
CUT = 0.1234567
RANGE = (1, 3)
_DEEPEST = 5


class Tracer:
    """Notes the files of core whose functions are called with a value."""

    def __init__(self, is_value: Callable[[Any], bool]) -> None:
        self.is_value = is_value
        self.files: list[str] = []
        self.climbs: set[tuple[str, str]] = set()

    def __call__(self, frame: FrameType, event: str, _: object) -> None:
        """What sys.setprofile calls at each call and return."""
        if event != "call" or not (here := _file(frame)) or not self._holds(frame):
            return
        if here not in self.files:
            self.files.append(here)
        caller = frame.f_back
        while caller is not None and not _file(caller):
            caller = caller.f_back
        if caller is not None:
            there = _file(caller)
            if _floor(here) > _floor(there) and self._holds(caller):
                self.climbs.add((there, here))

    def _holds(self, frame: FrameType) -> bool:
        names = frame.f_code.co_varnames[
            : frame.f_code.co_argcount + frame.f_code.co_kwonlyargcount
        ]
        return any(self._found(frame.f_locals.get(name), _DEEPEST) for name in names)

    def _found(self, value: Any, depth: int) -> bool:
        if self.is_value(value):
            return True
        if depth == 0 or isinstance(value, (type, str, bytes)):
            return False
        if isinstance(value, dict):
            parts = list(value.values())[:50]
        elif isinstance(value, (list, tuple)):
            parts = list(value[:5])
        elif type(value).__module__.startswith(("core.", "argparse")):
            parts = list(getattr(value, "__dict__", {}).values())
        else:
            return False
        return any(self._found(part, depth - 1) for part in parts)


def _is_range(value: Any) -> bool:
    """Whether it is the setting: (1, 3), or a grid of it alone."""
    if not isinstance(value, (list, tuple)) or len(value) not in (1, 2):
        return False
    inner = value[0] if len(value) == 1 else value
    if not isinstance(inner, (list, tuple)) or len(inner) != 2:
        return False
    return all(isinstance(end, int) for end in inner) and tuple(inner) == RANGE


def _file(frame: FrameType) -> str:
    name = frame.f_code.co_filename
    return name.removeprefix(f"{ROOT}/") if name.startswith(f"{ROOT}/core/") else ""


def _floor(file: str) -> int:
    return FLOORS.index(file.split("/")[1].removesuffix(".py"))


def _is_cut(value: Any) -> bool:
    """Whether it is the threshold, or an array of it alone."""
    if isinstance(value, np.ndarray):
        return value.dtype == np.float64 and value.size > 0 and bool((value == CUT).all())
    return isinstance(value, float) and value == CUT


def trace(is_value: Callable[[Any], bool], *commands: list[str]) -> Tracer:
    """Run commands of the command line and note the files that the value passes."""
    from core.commands.main import main

    tracer = Tracer(is_value)
    threading.setprofile(tracer)
    sys.setprofile(tracer)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            for command in commands:
                assert main(command) == 0
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
    return tracer


def main() -> None:
    """Print the three lists as Markdown."""
    with tempfile.TemporaryDirectory() as home:
        os.environ["TAGSMITH_HOME"] = home
        sys.path.insert(0, str(ROOT))
        train = ["run", "best-tfidf", "--data", "sample", "--set", "features.ngram_range=[[1,3]]"]
        suggest = ["suggest", "--text", TEXT]
        setting = trace(_is_range, train)
        text = trace(lambda value: isinstance(value, str) and TEXT in value, suggest)
        (run,) = (folder.name for folder in Path(home, "runs").iterdir() if folder.is_dir())
        save = ["thresholds", run, "--value", str(CUT), "--save", "mine"]
        cut = trace(_is_cut, save, suggest)
    for name, found in (("one text", text), ("one threshold", cut), ("one setting", setting)):
        print(f"\n### {name}: {len(found.files)} files, {len(found.climbs)} climbs\n")
        print("\n".join(f"{place}. `{file}`" for place, file in enumerate(found.files, 1)))
        print("\n".join(f"- climb: `{low}` calls `{high}`" for low, high in sorted(found.climbs)))


if __name__ == "__main__":
    main()
