"""The server: pages and HTTP API."""

import argparse
import os
import socket
import sys
from typing import Any

from core.base.access import OPEN, is_loopback, login_names, require_guard
from core.base.errors import ConfigError
from core.base.home import PROJECT
from core.commands.options import add_command

# Named, not imported: the pages stand above the command line.
_SERVER = "pages.parts.shared.server:build_server"
_HOW = (
    "Set TAGSMITH_TOKEN for the API and a login ([auth] in .streamlit/secrets.toml) for the pages"
)


def add_commands(commands: Any) -> None:
    """Add `serve` to the command line."""
    serve = add_command(
        commands,
        "serve",
        serve_all,
        "pages and HTTP API in one server",
        "serve --port 8501",
        json=False,
    )
    serve.add_argument("--host", default="127.0.0.1", help="address to listen on")
    serve.add_argument("--port", type=int, default=8501, help="port (default: 8501)")
    serve.add_argument(
        "--allow-host",
        action="append",
        default=[],
        metavar="NAME",
        help="a host name, beside localhost, under which this server may be reached",
    )
    serve.add_argument(
        "--open",
        action="store_true",
        help="listen on an address that others can reach, without login or token",
    )


def serve_all(options: argparse.Namespace) -> None:
    """Serve the pages and the HTTP API until interrupted.

    An address that other machines can reach needs a login or a token, unless --open or
    TAGSMITH_OPEN allows it without. Raises ConfigError if it has neither, or if the server cannot
    listen on the address and port.
    """
    import uvicorn

    judge_address(options.host, allowed=options.open)
    port = free_port(options.host, options.port)
    allow_hosts(options.allow_host)
    os.environ["STREAMLIT_SERVER_PORT"] = str(port)
    # Waiting OpenMP threads would spin on a core that requests need (docs/history/benchmarks.md).
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")
    host = f"[{options.host}]" if ":" in options.host else options.host
    print(f"Pages: http://{host}:{port}   API: http://{host}:{port}/docs", file=sys.stderr)
    uvicorn.run(
        _SERVER,
        factory=True,
        app_dir=str(PROJECT),
        host=options.host,
        port=port,
        log_level="warning",
    )


def free_port(host: str, port: int) -> int:
    """The port if a server can listen on it, or a free one for 0.

    Checked before the address is printed, and before the pages are loaded. Raises ConfigError.
    """
    try:
        family = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM)[0][0]
        with socket.create_server((host, port), family=family) as listening:
            return int(listening.getsockname()[1])
    except (OSError, OverflowError, UnicodeError) as error:
        reason = str(error)
        if isinstance(error, OSError) and error.errno:
            of_name = isinstance(error, socket.gaierror)
            # Python adds the address to the system's own words.
            reason = str(error.strerror) if of_name else os.strerror(error.errno)
        raise ConfigError(
            f"A server cannot listen on port {port} of {host!r}: {reason}. Stop what listens "
            "there, or name another port or address (--port, --host)."
        ) from None


def judge_address(host: str, *, allowed: bool) -> None:
    """Say which door of an address that others reach has no lock.

    Raises ConfigError if none has one, unless that is allowed here or by TAGSMITH_OPEN.
    """
    token, login = os.environ.get("TAGSMITH_TOKEN", "").strip(), login_names()
    require_guard(host, guarded=allowed or bool(token or login), how=_HOW)
    if not is_loopback(host) and not login:
        print("The pages have no login: docs/security.md says how to add one.", file=sys.stderr)
    # The pages judge the address of their own settings, which is not the one used here.
    os.environ[OPEN] = "yes"


def allow_hosts(names: list[str]) -> None:
    """Tell the API and the pages, which read their own settings."""
    if names:
        named = [*filter(None, [os.environ.get("TAGSMITH_HOSTS", "")]), *names]
        os.environ["TAGSMITH_HOSTS"] = ",".join(named)
        pages = ["127.0.0.1", "localhost", *",".join(named).split(",")]
        os.environ["STREAMLIT_SERVER_ALLOWED_HOSTS"] = str(pages)
