"""A whole file of articles tagged: at once if it is short, else by a job."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from core.articles.formats.rows import count_lines
from core.base.errors import CoreError
from core.jobs.job import Job, list_jobs
from core.jobs.queue import submit
from core.jobs.tagged_files import keep_upload, remove_old_uploads
from core.jobs.tasks import TagTask
from core.suggest.bulk import Tagged, tag_file
from pages.parts.shared.words import count, plain
from pages.parts.suggest.answer import load_suggester

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

    from core.runs.store import Run

MOST_AT_ONCE = 500
_TAGGED = "tagged_file"


@dataclass(frozen=True)
class Finished:
    """A tagged file, ready to be downloaded."""

    name: str
    content: bytes
    found: Tagged


def show_file_tagging(run: Run | None) -> None:
    if run is None:
        return
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
            _tag(upload, run)
        _show_finished()
        _show_jobs()


def _tag(upload: UploadedFile, run: Run) -> None:
    st.session_state.pop(_TAGGED, None)
    name = Path(upload.name).name[-100:]
    target = f"{Path(name).stem}-tagged{Path(name).suffix.lower()}"
    try:
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder) / name
            source.write_bytes(upload.getbuffer())
            if count_lines(source) > MOST_AT_ONCE + 1:
                _submit(upload, name, target, run)
                return
            with st.spinner("Tagging ..."):
                found = tag_file(source, Path(folder) / target, load_suggester(run.id))
            st.session_state[_TAGGED] = Finished(
                target, (Path(folder) / target).read_bytes(), found
            )
    except CoreError as error:
        st.error(plain(str(error)))


def _submit(upload: UploadedFile, name: str, target: str, run: Run) -> None:
    """Keep the file where the job's process finds it."""
    source = keep_upload(name, upload.getvalue(), run.id)
    submit(TagTask(source=str(source), target=str(source.with_name(target)), run=run.id))


def _show_finished() -> None:
    done: Finished | None = st.session_state.get(_TAGGED)
    if done is None:
        return
    bad = f"; {count(done.found.bad_rows, 'row')} could not be read" if done.found.bad_rows else ""
    st.success(
        f"{count(done.found.rows, 'row')} tagged; "
        f"{count(done.found.needs_a_look, 'row')} for a person to look at{bad}."
    )
    for note in done.found.notes:
        st.info(plain(note))
    st.download_button(
        "Download it", done.content, done.name, on_click="ignore", key="download_tagged"
    )


def _show_jobs() -> None:
    """The latest files that were tagged in the background, each with its download."""
    for job in [job for job in list_jobs() if job.task == "tag"][:3]:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"{plain(job.title)}: {_state(job)}")
            st.page_link("pages/jobs.py", label="Jobs", query_params={"job": job.id})
            file = Path(job.result.get("file", ""))
            for note in job.result.get("notes", ()):
                st.caption(plain(note))
            if job.state == "done" and file.is_file():
                st.download_button(
                    "Download it",
                    file.read_bytes,
                    file.name,
                    on_click="ignore",
                    key=f"download {job.id}",
                )


def _state(job: Job) -> str:
    if job.state == "running" and job.total:
        return f"{job.done:,} of {job.total:,} {job.unit}"
    return {"queued": "waiting", "running": "starting"}.get(job.state, job.state)
