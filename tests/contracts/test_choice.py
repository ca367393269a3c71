"""Which gateway the settings choose, and the words for its reasons."""

import re
from datetime import UTC, datetime

import pytest
from django.test import override_settings

from palier.apps import gateways
from palier.apps.gateways.contract import ForgedEvent
from palier.apps.gateways.reasons import REASONS, known_reason, reason
from palier.apps.gateways.sandbox import SandboxGateway

SANDBOX = {
    "PALIER_GATEWAY": "sandbox",
    "PALIER_SANDBOX_URL": "http://127.0.0.1:9",
    "PALIER_SANDBOX_PUBLIC_URL": "https://pay.example",
    "PALIER_SANDBOX_SECRET_KEY": "sk_1",
    "PALIER_SANDBOX_WEBHOOK_SECRET": "whsec_AAAA",
}


def test_the_settings_choose_the_gateway_which_is_made_once() -> None:
    with override_settings(**SANDBOX):
        chosen = gateways.gateway()
        assert chosen is gateways.gateway()
    assert chosen.card_fields_url("quo_1", locale="fr", parent_origin="http://x").startswith(
        "https://pay.example/fields?"
    )


def test_other_settings_mean_another_gateway() -> None:
    with override_settings(**SANDBOX):
        first = gateways.gateway()
    with override_settings(**{**SANDBOX, "PALIER_SANDBOX_SECRET_KEY": "sk_2"}):
        assert gateways.gateway() is not first


def test_a_gateway_that_does_not_exist_is_named() -> None:
    for path in ("abacus", "palier.abacus.Abacus", "palier.apps.gateways.contract.Abacus"):
        with override_settings(PALIER_GATEWAY=path), pytest.raises(gateways.UnknownGateway, match=path):
            gateways.gateway()


def test_without_a_webhook_secret_nothing_is_believed() -> None:
    gateway = SandboxGateway("http://127.0.0.1:9", "http://127.0.0.1:9", "sk_1", "")
    with pytest.raises(ForgedEvent, match="no webhook secret"):
        gateway.verify({}, b"{}", now=datetime(2026, 11, 23, tzinfo=UTC))
    gateway.close()


@pytest.mark.parametrize("code", REASONS)
def test_every_reason_says_what_happened_and_what_to_do_in_both_languages(code: str) -> None:
    known = REASONS[code]
    english, french = known.words("en"), known.words("fr-FR")
    assert english != french
    assert known.next_step("en") != known.next_step("fr")
    for sentence in (english, french, known.next_step("en"), known.next_step("fr")):
        assert sentence.endswith(".")
    for sentence in (french, known.next_step("fr")):
        assert "'" not in sentence
        assert not re.search(r"[^\u202f][;:!?]", sentence)


def test_a_lost_or_stolen_card_is_told_like_any_decline() -> None:
    assert reason("stolen_card").en == reason("lost_card").en == reason("declined").en
    assert reason("stolen_card").final
    assert not reason("declined").final


def test_a_code_that_we_do_not_know_is_a_decline() -> None:
    assert known_reason("do_not_honour_ever_again") == "declined"
    assert reason("do_not_honour_ever_again") is REASONS["declined"]
