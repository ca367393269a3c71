"""A worker of the night and, in its place, one that only copies the same rows: ``python -m bench.nightly``.

It reads lines of JSON and answers each; what is to be copied is read into memory before the time is taken.
"""

import json
import os
import pickle
import resource
import sys
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import django

MOVE = """
UPDATE raw.subscriptions_subscription held SET period_start = held.period_end, period_end = next.period_end,
    version = held.version + 1
FROM unnest(%(subjects)s::bigint[], %(ends)s::timestamptz[]) AS next (id, period_end) WHERE held.id = next.id
"""
DUE = """
UPDATE raw.agenda_due due SET due_at = next.due_at
FROM unnest(%(subjects)s::bigint[], %(ends)s::timestamptz[]) AS next (subject, due_at)
WHERE due.kind = 'renewal' AND due.subject = next.subject
"""


def renew(chunks: Sequence[int], at: str) -> None:
    """What a worker does about chunks."""
    from palier.flows import renew as flow

    for chunk in chunks:
        flow.chunk(chunk, now=datetime.fromisoformat(at))


def copy(chunks: Sequence[dict[str, Any]]) -> None:
    """The same rows, in the same transactions, computed by nobody."""
    from django.db import connection, transaction

    for chunk in chunks:
        with transaction.atomic(), connection.cursor() as cursor:
            for statement, rows in chunk["copies"]:
                with cursor.copy(statement) as stream:
                    stream.write(rows)
            for statement in (MOVE, DUE):
                cursor.execute(statement, chunk["moves"])


def main() -> None:
    """Serve until the input ends."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.settings")
    django.setup()
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (backend,) = cursor.fetchone()
    for line in sys.stdin:
        wish = json.loads(line)
        work = [pickle.loads(Path(path).read_bytes()) for path in wish.get("files", ())]  # noqa: S301 - our own
        print("ready", flush=True)
        sys.stdin.readline()
        spent, theirs = time.process_time(), _cpu(backend)
        if work:
            copy(work)
        else:
            renew(wish["chunks"], wish["at"])
        said = {"own": time.process_time() - spent, "database": _cpu(backend) - theirs}
        said["megabytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps(said), flush=True)


def _cpu(process: int) -> float:
    """Seconds of CPU that a process on this machine has used; 0 where the system does not tell."""
    try:
        told = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
