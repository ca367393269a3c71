"""When a renewal is not paid: tries on a calendar, grace, suspension, and the end; each step told, none repeated."""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q

from palier.apps.accounts.models import Account, Member
from palier.apps.agenda import actions as agenda
from palier.apps.agenda.models import Due
from palier.apps.catalogue import Catalogue, current
from palier.apps.events.actions import record
from palier.apps.events.authors import CLOCK, Author
from palier.apps.gateways import gateway
from palier.apps.invoices import actions as invoices
from palier.apps.invoices.models import Invoice
from palier.apps.ledger.actions import post as post_entries
from palier.apps.payments import actions as payments
from palier.apps.payments.models import Collection, Payment, PaymentMethod, PaymentState
from palier.apps.subscriptions import actions as subscriptions
from palier.apps.subscriptions.models import Subscription, SubscriptionState
from palier.engine.periods import Interval, period_containing
from palier.engine.postings import write_off_entries
from palier.flows import attempts, end, tell
from palier.flows.order_refusals import CardMissing, NoSavedCard
from palier.flows.people import buyers
from palier.flows.settle_invoice import subscription_ids
from palier.flows.upcoming import DUNNING, GIVE_UP, RETRY, SUSPEND
from palier.kit import jobs
from palier.kit.refusals import Refusal

PAYABLE: Final = ("open", "uncollectible")
"""What a customer may pay at the screen: also a debt that was written off."""

HOUR: Final = timedelta(hours=1)

WITHDRAWN: Final = "canceled"
"""The reason of a payment that was given up for another one: nobody needs a letter about it."""


class InvoiceNotOpen(Refusal):
    code = "invoice.not_open"
    en = "This invoice is not open: it was paid or ended meanwhile. Nothing was taken; the list shows how things stand."
    fr = (
        "Cette facture n’est pas ouverte\u202f: elle a été réglée ou close entre-temps. Rien n’a été prélevé\u202f; "
        "la liste montre où en sont les choses."
    )


class InvoiceBeingPaid(Refusal):
    code = "invoice.being_paid"
    en = "A payment of this invoice is under way. Nothing more was taken; wait for its answer on the invoice’s page."
    fr = (
        "Un paiement de cette facture est en cours. Rien de plus n’a été prélevé\u202f; attendez sa réponse sur la "
        "page de la facture."
    )


def failed(attempt: Payment, invoice: Invoice, reason: str, *, now: datetime) -> None:
    """A try failed: open or go on with the pursuit, in the transaction that settles the attempt.

    A card that was put on file while the try was under way is charged at once.
    """
    pursuit = Collection.objects.filter(invoice=invoice).first() or _open(invoice, current(), now=now)
    if pursuit.ended_at is not None:
        return
    pursuit.failures += 1
    pursuit.last_reason = reason
    pursuit.save(update_fields=["failures", "last_reason"])
    newer = _put_on_file_meanwhile(attempt)
    if newer is not None and attempts.refusal(newer, now=now) is None:
        _start(invoice, newer, by=CLOCK, on_session=False, now=now)
    else:
        _plan_next(pursuit, invoice, now=now)
    if not attempt.on_session and reason != WITHDRAWN:
        tell.payment_failed(pursuit, invoice, key=attempt.public_id, now=now)


def without_card(invoice: Invoice, *, now: datetime) -> None:
    """A renewal was invoiced and there is no card to charge: the pursuit begins without a try."""
    pursuit = _open(invoice, current(), now=now)
    pursuit.last_reason = "no_card"
    pursuit.save(update_fields=["last_reason"])
    tell.payment_failed(pursuit, invoice, key=pursuit.public_id, now=now)


def retry(invoice_id: int, *, now: datetime) -> None:
    """The calendar's next try with the card on file; where it may not be tried now, on its next day. Harmless to
    repeat."""
    with transaction.atomic():
        invoice = _locked(invoice_id)
        pursuit = Collection.objects.filter(invoice=invoice, ended_at=None).first()
        if invoice.state != "open" or pursuit is None or _live(invoice):
            return
        method = _on_file(invoice.account_id)
        if method is not None and attempts.refusal(method, now=now) is None:
            _start(invoice, method, by=CLOCK, on_session=False, now=now)
        else:
            _plan_next(pursuit, invoice, now=now)


