"""Which settings a method reads, and a refusal of those that it would ignore."""

import difflib
from collections.abc import Collection, Iterable, Sequence

from core.base.config import setting_names
from core.base.errors import ConfigError
from core.methods.base import COMMON_SETTINGS, is_read
from core.methods.registry import list_methods, method_of
from core.settings.earlier import EARLIER_NAMES
from core.settings.experiment import ExperimentConfig


def reads_setting(config: ExperimentConfig, setting: str) -> bool:
    """Whether the method of these settings reads the setting, or any of a group.

    >>> reads_setting(ExperimentConfig(method="tfidf"), "features.min_df")
    True
    >>> reads_setting(ExperimentConfig(method="tfidf"), "features.encoder.name")
    False
    """
    return is_read(setting, [*COMMON_SETTINGS, *method_of(config).reads(config)])


def refuse_unread(configs: Sequence[ExperimentConfig], given: Iterable[str]) -> None:
    """Raise ConfigError if none of the experiments reads one of the settings that were given.

    The sentence names the nearest setting that the first one does read.

    >>> refuse_unread([ExperimentConfig(method="finetune")], ["features.encoder.pooling"])
    Traceback (most recent call last):
    ...
    core.base.errors.ConfigError: The method 'finetune' does not read 'features.encoder.pooling' \
(encoder and hybrid do). The nearest setting that it reads is 'finetune.pooling'.
    """
    for setting in given:
        if setting in EARLIER_NAMES:
            continue
        if not any(reads_setting(config, setting) for config in configs):
            raise ConfigError(_refusal(configs[0], setting))


def refuse_two_methods(config: ExperimentConfig, assignments: Sequence[str]) -> None:
    """Raise ConfigError where features.kind, as earlier versions had it, has no effect.

    They ignored it beside classifier.kind=finetune.
    """
    for assignment in assignments:
        name, _, value = (part.strip(" \"'") for part in assignment.partition("="))
        if name == "features.kind" and value not in (config.method, "encoder"):
            raise ConfigError(
                f"features.kind={value} has no effect on the method {config.method!r}. "
                f"Write method={value} in place of both."
            )


def _refusal(config: ExperimentConfig, setting: str) -> str:
    read = [name for name in _leaves() if reads_setting(config, name)]
    others = [
        method.name
        for method in list_methods()
        if is_read(setting, method.reads(config)) and method.name != config.method
    ]
    named = " and ".join(filter(None, [", ".join(others[:-1]), *others[-1:]]))
    elsewhere = f" ({named} {'do' if len(others) > 1 else 'does'})" if others else ""
    return (
        f"The method {config.method!r} does not read {setting!r}{elsewhere}. "
        f"The nearest setting that it reads is {_nearest(setting, read)!r}."
    )


def _nearest(setting: str, read: Collection[str]) -> str:
    """A setting of the same last name, else the one that is spelt most alike."""
    last = setting.rpartition(".")[2]
    same = [name for name in read if name.rpartition(".")[2] == last]
    return difflib.get_close_matches(setting, same or read, n=1, cutoff=0)[0]


def _leaves() -> list[str]:
    names = setting_names(ExperimentConfig)
    return [name for name in names if not any(other.startswith(f"{name}.") for other in names)]
