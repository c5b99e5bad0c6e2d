"""Lets in whom the settings let in; tells the others what to do."""

import streamlit as st
from streamlit.errors import Error as StreamlitError

from core.base.access import DEFAULT_LOGIN, login_names, may_enter, require_guard
from core.base.errors import ConfigError
from pages.parts.shared.words import plain

_HOW = "Set up a login ([auth] in .streamlit/secrets.toml)"


def require_entry() -> None:
    """Ends the run unless this session may see the pages."""
    try:
        logins = login_names(st.get_option("secrets.files"))
        address = st.get_option("server.address") or ""
        require_guard(address, guarded=bool(logins), how=_HOW)
    except ConfigError as error:
        st.error(plain(str(error)))
        st.stop()
    if not logins:
        return
    if not st.user.is_logged_in:
        _offer(logins)
        st.stop()
    if not may_enter(str(st.user.get("email", "")), verified=_is_verified()):
        st.error("Your account may not use this server. Ask whoever runs it, or use another one.")
        _offer_logout()
        st.stop()
    with st.sidebar:
        _offer_logout()


def _is_verified() -> bool:
    """Whether the provider confirms the address, or does not say that it is unconfirmed."""
    return str(st.user.get("email_verified", True)).lower() == "true"


def _offer(logins: tuple[str, ...]) -> None:
    st.subheader("Log in to use Tagsmith", anchor=False)
    for name in logins:
        label = f"Log in with {plain(name)}" if name != DEFAULT_LOGIN else "Log in"
        if st.button(label, type="primary", key=f"login_{name}"):
            try:
                st.login(name or None)
            except StreamlitError as error:
                st.error(plain(" ".join(str(error).split())))


def _offer_logout() -> None:
    if st.button("Log out", key="logout"):
        st.logout()
