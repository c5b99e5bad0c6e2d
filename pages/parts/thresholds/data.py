"""A run's sorted scores, curves and probabilities through Streamlit's caches, keyed by run."""

from pathlib import Path

import pandas as pd
import streamlit as st

from core.models.calibration import Method
from core.runs.calibrated import Calibrated, build_calibrated
from core.runs.store import Run, RunStore
from core.runs.sweeps import RunSweeps, build_sweeps


def load_sweeps(run: Run) -> RunSweeps:
    return _sweeps(run.id, str(run.folder.parent))


def load_curves(run: Run) -> pd.DataFrame:
    return _curves(run.id, str(run.folder.parent))


def load_calibrated(run: Run, method: Method) -> Calibrated | None:
    return _calibrated(run.id, method, str(run.folder.parent))


# A finished run never changes, so its id is the key; the folder only says where it lies.
@st.cache_resource(max_entries=4, show_spinner="Sorting the scores ...")
def _sweeps(run_id: str, folder: str) -> RunSweeps:
    return build_sweeps(RunStore(Path(folder)).load(run_id))


@st.cache_resource(max_entries=4, show_spinner=False)
def _curves(run_id: str, folder: str) -> pd.DataFrame:
    return _sweeps(run_id, folder).curve_points()


@st.cache_resource(max_entries=4, show_spinner="Fitting the probabilities ...")
def _calibrated(run_id: str, method: Method, folder: str) -> Calibrated | None:
    return build_calibrated(RunStore(Path(folder)).load(run_id), method)
