"""What an experiment starts from: a preset, an earlier run or a file; kept in the address."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from core.articles.store.record import SetInfo
from core.articles.store.sets import list_sets
from core.base.errors import CoreError
from core.runs.names import labels_of
from core.runs.store import RunStore, is_run_id
from core.settings.experiment import ExperimentConfig, parse_config
from core.study.changed_settings import changed_settings
from core.study.presets import configure, list_presets, preset_named
from pages.parts.shared.link import put_in_link
from pages.parts.shared.sets import show_set_next
from pages.parts.shared.words import plain

FIRST = "best-tfidf"
_STATE = "train_state"
_JOINED_NEXT = "train_joined_next"
# Longer addresses are cut by mail programs and chat.
_LONGEST_ADDRESS = 1500


@dataclass(frozen=True)
class Start:
    """What an experiment starts from, and its settings so far.

    name: of a preset or a file, or a run's id. version: grows with every new start.

    address: what the address said when it was last read or written.
    """

    name: str
    base: ExperimentConfig
    draft: ExperimentConfig
    version: int
    address: tuple[str, ...]

    @property
    def title(self) -> str:
        """What the start is, in a sentence."""
        if is_run_id(self.name):
            return "Settings of that run. What you change is listed on the right."
        known = {preset.name: preset.title for preset in list_presets()}
        return known.get(self.name, "Settings of the loaded file.")


def open_start() -> Start:
    """The start in this session, or the one that the address names."""
    kept: Start | None = st.session_state.get(_STATE)
    address = _read_address()
    if kept and (not address or address == kept.address):
        return kept
    name = st.query_params.get("base") or st.query_params.get("preset") or FIRST
    return _begin_by_link(name, st.query_params.get_all("set"), address)


def choose_start(start: Start) -> None:
    """Presets and finished runs in one list, and a file."""
    runs = RunStore().finished()
    labels = {run_id: f"again: {label}" for run_id, label in labels_of(runs).items()}
    options = list(dict.fromkeys([*(p.name for p in list_presets()), *labels, start.name]))
    key = f"start {start.version}"
    st.selectbox(
        "Start from",
        options,
        index=options.index(start.name),
        format_func=lambda name: labels.get(name, name),
        key=key,
        on_change=_begin_by_choice,
        args=(key,),
        help="study-*: as published, faults included. fixed-*: corrected. best-*: ours. "
        "Finished runs stand below them: run one again with changes.",
    )
    st.caption(plain(start.title))


def load_file() -> None:
    """Start from a settings file that the user gives."""
    upload = st.file_uploader(
        "Load settings",
        type=["toml", "json"],
        key=f"settings_file {st.session_state[_STATE].version}",
        help="A file that was downloaded here, or the config.json of a run.",
    )
    if upload is None:
        return
    try:
        config = parse_config(upload.getvalue().decode("utf-8"), upload.name)
    except (CoreError, UnicodeDecodeError) as error:
        st.error(plain(str(error)))
        return
    _show_data_of(config)
    put_in_link(preset="", base="", set="", run="")
    _begin(upload.name[-60:], config, config)
    st.rerun()


def keep_draft(start: Start, draft: ExperimentConfig) -> None:
    """Remember the settings, and put start and changes into the address if they fit."""
    changes = [
        d.assignment for d in changed_settings(draft, start.base) if d.setting != "data.sources"
    ]
    if sum(map(len, changes)) > _LONGEST_ADDRESS:
        changes = []
    kind = "base" if is_run_id(start.name) else "preset"
    if start.name in {preset.name for preset in list_presets()} or kind == "base":
        put_in_link(**{"preset": "", "base": "", "set": changes, kind: start.name})
    st.session_state[_STATE] = Start(start.name, start.base, draft, start.version, _read_address())


def joined_sets(info: SetInfo) -> list[SetInfo]:
    """The set in view and those that the user joins to it."""
    others = {other.name: other for other in list_sets() if other.name != info.name}
    wanted = st.session_state.pop(_JOINED_NEXT, None) or st.session_state.get("more_data", [])
    kept = [name for name in wanted if name in others]
    st.session_state["more_data"] = kept
    if not others:
        return [info]
    chosen = st.multiselect(
        "Together with",
        list(others),
        key="more_data",
        placeholder="No other set",
        help="Their articles are learnt from and tested on as one set.",
    )
    return [info, *(others[name] for name in chosen)]


def _read_address() -> tuple[str, ...]:
    asked = st.query_params
    found = [f"{name}={asked[name]}" for name in ("preset", "base") if name in asked]
    return (*found, *asked.get_all("set"))


def _begin_by_choice(key: str) -> None:
    name = st.session_state[key]
    if is_run_id(name):
        base = RunStore().load(name).config
        _show_data_of(base)
    else:
        base = preset_named(name).config()
    put_in_link(preset="", base="", set="", run="")
    _begin(name, base, base)


def _begin_by_link(name: str, changes: Sequence[str], address: tuple[str, ...]) -> Start:
    """A link that names what is gone or cannot be says so, and opens the first preset."""
    try:
        if is_run_id(name):
            base = RunStore().load(name).config
            if "data" not in st.query_params:
                _show_data_of(base)
        else:
            base = preset_named(name).config()
        draft = configure(base, assignments=changes)
    except CoreError as error:
        st.warning(f"This link cannot be followed: {plain(str(error))}")
        name, base = FIRST, preset_named(FIRST).config()
        draft = base
    return _begin(name, base, draft, address)


def _begin(
    name: str,
    base: ExperimentConfig,
    draft: ExperimentConfig,
    address: tuple[str, ...] = (),
) -> Start:
    before: Start | None = st.session_state.get(_STATE)
    start = Start(name, base, draft, before.version + 1 if before else 0, address)
    st.session_state[_STATE] = start
    return start


def _show_data_of(config: ExperimentConfig) -> None:
    """Bring the data of these settings into view, as far as it is here by name."""
    known = {info.name for info in list_sets()}
    first, *more = config.data.sources
    if first in known:
        # Taken up by the widgets of the next run: those of this one may be drawn already.
        show_set_next(first)
        st.session_state[_JOINED_NEXT] = more
