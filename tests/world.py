"""A small world for tests: a published catalogue, an account with the fixed cast, cards that pay or do not.

Nothing here goes around the program: accounts, quotes, orders and payments are made by the same flows that the screens
call, cards are typed into the sandbox's own fields, and the sandbox runs in its own process.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from django.conf import settings
from django.db.models import Max
from procrastinate.contrib.django.models import ProcrastinateJob

from palier.apps.accounts import actions as accounts
from palier.apps.accounts.models import Account, Member, Operator, Role, User
from palier.apps.catalogue import current, parse, versions
from palier.apps.gateways import gateway
from palier.apps.orders.models import Order, Quote
from palier.apps.payments.models import Payment
from palier.flows import collect, details, order, quote
from palier.flows.change import Choice
from palier.flows.order import Evidence
from palier.flows.people import members, signup
from tests.sandbox_process import SandboxProcess

ROOT = Path(__file__).resolve().parent.parent
NOON = datetime(2026, 6, 1, 10, 0, tzinfo=UTC)
"""The first of a 30-day month, noon in Paris: a subscription bought now renews on 1 July."""

GOOD = "4242 4242 4242 4242"
DECLINED = "4000 0000 0000 0002"
NEEDS_3DS = "4000 0025 0000 3155"
LATER_POOR = "4000 0000 0000 0341"
LATER_LOST = "4000 0000 0000 0259"
LATER_POOR_TWICE = "4000 0000 0000 0226"
LATER_ASKS = "4000 0038 0000 0446"
"""Accepted while the customer is at the screen; a renewal meets no funds, a lost card, no funds twice, 3-D Secure."""

PASSWORD = "a-long-test-password"

DETAILS = {
    "kind": "company",
    "name": "Cabinet Lumière",
    "address": "8 rue de Rivoli",
    "postcode": "75004",
    "city": "Paris",
    "region": "",
    "country": "FR",
    "vat_number": "",
    "email": "compta@lumiere.example",
    "po_number": "PO-7",
}
"""A French company: 20 % VAT."""

GERMAN = {
    **DETAILS,
    "name": "Lichtblick GmbH",
    "address": "Unter den Linden 1",
    "postcode": "10117",
    "city": "Berlin",
    "country": "DE",
    "vat_number": "DE136695976",
}
"""A German company with a valid VAT number: reverse charge."""


def publish(text: str | None = None, *, now: datetime = NOON) -> int:
    """Publish the repository's catalogue, or the given text; returns the version's number."""
    sheetful = _repositorys() if text is None else parse.toml(text, folder=ROOT)
    return versions.publish(sheetful, now=now).number


@cache
def _repositorys() -> parse.Sheetful:
    """Read once in a run: nobody writes into the file or into what was read."""
    return parse.file(ROOT / "catalogue.toml")


@dataclass(frozen=True)
class Cast:
    """An account and everybody who may knock at a URL."""

    account: Account
    owner: Member
    billing_admin: Member
    admin: Member
    member: Member
    stranger: Member  # the owner of another account


def person(email: str, name: str, *, language: str = "en") -> User:
    """A user who can log in with PASSWORD."""
    user = User(email=email, name=name, language=language)
    user.set_password(PASSWORD)
    user.save()
    return user


def operator(email: str = "team@seller.example", name: str = "Tess Team", *, now: datetime = NOON) -> Operator:
    """One of the operator's people."""
    return accounts.join_team(person(email, name), now=now)


def cast(*, country: str = "FR", language: str = "en", now: datetime = NOON) -> Cast:
    """A fresh account on the free plan with four members, and a stranger."""
    owner = signup.open_account(
        person("owner@lumiere.example", "Odile Owner", language=language),
        company="Cabinet Lumière",
        country=country,
        language=language,
        now=now,
    )
    account = owner.account
    roles = {role: f"{role}@lumiere.example" for role in (Role.BILLING_ADMIN, Role.ADMIN, Role.MEMBER)}
    others = {
        role: signup.join(account, person(email, f"{role.label} Person", language=language), role, now=now)
        for role, email in roles.items()
    }
    stranger = signup.open_account(
        person("stranger@elsewhere.example", "Stella Stranger", language=language),
        company="Elsewhere Ltd",
        country="GB",
        language=language,
        now=now,
    )
    return Cast(
        account=account,
        owner=owner,
        billing_admin=others[Role.BILLING_ADMIN],
        admin=others[Role.ADMIN],
        member=others[Role.MEMBER],
        stranger=stranger,
    )


