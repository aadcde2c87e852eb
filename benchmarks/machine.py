"""Who uses the processors, read from /proc: ours by group, and what is left over for others."""

import os
import platform
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter, process_time

TICK_S = 1 / os.sysconf("SC_CLK_TCK")
CORES = len(os.sched_getaffinity(0))
LOAD = "load program"
ESTABLISHED = "01"


@dataclass(slots=True)
class Usage:
    """Processor seconds of each group during *elapsed_s*; `others` is what nobody of ours used."""

    elapsed_s: float = 0.0
    seconds: dict[str, float] = field(default_factory=dict)

    def share(self, group: str) -> float:
        """Return how much of the machine's processor time the group used, from 0 to 1."""
        return self.seconds[group] / (self.elapsed_s * CORES)

    def ms_each(self, group: str, count: int) -> float:
        """Return the group's processor time for each of *count* requests, in ms."""
        return self.seconds[group] * 1_000 / count

    def add(self, other: "Usage") -> None:
        """Count *other* too."""
        self.elapsed_s += other.elapsed_s
        for group, seconds in other.seconds.items():
            self.seconds[group] = self.seconds.get(group, 0.0) + seconds

    def told(self) -> str:
        """Return the shares as one line."""
        return ", ".join(f"{group} {self.share(group):.0%}" for group in self.seconds)


@contextmanager
def metered(groups: Mapping[str, int]) -> Iterator[Usage]:
    """Measure the block: the trees of processes under the ids of *groups*, this process, and all others."""
    usage = Usage()
    before, busy, own, start = {name: _tree_s(pid) for name, pid in groups.items()}, _busy_s(), process_time(), perf_counter()
    yield usage
    usage.elapsed_s = perf_counter() - start
    usage.seconds = {name: _tree_s(pid) - before[name] for name, pid in groups.items()}
    usage.seconds[LOAD] = process_time() - own
    usage.seconds["others"] = max(_busy_s() - busy - sum(usage.seconds.values()), 0.0)


def description() -> dict[str, str]:
    """Return what this machine is."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
    memory = int(
        next(line for line in Path("/proc/meminfo").read_text().splitlines() if line.startswith("MemTotal")).split()[1]
    )
    return {
        "processors": f"{CORES} x {model}",
        "memory": f"{memory / 2**20:.0f} GB",
        "kernel": platform.release(),
        "python": platform.python_version(),
        "load at the start": " ".join(f"{load:.2f}" for load in os.getloadavg()),
    }


def served_by(root: int, port: int) -> dict[int, int]:
    """Return which process of the tree under *root* took which connection to *port*, by the port of its client."""
    taken = {}
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        here, there, state, *_, inode = line.split()[1:10]
        if state == ESTABLISHED and int(here.rpartition(":")[2], 16) == port:
            taken[f"socket:[{inode}]"] = int(there.rpartition(":")[2], 16)
    found = {}
    for pid in tree(root):
        with suppress(OSError):
            for opened in Path(f"/proc/{pid}/fd").iterdir():
                with suppress(OSError):
                    if (client := taken.get(str(opened.readlink()))) is not None:
                        found[client] = pid
    return found


def memory_mb(root: int) -> float:
    """Return the memory of the tree under *root*, in MB: what processes share counts once (PSS)."""
    total = 0
    for pid in tree(root):
        with suppress(OSError):
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            total += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1_024


def tree(root: int) -> list[int]:
    """Return *root* and all below it."""
    below = _children()
    found = [root]
    for pid in found:
        found += below.get(pid, [])
    return found


def _children() -> dict[int, list[int]]:
    below: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError):
                below.setdefault(int(_stat(int(folder.name))[1]), []).append(int(folder.name))
    return below


def _stat(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()


def _tree_s(root: int) -> float:
    """Return the processor time of *root* and all below it, those that ended and were waited for included."""
    total = 0.0
    for pid in tree(root):
        with suppress(OSError):
            total += sum(map(int, _stat(pid)[11:15])) * TICK_S
    return total


def _busy_s() -> float:
    user, nice, system, _, _, interrupts, soft, *_ = map(int, Path("/proc/stat").read_text().splitlines()[0].split()[1:])
    return (user + nice + system + interrupts + soft) * TICK_S
