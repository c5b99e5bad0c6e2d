"""Settings that refuse unknown names, and say which name was probably meant."""

import difflib
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic.fields import FieldInfo

from core.base.errors import ConfigError

_BRACKETS = re.compile(r"\[[^\[\]]*\]")


class StrictConfig(BaseModel):
    """Base of every settings class: frozen, unknown names refused.

    A setting that takes several values takes a single one too, as a list of one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _one_is_a_list_of_one(cls, values: Any) -> Any:
        if not isinstance(values, Mapping):
            return values
        several = {n for n, field in cls.model_fields.items() if _is_tuple(field.annotation)}
        return {
            name: [value] if name in several and isinstance(value, str | int | float) else value
            for name, value in values.items()
        }


Config = TypeVar("Config", bound=StrictConfig)


def build_config(kind: type[Config], values: Mapping[str, Any]) -> Config:
    """Make settings of class `kind` from their values by name.

    Raises ConfigError, which names the first bad setting and the known one that is nearest to it.

    >>> class Split(StrictConfig):
    ...     test_share: float = 0.3
    >>> build_config(Split, {"test_share": 0.5}).test_share
    0.5
    >>> build_config(Split, {"test_shar": 0.5})
    Traceback (most recent call last):
    core.base.errors.ConfigError: Unknown setting 'test_shar'. Did you mean 'test_share'?
    """
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        raise ConfigError(_sentence(kind, error)) from None


def override(
    values: Mapping[str, Any], assignments: Iterable[str], *, kind: type[BaseModel] | None = None
) -> dict[str, Any]:
    """Copy nested settings and apply each "a.b=value", whose value is read as JSON, else as text.

    kind: the class of the settings. With it, "a.b=x,y" sets both values of a setting that takes
    several, and a number stays a text for a setting that takes a text.
    Raises ConfigError for an assignment that cannot be read.

    >>> override({"split": {"seed": 1}}, ["split.seed=2", "name=blog"])
    {'split': {'seed': 2}, 'name': 'blog'}
    """
    changed: dict[str, Any] = json.loads(json.dumps(values))
    for assignment in assignments:
        name, equals, text = (part.strip() for part in assignment.partition("="))
        if not equals or not name:
            raise ConfigError(f"Cannot read setting {assignment!r}: write it as name=value.")
        *parents, last = name.split(".")
        part = changed
        for parent in parents:
            part = part.setdefault(parent, {})
            if not isinstance(part, dict):
                raise ConfigError(f"Unknown setting {name!r}: {parent!r} has no parts.")
        part[last] = _read_as(None if kind is None else type_of(kind, name), text)
    return changed


def setting_names(kind: type[BaseModel], prefix: str = "") -> list[str]:
    """List every dotted name of a settings class, of groups and of single settings."""
    names = []
    for name, field in kind.model_fields.items():
        names.append(prefix + name)
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            names += setting_names(field.annotation, f"{prefix}{name}.")
    return names


def type_of(kind: type[BaseModel], name: str) -> Any:
    """The type of a setting by its dotted name; None for one that does not exist.

    >>> class Search(StrictConfig):
    ...     folds: int = 3
    >>> type_of(Search, "folds")
    <class 'int'>
    """
    field = _field(kind, name)
    return field and field.annotation


def limits_of(kind: type[BaseModel], name: str) -> tuple[float | None, float | None]:
    """The least and the greatest value that a numeric setting may have; None for no limit.

    A limit that is itself excluded is given for a float, and the next whole number for an int.
    """
    field = _field(kind, name)
    if field is None:
        return None, None
    step = 1 if field.annotation is int else 0
    ends = {
        name: getattr(limit, name)
        for limit in field.metadata
        for name in ("ge", "gt", "le", "lt")
        if getattr(limit, name, None) is not None
    }
    low = ends["gt"] + step if "gt" in ends else ends.get("ge")
    return low, ends["lt"] - step if "lt" in ends else ends.get("le")


def parse_value(text: str) -> Any:
    """Read a setting's value from its text: as JSON, else the text itself."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):  # of JSON, or a number of too many digits
        return text


def split_values(text: str) -> list[str]:
    """Split the text of several values at its commas; each part is one for parse_value.

    JSON stays whole: a list, or a text in quotation marks that holds commas itself.
    Raises ConfigError if one is empty.

    >>> split_values('en, ["en","zh"], "a,b.csv"')
    ['en', '["en","zh"]', '"a,b.csv"']
    """
    values, rest, comma = [], text, ","
    while comma:
        rest = rest.lstrip()
        end = _value_end(rest)
        value, comma, rest = rest[:end], rest[end : end + 1], rest[end + 1 :]
        values.append(value.strip())
    if not all(values):
        raise ConfigError(
            f"Cannot read the values {text!r}: one of them is empty. Write them with one comma "
            "between two, and [] for none."
        )
    return values


def _value_end(text: str) -> int:
    """Where the first value ends: at the comma behind it, or with the text."""
    try:
        end = json.JSONDecoder().raw_decode(text)[1]
    except (ValueError, RecursionError):
        found = _BRACKETS.match(text)
        end = found.end() if found else 0
    comma = text.find(",", end)
    if end and text[end : comma if comma >= 0 else None].strip():
        comma = text.find(",")  # the value only begins like that, as in 3days,5days
    return comma if comma >= 0 else len(text)


def _read_as(wanted: Any, text: str) -> Any:
    """Read a text as the type of its setting needs it, without checking it.

    The brackets of a list may be left out where its values have commas between them.
    """
    if not _is_tuple(wanted):
        value = parse_value(text)
        return text if wanted is str and not isinstance(value, str) else value
    inner = text[1:-1].strip() if _BRACKETS.fullmatch(text) else text
    if isinstance(value := parse_value(inner), list):
        return value
    item = str if get_args(wanted)[0] is str else None
    return [_read_as(item, one) for one in split_values(inner)] if inner else []


def _field(kind: type[BaseModel], name: str) -> FieldInfo | None:
    first, _, rest = name.partition(".")
    field = kind.model_fields.get(first)
    if field is None or not rest:
        return field
    inner = field.annotation
    if isinstance(inner, type) and issubclass(inner, BaseModel):
        return _field(inner, rest)
    return None


def _is_tuple(wanted: Any) -> bool:
    return get_origin(wanted) is tuple


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
