"""Experiments by name: the study's as published, their corrected twins, and our best."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.base.config import build_config, override
from core.base.errors import ConfigError
from core.settings.experiment import RUN_PREFIX, ExperimentConfig
from core.study.published import PUBLISHED, Published

Values = Mapping[str, Any]
FAMILY = "study"


@dataclass(frozen=True)
class Preset:
    """A named experiment.

    values: settings that differ from the defaults. published: the study's own figures, None for a
    preset that is not the study's.
    """

    name: str
    title: str
    values: Values
    published: Published | None = None

    def config(self) -> ExperimentConfig:
        """The settings: the defaults, changed by `values`."""
        return build_config(ExperimentConfig, {"preset": self.name, **self.values})


def list_presets() -> list[Preset]:
    """Every preset: the study's, each with its corrected twin, then ours."""
    return list(_PRESETS.values())


def family_presets() -> list[Preset]:
    """The study's ten experiments, each followed by its corrected twin."""
    return [preset for preset in list_presets() if preset.name.startswith(("study-", "fixed-"))]


def preset_named(name: str) -> Preset:
    """The preset of that name. Raises ConfigError, with the nearest name, if there is none.

    >>> preset_named("best-hybrid").config().method
    'hybrid'
    """
    if name in _PRESETS:
        return _PRESETS[name]
    near = difflib.get_close_matches(name, _PRESETS, n=1)
    hint = f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(_PRESETS)}."
    raise ConfigError(f"Unknown preset {name!r}. {hint}")


def configure(
    base: ExperimentConfig, *, sources: Sequence[str] = (), assignments: Sequence[str] = ()
) -> ExperimentConfig:
    """The settings of `base` on other data and with "name=value" changes.

    Raises ConfigError for a change that is unknown or impossible.

    >>> base = preset_named("best-tfidf").config()
    >>> configure(base, sources=["a.jsonl"], assignments=["data.min_tag_count=5"]).data.sources
    ('a.jsonl',)
    """
    values = override(base.model_dump(mode="json"), assignments, kind=ExperimentConfig)
    if sources:
        values["data"]["sources"] = list(sources)
    return build_config(ExperimentConfig, values)


# The study's experiments, as published: scikit-multilearn's split, folds neither shuffled nor
# grouped, a tag where the margin is above 0.
_ITERATIVE, _RANDOM = {"method": "iterative"}, {"method": "random"}
_AT_ZERO = {"rule": "zero"}
_FOLDS = {"shuffle_folds": False, "grouped_folds": False}
_MICRO_F = {"scorer": "micro_f0.5", **_FOLDS}
_SUBSET = {"C": [0.1, 1, 10], "scorer": "subset_accuracy", **_FOLDS}

_ENGLISH = {"min_tag_count": 20, "languages": ["en"]}
_ALL_TAGS = {"min_tag_count": 1, "languages": ["en"]}
_BILINGUAL = {"min_tag_count": 20, "languages": ["en", "zh"]}

_BERT = {"encoder": {"name": "minilm", "pooling": "cls"}}
_KEYWORDS = {"analyzer": "sklearn", "ngram_range": [[1, 4]], "sublinear_tf": False}

_NO_COPIES = {"level": 0}
_TWO_COPIES = {"level": 2, "crop_ratio": 0.1}
_FOUR_COPIES = {"level": 4, "crop_ratio": 0.2}


def _bert(title: str, data: Values, augment: Values, split: Values = _ITERATIVE) -> dict[str, Any]:
    """An SVM on BERT's vectors, which the study fitted with two values of C."""
    return {
        "title": title,
        "data": data,
        "split": split,
        "augment": augment,
        "method": "encoder",
        "features": _BERT,
        "classifier": {"C": [0.1, 1], **_MICRO_F},
        "thresholds": _AT_ZERO,
    }


def _keywords(title: str, data: Values) -> dict[str, Any]:
    return _bert(title, data, _FOUR_COPIES) | {
        "method": "tfidf",
        "features": _KEYWORDS,
        "classifier": _SUBSET,
    }


