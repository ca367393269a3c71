"""The operator's people: who joins the team that answers customers, and who leaves it."""

from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from palier.apps.accounts import actions
from palier.apps.accounts.models import LONGEST_EMAIL, Operator, User
from palier.apps.chat import actions as chat
from palier.kit.refusals import Refusal


class NotAnAddress(Refusal):
    code = "team.not_an_address"
    en = "“{email}” is not an e-mail address. Nobody was added."
    fr = "«\u202f{email}\u202f» n’est pas une adresse e-mail. Personne n’a été ajouté."
    field = "email"


class IsACustomer(Refusal):
    code = "team.is_a_customer"
    en = "{email} belongs to a customer’s account. Nobody was added; give your colleague an address of the team."
    fr = (
        "{email} fait partie du compte d’un client. Personne n’a été ajouté\u202f; donnez à votre collègue une adresse "
        "de l’équipe."
    )
    field = "email"


class AlreadyThere(Refusal):
    code = "team.already_there"
    en = "{email} is of the team already. Nothing was changed."
    fr = "{email} fait déjà partie de l’équipe. Rien n’a changé."
    field = "email"


class PoorPassword(Refusal):
    code = "team.poor_password"
    en = "This password is not safe enough: {why} Nobody was added."
    fr = "Ce mot de passe n’est pas assez sûr\u202f: {why} Personne n’a été ajouté."
    field = "password"


class NotOfTheTeam(Refusal):
    code = "team.unknown"
    en = "Nobody of the team has the address {email}. Nothing was changed."
    fr = "Personne de l’équipe n’a l’adresse {email}. Rien n’a changé."
    field = "email"


def join(email: str, *, name: str, password: str, language: str, now: datetime) -> Operator:
    """Give a person a place at the desk, or give it back to one who had left. They log in with this password."""
    try:
        validate_email(email)
    except ValidationError:
        raise NotAnAddress(email=email[:LONGEST_EMAIL]) from None
    known = User.objects.filter(email__iexact=email).first()
    if known is not None and hasattr(known, "member"):
        raise IsACustomer(email=email)
    if Operator.objects.filter(user=known, ended_at=None).exists() and known is not None:
        raise AlreadyThere(email=email)
    try:
        validate_password(password, known or User(email=email, name=name))
    except ValidationError as poor:
        raise PoorPassword(why=" ".join(poor.messages)) from poor
    with transaction.atomic():
        if known is None:
            known = actions.person(email=email, name=name or email, language=language, password=password)
        else:
            actions.let_in_again(known, password)
        return actions.join_team(known, now=now)


def leave(email: str, *, now: datetime) -> Operator:
    """Close the desk to somebody, at once. What they wrote stays under their name; their conversations are nobody's."""
    operator = Operator.objects.select_related("user").filter(user__email__iexact=email, ended_at=None).first()
    if operator is None:
        raise NotOfTheTeam(email=email[:LONGEST_EMAIL])
    with transaction.atomic():
        actions.leave_team(operator, now=now)
        chat.take_from(operator)
    return operator


def everybody() -> list[Operator]:
    """Those who are of the team and those who were, the first first."""
    return list(Operator.objects.select_related("user").order_by("joined_at", "id"))
