"""The account page: the book at a glance, the test cards, and the faults with their switches."""

from palier_sandbox.faults import KINDS
from palier_sandbox.test_cards import TEST_CARDS
from tests.sandbox.conftest import Merchant


def test_it_shows_the_book_the_cards_and_the_faults(merchant: Merchant, reference: str) -> None:
    merchant.charge(reference, "4242 4242 4242 4242")
    page = merchant.visitor.get("/").text
    assert reference in page
    assert "130.80\u00a0EUR" in page
    for card in TEST_CARDS:
        assert card.sentence in page
    for kind in KINDS:
        assert kind in page


def test_a_fault_is_switched_on_and_off_there(merchant: Merchant, reference: str) -> None:
    assert merchant.visitor.post("/account/faults", data={"kind": "rate_limited", "times": "always"}).status_code == 303
    assert "on</td>" in merchant.visitor.get("/").text
    assert merchant.charge(reference, "4242 4242 4242 4242").status_code == 429

    assert merchant.visitor.post("/account/faults/clear", data={"kind": "rate_limited"}).status_code == 303
    assert merchant.charge(reference, "4242 4242 4242 4242").status_code == 200


def test_it_can_bring_back_a_service_that_it_put_down(merchant: Merchant) -> None:
    merchant.visitor.post("/account/faults", data={"kind": "down", "times": "always"})
    assert merchant.visitor.get("/healthz").status_code == 503
    assert merchant.visitor.get("/").status_code == 200

    merchant.visitor.post("/account/faults/clear", data={"kind": "down"})
    assert merchant.visitor.get("/healthz").status_code == 200


def test_another_site_cannot_move_a_switch(merchant: Merchant) -> None:
    for address in ("/account/faults", "/account/faults/clear"):
        answer = merchant.visitor.post(address, data={"kind": "down"}, headers={"Origin": "https://evil.example"})
        assert answer.status_code == 403
    assert merchant.service.ask("GET", "/v1/faults").json()["on"] == []


def test_an_unknown_fault_is_refused(merchant: Merchant) -> None:
    assert merchant.visitor.post("/account/faults", data={"kind": "earthquake"}).status_code == 422
