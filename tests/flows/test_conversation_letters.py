"""Letters about conversations: to customers who have left, to the team when nobody is at the desk; each once."""

import re
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import pytest
from django.db import connection, transaction
from django.urls import resolve
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django.fixtures import Settings

from palier.apps.accounts import actions as accounts
from palier.apps.accounts.models import Member, Operator
from palier.apps.chat.models import Conversation, Message
from palier.apps.notices.models import Mail
from palier.flows.conversations import converse, news, tell_customer, tell_team
from palier.flows.conversations.attachments import Upload
from palier.flows.people import members
from tests.flows.conversations import answered, noted, of_the_team, written
from tests.together import together
from tests.world import NOON, Cast

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def operator(cast: Cast) -> Operator:
    return of_the_team()


@pytest.fixture
def conversation(cast: Cast) -> Conversation:
    return written(cast.member, "Why 95?").conversation


def until(at: datetime) -> None:
    """The worker does each job at its time."""
    jobs = ProcrastinateJob.objects.filter(task_name__startswith="tell_of_", scheduled_at__lte=at)
    while job := jobs.order_by("scheduled_at", "id").first():
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM procrastinate_jobs WHERE id = %s", [job.id])
        assert job.scheduled_at is not None
        match job.task_name:
            case "tell_of_answer":
                tell_customer.of_answer(job.args["message_id"], now=job.scheduled_at)
            case "tell_of_solution":
                tell_customer.of_solution(job.args["conversation_id"], now=job.scheduled_at)
            case "tell_of_question":
                tell_team.of_unread(job.args["message_id"], now=job.scheduled_at)


def letters(kind: str = "chat_answer") -> list[Mail]:
    return list(Mail.objects.filter(kind=kind).order_by("id"))


def test_answers_in_a_row_are_one_letter_to_who_has_left(
    cast: Cast, operator: Operator, conversation: Conversation
) -> None:
    answered(operator, conversation, "First,\n\n<b>annual</b> & more.", now=NOON + MINUTE)
    noted(operator, conversation, "A secret note.", now=NOON + MINUTE)
    answered(operator, conversation, "Second.", files=(Upload("how.txt", b"So."),), now=NOON + MINUTE + 30 * SECOND)
    until(NOON + 2 * MINUTE + 29 * SECOND)
    assert letters() == [], "the team may still be writing"
    until(NOON + 10 * MINUTE)
    (mail,) = letters()
    assert (mail.recipient, mail.language, mail.subject) == (cast.member.user.email, "en", "You have an answer")
    assert mail.written_at == NOON + 2 * MINUTE + 30 * SECOND
    assert f"/chat/{conversation.public_id}/" in mail.text
    assert "Tess Team:\n> First,\n> \n> <b>annual</b> & more.\n" in mail.text
    assert "> Second.\n> [how.txt]\n" in mail.text
    assert "&lt;b&gt;annual&lt;/b&gt; &amp; more." in mail.html
    assert "secret" not in mail.text + mail.html
    assert "secret" not in mail.subject

    answered(operator, conversation, "Third.", now=NOON + 20 * MINUTE)
    until(NOON + 30 * MINUTE)
    assert len(letters()) == 2
    assert "First" not in letters()[1].text, "no word twice"


def test_who_has_read_it_gets_no_letter(cast: Cast, operator: Operator, conversation: Conversation) -> None:
    answer = answered(operator, conversation)
    converse.read(conversation, cast.member.user, up_to=answer.id, now=NOON + 59 * SECOND)
    until(NOON + MINUTE * 20)
    assert letters() == []


def test_who_is_here_and_does_not_read_gets_it_once_they_have_left(
    cast: Cast, operator: Operator, conversation: Conversation
) -> None:
    answered(operator, conversation)
    for seconds in range(0, 150, 21):
        news.glance(conversation.id, cast.member.user_id, now=NOON + seconds * SECOND)
        until(NOON + seconds * SECOND)
    assert letters() == []
    until(NOON + 10 * MINUTE)
    assert [mail.written_at for mail in letters()] == [NOON + 4 * MINUTE]


def test_a_page_left_open_for_ever_is_no_reader(cast: Cast, operator: Operator, conversation: Conversation) -> None:
    answered(operator, conversation)
    for seconds in range(0, 900, 30):
        news.glance(conversation.id, cast.member.user_id, now=NOON + seconds * SECOND)
        until(NOON + seconds * SECOND)
    assert [mail.written_at for mail in letters()] == [NOON + 10 * MINUTE]


