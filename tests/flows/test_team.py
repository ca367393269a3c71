"""The operator's people join and leave; what they save at the desk is refused by name."""

from io import StringIO

import pytest

from palier.apps.accounts.models import Operator, User
from palier.apps.chat import canned, hours
from palier.apps.chat.hours import ClosesFirst, NotATime, OneEndMissing, Overlap, Typed
from palier.apps.chat.models import CannedAnswer, Conversation, OpeningHours
from palier.flows.conversations import converse, inbox, team
from palier.flows.conversations.converse_refusals import SaidMeanwhile, UnknownColleague
from palier.flows.conversations.team import AlreadyThere, IsACustomer, NotAnAddress, NotOfTheTeam, PoorPassword
from palier.interfaces.cli.main import main
from palier.kit.refusals import Refusal
from tests import world
from tests.flows.conversations import written
from tests.world import NOON, PASSWORD, Cast


def joined(email: str = "new@seller.example", password: str = "a long and quiet word") -> Operator:
    return team.join(email, name="Nora New", password=password, language="fr", now=NOON)


def test_somebody_joins_leaves_and_comes_back(cast: Cast) -> None:
    operator = joined()
    assert operator.user.check_password("a long and quiet word")
    epoch = operator.user.sessions_epoch
    assert team.leave("NEW@seller.example", now=NOON).ended_at == NOON
    gone = User.objects.get(pk=operator.user_id)
    assert (gone.is_active, gone.sessions_epoch) == (False, epoch + 1)
    again = joined(password="another quiet word")
    back = User.objects.get(pk=operator.user_id)
    assert (again.pk, again.ended_at, back.is_active) == (operator.pk, None, True)
    assert back.check_password("another quiet word")


def test_who_cannot_join_or_leave(cast: Cast) -> None:
    joined()
    for email, password, refusal in (
        ("nobody", "a long and quiet word", NotAnAddress),
        (cast.member.user.email.upper(), "a long and quiet word", IsACustomer),
        ("New@seller.example", "a long and quiet word", AlreadyThere),
        ("other@seller.example", "short", PoorPassword),
    ):
        with pytest.raises(refusal):
            joined(email, password)
    with pytest.raises(NotOfTheTeam):
        team.leave(cast.owner.user.email, now=NOON)
    assert Operator.objects.count() == 1


def test_the_command(cast: Cast, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert main(["operator", "add", "tess@seller.example", "--name", "Tess Team"]) == 0
    said = capsys.readouterr().out
    password = said.strip().rpartition(" ")[2]
    assert User.objects.get(email="tess@seller.example").check_password(password)
    assert main(["operator", "add", "tess@seller.example"]) == 1
    assert "of the team already" in capsys.readouterr().err
    assert main(["operator", "end", "tess@seller.example"]) == 0
    monkeypatch.setattr("sys.stdin", StringIO(f"{PASSWORD}\n"))
    assert main(["operator", "add", "tess@seller.example", "--password-stdin"]) == 0
    assert "Password" not in capsys.readouterr().out
    assert User.objects.get(email="tess@seller.example").check_password(PASSWORD)
    assert main(["operator", "list"]) == 0
    assert "Tess Team" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"name": " \n"}, canned.NoName),
        ({"name": "x" * 81}, canned.NoName),
        ({"text": ""}, canned.NoText),
        ({"language": "de"}, canned.UnknownLanguage),
        ({"name": "Days  left"}, canned.NameTaken),
    ],
)
def test_canned_answers_that_cannot_be_saved(cast: Cast, wrong: dict[str, str], refusal: type[Refusal]) -> None:
    canned.keep(None, name="Days left", language="en", text="By the day.", now=NOON)
    with pytest.raises(refusal):
        canned.keep(None, **{"name": "Other", "language": "en", "text": "Text", **wrong}, now=NOON)
    assert CannedAnswer.objects.count() == 1


@pytest.mark.parametrize(
    ("ranges", "refusal", "field"),
    [
        ([Typed(0, "09:00", "")], OneEndMissing, "0"),
        ([Typed(0, "9h", "12:00")], NotATime, "0"),
        ([Typed(0, "", ""), Typed(0, "12:00", "09:00")], ClosesFirst, "1"),
        ([Typed(0, "09:00", "12:00"), Typed(0, "11:59", "13:00")], Overlap, "1"),
    ],
)
def test_hours_that_cannot_be_told(cast: Cast, ranges: list[Typed], refusal: type[Refusal], field: str) -> None:
    hours.replace([Typed(2, "08:00", "09:00")])
    with pytest.raises(refusal) as refused:
        hours.replace(ranges)
    assert refused.value.field == field
    assert [row.weekday for row in OpeningHours.objects.all()] == [2]


def test_the_conversations_of_who_leaves_are_nobodys_until_somebody_answers(cast: Cast) -> None:
    gone, here = world.operator(), world.operator("teo@seller.example", "Teo Team")
    conversation = written(cast.member).conversation
    converse.assign(conversation, gone.public_id)
    team.leave(gone.user.email, now=NOON)
    counted = inbox.counts(here, "open")
    assert (counted.mine, counted.nobodys) == (0, 1)
    converse.answer(here, Conversation.objects.get(), "Hello", files=(), key="k", now=NOON)
    assert Conversation.objects.get().assigned_to == here


def test_what_is_not_done_to_a_conversation(cast: Cast) -> None:
    conversation = written(cast.member).conversation
    with pytest.raises(SaidMeanwhile):
        converse.solve(conversation, seen=conversation.newest - 1, now=NOON)
    gone = world.operator()
    team.leave(gone.user.email, now=NOON)
    for nobody in (gone.public_id, "opr_x", cast.member.public_id):
        with pytest.raises(UnknownColleague):
            converse.assign(conversation, nobody)
