"""Letters about an unpaid invoice, put together from its rows; each goes to whom the invoice was addressed."""

from datetime import datetime

from django.conf import settings

from palier.apps.catalogue import current
from palier.apps.gateways.reasons import REASONS, reason
from palier.apps.invoices.models import Invoice
from palier.apps.notices import letters_invoice as letters
from palier.apps.notices.actions import post as post_letter
from palier.apps.notices.letters import Letter
from palier.apps.payments.models import Collection
from palier.flows import articles, notify, promises
from palier.flows.facts import facts_of
from palier.flows.read_only import AccountReadOnly
from palier.kit import formats


def payment_failed(pursuit: Collection, invoice: Invoice, *, key: str, now: datetime) -> None:
    """A try without the customer failed, or there is no card: what happened, and what happens next."""
    language = invoice.language
    in_grace = pursuit.state == "trying"
    letter = letters.failed(
        language,
        invoice=invoice.number,
        total=_total(invoice),
        reason=REASONS[pursuit.last_reason].words(language) if pursuit.last_reason in REASONS else "",
        for_good=pursuit.last_reason in REASONS and REASONS[pursuit.last_reason].final,
        next_try=_day(pursuit.next_try_at, language) if pursuit.next_try_at else "",
        access_until=_day(pursuit.grace_ends_at, language) if in_grace else "",
        ends_on=_day(pursuit.gives_up_at, language),
        changed=promises.difference(invoice, language, now=now),
        url=page_of(invoice),
        article=articles.about(_code_of(pursuit), language),
    )
    _post(letter, invoice, key=f"payment_failed:{key}", now=now)


def suspended(pursuit: Collection, invoice: Invoice, *, now: datetime) -> None:
    """Grace is over."""
    letter = letters.suspended(
        invoice.language,
        invoice=invoice.number,
        total=_total(invoice),
        ends_on=_day(pursuit.gives_up_at, invoice.language),
        url=page_of(invoice),
        article=articles.about(AccountReadOnly.code, invoice.language),
    )
    _post(letter, invoice, key=f"suspended:{invoice.public_id}", now=now)


def ended_unpaid(invoice: Invoice, *, kept: bool, now: datetime) -> None:
    """The pursuit is over, and the subscription with it: called once that has ended."""
    letter = letters.ended_unpaid(
        invoice.language,
        invoice=invoice.number,
        total=_total(invoice),
        day=_day(now, invoice.language),
        kept=kept,
        rest=notify.rest_of(facts_of(invoice.account, now=now), invoice.language, now=now),
        url=page_of(invoice),
        article=articles.about(AccountReadOnly.code, invoice.language),
    )
    _post(letter, invoice, key=f"ended_unpaid:{invoice.public_id}", now=now)


def page_of(invoice: Invoice) -> str:
    """Where a member who may buy reads the invoice, and pays it."""
    return f"{settings.BASE_URL}/settings/billing/invoices/{invoice.public_id}/"


def _code_of(pursuit: Collection) -> str:
    """What the letter about a failed try explains: why the bank said no, or that there is no card."""
    return reason(pursuit.last_reason).told if pursuit.last_reason in REASONS else pursuit.last_reason


def _total(invoice: Invoice) -> str:
    return formats.money(invoice.total_minor, invoice.currency, invoice.language)


def _day(at: datetime, language: str) -> str:
    return formats.long_day(at, language, current().policy.zone)


def _post(letter: Letter, invoice: Invoice, *, key: str, now: datetime) -> None:
    post_letter(invoice.account_id, letter, to=invoice.buyer["email"], key=key, now=now)
