"""Cards are typed in the gateway's own origin; we get a token and what a person recognises a card by."""

from dataclasses import fields
from urllib.parse import urlsplit

import pytest

from palier.apps.gateways.contract import Card
from tests.contracts.stages import PARENT, SANDBOX_CARDS, SandboxStage


def test_the_fields_live_in_the_origin_of_the_gateway(stage: SandboxStage) -> None:
    address = stage.gateway.card_fields_url("quo_9", locale="fr", parent_origin=PARENT)
    assert urlsplit(address).netloc == urlsplit(stage.gateway.public_url).netloc


def test_there_is_no_card_before_one_is_saved(stage: SandboxStage, reference: str) -> None:
    assert stage.gateway.card_from_fields(reference) is None


@pytest.mark.parametrize(
    ("kind", "brand", "last4"),
    [("good", "visa", "4242"), ("mastercard", "mastercard", "4444"), ("amex", "amex", "0005")],
)
def test_a_saved_card_is_found_by_its_reference(
    stage: SandboxStage, reference: str, kind: str, brand: str, last4: str
) -> None:
    address = stage.gateway.card_fields_url(reference, locale="en", parent_origin=PARENT)
    stage.service.type_card(address, SANDBOX_CARDS[kind], expiry="04/31")

    card = stage.gateway.card_from_fields(reference)

    assert card
    assert (card.brand, card.last4, card.expiry_month, card.expiry_year) == (brand, last4, 4, 2031)
    for part in fields(Card):
        assert SANDBOX_CARDS[kind].replace(" ", "") not in str(getattr(card, part.name))


def test_one_card_saved_twice_has_two_tokens_and_one_fingerprint(stage: SandboxStage, reference: str) -> None:
    cards = []
    for place in ("a", "b"):
        address = stage.gateway.card_fields_url(f"{reference}{place}", locale="en", parent_origin=PARENT)
        stage.service.type_card(address, SANDBOX_CARDS["good"])
        cards.append(stage.gateway.card_from_fields(f"{reference}{place}"))
    first, second = cards

    assert first
    assert second
    assert first.token != second.token
    assert first.fingerprint == second.fingerprint


def test_another_card_takes_the_place_of_the_first(stage: SandboxStage, reference: str) -> None:
    address = stage.gateway.card_fields_url(reference, locale="en", parent_origin=PARENT)
    stage.service.type_card(address, SANDBOX_CARDS["declined"])
    stage.service.type_card(address, SANDBOX_CARDS["good"])

    card = stage.gateway.card_from_fields(reference)

    assert card
    assert card.last4 == "4242"
