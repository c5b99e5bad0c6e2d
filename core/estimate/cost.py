"""What an experiment will cost on this machine, before it is started."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from core.base.progress import Progress, no_progress
from core.estimate.plan import Plan
from core.estimate.speed import PastStep, keep_speeds, read_history, read_speeds
from core.methods.registry import method_of
from core.methods.work import Material, Speed, Work, WorkPlan, by_step
from core.runs.store import RunStore

# A run that did so many times more or less of the same tells little of this one.
_COMPARABLE = 4.0
_RUNS_LOOKED_AT = 3


@dataclass(frozen=True)
class Estimate:
    """seconds and peak_bytes as this machine is expected to need.

    missing: kinds of work whose speed is not known yet; while there are any, the figures are of
    the others only. runs: steps judged by finished runs, measured: by a short measurement.
    """

    seconds: float = 0.0
    peak_bytes: int = 0
    missing: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()
    measured: tuple[str, ...] = ()
    by_step: Mapping[str, float] = field(default_factory=dict)

    @property
    def known(self) -> bool:
        """Whether the speed of every kind of work is known."""
        return not self.missing


def estimate_plan(plan: Plan, history: Sequence[PastStep], speeds: Mapping[str, Speed]) -> Estimate:
    """Of an experiment and those that have to come before it."""
    each = [estimate_cost(one.work, history, speeds) for one in plan.experiments()]
    return Estimate(
        sum(one.seconds for one in each),
        max(one.peak_bytes for one in each),
        tuple(dict.fromkeys(kind for one in each for kind in one.missing)),
        tuple(step for one in each for step in one.runs),
        tuple(step for one in each for step in one.measured),
        each[-1].by_step,
    )


def measure_missing(plan: Plan, store: RunStore, *, progress: Progress = no_progress) -> Estimate:
    """The estimate, after a short measurement of what this machine has no record of."""
    history = read_history(store)
    estimate = estimate_plan(plan, history, read_speeds())
    for one in plan.experiments():
        kinds = {work.kind for work in one.work.parts} & set(estimate.missing)
        if kinds:
            material = Material(one.config, one.part, one.files)
            for number, speed in enumerate(method_of(one.config).measure(material, kinds), 1):
                keep_speeds([speed])
                progress("measure", min(number, len(kinds)), len(kinds), "speeds")
    return estimate_plan(plan, history, read_speeds())


def estimate_cost(
    plan: WorkPlan, history: Sequence[PastStep], speeds: Mapping[str, Speed]
) -> Estimate:
    """Each step by finished runs of the same kind and size, else by measured speed.

    history: newest first.
    """
    found = _Found()
    for step, parts in by_step(plan.parts).items():
        work = {part.kind: part.amount for part in parts}
        if similar := similar_steps(step, work, history):
            found.seconds[step] = median(p.seconds * growth(work, p.work) for p in similar)
            found.peaks.append(max(_peak_by_run(parts, past) for past in similar))
            found.runs.append(step)
        elif work.keys() <= speeds.keys():
            new = work.keys() - found.loaded
            found.seconds[step] = sum(speeds[kind].start_seconds for kind in new) + sum(
                amount * speeds[kind].unit_seconds for kind, amount in work.items()
            )
            found.peaks += [_peak_by_speed(part, speeds[part.kind]) for part in parts]
            found.measured.append(step)
        else:
            found.missing += [kind for kind in work if kind not in speeds]
        found.loaded |= work.keys()
    return found.estimate()


@dataclass
class _Found:
    """What is known step by step. loaded: kinds of work whose encoder is in memory by then."""

    seconds: dict[str, float] = field(default_factory=dict)
    peaks: list[int] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    runs: list[str] = field(default_factory=list)
    measured: list[str] = field(default_factory=list)
    loaded: set[str] = field(default_factory=set)

    def estimate(self) -> Estimate:
        return Estimate(
            sum(self.seconds.values()),
            max(self.peaks, default=0),
            tuple(dict.fromkeys(self.missing)),
            tuple(self.runs),
            tuple(self.measured),
            self.seconds,
        )


def similar_steps(
    step: str, work: Mapping[str, float], history: Sequence[PastStep]
) -> list[PastStep]:
    """The newest few steps of the same kinds of work and a like amount."""
    alike = [
        past
        for past in history
        if past.step == step
        and past.work.keys() == work.keys()
        and 1 / _COMPARABLE <= growth(work, past.work) <= _COMPARABLE
    ]
    return alike[:_RUNS_LOOKED_AT]


def growth(work: Mapping[str, float], past: Mapping[str, float]) -> float:
    """How many times more there is to do: the geometric mean over the kinds."""
    logs = [math.log(amount / past[kind]) for kind, amount in work.items()]
    return math.exp(sum(logs) / len(logs))


def _peak_by_run(parts: Sequence[Work], past: PastStep) -> int:
    if not any(part.size for part in parts):
        return past.peak_bytes
    work = {part.kind: part.amount for part in parts}
    return past.base_bytes + int((past.peak_bytes - past.base_bytes) * growth(work, past.work))


def _peak_by_speed(work: Work, speed: Speed) -> int:
    if not work.size:
        return speed.peak_bytes
    return speed.base_bytes + int((speed.peak_bytes - speed.base_bytes) * work.size / speed.size)
