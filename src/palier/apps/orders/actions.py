from dataclasses import asdict, dataclass
from datetime import datetime

from palier.apps.accounts.models import Account, Member
from palier.apps.invoices.models import Invoice
from palier.apps.orders.models import Order, Quote
from palier.apps.tax.buyers import Buyer
from palier.kit import card_numbers, writes


@dataclass(frozen=True, slots=True)
class Evidence:
    """What proves the acceptance.

    The terms' version and hash, the words on the button, language, address and browser. ``accepted_in``: the earlier
    order with the box for the same terms, where there was none now and the press was the acceptance.
    """

    terms_version: str
    terms_sha256: str
    button_text: str
    language: str
    address: str | None
    browser: str
    accepted_in: Order | None = None


def accept(quote: Quote, account: Account, member: Member, buyer: Buyer, evidence: Evidence, *, now: datetime) -> Order:
    """Turn a quote into the account's open order."""
    Quote.objects.filter(pk=quote.pk).update(state="accepted")
    order = Order(
        quote=quote,
        account=account,
        member=member,
        state="open",
        buyer=asdict(buyer),
        terms_version=evidence.terms_version,
        terms_sha256=evidence.terms_sha256,
        terms_accepted_in=evidence.accepted_in,
        button_text=evidence.button_text[:100],
        language=evidence.language,
        address=evidence.address,
        browser=card_numbers.hidden(evidence.browser)[:400],
        placed_at=now,
    )
    writes.insert(order)
    return order


def settle(order: Order, invoice: Invoice, *, now: datetime) -> None:
    """Mark the order settled by its invoice."""
    order.state, order.invoice, order.ended_at = "settled", invoice, now
    Order.objects.filter(pk=order.pk).update(state="settled", invoice=invoice, ended_at=now)


def close(order: Order, *, now: datetime) -> None:
    """Give an order up: nothing was taken and nothing will be.

    The caller has made sure that no payment holds its slot.
    """
    order.state, order.ended_at = "closed", now
    Order.objects.filter(pk=order.pk).update(state="closed", ended_at=now)
