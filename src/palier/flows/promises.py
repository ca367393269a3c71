"""What letters promised about a renewal, and what it came to: a difference is recorded and explained."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import F

from palier.apps.catalogue import Catalogue, current
from palier.apps.events.actions import record
from palier.apps.events.authors import CLOCK
from palier.apps.events.models import Event
from palier.apps.invoices.models import Invoice
from palier.apps.notices import letters_renewal as letters
from palier.apps.notices.models import RenewalPromise
from palier.flows.upcoming import Upcoming
from palier.kit import formats

DIFFERS = "renewal.differs"


def keep(coming: Upcoming, *, now: datetime) -> RenewalPromise | None:
    """Write down what a letter says about a coming renewal; nothing where the subscription ends instead."""
    if coming.preview is None:
        return None
    return RenewalPromise.objects.create(
        subscription=coming.held.subscription,
        period_end=coming.preview.at,
        interval=coming.items[0].price.interval,
        currency=coming.held.subscription.currency,
        net_minor=coming.preview.net_minor,
        total_minor=coming.preview.total_minor,
        items={f"{item.price.kind}:{item.price.key}": item.quantity for item in coming.items},
        told_at=now,
    )


def newest(subscription_ids: Iterable[int]) -> dict[int, RenewalPromise]:
    """What was promised last about the end of the running period of each subscription, by its id."""
    of_now = RenewalPromise.objects.filter(
        subscription__in=list(subscription_ids), period_end=F("subscription__period_end")
    )
    return {promise.subscription_id: promise for promise in of_now.order_by("id")}


def unexplained(promise: RenewalPromise, *, items: dict[str, int], interval: str, net_minor: int) -> bool:
    """Whether another net sum is due for exactly what was promised: nothing that a customer did explains that, and
    nobody has accepted it."""
    same = (promise.items, promise.interval) == (items, interval)
    return same and net_minor not in (promise.net_minor, promise.accepted_minor)


def difference(invoice: Invoice, language: str, *, now: datetime) -> str:
    """Why a renewal's invoice is not the sum that was announced last, as a sentence; nothing where it is, or where
    nothing was announced. The fact is recorded once."""
    found = _broken(invoice)
    if found is None:
        return ""
    promise, charged = found
    if not Event.objects.filter(
        account_id=invoice.account_id, kind=DIFFERS, payload__invoice=invoice.public_id
    ).exists():
        record(
            invoice.account_id,
            DIFFERS,
            by=CLOCK,
            now=now,
            invoice=invoice.public_id,
            promised_minor=promise.total_minor,
            charged_minor=invoice.total_minor,
        )
    catalogue = current()
    return letters.difference(
        language,
        announced=formats.money(promise.total_minor, promise.currency, language),
        told_on=formats.long_day(promise.told_at, language, catalogue.policy.zone),
        changes=_changes(promise, charged, invoice, catalogue, language),
    )


def _broken(invoice: Invoice) -> tuple[RenewalPromise, dict[str, int]] | None:
    lines = [line for line in invoice.lines.all() if line.kind == "charge"]
    if not lines:
        return None
    promise = (
        RenewalPromise.objects.filter(subscription=lines[0].subscription_id, period_end=lines[0].period_start)
        .order_by("-id")
        .first()
    )
    if promise is None or (promise.total_minor, promise.currency) == (invoice.total_minor, invoice.currency):
        return None
    return promise, {f"{line.item_kind}:{line.key}": line.quantity for line in lines}


def _changes(
    promise: RenewalPromise, charged: dict[str, int], invoice: Invoice, catalogue: Catalogue, language: str
) -> list[tuple[str, str, str]]:
    """Each difference as (what, before, now); none of them: the tax."""
    before, after = _plan(promise.items), _plan(charged)
    changes = []
    if before[0] != after[0]:
        names = [catalogue.item_name(plan, language) for plan in (before[0], after[0])]
        changes.append((letters.plan_word(language), names[0], names[1]))
    if before[1] != after[1]:
        changes.append((letters.users_word(language), str(before[1]), str(after[1])))
    for item in sorted({*promise.items, *charged}):
        kind, _, key = item.partition(":")
        units = promise.items.get(item, 0), charged.get(item, 0)
        if kind == "add_on" and units[0] != units[1]:
            changes.append((catalogue.item_name(key, language), str(units[0]), str(units[1])))
    if not changes and promise.net_minor != invoice.net_minor:
        net = [formats.money(sum_, invoice.currency, language) for sum_ in (promise.net_minor, invoice.net_minor)]
        changes.append((letters.price_word(language), net[0], net[1]))
    return changes


def _plan(items: dict[str, int]) -> tuple[str, int]:
    return next((item.removeprefix("plan:"), units) for item, units in items.items() if item.startswith("plan:"))
