"""A bar for work that the page waits for."""

import streamlit as st

from core.base.progress import Clock


class ProgressBar:
    """A bar with the time left, for work that reports its progress."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._clock = Clock()
        self._bar = st.progress(0.0, label)

    def __call__(self, step: str, done: int, total: int, unit: str) -> None:
        share = min(done / total, 1.0) if total else 0.0
        self._bar.progress(share, f"{self._label}: {self._clock.state(done, total, unit)}")

    def finish(self) -> None:
        """Remove the bar."""
        self._bar.empty()
