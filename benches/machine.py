"""What the machine is, and whether it was left alone while something was measured."""

from __future__ import annotations

import os
import platform
import resource
import time
from pathlib import Path
from typing import Any

from contenders import cpus

#: Share of one core that other processes may use before a figure counts as noisy.
NOISE = 0.08
#: The kernel counts in ticks; so many may be somebody else's by rounding alone.
SLACK_TICKS = 3
TICK = os.sysconf("SC_CLK_TCK")


def facts(work: Path) -> dict[str, Any]:
    """Describe this machine; nothing that names it.

    Args:
        work: A directory on the file system that is measured.
    """
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cores": cpus(),
        "cpu": _cpu_model(),
        "memory_gib": round(memory / 2**30),
        "kernel": f"{platform.system()} {platform.release().split('-')[0]}",
        "file_system": file_system(work),
        "python": platform.python_version(),
    }


def file_system(path: Path) -> str:
    """The type of the file system that holds a directory.

    Args:
        path: An existing directory.
    """
    best, kind = "", "unknown"
    full = f"{path.resolve()}/"
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        left, _, right = line.partition(" - ")
        place = left.split()[4].rstrip("/") + "/"
        if full.startswith(place) and len(place) >= len(best):
            best, kind = place, right.split()[0]
    return kind


class Watch:
    """Counts what others use, from its making until :meth:`others`."""

    def __init__(self) -> None:
        self._start = time.perf_counter()
        self._busy = _busy_ticks()
        self._own = _own_seconds()

    def others(self) -> tuple[float, bool]:
        """The share of a core that other processes used meanwhile, and whether that is too much."""
        wall = time.perf_counter() - self._start
        seconds = (_busy_ticks() - self._busy) / TICK - (_own_seconds() - self._own)
        share = max(0.0, seconds / wall)
        return round(share, 3), seconds > NOISE * wall + SLACK_TICKS / TICK


def _busy_ticks() -> int:
    with open("/proc/stat") as file:
        user, nice, system, _idle, _wait, _irq, _softirq, steal = map(
            int, file.readline().split()[1:9]
        )
    return user + nice + system + steal


def _own_seconds() -> float:
    total = 0.0
    for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN):
        usage = resource.getrusage(who)
        total += usage.ru_utime + usage.ru_stime
    return total


def _cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
