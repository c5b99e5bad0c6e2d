"""Tags for one article."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.base.errors import DataError
from core.commands.options import add_command
from core.commands.output import ProgressLine, print_json, print_table

if TYPE_CHECKING:
    from core.suggest.suggester import TagSuggestion


def add_commands(commands: Any) -> None:
    """Add `suggest` to the command line."""
    suggest = add_command(
        commands,
        "suggest",
        show_suggestions,
        "tags for one article",
        'suggest --text "How goroutines leak, and how to find them"',
    )
    source = suggest.add_mutually_exclusive_group(required=True)
    source.add_argument("--text", help="the article's text")
    source.add_argument("--file", type=Path, help="a text in UTF-8, a Markdown post or a web page")
    source.add_argument("--url", help="the address of a public web page")
    source.add_argument("stdin", nargs="?", choices=["-"], help="read standard input")
    suggest.add_argument("--title", default="", help="the article's title, if it is apart")
    suggest.add_argument(
        "--fulltext", default="", help="the whole article, if --text is its description"
    )
    suggest.add_argument("--run", metavar="ID", help="which run's model (default: the best newest)")
    suggest.add_argument("--limit", type=int, default=10, help="how many tags (default: 10)")
    suggest.add_argument(
        "--threshold", type=float, help="one threshold for all tags instead of the run's own"
    )
    suggest.add_argument(
        "--guess",
        metavar="NAMES",
        default="",
        help="tags the model has not learnt, with commas between them, to be guessed by name",
    )


def show_suggestions(options: argparse.Namespace) -> None:
    """Print the tags that a run's model suggests for one article, and guesses if asked."""
    from core.suggest.guesses import guess_tags, read_names
    from core.suggest.suggester import load_suggester

    title, text = _read_article(options)
    suggester = load_suggester(options.run, ProgressLine())
    fulltext = options.fulltext
    found = suggester.suggest(
        text, title=title, fulltext=fulltext, limit=options.limit, threshold=options.threshold
    )
    names, known = read_names(options.guess), suggester.tagger.tags
    whole = suggester.reads(text, title=title, fulltext=fulltext)
    found = replace(found, guesses=guess_tags(whole, names, known=known))
    if options.json:
        print_json(asdict(found))
        return
    rows = [
        (
            tag.tag,
            ", ".join(_marks(tag)),
            tag.score,
            tag.threshold,
            ", ".join(evidence.term for evidence in tag.evidence[:3]),
        )
        for tag in found.tags
    ]
    print_table(("tag", "", "score", "threshold", "because of"), rows)
    if found.guesses:
        print("\nGuesses from the name alone")
        print_table(
            ("tag", "", "likeness", "in the text"),
            [(g.tag, "guess" if g.guessed else "", g.likeness, g.found) for g in found.guesses],
        )
    if found.note:
        print(found.note, file=sys.stderr)


def _marks(tag: TagSuggestion) -> Iterator[str]:
    if tag.suggested:
        yield "suggested"
    if tag.few_examples:
        yield f"few examples ({tag.examples})"


def _read_article(options: argparse.Namespace) -> tuple[str, str]:
    """Title and text of what was given."""
    if options.url is not None:
        return _read_page(options)
    if options.file is not None:
        return _read_file(options)
    return options.title, sys.stdin.read() if options.stdin else options.text


def _read_page(options: argparse.Namespace) -> tuple[str, str]:
    """Title and text behind the address; a title that was given comes before the page's own."""
    from core.fetch.page import fetch_page

    page = fetch_page(options.url)
    if page.note:
        print(page.note, file=sys.stderr)
    return options.title or page.title, page.text


def _read_file(options: argparse.Namespace) -> tuple[str, str]:
    """A post without its head, a page without its menus; any other file is text as it is."""
    from core.suggest.dropped import ENDINGS, read_dropped

    path = options.file
    try:
        if path.suffix.lower() == ".txt" or path.suffix.lower().removeprefix(".") not in ENDINGS:
            return options.title, path.read_text(encoding="utf-8")
        found = read_dropped(path.name, path.read_bytes())
    except OSError:
        raise DataError(f"There is no readable file {str(path)!r}. Check the path.") from None
    except UnicodeDecodeError:
        raise DataError(f"{path.name} is not UTF-8 text. Save it as UTF-8.") from None
    return options.title or found.title, found.text
