"""How fast this machine is: from finished runs, and from short measurements that are kept."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock

from core.base.files import read_json_object, write_json
from core.base.home import home_folder
from core.base.machine import machine_name
from core.methods.work import Speed
from core.runs.files import find_environment
from core.runs.records import Environment
from core.runs.store import RunStore


@dataclass(frozen=True)
class PastStep:
    """A step of a finished run: amount by kind of its work, and what it took."""

    step: str
    work: Mapping[str, float]
    seconds: float
    base_bytes: int
    peak_bytes: int


def speeds_file() -> Path:
    """Where measured speeds are kept, by machine."""
    return home_folder() / "cache" / "speeds.json"


def read_speeds() -> dict[str, Speed]:
    """Kind -> its measured speed on this machine; nothing from a file that cannot be read."""
    try:
        kept = read_json_object(speeds_file()).get(machine_name(), {})
        return {kind: Speed(**values) for kind, values in kept.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def keep_speeds(speeds: Iterable[Speed]) -> None:
    """Add measured speeds of this machine; a kind measured anew replaces the old figure.

    What cannot be read is measured anew, so a damaged file begins anew.
    """
    path = speeds_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path.with_name(f".{path.name}.lock")):
        try:
            everything = read_json_object(path)
        except (OSError, ValueError):
            everything = {}
        mine = everything.get(machine_name())
        known = mine if isinstance(mine, dict) else {}
        measured = {speed.kind: asdict(speed) for speed in speeds}
        write_json(path, everything | {machine_name(): known | measured})


def read_history(store: RunStore) -> list[PastStep]:
    """Steps of the runs made on this machine, newest first."""
    here = machine_name()
    environments = map(find_environment, store.folders())
    return [
        step
        for environment in environments
        if environment and environment.machine == here
        for step in _past_steps(environment)
    ]


def _past_steps(environment: Environment) -> list[PastStep]:
    seconds, peaks, work = environment.seconds, environment.peak_bytes, environment.work
    # What the step before needed at most is about what this one began with.
    before = dict(zip(peaks, [0, *peaks.values()], strict=False))
    return [
        PastStep(
            step,
            {kind: amount for kind, amount in work[step].items() if amount},
            seconds[step],
            min(before[step], peaks[step]),
            peaks[step],
        )
        for step in work
        if step in seconds and any(work[step].values())
    ]
