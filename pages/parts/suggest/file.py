"""A whole file of articles tagged: at once if it is short, else by a job."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.articles.formats.rows import count_lines
from core.base.errors import NoAnswerError
from core.jobs.job import Job, list_jobs
from core.jobs.queue import submit
from core.jobs.tagged_files import keep_upload, remove_old_uploads
from core.jobs.tasks import TagTask
from core.runs.store import Run
from core.suggest.bulk import Tagged
from pages.parts.shared.downloads import offer_file
from pages.parts.shared.job_views import STATES, link_to_jobs, progress_text
from pages.parts.shared.notices import errors_shown
from pages.parts.shared.words import count, plain
from pages.parts.suggest.answer import served_model

MOST_AT_ONCE = 500
_TAGGED = "tagged_file"


@dataclass(frozen=True)
class Finished:
    """A tagged file, ready to be downloaded."""

    name: str
    content: bytes
    found: Tagged


def show_file_tagging(run: Run) -> None:
    """A folded part in which a file of articles is tagged by this run."""
    part = st.expander("Many articles at once", key="many", on_change="rerun")
    if not part.open:
        return
    remove_old_uploads()
    with part:
        st.caption(
            "A CSV or JSON Lines file with a column title, description or both. It comes back "
            "with three more: suggested_tags, tag_scores and needs_a_look, for those that a "
            f"person should see. More than {MOST_AT_ONCE} rows are tagged in the background and "
            "kept for a day."
        )
        upload = st.file_uploader("File of articles", type=["csv", "jsonl"], key="many_file")
        if st.button("Tag the file", disabled=upload is None, key="tag_file") and upload:
            st.session_state.pop(_TAGGED, None)
            with errors_shown():
                _tag(upload, run)
        if _TAGGED in st.session_state:
            _show_finished(st.session_state[_TAGGED])
        for job in [job for job in list_jobs() if job.task == "tag"][:3]:
            _show_job(job)


def _tag(upload: UploadedFile, run: Run) -> None:
    """A long file is kept where the job's process finds it."""
    name = Path(upload.name).name[-100:]
    target = f"{Path(name).stem}-tagged{Path(name).suffix.lower()}"
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / name
        source.write_bytes(upload.getbuffer())
        if count_lines(source) > MOST_AT_ONCE + 1:
            _submit(upload, name, target, run)
            return
        try:
            with st.spinner("Tagging ..."):
                found = served_model(run.id).tag_few(source, Path(folder) / target)
        except NoAnswerError as error:
            st.info(plain(str(error)))
            _submit(upload, name, target, run)
            return
        content = (Path(folder) / target).read_bytes()
        st.session_state[_TAGGED] = Finished(target, content, found)


def _submit(upload: UploadedFile, name: str, target: str, run: Run) -> None:
    kept = keep_upload(name, upload.getvalue(), run.id)
    submit(TagTask(source=str(kept), target=str(kept.with_name(target)), run=run.id))


def _show_finished(done: Finished) -> None:
    bad = f"; {count(done.found.bad_rows, 'row')} could not be read" if done.found.bad_rows else ""
    st.success(
        f"{count(done.found.rows, 'row')} tagged; "
        f"{count(done.found.needs_a_look, 'row')} for a person to look at{bad}."
    )
    for note in done.found.notes:
        st.info(plain(note))
    offer_file("Download it", done.content, done.name, key="download_tagged")


def _show_job(job: Job) -> None:
    """A file that is tagged in the background, with its download once it is done."""
    with st.container(horizontal=True, vertical_alignment="center"):
        state = progress_text(job) if job.state == "running" else STATES[job.state]
        st.markdown(f"{plain(job.title)}: {plain(state)}")
        link_to_jobs(job, "Jobs")
        for note in job.result.get("notes", ()):
            st.caption(plain(note))
        file = Path(job.result.get("file", ""))
        if job.state == "done" and file.is_file():
            offer_file("Download it", file.read_bytes, file.name, key=f"download {job.id}")
