"""Widgets for settings: each starts at the draft's value and says if it differs from the start."""

import json
import tomllib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, get_origin

import streamlit as st

from core.base.config import build_config, limits_of, parse_value, type_of
from core.base.errors import ConfigError
from core.methods.reading import reads_setting
from core.settings.experiment import ExperimentConfig
from pages.parts.shared.words import plain

_NO_NAMES: Mapping[str, str] = {}


@dataclass(frozen=True)
class Field:
    """How the page shows one setting; settings.toml holds them all and says what each part is."""

    setting: str
    label: str
    help: str
    names: Mapping[str, str] = field(default_factory=dict)
    offered: Sequence[Any] = ()
    step: float | None = None
    format: str | None = None
    placeholder: str | None = None
    when: Sequence[str] = ()


@cache
def read_fields() -> dict[str, tuple[Field, ...]]:
    """The fields of each part of the page, in the order of the page."""
    path = Path(__file__).with_name("settings.toml")
    parts = tomllib.loads(path.read_text(encoding="utf-8"))
    return {
        part: tuple(Field(setting, **values) for setting, values in settings.items())
        for part, settings in parts.items()
    }


def names_of(setting: str) -> Mapping[str, str]:
    """What the values of a setting are called on the page."""
    fields = (field for part in read_fields().values() for field in part)
    return next((field.names for field in fields if field.setting == setting), {})


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
        """The settings. Raises ConfigError if they do not go together."""
        return build_config(ExperimentConfig, self._values)

    def get(self, setting: str) -> Any:
        """The value of a setting, as JSON has it."""
        return _inner(self._values, setting)

    def set(self, setting: str, value: Any) -> None:
        """Give a setting another value, before its widget is drawn."""
        *parents, last = setting.split(".")
        part = self._values
        for parent in parents:
            part = part[parent]
        part[last] = value

    def restart(self, setting: str, value: Any) -> None:
        """Set it, and its widget with it, whatever was chosen there before."""
        self.set(setting, value)
        st.session_state.pop(self._key(setting), None)

    def matters(self, field: Field) -> bool:
        """Whether the chosen method reads the setting, and the others leave room for it."""
        return self._reads(field.setting) and (not field.when or any(map(self._holds, field.when)))

    def show(self, field: Field, offered: Mapping[str, str] = _NO_NAMES) -> None:
        """Draw the widget of a setting, and say what it was at the start if it is another one.

        offered: names by value, where these depend on the data or on finished runs.
        """
        setting, label, help = field.setting, field.label, field.help
        wanted, value = type_of(ExperimentConfig, setting), self.get(setting)
        names = {**field.names, **offered}
        if wanted is bool:
            value = st.toggle(label, key=self.seeded(setting, value), help=help)
        elif field.offered:
            value = self._ask_for_grid(field, value)
        elif get_origin(wanted) is tuple:  # what is not offered is left out of the start's own
            key = self.seeded(setting, [one for one in value if one in names])
            value = st.multiselect(
                label, list(names), key=key, help=help, placeholder=field.placeholder
            )
        elif names:
            value = st.selectbox(
                label,
                list(dict.fromkeys([*names, value])),
                format_func=lambda option: names.get(option, option),
                key=self.seeded(setting, value),
                help=help,
                accept_new_options=wanted is str,
            )
        else:
            value = self._ask_for_number(field, int if wanted is int else float, value)
        self.set(setting, value)
        if value != (was := _inner(self._base, setting)):
            shown = (
                names[was] if isinstance(was, str) and was in names else value_text(was, setting)
            )
            st.caption(f":blue-background[changed] from: {plain(shown)}")

    def seeded(self, setting: str, value: Any) -> str:
        """The key of the setting's widget, which starts at `value`."""
        key = self._key(setting)
        if key not in st.session_state:
            st.session_state[key] = value
        return key

    def _key(self, setting: str) -> str:
        return f"{setting} {self._version}"

    def _reads(self, setting: str) -> bool:
        with suppress(
            ConfigError
        ):  # some other settings do not go together, which is reported later
            self._valid = self.config()
        return reads_setting(self._valid, setting)

    def _holds(self, condition: str) -> bool:
        setting, differs, value = condition.partition("!=")
        if not differs:
            setting, _, value = condition.partition("=")
        found = self.get(setting)
        is_so = (found == value) != bool(differs) if value else bool(found)
        return is_so and self._reads(setting)

    def _ask_for_number(self, field: Field, kind: type[int] | type[float], value: Any) -> Any:
        """A number within the limits of the schema."""
        low, high = (
            None if end is None else kind(end) for end in limits_of(ExperimentConfig, field.setting)
        )
        return st.number_input(
            field.label,
            low,
            high,
            step=None if field.step is None else kind(field.step),
            format=field.format,
            key=self.seeded(field.setting, kind(value)),
            help=field.help,
        )

    def _ask_for_grid(self, field: Field, value: Sequence[Any]) -> list[Any]:
        """One value or several to search over; others than the offered ones can be typed."""
        chosen = [json.dumps(one) for one in value]
        offered = dict.fromkeys([*map(json.dumps, field.offered), *chosen])
        texts = st.multiselect(
            field.label,
            list(offered),
            key=self.seeded(field.setting, chosen),
            help=field.help,
            format_func=_shown,
            accept_new_options=True,
        )
        return [parse_value(text) for text in texts]


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
