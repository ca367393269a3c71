"""What each flow promises, whatever died on the way: one small function a flow, read from both books and the outbox."""

from collections.abc import Mapping

from palier.apps.agenda.models import Due
from palier.apps.invoices.models import Invoice
from palier.apps.ledger.models import Transaction
from palier.apps.orders.models import Order, Quote, SeatRequest
from palier.apps.payments.models import Collection, Payment, PaymentMethod
from palier.apps.subscriptions.models import ScheduledChange, Subscription
from palier.flows.settle_invoice import subscription_ids
from palier.flows.upcoming import DUNNING
from tests.actors import stories
from tests.faults.plays import Play
from tests.sandbox_process import SandboxProcess

Holds = Mapping[str, Mapping[str, int]]
"""What is held in the end: quantities by key, by interval."""


def assert_bought_once(play: Play, sandbox: SandboxProcess, *, quotes: tuple[Quote, ...], holds: Holds) -> None:
    """Of the same change promised in several tabs one is paid, settled, invoiced and told, and is what is held."""
    taken = play.taken(sandbox)
    assert list(taken.values()) == [quotes[0].total_minor], f"taken {len(taken)} times"
    assert not Order.objects.filter(quote__in=quotes, state="open").exists(), "an order is still open"
    order = Order.objects.get(quote__in=quotes, state="settled")
    assert order.payments.get(state="succeeded").public_id in taken, "taken under a key that is not ours"
    invoice = Invoice.objects.get(order=order)
    assert (invoice.state, invoice.total_minor) == ("paid", quotes[0].total_minor)
    assert stories.jobs_of("make_invoice_document", invoice_id=invoice.id) == 1, "its document is not made once"
    assert (play.facts("order.settled"), play.letters("receipt")) == (1, 1), "not told once"
    alive = Subscription.objects.alive().filter(account=play.account)
    assert {held.interval: {item.key: item.quantity for item in held.items.all()} for held in alive} == holds


def assert_seat_approved_once(
    play: Play, sandbox: SandboxProcess, *, asked: SeatRequest, quotes: tuple[Quote, ...], holds: Holds
) -> None:
    """The seat is bought once, and who asked for it is told once."""
    assert_bought_once(play, sandbox, quotes=quotes, holds=holds)
    assert SeatRequest.objects.get(pk=asked.pk).state == "approved"
    assert (play.facts("seat.approved"), play.letters("seat_approved")) == (1, 1), "not told once"


def assert_invoice_paid_once(play: Play, sandbox: SandboxProcess, *, invoice: Invoice) -> None:
    """The money came once, the pursuit is over, access is back, and there is one receipt."""
    taken = play.taken(sandbox)
    assert list(taken.values()) == [invoice.total_minor], f"taken {len(taken)} times"
    assert Payment.objects.get(invoice=invoice, state="succeeded").public_id in taken, "taken under another key"
    assert Invoice.objects.get(pk=invoice.pk).state == "paid"
    assert Collection.objects.get(invoice=invoice).state == "recovered"
    assert not Due.objects.filter(kind__in=DUNNING, subject=invoice.pk).exists(), "still pursued"
    assert stories.jobs_of("make_invoice_document", invoice_id=invoice.pk) == 1
    assert (play.facts("invoice.paid"), play.letters("receipt")) == (1, 1), "not told once"


def assert_access(invoice: Invoice, state: str) -> None:
    """What the invoice bills is in one state."""
    billed = Subscription.objects.filter(pk__in=subscription_ids(invoice))
    assert set(billed.values_list("state", flat=True)) == {state}


def assert_paid_and_open(play: Play, sandbox: SandboxProcess, *, invoice: Invoice) -> None:
    """The open invoice is paid once, and access is what it was."""
    assert_invoice_paid_once(play, sandbox, invoice=invoice)
    assert_access(invoice, "active")


def assert_tried_once_or_paid(play: Play, sandbox: SandboxProcess, *, invoice: Invoice) -> None:
    """The day's try that fails is made, counted and told once, and the next one has its day; or it was paid at the
    screen meanwhile."""
    assert Payment.objects.filter(invoice=invoice, on_session=False).count() <= 2, "tried twice on one day"
    assert play.letters("payment_failed") <= 1, "told twice"
    if Invoice.objects.get(pk=invoice.pk).state == "paid":
        assert_paid_and_open(play, sandbox, invoice=invoice)
        return
    pursuit = Collection.objects.get(invoice=invoice)
    assert (pursuit.state, pursuit.failures, play.letters("payment_failed")) == ("trying", 2, 1)
    assert Due.objects.get(kind="retry", subject=invoice.pk).due_at == pursuit.next_try_at
    assert not play.taken(sandbox)


