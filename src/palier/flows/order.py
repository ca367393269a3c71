"""Accepting a quote: transaction one of every purchase. The charge itself is ``flows.collect``, in the worker."""

from datetime import datetime

from django.db import transaction
from django.db.models import Count, F, FilteredRelation, OuterRef, Q, Subquery

from palier.apps.accounts.models import Account, BillingProfile, Member
from palier.apps.catalogue import Catalogue, current
from palier.apps.events.actions import record
from palier.apps.gateways import gateway
from palier.apps.orders import actions as orders
from palier.apps.orders.actions import Evidence as Evidence
from palier.apps.orders.models import Order, Quote
from palier.apps.payments import actions as payments
from palier.apps.payments.models import Payment, PaymentMethod, PaymentState
from palier.engine import wire
from palier.engine.lines import LineKind
from palier.flows import attempts, settle
from palier.flows.facts import buyer_of, tax_of
from palier.flows.order_refusals import (
    BillingDetailsMissing,
    CardMissing,
    NoSavedCard,
    OlderCatalogue,
    OrderOfAnother,
    PaymentInProgress,
    QuoteExpired,
    QuoteSuperseded,
    SubscriptionMoved,
    TaxChanged,
    TermsChanged,
    TermsNotAccepted,
)
from palier.flows.quote_refusals import NotABuyer, SeatsBelowMembers
from palier.kit import jobs, writes
from palier.kit.refusals import Refusal


def card_reference(quote: Quote, member: Member) -> str:
    """Under which reference the gateway's card fields keep the next card that a member types to pay.

    New after each attempt, so that another card can be typed at once; the same for a newer quote, so that a card that
    was typed need not be typed again when the price is promised anew; never another member's.
    """
    attempts = Payment.objects.filter(account=quote.account_id).count()
    return f"{quote.account.public_id}.{member.public_id}.{attempts + 1}"


def standing(quote: Quote, *, now: datetime, catalogue: Catalogue | None = None) -> Refusal | None:
    """Why a quote can no longer be paid, or None while its promise holds.

    ``catalogue`` is today's, for who has read it already.
    """
    return _standing(quote, _ground(quote), catalogue or current(), now=now)


def place(quote: Quote, *, member: Member, card: str, evidence: Evidence | None, now: datetime) -> Order:
    """Accept a quote and start its payment; repeated for the same quote, it returns the same order.

    ``card`` is "saved" or "new" (typed into the gateway's fields under ``card_reference``). ``evidence`` is None when
    the terms were not accepted. After a decline, calling again starts the next attempt on the same order. Raises
    refusals, and GatewayUnreachable while nothing is written.
    """
    if not member.may_buy or member.account_id != quote.account_id:
        raise NotABuyer
    order = Order.objects.filter(quote=quote).first()
    if order is not None and not _may_try_again(order):
        return order
    catalogue = current()
    evidence = _accepted_terms(evidence, catalogue)
    try:
        method = _method(quote, member, card, now=now)
    except CardMissing:
        # The other half of a double click may have used the card meanwhile: then its order is the answer.
        order = Order.objects.filter(quote=quote).first()
        if order is not None and not _may_try_again(order):
            return order
        raise
    if method is not None and (refusal := attempts.refusal(method, now=now)):
        raise refusal
    with transaction.atomic():
        Account.objects.locked(quote.account_id)
        quote = _locked(quote)
        order = _order_of(quote)
        if order is not None and not _may_try_again(order):
            return order
        if order is not None and order.member_id != member.id:
            raise OrderOfAnother
        ground = _ground(quote)
        if order is None:
            _close_abandoned(quote, now=now)
        if refusal := _standing(quote, ground, catalogue, now=now):
            raise refusal
        with writes.together():
            attempt = 1 if order is None else order.payments.count() + 1
            order = order or _accept(quote, ground, member, evidence, now=now)
            if quote.total_minor:
                _start(order, method, attempt=attempt, now=now)
        if not quote.total_minor:
            settle.without_payment(order, now=now)
    return order


def withdraw(order: Order, *, now: datetime) -> None:
    """Give up an order whose payment waits for the customer. The slot is freed only by the gateway's own word."""
    payment = order.payments.exclude(state=PaymentState.FAILED).first()
    if payment is not None and payment.state == PaymentState.ACTION_REQUIRED:
        outcome = gateway().cancel(payment.public_id)
        if outcome is not None:
            settle.payment(payment.id, outcome, now=now)


