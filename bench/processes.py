"""What a process and all below it have used of the processors."""

import os
from collections import defaultdict
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """Seconds of processor time of a process and its descendants, those that have ended included."""
    spent: dict[int, int] = {}
    below: dict[int, list[int]] = defaultdict(list)
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended while we looked; its parent has its time now
        number = int(path.parent.name)
        below[int(fields[1])].append(number)
        spent[number] = sum(int(each) for each in fields[11:15])  # own and reaped children's, user and system
    waiting, total = [pid], 0
    while waiting:
        one = waiting.pop()
        total += spent.get(one, 0)
        waiting += below[one]
    return total / TICKS
