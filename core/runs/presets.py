"""Experiments by name: the study's as published, their corrected twins, and our best."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.base.config import build_config, override
from core.base.errors import ConfigError
from core.metrics.averages import MACRO, MICRO, SAMPLES, WEIGHTED, Average
from core.runs.config import ExperimentConfig

PUBLISHED_NOTE = "published, LinkedInfo 2020, another data set"


@dataclass(frozen=True)
class Published:
    """What the study printed for one experiment: its CV score and test averages."""

    cv_score: float
    averages: Mapping[str, Average]


@dataclass(frozen=True)
class Preset:
    """A named experiment. values: settings that differ from the defaults."""

    name: str
    title: str
    values: Mapping[str, Any]
    published: Published | None = None

    def config(self) -> ExperimentConfig:
        return build_config(ExperimentConfig, {"preset": self.name, **self.values})


def list_presets() -> list[Preset]:
    return list(_PRESETS.values())


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
    values = override(base.model_dump(mode="json"), assignments)
    if sources:
        values["data"]["sources"] = list(sources)
    return build_config(ExperimentConfig, values)


def _published(cv_score: float, support: int, *figures: tuple[float, float, float]) -> Published:
    names = (MICRO, MACRO, WEIGHTED, SAMPLES)
    averages = {n: Average(*prf, support) for n, prf in zip(names, figures, strict=True)}
    return Published(cv_score, averages)


# The study's tf-idf runs: folds neither shuffled nor grouped, cut at margin 0.
_STUDY = {
    "augment": {"level": 4, "crop_ratio": 0.2},
    "features": {"analyzer": "sklearn", "ngram_range": [[1, 4]], "sublinear_tf": False},
    "classifier": {
        "C": [0.1, 1, 10],
        "scorer": "subset_accuracy",
        "shuffle_folds": False,
        "grouped_folds": False,
    },
    "thresholds": {"rule": "zero"},
}
# The same, faults corrected: shuffled grouped folds, micro F0.5, a cut from out-of-fold scores.
_FIXED = {
    "augment": _STUDY["augment"],
    "features": _STUDY["features"],
    "classifier": {"C": [0.1, 1, 10]},
    "thresholds": {"rule": "global"},
}
_ENGLISH = {"languages": ["en"]}
_BILINGUAL = {"languages": ["en", "zh"]}
_FULL_TEXT = {"languages": ["en", "zh"], "text_column": "fulltext"}

_PRESETS = {
    preset.name: preset
    for preset in (
        Preset(
            "study-08",
            "Keywords, English, title and description, as published",
            {**_STUDY, "data": _ENGLISH},
            _published(
                0.9987,
                764,
                (0.9558, 0.3678, 0.5312),
                (0.7403, 0.2506, 0.3536),
                (0.8474, 0.3678, 0.4879),
                (0.4526, 0.3965, 0.4129),
            ),
        ),
        Preset(
            "study-09",
            "Keywords, English and Chinese, as published",
            {**_STUDY, "data": _BILINGUAL},
            _published(
                0.9963,
                1426,
                (0.8843, 0.4180, 0.5676),
                (0.8046, 0.3114, 0.4239),
                (0.8495, 0.4180, 0.5320),
                (0.4875, 0.4334, 0.4464),
            ),
        ),
        Preset(
            "study-10",
            "Keywords, English and Chinese, full text, as published",
            {**_STUDY, "data": _FULL_TEXT},
            _published(
                0.9720,
                1428,
                (0.8919, 0.4797, 0.6239),
                (0.8587, 0.3860, 0.5027),
                (0.8641, 0.4797, 0.5850),
                (0.5591, 0.4944, 0.5110),
            ),
        ),
        Preset("fixed-08", "Experiment 8, faults corrected", {**_FIXED, "data": _ENGLISH}),
        Preset("fixed-09", "Experiment 9, faults corrected", {**_FIXED, "data": _BILINGUAL}),
        Preset("fixed-10", "Experiment 10, faults corrected", {**_FIXED, "data": _FULL_TEXT}),
        Preset("best-tfidf", "Our best keywords: technical words, one tuned cut", {}),
    )
}