def pay(invoice: Invoice, member: Member, card: str, *, address: str | None = None, now: datetime) -> Payment:
    """The customer pays an open invoice at the screen, or one that was written off. ``card`` is "saved" or "new" (typed
    under ``card_reference``); ``address`` is the one on the internet from which they do.

    Raises refusals, and GatewayUnreachable while nothing is written.
    """
    buyers.require(member, invoice.account_id)
    try:
        method = _method(invoice, member, card, now=now)
    except CardMissing:
        # Another press may have used the card meanwhile: then what that one did is the answer.
        raise _unpayable(Invoice.objects.get(pk=invoice.pk)) or CardMissing() from None
    if refusal := attempts.refusal_at_the_screen(method, address, now=now):
        raise refusal
    with transaction.atomic():
        invoice = _locked(invoice.id)
        if refusal := _unpayable(invoice):
            raise refusal
        return _start(invoice, method, by=member.author, on_session=True, address=address, now=now)


def card_reference(invoice: Invoice, member: Member) -> str:
    """Under which reference the gateway's fields keep the next card that a member types for an invoice; new after each
    attempt."""
    return f"{invoice.public_id}.{member.public_id}.{Payment.objects.filter(invoice=invoice).count() + 1}"


def with_new_card(
    account: Account, method: PaymentMethod, *, by: Author, address: str | None = None, now: datetime
) -> list[Payment]:
    """Charge what is open to a card that was just put on file, in the transaction of the caller who holds the lock.

    What is being paid already is left alone; should that try fail, ``failed`` charges the new card.
    """
    if attempts.refusal_at_the_screen(method, address, now=now):
        return []
    open_ones = Invoice.objects.filter(account=account, state="open").order_by("issued_at")
    return [
        _start(each, method, by=by, on_session=True, address=address, now=now) for each in open_ones if not _live(each)
    ]


def suspend(invoice_id: int, *, now: datetime) -> None:
    """Grace is over: access is read-only until the invoice is paid."""
    with transaction.atomic():
        invoice = _locked(invoice_id)
        pursuit = Collection.objects.filter(invoice=invoice, state="trying").first()
        if invoice.state != "open" or pursuit is None:
            return
        turned = subscriptions.turn(subscription_ids(invoice), SubscriptionState.SUSPENDED)
        Collection.objects.filter(pk=pursuit.pk).update(state="suspended")
        record(invoice.account_id, "subscription.suspended", by=CLOCK, now=now, invoice=invoice.public_id, **turned)
        tell.suspended(pursuit, invoice, now=now)


def give_up(invoice_id: int, *, now: datetime) -> None:
    """The pursuit is over: the subscription ends, the debt is written off or kept by policy.

    While a payment is under way, its answer is awaited: an hour later again.
    """
    with transaction.atomic():
        invoice = _locked(invoice_id)
        pursuit = Collection.objects.filter(invoice=invoice, ended_at=None).first()
        if invoice.state != "open" or pursuit is None:
            return
        if _live(invoice):
            agenda.put(GIVE_UP, invoice.id, invoice.account_id, now + HOUR)
            return
        for held in Subscription.objects.alive().filter(pk__in=subscription_ids(invoice)):
            end.subscription(held, "unpaid", at=now, now=now)
        keeps = current().dunning.debt == "keep"
        if not keeps:
            _write_off(invoice, now=now)
        Collection.objects.filter(pk=pursuit.pk).update(
            state="kept" if keeps else "written_off", next_try_at=None, ended_at=now
        )
        agenda.drop(DUNNING, invoice.id)
        tell.ended_unpaid(invoice, kept=keeps, now=now)


def _open(invoice: Invoice, catalogue: Catalogue, *, now: datetime) -> Collection:
    policy = catalogue.dunning
    gives_up_at = _gives_up_at(invoice, catalogue, now=now)
    pursuit = Collection.objects.create(
        invoice=invoice,
        account_id=invoice.account_id,
        opened_at=now,
        grace_ends_at=min(now + timedelta(days=policy.grace_days), gives_up_at),
        gives_up_at=gives_up_at,
    )
    active = Subscription.objects.filter(pk__in=subscription_ids(invoice), state=SubscriptionState.ACTIVE)
    turned = subscriptions.turn(active.values_list("id", flat=True), SubscriptionState.PAST_DUE)
    if pursuit.grace_ends_at < gives_up_at:
        agenda.put(SUSPEND, invoice.id, invoice.account_id, pursuit.grace_ends_at)
    agenda.put(GIVE_UP, invoice.id, invoice.account_id, pursuit.gives_up_at)
    record(invoice.account_id, "subscription.past_due", by=CLOCK, now=now, invoice=invoice.public_id, **turned)
    return pursuit


