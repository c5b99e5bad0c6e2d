"""A tagger: texts in, a score for every tag out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from core.methods.evidence import Contributions, occluded_parts

if TYPE_CHECKING:
    from core.features.config import EncoderConfig
    from core.features.encoder_files import EncoderFiles
    from core.features.tfidf import Tfidf


@dataclass(frozen=True)
class EncoderUse:
    """An encoder, and how a tagger reads texts with it."""

    files: EncoderFiles
    config: EncoderConfig


class TagScorer(Protocol):
    """What the suggester needs of a trained model."""

    @property
    def tags(self) -> tuple[str, ...]:
        """The K tags, in the order of the scores' columns."""
        ...

    @property
    def thresholds(self) -> NDArray[np.float64]:
        """(K,): a tag is suggested where its score is above its threshold."""
        ...

    @property
    def words(self) -> Tfidf | None:
        """The tf-idf that the tagger predicts from, which makes its evidence exact and free.

        None for a tagger whose evidence comes from leaving out parts of the text.
        """
        ...

    @property
    def vectors(self) -> EncoderUse | None:
        """The encoder whose vectors are all that it predicts from; None if there is more."""
        ...

    def scores(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, K): of each text, a score for every tag; unbounded, comparable within a tag."""
        ...

    def contributions(self, text: str) -> Contributions:
        """The evidence for and against each tag in one text."""
        ...

    def share_read(self, text: str) -> float:
        """How much of the text is read before the limit of the encoder: above 0, up to 1."""
        ...


class Tagger(TagScorer, Protocol):
    """What the experiments need besides: new thresholds, and a folder to be saved in."""

    def with_thresholds(self, thresholds: NDArray[np.float64]) -> Self:
        """The same model with other thresholds (K,)."""
        ...

    def save(self, folder: Path) -> None:
        """Write the model into an empty or new folder."""
        ...


class BaseTagger:
    """What most taggers have in common: they are dataclasses with the fields tags and thresholds.

    A tagger of its own needs no more than `scores` and `save`.
    """

    @property
    def words(self) -> Tfidf | None:
        """None: the evidence comes from leaving out parts of the text."""
        return None

    @property
    def vectors(self) -> EncoderUse | None:
        """None: the tagger does not predict from an encoder's vectors alone."""
        return None

    def contributions(self: Any, text: str) -> Contributions:
        """The evidence by leaving out one part of the text after another."""
        return occluded_parts(self.scores, text)

    def share_read(self, text: str) -> float:
        """1.0: the whole text is read."""
        return 1.0

    def with_thresholds(self: Any, thresholds: NDArray[np.float64]) -> Any:
        """The same model with other thresholds (K,)."""
        return replace(self, thresholds=thresholds)
