"""How much memory this process has needed at most."""

import resource
from contextlib import suppress
from pathlib import Path


def reset_peak_memory() -> None:
    """Start measuring anew, where the system can (Linux)."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def peak_memory_bytes() -> int:
    """The most memory of this process: since the last reset on Linux, elsewhere since its start."""
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        # macOS counts in bytes.
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024