def without_billing_admin(cast: Cast) -> None:
    """The billing admin becomes a member: a lower plan has no such role."""
    if Member.objects.filter(pk=cast.billing_admin.pk, role=Role.BILLING_ADMIN).exists():
        members.change_role(cast.billing_admin, cast.owner, Role.MEMBER, now=NOON)


def fresh(account: Account) -> Account:
    """The account as it is stored now."""
    return Account.objects.get(pk=account.pk)


def evidence(language: str = "en") -> Evidence:
    """The terms of today's catalogue, accepted."""
    terms = current().terms
    return Evidence(
        terms_version=terms.version,
        terms_sha256=terms.sha256(language),
        button_text="Pay",
        language=language,
        address="192.0.2.7",
        browser="tests",
    )


def quoted(
    member: Member, plan: str = "team", interval: str = "month", seats: int = 5, *, now: datetime = NOON
) -> Quote:
    """Billing details saved once, and a quote kept."""
    if not hasattr(fresh(member.account), "billing_profile"):
        details.save(member.account, member, DETAILS, now=now)
    return quote.make(fresh(member.account), member, Choice(plan, interval, seats), now=now)


def type_card(sandbox: SandboxProcess, kept: Quote, number: str = GOOD, *, expiry: str = "") -> None:
    """Type a card into the gateway's fields for the next payment of a quote."""
    reference = order.card_reference(kept, kept.member)
    fields = gateway().card_fields_url(reference, locale="en", parent_origin=settings.BASE_URL)
    expiry = expiry or expiry_of(kept.account)
    assert sandbox.type_card(fields, number, expiry=expiry).status_code in (200, 303)


def expiry_of(account: Account) -> str:
    """Of an account's cards: what a bank says of one card, all accounts hear, and test numbers are few."""
    place = Account.objects.filter(pk__lt=account.pk).count()
    return f"{12 - place % 12:02}/{34 + place // 12 % 40}"


def placed(sandbox: SandboxProcess, kept: Quote, number: str = GOOD, *, now: datetime = NOON) -> Order:
    """A card typed and Pay pressed."""
    type_card(sandbox, kept, number)
    return order.place(kept, member=kept.member, card="new", evidence=evidence(), now=now)


def collected(accepted: Order, *, now: datetime = NOON) -> Payment:
    """What the worker does with the order's last payment."""
    payment = accepted.payments.latest("attempt")
    collect.payment(payment.id, now=now)
    return Payment.objects.get(pk=payment.id)


def order_of(payment: Payment) -> Order:
    """The order that a payment is for."""
    assert payment.order is not None
    return payment.order


def looked_after(*, now: datetime = NOON) -> int:
    """What the clock starts, and what the worker then does about each payment that is due; returns how many."""
    before = ProcrastinateJob.objects.aggregate(last=Max("id"))["last"] or 0
    due = collect.unknown(now=now)
    for job in ProcrastinateJob.objects.filter(task_name="collect_payment", id__gt=before):
        collect.payment(job.args["payment_id"], now=now)
    return due


def bought(
    sandbox: SandboxProcess,
    member: Member,
    plan: str = "team",
    interval: str = "month",
    seats: int = 5,
    *,
    now: datetime = NOON,
) -> Order:
    """A whole purchase: quoted, paid with a good card, settled."""
    accepted = placed(sandbox, quoted(member, plan, interval, seats, now=now), now=now)
    collected(accepted, now=now)
    return Order.objects.get(pk=accepted.pk)
