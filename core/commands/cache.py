"""The embedding cache: its size, and clearing it."""

import argparse
from typing import Any

from core.commands.options import add_command
from core.commands.output import print_json


def add_commands(commands: Any) -> None:
    """Add `cache` to the command line."""
    cache = add_command(
        commands, "cache", show_cache, "size of the embedding cache; clear it", "cache --clear"
    )
    cache.add_argument("--clear", action="store_true", help="forget every vector")


def show_cache(options: argparse.Namespace) -> None:
    """Print how many vectors the cache holds, after clearing it if asked."""
    from core.features.vector_cache import VectorCache

    cache = VectorCache()
    if options.clear:
        cache.clear()
    vectors, size = cache.size()
    if options.json:
        print_json({"vectors": vectors, "bytes": size, "file": str(cache.path)})
    else:
        print(f"{vectors:,} vectors, {size / 1e6:.1f} MB in {cache.path}")
