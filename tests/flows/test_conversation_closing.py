"""The question that closes a conversation, and who may answer it."""

import pytest

from palier.apps.chat.models import Conversation
from palier.flows.conversations import converse
from palier.flows.conversations.converse_refusals import NotSolvedYet, WordTooLong
from palier.flows.conversations.news import NotYours
from tests.flows.conversations import written
from tests.world import NOON, Cast


@pytest.fixture
def solved(cast: Cast) -> Conversation:
    conversation = written(cast.member).conversation
    converse.solve(conversation, now=NOON)
    return conversation


def test_the_customer_says_whether_it_was_solved(cast: Cast, solved: Conversation) -> None:
    converse.satisfied(cast.member, solved, False, " Not yet, 4242424242424242\x00 ", now=NOON)
    solved.refresh_from_db()
    assert (solved.satisfied, solved.satisfied_word) == (False, "Not yet, ••••••••••••4242")
    converse.satisfied(cast.owner, solved, True, "", now=NOON)
    solved.refresh_from_db()
    assert (solved.satisfied, solved.satisfied_word, solved.state) == (True, "", "closed")


def test_each_closing_asks_anew_and_the_last_answer_stays_until_then(cast: Cast, solved: Conversation) -> None:
    converse.satisfied(cast.member, solved, False, "Not yet", now=NOON)
    written(cast.member, "Still 95.", conversation=solved)
    solved.refresh_from_db()
    assert (solved.state, solved.satisfied, solved.satisfied_word) == ("open", False, "Not yet")
    converse.solve(solved, now=NOON)
    solved.refresh_from_db()
    assert (solved.state, solved.satisfied, solved.satisfied_word) == ("closed", None, "")


def test_an_answer_too_long_too_early_or_from_another_account_is_refused(cast: Cast, solved: Conversation) -> None:
    with pytest.raises(WordTooLong):
        converse.satisfied(cast.member, solved, True, "x" * 501, now=NOON)
    for other in (cast.stranger, cast.admin):
        with pytest.raises(NotYours):
            converse.satisfied(other, solved, True, "", now=NOON)
    converse.reopen(solved, now=NOON)
    with pytest.raises(NotSolvedYet):
        converse.satisfied(cast.member, solved, True, "", now=NOON)
    solved.refresh_from_db()
    assert solved.satisfied is None
