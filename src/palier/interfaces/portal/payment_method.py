"""The card on file, and another one in its place. No card number passes through here: it is typed at the gateway."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from palier.apps.accounts.models import Account
from palier.apps.gateways.contract import GatewayUnreachable
from palier.apps.invoices.models import Invoice
from palier.apps.payments.models import BRANDS, UNRESOLVED, Payment, PaymentMethod
from palier.flows import card
from palier.interfaces.portal.access import MemberRequest, buyer_required
from palier.interfaces.portal.next_steps import next_steps
from palier.kit.proxies import client_address
from palier.kit.refusals import Refusal


@dataclass(frozen=True, slots=True)
class ShownCard:
    """What a person recognises a card by; ``expiry`` is like ``08/2028``."""

    brand: str
    last4: str
    expiry: str


@dataclass(frozen=True, slots=True)
class CardFrame:
    """The gateway's card fields: the address of the frame, and the origin that its messages come from."""

    url: str
    origin: str


def shown_card(method: PaymentMethod) -> ShownCard:
    """The card as the screens name it."""
    expiry = f"{method.expiry_month:02d}/{method.expiry_year}"
    return ShownCard(BRANDS.get(method.brand, method.brand.title()), method.last4, expiry)


def card_on_file(account_id: int) -> ShownCard | None:
    """The card that renewals are charged to."""
    method = PaymentMethod.objects.filter(account_id=account_id, is_default=True).first()
    return shown_card(method) if method else None


def card_frame(reference: str) -> CardFrame:
    """The fields under a reference, in the reader's language."""
    base = urlsplit(settings.BASE_URL)
    url = card.fields_url(
        reference, language=translation.get_language() or "en", parent_origin=f"{base.scheme}://{base.netloc}"
    )
    parts = urlsplit(url)
    return CardFrame(url, f"{parts.scheme}://{parts.netloc}")


def silent() -> str:
    """What is said while the payment service does not answer."""
    return _("The payment service does not answer. Nothing was taken; try again in a moment.")


def unsure() -> str:
    """What is said instead where a payment waits at the bank, which may have said yes by now."""
    return _(
        "The payment service does not answer, so we do not know yet what became of your payment. Please do not pay "
        "again; reload this page in a moment."
    )


@require_http_methods(["GET", "HEAD", "POST"])
@buyer_required
def page(request: MemberRequest) -> HttpResponse:
    """Show the card on file and what it could not pay; replace it by the one typed into the frame."""
    errors: dict[str, str] = {}
    status = 200
    if request.method == "POST":
        waits = _waits(request.account)  # seen before: what gives way is over, however it ended
        try:
            here = client_address(request)
            kept = card.replace(request.account, request.member, address=here, now=request.now)
            return _replaced(request, kept)
        except GatewayUnreachable:
            errors["card"], status = unsure() if waits else silent(), 503
        except Refusal as refusal:
            errors["card"], status = refusal.text(translation.get_language() or "en"), 422
    owed = Invoice.objects.filter(account=request.account, state="open").select_related("collection")
    context = {
        "card": card_on_file(request.account.id),
        "frame": card_frame(card.reference(request.member)),
        "errors": errors,
        "owed": [(invoice, next_steps(invoice)) for invoice in owed.order_by("issued_at")],
    }
    return render(request, "portal/payment_method.html", context, status=status)


def _waits(account: Account) -> bool:
    """Whether a payment of the account is not over."""
    return Payment.objects.filter(account=account, state__in=UNRESOLVED).exists()


def _replaced(request: MemberRequest, method: PaymentMethod) -> HttpResponse:
    """What the new card does at once: it pays what is open, on the invoice's own page."""
    kept = shown_card(method)
    said: dict[str, object] = {"brand": kept.brand, "last4": kept.last4}
    messages.success(request, _("%(brand)s ending in %(last4)s now pays your renewals.") % said)
    begun = Payment.objects.filter(method=method, invoice__isnull=False).select_related("invoice").order_by("id")
    invoices = [payment.invoice for payment in begun if payment.invoice is not None]
    if not invoices:
        return redirect("payment-method")
    said["numbers"] = ", ".join(invoice.number for invoice in invoices)
    messages.info(request, _("What was open is being charged to it: %(numbers)s.") % said)
    return redirect("invoice", invoices[0].public_id)
