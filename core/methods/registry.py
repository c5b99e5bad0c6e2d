"""The methods by name: those of METHOD_MODULES, and what other code registers."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from core.base.errors import ConfigError, RunError
from core.settings.methods import METHOD_MODULES

if TYPE_CHECKING:
    from core.methods.base import Method
    from core.methods.taggers import Tagger
    from core.settings.experiment import ExperimentConfig

_METHODS: dict[str, Method] = {}


def register(method: Method) -> Method:
    """Make a method known by its name, in place of another of that name; returns it.

    >>> from core.methods.base import Method
    >>> class Nothing(Method):
    ...     name, title, about = "nothing", "Nothing", "No article gets a tag."
    >>> register(Nothing()).title
    'Nothing'
    >>> [method.name for method in list_methods()]
    ['tfidf', 'encoder', 'hybrid', 'finetune', 'nothing']
    >>> unregister("nothing")
    """
    METHOD_MODULES.setdefault(method.name, type(method).__module__)
    _METHODS[method.name] = method
    return method


def unregister(name: str) -> None:
    """Forget a method that was registered; nothing happens if there is none of that name."""
    METHOD_MODULES.pop(name, None)
    _METHODS.pop(name, None)


def method_named(name: str) -> Method:
    """The method of that name, imported when it is first asked for.

    Raises ConfigError if there is none.
    """
    if name not in METHOD_MODULES:
        raise ConfigError(f"There is no method {name!r}. Known: {', '.join(METHOD_MODULES)}.")
    if name not in _METHODS:
        _METHODS[name] = import_module(METHOD_MODULES[name]).METHOD
    return _METHODS[name]


def list_methods() -> list[Method]:
    """Every method: the built-in ones from the simplest to the slowest, then those registered."""
    return [method_named(name) for name in METHOD_MODULES]


def method_of(config: ExperimentConfig) -> Method:
    """The method that an experiment's settings name.

    >>> from core.settings.experiment import ExperimentConfig
    >>> method_of(ExperimentConfig(method="encoder")).title
    'Vectors'
    """
    return method_named(config.method)


def load_tagger(folder: Path) -> Tagger:
    """The tagger saved in a folder. Raises RunError if it is damaged or of no known kind."""
    from core.models.bundle import read_kind

    kind = read_kind(folder)
    for method in list_methods():
        if kind in method.tagger_kinds:
            return method.load(folder)
    raise RunError(
        f"The model in {folder} is of the kind {kind!r}, which no method here reads. "
        "Train it again."
    )
