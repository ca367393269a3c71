"""What an account's billing looks like now: beside a conversation, for the operator's people.

Two statements beside the catalogue's, whatever the account has: its facts, as every price is computed from them, and
what else is of use to somebody who answers.
"""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db import connection

from palier.apps.accounts.models import BUYERS, Account, Member, Role
from palier.apps.catalogue import Plan
from palier.apps.events.models import SILENT
from palier.apps.payments.models import BRANDS
from palier.apps.subscriptions.access import Access, access
from palier.apps.subscriptions.seats import Seats
from palier.flows import upcoming
from palier.flows.facts import Facts, facts_of
from palier.flows.upcoming import Upcoming
from palier.kit import ids

LAST_INVOICES: Final = 5
LAST_FACTS: Final = 6
MOST_PEOPLE: Final = 8
"""So many people are named, those who buy and invite first."""

_BESIDE: Final = f"""
SELECT jsonb_build_object(
    'invited', (SELECT count(*) FROM accounts_invitation
        WHERE account_id = %(account)s AND accepted_at IS NULL AND expires_at > %(at)s),
    'travelling', EXISTS (SELECT FROM accounts_travel WHERE account_id = %(account)s AND state = 'travelling'),
    'invoices', (SELECT jsonb_agg(to_jsonb(found) ORDER BY found.issued_at DESC, found.id DESC) FROM (
        SELECT i.id, i.number, i.state, i.currency, i.total_minor, i.issued_at, i.issued_on, i.due_on,
            c.state AS pursuit, c.failures, c.next_try_at, c.grace_ends_at, c.gives_up_at
        FROM invoices_invoice i LEFT JOIN payments_collection c ON c.invoice_id = i.id
        WHERE i.account_id = %(account)s ORDER BY i.issued_at DESC, i.id DESC LIMIT %(invoices)s) found),
    'failure', (SELECT to_jsonb(found) FROM (
        SELECT p.reason, coalesce(p.resolved_at, p.started_at) AS at, p.amount_minor, p.currency, p.on_session,
            m.brand, m.last4, i.number
        FROM payments_payment p JOIN payments_paymentmethod m ON m.id = p.method_id
        LEFT JOIN invoices_invoice i ON i.id = p.invoice_id
        WHERE p.account_id = %(account)s AND p.state = 'failed' ORDER BY p.id DESC LIMIT 1) found),
    'pending', (SELECT state FROM payments_payment
        WHERE account_id = %(account)s AND state NOT IN ('failed', 'succeeded') ORDER BY id DESC LIMIT 1),
    'card', (SELECT to_jsonb(m) FROM payments_paymentmethod m WHERE m.account_id = %(account)s AND m.is_default),
    'people', (SELECT jsonb_agg(to_jsonb(found) ORDER BY found.place, found.joined_at) FROM (
        SELECT m.id, u.name, u.email, m.role, m.joined_at, array_position(%(roles)s, m.role::text) AS place
        FROM accounts_member m JOIN accounts_user u ON u.id = m.user_id
        WHERE m.account_id = %(account)s AND m.deactivated_at IS NULL
        ORDER BY place, m.joined_at LIMIT %(people)s) found),
    'history', (SELECT jsonb_agg(to_jsonb(found) ORDER BY found.id DESC) FROM (
        SELECT e.id, e.at, e.kind, e.payload, e.author, e.role, coalesce(u.name, '') AS name FROM events_event e
        LEFT JOIN accounts_member m ON m.account_id = e.account_id
            AND m.id = {ids.parsed_in_sql(Member.id_prefix, "e.author")}
        LEFT JOIN accounts_user u ON u.id = m.user_id
        WHERE e.account_id = %(account)s AND e.kind <> ALL(%(silent)s) ORDER BY e.id DESC LIMIT %(facts)s) found))
"""  # noqa: S608 - put together from constants
_ROLES: Final = [Role.OWNER, Role.BILLING_ADMIN, Role.ADMIN, Role.MEMBER, Role.RESTRICTED_MEMBER]


@dataclass(frozen=True, slots=True)
class SeenInvoice:
    """One of the last invoices, minor units; ``pursuit`` is the state of its collection ("": never pursued)."""

    number: str
    state: str
    currency: str
    total_minor: int
    issued_on: date
    due_on: date
    pursuit: str
    failures: int
    next_try_at: datetime | None
    grace_ends_at: datetime | None
    gives_up_at: datetime | None


@dataclass(frozen=True, slots=True)
class Failure:
    """The last payment that failed, minor units. ``reason`` is a code of ``apps.gateways.reasons``; ``number`` is the
    invoice's ("": it was for an order); ``on_session``: the customer was at the screen."""

    reason: str
    at: datetime
    amount_minor: int
    currency: str
    card: str
    number: str
    on_session: bool


@dataclass(frozen=True, slots=True)
class SeenCard:
    """The card that renewals are charged to; ``expired`` at the account's own instant."""

    recognised_by: str
    expiry_month: int
    expiry_year: int
    expired: bool


@dataclass(frozen=True, slots=True)
class SeenFact:
    """Something that happened: its kind, what of it (a reason or the kind of a change, or ""), and who did it."""

    at: datetime
    kind: str
    what: str
    author: str
    role: str
    name: str


