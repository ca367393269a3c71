"""Checkout: from a promised price to an accepted order. Card, billing details, review, terms and Pay, on one page."""

from dataclasses import asdict
from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect, replace_url

from palier.apps.accounts.models import AccountBusy, BillingProfile
from palier.apps.catalogue import current
from palier.apps.gateways.contract import GatewayUnreachable
from palier.apps.orders.models import Order, Quote
from palier.flows import order as ordering
from palier.flows import quote as quoting
from palier.flows.facts import buyer_of, facts_of
from palier.flows.order import Evidence
from palier.flows.order_refusals import TermsNotAccepted
from palier.interfaces.portal import add_ons, details, plans
from palier.interfaces.portal.access import MemberRequest, buyer_required
from palier.interfaces.portal.bank import Ending
from palier.interfaces.portal.checkout_screen import (
    DETAILS_CHANGED,
    DETAILS_DECIDE,
    LAPSES,
    Problem,
    because,
    forget,
    keep,
    promised,
    saved_words,
    show,
)
from palier.interfaces.portal.details import BillingForm
from palier.interfaces.portal.found import own_quote
from palier.interfaces.portal.orders import ending_of, last_payment
from palier.interfaces.portal.payment_method import silent
from palier.interfaces.portal.promise import promise_of
from palier.interfaces.ui import told
from palier.interfaces.ui.middleware import REFUSED
from palier.kit.proxies import client_address
from palier.kit.refusals import Refusal


@require_http_methods(["GET", "HEAD", "POST"])
@buyer_required
def page(request: MemberRequest, quote_id: str) -> HttpResponse:
    """Show the promise; save the details; accept and pay."""
    now = request.now
    quote = own_quote(request, quote_id)
    order: Order | None = getattr(quote, "order", None)
    payment = last_payment(order) if order else None
    if order is not None and ending_of(order, payment) is not Ending.DECLINED:
        return redirect("order", order.public_id)
    try:
        if request.method == "POST":
            return _posted(request, quote, order, now=now)
        catalogue = current()
        if lapse := ordering.standing(quote, now=now, catalogue=catalogue):
            return _to(request, _successor(request, quote, now=now), why=lapse.code)
    except AccountBusy:
        raise  # the promise stands, and Pay can be pressed again in a minute
    except Refusal as refusal:
        return _back_to_the_choice(request, quote, refusal)
    return show(request, quote, catalogue, payment=payment)


def _posted(request: MemberRequest, quote: Quote, order: Order | None, *, now: datetime) -> HttpResponse:
    form, saved = details.save(request, now=now)
    match request.POST.get("action"):
        case "follow":
            return _followed(request, quote, order, form, saved=saved, now=now)
        case "update" if saved:
            fresh, why = _after_details(request, quote, order, now=now)
            # Nobody has pressed Pay yet: a tax that follows the details is no surprise to explain.
            return _to(request, fresh, why="" if why in DETAILS_DECIDE else why, saved="1", anchor="details")
        case "update":
            return show(request, quote, current(), form=form, status=422)
        case _pay:
            return _pay_now(request, quote, order, form, saved=saved, now=now)


def _pay_now(
    request: MemberRequest, quote: Quote, order: Order | None, form: BillingForm, *, saved: bool, now: datetime
) -> HttpResponse:
    accepted = request.POST.get("terms") == "accepted"
    if not (saved and accepted):
        return show(request, quote, current(), form=form, refusals=[] if accepted else [TermsNotAccepted()], status=422)
    if order is not None:
        fresh, why = _after_details(request, quote, order, now=now)
        if why:
            return _to(request, fresh, why=why)
    card = "saved" if request.POST.get("card") == "saved" else "new"
    try:
        placed = ordering.place(quote, member=request.member, card=card, evidence=evidence(request, quote), now=now)
    except GatewayUnreachable:
        return show(request, quote, current(), form=form, problems=[Problem(silent())], status=503)
    except Refusal as refusal:
        if refusal.code in LAPSES:
            return _to(request, _successor(request, quote, now=now), why=refusal.code)
        return show(request, quote, current(), form=form, refusals=[refusal], status=422)
    forget(request)
    return redirect("order", placed.public_id)


