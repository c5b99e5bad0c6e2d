"""The process that does a job's work, and how it speaks to the worker that watches it."""

import os
import sys
import threading
import time
import traceback
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

from core.base.errors import CoreError, file_sentence
from core.base.progress import Clock
from core.jobs.ray_engine import RAY_SLOT
from core.jobs.slots import gpu_settings
from core.jobs.tasks import read_task

# Messages to the worker are (kind, fields). The last one's kind is the state in which the job ends,
# and its fields are the job's; those before it are of these kinds.
REPORT, EPOCH = "report", "epoch"
# A report follows another after this long at least.
_REPORT_SECONDS = 0.2
# Training yields to the pages, which a person waits for.
_NICENESS = 10
_OUT_OF_GPU_MEMORY = (
    "The GPU ran out of memory. Lower finetune.batch_size or features.encoder.batch_tokens "
    "(half of it is a good start), or set features.encoder.device=cpu; then run it again."
)
_OUT_OF_MEMORY = (
    "The memory of this machine ran out. Use fewer articles (data.most_articles), shorter "
    "n-grams or fewer copies; then run it again."
)


class CancelledError(BaseException):
    """The user has cancelled this work; not an Exception, so that no handler of those hides it."""


def run_child(settings: dict[str, Any], slot: str, connection: Connection) -> None:
    """Do a task in this process and send its progress, then its result or why there is none.

    settings: those of the task, secrets included. slot: what the process may compute on.
    """
    os.nice(_NICENESS)
    if slot != RAY_SLOT:  # Ray has set it
        # Before torch is imported, which reads it once.
        os.environ.update(gpu_settings(slot))
    reporter = Reporter(connection, on_cluster=slot == RAY_SLOT)
    threading.Thread(target=reporter.listen, daemon=True).start()
    try:
        connection.send(("done", {"result": read_task(settings).perform(reporter)}))
    except CancelledError:
        connection.send(("cancelled", {}))
    except Exception as error:
        traceback.print_exc()
        connection.send(("failed", {"error": failure_sentence(error)}))


@dataclass
class Reporter:
    """Passes progress on to the worker; raises CancelledError once the worker says so."""

    connection: Connection
    on_cluster: bool = False
    _cancelled: threading.Event = field(default_factory=threading.Event)
    _clock: Clock = field(default_factory=Clock)
    _step: str = ""
    _last_sent: float = -1.0

    def listen(self) -> None:
        """Wait for the worker's one message, to cancel; end this process if the worker is gone."""
        try:
            self.connection.recv()
            self._cancelled.set()
        except (EOFError, OSError):
            os._exit(1)

    def progress(self, step: str, done: int, total: int, unit: str) -> None:
        """Report how far a step is, several times a second at most."""
        if self._cancelled.is_set():
            raise CancelledError
        if step != self._step:
            self._step, self._clock = step, Clock()
        now = time.monotonic()
        if now - self._last_sent < _REPORT_SECONDS and done < total:
            return
        self._last_sent = now
        left = self._clock.seconds / done * (total - done) if done else None
        report = {"step": step, "done": done, "total": total, "unit": unit, "seconds_left": left}
        self.connection.send((REPORT, report))

    def on_epoch(self, figures: dict[str, float]) -> None:
        """Report the figures of an epoch of fine-tuning."""
        self.connection.send((EPOCH, figures))


def failure_sentence(error: Exception) -> str:
    """Say in a sentence why a job failed; in the error's own words if they are meant for users."""
    if isinstance(error, CoreError):
        return str(error)
    # torch's class, which is not imported here, nor by every job.
    if type(error).__name__ == "OutOfMemoryError":
        return _OUT_OF_GPU_MEMORY
    if isinstance(error, MemoryError):
        return _OUT_OF_MEMORY
    if isinstance(error, OSError):
        return file_sentence(error)
    print(f"unexpected: {error!r}", file=sys.stderr)
    return f"A bug of Tagsmith ({type(error).__name__}): the log says more. Nothing was kept."
