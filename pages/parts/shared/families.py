"""The families of models and the one colour that each has on every page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from core.methods.registry import list_methods, method_named, method_of

if TYPE_CHECKING:
    from core.methods.base import Family
    from core.settings.experiment import ExperimentConfig


# How much of its family's colour a first, second and third run has; the rest is the background.
_STRENGTHS = (1.0, 0.6, 0.35)


def family_of(config: ExperimentConfig) -> Family:
    """The family that a run's method is of."""
    return method_of(config).family


def family_named(method: str) -> Family:
    """The family of the method with that name."""
    return method_named(method).family


def list_families() -> list[Family]:
    """Every method's family once, in the order of the methods."""
    return list(dict.fromkeys(method.family for method in list_methods()))


def run_colours(families: Sequence[Family]) -> list[str]:
    """A colour for each run: its family's, paler for further runs of the same family."""
    is_dark = st.context.theme.type == "dark"
    before: Counter[Family] = Counter()
    colours = []
    for family in families:
        strength = _STRENGTHS[min(before[family], len(_STRENGTHS) - 1)]
        before[family] += 1
        colours.append(_mix(family.dark if is_dark else family.light, strength, is_dark=is_dark))
    return colours


def _mix(colour: str, strength: float, *, is_dark: bool) -> str:
    ground = 14 if is_dark else 255
    parts = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return "#" + "".join(f"{round(strength * p + (1 - strength) * ground):02x}" for p in parts)
