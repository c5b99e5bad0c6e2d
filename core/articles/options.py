"""What a person may say of how a source is read; all else is found out."""

from collections.abc import Mapping
from dataclasses import dataclass, field

# Of an encoding: it is found out from the file's bytes.
AUTO = "auto"


@dataclass(frozen=True)
class ReadingOptions:
    """How a source is to be read, as far as somebody said so: it comes before any guess.

    columns: field of an article -> the file's column; "" for a field that has none.
    encoding: of the text, as Python names it. tag_separator: what stands between the tags of a
    cell, such as ";" or "tab". query: the rows of a database; "" for its only table.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    encoding: str = AUTO
    tag_separator: str = ""
    query: str = ""


# Everything is found out.
NO_OPTIONS = ReadingOptions()
