"""Pages and HTTP API in one server."""

from starlette.routing import Route
from streamlit import App

from core.api.app import PATHS, build_app
from core.base.home import PROJECT


def build_server() -> App:
    """Streamlit's pages, with the API's paths before them; a factory for uvicorn."""
    api = build_app()
    routes = [Route(path, endpoint=api) for path in PATHS]
    return App(PROJECT / "app.py", routes=routes)
