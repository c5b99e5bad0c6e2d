"""Access to the server: its address, the login of its pages, the people who may log in."""

import ipaddress
import os
import tomllib
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from core.base.errors import ConfigError
from core.base.home import PROJECT

OPEN = "TAGSMITH_OPEN"
DEFAULT_LOGIN = ""
_SECRETS = Path(".streamlit") / "secrets.toml"


def is_loopback(address: str) -> bool:
    """Whether only programs of this machine reach a server at that address; "" is every address.

    >>> is_loopback("127.0.0.1"), is_loopback("[::1]"), is_loopback("0.0.0.0")
    (True, True, False)
    """
    name = address.strip().strip("[]").lower()
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"


def require_guard(
    address: str, *, guarded: bool, how: str, settings: Mapping[str, str] = os.environ
) -> None:
    """Refuse an address that others can reach, unless it is guarded or opened on purpose.

    how: the ways to guard it, for the sentence of the ConfigError that it raises.
    """
    if is_loopback(address) or guarded or settings.get(OPEN, "").strip().lower() == "yes":
        return
    raise ConfigError(
        f"At {address or 'every address'} anyone who reaches this machine could use Tagsmith. "
        f"{how}, or set {OPEN}=yes to allow it; to keep it to yourself, listen on 127.0.0.1."
    )


def secrets_files() -> list[Path]:
    """The files in which Streamlit looks for secrets by default; a later one overrides."""
    return [Path.home() / _SECRETS, PROJECT / _SECRETS]


def login_names(files: Sequence[str | Path] = ()) -> tuple[str, ...]:
    """List the ways to log in that [auth] of the secrets files sets up; "" is one without a name.

    An empty list means that there is no login. Raises ConfigError for a file that cannot be read,
    since a misspelt login must not leave the pages open.
    """
    section: dict[str, Any] = {}
    for path in map(Path, files or secrets_files()):
        section = _auth_of(path) or section
    named = tuple(name for name, part in section.items() if isinstance(part, dict))
    return (DEFAULT_LOGIN, *named) if "client_id" in section or (section and not named) else named


def may_enter(email: str, *, verified: bool, settings: Mapping[str, str] = os.environ) -> bool:
    """Whether TAGSMITH_USERS (addresses or patterns such as *@example.org) lets this person in.

    Without that setting everyone may enter whom the identity provider knows.
    """
    patterns = [one.strip().lower() for one in settings.get("TAGSMITH_USERS", "").split(",")]
    patterns = list(filter(None, patterns))
    if not patterns:
        return True
    return verified and any(fnmatchcase(email.strip().lower(), pattern) for pattern in patterns)


def _auth_of(path: Path) -> dict[str, Any]:
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8")).get("auth", {})
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return {}
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path} cannot be read ({error}). Mend it, or remove it.") from None
    if not isinstance(found, dict):
        raise ConfigError(f"{path}: auth is no table. Write [auth] with its settings below.")
    return found
