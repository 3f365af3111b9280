"""CPU time and memory of a server: all processes that descend from one, read from /proc."""

import os
from collections import defaultdict
from pathlib import Path

TICK_MS = 1000 / os.sysconf("SC_CLK_TCK")
PROC = Path("/proc")
# Fields of /proc/<pid>/stat behind the name, which may hold blanks and ends with a bracket.
PARENT, OWN_CPU, CHILDRENS_CPU = 1, slice(11, 13), slice(13, 15)


def tree(root: int) -> list[int]:
    """The process and all that descend from it, as they are now."""
    children = defaultdict(list)
    for folder in PROC.iterdir():
        if folder.name.isdigit() and (fields := _stat(int(folder.name))):
            children[int(fields[PARENT])].append(int(folder.name))
    members = [root]
    for member in members:  # grows while it is walked through
        members += children[member]
    return members


def cpu_ms(root: int) -> float:
    """CPU that the tree has used since it began, in ms; who ended is in its parent's account."""
    return sum(_cpu_of(pid) for pid in tree(root))


def _cpu_of(pid: int) -> float:
    """The kernel counts whole ticks of 10 ms for a process and nanoseconds for each thread.

    A thread that ended is in the former alone: the larger of the two is right in both cases.
    """
    fields = _stat(pid)
    if not fields:
        return 0.0
    own, children = (sum(map(int, fields[part])) * TICK_MS for part in (OWN_CPU, CHILDRENS_CPU))
    return max(own, _threads_ms(pid)) + children


def _threads_ms(pid: int) -> float:
    total = 0
    for thread in _listed(PROC / str(pid) / "task"):
        total += int((_text(thread / "schedstat") or "0").split()[0])
    return total / 1e6


def resident_mib(root: int) -> float:
    """Memory of the tree, each process with all that it has, shared or not (RSS)."""
    total = 0
    for pid in tree(root):
        for line in _text(PROC / str(pid) / "status").splitlines():
            if line.startswith("VmRSS:"):
                total += int(line.split()[1])
    return total / 1024


def _stat(pid: int) -> list[str]:
    """Empty where the process has ended meanwhile."""
    return _text(PROC / str(pid) / "stat").rpartition(")")[2].split()


def _listed(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
