"""A mail server on its bad days: it has a script for each letter, one line for each time that the letter comes."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from typing import Any, Final

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from palier_stack import ports

BAD_DAYS: Final = (
    "no_connection",  # it hangs up before it says hello
    "hangs_up_on_the_letter",  # it takes all bytes and goes away without a word: nothing was kept
    "keeps_and_hangs_up",  # it keeps the letter and goes away without a word
    "later_for_the_reader",  # 450 to RCPT
    "later_for_the_letter",  # 451 to DATA
    "never_for_the_reader",  # 550 to RCPT
    "never_for_the_letter",  # 554 to DATA
    "slow",  # answers after a moment
)


class BadServer:
    """What it was sent, what it kept, and what it does next. ``scripts`` is by recipient."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.scripts: dict[str, list[str]] = defaultdict(list)
        self.kept: Counter[str] = Counter()
        self.kept_in_silence: Counter[str] = Counter()
        self.happened: Counter[str] = Counter()
        self.identities: dict[str, set[str]] = defaultdict(set)

    def next_for(self, recipient: str) -> str:
        """The line of the script that is played when this letter comes again."""
        script = self.scripts[recipient]
        return script[0] if script else ""

    def played(self, recipient: str) -> str:
        """The line is over. "for_ever" as the last line of a script keeps the one before it."""
        script = self.scripts[recipient]
        line = script[0]
        if script[1:] != ["for_ever"]:
            script.pop(0)
        self.happened[line] += 1
        return line


class _Handler:
    def __init__(self, server: BadServer) -> None:
        self._server = server

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, smtp: SMTP, _session: object, envelope: Any, address: str, _options: list[str]
    ) -> str:
        match self._server.next_for(address):
            case "no_connection":
                self._server.played(address)
                _hang_up(smtp)
                return "421 Gone"
            case "later_for_the_reader" | "never_for_the_reader" as line:
                self._server.played(address)
                return "450 Not now" if line.startswith("later") else "550 Nobody here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, smtp: SMTP, _session: object, envelope: Any) -> str:  # noqa: N802
        (reader,) = envelope.rcpt_tos
        identity = str(message_from_bytes(envelope.content)["Message-ID"])
        self._server.identities[reader].add(identity)
        line = self._server.played(reader) if self._server.next_for(reader) else ""
        match line:
            case "hangs_up_on_the_letter":
                _hang_up(smtp)
                return "421 Gone"
            case "later_for_the_letter":
                return "451 Not now"
            case "never_for_the_letter":
                return "554 Refused"
            case "slow":
                await asyncio.sleep(0.05)
        self._server.kept[identity] += 1
        if line == "keeps_and_hangs_up":
            self._server.kept_in_silence[identity] += 1
            _hang_up(smtp)
        return "250 Kept"


def _hang_up(smtp: SMTP) -> None:
    assert isinstance(smtp.transport, asyncio.WriteTransport)
    smtp.transport.abort()


@contextmanager
def bad_mail_server() -> Iterator[BadServer]:
    """A running one."""
    port = ports.any_free()
    server = BadServer(port)
    controller = Controller(_Handler(server), hostname=ports.LOOPBACK, port=port, ready_timeout=60)
    controller.start()
    yield server
    controller.stop()