_STUDY: dict[str, dict[str, Any]] = {
    "study-01": {
        **_bert(
            "BERT vectors of the title, all tags, random split",
            {**_ALL_TAGS, "text_column": "title"},
            _NO_COPIES,
            _RANDOM,
        ),
        "classifier": {
            "C": [0.01, 0.1, 0.5, 1, 10],
            "penalty": ["l1", "l2"],
            "dual": [True, False],
            **_MICRO_F,
        },
    },
    "study-02": _bert("BERT vectors of title and description", _ALL_TAGS, _NO_COPIES, _RANDOM),
    "study-03": _bert("The same, stratified split", _ALL_TAGS, _NO_COPIES),
    "study-04": _bert("The same, with augmented training articles", _ALL_TAGS, _TWO_COPIES),
    "study-05": _bert("The same, frequent tags only", _ENGLISH, _TWO_COPIES),
    "study-06": {
        **_bert("Fine-tuned BERT", _ENGLISH, _TWO_COPIES),
        "method": "finetune",
        "classifier": _MICRO_F,
        "finetune": {
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
        },
        "thresholds": {"rule": "value", "value": 0.5},
    },
    "study-07": {
        **_bert("Vectors of the fine-tuned BERT", _ENGLISH, _TWO_COPIES),
        "features": {"encoder": {"name": "run:study-06", "pooling": "cls"}},
        "classifier": {"C": [0.1, 1, 10], **_MICRO_F},
    },
    "study-08": _keywords("Keywords, English, title and description", _ENGLISH),
    "study-09": _keywords("Keywords, English and Chinese", _BILINGUAL),
    # A subsample: the four-word phrases of 2,500 full texts and their copies take 6 GB and an hour.
    "study-10": _keywords(
        "Keywords, English and Chinese, full text",
        {**_BILINGUAL, "text_column": "fulltext", "most_articles": 1000},
    ),
}
# Each article is learnt thrice an epoch, with its copies: slower, and more dropout.
_OUR_FINETUNE = {"epochs": 4, "learning_rate": 1e-4, "dropout": 0.3}


def _as_published(name: str) -> Preset:
    values = dict(_STUDY[name])
    return Preset(name, f"{values.pop('title')}, as published", values, PUBLISHED[name])


def correct_preset(study: Preset) -> Preset:
    """The twin of one of the study's presets: the same experiment with its faults corrected.

    It keeps data, copies, method, features and grid; a random split stays random. Of our defaults
    it takes the split that gives each tag its share of test articles, shuffled grouped folds, micro
    F0.5, the loss over all tags, and a tuned threshold. An encoder that a study's run fine-tuned
    gives way to that of the run's twin.
    """
    values = {part: study.values[part] for part in ("data", "augment", "method")}
    features = dict(study.values["features"])
    encoder = features.get("encoder", {})
    if encoder.get("name", "").startswith(f"{RUN_PREFIX}study-"):
        features["encoder"] = {**encoder, "name": encoder["name"].replace("study-", "fixed-")}
    faults = {"scorer", *_FOLDS}
    grid = {name: v for name, v in study.values["classifier"].items() if name not in faults}
    is_random = study.values["split"] == _RANDOM
    values |= {
        "split": _RANDOM if is_random else {"method": "stratified"},
        "features": features,
        "classifier": grid,
    }
    if "finetune" in study.values:
        values["finetune"] = _OUR_FINETUNE
    number = study.name.removeprefix("study-")
    return Preset(f"fixed-{number}", f"Experiment {int(number)}, faults corrected", values)


_BEST = (
    Preset("best-tfidf", "Keywords: technical words, one tuned threshold", {}),
    Preset(
        "best-encoder",
        "Sentence vectors of two layers and of the title, rbf kernel, one tuned threshold",
        {
            "method": "encoder",
            "features": {"encoder": {"pooling": "layers"}},
            "classifier": {"vector_kernel": "rbf"},
        },
    ),
    Preset(
        "best-hybrid",
        "Words, characters and sentence vectors in one classifier, one tuned threshold",
        {"method": "hybrid"},
    ),
    Preset(
        "best-hybrid-finetuned",
        "best-hybrid, and the signs of an encoder fine-tuned on the tags",
        {
            "method": "hybrid",
            "features": {"hybrid": {"finetuned": True}},
            "finetune": {"epochs": 6},
        },
    ),
    Preset(
        "best-finetuned",
        "The encoder fine-tuned on the tags, one tuned threshold",
        {"method": "finetune"},
    ),
)

_STUDY_PRESETS = tuple(map(_as_published, _STUDY))
_PRESETS = {
    preset.name: preset
    for preset in (*(p for study in _STUDY_PRESETS for p in (study, correct_preset(study))), *_BEST)
}
