"""What a source holds besides its articles: counted as it is read, and said in the check."""

from collections import Counter
from dataclasses import dataclass, field

# What may hold an article that we cannot read comes before pictures and programs.
_DOCUMENTS = (
    ".adoc .asciidoc .asc .ipynb .rst .org .tex .docx .odt .rtf .pdf .textile .wiki .txt "
    ".html .htm .xhtml .pandoc .typ .njk"
).split()
_MOST_NAMED = 10


@dataclass
class LeftOut:
    """kinds: files by the ending of their names. others: what else is left out, noun first."""

    kinds: Counter[str] = field(default_factory=Counter)
    others: Counter[str] = field(default_factory=Counter)

    def sentences(self) -> tuple[str, ...]:
        """Such as "22 files of other kinds left out: 20 .adoc, 2 .ipynb"."""
        found = [
            f"{number:,} {_plural(what, number)} left out"
            for what, number in self.others.most_common()
        ]
        if self.kinds:
            number = self.kinds.total()
            files = "file of another kind" if number == 1 else "files of other kinds"
            found.insert(0, f"{number:,} {files} left out: {self.named_kinds()}")
        return tuple(found)

    def named_kinds(self) -> str:
        """Documents first, then the most frequent."""
        ordered = sorted(
            self.kinds.items(), key=lambda kind: (kind[0] not in _DOCUMENTS, -kind[1], kind[0])
        )
        named = [f"{number:,} {ending}" for ending, number in ordered[:_MOST_NAMED]]
        rest = sum(number for _, number in ordered[_MOST_NAMED:])
        return ", ".join([*named, f"{rest:,} others"] if rest else named)


def _plural(what: str, number: int) -> str:
    noun, *rest = what.split(" ", 1)
    return " ".join([noun if number == 1 else f"{noun}s", *rest])
