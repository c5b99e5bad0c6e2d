"""What an editor makes of the suggestions: tags taken, refused and added, step by step."""

from collections.abc import Iterable, Set
from dataclasses import dataclass, field, replace

from core.suggest.sureness import RatedTag


@dataclass(frozen=True)
class Choices:
    """What the editor decided against the suggestions, and tags of their own.

    left: tags that the editor said no to, whether they were suggested or not sure.
    """

    taken: frozenset[str] = frozenset()
    left: frozenset[str] = frozenset()
    added: tuple[str, ...] = ()

    def has(self, rated: RatedTag) -> bool:
        """Whether the tag goes with the article."""
        if rated.verdict == "suggested":
            return rated.tag not in self.left
        return rated.tag in self.taken

    def press(self, shown: Set[str], on: Set[str], *, suggested: bool) -> "Choices":
        """The choices after a press in a group of chips: `on` of the shown ones are filled.

        A chip that was filled before is refused by it; one that nobody touched is not.
        """
        off = shown - on
        refused = off if suggested else off & (self.taken | self.left)
        return replace(
            self,
            taken=(self.taken - off) if suggested else (self.taken - off) | on,
            left=(self.left - shown) | refused,
        )


@dataclass
class ChoiceHistory:
    """The choices for one answer, and those before, which undo brings back."""

    now: Choices = field(default_factory=Choices)
    before: list[Choices] = field(default_factory=list)

    def add(self, tags: Iterable[str]) -> None:
        """Make these the editor's own tags, and no others."""
        self.change(replace(self.now, added=tuple(dict.fromkeys(tags))))

    def change(self, choices: Choices) -> None:
        """Take these choices; a step to undo, unless nothing changes."""
        if choices != self.now:
            self.before.append(self.now)
            self.now = choices

    def undo(self) -> None:
        """Go back one step, if there is one."""
        if self.before:
            self.now = self.before.pop()
