"""The articles that a tagger is trained on."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from core.dataset.config import Rule
from core.models.folds import Fold, IntArray, build_folds, require_filled
from core.settings.classifier import ClassifierConfig


@dataclass(frozen=True)
class TrainingPart:
    """n training articles followed by their augmented copies, m texts in all.

    Y: bool (m, K). originals: (m,), the row of each text's article. groups: (n,), equal for
    copies of one article. learnt_only: the last so many of the n articles are never predicted.
    rule: by which articles are shared out to folds and to a validation part.
    """

    texts: list[str]
    Y: csr_array
    tags: tuple[str, ...]
    originals: IntArray
    groups: IntArray
    learnt_only: int = 0
    rule: Rule = "stratified"

    @property
    def articles(self) -> int:
        """n, the number of articles without their augmented copies."""
        return len(self.groups)

    @property
    def judged(self) -> int:
        """How many articles, from the first on, get out-of-fold scores."""
        return self.articles - self.learnt_only

    def folds(self, classifier: ClassifierConfig, *, seed: int) -> list[Fold]:
        """Folds of the texts; only judged articles and their copies are on test sides."""
        groups, judged = self.groups[self.originals], self.originals < self.judged
        copies = np.arange(len(groups)) >= self.articles
        folds = build_folds(
            groups, self.Y, classifier, seed=seed, judged=judged, copies=copies, rule=self.rule
        )
        require_filled(folds, self.judged)
        return folds

    def texts_without(self, articles: IntArray) -> IntArray:
        """Rows of the texts that are neither of these articles nor of copies of them."""
        return np.flatnonzero(~np.isin(self.groups[self.originals], self.groups[articles]))

    def only(self, rows: IntArray) -> "TrainingPart":
        """The texts in these rows as a part of its own, each an article without copies."""
        numbers = np.arange(len(rows))
        texts = [self.texts[row] for row in rows]
        return TrainingPart(texts, self.Y[rows], self.tags, numbers, numbers)


@dataclass(frozen=True)
class Labelled:
    """Texts (r,) and the tags that they truly have, bool (r, K)."""

    texts: Sequence[str]
    truth: csr_array
