"""What a server writes down."""

import logging

from pages.parts.shared.server import build_server


def test_a_server_writes_no_line_for_a_request(monkeypatch):
    access = logging.getLogger("uvicorn.access")
    monkeypatch.setattr(access, "disabled", False)
    monkeypatch.setattr(access, "level", logging.INFO)
    assert access.isEnabledFor(logging.INFO)
    build_server()
    access.setLevel(logging.INFO)  # as Streamlit does afterwards
    assert not access.isEnabledFor(logging.INFO)
