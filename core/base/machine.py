"""What this machine computes with, found out without torch, so that a page may ask."""

import ctypes
import os
import platform
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import psutil

from core.base.devices import list_gpus

CPU = "cpu"
# Of glibc's mallopt; bytes.
_M_MMAP_THRESHOLD, _LARGE_BLOCK = -3, 1 << 20


@dataclass(frozen=True)
class Device:
    """One processor or graphics card. kind: as settings name it; memory in bytes.

    usable: False for a card that the installed torch was not built for.
    """

    kind: str
    name: str
    memory: int
    free: int
    usable: bool = True


def list_devices() -> list[Device]:
    """List what this machine computes with: graphics cards first, the processors last."""
    return [*_nvidia_cards(), *_apple_card(), _processors()]


def job_device(wanted: str) -> Device:
    """The device that a setting of auto, cuda, mps or cpu leads to; the processors if none fits."""
    usable = [device for device in list_devices() if device.usable]
    named = (device for device in usable if wanted in ("auto", device.kind))
    return next(named, usable[-1])


def processor_count() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@cache
def machine_name() -> str:
    """The processor's name and how many there are, to which a measured speed belongs."""
    return f"{_processor_name()}, {processor_count()} processors"


def _processors() -> Device:
    memory = psutil.virtual_memory()
    return Device(CPU, machine_name(), memory.total, memory.available)


@cache
def _processor_name() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, "") or platform.processor() or platform.machine()


def _nvidia_cards() -> list[Device]:
    usable = torch_has_cuda()
    return [Device("cuda", gpu.name, gpu.memory, gpu.free, usable) for gpu in list_gpus()]


@cache
def torch_has_cuda() -> bool:
    """Whether the installed torch was built for NVIDIA cards, read from its version file."""
    found = find_spec("torch")
    if found is None or found.origin is None:
        return False
    lines = Path(found.origin).with_name("version.py").read_text(encoding="utf-8").splitlines()
    built = (line.partition("=")[2] for line in lines if line.startswith("cuda"))
    return next(built, "None").strip() != "None"


def _apple_card() -> list[Device]:
    if platform.system() != "Darwin" or platform.machine() != "arm64":
        return []
    shared = psutil.virtual_memory()
    return [Device("mps", "Apple GPU", shared.total, shared.available)]


def give_back_large_blocks() -> None:
    """Have glibc return every large block to the system when it is freed.

    By default glibc keeps large blocks once some were freed. A server's batches have many sizes and
    then leave gaps: 4,000 requests to an encoder grew it by 230 MB. Other C libraries are left as
    they are.
    """
    if "glibc" in platform.libc_ver():
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _LARGE_BLOCK)
