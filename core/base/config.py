"""Settings that refuse what they do not know, and say which name was probably meant."""

import difflib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from core.base.errors import ConfigError


class StrictConfig(BaseModel):
    """Base of every settings class: frozen, unknown names refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


Config = TypeVar("Config", bound=StrictConfig)


def as_grid(value: Any) -> Any:
    """A single value is a grid of one."""
    return value if isinstance(value, Sequence) and not isinstance(value, str) else [value]


def build_config(kind: type[Config], values: Mapping[str, Any]) -> Config:
    """Validate `values` as `kind`. Raises ConfigError naming the first bad setting."""
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        raise ConfigError(_sentence(kind, error)) from None


def override(values: Mapping[str, Any], assignments: Iterable[str]) -> dict[str, Any]:
    """A copy of nested `values` with each "a.b=value" applied, read as JSON, else as text."""
    changed: dict[str, Any] = json.loads(json.dumps(values))
    for assignment in assignments:
        name, equals, text = assignment.partition("=")
        if not equals or not name.strip():
            raise ConfigError(f"Cannot read setting {assignment!r}: write it as name=value.")
        *parents, last = name.strip().split(".")
        part = changed
        for parent in parents:
            part = part.setdefault(parent, {})
            if not isinstance(part, dict):
                raise ConfigError(f"Unknown setting {name!r}: {parent!r} has no parts.")
        part[last] = parse_value(text.strip())
    return changed


def setting_names(kind: type[BaseModel], prefix: str = "") -> list[str]:
    """Every dotted name of a settings class, groups and leaves."""
    names = []
    for name, field in kind.model_fields.items():
        names.append(prefix + name)
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            names += setting_names(field.annotation, f"{prefix}{name}.")
    return names


def parse_value(text: str) -> Any:
    """A setting's value from its text: read as JSON, else the text itself."""
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def _sentence(kind: type[StrictConfig], error: ValidationError) -> str:
    problem = error.errors(include_url=False)[0]
    name = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "extra_forbidden":
        near = difflib.get_close_matches(name, setting_names(kind), n=1, cutoff=0.5)
        return f"Unknown setting {name!r}." + (f" Did you mean {near[0]!r}?" if near else "")
    reason = problem["msg"].removeprefix("Value error, ")
    if problem["type"] == "value_error" and not name:
        return reason
    return f"Setting {name!r} cannot be {problem['input']!r}: {reason[:1].lower()}{reason[1:]}."
