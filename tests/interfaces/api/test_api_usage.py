"""PUT ``/api/accounts/acc_…/usage/records``: how many there are in all; whatever is wrong is named."""

import json

import pytest
from pytest_django.fixtures import Settings

from palier.apps.accounts.models import Account
from palier.apps.entitlements.models import Usage
from palier.kit import ids
from tests.interfaces.api.conftest import KEY, Ask, problem


def test_the_number_is_kept_and_answered(account: Account, ask: Ask) -> None:
    for _twice in range(2):
        answer = ask("PUT", "usage/records", {"used": 1200})
        assert (answer.status_code, json.loads(answer.content)) == (
            200,
            {
                "allowed": True,
                "limit": 40_000,
                "used": 1200,
                "left": 38_800,
                "reason": "",
                "access": "full",
                "remedy": None,
            },
        )
    assert Usage.objects.get().used == 1200


def test_too_many_is_kept_too_and_the_answer_says_what_helps(ask: Ask) -> None:
    told = json.loads(ask("PUT", "usage/records", {"used": 45_000}).content)
    assert (told["allowed"], told["reason"], told["remedy"]) == (
        False,
        "limit_reached",
        {"add_on": "records", "units": 1},
    )
    assert Usage.objects.get().used == 45_000


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "api.body_unreadable"),
        (b"\xff\xfe", 400, "api.body_unreadable"),
        (b"{", 400, "api.body_unreadable"),
        (b"[1]", 400, "api.body_unreadable"),
        (b"null", 400, "api.body_unreadable"),
        (b"{}", 400, "api.body_unreadable"),
        (b"[" * 4000, 400, "api.body_unreadable"),
        (b'{"used": "12"}', 422, "usage.not_a_number"),
        (b'{"used": 1.5}', 422, "usage.not_a_number"),
        (b'{"used": NaN}', 422, "usage.not_a_number"),
        (b'{"used": true}', 422, "usage.not_a_number"),
        (b'{"used": null}', 422, "usage.not_a_number"),
        (b'{"used": -1}', 422, "usage.negative"),
        (b'{"used": 1' + b"0" * 3000 + b"}", 422, "usage.too_large"),
        (b'{"used": 1, "note": "' + b"x" * 5000 + b'"}', 413, "api.body_too_large"),
        (b"x" * 3_000_000, 413, "api.body_too_large"),
    ],
)
def test_a_body_that_is_none_is_named_and_changes_nothing(ask: Ask, body: bytes, status: int, code: str) -> None:
    answer = ask("PUT", "usage/records", body)
    assert (answer.status_code, problem(answer)["code"]) == (status, code)
    assert not Usage.objects.exists()


@pytest.mark.parametrize("key", ["record", "Records", "records%00", "%ff", "x" * 300, "é"])
def test_a_limit_that_is_none(ask: Ask, key: str) -> None:
    answer = ask("PUT", f"usage/{key}", {"used": 1})
    assert (answer.status_code, problem(answer)["code"]) == (404, "usage.key_unknown")


@pytest.mark.parametrize(
    "identity", ["1", "acc_", "acc_zzzzzzzzzzzzz", "mem_0000000000001", "acc_0000000000000", "é", "%00"]
)
def test_an_account_that_is_none(ask: Ask, identity: str) -> None:
    answer = ask("PUT", f"/api/accounts/{identity}/usage/records", {"used": 1})
    assert (answer.status_code, problem(answer)["code"]) == (404, "api.account_unknown")


def test_an_unknown_account_of_the_right_form(ask: Ask) -> None:
    answer = ask("PUT", f"/api/accounts/{ids.public_id('acc', ids.new_id())}/usage/records", {"used": 1})
    assert problem(answer)["code"] == "api.account_unknown"


@pytest.mark.parametrize("key", [None, "", "wrong", KEY + " ", KEY[:-1], KEY + "x", "é"])
def test_without_the_key_nothing_is_told(ask: Ask, key: str | None) -> None:
    answer = ask("PUT", "usage/records", {"used": 1}, key=key)
    if key == KEY + " ":
        assert answer.status_code == 200, "spaces around it are no part of it"
        return
    assert (answer.status_code, problem(answer)["code"]) == (401, "api.wrong_key")
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert not Usage.objects.exists()


def test_where_no_key_is_configured_the_door_is_closed(ask: Ask, settings: Settings) -> None:
    settings.PALIER_API_KEY = ""
    for key in (None, "", "anything"):
        answer = ask("PUT", "usage/records", {"used": 1}, key=key)
        assert (answer.status_code, problem(answer)["code"]) == (503, "api.no_key_configured")


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PATCH", "DELETE"])
def test_other_methods_are_not_allowed(ask: Ask, method: str) -> None:
    answer = ask(method, "usage/records", {"used": 1})
    assert (answer.status_code, answer["Allow"]) == (405, "PUT")
    assert not Usage.objects.exists()


@pytest.mark.parametrize(
    ("language", "spoken"), [("fr-CH, fr;q=0.9", "fr"), ("en", "en"), ("de", "en"), ("\x00", "en")]
)
def test_a_problem_speaks_the_callers_language_and_carries_both(ask: Ask, language: str, spoken: str) -> None:
    answer = ask("PUT", "usage/records", {"used": -1}, language=language)
    document = problem(answer)
    assert answer["Content-Language"] == spoken
    assert document["title"] == document["detail"][spoken]
    assert document["field"] == "used"
