"""Add a file: what it holds, which column is what, the check, and keeping it."""

from pathlib import Path

import streamlit as st

from core.articles.check import CheckReport
from core.articles.formats.encoding import COMMON_ENCODINGS
from core.articles.formats.rows import has_encoding
from core.articles.importing import Preview
from core.articles.options import AUTO
from core.articles.store.sets import list_sets
from core.articles.uploads import drop_upload, keep_upload
from core.base.errors import NoAnswerError
from core.jobs.queue import submit
from core.jobs.tasks import ImportTask
from pages.parts.data.file_work import keep_at_once, load_preview, load_report
from pages.parts.data.report import show_cells, show_report
from pages.parts.shared.notices import errors_shown, keep_notice
from pages.parts.shared.sets import show_set_next
from pages.parts.shared.tables import show_rows
from pages.parts.shared.words import count, plain

_TYPES = ["jsonl", "json", "csv", "tsv", "xlsx", "parquet", "sqlite", "db", "zip", "gz", "xml"]
_FIELDS = {
    "title": "Title",
    "description": "Description",
    "fulltext": "Full text",
    "tags": "Tags",
    "id": "Id",
    "url": "Address",
}
_NONE = "(none)"
_SEPARATORS = {
    "": "guessed from the column",
    ",": "commas",
    ";": "semicolons",
    "|": "vertical bars",
    "/": "slashes",
    "space": "blanks",
    "tab": "tabs",
    "newline": "line ends",
    "、，；": "、，；",
    "none": "nothing: a cell is one tag",
}
_WAYS = {"new": "A new set", "update": "Update a set by id", "replace": "A new version of a set"}
# More rows than this take longer than two seconds to keep, so a job does it.
_ROWS_AT_ONCE = 5000
# The file on its way in, and how many came before it: a new key empties the uploader.
_FILE, _COUNT = "data_file", "data_files_kept"
_ENCODING, _SEPARATOR = "file_encoding", "tag_separator"


def show_import() -> None:
    """A file on its way in: how it is read, what is wrong with it, and what it is kept as."""
    upload = st.file_uploader(
        "Articles",
        type=_TYPES,
        key=f"data_upload_{st.session_state.get(_COUNT, 0)}",
        on_change=_forget,
        help="JSON Lines, JSON, CSV, TSV, Excel, Parquet, SQLite, a zip of one of them or of a "
        "Markdown blog. Encoding and columns are detected.",
    )
    if upload is not None:
        st.session_state[_FILE] = str(keep_upload(upload.name, upload.getbuffer()))
    path = st.session_state.get(_FILE, "")
    if not path or not Path(path).exists():
        st.caption(
            "Choose a file: you see how it is read and what is wrong with it before anything is "
            "kept. Folders and databases are read by the command line: `data import --help`."
        )
        return
    encoding = _choose_encoding(path)
    columns = _choose_columns(load_preview(path, encoding))
    separator = _choose_separator()
    report, why_not = load_report(path, columns, encoding, separator)
    if report is not None:
        show_cells(report)
        show_report(report)
    else:
        st.warning(plain(why_not))
    read = ImportTask(
        file=path, name="", columns=columns, encoding=encoding, tag_separator=separator
    )
    _show_keeping(read, report)


def _choose_encoding(path: str) -> str:
    """The encoding of a text file: detected unless the user names it."""
    if not has_encoding(Path(path)):
        return AUTO
    return st.selectbox(
        "Encoding",
        [AUTO, *COMMON_ENCODINGS],
        format_func=lambda name: "detected" if name == AUTO else name,
        key=_ENCODING,
        width=180,
        help="Name it if letters look wrong.",
    )


def _choose_columns(preview: Preview) -> dict[str, str]:
    """Field -> column as the user left it; the guess stands first."""
    plan = preview.plan
    st.markdown("#### How it is read")
    for note in preview.notes:
        st.info(plain(note))
    show_rows(preview.rows[:5], alt="The first five rows of the file, as they are.")
    options = [_NONE, *plan.found]
    chosen: dict[str, str] = {}
    with st.container(horizontal=True):
        for field, label in _FIELDS.items():
            guess = plan.fields.get(field, _NONE)
            column = st.selectbox(
                label, options, index=options.index(guess), key=f"column_{field}", width=180
            )
            chosen[field] = "" if column == _NONE else column
    if plan.lead:
        st.caption("Without a description, the first 300 characters of the full text are used.")
    return {field: column for field, column in chosen.items() if column or field in plan.fields}


def _choose_separator() -> str:
    """What the user says stands between tags; "" leaves it to the guess."""
    named = st.selectbox(
        "Tags are separated by",
        list(_SEPARATORS),
        format_func=lambda name: _SEPARATORS.get(name, name),
        key=_SEPARATOR,
        accept_new_options=True,
        width=380,
        help="The same for the whole column. Type a separator that is not in the list.",
    )
    return str(named or "")


def _show_keeping(read: ImportTask, report: CheckReport | None) -> None:
    """Ask what the articles are kept as.

    read: how the file is read. report: None for a file that takes too long to check.
    """
    st.markdown("#### Keep it")
    own, way = [info.name for info in list_sets()[1:]], "new"
    if own:
        way = st.radio(
            "As", list(_WAYS), format_func=_WAYS.__getitem__, horizontal=True, key="keep_way"
        )
    if way == "new":
        name = st.text_input("Name it", placeholder="blog", max_chars=64, key="keep_name").strip()
    else:
        name = st.selectbox("Which set", own, key="keep_set")
    bad = "rows" if report is None else count(report.bad_count, "row")
    articles = "its articles" if report is None else count(report.articles, "article")
    skip = False
    if report is None or report.bad_count:
        skip = st.checkbox(f"Leave out {bad} that cannot be used", key="keep_skip")
    usable = report is None or (report.articles and (skip or not report.bad_count))
    if not st.button(f"Keep {articles}", type="primary", key="keep", disabled=not usable):
        return
    if not name:
        st.error("The set has no name yet. Name it, then keep it.")
        return
    kept_as = {"name": name, "replace": way == "replace", "update": way == "update"}
    with errors_shown():
        task = read.model_copy(update=kept_as | {"skip_bad_rows": skip})
        keep_notice(
            "data", _keep(task, at_once=report is not None and report.rows <= _ROWS_AT_ONCE)
        )
        _forget()
        st.session_state[_COUNT] = st.session_state.get(_COUNT, 0) + 1
        st.rerun()


def _keep(task: ImportTask, *, at_once: bool) -> str:
    """Keep the articles now or by a job; what came of it, in a sentence."""
    if not at_once:
        submit(task)
        return f"{task.title}: see Jobs for its progress."
    try:
        info = keep_at_once(task)
    except NoAnswerError as error:
        submit(task)
        return str(error)
    show_set_next(info.name)
    drop_upload(task.file)
    return f"{info.name} has {count(info.articles, 'article')} now."


def _forget() -> None:
    for name in (_FILE, _ENCODING, _SEPARATOR):
        st.session_state.pop(name, None)
