"""What the chosen settings will work on and cost, before anything is started."""

import subprocess
from collections.abc import Sequence

import streamlit as st

from core.base.machine import CPU, Device, job_device, list_devices, processor_count
from core.base.progress import format_seconds
from core.dataset.dataset import TagDataset
from core.estimate.cost import Estimate
from core.estimate.measuring import start_measuring
from core.estimate.plan import Plan
from core.estimate.speed import read_speeds
from core.runs.results import count_data
from core.settings.experiment import ExperimentConfig, config_to_toml
from pages.parts.shared.frame import show_metrics
from pages.parts.shared.words import count, plain, size


def show_amounts(dataset: TagDataset, plan: Plan) -> None:
    """What is left after the filters, and how much there is to compute."""
    work = plan.work
    amounts = [
        ("Articles", dataset.own, "Articles that pass the filters, including the test articles."),
        ("Tags", len(dataset.tags), "Tags that are in enough articles to be kept."),
        ("Left out", dataset.dropped.total, "Articles that a filter left out."),
    ]
    if dataset.extra:
        learnt = count_data(dataset, plan.split).extra.learnt
        about = "Articles of other sets, which are learnt from and never tested on."
        amounts.append(("Extra articles", learnt, about))
    copies = "Training articles, including their copies."
    amounts.append(("Texts to learn from", len(plan.part.texts), copies))
    if plan.files is None:
        amounts.append(("Words", work.words, "In the texts to learn from."))
    else:
        tokens = "Read by the encoder, by MiniLM's tokenizer."
        amounts.append(("Tokens", work.tokens, tokens))
    if work.may_stop_early:
        amounts.append(("Epochs at most", work.epochs, "Passes over these texts."))
    elif work.epochs:
        often = "How often each encoder reads its texts; one encoder a fold, and one for all."
        amounts.append(("Epochs", work.epochs, often))
    if plan.files is not None and work.fits:
        cached = "Texts whose vectors are in the cache, including test articles."
        amounts.append(("In the cache", work.cached, cached))
    if work.fits:
        fits = "Classifiers to fit: one for each tag, fold and grid value."
        amounts.append(("Fits", work.fits, fits))
    show_metrics(
        {name: f"{number:,}" for name, number, _ in amounts},
        help={name: meaning for name, _, meaning in amounts},
    )


def show_estimate(plan: Plan, estimate: Estimate, config: ExperimentConfig) -> None:
    """Time, memory and device; how they are known."""
    if not estimate.known:
        _measure(config, estimate.missing)
        return
    about = "At most about" if plan.work.may_stop_early else "About"
    device = job_device(CPU if plan.files is None else config.features.encoder.device)
    st.markdown(
        f"**{about} {format_seconds(max(estimate.seconds, 1))}, "
        f"{size(estimate.peak_bytes)} of memory** on {_device_text(device)}"
    )
    st.caption(" ".join(_reasons(plan, estimate)))
    free = job_device(CPU).free
    if free and estimate.peak_bytes > free:
        st.warning(f"Only {size(free)} of memory are free: this may not fit.")


def show_devices() -> None:
    """What there is to compute with."""
    for device in list_devices():
        unusable = "" if device.usable else " (the installed torch cannot use it)"
        room = f"{size(device.free)} of {size(device.memory)} free"
        st.markdown(f"**{plain(device.name)}**{unusable}: {room}")
    st.caption(
        f"A job on the processor computes with {count(processor_count(), 'thread')} at a lower "
        "priority than the pages, so that these keep answering."
    )


def _reasons(plan: Plan, estimate: Estimate) -> list[str]:
    ways = {"finished runs of this kind": estimate.runs, "a short measurement": estimate.measured}
    known = [f"{way} ({', '.join(steps)})" for way, steps in ways.items() if steps]
    said = [f"Estimated for this machine from {' and '.join(known)}."] if known else []
    if plan.teacher:
        name = plan.config.features.encoder.name.removeprefix("run:")
        said.append(f"{plain(name)} is fine-tuned first, and counted here.")
    if plan.guessed:
        said.append("The encoder is not on this machine yet: MiniLM's speed is used instead.")
    return said


def _device_text(device: Device) -> str:
    if device.kind == CPU:
        return count(processor_count(), "processor")
    return f"{plain(device.name)} ({size(device.free)} free)"


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
