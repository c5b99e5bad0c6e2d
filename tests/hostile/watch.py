"""Notes files that were touched outside the folders that may be, while a block lasts."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_TEMPORARY = tempfile.gettempdir()
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_CHANGES = ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.symlink", "os.link")
_RUNS = ("os.system", "os.exec", "os.posix_spawn", "subprocess.Popen", "os.fork")


class Watch:
    """An audit hook cannot be taken off: this one hears only while it is listening."""

    def __init__(self) -> None:
        self.allowed: tuple[str, ...] = ()
        self.forbidden: str = ""
        self.listening = False
        self.seen: list[str] = []
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.listening:
            return
        if event in _RUNS and arguments[0] != sys.executable:  # Train measures in a process
            self.seen.append(f"{event} {arguments[0]!r}")
        elif event == "open":
            path, _, flags = arguments
            self._note(event, path, writes=bool((flags or 0) & _WRITES))
        elif event in _CHANGES and Path(os.fsdecode(arguments[0])).is_absolute():
            # rmtree names what it removes from within its folder.
            self._note(event, arguments[0], writes=True)

    def _note(self, event: str, path: Any, *, writes: bool) -> None:
        if not isinstance(path, str | bytes | os.PathLike):
            return
        name = os.path.normpath(os.path.join(os.getcwd(), os.fsdecode(path)))  # noqa: PTH109, PTH118
        # A folder that is opened to be written to is a file without a name, gone when it is closed.
        allowed = name.startswith(self.allowed) or "__pycache__" in name or name == _TEMPORARY
        outside = writes and not allowed
        if outside or name == self.forbidden:
            self.seen.append(f"{event} {name}")


_WATCH: list[Watch] = []


@contextmanager
def watching(*allowed: Path, forbidden: Path) -> Iterator[list[str]]:
    """What was written outside the allowed folders, run, or done to the forbidden file."""
    if not _WATCH:
        _WATCH.append(Watch())
    watch = _WATCH[0]
    watch.allowed = (*(str(path.resolve()) for path in allowed), f"{_TEMPORARY}/tmp", "/dev/")
    watch.forbidden, watch.seen = str(forbidden.resolve()), []
    watch.listening = True
    try:
        yield watch.seen
    finally:
        watch.listening = False
