"""Many subscribers at once, each unlike the next, as the product's flows would have left them: rows by the thousand.

Only the past is missing: the first period's invoice is not written, since no renewal reads it.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from palier.apps.accounts.models import Account, BillingProfile, Member, User
from palier.apps.agenda.models import Due
from palier.apps.catalogue import current
from palier.apps.events.models import Event
from palier.apps.payments.models import PaymentMethod
from palier.apps.subscriptions.models import BillingPeriod, SeatEntry, Subscription, SubscriptionItem
from palier.engine.periods import Interval, Period, period_containing
from palier.kit import ids

BUYERS = (
    {"kind": "company", "country": "FR", "postcode": "75004", "city": "Paris"},
    {"kind": "company", "country": "DE", "postcode": "10117", "city": "Berlin", "vat_number": "DE136695976"},
    {"kind": "company", "country": "DE", "postcode": "10117", "city": "Berlin"},
    {"kind": "person", "country": "BE", "postcode": "1000", "city": "Bruxelles"},
    {"kind": "company", "country": "RE", "postcode": "97400", "city": "Saint-Denis"},
    {"kind": "company", "country": "GB", "postcode": "SW1A 1AA", "city": "London"},
    {"kind": "company", "country": "US", "postcode": "94105", "city": "San Francisco", "region": "CA"},
)
"""Taxed in France, reverse charge, without a number, a consumer abroad, overseas, and outside the Union."""

PARIS = ZoneInfo("Europe/Paris")
ANCHORS = (
    datetime(2024, 1, 31, 0, 0, tzinfo=PARIS),
    datetime(2026, 2, 28, 0, 0, tzinfo=PARIS),
    datetime(2024, 3, 31, 0, 0, tzinfo=PARIS),
    datetime(2024, 2, 29, 0, 0, tzinfo=PARIS),
    datetime(2026, 3, 29, 2, 30, tzinfo=PARIS),  # an hour that the clock skips in Paris
    datetime(2025, 10, 26, 2, 30, tzinfo=PARIS),  # an hour that comes twice
    datetime(2026, 1, 1, 0, 0, tzinfo=PARIS),
    datetime(2025, 12, 15, 17, 42, 3, tzinfo=PARIS),
)
"""The days on which calendars break, at their local time in Paris."""


@dataclass(frozen=True)
class Wish:
    """How one subscriber shall be."""

    plan: str = "team"
    interval: str = "month"
    seats: int = 5
    add_on_units: int = 0
    buyer: int | None = 0
    language: str = "en"
    anchor: datetime = ANCHORS[6]
    renews_after: datetime = datetime(2026, 5, 20, tzinfo=UTC)
    card: bool = True
    company: str = "Cabinet Lumière"
    ranked_before: int = 0  # how much lower its plan stood when it was sold


def anyone(chance: random.Random, *, renews_after: datetime) -> Wish:
    """Whoever comes."""
    return Wish(
        plan=chance.choice(["team", "business"]),
        interval=chance.choice(["month", "month", "year"]),
        seats=chance.choice([1, 2, 3, 5, 8, 13, 40, 250]),
        add_on_units=chance.choice([0, 0, 1, 7]),
        buyer=chance.choice([None, *range(len(BUYERS))]),
        language=chance.choice(["en", "fr"]),
        ranked_before=chance.choice([0, 0, 1]),
        anchor=chance.choice(ANCHORS),
        renews_after=renews_after,
        company=chance.choice(["Cabinet Lumière", 'A\\B "C"\tD\nE', "株式会社", "O’Neil & Søns"]),
    )


def subscribers(wishes: Sequence[Wish]) -> list[int]:
    """Create them all, in a fixed number of statements; returns the subscriptions' ids in order."""
    catalogue = current()
    taken = (User.objects.order_by("-id").values_list("id", flat=True).first() or 0) + 1
    accounts, members, cards, subjects = (ids.block(len(wishes)) for _ in range(4))
    rows: dict[type, list[object]] = {}

    def add(row: object) -> None:
        rows.setdefault(type(row), []).append(row)

    for n, wish in enumerate(wishes):
        buyer = {} if wish.buyer is None else BUYERS[wish.buyer]
        country = str(buyer.get("country", "FR"))
        currency = catalogue.currency_for(country)
        made_at = wish.anchor.astimezone(UTC)
        interval = Interval(wish.interval)
        period = period_containing(made_at, interval, max(wish.renews_after, made_at), catalogue.policy.zone)
        add(User(id=taken + n, email=f"crowd{taken + n}@lumiere.example", name="C", language=wish.language))
        add(Account(id=accounts[n], name=wish.company, country=country, currency=currency, created_at=made_at))
        add(Member(id=members[n], account_id=accounts[n], user_id=taken + n, role="owner", joined_at=made_at))
        if wish.buyer is not None:
            email = "" if n % 5 == 0 else f"accounts{n}@lumiere.example"
            details = {"name": wish.company, "address": "8 rue de Rivoli\n2e étage", "email": email}
            add(BillingProfile(account_id=accounts[n], **details, **buyer, saved_at=made_at))
        if wish.card:
            add(_card(cards[n], accounts[n], made_at))
        add(_subscription(subjects[n], accounts[n], currency, made_at, interval, period, catalogue.version_id))
        rank = catalogue.plan(wish.plan).rank
        price = catalogue.price(wish.plan, interval, currency)
        add(_item(subjects[n], "plan", wish.plan, rank - wish.ranked_before, wish.seats, price.monthly_minor))
        seats = {"seats_now": wish.seats, "seats_at_renewal": wish.seats}
        add(SeatEntry(subscription_id=subjects[n], **seats, cause="bought", at=made_at))
        if wish.add_on_units:
            sold = catalogue.add_ons[0]
            monthly = sold.price(interval, currency).monthly_minor
            add(_item(subjects[n], "add_on", sold.key, 0, wish.add_on_units, monthly))
        add(BillingPeriod(subscription_id=subjects[n], period=(period.start, period.end)))
        add(Due(kind="renewal", subject=subjects[n], account_id=accounts[n], due_at=period.end))
        if interval is Interval.YEAR:
            at = period.end - timedelta(days=1)
            add(Due(kind="notice", subject=subjects[n], account_id=accounts[n], due_at=at))
        for fact in _facts(
            accounts[n],
            owner=ids.public_id(Member.id_prefix, members[n]),
            card=ids.public_id(PaymentMethod.id_prefix, cards[n]),
            subject=ids.public_id(Subscription.id_prefix, subjects[n]),
            wish=wish,
            add_on=catalogue.add_ons[0].key if catalogue.add_ons else "",
            at=made_at,
        ):
            add(fact)
    for kind, its in rows.items():
        kind._default_manager.bulk_create(its, batch_size=2_000)  # type: ignore[attr-defined]
    return list(subjects)


