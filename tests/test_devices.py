"""What the machine computes on, as its driver and its system say."""

from types import SimpleNamespace

import psutil
import pynvml
import pytest

from core.base.devices import Gpu, list_gpus
from core.base.machine import CPU, list_devices

GIB = 1 << 30
CARDS = [
    Gpu(0, "NVIDIA A10", 24 * GIB, 20 * GIB, "GPU-11aa-22"),
    Gpu(1, "NVIDIA L4, of the second row", 23 * GIB, 23 * GIB, "GPU-33bb-44"),
]


@pytest.fixture
def driver(monkeypatch):
    """A driver of two cards, as its library tells of them."""
    answers = {
        "nvmlInit": lambda: None,
        "nvmlShutdown": lambda: None,
        "nvmlDeviceGetCount": lambda: len(CARDS),
        "nvmlDeviceGetHandleByIndex": lambda index: CARDS[index],
        "nvmlDeviceGetName": lambda card: card.name,
        "nvmlDeviceGetUUID": lambda card: card.uuid,
        "nvmlDeviceGetMemoryInfo": lambda card: SimpleNamespace(
            total=card.memory, free=card.free, used=card.memory - card.free
        ),
    }
    for name, answer in answers.items():
        monkeypatch.setattr(pynvml, name, answer)


@pytest.mark.parametrize(
    ("visible", "indices"),
    [
        (None, [0, 1]),
        ("0,1", [0, 1]),
        ("1", [1]),
        (" 1 , 0", [0, 1]),
        ("GPU-33bb", [1]),
        ("", []),
        ("7", []),
        ("MIG-11aa-22", []),
    ],
)
def test_the_cards_are_those_that_the_environment_leaves(driver, monkeypatch, visible, indices):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if visible is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert list_gpus() == [CARDS[index] for index in indices]


@pytest.mark.parametrize("step", ["nvmlInit", "nvmlDeviceGetCount", "nvmlDeviceGetMemoryInfo"])
def test_a_driver_that_does_not_answer_has_no_cards(driver, monkeypatch, step):
    def refuse(*_):
        raise pynvml.NVMLError(pynvml.NVML_ERROR_LIBRARY_NOT_FOUND)

    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setattr(pynvml, step, refuse)
    assert list_gpus() == []


def test_the_processors_have_the_memory_of_the_machine():
    device = list_devices()[-1]
    assert device.kind == CPU
    assert device.memory == psutil.virtual_memory().total
    assert 0 < device.free <= device.memory