@dataclass(frozen=True, slots=True)
class SeenPerson:
    """Somebody of the account."""

    name: str
    email: str
    role: str

    @property
    def buys(self) -> bool:
        return self.role in BUYERS


@dataclass(frozen=True, slots=True)
class Beside:
    """``now`` is the account's own instant, where its test clock stands. ``plan``: None on the free plan or after the
    end; ``renewals`` says what each subscription will be; ``pending`` is the state of a payment that is not over ("":
    none)."""

    account: Account
    now: datetime
    facts: Facts
    access: Access
    plan: Plan | None
    seats: Seats | None
    renewals: tuple[Upcoming, ...]
    invoices: tuple[SeenInvoice, ...]
    failure: Failure | None
    pending: str
    card: SeenCard | None
    people: tuple[SeenPerson, ...]
    history: tuple[SeenFact, ...]
    travelling: bool

    @property
    def unnamed(self) -> int:
        """How many people more there are than are named."""
        return max(0, self.facts.active_members - len(self.people))


def of(account: Account, *, now: datetime) -> Beside:
    """An account's billing at the present ``now``, which is seen at the account's own time."""
    own = now + account.clock_ahead
    facts = facts_of(account, now=own)
    with connection.cursor() as cursor:
        cursor.execute(
            _BESIDE,
            {
                "account": account.pk,
                "at": own,
                "invoices": LAST_INVOICES,
                "people": MOST_PEOPLE,
                "facts": LAST_FACTS,
                "silent": list(SILENT),
                "roles": [role.value for role in _ROLES],
            },
        )
        found = json.loads(cursor.fetchone()[0])
    return Beside(
        account=account,
        now=own,
        facts=facts,
        access=_access(facts, own),
        plan=_plan(facts, own),
        seats=_seats(facts, found["invited"]),
        renewals=tuple(upcoming.of(facts, held) for held in facts.held),
        invoices=tuple(_invoice(each) for each in found["invoices"] or ()),
        failure=_failure(found["failure"]) if found["failure"] else None,
        pending=found["pending"] or "",
        card=_card(found["card"], own) if found["card"] else None,
        people=tuple(SeenPerson(each["name"], each["email"], each["role"]) for each in found["people"] or ()),
        history=tuple(_fact(each) for each in found["history"] or ()),
        travelling=found["travelling"],
    )


def _access(facts: Facts, now: datetime) -> Access:
    return access(
        live_states=[held.subscription.state for held in facts.held],
        had_before=facts.had_before,
        trial_ends_at=facts.trial.ends_at if facts.trial else None,
        closed_at=facts.account.closed_at,
        now=now,
    )


def _plan(facts: Facts, now: datetime) -> Plan | None:
    """What is held, or tried."""
    if facts.current is not None:
        return facts.catalogue.plan(facts.current.state.plan.price.key)
    trial = facts.tries(now)
    return facts.catalogue.plan(trial.plan) if trial else None


def _seats(facts: Facts, invited: int) -> Seats | None:
    """As ``apps.subscriptions.seats`` counts them, from facts that are known already."""
    if not facts.held:
        return None
    stay = facts.renewing or facts.held
    reduced = {held.interval: change.quantity for held in stay for change in held.waiting if change.kind == "seats"}
    return Seats(
        bought=facts.seats,
        used=facts.active_members,
        invited=invited,
        at_renewal=sum(reduced.get(held.interval, held.seats) for held in stay),
    )


def _invoice(found: dict[str, Any]) -> SeenInvoice:
    return SeenInvoice(
        number=found["number"],
        state=found["state"],
        currency=found["currency"],
        total_minor=found["total_minor"],
        issued_on=date.fromisoformat(found["issued_on"]),
        due_on=date.fromisoformat(found["due_on"]),
        pursuit=found["pursuit"] or "",
        failures=found["failures"] or 0,
        next_try_at=_instant(found["next_try_at"]),
        grace_ends_at=_instant(found["grace_ends_at"]),
        gives_up_at=_instant(found["gives_up_at"]),
    )


def _failure(found: dict[str, Any]) -> Failure:
    return Failure(
        reason=found["reason"],
        at=datetime.fromisoformat(found["at"]),
        amount_minor=found["amount_minor"],
        currency=found["currency"],
        card=_recognised(found),
        number=found["number"] or "",
        on_session=found["on_session"],
    )


def _fact(found: dict[str, Any]) -> SeenFact:
    about = found["payload"]
    return SeenFact(
        at=datetime.fromisoformat(found["at"]),
        kind=found["kind"],
        what=str(about.get("reason", about.get("what", ""))),
        author=found["author"],
        role=found["role"],
        name=found["name"],
    )


def _card(found: dict[str, Any], now: datetime) -> SeenCard:
    month, year = found["expiry_month"], found["expiry_year"]
    return SeenCard(_recognised(found), month, year, expired=(now.year, now.month) > (year, month))


def _recognised(found: dict[str, Any]) -> str:
    return f"{BRANDS.get(found['brand'], found['brand'])} •••• {found['last4']}"


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
