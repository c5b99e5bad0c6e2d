"""Widgets for settings: each starts at the draft's value and says if it differs from the start."""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import streamlit as st

from core.base.config import build_config, parse_value
from core.base.errors import ConfigError
from core.methods.reading import reads_setting
from core.settings.experiment import ExperimentConfig
from pages.parts.shared.words import plain


class Form:
    """The settings as they stand on the page, by dotted name.

    version: part of each widget's key, so that another start gives every widget a new value.
    """

    def __init__(self, draft: ExperimentConfig, base: ExperimentConfig, version: int) -> None:
        self._values: dict[str, Any] = draft.model_dump(mode="json")
        self._base: dict[str, Any] = base.model_dump(mode="json")
        self._version = version
        self._valid = draft

    def config(self) -> ExperimentConfig:
        """Raises ConfigError if the settings do not go together."""
        return build_config(ExperimentConfig, self._values)

    def reads(self, setting: str) -> bool:
        """Whether the chosen method reads the setting, or any of the group."""
        with suppress(ConfigError):  # some other settings do not go together, which is said later
            self._valid = self.config()
        return reads_setting(self._valid, setting)

    def get(self, setting: str) -> Any:
        return _inner(self._values, setting)

    def set(self, setting: str, value: Any) -> None:
        *parents, last = setting.split(".")
        part = self._values
        for parent in parents:
            part = part[parent]
        part[last] = value

    def restart(self, setting: str, value: Any) -> None:
        """Set it, and its widget with it, whatever was chosen there before."""
        self.set(setting, value)
        st.session_state.pop(self._key(setting), None)

    def number(
        self,
        setting: str,
        label: str,
        low: float,
        high: float,
        *,
        help: str,
        step: float | None = None,
        format: str | None = None,
    ) -> None:
        """A number within limits; whole where the setting is."""
        whole = isinstance(self.get(setting), int) and isinstance(low, int)
        kind = int if whole else float
        key = self.seeded(setting, min(max(kind(self.get(setting)), kind(low)), kind(high)))
        value = st.number_input(
            label,
            kind(low),
            kind(high),
            step=kind(step) if step else None,
            format=format,
            key=key,
            help=help,
        )
        self._done(setting, value)

    def choice(self, setting: str, label: str, names: Mapping[str, str], *, help: str) -> None:
        """One of the setting's values, each under its name."""
        key = self.seeded(setting, self.get(setting))
        value = st.selectbox(
            label,
            list(names),
            format_func=lambda option: names.get(option, option),
            key=key,
            help=help,
        )
        self._done(setting, value, names)

    def toggle(self, setting: str, label: str, *, help: str) -> None:
        key = self.seeded(setting, self.get(setting))
        self._done(setting, st.toggle(label, key=key, help=help))

    def grid(self, setting: str, label: str, options: Sequence[Any], *, help: str) -> None:
        """One value or several to search over; others than the offered ones can be typed."""
        chosen = [json.dumps(value) for value in self.get(setting)]
        offered = dict.fromkeys([*(json.dumps(option) for option in options), *chosen])
        key = self.seeded(setting, chosen)
        values = st.multiselect(
            label, list(offered), key=key, help=help, format_func=_shown, accept_new_options=True
        )
        self._done(setting, [parse_value(value) for value in values])

    def several(
        self, setting: str, label: str, options: Sequence[str], *, help: str, placeholder: str
    ) -> None:
        """Any number of the options; what is not offered is left out of the start's own."""
        key = self.seeded(setting, [v for v in self.get(setting) if v in options])
        values = st.multiselect(label, list(options), key=key, help=help, placeholder=placeholder)
        self._done(setting, values)

    def text(self, setting: str, label: str, offered: Mapping[str, str], *, help: str) -> None:
        """One of the offered names, or another that is typed."""
        options = dict.fromkeys([*offered, self.get(setting)])
        key = self.seeded(setting, self.get(setting))
        value = st.selectbox(
            label,
            list(options),
            format_func=lambda option: offered.get(option, option),
            key=key,
            help=help,
            accept_new_options=True,
        )
        self._done(setting, value)

    def seeded(self, setting: str, value: Any) -> str:
        """The key of the setting's widget, which starts at `value`."""
        key = self._key(setting)
        if key not in st.session_state:
            st.session_state[key] = value
        return key

    def _key(self, setting: str) -> str:
        return f"{setting} {self._version}"

    def _done(self, setting: str, value: Any, names: Mapping[str, str] | None = None) -> None:
        """Take the value over, and say what it was at the start if it is another one."""
        self.set(setting, value)
        was = _inner(self._base, setting)
        if value != was:
            shown = names.get(was, was) if names else value_text(was, setting)
            st.caption(f":blue-background[changed] from: {plain(shown)}")


def default_of(setting: str) -> Any:
    """The setting's value where nothing is chosen."""
    return _inner(ExperimentConfig().model_dump(mode="json"), setting)


def value_text(value: Any, setting: str = "") -> str:
    """A setting's value for reading: "off", "0.1, 1, 10"."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list):
        nothing = "all" if setting == "data.languages" else "none"
        return ", ".join(map(value_text, value)) if value else nothing
    return str(value)


def _shown(option: str) -> str:
    value = parse_value(option)
    if isinstance(value, list):
        return " to ".join(map(str, value))
    return value_text(value) if not isinstance(value, bool) else ("yes" if value else "no")


def _inner(values: Mapping[str, Any], setting: str) -> Any:
    part: Any = values
    for name in setting.split("."):
        part = part[name]
    return part
