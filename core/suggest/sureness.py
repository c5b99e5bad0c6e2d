"""How sure a tag is, as an editor sees it: suggested, not sure, or no."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

from core.metrics.decision import Decision
from core.models.calibration import Calibration
from core.runs.operating_points import OperatingPoint
from core.suggest.suggester import TagSuggestion

Verdict = Literal["suggested", "not sure", "no"]
VERDICTS: tuple[Verdict, ...] = ("suggested", "not sure", "no")
# Where no band was chosen: a tag with at least half the probability that its cut asks for, or,
# without probabilities, a score so little below the cut.
_SHARE_OF_CUT = 0.5
_BELOW_CUT = 0.25


@dataclass(frozen=True)
class RatedTag:
    """A suggestion, and how sure it is."""

    suggestion: TagSuggestion
    verdict: Verdict

    @property
    def tag(self) -> str:
        """The tag's name."""
        return self.suggestion.tag

    @property
    def probability(self) -> float | None:
        """The calibrated score, 0..1; None where the run has none."""
        return self.suggestion.probability

    @property
    def few_examples(self) -> bool:
        """Whether too few training articles had the tag to go by."""
        return self.suggestion.few_examples


class Rule(Protocol):
    """What decides how sure a tag is; a Suggester and a ServedModel are such rules."""

    @property
    def tags(self) -> tuple[str, ...]:
        """The K tags."""
        ...

    @property
    def decision(self) -> Decision:
        """The thresholds (K,)."""
        ...

    @property
    def point(self) -> OperatingPoint | None:
        """The operating point, if one was chosen."""
        ...

    @property
    def calibration(self) -> Calibration | None:
        """What turns scores into probabilities, if the run has it."""
        ...


def rate_tags(
    rule: Rule, suggestions: Sequence[TagSuggestion], *, sure_from: float | None = None
) -> list[RatedTag]:
    """Say how sure each tag is, in the order of the suggestions.

    Suggested is what the operating point takes. Where it has a band of probabilities in which a
    person should look, that band is not sure; elsewhere it is what lies little below the cut.
    sure_from: one probability, 0..1, in place of the operating point; needs a calibration.
    """
    if sure_from is not None:
        return [RatedTag(tag, _by_line(tag, sure_from)) for tag in suggestions]
    if rule.point is not None and (band := rule.point.not_sure) is not None:
        return [RatedTag(tag, _by_band(tag, *band)) for tag in suggestions]
    cuts = _cut_probabilities(rule)
    return [RatedTag(tag, _by_cut(tag, cuts.get(tag.tag))) for tag in suggestions]


def find_inversion(rated: Sequence[RatedTag]) -> tuple[RatedTag, RatedTag] | None:
    """Find a tag that is suggested although a tag that is not suggested is more probable.

    Each tag has its own threshold, so that both can be right. Returns the least probable tag that
    is suggested for being above its threshold, and the most probable one below its own. Compared
    in whole percent, as people see them. None if there are no two such tags, or no probabilities.
    """
    above = [tag for tag in rated if tag.verdict == "suggested" and _is_above_cut(tag)]
    below = [tag for tag in rated if tag.verdict != "suggested" and not _is_above_cut(tag)]
    if not above or not below:
        return None
    lowest, highest = min(above, key=_whole_percent), max(below, key=_whole_percent)
    return (lowest, highest) if _whole_percent(highest) > _whole_percent(lowest) else None


def _is_above_cut(tag: RatedTag) -> bool:
    return tag.suggestion.score > tag.suggestion.threshold


def _whole_percent(tag: RatedTag) -> int:
    return round(100 * (tag.probability or 0.0))


def _by_line(tag: TagSuggestion, line: float) -> Verdict:
    probability = tag.probability or 0.0
    if probability >= line:
        return "suggested"
    return "not sure" if probability >= _SHARE_OF_CUT * line else "no"


def _by_band(tag: TagSuggestion, low: float, high: float) -> Verdict:
    if tag.probability is None:
        return _by_cut(tag, None)
    if tag.suggested:
        return "suggested" if tag.probability > high else "not sure"
    return "not sure" if tag.probability > low else "no"


def _by_cut(tag: TagSuggestion, cut: float | None) -> Verdict:
    if tag.suggested:
        return "suggested"
    if tag.probability is None or cut is None:
        return "not sure" if tag.score > tag.threshold - _BELOW_CUT else "no"
    return "not sure" if tag.probability >= _SHARE_OF_CUT * cut else "no"


def _cut_probabilities(rule: Rule) -> dict[str, float]:
    """The probability at each tag's cut; empty without a calibration."""
    if rule.calibration is None:
        return {}
    cuts = np.asarray(rule.decision.thresholds, np.float64)[None, :]
    chances = rule.calibration.probabilities(cuts)[0].tolist()
    return dict(zip(rule.tags, chances, strict=True))
