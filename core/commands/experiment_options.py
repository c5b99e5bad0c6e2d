"""Options that say which experiment, for all commands that train one."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from core.base.errors import ConfigError

if TYPE_CHECKING:
    from core.settings.experiment import ExperimentConfig


def experiment_options(*, preset_help: str) -> argparse.ArgumentParser:
    """A preset or a settings file, the data, and changes of settings."""
    options = argparse.ArgumentParser(add_help=False)
    which = options.add_mutually_exclusive_group(required=True)
    which.add_argument("preset", nargs="?", metavar="PRESET", help=preset_help)
    which.add_argument(
        "--config", type=Path, metavar="FILE", help="settings in TOML or JSON; - reads TOML"
    )
    options.add_argument(
        "--data", nargs="+", action="extend", default=[], metavar="NAME_OR_FILE", help="joined"
    )
    options.add_argument(
        "--set",
        nargs="+",
        action="extend",
        default=[],
        dest="assignments",
        metavar="NAME=VALUE",
        help="change one setting, such as classifier.C=1",
    )
    return options


def chosen_config(options: argparse.Namespace) -> "ExperimentConfig":
    """The experiment that the options name.

    Raises ConfigError as its settings do, and for one that was given but that its method, or all
    methods of a sweep, would not read.
    """
    from core.methods.reading import refuse_two_methods, refuse_unread
    from core.runs.batch import sweep_entries
    from core.settings.experiment import read_config_file
    from core.study.changed_settings import changed_settings
    from core.study.presets import configure, preset_named

    require_one_value_each(options)
    given = _names_of(options.assignments)
    if options.config:
        base = read_config_file(options.config)
        start = preset_named(base.preset or "best-tfidf").config()
        given += [change.setting for change in changed_settings(base, start)]
    else:
        base = preset_named(options.preset).config()
    config = configure(base, sources=options.data, assignments=options.assignments)
    sweeps = getattr(options, "sweep", [])
    swept = [entry.config for entry in sweep_entries(config, sweeps)] if sweeps else []
    refuse_unread(swept or [config], [*given, *_names_of(sweeps)])
    refuse_two_methods(config, options.assignments)
    return config


def require_one_value_each(options: argparse.Namespace) -> None:
    """Raises ConfigError where two options give one setting, for one of them would be ignored."""
    given = {
        "--set": _names_of(options.assignments),
        "--sweep": _names_of(getattr(options, "sweep", [])),
        "--data": ["data.sources"] if options.data else [],
    }
    for name in dict.fromkeys(name for names in given.values() for name in names):
        places = [option for option, names in given.items() if name in names]
        if len(places) > 1:
            raise ConfigError(
                f"The setting {name!r} is given by {places[0]} and by {places[1]}. "
                "Give it in one place."
            )
    if "preset" in given["--set"] and "preset=" not in options.assignments:
        raise ConfigError(
            "The setting 'preset' only says where settings come from. Name another preset in "
            "place of the first one, or write preset= for none."
        )


def _names_of(assignments: Sequence[str]) -> list[str]:
    return [assignment.partition("=")[0].strip() for assignment in assignments]
