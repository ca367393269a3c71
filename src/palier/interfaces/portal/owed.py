"""An invoice that is not paid yet: where it stands, what happens next, and the customer's ways to pay it."""

from dataclasses import dataclass

from palier.apps.invoices.models import Invoice
from palier.apps.payments.models import Payment, PaymentMethod, PaymentState
from palier.flows import dun
from palier.interfaces.portal.access import MemberRequest
from palier.interfaces.portal.bank import BY_PAYMENT, Ending
from palier.interfaces.portal.declines import Decline, decline_of
from palier.interfaces.portal.next_steps import next_steps
from palier.interfaces.portal.payment_method import ShownCard, card_frame, shown_card


@dataclass(frozen=True, slots=True)
class Owed:
    """An unpaid invoice as its page shows it."""

    ending: Ending
    payment: Payment | None
    card: ShownCard | None
    decline: Decline | None
    next_steps: tuple[str, ...]


def owed(invoice: Invoice) -> Owed | None:
    """Where an invoice stands that may be paid; None for one that is paid or void."""
    payment = invoice.payments.select_related("method").order_by("-attempt").first()
    ending = ending_of(invoice, payment)
    if ending is Ending.DONE:
        return None
    return Owed(
        ending=ending,
        payment=payment,
        card=shown_card(payment.method) if payment else None,
        decline=decline_of(payment),
        next_steps=next_steps(invoice),
    )


def ending_of(invoice: Invoice, payment: Payment | None) -> Ending:
    """``OWED``: nobody is paying it at the moment; else as the latest payment stands."""
    if invoice.state not in dun.PAYABLE:
        return Ending.DONE
    if payment is None or payment.state == PaymentState.FAILED:
        return Ending.OWED
    return BY_PAYMENT[PaymentState(payment.state)]


def ways_to_pay(request: MemberRequest, invoice: Invoice, found: Owed, *, chosen: str = "") -> dict[str, object]:
    """The form: the card on file, or another one typed into the frame; one just declined is not proposed."""
    saved = PaymentMethod.objects.filter(account=request.account, is_default=True).first()
    declined = found.payment is not None and saved is not None and found.payment.method_id == saved.id
    return {
        "saved_card": shown_card(saved) if saved else None,
        "card": chosen or ("saved" if saved and not declined else "new"),
        "frame": card_frame(dun.card_reference(invoice, request.member)),
    }
