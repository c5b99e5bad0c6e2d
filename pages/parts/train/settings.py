"""The settings of an experiment, grouped; only those that matter for the chosen method."""

from collections.abc import Mapping
from types import MappingProxyType

import streamlit as st

from core.methods.registry import list_methods
from pages.parts.train.form import Form, default_of, read_fields

Offered = Mapping[str, Mapping[str, str]]
_UNFOLDED = ("First", "Articles")


def show_settings(form: Form, part: str, offered: Offered = MappingProxyType({})) -> None:
    """The settings of one part of the page that matter for the method.

    offered: by setting, names by value to choose from, where they depend on what is here.
    """
    for field in read_fields()[part]:
        if form.matters(field):
            form.show(field, offered.get(field.setting, {}))


def show_details(form: Form, offered: Offered) -> None:
    """Every other setting that the method reads, folded part by part."""
    for part, fields in read_fields().items():
        if part not in _UNFOLDED and any(map(form.matters, fields)):
            with st.expander(part):
                show_settings(form, part, offered)


def choose_method(form: Form) -> None:
    """The method; another one starts with the settings under which it does best."""
    methods = {method.name: method for method in list_methods()}
    before = form.get("method")
    chosen = st.segmented_control(
        "Method",
        list(methods),
        format_func=lambda name: methods[name].title,
        key=form.seeded("method", before),
        required=True,
        wrap=True,
        help=" ".join(f"{method.title}: {method.about}" for method in methods.values()),
    )
    assert chosen is not None  # for one is required
    form.set("method", chosen)
    if chosen != before:
        kept = st.session_state[form.seeded("kept", {})]
        differing = {name for method in methods.values() for name in method.preferred}
        kept[before] = {name: form.get(name) for name in differing}
        for name in differing:
            best = methods[chosen].preferred.get(name, default_of(name))
            form.restart(name, kept.get(chosen, {}).get(name, best))