def test_everybody_on_the_customers_side_is_told_in_their_language(
    cast: Cast, operator: Operator, conversation: Conversation
) -> None:
    accounts.speak(cast.owner.user, "fr")
    written(cast.owner, "Moi aussi", conversation=conversation)
    converse.read(conversation, cast.billing_admin.user, up_to=0, now=NOON)  # looked, and wrote nothing
    answered(operator, conversation)
    accounts.deactivate(cast.member, now=NOON)
    until(NOON + MINUTE)
    (mail,) = letters()
    assert (mail.recipient, mail.language, mail.subject) == (cast.owner.user.email, "fr", "Vous avez une réponse")
    assert "Voici ce qu’elle dit" in mail.html


def test_who_may_no_longer_read_it_is_told_nothing(cast: Cast, operator: Operator, conversation: Conversation) -> None:
    """Who bought, and wrote in a colleague's conversation, is a member now: to them it does not exist."""
    written(cast.billing_admin, "I look at it too.", conversation=conversation)
    members.change_role(cast.billing_admin, cast.owner, "member", now=NOON)
    answered(operator, conversation, "Your bank said no.")
    until(NOON + 20 * MINUTE)
    assert [mail.recipient for mail in letters()] == [cast.member.user.email]
    answered(operator, conversation, "It says yes now.", now=NOON + 30 * MINUTE)
    converse.solve(conversation, now=NOON + 30 * MINUTE)
    until(NOON + 60 * MINUTE)
    assert [mail.recipient for mail in letters("chat_solved")] == [cast.member.user.email]
    assert news.unread(Member.objects.get(pk=cast.billing_admin.pk)) == 0
    assert news.unread(Member.objects.get(pk=cast.member.pk)) == 1


@pytest.mark.parametrize("who", ["team", "colleague"])
def test_an_answer_is_told_though_it_was_solved_and_taken_up_again_before_anybody_looked(
    cast: Cast, operator: Operator, conversation: Conversation, who: str
) -> None:
    answered(operator, conversation, "Annual billing.")
    converse.solve(conversation, now=NOON + SECOND)
    until(NOON + 60 * SECOND)
    if who == "team":
        converse.reopen(conversation, now=NOON + 60 * SECOND)
    else:
        written(cast.owner, "Thank you.", conversation=conversation, now=NOON + 60 * SECOND)
    until(NOON + 20 * MINUTE)
    (mail,) = [*letters(), *letters("chat_solved")]
    assert (mail.recipient, "> Annual billing." in mail.text) == (cast.member.user.email, True)


def test_a_closed_conversation_asks_whether_it_was_solved_in_one_letter_with_what_was_not_read(
    cast: Cast, operator: Operator, conversation: Conversation
) -> None:
    answered(operator, conversation, "Annual billing.")
    converse.solve(conversation, now=NOON + 10 * SECOND)
    until(NOON + 10 * MINUTE)
    assert letters() == []
    (mail,) = letters("chat_solved")
    assert "> Annual billing." in mail.text
    assert f"/chat/{conversation.public_id}/" in mail.text

    converse.reopen(conversation, now=NOON + 11 * MINUTE)
    answered(operator, conversation, "And one more.", now=NOON + 11 * MINUTE)
    until(NOON + 20 * MINUTE)
    (mail,) = letters()
    assert "Annual" not in mail.text
    converse.solve(conversation, now=NOON + 21 * MINUTE)
    until(NOON + 30 * MINUTE)
    assert len(letters("chat_solved")) == 2
    assert ">" not in letters("chat_solved")[1].text, "nothing is left to tell"


def test_who_saw_the_closing_or_has_answered_is_not_asked_by_letter(
    cast: Cast, operator: Operator, conversation: Conversation
) -> None:
    def closed(at: datetime) -> None:
        converse.solve(conversation, now=at)

    answer = answered(operator, conversation)
    converse.read(conversation, cast.member.user, up_to=answer.id, now=NOON)
    closed(NOON)
    news.glance(conversation.id, cast.member.user_id, now=NOON + 30 * SECOND)
    until(NOON + 5 * MINUTE)
    assert letters("chat_solved") == [], "they were here"

    converse.reopen(conversation, now=NOON + 6 * MINUTE)
    closed(NOON + 7 * MINUTE)
    converse.reopen(conversation, now=NOON + 7 * MINUTE + SECOND)
    until(NOON + 9 * MINUTE)
    assert letters("chat_solved") == [], "it is open again"

    closed(NOON + 10 * MINUTE)
    converse.satisfied(cast.member, conversation, True, "", now=NOON + 10 * MINUTE)
    until(NOON + 20 * MINUTE)
    assert letters("chat_solved") == [], "they have answered"


