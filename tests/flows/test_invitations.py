"""People join: never more than the seats that were bought, never by a link that should lead nowhere."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Final

import pytest
from django.core import mail as mailbox
from django.db import IntegrityError, transaction

from palier.apps.accounts import actions
from palier.apps.accounts.models import Account, Invitation, Member
from palier.apps.events.models import Event
from palier.apps.notices import actions as outbox
from palier.apps.notices.models import Mail
from palier.apps.subscriptions import seats
from palier.apps.subscriptions.seats import Seats
from palier.flows.people import invite
from palier.flows.people.invite_refusals import (
    AddressMalformed,
    AddressTaken,
    AddressTooLong,
    AlreadyHere,
    InvitationGone,
    NoFreeSeat,
    NoSeatLeft,
    NotAllowedToWithdraw,
    NothingToWithdraw,
    TooManyToday,
    TooManyWaiting,
)
from palier.kit.refusals import Refusal
from tests import world
from tests.sandbox_process import SandboxProcess
from tests.together import together
from tests.world import NOON, Cast

DAY: Final = timedelta(days=1)


def addresses(number: int, name: str = "guest") -> list[str]:
    return [f"{name}{index}@lumiere.example" for index in range(number)]


def link_of(email: str) -> str:
    """The token in the letter to an address."""
    text = Mail.objects.filter(recipient=email).latest("id").text
    found = re.search(r"/invitations/(\S+?)/", text)
    assert found, text
    return found[1]


def joined(token: str, *, after: timedelta = timedelta()) -> Member:
    return invite.accept(token, name="Nora New", password=world.PASSWORD, language="en", now=NOON + after)


def invited(by: Member, *emails: str, after: timedelta = timedelta()) -> list[Invitation]:
    return invite.people(world.fresh(by.account), by, emails, now=NOON + after)


def people_of(account: Account) -> int:
    return account.members.filter(deactivated_at=None).count()


# Seats


def test_seats_are_bought_used_held_and_free(cast: Cast, sandbox: SandboxProcess) -> None:
    assert seats.of_account(cast.account, now=NOON) is None
    world.bought(sandbox, cast.owner, seats=9)
    invited(cast.admin, "one@lumiere.example", "two@lumiere.example")
    held = seats.of_account(cast.account, now=NOON)
    assert held == Seats(bought=9, used=4, invited=2, at_renewal=9)
    assert held.free == 3


def test_the_free_plan_counts_no_seats(cast: Cast) -> None:
    tokens = [link_of(found.email) for found in invited(cast.owner, *addresses(20))]
    for token in tokens:
        joined(token)
    assert people_of(cast.account) == 24


def test_more_invitations_than_free_seats_are_refused_in_words_for_any_number(
    cast: Cast, sandbox: SandboxProcess
) -> None:
    world.bought(sandbox, cast.owner, seats=5)
    with pytest.raises(NoFreeSeat) as refused:
        invited(cast.owner, *addresses(2))
    assert refused.value.text("en").startswith("Free seats: 1. Addresses entered: 2. Nobody was invited;")
    assert refused.value.text("fr").startswith("Places libres\u202f: 1. Adresses saisies\u202f: 2. Personne n’a été")
    assert not Mail.objects.filter(kind="invitation").exists()


def test_invitations_from_before_the_purchase_take_only_seats_that_were_bought(
    cast: Cast, sandbox: SandboxProcess
) -> None:
    tokens = [link_of(found.email) for found in invited(cast.owner, *addresses(3))]
    world.bought(sandbox, cast.owner, seats=5)
    assert seats.of_account(cast.account, now=NOON) == Seats(bought=5, used=4, invited=3, at_renewal=5)
    joined(tokens[0])
    with pytest.raises(NoSeatLeft) as refused:
        joined(tokens[1])
    assert "Ask Odile Owner to add users under Plans & billing, then open this link again." in refused.value.text("en")
    assert "Demandez à Odile Owner d’ajouter des utilisateurs dans Plans" in refused.value.text("fr")

    world.bought(sandbox, cast.owner, seats=6)
    joined(tokens[1])
    assert people_of(cast.account) == 6


def test_nobody_takes_a_seat_that_a_payment_under_way_does_not_buy(cast: Cast, sandbox: SandboxProcess) -> None:
    (waiting,) = invited(cast.owner, "late@lumiere.example")
    token = link_of(waiting.email)
    accepted = world.placed(sandbox, world.quoted(cast.owner, seats=4), world.DECLINED)
    with pytest.raises(NoSeatLeft):
        joined(token)
    world.collected(accepted)
    assert joined(token).account == cast.account


@pytest.mark.django_db(transaction=True)
def test_many_who_accept_and_invite_at_once_never_exceed_the_seats(sandbox: SandboxProcess, cast: Cast) -> None:
    tokens = [link_of(found.email) for found in invited(cast.owner, *addresses(40))]
    world.bought(sandbox, cast.owner, seats=12)
    answers = together([accepting(token) for token in tokens] + [inviting(cast.owner, n) for n in range(24)])
    assert people_of(cast.account) == 12
    assert sum(isinstance(answer, Member) for answer in answers) == 8
    assert {type(answer) for answer in answers} == {Member, NoSeatLeft, NoFreeSeat}


@pytest.mark.django_db(transaction=True)
def test_many_who_invite_at_once_never_promise_more_than_the_free_seats(sandbox: SandboxProcess, cast: Cast) -> None:
    world.bought(sandbox, cast.owner, seats=11)
    answers = together([inviting(cast.owner, number) for number in range(64)])
    assert sum(isinstance(answer, list) for answer in answers) == Invitation.objects.count() == 7
    assert {type(answer) for answer in answers} == {list, NoFreeSeat}


@pytest.mark.django_db(transaction=True)
def test_one_link_followed_by_many_at_once_lets_one_in(cast: Cast) -> None:
    (waiting,) = invited(cast.owner, "one@lumiere.example")
    answers = together([accepting(link_of(waiting.email))] * 16)
    assert sum(isinstance(answer, Member) for answer in answers) == 1
    assert {type(answer) for answer in answers} == {Member, InvitationGone}


@pytest.mark.django_db(transaction=True)
def test_one_address_invited_by_two_accounts_joins_one(cast: Cast) -> None:
    tokens = []
    for by in (cast.owner, cast.stranger):
        invited(by, "wanted@somewhere.example")
        tokens.append(link_of("wanted@somewhere.example"))
    answers = together([accepting(token) for token in tokens] * 4)
    assert sum(isinstance(answer, Member) for answer in answers) == 1
    assert {type(answer) for answer in answers} <= {Member, InvitationGone, AddressTaken}


def accepting(token: str) -> Callable[[], Member]:
    return lambda: joined(token)


def inviting(by: Member, number: int) -> Callable[[], list[Invitation]]:
    return lambda: invited(by, f"more{number}@lumiere.example")


# How many letters


def test_a_free_account_has_fifty_invitations_waiting_at_most(cast: Cast) -> None:
    invited(cast.owner, *addresses(49))
    with pytest.raises(TooManyWaiting):
        invited(cast.owner, *addresses(2, "more"), after=2 * DAY)
    invited(cast.owner, "fiftieth@lumiere.example", after=2 * DAY)
    assert Invitation.objects.count() == 50


def test_fifty_invitations_leave_in_a_day_whatever_became_of_them(cast: Cast) -> None:
    for found in invited(cast.owner, *addresses(50)):
        invite.withdraw(found, cast.owner, now=NOON)
    with pytest.raises(TooManyToday) as refused:
        invited(cast.owner, "more@lumiere.example", after=timedelta(hours=23))
    assert "50" in refused.value.text("fr")
    invited(cast.owner, "more@lumiere.example", after=DAY)


def test_who_bought_many_seats_may_fill_them_in_a_day(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner, seats=80)
    invited(cast.owner, *addresses(76))
    assert Mail.objects.filter(kind="invitation").count() == 76


def test_a_name_in_a_letter_is_one_short_line(cast: Cast) -> None:
    Account.objects.filter(pk=cast.account.pk).update(name="Acme\r\nBcc: all\u202e\x1b[2J " + "Buy now! " * 20)
    invited(cast.owner, "new@lumiere.example")
    letter = Mail.objects.get()
    assert letter.subject.startswith("Odile Owner invites you to Acme Bcc: all[2J Buy now!")
    for text in (letter.subject, letter.text, letter.html):
        assert not any(control in text for control in "\r\x1b\u202e")
        assert "Buy now! " * 6 not in text


# Addresses


@pytest.mark.parametrize(
    ("typed", "refusal"),
    [
        ("not-an-address", AddressMalformed),
        ("a" * 64 + "@" + ".".join(["b" * 60] * 4) + ".example", AddressTooLong),
        ("a" * 5000, AddressTooLong),
    ],
)
def test_what_is_no_address_is_refused_by_name(cast: Cast, typed: str, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        invited(cast.owner, "good@lumiere.example", typed)
    assert not Invitation.objects.exists()


def test_the_longest_address_is_accepted(cast: Cast) -> None:
    longest = "a" * 64 + "@" + ".".join(["b" * 60] * 2) + "." + "c" * 59 + ".example"
    longest = longest[:64] + longest[64:].ljust(254 - 64, "e")
    assert len(longest) == 254
    assert invited(cast.owner, longest)[0].email == longest


@pytest.mark.parametrize("here", ["member@lumiere.example", "WAITING@lumiere.example"])
def test_an_address_of_this_account_is_not_invited_again(cast: Cast, here: str) -> None:
    invited(cast.owner, "waiting@lumiere.example")
    with pytest.raises(AlreadyHere):
        invited(cast.owner, "good@lumiere.example", here)


def test_whether_an_address_has_a_log_in_elsewhere_is_told_to_its_owner_only(cast: Cast) -> None:
    invited(cast.owner, "stranger@elsewhere.example", "nobody@elsewhere.example")
    with pytest.raises(AddressTaken):
        joined(link_of("stranger@elsewhere.example"))
    assert joined(link_of("nobody@elsewhere.example")).account == cast.account


# Until when


def test_an_invitation_waits_fourteen_days(cast: Cast) -> None:
    invited(cast.owner, "late@lumiere.example", "early@lumiere.example")
    joined(link_of("early@lumiere.example"), after=14 * DAY - timedelta(seconds=1))
    with pytest.raises(InvitationGone):
        joined(link_of("late@lumiere.example"), after=14 * DAY)
    assert "The place is kept until 15 June 2026." in Mail.objects.get(recipient="late@lumiere.example").text


def test_an_expired_invitation_holds_no_seat_and_can_be_made_again(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner, seats=5)
    invited(cast.owner, "late@lumiere.example")
    with pytest.raises(NoFreeSeat):
        invited(cast.owner, "other@lumiere.example", after=14 * DAY - timedelta(seconds=1))
    invited(cast.owner, "late@lumiere.example", after=14 * DAY)
    assert joined(link_of("late@lumiere.example"), after=15 * DAY).account == cast.account


def test_a_withdrawn_invitation_leads_nowhere_and_frees_its_seat(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner, seats=5)
    (waiting,) = invited(cast.owner, "oops@lumiere.example")
    token = link_of("oops@lumiere.example")
    invite.withdraw(waiting, cast.admin, now=NOON)
    with pytest.raises(InvitationGone):
        joined(token)
    assert Event.objects.latest("id").kind == "invitation.withdrawn"
    invited(cast.owner, "oops@lumiere.example")
    with pytest.raises(InvitationGone):
        joined(token)


def test_what_no_longer_waits_cannot_be_withdrawn(cast: Cast) -> None:
    accepted, withdrawn, expired = invited(cast.owner, *addresses(3))
    joined(link_of(accepted.email))
    invite.withdraw(withdrawn, cast.owner, now=NOON)
    for gone in (accepted, withdrawn):
        with pytest.raises(NothingToWithdraw):
            invite.withdraw(gone, cast.owner, now=NOON + DAY)
    with pytest.raises(NothingToWithdraw):
        invite.withdraw(expired, cast.owner, now=NOON + 14 * DAY)


def test_only_who_may_invite_may_withdraw(cast: Cast) -> None:
    (waiting,) = invited(cast.owner, "new@lumiere.example")
    for other in (cast.member, cast.billing_admin, cast.stranger):
        with pytest.raises(NotAllowedToWithdraw):
            invite.withdraw(waiting, other, now=NOON)
    assert Invitation.objects.open_at(NOON).exists()


def test_the_database_refuses_two_open_invitations_of_one_address(cast: Cast) -> None:
    actions.invite(cast.account, "new@lumiere.example", role="member", invited_by=cast.owner, now=NOON)
    with pytest.raises(IntegrityError, match="one_open_invitation_per_address"), transaction.atomic():
        actions.invite(cast.account, "NEW@lumiere.example", role="member", invited_by=cast.owner, now=NOON + DAY)
    actions.invite(cast.account, "new@lumiere.example", role="member", invited_by=cast.owner, now=NOON + 14 * DAY)


# The link


def test_nothing_that_is_kept_opens_the_invitation_once_its_letter_was_sent(cast: Cast) -> None:
    invited(cast.owner, "new@lumiere.example")
    token = link_of("new@lumiere.example")
    outbox.send(Mail.objects.get().id, now=NOON)
    assert token in str(mailbox.outbox[0].body)
    sent = Mail.objects.get()
    assert (sent.text, sent.html, sent.sent_at) == ("", "", NOON)
    assert sent.subject
    kept = [*Mail.objects.values_list(), *Invitation.objects.values_list(), *Event.objects.values_list()]
    assert not any(token in str(row) for row in kept)

    outbox.send(sent.id, now=NOON)
    assert len(mailbox.outbox) == 1


def test_other_letters_stay_readable(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner)
    receipt = Mail.objects.get(kind="receipt")
    outbox.send(receipt.id, now=NOON)
    receipt.refresh_from_db()
    assert receipt.sent_at
    assert "Thank you." in receipt.text
