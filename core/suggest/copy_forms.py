"""Chosen tags in the forms that people paste: a list, JSON, YAML front matter."""

import json
import re
from collections.abc import Sequence

# Needs no quotes in YAML, whatever its version: no number, date or word of its own.
_PLAIN = re.compile(r"[a-z][a-z0-9]*(?:[-.][a-z0-9]+)+|[a-z]{4,}")
_CONTROLS = re.compile(r"[\x7f-\x9f\u2028\u2029\ufeff]")
_YAML_WORDS = ("true", "false", "null")

FORMS = ("List", "JSON", "YAML")


def tags_as(form: str, tags: Sequence[str]) -> str:
    """Write tags in a form that readers of that form read back to the same tags.

    form: one of FORMS.

    >>> print(tags_as("YAML", ["golang", "c++"]))
    ---
    tags:
      - golang
      - "c++"
    ---
    """
    if form == "JSON":
        return json.dumps(list(tags), ensure_ascii=False)
    if form == "YAML":
        lines = [f"  - {_yaml(tag)}" for tag in tags]
        return "\n".join(["---", "tags:" if lines else "tags: []", *lines, "---"])
    return ", ".join(tags)


def _yaml(tag: str) -> str:
    if _PLAIN.fullmatch(tag) and tag not in _YAML_WORDS:
        return tag
    # JSON's strings are YAML's, but for some control characters that YAML wants escaped.
    quoted = json.dumps(tag, ensure_ascii=False)
    return _CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted)
