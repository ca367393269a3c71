"""What a letter says when one of two subscriptions ends: whose seats, on which day, and what goes on."""

from datetime import timedelta

import pytest

from palier.apps.accounts.models import User
from palier.apps.events.models import Event
from palier.apps.notices.models import Mail
from palier.apps.subscriptions.models import ScheduledChange, Subscription
from palier.flows import renew, schedule, seats, unused_seats
from palier.flows.change import Choice
from palier.flows.people import members
from tests import unpaid, world
from tests.interfaces.portal.subscribed import changed
from tests.sandbox_process import SandboxProcess
from tests.world import NOON, Cast

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(days=14)

CONFIRMED = {
    "en": (
        "Your cancellation is confirmed: 1 monthly user, until 30 June 2026",
        "A part of your subscription ends on 30 June 2026: 1 monthly user. Nothing will be charged for it any more, "
        "and until then you can withdraw the cancellation.",
        "The rest goes on as before: 5 annual users, next renewal on 1 June 2027.",
    ),
    "fr": (
        "Votre résiliation est confirmée\u202f: 1 utilisateur mensuel, jusqu’au 30 juin 2026",
        "Une partie de votre abonnement prend fin le 30 juin 2026\u202f: 1 utilisateur mensuel. Plus rien ne sera "
        "prélevé pour elle, et d’ici là vous pouvez annuler la résiliation.",
        "Le reste continue comme avant\u202f: 5 utilisateurs annuels, prochain renouvellement le 1er juin 2027.",
    ),
}
ENDED = {
    "en": (
        "A part of your subscription has ended",
        "As you asked, a part of your subscription ended on 30 June 2026: 1 monthly user. Nothing will be charged for "
        "it any more.",
        "The rest goes on as before: 5 annual users, next renewal on 1 June 2027.",
    ),
    "fr": (
        "Une partie de votre abonnement a pris fin",
        "Comme vous l’avez demandé, une partie de votre abonnement a pris fin le 30 juin 2026\u202f: 1 utilisateur "
        "mensuel. Plus rien ne sera prélevé pour elle.",
        "Le reste continue comme avant\u202f: 5 utilisateurs annuels, prochain renouvellement le 1er juin 2027.",
    ),
}
UNPAID = {
    "en": (
        "A part of your subscription has ended",
        "The invoice was not paid, so the part of your subscription that it is for ended on 31 July 2026.",
        "We do not try to charge it any more.",
        "The rest goes on as before: 5 annual users, next renewal on 1 June 2027.",
    ),
    "fr": (
        "Une partie de votre abonnement a pris fin",
        "La facture n’a pas été réglée\u202f: la partie de votre abonnement qu’elle concerne a pris fin le "
        "31 juillet 2026.",
        "Nous n’essayons plus de la prélever.",
        "Le reste continue comme avant\u202f: 5 utilisateurs annuels, prochain renouvellement le 1er juin 2027.",
    ),
}
EVERYTHING = (
    "read-only",
    "data stays readable",
    "lecture seule",
    "restent lisibles",
    "Nothing will be charged any more.",
)
"""What is said only where nothing goes on."""


def mixed(cast: Cast, sandbox: SandboxProcess, language: str = "en", card: str = world.GOOD, *, month: int = 1) -> None:
    """Until 1 July 2026 by the month, until 1 June 2027 five by the year; four people are here."""
    User.objects.update(language=language)
    world.collected(world.placed(sandbox, world.quoted(cast.owner, "team", "year", 5), card))
    changed(cast, Choice("team", "year", 5, month), now=NOON)


def canceled(cast: Cast, interval: str | None) -> list[ScheduledChange]:
    return schedule.cancel(world.fresh(cast.account), cast.owner, interval=interval, now=LATER)


def ends(interval: str) -> None:
    held = Subscription.objects.get(interval=interval)
    renew.these([held.id], now=held.period_end)


def told(kind: str) -> tuple[str, str]:
    """Subject (with ordinary spaces) and text of the only letter of a kind, on one line."""
    mail = Mail.objects.get(kind=kind)
    return mail.subject, mail.text.replace("\n", " ")


