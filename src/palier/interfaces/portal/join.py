"""The page behind an invitation's link: a name, a password, and one is in."""

from django import forms
from django.contrib import messages
from django.contrib.auth import login, password_validation
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from palier.apps.accounts import clocks
from palier.apps.accounts.actions import token_sha256
from palier.apps.accounts.models import Invitation, User
from palier.flows.people import invite
from palier.interfaces.portal.signup import NameField
from palier.kit import clock
from palier.kit.refusals import Refusal


class JoinForm(forms.Form):
    """What a new member tells: a name and a password."""

    name = NameField(label=gettext_lazy("Your name"), max_length=120)
    password = forms.CharField(
        label=gettext_lazy("Password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=gettext_lazy("At least ten characters."),
        max_length=200,
    )

    def __init__(self, data: object, invitation: Invitation) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        self.invitation = invitation
        self.fields["name"].widget.attrs["autocomplete"] = "name"

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        person = User(email=self.invitation.email, name=self.cleaned_data.get("name", ""))
        password_validation.validate_password(password, person)
        return password


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, token: str) -> HttpResponse:
    """Accept an invitation."""
    now = clocks.time_of(clock.now(), invitations__token_sha256=token_sha256(token))
    waiting = invite.open_invitation(token, now=now)
    form = JoinForm(request.POST if request.method == "POST" else None, waiting)
    refused = ""
    if form.is_valid():
        language = get_language() or "en"
        try:
            member = invite.accept(token, language=language, now=now, **form.cleaned_data)
        except Refusal as refusal:
            refused = refusal.text(language)
        else:
            login(request, member.user)
            messages.success(request, _("Welcome to %(company)s.") % {"company": member.account.name})
            return redirect("home")
    status = 422 if form.is_bound else 200
    context = {"invitation": waiting, "form": form, "refused": refused}
    return render(request, "portal/invitation.html", context, status=status)