def _gives_up_at(invoice: Invoice, catalogue: Catalogue, *, now: datetime) -> datetime:
    """The last day of the calendar, and never beyond the end of the period that an invoice bills. Where that period was
    paid and more was added to it: not before its end, and never beyond that of the next one, whose renewal waits. What
    has ended already, as after an outage, ends nothing."""
    at = now + timedelta(days=catalogue.dunning.give_up_days)
    zone = catalogue.policy.zone
    for held in Subscription.objects.alive().filter(pk__in=subscription_ids(invoice)):
        end = held.period_end
        if invoice.adds_to_a_period:
            further = period_containing(held.anchor_at, Interval(held.interval), end, zone).end
            at = max(at, end) if further <= now else max(min(at, further), end)
        elif end > now:
            at = min(at, end)
    return at


def _plan_next(pursuit: Collection, invoice: Invoice, *, now: datetime) -> None:
    """The next day of the calendar on which the card on file may be tried; none after its bank's final refusal."""
    method = _on_file(invoice.account_id)
    earliest = attempts.next_possible(method, now=now) if method is not None else None
    days = (pursuit.opened_at + timedelta(days=number) for number in current().dunning.retry_days)
    ahead = (day for day in days if now < day < pursuit.gives_up_at)
    pursuit.next_try_at = next((day for day in ahead if earliest is not None and day >= earliest), None)
    pursuit.save(update_fields=["next_try_at"])
    if pursuit.next_try_at is not None:
        agenda.put(RETRY, invoice.id, invoice.account_id, pursuit.next_try_at)
    else:
        agenda.drop([RETRY], invoice.id)


def since(attempt: Payment) -> Q:
    """Cards that were put on file since a try began."""
    return Q(added_at__gt=attempt.started_at) if attempt.on_session else Q(added_at__gte=attempt.started_at)


def _put_on_file_meanwhile(attempt: Payment) -> PaymentMethod | None:
    """The card that took the place of the tried one since the try began."""
    others = PaymentMethod.objects.exclude(pk=attempt.method_id)
    return others.filter(since(attempt), account=attempt.account_id, is_default=True).first()


def _on_file(account_id: int) -> PaymentMethod | None:
    return PaymentMethod.objects.filter(account=account_id, is_default=True).first()


def _method(invoice: Invoice, member: Member, card: str, *, now: datetime) -> PaymentMethod:
    if card == "saved":
        saved = _on_file(invoice.account_id)
        if saved is None:
            raise NoSavedCard
        return saved
    typed = gateway().card_from_fields(card_reference(invoice, member))
    if typed is None:
        raise CardMissing
    return payments.keep_card(invoice.account, gateway().name, typed, now=now)


def _start(
    invoice: Invoice,
    method: PaymentMethod,
    *,
    by: Author,
    on_session: bool,
    address: str | None = None,
    now: datetime,
) -> Payment:
    attempt = Payment.objects.filter(invoice=invoice).count() + 1
    payment = payments.start_for_invoice(
        invoice, method, attempt=attempt, on_session=on_session, address=address, now=now
    )
    record(invoice.account_id, "payment.started", by=by, now=now, payment=payment.public_id, invoice=invoice.public_id)
    jobs.defer("collect_payment", payment_id=payment.id)
    return payment


def _locked(invoice_id: int) -> Invoice:
    """The invoice under its account's lock."""
    Account.objects.locked_by(invoices=invoice_id)
    return Invoice.objects.select_related("account").get(pk=invoice_id)


def _unpayable(invoice: Invoice) -> Refusal | None:
    if invoice.state not in PAYABLE:
        return InvoiceNotOpen()
    return InvoiceBeingPaid() if _live(invoice) else None


def _live(invoice: Invoice) -> bool:
    return Payment.objects.filter(invoice=invoice).exclude(state=PaymentState.FAILED).exists()


def _write_off(invoice: Invoice, *, now: datetime) -> None:
    invoices.write_off(invoice)
    post_entries(
        invoice.account_id,
        "invoice_written_off",
        reference=f"{invoice.public_id}:written_off",
        currency=invoice.currency,
        postings=write_off_entries(amount_minor=invoice.total_minor),
        now=now,
    )


def due(row: Due, *, now: datetime) -> None:
    """Do what falls due about an open invoice, unless it was moved or done meanwhile."""
    with transaction.atomic():
        _locked(row.subject)
        if agenda.take(row):
            {RETRY: retry, SUSPEND: suspend, GIVE_UP: give_up}[row.kind](row.subject, now=now)
