"""Named operating points of runs, and which one is used for suggestions; undo included."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from filelock import FileLock
from pydantic import Field, FiniteFloat, model_validator

from core.base.config import StrictConfig, build_config
from core.base.errors import ConfigError, RunError
from core.base.files import read_json_object, why_unreadable, write_json
from core.metrics.decision import Decision
from core.runs.store import Run

FILE = "operating_points.json"
OWN_NAME = "as trained"


class OperatingPoint(StrictConfig):
    """The thresholds and limits by which a run's scores become tags.

    cut: the threshold of every tag without one in `own`. at_least, at_most: number of tags an
    article gets; both are k for "the k best tags". goal: how the thresholds were found, in words,
    "" if by hand. not_sure: the range of probabilities (low, high) in which a person should look,
    None if none was chosen.
    """

    name: str = Field(min_length=1, max_length=60)
    run: str
    cut: FiniteFloat
    own: dict[str, FiniteFloat] = Field(default_factory=dict)
    at_least: int = Field(0, ge=0)
    at_most: int | None = Field(None, ge=1)
    goal: str = ""
    not_sure: tuple[float, float] | None = None

    @model_validator(mode="after")
    def _limits_leave_room(self) -> "OperatingPoint":
        if self.at_most is not None and self.at_most < self.at_least:
            raise ValueError(
                f"at least {self.at_least} and at most {self.at_most} tags leave nothing between"
            )
        return self

    def decision(self, tags: Sequence[str]) -> Decision:
        """The rule for scores whose columns are these tags.

        Raises ConfigError if `own` names another tag.

        >>> point = OperatingPoint(name="careful", run="r1", cut=0.5, own={"go": 0.25})
        >>> point.decision(["go", "rust"]).thresholds.tolist()
        [0.25, 0.5]
        """
        if unknown := sorted(self.own.keys() - set(tags)):
            raise ConfigError(
                f"The run has no tag {unknown[0]!r}, for which {self.name!r} has a cut. "
                "Leave that cut out."
            )
        cuts = np.array([self.own.get(tag, self.cut) for tag in tags])
        return Decision(cuts, self.at_least, self.at_most)


class _Save(StrictConfig):
    kind: Literal["save"] = "save"
    point: OperatingPoint


class _Choose(StrictConfig):
    """run, name: None for no operating point at all."""

    kind: Literal["choose"] = "choose"
    run: str | None
    name: str | None


class _History(StrictConfig):
    format: Literal[1] = 1
    steps: tuple[Annotated[_Save | _Choose, Field(discriminator="kind")], ...] = ()


class OperatingPoints:
    """The operating points of the runs in one folder.

    The file is a history of saves and choices, so that the last one can be undone.
    """

    def __init__(self, folder: Path) -> None:
        """folder: that of the run store."""
        self._path = folder / FILE

    def of_run(self, run_id: str) -> dict[str, OperatingPoint]:
        """A run's operating points by name, the newest first; of one name the last saved."""
        points: dict[str, OperatingPoint] = {}
        for step in reversed(self._read().steps):
            if isinstance(step, _Save) and step.point.run == run_id:
                points.setdefault(step.point.name, step.point)
        return points

    def chosen(self) -> OperatingPoint | None:
        """The operating point used for suggestions: the last one saved or chosen, if any."""
        steps = self._read().steps
        if not steps:
            return None
        last = steps[-1]
        if isinstance(last, _Save):
            return last.point
        return self.of_run(last.run).get(last.name) if last.run and last.name else None

    def save(self, point: OperatingPoint) -> None:
        """Keep it under its name, in place of an older one, and choose it.

        Raises ConfigError if the name is that of the cuts the run was trained with.
        """
        if point.name == OWN_NAME:
            raise ConfigError(f"{OWN_NAME!r} names the run's own cuts. Choose another name.")
        self._add(_Save(point=point))

    def choose(self, run_id: str, name: str) -> None:
        """Use a saved operating point for suggestions.

        Raises RunError if the run has no operating point of that name.
        """
        with self._locked():
            if name not in self.of_run(run_id):
                raise RunError(f"Run {run_id} has no operating point {name!r}. Save it first.")
            self._add(_Choose(run=run_id, name=name))

    def choose_none(self) -> None:
        """Use no operating point: suggestions come from the default run at its own thresholds."""
        self._add(_Choose(run=None, name=None))

    def last_step(self) -> str:
        """What `undo` would take back, such as "save 'careful'"; "" if there is nothing."""
        steps = self._read().steps
        if not steps:
            return ""
        last = steps[-1]
        if isinstance(last, _Save):
            return f"save {last.point.name!r}"
        return f"choose {last.name!r}" if last.name else "choose none"

    def undo(self) -> str:
        """Take the last save or choice back and say which it was; "" if there was none."""
        with self._locked():
            undone, history = self.last_step(), self._read()
            if undone:
                self._write(history.model_copy(update={"steps": history.steps[:-1]}))
        return undone

    def _add(self, step: "_Save | _Choose") -> None:
        with self._locked():
            history = self._read()
            self._write(history.model_copy(update={"steps": (*history.steps, step)}))

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Two pages that save at once must both be kept."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self._path.with_name(f".{FILE}.lock"), timeout=10, is_singleton=True)
        with lock:  # who holds it may take it again
            yield

    def _read(self) -> _History:
        try:
            return _History.model_validate(read_json_object(self._path))
        except FileNotFoundError:
            return _History()
        except (OSError, ValueError) as error:
            raise RunError(
                f"The operating points in {FILE} cannot be read ({why_unreadable(error)}). Mend "
                "the file, or delete it: the runs themselves are not affected."
            ) from None

    def _write(self, history: _History) -> None:
        write_json(self._path, history.model_dump(mode="json"))


def build_point(**values: Any) -> OperatingPoint:
    """An operating point from its values. Raises ConfigError naming the first that is refused."""
    return build_config(OperatingPoint, values)


def change_point(point: OperatingPoint, name: str = "", **changes: Any) -> OperatingPoint:
    """The same operating point with some values changed; what is not named stays as it was.

    name: without one, the goal names it, else its number of tags or its cut.
    Raises ConfigError naming the first value that is refused.
    """
    values = point.model_dump() | changes
    by_hand = f"top {values['at_most']}" if values["at_most"] else f"cut {values['cut']:.3f}"
    return build_point(**(values | {"name": name.strip() or values["goal"] or by_hand}))


def trained_point(run: Run) -> OperatingPoint:
    """The thresholds that the run was trained with, as an operating point."""
    kept = run.thresholds
    return OperatingPoint(name=OWN_NAME, run=run.id, cut=kept.common_cut, own=dict(kept.own_cuts))


def chosen_point(run: Run) -> OperatingPoint | None:
    """The operating point that the suggester uses, if it is one of this run."""
    point = OperatingPoints(run.folder.parent).chosen()
    return point if point and point.run == run.id else None
