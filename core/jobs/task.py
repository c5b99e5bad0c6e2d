"""What every task of a job has in common: a title, the device it wants, and the work itself."""

from abc import abstractmethod
from typing import Any, Protocol

from core.base.config import StrictConfig
from core.base.progress import OnEpoch, Progress
from core.jobs.job import DeviceKind


class Listener(Protocol):
    """Receives the progress of a task. Either call may raise, which ends the task."""

    @property
    def progress(self) -> Progress:
        """Called with the step and the units of work done so far."""
        ...

    @property
    def on_epoch(self) -> OnEpoch:
        """Called with the figures of each epoch of fine-tuning."""
        ...

    @property
    def on_cluster(self) -> bool:
        """Whether a Ray cluster does the work, whose other machines may help."""
        ...


class JobTask(StrictConfig):
    """The settings of one job, which are kept as JSON, and what the job does with them."""

    @property
    @abstractmethod
    def title(self) -> str:
        """What the job does, in a few words for a list of jobs."""

    @property
    def device_kind(self) -> DeviceKind:
        """The kind of slot that the job waits for."""
        return "cpu"

    @property
    def secrets(self) -> tuple[str, ...]:
        """Names of the settings that no record of the job may hold."""
        return ()

    @abstractmethod
    def perform(self, listener: Listener) -> dict[str, Any]:
        """Do the work and return the job's result, which must be JSON."""
