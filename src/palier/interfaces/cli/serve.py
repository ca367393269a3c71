"""``palier serve``: the web server, granian over WSGI."""

import argparse
from collections.abc import Sequence

from granian import Granian
from granian.constants import Interfaces


def main(arguments: Sequence[str]) -> int:
    """Serve until SIGINT or SIGTERM, which let the requests under way end."""
    options = _parser().parse_args(arguments)
    Granian(
        "palier.config.wsgi:application",
        address=options.host,
        port=options.port,
        interface=Interfaces.WSGI,
        workers=options.workers,
        blocking_threads=options.threads,
        websockets=False,
        workers_kill_timeout=10,
        respawn_failed_workers=True,
        log_access=options.log_requests,
    ).serve()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="palier serve", description="Run the web server.")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: 127.0.0.1)")
    parser.add_argument("--port", type=int, default=8000, help="the port (default: 8000)")
    parser.add_argument("--workers", type=int, default=2, help="processes (default: 2)")
    parser.add_argument("--threads", type=int, default=4, help="threads of each process (default: 4)")
    parser.add_argument("--log-requests", action="store_true", help="write a line for every request")
    return parser
