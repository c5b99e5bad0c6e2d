"""How every command is declared: its help, its example and its --json are written one way."""

import argparse
from collections.abc import Callable, Sequence
from typing import Any

Handler = Callable[[argparse.Namespace], int | None]


def add_command(
    family: Any,
    name: str,
    handler: Handler,
    help: str,
    example: str,
    *,
    parents: Sequence[argparse.ArgumentParser] = (),
    json: bool = True,
) -> argparse.ArgumentParser:
    """Add a command to a family of them (what add_subparsers returns), and return its parser.

    handler: runs the command; returns an exit code, or None for done.
    example: a call that works, without "python -m core". json: whether to offer --json here.
    """
    command: argparse.ArgumentParser = family.add_parser(
        name, parents=list(parents), help=help, epilog=f"example: python -m core {example}"
    )
    command.set_defaults(handler=handler)
    if json:
        add_json_option(command)
    return command


def add_json_option(options: Any) -> None:
    """Add --json to a command, or to a group of options that exclude each other."""
    options.add_argument("--json", action="store_true", help="print one JSON document")
