"""A run's sorted scores, curves and probabilities through Streamlit's caches."""

import pandas as pd
import streamlit as st

from core.models.calibration import Method
from core.runs.calibrated import Calibrated, build_calibrated
from core.runs.run_scores import RunScores, build_run_scores
from core.runs.store import Run
from pages.parts.shared.runs import RUN_KEY


@st.cache_resource(max_entries=4, show_spinner="Sorting the scores ...", hash_funcs=RUN_KEY)
def load_run_scores(run: Run) -> RunScores:
    """The run's scores, sorted so that any cut is counted at once."""
    return build_run_scores(run)


@st.cache_resource(max_entries=4, show_spinner=False, hash_funcs=RUN_KEY)
def load_curves(run: Run) -> pd.DataFrame:
    """Precision and recall of every common cut, on each part."""
    return load_run_scores(run).curve_points()


@st.cache_resource(max_entries=4, show_spinner="Fitting the probabilities ...", hash_funcs=RUN_KEY)
def load_calibrated(run: Run, method: Method) -> Calibrated | None:
    """Probabilities for the run's scores; None where it has no held-out scores."""
    return build_calibrated(run, method)
