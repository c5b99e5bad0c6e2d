"""Reading web pages in processes of their own, which are ended when a page takes too long."""

import json
import subprocess
import sys
import threading
from dataclasses import asdict
from functools import cache
from typing import IO, cast

from core.base.errors import FetchError
from core.base.home import PROJECT
from core.fetch.text import FetchedPage, read_page

SECONDS = 10.0
# Pages that are read at the same time; others wait for their turn.
_AT_ONCE = 4


class PageReader:
    """Child processes that read pages, each for one page at a time and kept for the next one.

    seconds: for one page, waiting included. A stranger's page may keep a parser busy for minutes,
    and a thread of ours could not be stopped.
    """

    def __init__(self, seconds: float = SECONDS) -> None:
        self.seconds = seconds
        self._turns = threading.BoundedSemaphore(_AT_ONCE)
        self._idle: list[subprocess.Popen[str]] = []

    def read(self, html: str, url: str) -> FetchedPage:
        """The article of a page. Raises FetchError if it has none or takes too long."""
        if not self._turns.acquire(timeout=self.seconds):
            raise FetchError("Too many pages are being read at once. Try again in a moment.")
        try:
            child = self._idle_child() or _start()
            answer = _ask(child, {"html": html, "url": url}, self.seconds)
            if answer is None:
                raise FetchError(
                    f"This page cannot be read within {self.seconds:g} seconds. "
                    "Copy the text and paste it."
                )
            self._idle.append(child)
        finally:
            self._turns.release()
        if "error" in answer:
            raise FetchError(answer["error"])
        return FetchedPage(**answer)

    def _idle_child(self) -> subprocess.Popen[str] | None:
        try:
            return self._idle.pop()
        except IndexError:
            return None


@cache
def page_reader() -> PageReader:
    """The one reader of this process."""
    return PageReader()


def _start() -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "core.fetch.reader"],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
    )


def _ask(
    child: subprocess.Popen[str], message: dict[str, str], seconds: float
) -> dict[str, str] | None:
    """The child's answer; None, and the end of the child, if there is none in time."""
    deadline = threading.Timer(seconds, child.kill)
    deadline.daemon = True
    deadline.start()
    try:
        questions, answers = cast(IO[str], child.stdin), cast(IO[str], child.stdout)
        # ASCII alone: half characters have no form in UTF-8.
        questions.write(json.dumps(message) + "\n")
        questions.flush()
        line = answers.readline()
    except OSError:
        line = ""
    finally:
        deadline.cancel()
    if line.endswith("\n"):
        return json.loads(line)
    child.kill()
    child.communicate()
    return None


def _answer_until_closed() -> None:
    """What a child does: a line of JSON in, a line of JSON out, until its input is closed."""
    for line in sys.stdin:
        try:
            answer = asdict(read_page(**json.loads(line)))
        except FetchError as error:
            answer = {"error": str(error)}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    _answer_until_closed()