def assert_told(kind: str, sentences: tuple[str, ...]) -> None:
    subject, text = told(kind)
    assert subject == sentences[0]
    for sentence in sentences[1:]:
        assert sentence in text
    assert not [words for words in EVERYTHING if words in text]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_part_is_canceled_and_ends(cast: Cast, sandbox: SandboxProcess, language: str) -> None:
    mixed(cast, sandbox, language)
    canceled(cast, "month")
    assert_told("cancellation_confirmed", CONFIRMED[language])
    ends("month")
    assert_told("ended", ENDED[language])


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_part_ends_unpaid(cast: Cast, sandbox: SandboxProcess, language: str) -> None:
    mixed(cast, sandbox, language, world.LATER_POOR)
    ends("month")
    invoice = cast.account.invoices.latest("id")
    unpaid.collected(now=invoice.issued_at)
    unpaid.days_go_by(invoice, 30)
    assert_told("ended_unpaid", UNPAID[language])


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "Team goes on as before: 1 monthly user, next renewal on 1 July 2026."),
        ("fr", "Team continue comme avant\u202f: 1 utilisateur mensuel, prochain renouvellement le 1er juillet 2026."),
    ],
)
def test_a_part_goes_on_after_all(cast: Cast, sandbox: SandboxProcess, language: str, sentence: str) -> None:
    mixed(cast, sandbox, language)
    (end,) = canceled(cast, "month")
    schedule.withdraw(end, cast.owner, now=LATER)
    assert sentence in told("cancellation_withdrawn")[1]


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "stay until their own end: 1 monthly user until 30 June 2026, 5 annual users until 31 May 2027."),
        ("fr", "à leur terme\u202f: 1 utilisateur mensuel jusqu’au 30 juin 2026, 5 utilisateurs annuels jusqu’au"),
    ],
)
@pytest.mark.parametrize("at_once", [True, False])
def test_where_both_end_each_is_told_with_its_day(
    cast: Cast, sandbox: SandboxProcess, at_once: bool, language: str, sentence: str
) -> None:
    mixed(cast, sandbox, language)
    if at_once:
        canceled(cast, None)
    else:
        canceled(cast, "month")
        Mail.objects.all().delete()
        canceled(cast, "year")
    subject, text = told("cancellation_confirmed")
    assert {"en": "Team ends on 31 May 2027", "fr": "Team prend fin le 31 mai 2027"}[language] in subject
    assert sentence in text


def test_the_first_of_two_ends_tells_of_the_second_and_the_second_of_the_whole(
    cast: Cast, sandbox: SandboxProcess
) -> None:
    mixed(cast, sandbox)
    canceled(cast, None)
    ends("month")
    assert "The rest goes on as before: 5 annual users until 31 May 2027." in told("ended")[1]
    Mail.objects.all().delete()
    ends("year")
    subject, text = told("ended")
    assert subject == "Your subscription has ended"
    assert "Your data is read-only" in text


# Whichever way it is canceled


@pytest.mark.parametrize("way", ["the number of users", "unused seats", "a licence"])
def test_each_way_to_cancel_a_part_is_told(cast: Cast, sandbox: SandboxProcess, way: str) -> None:
    mixed(cast, sandbox)
    match way:
        case "the number of users":
            seats.reduce(world.fresh(cast.account), cast.owner, 0, interval="month", now=LATER)
        case "unused seats":
            unused_seats.reduce(world.fresh(cast.account), cast.owner, now=LATER)
        case _:
            members.deactivate(cast.member, cast.owner, licence=members.REDUCE, now=LATER)
    assert_told("cancellation_confirmed", CONFIRMED["en"])
    facts = Event.objects.filter(kind__in=("cancellation.scheduled", "change.scheduled")).order_by("id")
    assert [fact.kind for fact in facts if fact.payload.get("what") != "seats"] == ["cancellation.scheduled"]
    end = ScheduledChange.objects.get(kind="cancel", state="waiting")
    schedule.withdraw(end, cast.owner, now=LATER)
    assert Mail.objects.filter(kind="cancellation_withdrawn").count() == 1


def test_fewer_users_of_one_that_goes_on_are_told_in_no_letter(cast: Cast, sandbox: SandboxProcess) -> None:
    mixed(cast, sandbox, month=3)
    seats.reduce(world.fresh(cast.account), cast.owner, 2, interval="month", now=LATER)
    assert set(Mail.objects.values_list("kind", flat=True)) == {"receipt"}


@pytest.mark.parametrize("language", ["en", "fr"])
def test_letters_withdraw_and_do_not_revoke(cast: Cast, sandbox: SandboxProcess, language: str) -> None:
    User.objects.update(language=language)
    world.bought(sandbox, cast.owner)
    (end,) = canceled(cast, None)
    schedule.withdraw(end, cast.owner, now=LATER)
    said = [f"{mail.subject} {mail.text}" for mail in Mail.objects.exclude(kind="receipt").order_by("id")]
    assert [("withdraw" if language == "en" else "annul") in words for words in said] == [True, True]
    assert not [words for words in said if "revok" in words or "revenir sur" in words]
