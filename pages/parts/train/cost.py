"""What the chosen settings will work on and cost, before anything is started."""

import subprocess
import sys
from collections.abc import Sequence
from functools import partial

import streamlit as st

from core.articles.store.record import SetInfo
from core.articles.store.sets import SourceArticles, read_with_plans, source_fingerprint
from core.base.machine import CPU, Device, job_device, processor_count
from core.base.progress import format_seconds
from core.dataset.config import DataConfig
from core.dataset.dataset import TagDataset
from core.estimate.cost import Estimate, estimate_plan
from core.estimate.plan import Plan, check_device, plan_experiment
from core.estimate.speed import PastStep, read_history, read_speeds
from core.features.vector_cache import VectorCache
from core.jobs.engines import default_engine
from core.jobs.job import list_jobs
from core.jobs.slots import slots_for
from core.jobs.tasks import ExperimentTask
from core.runs.experiment import read_dataset
from core.runs.results import count_data
from core.runs.store import RunStore
from core.settings.experiment import ExperimentConfig, config_to_toml
from pages.parts.shared.frame import APP
from pages.parts.shared.words import count, plain


def load_plan(infos: Sequence[SetInfo], config: ExperimentConfig) -> tuple[TagDataset, Plan]:
    """Raises CoreError for settings that cannot run on this data, or not on this machine."""
    if default_engine() == "local":
        check_device(config)
    prints = tuple(info.fingerprint for info in infos)
    further = tuple(map(source_fingerprint, (*config.data.corrections, *config.data.extra)))
    dataset = _dataset(prints, further, config.data.model_dump_json())
    return dataset, _plan(prints, further, config.model_dump_json(), _state_of_home())


def estimate_now(plan: Plan) -> Estimate:
    return estimate_plan(plan, _history(_state_of_home()), read_speeds())


def show_amounts(dataset: TagDataset, plan: Plan) -> None:
    """What is left after the filters, and how much there is to compute."""
    part = plan.part
    with st.container(horizontal=True):
        _metric(
            "Articles", dataset.own, "Articles that pass the filters, including the test articles."
        )
        _metric("Tags", len(dataset.tags), "Tags that are in enough articles to be kept.")
        _metric("Left out", dataset.dropped.total, "Articles that a filter left out.")
        if dataset.extra:
            learnt = count_data(dataset, plan.split).extra.learnt
            _metric(
                "Extra articles",
                learnt,
                "Articles of other sets, which are learnt from and never tested on.",
            )
        _metric(
            "Texts to learn from", len(part.texts), "Training articles, including their copies."
        )
        if plan.files is None:
            _metric("Words", plan.work.words, "In the texts to learn from.")
        else:
            _metric("Tokens", plan.work.tokens, "Read by the encoder, by MiniLM's tokenizer.")
        if plan.work.may_stop_early:
            _metric("Epochs at most", plan.work.epochs, "Passes over these texts.")
        elif plan.work.epochs:
            often = "How often each encoder reads its texts; one encoder a fold, and one for all."
            _metric("Epochs", plan.work.epochs, often)
        if plan.files is not None and plan.work.fits:
            about = "Texts whose vectors are in the cache, including test articles."
            _metric("In the cache", plan.work.cached, about)
        if plan.work.fits:
            about = "Classifiers to fit: one for each tag, fold and grid value."
            _metric("Fits", plan.work.fits, about)


def show_estimate(plan: Plan, estimate: Estimate, config: ExperimentConfig) -> None:
    """Time, memory and device; how they are known."""
    uses_encoder = plan.files is not None
    device = job_device(config.features.encoder.device if uses_encoder else CPU)
    if not estimate.known:
        _measure(config, estimate.missing)
        return
    about = "At most about" if plan.work.may_stop_early else "About"
    st.markdown(
        f"**{about} {format_seconds(max(estimate.seconds, 1))}, "
        f"{_bytes(estimate.peak_bytes)} of memory** on {_device_text(device)}"
    )
    st.caption(" ".join(_reasons(plan, estimate)))
    free = job_device(CPU).free
    if free and estimate.peak_bytes > free:
        st.warning(f"Only {_bytes(free)} of memory are free: this may not fit.")


def jobs_before(config: ExperimentConfig) -> int:
    """Live jobs that would have to end before this one gets its device."""
    slots = slots_for(ExperimentTask(config=config).device_kind)
    return sum(job.is_active and slots_for(job.device_kind) == slots for job in list_jobs())


def show_devices() -> None:
    """What there is to compute with."""
    from core.base.machine import list_devices

    for device in list_devices():
        unusable = "" if device.usable else " (the installed torch cannot use it)"
        st.markdown(
            f"**{plain(device.name)}**{unusable}: "
            f"{_bytes(device.free)} of {_bytes(device.memory)} free"
        )
    st.caption(
        f"A job on the processor computes with {count(processor_count(), 'thread')} at a lower "
        "priority than the pages, so that these keep answering."
    )


def _reasons(plan: Plan, estimate: Estimate) -> list[str]:
    ways = {
        "finished runs of this kind": estimate.runs,
        "a short measurement": estimate.measured,
    }
    judged = [f"{way} ({', '.join(steps)})" for way, steps in ways.items() if steps]
    said = [f"Estimated for this machine from {' and by '.join(judged)}."] if judged else []
    if plan.teacher:
        name = plan.config.features.encoder.name.removeprefix("run:")
        said.append(f"{plain(name)} is fine-tuned first, and counted here.")
    if plan.guessed:
        said.append("The encoder is not on this machine yet: MiniLM's speed is used instead.")
    return said


def _metric(label: str, number: int, help: str) -> None:
    st.metric(label, f"{number:,}", help=help, width="content")


def _device_text(device: Device) -> str:
    if device.kind == CPU:
        return f"{count(processor_count(), 'processor')}"
    return f"{plain(device.name)} ({_bytes(device.free)} free)"


def _bytes(number: int) -> str:
    return f"{number / 1e9:.1f} GB" if number >= 1e9 else f"{number / 1e6:.0f} MB"


def _measure(config: ExperimentConfig, missing: Sequence[str]) -> None:
    """Start the measurement in a process of its own, and look for its end every second."""
    measuring = _measurement(tuple(missing), config_to_toml(config))

    @st.fragment(run_every=1.0)
    def wait() -> None:
        if measuring.poll() is None:
            st.info("Measuring how fast this machine is on these texts ...")
        elif set(missing) - read_speeds().keys():
            st.warning("The speed of this machine could not be measured; the job can run anyway.")
        else:
            _measurement.clear()
            st.rerun()

    wait()


@st.cache_resource(max_entries=8, show_spinner=False)
def _measurement(missing: tuple[str, ...], _settings: str) -> "subprocess.Popen[str]":
    return start_measuring(_settings)


def start_measuring(settings: str) -> "subprocess.Popen[str]":
    """Run `python -m core estimate` on these settings (TOML), which keeps what it measures."""
    # Not in this process: torch would stay in the memory of the pages.
    measuring = subprocess.Popen(
        [sys.executable, "-m", "core", "estimate", "--config", "-", "--json"],
        cwd=APP.parent,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        text=True,
        encoding="utf-8",
    )
    assert measuring.stdin is not None
    measuring.stdin.write(settings)
    measuring.stdin.close()
    return measuring


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
