"""Sending a letter and drawing an invoice are killed: no letter is lost, at most one is doubled; a document is one.

A death after the mail server's yes and before our note of it sends the letter again: that is counted, and allowed.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from palier.apps.invoices.models import Invoice, InvoiceDocument
from palier.apps.notices.models import Mail
from palier.flows.people import invite
from palier.kit import clock
from palier_stack import ports
from palier_stack.mailcatcher import MailCatcher
from tests.books import assert_balanced
from tests.faults.crash import moments, the_dead_let_go
from tests.faults.plays_of_people import guest
from tests.faults.plays_of_purchases import subscriber
from tests.faults.scenes import an_owner
from tests.faults.sizes import chosen, deaths, spread
from tests.faults.theatre import Theatre
from tests.report.size import sized
from tests.sandbox_process import SandboxProcess


@pytest.fixture
def post(tmp_path: Path) -> Iterator[tuple[MailCatcher, int]]:
    """A mail server of this machine, and its port."""
    port = ports.any_free()
    catcher = MailCatcher(tmp_path / "mails", smtp_port=port, web_port=ports.any_free())
    catcher.start()
    yield catcher, port
    catcher.stop()


def a_letter() -> Mail:
    """An invitation that waits in the outbox."""
    owner = an_owner()
    (invited,) = invite.people(owner.account, owner, [guest()], now=clock.now())
    return Mail.objects.get(key=f"invitation:{invited.public_id}")


def test_a_letter_whose_sender_is_killed_arrives_once_or_twice(post: tuple[MailCatcher, int], stage: Theatre) -> None:
    catcher, port = post
    points = stage.perform("send_letter", mail=a_letter().id, port=port).points
    given = points.index("after SMTP: the letter")
    assert len(points) >= 20

    killed, doubled = sorted({*chosen(points), given, given + 1, given + 2}), 0
    for number in killed:
        letter = a_letter()
        ending = stage.perform("send_letter", die_at=number, mail=letter.id, port=port)
        assert ending.killed, f"nobody died at {points[number]!r}"
        the_dead_let_go()
        for _turn in range(2):  # the rescued job, and once more
            assert not stage.perform("send_letter", mail=letter.id, port=port).killed
        times = arrivals(catcher, letter)
        assert times == 1 or (times == 2 and number >= given), f"killed {points[number]}: it arrived {times} times"
        doubled += times - 1
        assert Mail.objects.get(pk=letter.pk).sent_at is not None
    deaths("send_letter", points, killed, doubled=doubled)


def arrivals(catcher: MailCatcher, letter: Mail) -> int:
    """How many times the mail server has it."""
    found = (catcher.mailbox.message(name) for name in catcher.mailbox.names())
    return sum(message is not None and letter.public_id in str(message["Message-ID"]) for message in found)


def test_an_invoice_whose_drawing_is_killed_has_one_document(stage: Theatre, sandbox: SandboxProcess) -> None:
    stage.rehearse("make_document", invoice=an_invoice(sandbox).id)
    points = stage.perform("make_document", invoice=an_invoice(sandbox).id).points
    killed = spread(points, moments(points), sized(3, len(points), len(points)))
    for number in killed:
        invoice = an_invoice(sandbox)
        assert stage.perform("make_document", die_at=number, invoice=invoice.id).killed
        the_dead_let_go()
        assert not stage.perform("make_document", invoice=invoice.id).killed
        document = InvoiceDocument.objects.get(invoice=invoice)
        assert hashlib.sha256(bytes(document.content)).hexdigest() == document.sha256
    assert_balanced(sandbox)
    deaths("make_document", points, killed)


def an_invoice(sandbox: SandboxProcess) -> Invoice:
    return Invoice.objects.get(account=subscriber(sandbox).account)
