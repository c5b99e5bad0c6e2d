"""The server: pages and HTTP API."""

import argparse
import os
import sys
from typing import Any

from core.base.home import PROJECT

# Named, not imported: the pages stand above the command line.
_SERVER = "pages.parts.server:build_server"


def add_commands(commands: Any) -> None:
    serve = commands.add_parser(
        "serve",
        help="pages and HTTP API in one server",
        epilog="example: python -m core serve --port 8501",
    )
    serve.add_argument("--host", default="127.0.0.1", help="address to listen on")
    serve.add_argument("--port", type=int, default=8501, help="port (default: 8501)")
    serve.add_argument(
        "--allow-host",
        action="append",
        default=[],
        metavar="NAME",
        help="a name, beside localhost, by which others may ask this server",
    )
    serve.set_defaults(handler=serve_all)


def serve_all(options: argparse.Namespace) -> None:
    import uvicorn

    allow_hosts(options.allow_host)
    os.environ["STREAMLIT_SERVER_PORT"] = str(options.port)
    address = f"http://{options.host}:{options.port}"
    print(f"Pages: {address}   API: {address}/docs", file=sys.stderr)
    uvicorn.run(
        _SERVER,
        factory=True,
        app_dir=str(PROJECT),
        host=options.host,
        port=options.port,
        log_level="warning",
    )


def allow_hosts(names: list[str]) -> None:
    """Tell the API and the pages, which read their own settings."""
    if names:
        named = [*filter(None, [os.environ.get("TAGSMITH_HOSTS", "")]), *names]
        os.environ["TAGSMITH_HOSTS"] = ",".join(named)
        pages = ["127.0.0.1", "localhost", *",".join(named).split(",")]
        os.environ["STREAMLIT_SERVER_ALLOWED_HOSTS"] = str(pages)
