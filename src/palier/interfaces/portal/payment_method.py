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

from palier.apps.gateways.contract import GatewayUnreachable
from palier.apps.payments.models import BRANDS, PaymentMethod
from palier.flows import card
from palier.interfaces.portal.access import MemberRequest, buyer_required
from palier.kit import clock
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


@require_http_methods(["GET", "HEAD", "POST"])
@buyer_required
def page(request: MemberRequest) -> HttpResponse:
    """Show the card on file; replace it by the one typed into the frame."""
    errors: dict[str, str] = {}
    status = 200
    if request.method == "POST":
        try:
            kept = shown_card(card.replace(request.account, request.member, now=clock.now()))
        except GatewayUnreachable:
            errors["card"], status = silent(), 503
        except Refusal as refusal:
            errors["card"], status = refusal.text(translation.get_language() or "en"), 422
        else:
            said = {"brand": kept.brand, "last4": kept.last4}
            messages.success(request, _("%(brand)s ending in %(last4)s now pays your renewals.") % said)
            return redirect("payment-method")
    context = {
        "card": card_on_file(request.account.id),
        "frame": card_frame(card.reference(request.account)),
        "errors": errors,
    }
    return render(request, "portal/payment_method.html", context, status=status)
