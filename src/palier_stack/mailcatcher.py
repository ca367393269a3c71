"""A mail server that delivers to nobody: it keeps every message as a file and shows it on a small web page.

`python -m palier_stack.mailcatcher --smtp-port 1025 --web-port 8025 --folder DIR`

For tests, GET /api/mails answers all mails as JSON, the newest first (`?to=` filters by recipient); DELETE /api/mails
forgets them.
"""

import argparse
import json
import signal
import threading
import time
from email import message_from_bytes, policy
from email.message import EmailMessage
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from aiosmtpd.controller import Controller

from palier_stack import mail_pages, ports

STRICT_PAGE = "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; frame-ancestors 'self'"
READY_SECONDS = 60
FOREIGN_HTML = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox allow-popups"


class Mailbox:
    """A folder with one file per message; the name is the time of arrival and a counter, so that names sort by age."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.folder.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._count = 0

    def keep(self, content: bytes, recipients: list[str]) -> None:
        """Stores the message with the recipients of its envelope; appears at once and whole."""
        with self._lock:
            self._count += 1
            name = f"{time.time_ns():020d}-{self._count:05d}"
        fresh = self.folder / f"{name}.new"
        fresh.write_bytes(f"X-Envelope-To: {', '.join(recipients)}\r\n".encode() + content)
        fresh.rename(self.folder / f"{name}.eml")

    def names(self) -> list[str]:
        """The newest first."""
        return sorted((path.stem for path in self.folder.glob("*.eml")), reverse=True)

    def message(self, name: str) -> EmailMessage | None:
        """One message; None when there is none of that name."""
        path = self.folder / f"{name}.eml"
        if not name.replace("-", "").isdecimal() or not path.is_file():
            return None
        return message_from_bytes(path.read_bytes(), policy=policy.default)

    def is_to(self, name: str, wanted: str) -> bool:
        """Whether a message went to this address, in lower case: by its first line, which ``keep`` wrote."""
        try:
            with (self.folder / f"{name}.eml").open("rb") as file:
                _, _, recipients = file.readline().decode(errors="replace").partition(":")
        except FileNotFoundError:  # forgotten meanwhile
            return False
        return wanted in (part.strip().lower() for part in recipients.split(","))

    def forget(self) -> None:
        """Removes all messages."""
        for path in self.folder.glob("*.eml"):
            path.unlink(missing_ok=True)


def body(message: EmailMessage, kind: str) -> str:
    """The text (`plain`) or the page (`html`) of a message; empty when it has none."""
    part = message.get_body((kind,))
    return str(part.get_content()) if part is not None else ""


def as_json(name: str, message: EmailMessage) -> dict[str, Any]:
    """A message as the tests read it."""
    return {
        "id": name,
        "from": str(message["From"] or ""),
        "to": [part.strip() for part in str(message["X-Envelope-To"] or "").split(",") if part.strip()],
        "subject": str(message["Subject"] or ""),
        "text": body(message, "plain"),
        "html": body(message, "html"),
        "attachments": [part.get_filename() or "" for part in message.iter_attachments()],
    }


class _Receiver:
    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        self._mailbox.keep(envelope.content, list(envelope.rcpt_tos))
        return "250 Kept"


def pages_of(mailbox: Mailbox) -> type[BaseHTTPRequestHandler]:
    """The web pages and the JSON of one mailbox."""

    class Pages(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            address = urlsplit(self.path)
            match address.path.strip("/").split("/"):
                case [""]:
                    rows = [
                        (name, as_json(name, found)) for name in mailbox.names() if (found := mailbox.message(name))
                    ]
                    self._page(mail_pages.inbox(rows))
                case ["api", "mails"]:
                    wanted = parse_qs(address.query).get("to", [""])[0].lower()
                    self._json(wanted)
                case ["mails", name] if found := mailbox.message(name):
                    self._page(mail_pages.mail(as_json(name, found)))
                case ["mails", name, "html"] if found := mailbox.message(name):
                    self._answer(body(found, "html").encode(), "text/html; charset=utf-8", FOREIGN_HTML)
                case ["mails", name, "attachments", place] if found := mailbox.message(name):
                    self._attachment(found, place)
                case _:
                    self._answer(b"No such mail", "text/plain", STRICT_PAGE, HTTPStatus.NOT_FOUND)

        def do_DELETE(self) -> None:
            if self.path == "/api/mails":
                mailbox.forget()
                self._answer(b"{}", "application/json", STRICT_PAGE)
            else:
                self._answer(b"Not found", "text/plain", STRICT_PAGE, HTTPStatus.NOT_FOUND)

        def _json(self, wanted: str) -> None:
            names = (name for name in mailbox.names() if not wanted or mailbox.is_to(name, wanted))
            mails = [as_json(name, found) for name in names if (found := mailbox.message(name))]
            self._answer(json.dumps({"mails": mails}).encode(), "application/json", STRICT_PAGE)

        def _attachment(self, message: EmailMessage, place: str) -> None:
            parts = list(message.iter_attachments())
            if not place.isdecimal() or int(place) >= len(parts):
                self._answer(b"No such attachment", "text/plain", STRICT_PAGE, HTTPStatus.NOT_FOUND)
                return
            content = parts[int(place)].get_content()
            raw = content if isinstance(content, bytes) else str(content).encode()
            self._answer(raw, parts[int(place)].get_content_type(), FOREIGN_HTML)

        def _page(self, page: str) -> None:
            self._answer(page.encode(), "text/html; charset=utf-8", STRICT_PAGE)

        def _answer(self, content: bytes, kind: str, safety: str, status: HTTPStatus = HTTPStatus.OK) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Content-Security-Policy", safety)
            self.send_header("X-Content-Type-Options", "nosniff")
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *arguments: object) -> None:
            """Requests for pages are not worth a log line."""

    return Pages


class MailCatcher:
    """Both servers in this process."""

    def __init__(self, folder: Path, *, smtp_port: int, web_port: int) -> None:
        self.mailbox = Mailbox(folder)
        self._smtp = Controller(
            _Receiver(self.mailbox), hostname=ports.LOOPBACK, port=smtp_port, ready_timeout=READY_SECONDS
        )
        self._web = ThreadingHTTPServer((ports.LOOPBACK, web_port), pages_of(self.mailbox))
        self._thread = threading.Thread(target=self._web.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def start(self) -> None:
        """Returns when both listen."""
        self._smtp.start()
        self._thread.start()

    def stop(self) -> None:
        """Frees both ports."""
        self._smtp.stop()
        self._web.shutdown()
        self._web.server_close()
        self._thread.join()


def main() -> None:
    """Runs until SIGTERM or Ctrl-C."""
    parser = argparse.ArgumentParser(
        prog="python -m palier_stack.mailcatcher", description="Keeps mails, delivers none."
    )
    parser.add_argument("--smtp-port", type=int, required=True)
    parser.add_argument("--web-port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    chosen = parser.parse_args()
    signals = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    catcher = MailCatcher(chosen.folder, smtp_port=chosen.smtp_port, web_port=chosen.web_port)
    catcher.start()
    signal.sigwait(signals)
    catcher.stop()


if __name__ == "__main__":
    main()
