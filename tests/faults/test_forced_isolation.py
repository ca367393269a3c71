"""Who gets a lock sees what was committed meanwhile, whatever isolation the database has by default."""

from functools import partial

import pytest
from django.db import connection

from palier.flows import dun
from palier.flows.change import Choice
from tests.books import assert_balanced
from tests.faults.meetings import COME_AGAIN, SOON, Meeting, assert_forced
from tests.faults.pauses import AFTER_ITS_LOCK, Action, met
from tests.flows.test_races_of_a_life import Stage
from tests.report.happened import happened
from tests.sandbox_process import SandboxProcess


def two_people_on_a_quote_each(stage: Stage) -> tuple[Action, Action]:
    more = Choice("team", "month", 8)
    return stage.pressing(stage.quoted(more)), stage.pressing(stage.quoted(more, stage.others[0]))


def two_people_on_one_invoice(stage: Stage) -> tuple[Action, Action]:
    invoice = stage.is_past_due()
    people = (stage.owner, stage.others[0])
    one, other = (partial(dun.pay, invoice, each, "saved", now=SOON) for each in people)
    return one, other


def by_a_strict_session(action: Action) -> object:
    """As where an operator has said so for the whole database."""
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_isolation = 'repeatable read'")
    return action()


@pytest.mark.parametrize(
    "meeting",
    [two_people_on_a_quote_each, two_people_on_one_invoice],
    ids=lambda meeting: meeting.__name__,
)
def test_who_waited_for_the_lock_is_told_that_a_payment_is_under_way(sandbox: SandboxProcess, meeting: Meeting) -> None:
    stage = Stage(sandbox)
    one, other = meeting(stage)
    how = met(partial(by_a_strict_session, one), partial(by_a_strict_session, other), AFTER_ITS_LOCK)
    assert_forced(how, AFTER_ITS_LOCK)
    assert how.waited
    assert isinstance(how.second, COME_AGAIN)
    happened("forced_orders", meeting=meeting.__name__, held=str(AFTER_ITS_LOCK), isolation="repeatable read")
    assert_balanced(sandbox)
