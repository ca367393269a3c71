"""What ties a child process to us, and what tells whether a process is really the one we mean."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

PR_SET_PDEATHSIG = 1


def die_with_parent(sign: signal.Signals) -> Callable[[], None] | None:
    """For `Popen(preexec_fn=...)`: the kernel sends `sign` to the child when we die, however we die. Linux only."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def tie() -> None:
        prctl(PR_SET_PDEATHSIG, int(sign))
        if os.getppid() != parent:  # we died in between
            os._exit(0)

    return tie


def runs(pid: int, words: Sequence[str]) -> bool:
    """Whether the process is alive (no zombie) and all the words stand on its command line."""
    command = _command_line(pid)
    return command is not None and all(word in command for word in words)


def _command_line(pid: int) -> str | None:
    if Path("/proc/self/cmdline").exists():
        try:
            return (
                Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip() or None
            )
        except OSError:
            return None
    answer = subprocess.run(["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True)
    return answer.stdout.strip() or None
