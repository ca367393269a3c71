"""Where the database may live, and as whom it runs.

PostgreSQL refuses to run as root. As root it runs as an existing unprivileged user, in a folder that this user can
reach; no permission of a folder that was there before is ever changed. As an ordinary user nothing special happens.
"""

import hashlib
import os
import pwd
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

from palier_stack.errors import StackError

UNPRIVILEGED = ("nobody", "postgres")
FALLBACK = Path("/var/tmp")  # noqa: S108 - only for a folder of our own, checked below


@dataclass(frozen=True, slots=True)
class Runner:
    """Whom a server runs as."""

    uid: int
    gid: int

    def owns(self, path: Path) -> None:
        """Gives a folder of ours to the runner alone."""
        path.chmod(0o700)
        if os.geteuid() == 0:
            os.chown(path, self.uid, self.gid)

    def popen_options(self) -> dict[str, object]:
        """What `subprocess` needs to become the runner; nothing when we are the runner already."""
        if os.geteuid() != 0:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def runner() -> Runner:
    """Ourselves, or as root an unprivileged user that exists."""
    if os.geteuid() != 0:
        return Runner(os.geteuid(), os.getegid())
    for name in UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Runner(entry.pw_uid, entry.pw_gid)
    raise StackError("PostgreSQL does not run as root, and there is no user `nobody` or `postgres` to run it as.")


def can_traverse(path: Path, who: Runner) -> bool:
    """Whether the runner may walk down to the path through every folder above it."""
    return all(_may(folder.stat(), who, stat.S_IXUSR) for folder in path.resolve().parents if folder.exists())


def reachable(wanted: Path, who: Runner) -> Path:
    """The wanted folder, or one of ours under /var/tmp when the runner cannot walk down to it."""
    wanted = wanted.resolve()
    if can_traverse(wanted, who):
        return wanted
    name = hashlib.sha256(str(wanted).encode()).hexdigest()[:12]
    folder = FALLBACK / f"palier-{name}"
    folder.mkdir(mode=0o755, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise StackError(f"{folder} belongs to somebody else; remove it or move Palier to another folder.")
    folder.chmod(0o755)
    return folder


def readable_copy(programs: Path, home: Path, who: Runner) -> Path:
    """The folder of programs itself, or a copy in `home` when the runner cannot walk down to it."""
    if can_traverse(programs / "bin", who):
        return programs
    copy = home / "programs"
    if not copy.exists():
        fresh = home / "programs.new"
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.copytree(programs, fresh, symlinks=True)
        fresh.rename(copy)
    return copy


def _may(entry: os.stat_result, who: Runner, bit: int) -> bool:
    if entry.st_uid == who.uid:
        return bool(entry.st_mode & bit)
    if entry.st_gid == who.gid:
        return bool(entry.st_mode & (bit >> 3))
    return bool(entry.st_mode & (bit >> 6))
