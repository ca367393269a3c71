"""Opening an account: what allauth asks, and whom it tells in which words."""

import logging
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import AddEmailForm as AllauthAddEmailForm
from allauth.account.forms import LoginForm as AllauthLoginForm
from allauth.account.forms import ResetPasswordForm as AllauthResetPasswordForm
from allauth.account.forms import SignupForm as AllauthSignupForm
from django import forms
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from palier.apps.accounts.models import User
from palier.apps.catalogue import countries
from palier.apps.tax import texts
from palier.flows.people import signup
from palier.interfaces.portal import known_browsers
from palier.kit import card_numbers, clock
from palier.kit.refusals import Refusal


class LetterNotSent(Refusal):
    code = "letter.not_sent"
    en = "Our mail service does not answer, so nothing was sent. Nothing was changed; try again in a few minutes."
    fr = (
        "Notre service de messagerie ne répond pas, rien n’a donc été envoyé. Rien n’a changé ; "
        "réessayez dans quelques minutes."
    )


class NameField(forms.CharField):
    """A name as it will be printed: no control character, and none that turns the direction of text."""

    def clean(self, value: Any) -> str:
        typed: str = super().clean(value)
        try:
            return texts.clean(typed, "name", most=self.max_length or 200, required=self.required)
        except Refusal as refusal:
            raise forms.ValidationError(refusal.text(get_language() or "en")) from refusal


class SignupForm(AllauthSignupForm):  # type: ignore[misc]
    """E-mail and password, and whose account it is."""

    use_required_attribute = False
    field_order = ("name", "company", "country", "email", "password1")

    name = NameField(label=_("Your name"), max_length=120, widget=forms.TextInput({"autocomplete": "name"}))
    company = NameField(
        label=_("Company name"), max_length=200, widget=forms.TextInput({"autocomplete": "organization"})
    )
    country = forms.ChoiceField(label=_("Country"), widget=forms.Select({"autocomplete": "country"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = get_language() or "en"
        self.fields["country"].choices = list(countries.names(language).items())
        self.fields["country"].initial = "FR" if language.startswith("fr") else "GB"
        self.fields["email"].label = _("E-mail address")
        self.fields["password1"].help_text = _("At least ten characters.")

    def save(self, request: HttpRequest) -> User:
        """One transaction: the person, and the account that the person owns."""
        with transaction.atomic():
            user: User = super().save(request)
        return user

    def custom_signup(self, request: HttpRequest, user: User) -> None:
        """Open the account once the person is stored."""
        signup.open_account(
            user,
            company=self.cleaned_data["company"],
            country=self.cleaned_data["country"],
            language=user.language,
            sandbox=settings.PALIER_SANDBOX_ACCOUNTS,
            now=clock.now(),
        )


class LoginForm(AllauthLoginForm):  # type: ignore[misc]
    """E-mail address and password; the way to a new password stands below the form."""

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("E-mail address")
        self.fields["password"].help_text = ""


class ResetPasswordForm(AllauthResetPasswordForm):  # type: ignore[misc]
    """The address that the link is sent to."""

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("E-mail address")


class AddEmailForm(AllauthAddEmailForm):  # type: ignore[misc]
    """Another address to log in with."""

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("E-mail address")


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """A person has a name and a language here, and meets the pages in that language after log-in."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "too_many_login_attempts": _(
            "Too many wrong passwords for this address, or from where you are. Wait five minutes, or choose a new "
            "password with the link below."
        ),
    }

    def clean_email(self, email: str) -> str:
        """No card's number, which a form's filler may have put into the wrong field."""
        cleaned: str = super().clean_email(email)
        try:
            card_numbers.refuse(cleaned, "email")
        except Refusal as refusal:
            raise forms.ValidationError(refusal.text(get_language() or "en")) from refusal
        return cleaned

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Whose wrong passwords are counted together: a browser that has been in before has a count of its own."""
        key: str = super()._get_login_attempts_cache_key(request, **credentials)
        return f"{key}:{known_browsers.name_of(request, str(credentials.get('email', '')))}"

    def save_user(self, request: HttpRequest, user: User, form: forms.Form, commit: bool = True) -> User:
        """Store the person with the name typed and the language of the page."""
        user.name = form.cleaned_data["name"]
        user.language = get_language() or settings.LANGUAGE_CODE
        saved: User = super().save_user(request, user, form, commit)
        return saved

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send one of the letters of log-in. One that can be asked for again later stops nobody's sign-up."""
        try:
            super().send_mail(template_prefix, email, context)
        except OSError as error:
            if "email_confirmation" not in template_prefix:
                raise LetterNotSent from error
            logging.getLogger(__name__).warning("no confirmation was sent: %s", error)

    def post_login(self, request: HttpRequest, user: User, **details: Any) -> HttpResponse:
        """The pages speak the person's language, unless another was chosen in this browser."""
        response: HttpResponse = super().post_login(request, user, **details)
        if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
            response.set_cookie(
                settings.LANGUAGE_COOKIE_NAME, user.language, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
            )
        known_browsers.remember(request, response, user.email)
        return response
