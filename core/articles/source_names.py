"""What sources are called where people read of them."""

from collections.abc import Sequence
from pathlib import PurePath

# Of files that are read; a data set's name may hold other dots, and keeps them.
_ENDINGS = tuple(
    ".jsonl .ndjson .json .csv .tsv .xml .parquet .xlsx .sqlite .sqlite3 .db .zip".split()
)


def source_names(sources: Sequence[str]) -> list[str]:
    """Return a short display name for each source, in the same order.

    A file is called by its name without folder and extension; a data set keeps its whole name.
    If two sources would get the same name, each gets the shortest end of its path, with the
    extension, that tells them apart.

    >>> source_names(["a/news.csv", "b/notes.json.gz"])
    ['news', 'notes']
    >>> source_names(["blog.en", "blog.zh", "a/posts.csv", "b/posts.csv"])
    ['blog.en', 'blog.zh', 'a/posts.csv', 'b/posts.csv']
    """
    forms = {source: _forms(source) for source in sources}
    return [_first_of_its_own(source, forms) for source in sources]


def _first_of_its_own(source: str, forms: dict[str, list[str]]) -> str:
    taken = {form for other in forms if other != source for form in forms[other]}
    return next((form for form in forms[source] if form not in taken), forms[source][-1])


def _forms(source: str) -> list[str]:
    """From the shortest name to the whole path."""
    path = PurePath(source)
    bare = path.name.removesuffix(".gz")
    ending = next((ending for ending in _ENDINGS if bare.lower().endswith(ending)), "")
    parts = path.parts or (source,)
    longer = [str(PurePath(*parts[start:])) for start in range(len(parts) - 1, -1, -1)]
    return list(dict.fromkeys([bare[: len(bare) - len(ending)] or path.name or source, *longer]))
