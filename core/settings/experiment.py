"""One experiment in full: everything that decides its figures."""

import json
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomli_w
from pydantic import Field, model_validator

from core.base.config import StrictConfig, build_config
from core.base.errors import ConfigError
from core.dataset.config import AugmentConfig, DataConfig, SplitConfig
from core.features.config import FeaturesConfig
from core.settings.classifier import ClassifierConfig, FinetuneConfig, ThresholdsConfig
from core.settings.earlier import with_method
from core.settings.methods import MethodName

# The study's seed for its random splits; ours wherever none is named.
STUDY_SEED = 20200122
# Begins the name of an encoder that another run saved: a run's id or a preset follows.
RUN_PREFIX = "run:"


class ExperimentConfig(StrictConfig):
    """Settings of one run.

    preset: the name that the settings started from, "" if none. method: how tags are learnt, one
    of the names in core.methods.registry; settings that it does not read have no effect.
    """

    preset: str = ""
    method: MethodName = "tfidf"
    data: DataConfig = DataConfig()
    split: SplitConfig = SplitConfig()
    augment: AugmentConfig = AugmentConfig()
    features: FeaturesConfig = FeaturesConfig()
    classifier: ClassifierConfig = ClassifierConfig()
    finetune: FinetuneConfig = FinetuneConfig()
    thresholds: ThresholdsConfig = ThresholdsConfig()
    seed: int = Field(STUDY_SEED, ge=0, lt=2**32)

    @model_validator(mode="before")
    @classmethod
    def _as_earlier_versions_wrote_it(cls, values: Any) -> Any:
        return with_method(values) if isinstance(values, Mapping) else values


def read_config_file(path: Path) -> ExperimentConfig:
    """Settings from a TOML or JSON file, or as TOML from standard input for "-".

    Raises ConfigError if it is neither or is refused.
    """
    if str(path) == "-":
        return parse_config(sys.stdin.read(), "standard input.toml")
    try:
        return parse_config(path.read_text(encoding="utf-8"), path.name)
    except OSError:
        raise ConfigError(f"There is no settings file {str(path)!r}. Check the path.") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path.name} is neither TOML nor JSON: {error}.") from None


def parse_config(text: str, name: str) -> ExperimentConfig:
    """The same from a file's text; `name` decides the form: .toml, else JSON."""
    try:
        values: Any = tomllib.loads(text) if name.endswith(".toml") else json.loads(text)
    except ValueError as error:
        raise ConfigError(f"{name} is neither TOML nor JSON: {error}.") from None
    if not isinstance(values, dict):
        raise ConfigError(f"{name} holds no settings: it should be an object.")
    return build_config(ExperimentConfig, values)


def config_to_toml(config: ExperimentConfig) -> str:
    """Every setting as a TOML file; read_config_file reads it back to the same settings."""
    return tomli_w.dumps(config.model_dump(mode="json"))
