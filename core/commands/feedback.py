"""What editors saved, and how to have one's own part of it deleted."""

import argparse
from dataclasses import asdict
from typing import Any

from core.base.errors import FeedbackError
from core.commands.options import add_command
from core.commands.output import print_json, says_yes


def add_commands(commands: Any) -> None:
    """Add the `feedback` family to the command line."""
    feedback = commands.add_parser(
        "feedback",
        help="what editors saved: delete everything of one person",
        epilog="example: python -m core feedback delete Ada",
    )
    family = feedback.add_subparsers(required=True, metavar="COMMAND")
    delete = add_command(
        family,
        "delete",
        delete_person,
        "delete everything that was saved under a name, texts and tags",
        "feedback delete Ada --yes",
    )
    delete.add_argument("name", metavar="NAME", help="as given when it was saved")
    delete.add_argument("--yes", action="store_true", help="do not ask")


def delete_person(options: argparse.Namespace) -> None:
    """Delete what was saved under a name once somebody has said yes, or with --yes."""
    from core.feedback.corrections import FeedbackStore
    from core.feedback.forgetting import forget_person

    store = FeedbackStore()
    number = store.count_by_name(options.name)
    question = f"Delete {number:,} saved article(s) of {options.name!r}, texts and tags, for good?"
    if number and not options.yes and not says_yes(question):
        raise FeedbackError("Nothing was deleted. Say yes, or give --yes.")
    gone = forget_person(store, options.name)
    if options.json:
        print_json(asdict(gone))
    elif not gone.saved:
        print(f"Nothing was saved under {options.name!r}.")
    else:
        print(
            f"Deleted {gone.saved:,} saved article(s) of {options.name!r}; the data set of "
            f"corrections lost {gone.from_set:,}."
        )
