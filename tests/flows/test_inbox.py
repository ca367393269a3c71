"""The inbox of the operator's team: what it lists, in which order, and what a search finds."""

from datetime import datetime, timedelta

import pytest

from palier.apps.accounts.models import Account, Member, Operator
from palier.apps.chat import actions
from palier.apps.chat.models import Conversation, ConversationState
from palier.flows.conversations import converse, inbox
from palier.flows.conversations.converse import Context
from palier.flows.conversations.inbox import Wish
from tests import world
from tests.world import NOON, Cast

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def operator(db: None, cast: Cast) -> Operator:
    return world.operator()


def asked(member: Member, text: str, at: datetime = NOON, conversation: Conversation | None = None) -> Conversation:
    key = f"{member.pk}-{text[-12:]}-{at:%H%M}"
    context = Context(screen="/")
    written = converse.write(
        member, text, conversation=conversation, context=context, files=(), key=key, language="fr", now=at
    )
    return written.conversation


def answered(operator: Operator, conversation: Conversation, at: datetime, text: str = "Yes.") -> None:
    converse.answer(operator, conversation, text, files=(), key=f"{at}", now=at)


def names(operator: Operator, **wished: str) -> list[str]:
    return [row.conversation.member.user.name for row in inbox.listed(operator, Wish(**wished)).rows]


def test_who_waits_longest_for_the_team_stands_first_however_often_they_write(cast: Cast, operator: Operator) -> None:
    first = asked(cast.member, "Hello?", NOON)
    asked(cast.admin, "A question", NOON + MINUTE)
    asked(cast.member, "Anybody?", NOON + 2 * MINUTE, first)
    assert names(operator) == [cast.member.user.name, cast.admin.user.name]
    assert inbox.listed(operator, Wish()).rows[0].since == NOON

    answered(operator, first, NOON + 3 * MINUTE)
    asked(cast.member, "And then?", NOON + 4 * MINUTE, first)
    assert names(operator) == [cast.admin.user.name, cast.member.user.name]
    assert inbox.listed(operator, Wish()).rows[1].since == NOON + 4 * MINUTE


def test_what_one_answers_and_solves_in_one_press_is_nothing_new_to_oneself(cast: Cast, operator: Operator) -> None:
    conversation = asked(cast.member, "Why?")
    seen = conversation.newest
    converse.answer(operator, conversation, "So.", files=(), key="1", seen=seen, now=NOON + MINUTE)
    converse.solve(conversation, seen=seen, now=NOON + MINUTE)
    (row,) = inbox.listed(operator, Wish(state="closed")).rows
    assert not row.unread


def test_each_state_and_whose(cast: Cast, operator: Operator) -> None:
    colleague = world.operator("colleague@seller.example", "Carl Colleague")
    asked(cast.owner, "Nobody has me")
    mine = asked(cast.member, "Tess has me")
    actions.assign(mine, operator)
    waiting = asked(cast.admin, "Answered")
    answered(colleague, waiting, NOON + MINUTE)
    closed = asked(cast.stranger, "Solved")
    converse.solve(closed, now=NOON + MINUTE)

    assert inbox.counts(operator, "open") == inbox.Counts(open=2, waiting=1, closed=1, mine=1, nobodys=1)
    assert inbox.counts(colleague, "waiting") == inbox.Counts(open=2, waiting=1, closed=1, mine=1, nobodys=0)
    assert names(operator, whose="mine") == [cast.member.user.name]
    assert names(operator, whose="nobody") == [cast.owner.user.name]
    assert names(operator, state="waiting") == [cast.admin.user.name]
    assert names(operator, state="closed") == [cast.stranger.user.name]


def test_unread_until_somebody_has_read_it(cast: Cast, operator: Operator) -> None:
    conversation = asked(cast.member, "Hello")
    (row,) = inbox.listed(operator, Wish()).rows
    assert (row.unread, row.last, row.last_by) == (True, "Hello", "")
    actions.read(conversation, operator.user, up_to=row.conversation.newest, now=NOON)
    assert not inbox.listed(operator, Wish()).rows[0].unread
    answered(operator, conversation, NOON + MINUTE, "Good day")
    converse.note(operator, conversation, "She is in a hurry", key="n", now=NOON + MINUTE)
    (row,) = inbox.listed(operator, Wish(state="waiting")).rows
    assert (row.unread, row.last, row.last_by) == (False, "Good day", "Tess Team")


@pytest.mark.parametrize("state", ["open", "closed"])
def test_pages_follow_one_another_without_gap_or_repetition(cast: Cast, operator: Operator, state: str) -> None:
    made = []
    for number in range(inbox.PER_PAGE + 7):
        conversation = asked(cast.member, f"Question {number}", NOON + (number // 3) * HOUR)
        if state == "closed":
            actions.move(conversation, ConversationState.CLOSED, now=NOON + (number // 3) * HOUR)
        made.append(conversation.pk)
    first = inbox.listed(operator, Wish(state=state))
    second = inbox.listed(operator, Wish(state=state, after=first.next_key))
    seen = [row.conversation.pk for row in (*first.rows, *second.rows)]
    assert (len(first.rows), second.next_key) == (inbox.PER_PAGE, "")
    assert sorted(seen) == sorted(made)
    assert seen == (made if state == "open" else seen)
    for nonsense in ("x", "1", "1.", "9" * 40 + ".cnv_0000000000001", "-1.cnv_0000000000001", "1.inv_0000000000001"):
        assert inbox.listed(operator, Wish(state=state, after=nonsense)).rows[0].conversation.pk == seen[0]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("prorata", ["member"]),
        ("prorâta", ["member"]),
        ("facture", ["member"]),
        ("FACTURÉ", ["member"]),
        ("facture prorata", ["member"]),
        ("prorrata", ["member"]),
        ("facturez", ["member"]),
        ("rorat", ["member"]),
        ("hésite", ["stranger"]),
        ("lumière", ["member"]),
        ("cabinet lumiere", ["member"]),
        ("stranger@", ["stranger"]),
        ("stella", ["stranger"]),
        ("nothing of that", []),
        ("100%", []),
        ("_", []),
        ("'; DROP TABLE", []),
        ('"unclosed', []),
        ("!!", []),
        ("\\", []),
        ("a" * 300, []),
        ("inv_0000000000001", []),
        ("cnv_nothing", []),
    ],
)
def test_a_search_finds_what_was_meant(cast: Cast, operator: Operator, words: str, found: list[str]) -> None:
    asked(cast.member, "Pourquoi cette ligne est-elle facturée au prorata ?")
    converse.solve(asked(cast.stranger, "J’hesite entre deux plans"), now=NOON)
    people = {"member": cast.member.user.name, "stranger": cast.stranger.user.name}
    assert names(operator, state="", words=words) == [people[name] for name in found]


def test_public_ids_find_the_account_that_they_belong_to(cast: Cast, operator: Operator) -> None:
    conversation = asked(cast.member, "Hello")
    asked(cast.stranger, "Hello")
    account = Account.objects.get(pk=cast.account.pk)
    quote = world.quoted(cast.owner, now=NOON)
    message = conversation.messages.get()
    for thing in (conversation, account, cast.member, quote, message):
        assert names(operator, state="", words=thing.public_id) == [cast.member.user.name], thing
