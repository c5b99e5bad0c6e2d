"""Options that say which experiment, for all commands that train one."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.runs.config import ExperimentConfig


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
    """The experiment that the options name. Raises ConfigError as its settings do."""
    from core.runs.config import read_config_file
    from core.runs.presets import configure, preset_named

    base = (
        read_config_file(options.config)
        if options.config
        else preset_named(options.preset).config()
    )
    return configure(base, sources=options.data, assignments=options.assignments)