def assert_suspended_once_or_paid(play: Play, sandbox: SandboxProcess, *, invoice: Invoice) -> None:
    """Access is read-only and that was told once; or the invoice was paid meanwhile, and access is back."""
    told = play.letters("suspended")
    assert told == play.facts("subscription.suspended") <= 1, "told twice"
    if Invoice.objects.get(pk=invoice.pk).state == "paid":
        assert_paid_and_open(play, sandbox, invoice=invoice)
        return
    assert (told, Collection.objects.get(invoice=invoice).state) == (1, "suspended")
    assert_access(invoice, "suspended")
    assert not play.taken(sandbox)


def assert_given_up_once_or_paid(play: Play, sandbox: SandboxProcess, *, invoice: Invoice) -> None:
    """The subscription has ended and the debt is written off once, and told once; or it was paid: before the end, and
    access is back, or after it, and the write-off is taken back."""
    told = play.letters("ended_unpaid")
    posted = Transaction.objects.filter(account_id=play.account.id)
    off = posted.filter(kind="invoice_written_off").count()
    assert told == off == play.facts("subscription.ended") <= 1, "not given up as a whole"
    if Invoice.objects.get(pk=invoice.pk).state == "paid":
        assert_invoice_paid_once(play, sandbox, invoice=invoice)
        assert posted.filter(kind="write_off_reversed").count() == off
    else:
        assert (off, Invoice.objects.get(pk=invoice.pk).state) == (1, "uncollectible")
        assert not play.taken(sandbox)
    assert_access(invoice, "ended" if off else "active")


def assert_card_replaced_and_debt_paid(play: Play, sandbox: SandboxProcess, *, invoice: Invoice, last4: str) -> None:
    """The new card is on file, said so once, and what was open is paid once, with whichever card was first."""
    assert PaymentMethod.objects.get(account=play.account, is_default=True).last4 == last4
    assert play.facts("card.replaced") == 1, "not replaced once"
    assert_paid_and_open(play, sandbox, invoice=invoice)


def assert_card_replaced(play: Play, sandbox: SandboxProcess) -> None:
    """Another card is on file, said so once, and nothing was taken."""
    (known,) = play.before["default"]
    assert PaymentMethod.objects.get(account=play.account, is_default=True).pk not in known
    assert play.facts("card.replaced") == 1, "not replaced once"
    assert not play.taken(sandbox)


def assert_canceled_once(play: Play, sandbox: SandboxProcess) -> None:
    """One end waits, it was confirmed once, and nothing was taken."""
    waiting = ScheduledChange.objects.filter(subscription__account=play.account, state="waiting")
    assert [change.kind for change in waiting] == ["cancel"]
    assert (play.facts("cancellation.scheduled"), play.letters("cancellation_confirmed")) == (1, 1), "not told once"
    assert not play.taken(sandbox)


def assert_withdrawn_once(play: Play, sandbox: SandboxProcess, *, change: ScheduledChange) -> None:
    """Nothing waits any more, that was confirmed once, and nothing was taken."""
    assert ScheduledChange.objects.get(pk=change.pk).state == "withdrawn"
    assert not ScheduledChange.objects.filter(subscription__account=play.account, state="waiting").exists()
    assert (play.facts("change.withdrawn"), play.letters("cancellation_withdrawn")) == (1, 1), "not told once"
    assert not play.taken(sandbox)


def assert_given_back_once(play: Play, sandbox: SandboxProcess, *, late: Payment) -> None:
    """What came too late went back, whole and once; a later attempt on the order goes its own way."""
    refunds = sandbox.book_of((), (late.public_id,))["refunds"]
    assert [row["amount_minor"] for row in refunds] == [late.amount_minor], f"given back {len(refunds)} times"
    assert (play.facts("payment.taken_late"), play.facts("payment.refunded")) == (1, 1), "not noted once"
    assert Payment.objects.get(pk=late.pk).state == "failed"
    assert late.order is not None
    order = Order.objects.get(pk=late.order.pk)
    paid = [payment.public_id for payment in order.payments.filter(state="succeeded")]
    assert list(play.taken(sandbox)) == paid, "taken for an order that is not settled, or the other way round"
    assert order.state == ("settled" if paid else "open")
    assert play.letters("receipt") == len(paid)
