"""``python -m palier_sandbox``: start the payment service."""

import argparse
import contextlib
import logging
import signal
import sys
import threading
from pathlib import Path
from urllib.parse import urlsplit

from palier_sandbox.app import answering
from palier_sandbox.service import Service
from palier_sandbox.settings import Settings
from palier_sandbox.web import Server
from palier_sandbox.webhooks import signature


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT. Prints one line with its address once it answers."""
    options = _options(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(name)s: %(message)s", stream=sys.stderr)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        server = Server(options.host, options.port)
    except OSError as error:
        print(f"palier_sandbox cannot listen on {options.host}:{options.port}: {error.strerror}", file=sys.stderr)
        return 1
    public_url = (options.public_url or f"http://{options.host}:{server.port}").rstrip("/")
    service = Service(
        Settings(
            data=options.data,
            public_url=public_url,
            webhook_url=options.webhook_url,
            secret_key=options.secret_key,
            webhook_secret=options.webhook_secret,
            merchant=options.merchant,
            slow_seconds=options.slow_seconds,
        )
    )
    server.answer = answering(service)
    service.start()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: _stop(server))
    with contextlib.suppress(BrokenPipeError):
        print(f"palier_sandbox listens on {public_url}", flush=True)
    server.serve_forever(poll_interval=0.1)
    server.server_close()
    service.stop()
    return 0


def _stop(server: Server) -> None:
    server.stopping.set()
    threading.Thread(target=server.shutdown).start()  # shutdown waits for the loop that this signal has interrupted


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="palier_sandbox", description="A payment service for tests. Moves no money.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True, help="0 takes a free port and prints it")
    parser.add_argument("--data", type=Path, required=True, help="folder of its book")
    parser.add_argument("--public-url", default="", help="the origin that browsers see; host and port unless told")
    parser.add_argument("--webhook-url", default="", type=_web_address, help="where events are sent; none unless told")
    parser.add_argument("--secret-key", type=_secret, required=True, help="the merchant's key for the API")
    parser.add_argument("--webhook-secret", type=_secret, required=True, help="whsec_ and base64, or plain text")
    parser.add_argument("--merchant", default="Palier", help="the name that the bank's page shows")
    parser.add_argument("--slow-seconds", type=float, default=6.0, help="how long the slow card takes")
    return parser.parse_args(arguments)


def _secret(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("a secret cannot be empty")
    try:
        signature(text, "", "", b"")
    except ValueError as error:
        raise argparse.ArgumentTypeError("what follows whsec_ is not base64") from error
    return text


def _web_address(text: str) -> str:
    if text and (urlsplit(text).scheme not in ("http", "https") or not urlsplit(text).hostname):
        raise argparse.ArgumentTypeError(f"{text!r} is not an http address")
    return text


if __name__ == "__main__":
    sys.exit(main())
