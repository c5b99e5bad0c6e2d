"""Experiments by name: the study's as published, their corrected twins, and our best."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.base.config import build_config, override
from core.base.errors import ConfigError
from core.settings.experiment import ExperimentConfig
from core.study.published import PUBLISHED, Published

Values = Mapping[str, Any]
FAMILY = "study"


@dataclass(frozen=True)
class Preset:
    """A named experiment. values: settings that differ from the defaults."""

    name: str
    title: str
    values: Values
    published: Published | None = None

    def config(self) -> ExperimentConfig:
        return build_config(ExperimentConfig, {"preset": self.name, **self.values})


def list_presets() -> list[Preset]:
    return list(_PRESETS.values())


def family_presets() -> list[Preset]:
    """The study's ten experiments, each followed by its corrected twin."""
    return [preset for preset in list_presets() if preset.name.startswith(("study-", "fixed-"))]


def preset_named(name: str) -> Preset:
    """Raises ConfigError, with the nearest name, if there is none."""
    if name in _PRESETS:
        return _PRESETS[name]
    near = difflib.get_close_matches(name, _PRESETS, n=1)
    hint = f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(_PRESETS)}."
    raise ConfigError(f"Unknown preset {name!r}. {hint}")


def configure(
    base: ExperimentConfig, *, sources: Sequence[str] = (), assignments: Sequence[str] = ()
) -> ExperimentConfig:
    """`base` on other data and with "name=value" changes. Raises ConfigError on a bad one."""
    values = override(base.model_dump(mode="json"), assignments, kind=ExperimentConfig)
    if sources:
        values["data"]["sources"] = list(sources)
    return build_config(ExperimentConfig, values)


@dataclass(frozen=True)
class _Experiment:
    """One of the study's ten. classifier: what its grid had, but for folds and scorer."""

    number: int
    title: str
    data: Values
    features: Values
    classifier: Values
    augment: Values
    scorer: str = "micro_f0.5"
    random_split: bool = False

    def as_published(self) -> Preset:
        """scikit-multilearn's split, folds neither shuffled nor grouped, cut at margin 0."""
        name = f"study-{self.number:02d}"
        folds = {"scorer": self.scorer, "shuffle_folds": False, "grouped_folds": False}
        values = {
            **self._shared(split="iterative"),
            "classifier": {**self.classifier, **folds},
            "thresholds": {"rule": "zero"},
        }
        if self.number == 6:
            values |= {"finetune": _STUDY_FINETUNE, "thresholds": {"rule": "value", "value": 0.5}}
        return Preset(name, f"{self.title}, as published", values, PUBLISHED[name])

    def corrected(self) -> Preset:
        """Each tag's own share of test articles, shuffled grouped folds, micro F0.5, all tags in
        the loss, a tuned cut.
        """
        values = self._shared(split="stratified")
        if self.features.get("encoder", {}).get("name") == "run:study-06":
            values["features"] = {**self.features, "encoder": _tuned_encoder("fixed-06")}
        if self.number == 6:
            # Each article is learnt thrice an epoch, with its copies: slower, and more dropout.
            values["finetune"] = {"epochs": 4, "learning_rate": 1e-4, "dropout": 0.3}
        title = f"Experiment {self.number}, faults corrected"
        return Preset(f"fixed-{self.number:02d}", title, values)

    def _shared(self, *, split: str) -> dict[str, Any]:
        return {
            "data": {"min_tag_count": 20, **self.data},
            "split": {"method": "random" if self.random_split else split},
            "augment": self.augment,
            "features": self.features,
            "classifier": self.classifier,
        }


def _tuned_encoder(preset: str) -> Values:
    return {"name": f"run:{preset}", "pooling": "cls"}


_TITLE = {"languages": ["en"], "text_column": "title"}
_ENGLISH = {"languages": ["en"]}
_ALL_TAGS = {"languages": ["en"], "min_tag_count": 1}
_BILINGUAL = {"languages": ["en", "zh"]}
# A subsample: the four-word phrases of 2,500 full texts and their copies take 6 GB and an hour.
_FULL_TEXT = {"languages": ["en", "zh"], "text_column": "fulltext", "most_articles": 1000}