def _facts(
    account_id: int, *, owner: str, card: str, subject: str, wish: Wish, add_on: str, at: datetime
) -> list[Event]:
    """What the journal says of one subscriber's beginning."""
    units = f", {add_on} {wish.add_on_units}" if wish.add_on_units else ""
    told: list[tuple[str, str, str, dict[str, Any]]] = [("account.opened", owner, "owner", {"member": owner})]
    if wish.buyer is not None:
        told.append(("billing_details.saved", owner, "owner", {}))
    if wish.card:
        told.append(("card.kept", "gateway", "gateway", {"method": card}))
    holds = {"after": {subject: f"{wish.plan} {wish.interval} {wish.seats}{units}"}}
    told.append(("order.settled", "gateway", "gateway", holds))
    return [
        Event(account_id=account_id, kind=kind, author=author, role=role, payload=payload, at=at)
        for kind, author, role, payload in told
    ]


def _card(card_id: int, account_id: int, at: datetime) -> PaymentMethod:
    known = {"brand": "visa", "last4": "4242", "expiry_month": 12, "expiry_year": 2034}
    return PaymentMethod(
        id=card_id,
        account_id=account_id,
        gateway="sandbox",
        token=f"card_{card_id}",
        is_default=True,
        added_at=at,
        **known,
    )


def _subscription(
    subject: int, account_id: int, currency: str, at: datetime, interval: Interval, period: Period, version: int
) -> Subscription:
    return Subscription(
        id=subject,
        account_id=account_id,
        interval=interval.value,
        currency=currency,
        anchor_at=at,
        period_start=period.start,
        period_end=period.end,
        catalogue_version_id=version,
        started_at=at,
    )


def _item(subject: int, kind: str, key: str, rank: int, quantity: int, monthly_minor: int) -> SubscriptionItem:
    return SubscriptionItem(
        subscription_id=subject, kind=kind, key=key, rank=rank, quantity=quantity, monthly_minor=monthly_minor
    )
