"""Options that say which experiment: of `run` and `estimate`."""

import argparse
from pathlib import Path


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
