"""The families of models and the one colour that each has on every page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from core.settings.experiment import ExperimentConfig


@dataclass(frozen=True)
class Family:
    """A family's name, and its colour (#rrggbb) on the light and on the dark background."""

    name: str
    light: str
    dark: str


# Okabe and Ito's colours, as in .streamlit/config.toml; the dark ones are lighter.
TFIDF = Family("tf-idf", "#0072b2", "#56b4e9")
VECTORS = Family("BERT vectors", "#d55e00", "#e69f00")
FINE_TUNED = Family("fine-tuned", "#009e73", "#2fbf96")
HYBRID = Family("hybrid", "#cc79a7", "#e39bc4")
FAMILIES = (TFIDF, VECTORS, FINE_TUNED, HYBRID)
_OF_FEATURES = {"tfidf": TFIDF, "encoder": VECTORS, "hybrid": HYBRID}
# A second and third run of a family: so much of its colour, the rest is the background.
_STRENGTHS = (1.0, 0.6, 0.35)


def family_of(config: ExperimentConfig) -> Family:
    if config.classifier.kind == "finetune":
        return FINE_TUNED
    return _OF_FEATURES[config.features.kind]


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
