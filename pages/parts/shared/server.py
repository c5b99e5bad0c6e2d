"""Pages and HTTP API in one server."""

import logging
from dataclasses import replace

from starlette.routing import Route
from streamlit import App

from core.api.app import PATHS, build_app
from core.api.limits import limits_of_settings
from core.base.access import login_names
from core.base.home import PROJECT


def build_server() -> App:
    """Streamlit's pages, with the API's paths before them; a factory for uvicorn.

    Where the pages ask for a login, the API asks for a token: it would be the way around.
    """
    # Streamlit has uvicorn write every request down, twice, whatever level uvicorn was given.
    logging.getLogger("uvicorn.access").disabled = True
    api = build_app(replace(limits_of_settings(), needs_token=bool(login_names())))
    routes = [Route(path, endpoint=api) for path in PATHS]
    return App(PROJECT / "app.py", routes=routes)