def _after_details(request: MemberRequest, quote: Quote, order: Order | None, *, now: datetime) -> tuple[Quote, str]:
    """The promise that holds once the details are saved, and the code of why it is another one ("" for the same).

    An order keeps the buyer it was placed for: after a decline, other details need another order, so another quote.
    """
    if order is not None:
        profile = BillingProfile.objects.get(account=quote.account)
        if asdict(buyer_of(quote.account, profile)) == order.buyer:
            return quote, ""
        return quoting.renew(quote, member=request.member, now=now), DETAILS_CHANGED
    lapse = ordering.standing(quote, now=now)
    return (_successor(request, quote, now=now), lapse.code) if lapse else (quote, "")


def _back_to_the_choice(request: MemberRequest, quote: Quote, refusal: Refusal) -> HttpResponse:
    """No promise can take the place of a lapsed one: the page where it was chosen says why, with the choice in it."""
    if request.POST.get("action") == "follow":
        return HttpResponseClientRedirect(reverse("checkout", args=[quote.public_id]))
    choice = quoting.choice_of(quote)
    facts = facts_of(quote.account, now=request.now)
    if choice.add_ons is None or not facts.held:
        return plans.show(request, plans.typed_for(choice), refusal=refusal, status=REFUSED)
    told.refused(request, refusal)
    return add_ons.show(request, facts, add_ons.typed_for(facts, dict(choice.add_ons)), refusal=refusal, status=REFUSED)


def _successor(request: MemberRequest, quote: Quote, *, now: datetime) -> Quote:
    """The promise that took a lapsed one's place, made now if there is none yet. Refuses as ``quote.make`` does."""
    return quote.superseded_by or quoting.renew(quote, member=request.member, now=now)


def _followed(
    request: MemberRequest, quote: Quote, order: Order | None, form: BillingForm, *, saved: bool, now: datetime
) -> HttpResponse:
    """A field that decides the tax has changed: the parts of the page that follow from it replace the old ones."""
    trigger = request.headers.get("HX-Trigger-Name", "")
    if not saved:
        wrong = [str(error) for error in form.errors.get(trigger, [])]
        said = " ".join(wrong) or _("The tax follows as soon as these details are complete.")
        # The fields that are not filled in yet are not wrong yet: the form comes back without their errors.
        context = {"form": BillingForm(request.POST), "details_state": said, **details.followed(request)}
        return render(request, "portal/checkout_followed.html", context)
    fresh, why = _after_details(request, quote, order, now=now)
    context = {**promised(fresh, current()), "form": form, "oob": True, "saved": True, **details.followed(request)}
    context |= {"details_state": saved_words(fresh), "because": "" if why in DETAILS_DECIDE else because(why)}
    response = render(request, "portal/checkout_followed.html", context)
    return replace_url(response, reverse("checkout", args=[fresh.public_id]))


def evidence(request: MemberRequest, quote: Quote, *, accepted_in: Order | None = None) -> Evidence:
    """What proves that the terms on the page were accepted with this button; ``accepted_in``: instead of a box."""
    return Evidence(
        terms_version=request.POST.get("terms_version", ""),
        terms_sha256=request.POST.get("terms_sha256", ""),
        button_text=promise_of(quote).pay_words,
        language=translation.get_language() or "en",
        address=client_address(request),
        browser=request.headers.get("User-Agent", "").replace("\0", ""),
        accepted_in=accepted_in,
    )


def _to(request: MemberRequest, quote: Quote, *, why: str = "", saved: str = "", anchor: str = "") -> HttpResponse:
    if request.method == "POST":
        keep(request, quote)
    said = urlencode({name: value for name, value in (("because", why), ("saved", saved)) if value})
    address = reverse("checkout", args=[quote.public_id])
    return redirect(f"{address}{'?' if said else ''}{said}{'#' if anchor else ''}{anchor}")
