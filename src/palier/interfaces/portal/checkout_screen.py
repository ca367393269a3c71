"""What stands on the checkout page: the promise, the card, the details as typed, and every problem at its field."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from palier.apps.accounts.models import BillingProfile
from palier.apps.catalogue import Catalogue
from palier.apps.invoices.documents import address_lines
from palier.apps.invoices.facts import Party
from palier.apps.orders.models import Order, Quote
from palier.apps.payments.models import Payment
from palier.flows import order as ordering
from palier.flows import order_refusals
from palier.interfaces.portal import details
from palier.interfaces.portal.access import MemberRequest
from palier.interfaces.portal.declines import Decline, decline_of
from palier.interfaces.portal.details import BillingForm
from palier.interfaces.portal.payment_method import ShownCard, card_frame, card_on_file
from palier.interfaces.portal.promise import promise_of
from palier.kit import formats
from palier.kit.refusals import Refusal

LAPSES: Final = {
    refusal.code: refusal
    for refusal in (
        order_refusals.QuoteExpired,
        order_refusals.QuoteSuperseded,
        order_refusals.OlderCatalogue,
        order_refusals.SubscriptionMoved,
        order_refusals.TaxChanged,
        order_refusals.OrderOfAnother,
    )
}
"""Why a promise gives way to another one; the page of the new one says so."""

DETAILS_CHANGED: Final = "details.changed"
DETAILS_DECIDE: Final = frozenset({DETAILS_CHANGED, order_refusals.TaxChanged.code})
KEPT: Final = "checkout_chosen"
"""Under which name a session keeps the card and the terms chosen on a page that gives way to another one."""

ANCHORS: Final = {"card": "#card", "terms": "#id_terms"}


@dataclass(frozen=True, slots=True)
class Problem:
    """One entry of the summary at the top; ``link`` leads to its field, or to the page that helps."""

    text: str
    link: str = ""

    @property
    def explained(self) -> bool:
        """Whether the way to the article stands here: a problem of a field has it at its field."""
        return not self.link.startswith("#")


def show(
    request: MemberRequest,
    quote: Quote,
    catalogue: Catalogue,
    *,
    form: BillingForm | None = None,
    refusals: Sequence[Refusal] = (),
    problems: Sequence[Problem] = (),
    payment: Payment | None = None,
    status: int = 200,
) -> HttpResponse:
    """The whole page. ``form`` carries what was typed; ``payment`` is the last attempt, if it failed."""
    profile = getattr(quote.account, "billing_profile", None) if form is None else _profile(quote)
    form = form or details.form_of(profile, request)
    saved_card = card_on_file(request.account.id)
    declined = decline_of(payment)
    parts = promised(quote, catalogue)
    card, accepted = _chosen(request, quote, parts["terms_sha256"])
    context = {
        **parts,
        "form": form,
        "profile_lines": _address_of(profile) if profile else [],
        "details_open": profile is None or bool(form.errors),
        "details_saved": saved_words(quote) if request.GET.get("saved") and not form.errors else "",
        "saved_card": saved_card,
        "card": _card_chosen(card, saved_card, declined),
        "frame": card_frame(ordering.card_reference(quote, request.member)),
        "decline": declined,
        "because": because(request.GET.get("because", "")),
        "errors": {refusal.field: refusal.text(_language()) for refusal in refusals if refusal.field},
        "problems": [*_of_form(form), *(_of_refusal(refusal, quote) for refusal in refusals), *problems],
        "terms_ticked": accepted,
    }
    return render(request, "portal/checkout.html", context, status=status)


def promised(quote: Quote, catalogue: Catalogue) -> dict[str, Any]:
    """What the parts of the page that follow the promise need."""
    terms = catalogue.terms
    return {
        "quote": quote,
        "promise": promise_of(quote, catalogue),
        "terms": terms,
        "terms_sha256": terms.sha256(_language()),
    }


def saved_words(quote: Quote) -> str:
    """The details are saved, and what is due now."""
    total = formats.money(quote.total_minor, quote.currency, _language())
    return _("Saved. Due today: %(total)s") % {"total": total}


def because(code: str) -> str:
    """Why this promise took another one's place; nothing for a code that we did not write."""
    if code == DETAILS_CHANGED:
        return _("Your billing details have changed. Nothing was taken; check the order and pay again.")
    lapse = LAPSES.get(code)
    return lapse().text(_language()) if lapse else ""


def _profile(quote: Quote) -> BillingProfile | None:
    """The details as they are stored now, perhaps just saved."""
    return BillingProfile.objects.filter(account=quote.account_id).first()


def keep(request: MemberRequest, quote: Quote) -> None:
    """Let what was chosen in the form stand on the page of ``quote``, which comes next: a tick for these terms only."""
    card, accepted = request.POST.get("card", ""), request.POST.get("terms") == "accepted"
    request.session[KEPT] = {
        "quote": quote.public_id,
        "card": card if card in ("saved", "new") else "",
        "terms": request.POST.get("terms_sha256", "")[:64] if accepted else "",
    }


def forget(request: MemberRequest) -> None:
    """What was chosen is in an order now; after a decline it is chosen anew."""
    request.session.pop(KEPT, None)


def _chosen(request: MemberRequest, quote: Quote, terms_sha256: str) -> tuple[str, bool]:
    """Which card, "" for none yet, and whether the terms are accepted: as just sent, or as kept for this promise."""
    if request.method == "POST":
        return request.POST.get("card", ""), request.POST.get("terms") == "accepted"
    kept = request.session.get(KEPT, {})
    if kept.get("quote") != quote.public_id:
        return "", False
    return kept["card"], kept["terms"] == terms_sha256


def _card_chosen(chosen: str, saved_card: ShownCard | None, declined: Decline | None) -> str:
    if saved_card is None:
        return "new"
    return chosen or ("new" if declined else "saved")


def _of_form(form: BillingForm) -> list[Problem]:
    return [
        Problem(str(error), f"#{form[name].auto_id}")
        for name, errors in form.errors.items()
        if name in form.fields
        for error in errors
    ]


def _of_refusal(refusal: Refusal, quote: Quote) -> Problem:
    text = refusal.text(_language())
    if isinstance(refusal, order_refusals.PaymentInProgress):
        other = Order.objects.filter(account=quote.account, state="open").first()
        return Problem(text, reverse("order", args=[other.public_id]) if other else "")
    return Problem(text, ANCHORS.get(refusal.field or "", ""))


def _address_of(profile: BillingProfile) -> list[str]:
    party = Party(
        name=profile.name,
        address=profile.address,
        postcode=profile.postcode,
        city=profile.city,
        region=profile.region,
        country=profile.country,
    )
    known = [profile.name, *address_lines(party, _language()), profile.vat_number, profile.email, profile.po_number]
    return [line for line in known if line]


def _language() -> str:
    return translation.get_language() or "en"
