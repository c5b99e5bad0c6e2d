"""Settings of the classifier's grid search and of the thresholds."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from core.base.config import StrictConfig
from core.features.config import Precision
from core.metrics.scorers import Scorer
from core.solvers.options import Dual, Kernel, Penalty


class ClassifierConfig(StrictConfig):
    """One-vs-rest SVM (squared hinge), its C chosen by cross-validation.

    penalty, dual: as in scikit-learn's LinearSVC, searched over where more than one is given;
    there is no solver for l1 with dual, so that pair is left out.
    vector_kernel: of an encoder's vectors alone, of up to 24,000 texts, under l2; all else is
    linear. "rbf" goes by how near a text is to each training text.
    shuffle_folds: not in the file's order; stratified by tags as well where they are grouped.
    grouped_folds: an article's copies stay in one fold. Without it, augmented copies of a
    test article are learnt from, and the score is far too high (the study's leak).
    """

    C: tuple[Annotated[float, Field(gt=0)], ...] = Field((0.1, 1.0, 10.0), min_length=1)
    penalty: tuple[Penalty, ...] = Field(("l2",), min_length=1)
    dual: tuple[Dual, ...] = Field(("auto",), min_length=1)
    vector_kernel: Kernel = "linear"
    scorer: Scorer = "micro_f0.5"
    folds: int = Field(3, ge=2, le=20)
    shuffle_folds: bool = True
    grouped_folds: bool = True

    @model_validator(mode="after")
    def _some_pair_is_possible(self) -> "ClassifierConfig":
        if not self.pairs:
            raise ValueError("there is no linear SVM with penalty l1 and dual: set dual to false")
        return self

    @property
    def pairs(self) -> list[tuple[Penalty, Dual]]:
        """The (penalty, dual) pairs of the grid that a solver exists for."""
        return [(p, d) for p in self.penalty for d in self.dual if p != "l1" or d is not True]


class FinetuneConfig(StrictConfig):
    """Training of an encoder with one linear layer over its pooled output.

    loss: binary cross-entropy over "all_tags", or the study's softmax cross-entropy on each
    article's "first_tag" alone. pooling: "pooler" is BERT's own dense layer over [CLS].
    learning_rate: at its highest, after warmup_share of all steps; it then falls linearly to 0.
    head_learning_rate: the linear layer's own, which starts from nothing; 0 for the same.
    weight_decay: none on biases and layer norms. clip_norm: of the whole gradient.
    dropout: before the linear layer. attention_dropout: of attention weights.
    validation_share: of the training articles, stratified by tags, kept out to choose the epoch
    and the thresholds;
    0 watches the test part instead, as the study did, and keeps the last epoch.
    patience: epochs without a better validation micro F1 before it stops.
    balance: weight the positive side of rare tags by sqrt(negatives / positives).
    precision: "auto" takes bf16 where the device computes in it, else fp32.
    extra_words: so many frequent words that the tokenizer breaks become tokens of their own.
    """

    loss: Literal["all_tags", "first_tag"] = "all_tags"
    pooling: Literal["pooler", "cls", "mean"] = "mean"
    epochs: int = Field(12, ge=1, le=200)
    batch_size: int = Field(16, ge=1)
    learning_rate: float = Field(2e-4, gt=0, lt=1)
    head_learning_rate: float = Field(5e-3, ge=0, lt=1)
    warmup_share: float = Field(0.1, ge=0, lt=1)
    adam_epsilon: float = Field(1e-8, gt=0)
    weight_decay: float = Field(0.01, ge=0)
    clip_norm: float = Field(1.0, gt=0)
    dropout: float = Field(0.1, ge=0, lt=1)
    attention_dropout: float = Field(0.0, ge=0, lt=1)
    validation_share: float = Field(0.1, ge=0, lt=1)
    patience: int = Field(3, ge=1)
    balance: bool = False
    group_by_length: bool = True
    precision: Precision | Literal["auto"] = "auto"
    extra_words: int = Field(0, ge=0, le=5000)


class ThresholdsConfig(StrictConfig):
    """Where a margin becomes a tag: at 0, at a value, or where F-beta is best on held-out scores.

    rule: "zero", the fixed "value", one "global" cut for all tags, or one "per_tag".
    min_support: a tag with fewer true held-out articles keeps the global cut; under "per_tag" the
    others get one of their own, drawn towards the global cut the fewer articles they have.
    """

    rule: Literal["zero", "value", "global", "per_tag"] = "global"
    value: float = Field(0.0, allow_inf_nan=False)
    beta: float = Field(1.0, gt=0, le=10)
    # Not the 5 of the thresholds command: another default would find no finished run again.
    min_support: int = Field(10, ge=1)
