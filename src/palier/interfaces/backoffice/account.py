"""The account's billing beside its conversation, in the team's words; every day in the seller's zone."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from palier.apps.gateways.reasons import reason
from palier.apps.subscriptions.access import Access
from palier.flows.conversations.beside import Beside, Failure, SeenInvoice
from palier.flows.upcoming import Upcoming
from palier.interfaces.backoffice.looked_at import invoice_state
from palier.interfaces.ui.templatetags.ui import long_day
from palier.interfaces.ui.timeline_words import author_of, words_of
from palier.interfaces.ui.waiting import Waiting, waiting_of, whose_words
from palier.kit import formats

KINDS = {
    Access.FREE: "",
    Access.TRIAL: "accent",
    Access.FULL: "good",
    Access.GRACE: "care",
    Access.SUSPENDED: "bad",
    Access.LAPSED: "care",
    Access.CLOSED: "bad",
}
INVOICE_KINDS = {"open": "care", "paid": "good", "void": "", "uncollectible": "bad"}


@dataclass(frozen=True, slots=True)
class Renewal:
    """What becomes of one subscription, and when. ``total_minor`` None: it ends."""

    what: str
    at: datetime
    total_minor: int | None
    currency: str


@dataclass(frozen=True, slots=True)
class ShownInvoice:
    """An invoice with its state as a word, its kind of colour, and what happens next to it."""

    invoice: SeenInvoice
    state: str
    kind: str
    next_step: str


@dataclass(frozen=True, slots=True)
class ShownFailure:
    """Why the last payment failed, and what the customer was told to do."""

    failure: Failure
    words: str
    next_step: str
    what: str


@dataclass(frozen=True, slots=True)
class ShownFact:
    """What happened, when, and who did it."""

    at: datetime
    what: str
    who: str


@dataclass(frozen=True, slots=True)
class Side:
    """All that stands beside a conversation."""

    beside: Beside
    plan: str
    access: str
    access_kind: str
    access_until: str
    renewals: tuple[Renewal, ...]
    waiting: tuple[Waiting, ...]
    invoices: tuple[ShownInvoice, ...]
    failure: ShownFailure | None
    pending: str
    history: tuple[ShownFact, ...]


def side_of(beside: Beside) -> Side:
    """The facts of an account in words."""
    language = get_language() or "en"
    return Side(
        beside=beside,
        plan=(beside.plan or beside.facts.catalogue.free_plan).name(language),
        access=_access(beside),
        access_kind=KINDS[beside.access],
        access_until=_until(beside),
        renewals=tuple(_renewal(each, beside, language) for each in beside.renewals),
        waiting=tuple(waiting_of(beside.facts)),
        invoices=tuple(_invoice(each) for each in beside.invoices),
        failure=_failure(beside.failure, language) if beside.failure else None,
        pending=_pending(beside.pending),
        history=tuple(
            ShownFact(each.at, words_of(each.kind, each.what), author_of(each.author, each.role, each.name))
            for each in beside.history
        ),
    )


def _access(beside: Beside) -> str:
    return {
        Access.FREE: _("No paid plan"),
        Access.TRIAL: _("Trial"),
        Access.FULL: _("Active"),
        Access.GRACE: _("Payment overdue, everything open"),
        Access.SUSPENDED: _("Suspended, read-only"),
        Access.LAPSED: _("Ended, read-only"),
        Access.CLOSED: _("Account closed"),
    }[beside.access]


def _until(beside: Beside) -> str:
    """Until when it stays so, where that is known."""
    open_ones = [each for each in beside.invoices if each.state == "open"]
    if beside.access is Access.TRIAL and beside.facts.trial is not None:
        return _("until %(day)s") % {"day": long_day(beside.facts.trial.ends_at)}
    if beside.access is Access.GRACE:
        days = [each.grace_ends_at for each in open_ones if each.grace_ends_at]
        return _("read-only from %(day)s") % {"day": long_day(min(days))} if days else ""
    if beside.access is Access.SUSPENDED:
        days = [each.gives_up_at for each in open_ones if each.gives_up_at]
        return _("ends on %(day)s") % {"day": long_day(min(days))} if days else ""
    return ""


def _renewal(next_one: Upcoming, beside: Beside, language: str) -> Renewal:
    held = next_one.held
    users = ngettext("%(number)s user", "%(number)s users", held.seats) % {
        "number": formats.whole_number(held.seats, language)
    }
    every = _("by the year") if held.interval == "year" else _("by the month")
    what = whose_words(held.interval) if beside.facts.mixed else every
    end = held.subscription.period_end
    return Renewal(
        what=f"{users}, {what}",
        at=end if next_one.preview else formats.last_instant(end),
        total_minor=next_one.preview.total_minor if next_one.preview else None,
        currency=beside.facts.currency,
    )


def _invoice(invoice: SeenInvoice) -> ShownInvoice:
    return ShownInvoice(invoice, invoice_state(invoice.state), INVOICE_KINDS[invoice.state], _next_step(invoice))


def _next_step(invoice: SeenInvoice) -> str:
    if invoice.state != "open" or not invoice.pursuit:
        return ""
    failed = ngettext("%(number)s try failed", "%(number)s tries failed", invoice.failures) % {
        "number": invoice.failures
    }
    if invoice.next_try_at is None:
        return _("%(failed)s, no further try") % {"failed": failed}
    return _("%(failed)s, next on %(day)s") % {"failed": failed, "day": long_day(invoice.next_try_at)}


def _failure(failure: Failure, language: str) -> ShownFailure:
    why = reason(failure.reason)
    return ShownFailure(
        failure=failure,
        words=why.words(language),
        next_step=why.next_step(language),
        what=_("Invoice %(number)s") % {"number": failure.number} if failure.number else _("An order"),
    )


def _pending(state: str) -> str:
    return {
        "": "",
        "started": _("A payment is about to be sent."),
        "sent": _("A payment is with the bank."),
        "action_required": _("A payment waits for the customer’s confirmation on their bank’s page."),
        "unknown": _("The bank’s answer to a payment was lost; it is asked again by itself."),
        "parked": _("A payment is parked: the gateway contradicts our book, and a person must look."),
    }[state]
