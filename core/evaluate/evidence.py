"""Why a tag was suggested."""

from dataclasses import dataclass

from core.methods.evidence import Contributions


@dataclass(frozen=True)
class TermEvidence:
    """A word or phrase of the text and its part of the tag's score, positive or negative."""

    term: str
    contribution: float


def strongest_terms(
    contributions: Contributions, column: int, *, limit: int = 5
) -> list[TermEvidence]:
    """List the terms that raise a tag's score most, strongest first; none that lowers it.

    column: the tag's.
    """
    parts = contributions.parts[:, column].tolist()
    ranked = sorted(
        zip(contributions.terms, parts, strict=True), key=lambda item: (-item[1], item[0])
    )
    return [TermEvidence(term, part) for term, part in ranked[:limit] if part > 0]
