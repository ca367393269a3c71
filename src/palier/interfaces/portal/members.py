"""The people of an account: who is here, who is invited, and the page behind an invitation's link."""

import re
from typing import Final

from django import forms
from django.contrib import messages
from django.contrib.auth import login, password_validation
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from palier.apps.accounts.models import Invitation, User
from palier.apps.subscriptions import seats
from palier.flows import invite
from palier.interfaces.portal.access import MemberRequest, member_required
from palier.interfaces.portal.found import own_invitation
from palier.interfaces.portal.signup import NameField
from palier.kit import clock
from palier.kit.refusals import Refusal

BETWEEN_ADDRESSES: Final = re.compile(r"[\s,;]+")
LONGEST_LIST: Final = 20_000
"""Characters: hundreds of addresses, more than the seats of any plan."""

UNPROCESSABLE: Final = 422


class ListTooLong(Refusal):
    code = "invitation.list_too_long"
    en = "The list is longer than {most} characters. Nobody was invited; send it in parts."
    fr = "La liste dépasse {most} caractères. Personne n’a été invité\u202f; envoyez-la en plusieurs fois."
    field = "emails"


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


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def page(request: MemberRequest) -> HttpResponse:
    """The list; the owner and admins invite by e-mail, several addresses at once."""
    typed = request.POST.get("emails", "").replace("\0", "").replace("\r\n", "\n")
    if request.method != "POST":
        return _show(request)
    try:
        if len(typed) > LONGEST_LIST:
            raise ListTooLong(most=LONGEST_LIST)
        sent = invite.people(request.account, request.member, BETWEEN_ADDRESSES.split(typed), now=clock.now())
    except Refusal as refusal:
        return _show(request, typed, refusal)
    told = ngettext("%(count)s invitation is on its way.", "%(count)s invitations are on their way.", len(sent))
    messages.success(request, told % {"count": len(sent)})
    return redirect("members")


@require_POST
@member_required
def withdraw(request: MemberRequest, invitation_id: str) -> HttpResponse:
    """Take back an invitation that waits."""
    waiting = own_invitation(request, invitation_id)
    try:
        invite.withdraw(waiting, request.member, now=clock.now())
    except Refusal as refusal:
        messages.error(request, refusal.text(get_language() or "en"))
    else:
        messages.success(request, _("The invitation for %(address)s is withdrawn.") % {"address": waiting.email})
    return redirect("members")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Accept an invitation: a name, a password, and you are in."""
    waiting = invite.open_invitation(token, now=clock.now())
    form = JoinForm(request.POST if request.method == "POST" else None, waiting)
    refused = ""
    if form.is_valid():
        language = get_language() or "en"
        try:
            member = invite.accept(token, language=language, now=clock.now(), **form.cleaned_data)
        except Refusal as refusal:
            refused = refusal.text(language)
        else:
            login(request, member.user)
            messages.success(request, _("Welcome to %(company)s.") % {"company": member.account.name})
            return redirect("home")
    status = UNPROCESSABLE if form.is_bound else 200
    context = {"invitation": waiting, "form": form, "refused": refused}
    return render(request, "portal/invitation.html", context, status=status)


def _show(request: MemberRequest, typed: str = "", refusal: Refusal | None = None) -> HttpResponse:
    now = clock.now()
    people = request.account.members.select_related("user").filter(deactivated_at=None).order_by("joined_at")
    context = {
        "people": people,
        "waiting": request.account.invitations.open_at(now).order_by("invited_at", "id"),
        "seats": seats.of_account(request.account, now=now),
        "typed": typed,
        "longest_list": LONGEST_LIST,
        "error": refusal.text(get_language() or "en") if refusal else "",
    }
    return render(request, "portal/members.html", context, status=UNPROCESSABLE if refusal else 200)
