"""What must be true of one account's whole life, whatever happened in it: time, seats, agenda and letters."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from palier.apps.accounts.models import Account
from palier.apps.agenda.models import Due, Failure
from palier.apps.invoices.models import Invoice, InvoiceLine
from palier.apps.notices.models import Mail
from palier.apps.orders.models import Order
from palier.apps.payments.models import UNRESOLVED, Payment
from palier.apps.subscriptions.models import SeatEntry, Subscription
from palier.flows import facts, upcoming
from palier.flows.agenda import FLOWS

INSTANT = timedelta(seconds=1)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Span:
    """A half-open part of time."""

    start: datetime
    end: datetime


def assert_every_period_billed_once(account: Account) -> None:
    """From the first day to the day until which it is paid, a subscription's periods follow each other without a hole
    or an overlap; and at every instant of them exactly what it held was charged, credits counted."""
    for subscription in Subscription.objects.filter(account=account):
        spans = [Span(row.period.lower, row.period.upper) for row in subscription.periods.order_by("period")]
        assert spans or subscription.end_reason, f"{subscription} was never billed"
        for one, following in pairwise(spans):
            assert one.end == following.start, f"{subscription}: {one.end} is not followed but by {following.start}"
        if spans and subscription.state != "ended":
            assert spans[-1] == Span(subscription.period_start, subscription.period_end)
        lines = list(InvoiceLine.objects.filter(subscription=subscription))
        for span in spans:
            _charged_throughout(subscription, span, lines)


def _charged_throughout(subscription: Subscription, span: Span, lines: list[InvoiceLine]) -> None:
    """Each part of a billed period is charged; its last instant for the seats that were held then."""
    edges = {span.start, span.end} | {
        edge for line in lines for edge in (line.period_start, line.period_end) if span.start < edge < span.end
    }
    for start in sorted(edges - {span.end}):
        charged = _units_at(lines, start)
        assert min(charged.values(), default=0) >= 0, f"{subscription}: more was credited than charged at {start}"
        assert sum(n for (kind, _key), n in charged.items() if kind == "plan") > 0, f"{subscription}: hole at {start}"
    last = _units_at(lines, span.end - INSTANT)
    plans = {key: n for (kind, key), n in last.items() if kind == "plan" and n}
    assert len(plans) == 1, f"{subscription}: {plans} charged at the end of {span}"
    held = _seats_at(subscription, span.end - INSTANT)
    (charged_for,) = plans.values()
    if charged_for != held:  # the last day counts as used: what is added then costs nothing before the renewal
        held = _seats_at(subscription, span.end - DAY)
    assert charged_for == held, f"{subscription}: {held} seats held, {plans} charged until {span.end}"
    if subscription.state != "ended" and span.end == subscription.period_end:
        items = {(item.kind, item.key): item.quantity for item in subscription.items.all()}
        assert {unit: n for unit, n in last.items() if n} == items


def _units_at(lines: list[InvoiceLine], instant: datetime) -> Counter[tuple[str, str]]:
    """What was charged for an instant, less what was credited, by kind and key."""
    units: Counter[tuple[str, str]] = Counter()
    for line in lines:
        if line.period_start <= instant < line.period_end:
            units[line.item_kind, line.key] += line.quantity if line.kind == "charge" else -line.quantity
    return units


def _seats_at(subscription: Subscription, instant: datetime) -> int:
    """By the journal; a subscription that ends at an instant held its seats just before."""
    entry = SeatEntry.objects.filter(subscription=subscription, at__lte=instant).exclude(seats_now=0).latest("id")
    return entry.seats_now


def assert_seats_agree(account: Account, *, now: datetime) -> None:
    """The last line of each seat journal says what is held now, and what the next renewal will charge."""
    known = facts.facts_of(account, now=now)
    alive = {held.subscription.id: held for held in known.held}
    for subscription in Subscription.objects.filter(account=account):
        last = subscription.seat_journal.latest("id")
        held = alive.get(subscription.id)
        expected = (held.seats, upcoming.of(known, held).seats) if held else (0, 0)
        assert last.seats_now == expected[0], f"{subscription}: journal {last}, held {expected}"
        if held is None or not held.cancels:
            assert last.seats_at_renewal == expected[1], f"{subscription}: journal {last}, at renewal {expected}"


def assert_nothing_left_behind(account: Account, *, now: datetime) -> None:
    """Nothing is overdue, failed or half asked; every live subscription has its one renewal ahead, no other has any."""
    overdue = Due.objects.filter(account_id=account.id, due_at__lte=now, kind__in=FLOWS)
    assert not overdue.exists(), [str(row) for row in overdue]
    assert not Failure.objects.filter(account_id=account.id, resolved_at=None).exists()
    waiting = Payment.objects.filter(account=account, state__in=UNRESOLVED).exclude(state="action_required")
    assert not waiting.exists(), list(waiting)
    renewals = dict(Due.objects.filter(account_id=account.id, kind="renewal").values_list("subject", "due_at"))
    alive = Subscription.objects.alive().filter(account=account)
    assert renewals.keys() == {each.id for each in alive}
    for each in alive:  # a renewal is asked about again, day by day, while what is owed decides whether there is one
        waits = each.state != "active" and renewals[each.id] > each.period_end
        assert waits or renewals[each.id] == each.period_end, f"{each} renews at {renewals[each.id]}"


def assert_told_once(account: Account) -> None:
    """One receipt for each payment that arrived, one letter for each that failed behind the customer's back; each fact
    once."""
    mails = list(Mail.objects.filter(account_id=account.id))
    assert len({mail.key for mail in mails}) == len(mails)
    receipts = {mail.key for mail in mails if mail.key.startswith("receipt:")}
    assert receipts == set(_paid(account))
    for mail in mails:
        assert mail.subject, mail.key
    failed = Payment.objects.filter(account=account, invoice__isnull=False, on_session=False, state="failed")
    failed = failed.exclude(reason="canceled")
    told = [mail for mail in mails if mail.key.startswith("payment_failed:pay_")]
    assert len(told) == failed.count()


def _paid(account: Account) -> Iterator[str]:
    """The key of each receipt that is owed: of settled orders, and of renewals that were paid."""
    for order in Order.objects.filter(account=account, state="settled"):
        yield f"receipt:{order.public_id}"
    ordered = Order.objects.filter(account=account, invoice__isnull=False).values("invoice")
    renewals = Invoice.objects.filter(account=account, state="paid", total_minor__gt=0).exclude(pk__in=ordered)
    for invoice in renewals:
        yield f"receipt:{invoice.public_id}"
