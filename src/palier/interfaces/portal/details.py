"""Billing details: the form that the checkout and the settings share, and the page in the settings."""

from datetime import datetime
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.forms.utils import ErrorDict
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from palier.apps.accounts.models import BillingProfile
from palier.apps.catalogue import countries
from palier.apps.tax import addresses
from palier.apps.tax.refusals import FieldRefusals
from palier.flows import details
from palier.interfaces.portal.access import MemberRequest, buyer_required

FOLLOWED: Final = {"hx-post": "", "hx-trigger": "change"}
"""On the fields that decide the tax and what else is asked: the page follows them at once where scripts run."""


def _text(label: Any, autocomplete: str, *, required: bool = True, **attributes: str) -> forms.CharField:
    return forms.CharField(
        label=label, required=required, widget=forms.TextInput({"autocomplete": autocomplete, **attributes})
    )


class BillingForm(forms.Form):
    """What is asked about the buyer. The form only carries what was typed; the flow checks it, in its own words."""

    use_required_attribute = False

    kind = forms.ChoiceField(
        label=gettext_lazy("Who buys"),
        choices=[("company", gettext_lazy("A company")), ("person", gettext_lazy("A person"))],
        widget=forms.RadioSelect(attrs=dict(FOLLOWED)),
    )
    name = _text(gettext_lazy("Company name"), "billing organization")
    address = forms.CharField(
        label=gettext_lazy("Address"),
        widget=forms.Textarea({"autocomplete": "billing street-address", "rows": "2"}),
    )
    postcode = _text(gettext_lazy("Postcode"), "billing postal-code", required=False)
    city = _text(gettext_lazy("City"), "billing address-level2", required=False)
    region = _text(gettext_lazy("State or region"), "billing address-level1", required=False)
    country = forms.ChoiceField(
        label=gettext_lazy("Country"),
        widget=forms.Select({"autocomplete": "billing country", **FOLLOWED}),
    )
    vat_number = _text(gettext_lazy("VAT number"), "off", required=False, spellcheck="false", **FOLLOWED)
    email = _text(gettext_lazy("Billing e-mail"), "billing email", inputmode="email", spellcheck="false")
    po_number = _text(gettext_lazy("Purchase order number"), "off", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = translation.get_language() or "en"
        self.fields["country"].widget.choices = list(countries.names(language).items())
        if self["kind"].value() == "person":
            self.fields["name"].label = _("Name")
            self.fields["name"].widget.attrs["autocomplete"] = "billing name"
        if (country := self["country"].value()) in countries.COUNTRIES:
            self._ask_as_in(country, language)

    def _ask_as_in(self, country: str, language: str) -> None:
        """Ask for postcode, city and region as that country's addresses have them."""
        for name, asked in addresses.fields(country).items():
            if not asked.shown and not self[name].value():
                del self.fields[name]
                continue
            field = self.fields[name]
            field.label, field.required = asked.label(language), asked.required
            if asked.choices:
                empty = ("", _("Choose from the list"))
                field.widget = forms.Select(field.widget.attrs, choices=[empty, *asked.choices])

    def full_clean(self) -> None:
        """Judge nothing: errors come from the flow's refusals, by ``refuse``."""
        self._errors = ErrorDict(renderer=self.renderer)
        self.cleaned_data = {}

    def refuse(self, refused: FieldRefusals) -> None:
        """Put each refusal at its field."""
        for field, refusal in refused.by_field.items():
            self.add_error(field, refusal.text(translation.get_language() or "en"))

    @property
    def typed(self) -> dict[str, str]:
        """What was typed, field by field, as the flow takes it."""
        return {name: str(self.data.get(name, "")) for name in self.base_fields}


def form_of(profile: BillingProfile | None, request: MemberRequest) -> BillingForm:
    """The form as it stands: the saved details, else what we know about the account."""
    if profile is not None:
        return BillingForm(initial={name: getattr(profile, name) for name in BillingForm.base_fields})
    account = request.account
    known = {"kind": "company", "name": account.name, "country": account.country, "email": request.member.user.email}
    return BillingForm(initial=known)


def save(request: MemberRequest, *, now: datetime) -> tuple[BillingForm, bool]:
    """Save what was posted; the form comes back with its errors if it was refused."""
    form = BillingForm(request.POST)
    try:
        details.save(request.account, request.member, form.typed, now=now)
    except FieldRefusals as refused:
        form.refuse(refused)
        return form, False
    return form, True


def followed(request: MemberRequest) -> dict[str, bool]:
    """Which parts of the form follow the field that has just changed."""
    changed = request.headers.get("HX-Trigger-Name", "")
    return {"country_changed": changed == "country", "kind_changed": changed == "kind"}


@require_http_methods(["GET", "HEAD", "POST"])
@buyer_required
def page(request: MemberRequest) -> HttpResponse:
    """Billing details in the settings: they apply to the next order and renewal, never to issued invoices."""
    if request.method == "POST" and request.POST.get("action") == "follow":
        return render(request, "portal/details_followed.html", {"form": BillingForm(request.POST), **followed(request)})
    if request.method == "POST":
        form, saved = save(request, now=request.now)
        if saved:
            messages.success(request, _("Your billing details are saved. They apply from the next invoice on."))
            return redirect("billing-details")
        return render(request, "portal/billing_details.html", {"form": form}, status=422)
    profile = BillingProfile.objects.filter(account=request.account).first()
    return render(request, "portal/billing_details.html", {"form": form_of(profile, request)})