_CLS = {"kind": "encoder", "encoder": {"name": "minilm", "pooling": "cls"}}
_KEYWORDS = {"analyzer": "sklearn", "ngram_range": [[1, 4]], "sublinear_tf": False}

_WIDE_GRID = {
    "C": [0.01, 0.1, 0.5, 1, 10],
    "penalty": ["l1", "l2"],
    "dual": [True, False],
}
_TWO_CS = {"C": [0.1, 1]}
_THREE_CS = {"C": [0.1, 1, 10]}

_NO_COPIES = {"level": 0}
_TWO_COPIES = {"level": 2, "crop_ratio": 0.1}
_FOUR_COPIES = {"level": 4, "crop_ratio": 0.2}

_STUDY_FINETUNE = {
    "loss": "first_tag",
    "pooling": "pooler",
    "epochs": 4,
    "batch_size": 16,
    "learning_rate": 5e-5,
    "head_learning_rate": 0,
    "warmup_share": 0,
    "adam_epsilon": 1e-8,
    "weight_decay": 0.1,
    "clip_norm": 1.0,
    "attention_dropout": 0.1,
    "validation_share": 0,
    "group_by_length": False,
}

_EXPERIMENTS = (
    _Experiment(
        1,
        "BERT vectors of the title, all tags, random split",
        {**_ALL_TAGS, **_TITLE},
        _CLS,
        _WIDE_GRID,
        _NO_COPIES,
        random_split=True,
    ),
    _Experiment(
        2,
        "BERT vectors of title and description",
        _ALL_TAGS,
        _CLS,
        _TWO_CS,
        _NO_COPIES,
        random_split=True,
    ),
    _Experiment(3, "The same, stratified split", _ALL_TAGS, _CLS, _TWO_CS, _NO_COPIES),
    _Experiment(4, "The same, training part augmented", _ALL_TAGS, _CLS, _TWO_CS, _TWO_COPIES),
    _Experiment(5, "The same, frequent tags only", _ENGLISH, _CLS, _TWO_CS, _TWO_COPIES),
    _Experiment(6, "Fine-tuned BERT", _ENGLISH, _CLS, {"kind": "finetune"}, _TWO_COPIES),
    _Experiment(
        7,
        "Vectors of the fine-tuned BERT",
        _ENGLISH,
        {"kind": "encoder", "encoder": _tuned_encoder("study-06")},
        _THREE_CS,
        _TWO_COPIES,
    ),
    _Experiment(
        8,
        "Keywords, English, title and description",
        _ENGLISH,
        _KEYWORDS,
        _THREE_CS,
        _FOUR_COPIES,
        scorer="subset_accuracy",
    ),
    _Experiment(
        9,
        "Keywords, English and Chinese",
        _BILINGUAL,
        _KEYWORDS,
        _THREE_CS,
        _FOUR_COPIES,
        scorer="subset_accuracy",
    ),
    _Experiment(
        10,
        "Keywords, English and Chinese, full text",
        _FULL_TEXT,
        _KEYWORDS,
        _THREE_CS,
        _FOUR_COPIES,
        scorer="subset_accuracy",
    ),
)

_BEST = (
    Preset("best-tfidf", "Our best keywords: technical words, one tuned cut", {}),
    Preset(
        "best-encoder",
        "Sentence vectors of two layers and of the title, rbf kernel, one tuned cut",
        {
            "features": {"kind": "encoder", "encoder": {"pooling": "layers"}},
            "classifier": {"vector_kernel": "rbf"},
        },
    ),
    Preset(
        "best-hybrid",
        "Words, characters and sentence vectors in one classifier, one tuned cut",
        {"features": {"kind": "hybrid"}},
    ),
    Preset(
        "best-hybrid-finetuned",
        "best-hybrid, and an encoder trained on the tags is heard too",
        {
            "features": {"kind": "hybrid", "hybrid": {"finetuned": True}},
            "finetune": {"epochs": 6},
        },
    ),
    Preset(
        "best-finetuned",
        "The encoder trained on the tags, one tuned cut",
        {"features": {"kind": "encoder"}, "classifier": {"kind": "finetune"}},
    ),
)

_PRESETS = {
    preset.name: preset
    for preset in (
        *(twin for e in _EXPERIMENTS for twin in (e.as_published(), e.corrected())),
        *_BEST,
    )
}
