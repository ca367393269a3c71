"""The bank's page of 3-D Secure: what it shows, and that it can be answered from anywhere, once."""

import pytest

from palier.apps.gateways.contract import ActionRequired
from tests.sandbox.conftest import PARENT, Merchant

ASKS = "4000 0027 6000 3184"


def asked(merchant: Merchant, reference: str, number: str = ASKS, **changes: object) -> str:
    merchant.charge(reference, number, **changes)
    waiting = merchant.gateway.find(reference)
    assert isinstance(waiting, ActionRequired)
    return waiting.url


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        ("en", ["Your bank asks you to confirm", "Talentea", "130.80\u00a0EUR", "Confirm", "Refuse"]),
        ("fr-FR,fr;q=0.9", ["Votre banque vous demande de confirmer", "130,80\u00a0EUR", "Confirmer", "Refuser"]),
    ],
)
def test_it_shows_who_asks_for_what_in_the_language_of_the_reader(
    merchant: Merchant, reference: str, language: str, sentences: list[str]
) -> None:
    page = merchant.visitor.get(asked(merchant, reference), headers={"Accept-Language": language})
    for sentence in sentences:
        assert sentence in page.text
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("amount_minor", "currency", "shown"),
    [(1_234_567, "EUR", "12,345.67\u00a0EUR"), (5_000, "JPY", "5,000\u00a0JPY"), (1_500, "KWD", "1.500\u00a0KWD")],
)
def test_amounts_have_the_decimals_of_their_currency(
    merchant: Merchant, reference: str, amount_minor: int, currency: str, shown: str
) -> None:
    url = asked(merchant, reference, amount_minor=amount_minor, currency=currency)
    assert shown in merchant.visitor.get(url).text


@pytest.mark.parametrize(("answer", "state"), [("confirm", "succeeded"), ("refuse", "failed"), ("nonsense", "failed")])
def test_after_the_answer_it_leads_back_to_the_merchant(
    merchant: Merchant, reference: str, answer: str, state: str
) -> None:
    reply = merchant.service.answer_bank(asked(merchant, reference), answer)
    assert (reply.status_code, reply.headers["location"]) == (303, f"{PARENT}/orders/ord_1/")
    assert merchant.service.ask("GET", f"/v1/charges/{reference}").json()["state"] == state


def test_another_device_needs_the_address_only_and_a_second_answer_finds_it_done(
    merchant: Merchant, reference: str
) -> None:
    url = asked(merchant, reference)
    merchant.service.answer_bank(url)

    for page in (merchant.visitor.get(url), merchant.service.answer_bank(url, "refuse")):
        assert page.status_code == 200
        assert "You have confirmed this payment." in page.text
        assert f"{PARENT}/orders/ord_1/" in page.text
    assert merchant.service.captured(reference) == 1


def test_a_bank_that_does_not_answer_says_so_and_the_customer_can_leave(merchant: Merchant, reference: str) -> None:
    page = merchant.service.answer_bank(asked(merchant, reference, "4000 0000 0000 3063"))
    assert page.status_code == 200
    assert "Your bank has not answered." in page.text
    assert "Back to the merchant" in page.text


def test_an_address_that_nobody_was_given_leads_nowhere(merchant: Merchant) -> None:
    assert merchant.visitor.get("/confirm/guessed").status_code == 404
    assert merchant.visitor.post("/confirm/guessed", data={"answer": "confirm"}).status_code == 404


def test_what_the_merchant_wrote_is_shown_inert(merchant: Merchant, reference: str) -> None:
    url = asked(merchant, reference, description="<script>alert(1)</script>")
    assert "<script>alert" not in merchant.visitor.get(url).text
