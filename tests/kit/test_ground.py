"""What the tests of a file share is made once, and no test finds what another one did to it."""

import pytest
from django.db import connection, transaction

from palier.apps.accounts.models import Account, User
from tests.ground import LAYERS, Layer, asked
from tests.payment_fixtures import shared_cast
from tests.world import Cast

__all__ = ["shared_cast"]

TWICE = pytest.mark.parametrize("turn", [1, 2])
NAME = "Cabinet Lumière"
MADE: set[int] = set()


@TWICE
def test_each_test_finds_the_cast_as_it_was_made(shared_cast: Cast, turn: int) -> None:
    assert shared_cast.account.name == NAME
    assert Account.objects.get(pk=shared_cast.account.pk).name == NAME
    shared_cast.account.name = "Changed"
    shared_cast.account.save()


@TWICE
def test_objects_that_were_one_are_one(shared_cast: Cast, turn: int) -> None:
    assert shared_cast.owner.account is shared_cast.account
    assert shared_cast.billing_admin.account is shared_cast.account


@TWICE
def test_two_that_follow_each_other_find_the_same_rows(shared_cast: Cast, turn: int) -> None:
    MADE.add(shared_cast.account.pk)
    assert len(MADE) == 1


@TWICE
@pytest.mark.django_db
def test_a_test_that_asks_for_nobody_finds_nobody(turn: int) -> None:
    assert not User.objects.exists()


@TWICE
@pytest.mark.django_db(transaction=True)
def test_a_test_that_commits_finds_nobody_and_no_transaction(turn: int) -> None:
    assert not connection.in_atomic_block
    assert not User.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_test_that_commits_has_a_cast_of_its_own(shared_cast: Cast) -> None:
    assert not connection.in_atomic_block
    assert shared_cast.account.pk not in MADE
    assert Account.objects.get(pk=shared_cast.account.pk).name == NAME


def test_a_transaction_may_be_the_outermost(shared_cast: Cast) -> None:
    with transaction.atomic(durable=True):
        assert Account.objects.filter(pk=shared_cast.account.pk).exists()


def test_a_test_of_two_scenes_stands_on_what_both_stand_on(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("left", "right"):
        monkeypatch.setitem(LAYERS, name, Layer(name, lambda _request, below: below, on="shared_cast"))
    assert asked(["left", "settings"]) == ["shared_cast", "left"]
    assert asked(["shared_cast", "right"]) == ["shared_cast", "right"]
    assert asked(["left", "right"]) == ["shared_cast"]
    assert asked(["settings"]) == []
