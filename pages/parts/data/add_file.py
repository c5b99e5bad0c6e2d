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
from core.base.errors import CoreError, NoAnswerError
from core.jobs.queue import submit
from core.jobs.tasks import ImportTask
from pages.parts.data.file_work import keep_at_once, load_preview, load_report
from pages.parts.data.report import show_cells, show_report
from pages.parts.shared.sets import show_set_next
from pages.parts.shared.tables import show_rows
from pages.parts.shared.words import count, plain

TYPES = ["jsonl", "json", "csv", "tsv", "xlsx", "parquet", "sqlite", "db", "zip", "gz", "xml"]
FIELDS = {
    "title": "Title",
    "description": "Description",
    "fulltext": "Full text",
    "tags": "Tags",
    "id": "Id",
    "url": "Address",
}
NONE = "(none)"
SEPARATORS = {
    "": "as guessed from the column",
    ",": "commas",
    ";": "semicolons",
    "|": "vertical bars",
    "/": "slashes",
    "space": "blanks",
    "tab": "tabs",
    "newline": "line ends",
    "、，；": "、，；",
    "none": "nothing: one tag a cell",
}
WAYS = {"new": "A new set", "update": "Update a set by id", "replace": "A new version of a set"}
# More rows than this take longer than two seconds to keep, so a job does it.
_ROWS_AT_ONCE = 5000
# The file on its way in, and how many came before it: a new key empties the uploader.
_FILE, _COUNT = "data_file", "data_files_kept"
_SEPARATOR = "tag_separator"


def show_import() -> None:
    upload = st.file_uploader(
        "Articles",
        type=TYPES,
        key=f"data_upload_{st.session_state.get(_COUNT, 0)}",
        on_change=_forget,
        help="JSON Lines, JSON, CSV, TSV, Excel, Parquet, SQLite, a zip of one of them or of a "
        "Markdown blog. Encoding and columns are found out.",
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
    encoding = choose_encoding(path)
    columns = choose_columns(load_preview(path, encoding))
    separator = choose_separator()
    report = load_report(path, tuple(sorted(columns.items())), encoding, separator)
    if isinstance(report, CheckReport):
        show_cells(report)
        show_report(report)
    else:
        st.warning(plain(report))
    task = ImportTask(
        file=path, name="", columns=columns, encoding=encoding, tag_separator=separator
    )
    show_keeping(task, report if isinstance(report, CheckReport) else None)


def choose_encoding(path: str) -> str:
    """The encoding of a text file: found out unless the user names it."""
    if not has_encoding(Path(path)):
        return AUTO
    chosen = st.selectbox(
        "Encoding",
        [AUTO, *COMMON_ENCODINGS],
        format_func=lambda name: "found out" if name == AUTO else name,
        key="file_encoding",
        width=180,
        help="Name it if letters look wrong.",
    )
    return str(chosen)


def choose_columns(preview: Preview) -> dict[str, str]:
    """Field -> column as the user left it; the guess stands first."""
    plan = preview.plan
    st.markdown("#### How it is read")
    for note in preview.notes:
        st.info(plain(note))
    show_rows(preview.rows[:5], alt="The first five rows of the file, as they are.")
    options = [NONE, *plan.found]
    chosen: dict[str, str] = {}
    with st.container(horizontal=True):
        for field, label in FIELDS.items():
            guess = plan.fields.get(field, NONE)
            column = st.selectbox(
                label, options, index=options.index(guess), key=f"column_{field}", width=180
            )
            chosen[field] = "" if column == NONE else column
    if plan.lead:
        st.caption("Without a description, the first 300 characters of the full text are one.")
    return {field: column for field, column in chosen.items() if column or field in plan.fields}


def choose_separator() -> str:
    """What the user says stands between tags; "" leaves it to the guess."""
    named = st.selectbox(
        "Tags are cut at",
        list(SEPARATORS),
        format_func=lambda name: SEPARATORS.get(name, name),
        key=_SEPARATOR,
        accept_new_options=True,
        width=380,
        help="One way for the whole column. Type any other mark that is not in the list.",
    )
    return str(named or "")


def show_keeping(read: ImportTask, report: CheckReport | None) -> None:
    """Ask what the articles are kept as.

    read: how the file is read. report: None for a file that takes too long to check.
    """
    st.markdown("#### Keep it")
    own = [info.name for info in list_sets()[1:]]
    way = "new"
    if own:
        way = st.radio(
            "As", list(WAYS), format_func=WAYS.__getitem__, horizontal=True, key="keep_way"
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
    kept_as = {"replace": way == "replace", "update": way == "update"}
    task = read.model_copy(update={"name": name, "skip_bad_rows": skip} | kept_as)
    keep(task, report)


def keep(task: ImportTask, report: CheckReport | None) -> None:
    """Keep the articles at once if they are few, and by a job otherwise."""
    try:
        if report is None or report.rows > _ROWS_AT_ONCE:
            submit(task)
            done = f"{plain(task.title)}: see Jobs for its progress."
        else:
            done = _keep_few(task)
    except CoreError as error:
        st.error(plain(str(error)))
        return
    st.session_state["data_done"] = done
    _forget()
    st.session_state[_COUNT] = st.session_state.get(_COUNT, 0) + 1
    st.rerun()


def _keep_few(task: ImportTask) -> str:
    """What came of it, in a sentence."""
    try:
        info = keep_at_once(task)
    except NoAnswerError as error:
        submit(task)
        return plain(str(error))
    show_set_next(info.name)
    drop_upload(task.file)
    return f"{plain(info.name)} has {count(info.articles, 'article')} now."


def _forget() -> None:
    st.session_state.pop(_FILE, None)
    st.session_state.pop("file_encoding", None)
    st.session_state.pop(_SEPARATOR, None)