def test_the_team_is_told_once_until_somebody_answers(cast: Cast, operator: Operator, settings: Settings) -> None:
    settings.PALIER_SUPPORT_EMAIL = "support@seller.example"
    accounts.speak(operator.user, "fr")
    first = written(cast.member, "Pourquoi <95> ?")
    written(cast.member, "Hello?", conversation=first.conversation)
    (mail,) = letters("chat_question")
    assert (mail.recipient, mail.language) == ("support@seller.example", "fr")
    assert mail.subject == "Member Person de Cabinet Lumière a une question"
    assert "> Pourquoi <95> ?" in mail.text
    (link,) = re.findall(r"https?://\S+/desk/\S+", mail.text)
    assert resolve(urlsplit(link).path).kwargs == {"conversation_id": first.conversation.public_id}

    noted(operator, first.conversation)
    written(cast.member, conversation=first.conversation)
    assert len(letters("chat_question")) == 1, "a note is no answer"
    answered(operator, first.conversation)
    written(cast.member, conversation=first.conversation, now=NOON + MINUTE)
    assert len(letters("chat_question")) == 2

    converse.solve(first.conversation, now=NOON + 2 * MINUTE)
    written(cast.member, conversation=first.conversation, now=NOON + 3 * MINUTE)
    assert len(letters("chat_question")) == 3, "they dealt with the one before"

    accounts.at_the_desk(operator, now=NOON + 4 * MINUTE)
    written(cast.owner, now=NOON + 4 * MINUTE)
    assert len(letters("chat_question")) == 3, "somebody is on line"


def test_what_nobody_has_read_in_five_minutes_is_told_once_though_somebody_was_on_line(
    cast: Cast, operator: Operator, settings: Settings
) -> None:
    settings.PALIER_SUPPORT_EMAIL = "support@seller.example"
    accounts.at_the_desk(operator, now=NOON)
    first = written(cast.member, "Anybody?", now=NOON + MINUTE)
    accounts.at_the_desk(operator, now=NOON + MINUTE)
    written(cast.member, "Hello?", conversation=first.conversation, now=NOON + 2 * MINUTE)
    converse.read(first.conversation, cast.owner.user, up_to=2**62, now=NOON + 2 * MINUTE)
    until(NOON + 6 * MINUTE - SECOND)
    assert letters("chat_question") == []
    until(NOON + 6 * MINUTE)
    (mail,) = letters("chat_question")
    assert "> Anybody?" in mail.text
    until(NOON + 60 * MINUTE)
    written(cast.member, "Nobody?", conversation=first.conversation, now=NOON + 61 * MINUTE)
    assert letters("chat_question") == [mail]


@pytest.mark.parametrize("answers", [True, False])
def test_what_one_of_the_team_has_read_or_answered_is_not_told(
    cast: Cast, operator: Operator, settings: Settings, answers: bool
) -> None:
    settings.PALIER_SUPPORT_EMAIL = "support@seller.example"
    accounts.at_the_desk(operator, now=NOON)
    question = written(cast.member)
    if answers:
        answered(operator, question.conversation)
    else:
        converse.read(question.conversation, operator.user, up_to=question.id, now=NOON + 4 * MINUTE)
    until(NOON + 60 * MINUTE)
    assert letters("chat_question") == []


def test_without_an_address_the_team_is_not_told(cast: Cast, settings: Settings) -> None:
    settings.PALIER_SUPPORT_EMAIL = ""
    written(cast.member)
    accounts.at_the_desk(of_the_team(), now=NOON)
    written(cast.member)
    assert not Mail.objects.exists()
    assert not ProcrastinateJob.objects.exists()


def test_a_file_without_words_is_told_by_its_name(cast: Cast, settings: Settings) -> None:
    settings.PALIER_SUPPORT_EMAIL = "support@seller.example"
    written(cast.member, "", files=(Upload("screen.txt", b"See"),))
    assert "> screen.txt" in letters("chat_question")[0].text


def test_nothing_is_told_of_what_was_not_written(cast: Cast, operator: Operator, settings: Settings) -> None:
    settings.PALIER_SUPPORT_EMAIL = "support@seller.example"
    conversation = written(cast.member).conversation
    before = (Mail.objects.count(), ProcrastinateJob.objects.count(), Message.objects.count())
    with transaction.atomic():
        answered(operator, conversation)
        written(cast.member, conversation=conversation)
        converse.solve(conversation, now=NOON)
        transaction.set_rollback(True)
    assert (Mail.objects.count(), ProcrastinateJob.objects.count(), Message.objects.count()) == before


@pytest.mark.django_db(transaction=True)
def test_a_job_that_runs_twice_at_one_moment_writes_one_letter(
    cast: Cast, operator: Operator, conversation: Conversation
) -> None:
    answer = answered(operator, conversation)
    converse.solve(conversation, now=NOON)
    at = NOON + 2 * MINUTE
    together([lambda: tell_customer.of_solution(conversation.id, now=at) for _ in range(3)])
    converse.reopen(conversation, now=at)
    again = answered(operator, conversation, now=at + SECOND)
    together([lambda: tell_customer.of_answer(again.id, now=at + MINUTE) for _ in range(3)])
    tell_customer.of_answer(answer.id, now=at + MINUTE)
    assert (len(letters()), len(letters("chat_solved"))) == (1, 1)
