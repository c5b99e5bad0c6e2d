"""What is done with a file that a browser sent: in a process that is ended when it takes too long.

A hostile file may keep its parser busy for hours, and the server has other people to answer.
"""

import streamlit as st

from core.articles.check import CheckReport
from core.articles.importing import Preview, check_source, import_source, preview_source
from core.articles.options import ReadingOptions
from core.articles.store.record import SetInfo
from core.base.child import TimeLimit, shared_children
from core.base.errors import NoAnswerError
from core.jobs.tasks import ImportTask

LOOKING = TimeLimit(
    20.0,
    "Looking at this file",
    "Import it on the command line, which has no time limit: python -m core data import --help",
)
CHECKING = TimeLimit(
    60.0, "Checking this file", "Keep it below: a job then checks it and keeps its articles."
)
KEEPING = TimeLimit(
    60.0, "Keeping this file", "A job does it again now: see Jobs for its progress."
)


@st.cache_data(max_entries=4, show_spinner="Looking at the file ...")
def load_preview(path: str, encoding: str) -> Preview:
    """The plan of a file and its first rows. Raises DataError or NoAnswerError."""
    return shared_children().ask(LOOKING, preview_source, path, ReadingOptions(encoding=encoding))


@st.cache_data(max_entries=4, show_spinner="Checking every row ...")
def load_report(
    path: str, columns: dict[str, str], encoding: str, separator: str
) -> tuple[CheckReport | None, str]:
    """The check of every row; None, and a sentence, where it takes too long. Raises DataError."""
    options = ReadingOptions(columns, encoding, separator)
    try:
        return shared_children().ask(CHECKING, check_source, path, options), ""
    except NoAnswerError as error:
        return None, str(error)  # kept as an answer: the next rerun must not wait for it again


def keep_at_once(task: ImportTask) -> SetInfo:
    """Do a job's import now. Raises DataError, or NoAnswerError where only a job can do it."""
    with st.spinner("Keeping the articles ..."):
        info, _ = shared_children().ask(
            KEEPING,
            import_source,
            task.file,
            task.name,
            task.options,
            skip_bad_rows=task.skip_bad_rows,
            replace_set=task.replace,
            update=task.update,
        )
    return info
