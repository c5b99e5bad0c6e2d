"""What sets one experiment's settings apart from another's, and how to write that down."""

import json
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from core.base.config import parse_value
from core.methods.reading import reads_setting
from core.settings.experiment import ExperimentConfig
from core.study.presets import preset_named


@dataclass(frozen=True)
class ChangedSetting:
    """One setting by its dotted name, with its value in the base and here, as JSON has them."""

    setting: str
    was: Any
    now: Any

    @property
    def assignment(self) -> str:
        """ "name=value", as `--set` and an address take it."""
        return f"{self.setting}={_value_text(self.now)}"


def changed_settings(config: ExperimentConfig, base: ExperimentConfig) -> list[ChangedSetting]:
    """Settings whose values differ, in the order of the settings; the preset's name aside."""
    was, now = flat_settings(base), flat_settings(config)
    return [
        ChangedSetting(name, was[name], now[name])
        for name in now
        if now[name] != was[name] and name != "preset"
    ]


def flat_settings(config: ExperimentConfig) -> dict[str, Any]:
    """Every setting by its dotted name, with its value as JSON has it.

    >>> flat_settings(ExperimentConfig())["method"]
    'tfidf'
    """
    return dict(_leaves(config.model_dump(mode="json")))


def _leaves(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value


def command_line(config: ExperimentConfig) -> str:
    """The `python -m core run` command of the same experiment, quoted for a shell.

    It leaves out settings that the experiment's method does not read.
    """
    base = preset_named(config.preset or "best-tfidf").config()
    words = ["python", "-m", "core", "run", base.preset, "--data", *config.data.sources]
    changes = [
        change.assignment
        for change in changed_settings(config, base)
        if change.setting != "data.sources" and reads_setting(config, change.setting)
    ]
    if not config.preset:
        changes.append("preset=")
    return shlex.join([*words, "--set", *changes] if changes else words)


def _value_text(value: Any) -> str:
    # As it is where that reads back as the same text: shorter, and easier on the eye.
    if isinstance(value, str) and value == value.strip() and parse_value(value) == value:
        return value
    return json.dumps(value, separators=(",", ":"))
