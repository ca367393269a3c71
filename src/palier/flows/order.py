"""Accepting a quote: transaction one of every purchase. The charge itself is ``flows.collect``, in the worker."""

from datetime import UTC, datetime

from django.contrib.postgres.aggregates import JSONBAgg
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Subquery
from django.db.models.functions import Extract, JSONObject

from palier.apps.accounts.models import Account, BillingProfile, Member
from palier.apps.catalogue import Catalogue, current
from palier.apps.events.actions import record
from palier.apps.events.authors import Author
from palier.apps.gateways import gateway
from palier.apps.invoices.models import Invoice
from palier.apps.orders import actions as orders
from palier.apps.orders.actions import Evidence as Evidence
from palier.apps.orders.models import Order, Quote
from palier.apps.payments import actions as payments
from palier.apps.payments.models import Payment, PaymentMethod, PaymentState
from palier.apps.subscriptions.models import ScheduledChange, Subscription
from palier.engine import wire
from palier.engine.lines import LineKind
from palier.flows import attempts, release, settle
from palier.flows.facts import buyer_of, tax_of
from palier.flows.order_refusals import (
    AccountParked,
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
from palier.flows.people import buyers
from palier.flows.quote_refusals import CancellationWaits, InvoiceOpen, SeatsBelowMembers
from palier.kit import formats, jobs, writes
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


def terms_accepted(account: Account, catalogue: Catalogue) -> Order | None:
    """The latest order that is settled, with which somebody of an account ticked the box for today's very terms, in
    whichever language."""
    terms = catalogue.terms
    ticked = Order.objects.filter(account=account, state="settled", terms_accepted_in=None)
    same = ticked.filter(
        terms_version=terms.version, terms_sha256__in=[terms.sha256(language) for language in catalogue.languages]
    )
    return same.select_related("member__user").order_by("-id").first()


def place(quote: Quote, *, member: Member, card: str, evidence: Evidence | None, now: datetime) -> Order:
    """Accept a quote and start its payment; repeated for the same quote, it returns the same order.

    ``card`` is "saved" or "new" (typed into the gateway's fields under ``card_reference``). ``evidence`` is None when
    the terms were not accepted. After a decline, calling again starts the next attempt on the same order. Raises
    refusals, and GatewayUnreachable while nothing is written.
    """
    buyers.require(member, quote.account_id)
    order = Order.objects.filter(quote=quote).first()
    if order is not None and not _may_try_again(order):
        return order
    catalogue = current()
    evidence = _accepted_terms(evidence, catalogue)
    try:
        method = _method(quote, member, card, now=now)
    except CardMissing:
        return _overtaken(quote, catalogue, now=now)
    if method is not None and (refusal := attempts.refusal_at_the_screen(method, evidence.address, now=now)):
        raise refusal
    with transaction.atomic():
        return _placed(quote, member, method, evidence, catalogue, now=now)


def withdraw(order: Order, member: Member, *, now: datetime) -> None:
    """Give up an order whose payment waits for the customer. Raises GatewayUnreachable."""
    payment = order.payments.exclude(state=PaymentState.FAILED).first()
    if payment is not None and payment.state == PaymentState.ACTION_REQUIRED:
        release.one(payment, member, now=now)


def _placed(
    quote: Quote,
    member: Member,
    method: PaymentMethod | None,
    evidence: Evidence,
    catalogue: Catalogue,
    *,
    now: datetime,
) -> Order:
    """Under the account's lock: the order that the quote has become already, or becomes now, with its next attempt."""
    account = Account.objects.locked(quote.account_id)
    if account.closed_at is not None:
        raise buyers.NotABuyer  # closed meanwhile: nobody of it buys any more
    if account.parked_at is not None:
        raise AccountParked
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
            _start(order, method, by=member.author, attempt=attempt, address=evidence.address, now=now)
    if not quote.total_minor:
        settle.without_payment(order, now=now)
    return order


def _overtaken(quote: Quote, catalogue: Catalogue, *, now: datetime) -> Order:
    """No card waits: another press may have used it meanwhile, and then what that one did is the answer.

    The order, when it was the other half of a double click. Raises what another tab's order means for this quote, and
    CardMissing when nothing happened in between.
    """
    order = Order.objects.filter(quote=quote).first()
    if order is not None and not _may_try_again(order):
        return order
    rivals = Order.objects.filter(account=quote.account_id, state="open").exclude(quote=quote)
    if not all(_may_try_again(rival) for rival in rivals):
        raise PaymentInProgress
    raise standing(quote, now=now, catalogue=catalogue) or CardMissing()


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
    record(account.id, "order.placed", by=member.author, now=now, order=order.public_id, quote=quote.public_id)
    return order


def _start(
    order: Order, method: PaymentMethod | None, *, by: Author, attempt: int, address: str | None, now: datetime
) -> None:
    if method is None:
        raise CardMissing
    payment = payments.start(order, method, attempt=attempt, address=address, now=now)
    record(
        order.account_id,
        "payment.started",
        by=by,
        now=now,
        payment=payment.public_id,
        order=order.public_id,
    )
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
    people = Member.objects.filter(account=OuterRef("pk"), deactivated_at=None).values("account")
    alive = Subscription.objects.alive().filter(account=OuterRef("pk")).values("account")
    canceled = ScheduledChange.objects.filter(
        subscription__account=OuterRef("pk"), kind="cancel", state="waiting", subscription__in=quote.held_ids
    )
    ending = JSONBAgg(JSONObject(id="subscription", at=Extract("effective_at", "epoch")))
    held = JSONBAgg(JSONObject(id="id", version="version", ends=Extract("period_end", "epoch")))
    return (
        Account.objects.select_related("billing_profile")
        .annotate(held=Subquery(alive.annotate(held=held).values("held")))
        .annotate(people=Subquery(people.annotate(count=Count("id")).values("count")))
        .annotate(unpaid=Exists(Invoice.objects.filter(account=OuterRef("pk"), state="open")))
        .annotate(ending=Subquery(canceled.values("state").annotate(each=ending).values("each")))
        .get(pk=quote.account_id)
    )


def _profile(account: Account) -> BillingProfile | None:
    return getattr(account, "billing_profile", None)


def _standing(quote: Quote, account: Account, catalogue: Catalogue, *, now: datetime) -> Refusal | None:
    held = account.held or []  # type: ignore[attr-defined]  # annotated by _ground
    if {each["id"] for each in held} == {key for key, _version in quote.grounds} and (
        refusal := _ending_otherwise(quote, account, catalogue)
    ):
        return refusal
    if {(each["id"], each["version"]) for each in held} != quote.grounds:
        return SubscriptionMoved()
    if any(each["ends"] <= now.timestamp() for each in held):
        return SubscriptionMoved()  # the paid period that was prorated is over
    if account.unpaid:  # type: ignore[attr-defined]
        return InvoiceOpen()
    if quote.state == "superseded":
        return QuoteSuperseded()
    if now >= quote.expires_at:
        return QuoteExpired()
    if quote.catalogue_version_id != catalogue.version_id:
        return OlderCatalogue()
    if quote.seats + quote.other_seats < account.people:  # type: ignore[attr-defined]  # annotated by _ground
        return SeatsBelowMembers(members=account.people)  # type: ignore[attr-defined]
    tax = tax_of(account, _profile(account), catalogue, now=now)
    charges = [line for line in wire.draft_from_json(quote.draft).lines if line.kind is LineKind.CHARGE]
    return TaxChanged() if any(line.tax != tax for line in charges) else None


def _ending_otherwise(quote: Quote, account: Account, catalogue: Catalogue) -> Refusal | None:
    """A subscription was canceled that the quote says renews, or the other way round."""
    ending = {each["id"]: each["at"] for each in account.ending or []}  # type: ignore[attr-defined]  # by _ground
    if ending.keys() == quote.told_to_end:
        return None
    if ending and len(quote.grounds) == 1:
        ends_at = datetime.fromtimestamp(next(iter(ending.values())), UTC)
        return CancellationWaits(ends_on=formats.last_day(ends_at, catalogue.policy.zone))
    return SubscriptionMoved()  # of two, one may still be for sale: a promise anew says which
