"""Which job may work now: one slot for each GPU and one for the processor, oldest job first."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache

from filelock import FileLock, Timeout

from core.base.devices import list_gpus
from core.base.errors import JobError
from core.base.machine import torch_has_cuda
from core.jobs.job import DeviceKind, Job, job_ids, jobs_folder, read_job

CPU_SLOT = "cpu"
_GPU_SLOT = "gpu-"


class Turn:
    """A job's place in the queue. It remembers ended jobs, so that asking often is cheap."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._slots = slots_for(job.device_kind)
        self._ended: set[str] = set()

    def ahead(self) -> list[Job]:
        """List the active jobs for the same slots that were submitted earlier, oldest first."""
        jobs = []
        for job_id in sorted(job_ids()):
            if job_id >= self._job.id:
                break
            if job_id in self._ended:
                continue
            try:
                other = read_job(job_id)
            except JobError:
                continue
            if other.is_active:
                jobs.append(other)
            elif other.state != "lost":  # a lost one may wake
                self._ended.add(job_id)
        return share_slots(self._job, jobs)

    @contextmanager
    def try_slot(self) -> Iterator[str]:
        """Hold a free slot and give its name; "" if none is free or it is not this job's turn.

        The system frees the slot when the process that holds it ends, however it ends.
        """
        lock = None
        if not any(other.state == "queued" for other in self.ahead()):
            lock = next(filter(None, map(_lock_slot, self._slots)), None)
        try:
            yield lock[0] if lock else ""
        finally:
            if lock:
                lock[1].release()


def share_slots(job: Job, others: Sequence[Job]) -> list[Job]:
    """List those of the other jobs that wait for, or hold, a slot that this job could take."""
    return [
        other
        for other in others
        if other.engine == job.engine and slots_for(other.device_kind) == slots_for(job.device_kind)
    ]


def position(job: Job, jobs: Sequence[Job]) -> int:
    """The job's place in its queue: 1 if it is at work or next, 2 behind one active job, ..."""
    live = [other for other in jobs if other.is_active and other.id < job.id]
    return 1 + len(share_slots(job, live))


@cache
def slots_for(kind: DeviceKind) -> tuple[str, ...]:
    """Names of the slots that a job may take; one for a GPU takes the processor if there is none.

    A card that the installed torch was not built for does not count: the job could not use it.
    """
    if kind == "cpu" or not torch_has_cuda():
        return (CPU_SLOT,)
    return tuple(f"{_GPU_SLOT}{gpu.index}" for gpu in list_gpus()) or (CPU_SLOT,)


def gpu_settings(slot: str) -> dict[str, str]:
    """Environment variables by which CUDA shows a process in this slot its card, and no other.

    Slots number the cards as the driver does, by their place on the bus; CUDA's own order would
    put the fastest card first.

    >>> gpu_settings("gpu-1")
    {'CUDA_DEVICE_ORDER': 'PCI_BUS_ID', 'CUDA_VISIBLE_DEVICES': '1'}
    >>> gpu_settings("cpu")["CUDA_VISIBLE_DEVICES"]
    ''
    """
    card = slot.removeprefix(_GPU_SLOT) if slot.startswith(_GPU_SLOT) else ""
    return {"CUDA_DEVICE_ORDER": "PCI_BUS_ID", "CUDA_VISIBLE_DEVICES": card}


def _lock_slot(slot: str) -> tuple[str, FileLock] | None:
    folder = jobs_folder() / ".slots"
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / f"{slot}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return None
    return slot, lock
