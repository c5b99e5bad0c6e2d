"""The plan of an experiment and its estimate, through Streamlit's caches."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from core.articles.store.record import SetInfo
from core.articles.store.sets import SourceArticles, read_with_plans, source_fingerprint
from core.dataset.config import DataConfig
from core.dataset.dataset import TagDataset
from core.estimate.cost import Estimate, estimate_plan
from core.estimate.plan import Plan, check_device, plan_experiment
from core.estimate.speed import PastStep, read_history, read_speeds
from core.features.vector_cache import VectorCache
from core.jobs.engines import default_engine
from core.runs.experiment import read_dataset
from core.runs.store import RunStore
from core.settings.experiment import ExperimentConfig


def load_plan(infos: Sequence[SetInfo], config: ExperimentConfig) -> tuple[TagDataset, Plan]:
    """The articles that the settings leave, and the work that there is to do on them.

    Raises CoreError for settings that cannot run on this data, or not on this machine.
    """
    if default_engine() == "local":
        check_device(config)
    prints = tuple(info.fingerprint for info in infos)
    further = tuple(map(source_fingerprint, (*config.data.corrections, *config.data.extra)))
    dataset = _dataset(prints, further, config.data.model_dump_json())
    return dataset, _plan(prints, further, config.model_dump_json(), _state_of_home())


def estimate_now(plan: Plan) -> Estimate:
    """Time and memory by the runs and measurements that there are now."""
    return estimate_plan(plan, _history(_state_of_home()), read_speeds())


def _state_of_home() -> tuple[int, int]:
    """Changes when a run is added or vectors are cached."""
    vectors = VectorCache().path
    changed = vectors.stat().st_mtime_ns if vectors.exists() else 0
    return len(RunStore().folders()), changed


@st.cache_resource(max_entries=2, show_spinner="Reading the articles ...")
def _articles(fingerprints: tuple[str, ...], names: Sequence[str]) -> SourceArticles:
    return read_with_plans(names)


@st.cache_resource(max_entries=4, show_spinner="Filtering the articles ...")
def _dataset(fingerprints: tuple[str, ...], further: tuple[str, ...], data: str) -> TagDataset:
    config = ExperimentConfig(data=DataConfig.model_validate_json(data))
    return read_dataset(config, read=partial(_articles, fingerprints))


@st.cache_resource(max_entries=8, show_spinner="Computing the cost ...")
def _plan(
    fingerprints: tuple[str, ...], further: tuple[str, ...], config: str, state: tuple[int, int]
) -> Plan:
    settings = ExperimentConfig.model_validate_json(config)
    dataset = _dataset(fingerprints, further, settings.data.model_dump_json())
    return plan_experiment(settings, dataset, RunStore())


@st.cache_resource(max_entries=1, show_spinner=False)
def _history(state: tuple[int, int]) -> list[PastStep]:
    return read_history(RunStore())
