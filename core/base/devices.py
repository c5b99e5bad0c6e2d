"""What this machine can compute on, found out without importing torch."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True)
class Gpu:
    """An NVIDIA GPU as its driver lists it; memory in bytes."""

    index: int
    name: str
    memory: int
    free: int


def list_gpus() -> list[Gpu]:
    """The GPUs that CUDA_VISIBLE_DEVICES leaves to this process; none without a driver."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    return [
        gpu
        for gpu in _query_gpus()
        if visible is None or str(gpu.index) in visible.replace(" ", "").split(",")
    ]


def _query_gpus() -> list[Gpu]:
    if not (program := _nvidia_smi()):
        return []
    query = "--query-gpu=index,name,memory.total,memory.free"
    try:
        listing = subprocess.run(
            [program, query, "--format=csv,noheader,nounits"],
            capture_output=True,
            text=True,
            timeout=20,
            check=True,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return []
    rows = [[cell.strip() for cell in line.split(",")] for line in listing.splitlines()]
    mib = 1024 * 1024
    return [
        Gpu(int(row[0]), row[1], int(row[2]) * mib, int(row[3]) * mib)
        for row in rows
        if len(row) == 4 and row[0].isdigit() and row[2].isdigit() and row[3].isdigit()
    ]


@cache
def _nvidia_smi() -> str | None:
    return shutil.which("nvidia-smi")
