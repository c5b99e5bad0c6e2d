"""The commands, their options, and what each way of ending means to the shell."""

import argparse
import sys
from collections.abc import Sequence

from core.base.errors import CoreError, file_sentence
from core.commands import (
    cache,
    compare,
    data,
    estimate,
    feedback,
    jobs,
    learning_curve,
    runs,
    serve,
    suggest,
    tag,
    thresholds,
)
from core.commands.exit_codes import DONE, INTERRUPTED, USER_CAN_FIX


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Returns 0 done, 2 the user can fix it, 130 interrupted."""
    options = build_parser().parse_args(arguments)
    try:
        return options.handler(options) or DONE
    except CoreError as error:
        print(error, file=sys.stderr)
        return USER_CAN_FIX
    except BrokenPipeError:
        # The reader of our output (head, less) has seen enough.
        sys.stderr.close()
        return DONE
    except OSError as error:
        print(file_sentence(error), file=sys.stderr)
        return USER_CAN_FIX
    except KeyboardInterrupt:
        print("Interrupted; nothing half done was kept.", file=sys.stderr)
        return INTERRUPTED


def build_parser() -> argparse.ArgumentParser:
    """Build the parser of the whole command line, in the order that --help lists it."""
    parser = argparse.ArgumentParser(
        prog="python -m core",
        description="Tagsmith: train taggers for technical articles, compare them, suggest tags.",
        epilog="example: python -m core run best-tfidf --data sample",
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for family in (
        data,
        estimate,
        runs,
        compare,
        learning_curve,
        thresholds,
        suggest,
        tag,
        feedback,
        jobs,
        serve,
        cache,
    ):
        family.add_commands(commands)
    return parser
