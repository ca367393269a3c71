"""GET ``/api/accounts/acc_…/may?key=records&more=1``: may they?"""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from palier.apps.accounts.models import Account
from palier.apps.subscriptions.models import Subscription, Trial
from tests.interfaces.api.conftest import Ask, problem


@pytest.mark.parametrize(
    ("query", "allowed", "reason"),
    [
        ("key=records", True, ""),
        ("key=records&more=40000", True, ""),
        ("key=records&more=40001", False, "limit_reached"),
        ("key=teams", False, "not_included"),
        ("key=teams&more=0", True, ""),
    ],
)
def test_the_answer(ask: Ask, query: str, allowed: bool, reason: str) -> None:
    answer = ask("GET", f"may?{query}")
    told = json.loads(answer.content)
    assert (answer.status_code, told["allowed"], told["reason"]) == (200, allowed, reason)
    assert answer["Cache-Control"] == "no-store"


def test_two_statements_answer_the_account_and_everything_else(ask: Ask) -> None:
    ask("GET", "may?key=records")
    with CaptureQueriesContext(connection) as heard:
        ask("GET", "may?key=records")
    assert len(heard) == 2


def test_who_only_reads_may_not(ask: Ask) -> None:
    Subscription.objects.update(state="suspended")
    told = json.loads(ask("GET", "may?key=records").content)
    assert (told["allowed"], told["reason"], told["access"]) == (False, "read_only", "suspended")


def test_a_sandbox_account_is_answered_in_its_own_time(ask: Ask, account: Account) -> None:
    started = Subscription.objects.get().started_at
    Subscription.objects.all().update(state="ended", ended_at=started, end_reason="canceled")
    Trial.objects.create(
        account=account, plan="team", catalogue_version_id=1, started_at=started, ends_at=started + timedelta(days=14)
    )
    Account.objects.filter(pk=account.pk).update(sandbox=True, clock_ahead=timedelta(days=30))
    assert json.loads(ask("GET", "may?key=records").content)["access"] == "lapsed"


@pytest.mark.parametrize("more", ["", "-1", "1.5", "1e3", "+1", "٣", "x", "9" * 50, "%00"])
def test_more_that_is_no_number(ask: Ask, more: str) -> None:
    answer = ask("GET", f"may?key=records&more={more}")
    assert (answer.status_code, problem(answer)["code"]) == (422, "api.more_not_a_number")


@pytest.mark.parametrize("query", ["", "key=", "key=record", "key=%00", "more=3"])
def test_a_limit_that_is_none(ask: Ask, query: str) -> None:
    answer = ask("GET", f"may?{query}")
    assert (answer.status_code, problem(answer)["code"]) == (404, "usage.key_unknown")


@pytest.mark.parametrize("method", ["PUT", "POST", "PATCH", "DELETE"])
def test_other_methods_are_not_allowed(ask: Ask, method: str) -> None:
    assert ask(method, "may?key=records").status_code == 405


def test_head_and_the_key(ask: Ask) -> None:
    assert ask("HEAD", "may?key=records").status_code == 200
    assert ask("GET", "may?key=records", key="wrong").status_code == 401
