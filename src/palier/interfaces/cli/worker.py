"""``palier worker``: the background jobs."""

import argparse
from collections.abc import Sequence

import django
from django.core.management import call_command


def main(arguments: Sequence[str]) -> int:
    """Run jobs until SIGINT or SIGTERM, which let the jobs under way end; ``--once`` stops when there is none left."""
    parser = argparse.ArgumentParser(prog="palier worker", description="Run the background jobs.")
    parser.add_argument("--concurrency", type=int, default=4, help="jobs at a time (default: 4)")
    parser.add_argument("--once", action="store_true", help="run what is due and stop")
    options = parser.parse_args(arguments)
    django.setup()
    once = ["--one-shot"] if options.once else []
    call_command(
        "procrastinate", "worker", "--concurrency", str(options.concurrency), "--delete-jobs", "successful", *once
    )
    return 0