def _locked(quote: Quote) -> Quote:
    """The quote as it is under the account's lock, with its subscription and the order that accepted it, if any."""
    rows = Quote.objects.select_for_update(no_key=True, of=("self",)).select_related("subscription", "order")
    return rows.get(pk=quote.pk)


def _order_of(quote: Quote) -> Order | None:
    return getattr(quote, "order", None)


def _accept(quote: Quote, account: Account, member: Member, evidence: Evidence, *, now: datetime) -> Order:
    profile = _profile(account)
    if profile is None:
        raise BillingDetailsMissing
    order = orders.accept(quote, account, member, buyer_of(account, profile), evidence, now=now)
    record(account.id, "order.placed", now=now, order=order.public_id, quote=quote.public_id)
    return order


def _start(order: Order, method: PaymentMethod | None, *, attempt: int, now: datetime) -> None:
    if method is None:
        raise CardMissing
    payment = payments.start(order, method, attempt=attempt, now=now)
    record(order.account_id, "payment.started", now=now, payment=payment.public_id, order=order.public_id)
    jobs.defer("collect_payment", payment_id=payment.id)


def _may_try_again(order: Order) -> bool:
    return order.state == "open" and not order.payments.exclude(state=PaymentState.FAILED).exists()


def _close_abandoned(quote: Quote, *, now: datetime) -> None:
    """One open order per account: one whose payments all failed gives way, one that may still be paid does not."""
    for other in Order.objects.filter(account=quote.account_id, state="open"):
        if not _may_try_again(other):
            raise PaymentInProgress
        orders.close(other, now=now)


def _accepted_terms(evidence: Evidence | None, catalogue: Catalogue) -> Evidence:
    if evidence is None:
        raise TermsNotAccepted
    terms = catalogue.terms
    if (evidence.terms_version, evidence.terms_sha256) != (terms.version, terms.sha256(evidence.language)):
        raise TermsChanged
    return evidence


def _method(quote: Quote, member: Member, card: str, *, now: datetime) -> PaymentMethod | None:
    if quote.total_minor == 0:
        return None
    if card == "saved":
        saved = PaymentMethod.objects.filter(account_id=quote.account_id, is_default=True).first()
        if saved is None:
            raise NoSavedCard
        return saved
    typed = gateway().card_from_fields(card_reference(quote, member))
    if typed is None:
        raise CardMissing
    return payments.keep_card(quote.account, gateway().name, typed, now=now)


def _ground(quote: Quote) -> Account:
    """The ground that a promise stands on, read in one query: subscription, billing profile, number of people."""
    active = FilteredRelation("subscriptions", condition=Q(subscriptions__state="active"))
    people = Member.objects.filter(account=OuterRef("pk"), deactivated_at=None).values("account")
    return (
        Account.objects.select_related("billing_profile")
        .annotate(active=active)
        .annotate(held_id=F("active__id"), held_version=F("active__version"))
        .annotate(people=Subquery(people.annotate(count=Count("id")).values("count")))
        .get(pk=quote.account_id)
    )


def _profile(account: Account) -> BillingProfile | None:
    return getattr(account, "billing_profile", None)


def _standing(quote: Quote, account: Account, catalogue: Catalogue, *, now: datetime) -> Refusal | None:
    held = (account.held_id, account.held_version or 0)  # type: ignore[attr-defined]  # annotated by _ground
    if held != (quote.subscription_id, quote.subscription_version):
        return SubscriptionMoved()
    if quote.state == "superseded":
        return QuoteSuperseded()
    if now >= quote.expires_at:
        return QuoteExpired()
    if quote.catalogue_version_id != catalogue.version_id:
        return OlderCatalogue()
    if quote.seats < account.people:  # type: ignore[attr-defined]  # annotated by _ground
        return SeatsBelowMembers(members=account.people)  # type: ignore[attr-defined]
    tax = tax_of(account, _profile(account), catalogue, now=now)
    charges = [line for line in wire.draft_from_json(quote.draft).lines if line.kind is LineKind.CHARGE]
    return TaxChanged() if any(line.tax != tax for line in charges) else None
