"""The NVIDIA cards of this machine, found out without importing torch."""

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Gpu:
    """An NVIDIA GPU as its driver lists it; memory in bytes."""

    index: int
    name: str
    memory: int
    free: int
    uuid: str = ""


def list_gpus() -> list[Gpu]:
    """The GPUs that CUDA_VISIBLE_DEVICES leaves to this process; none without a driver.

    The setting may name a card by its number or by the beginning of its UUID.
    """
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is None:
        return _all_gpus()
    named = list(filter(None, map(str.strip, visible.split(","))))
    return [
        gpu
        for gpu in _all_gpus()
        if any(name == str(gpu.index) or gpu.uuid.startswith(name) for name in named)
    ]


def _all_gpus() -> list[Gpu]:
    import pynvml

    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:  # no driver
        return []
    try:
        gpus = []
        for index in range(pynvml.nvmlDeviceGetCount()):
            card = pynvml.nvmlDeviceGetHandleByIndex(index)
            memory = pynvml.nvmlDeviceGetMemoryInfo(card)
            name, uuid = pynvml.nvmlDeviceGetName(card), pynvml.nvmlDeviceGetUUID(card)
            gpus.append(Gpu(index, name, int(memory.total), int(memory.free), uuid))
        return gpus
    except pynvml.NVMLError:  # a driver that cannot tell, such as after an update without a restart
        return []
    finally:
        pynvml.nvmlShutdown()
