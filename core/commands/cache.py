"""The embedding cache: its size, and clearing it."""

import argparse
from typing import Any

from core.commands.output import print_json


def add_commands(commands: Any) -> None:
    cache = commands.add_parser(
        "cache",
        help="size of the embedding cache; clear it",
        epilog="example: python -m core cache --clear",
    )
    cache.add_argument("--clear", action="store_true", help="forget every vector")
    cache.add_argument("--json", action="store_true", help="print one JSON document")
    cache.set_defaults(handler=show_cache)


def show_cache(options: argparse.Namespace) -> None:
    from core.features.vector_cache import VectorCache

    cache = VectorCache()
    if options.clear:
        cache.clear()
    vectors, size = cache.size()
    if options.json:
        print_json({"vectors": vectors, "bytes": size, "file": str(cache.path)})
    else:
        print(f"{vectors:,} vectors, {size / 1e6:.1f} MB in {cache.path}")
