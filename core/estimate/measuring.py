"""The measurement of this machine's speed in a process of its own."""

import subprocess
import sys

from core.base.home import PROJECT


def start_measuring(settings: str) -> "subprocess.Popen[str]":
    """Run `python -m core estimate` on these settings (TOML), which keeps what it measures.

    In this process torch would stay in the memory of whoever asks, such as the pages.
    """
    measuring = subprocess.Popen(
        [sys.executable, "-m", "core", "estimate", "--config", "-", "--json"],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        text=True,
        encoding="utf-8",
    )
    assert measuring.stdin is not None
    measuring.stdin.write(settings)
    measuring.stdin.close()
    return measuring
