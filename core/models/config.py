"""Settings of the classifier's grid search and of the thresholds."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from core.base.config import StrictConfig, as_grid
from core.metrics.scorers import Scorer


class ClassifierConfig(StrictConfig):
    """One-vs-rest linear SVM (squared hinge, l2), its C chosen by cross-validation.

    grouped_folds: an article's copies stay in one fold. Without it, augmented copies of a
    test article are learnt from, and the score is far too high (the study's leak).
    """

    C: Annotated[
        tuple[Annotated[float, Field(gt=0)], ...], BeforeValidator(as_grid), Field(min_length=1)
    ] = (0.1, 1.0, 10.0)
    scorer: Scorer = "micro_f0.5"
    folds: int = Field(3, ge=2, le=20)
    shuffle_folds: bool = True
    grouped_folds: bool = True


class ThresholdsConfig(StrictConfig):
    """Where a margin becomes a tag: at 0, or where F-beta is best on out-of-fold scores.

    rule: "zero", one "global" cut for all tags, or one "per_tag".
    min_support: a rarer tag keeps the global cut, for its own would be noise.
    """

    rule: Literal["zero", "global", "per_tag"] = "global"
    beta: float = Field(1.0, gt=0, le=10)
    min_support: int = Field(10, ge=1)
