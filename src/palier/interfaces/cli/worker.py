"""``palier worker``: the background jobs."""

import argparse
from collections.abc import Sequence
from typing import Final

import django
from django.core.management import call_command

QUEUES: Final = ("billing", "mail", "documents", "clock")


def main(arguments: Sequence[str]) -> int:
    """Run jobs until SIGINT or SIGTERM, which let the jobs under way end; ``--once`` stops when there is none left.

    Jobs of ``billing`` wait for the gateway, those of ``mail`` for the mail server: a worker of their own for each kind
    keeps one that hangs from holding up the others.
    """
    parser = argparse.ArgumentParser(prog="palier worker", description="Run the background jobs.")
    parser.add_argument("--concurrency", type=int, default=4, help="jobs at a time (default: 4)")
    parser.add_argument(
        "--queues",
        default=",".join(QUEUES),
        metavar="QUEUE,…",
        help=f"only these kinds of jobs, of {', '.join(QUEUES)} (default: all)",
    )
    parser.add_argument("--once", action="store_true", help="run what is due and stop")
    options = parser.parse_args(arguments)
    if unknown := sorted(set(options.queues.split(",")) - set(QUEUES)):
        parser.error(f"there is no queue {', '.join(unknown)}; there are {', '.join(QUEUES)}")
    django.setup()
    once = ["--one-shot"] if options.once else []
    chosen = ["--concurrency", str(options.concurrency), "--queues", options.queues]
    call_command("procrastinate", "worker", *chosen, "--delete-jobs", "successful", *once)
    return 0
