"""The hosted card fields without a script: what they accept, and what they say about the rest in both languages."""

from urllib.parse import urlencode

import httpx
import pytest

from palier_sandbox.cards import brand_of, luhn
from palier_sandbox.test_cards import TEST_CARDS
from tests.sandbox.conftest import Merchant

GOOD = "4242 4242 4242 4242"


def typed(merchant: Merchant, reference: str, locale: str = "en", **card: str) -> httpx.Response:
    values = {"number": GOOD, "expiry": "12/34", "code": "123", **card}
    return merchant.visitor.post(merchant.fields_url(reference, locale), data=values)


@pytest.mark.parametrize("card", TEST_CARDS, ids=lambda card: card.number)
def test_every_test_card_is_well_formed_and_accepted_by_the_form(
    merchant: Merchant, reference: str, card: object
) -> None:
    number = getattr(card, "number", "")
    brand = brand_of(number)
    assert luhn(number)
    assert brand
    assert typed(merchant, reference, number=number, code="1" * brand.code_digits).status_code == 303


@pytest.mark.parametrize("number", ["4242424242424242", "4242-4242-4242-4242", " 4242\u00a04242\u202f4242 4242 "])
@pytest.mark.parametrize("expiry", ["12/34", "12 / 34", "1234", "12/2034", "122034", "12-34", "12 34"])
def test_numbers_and_dates_are_read_as_people_write_them(
    merchant: Merchant, reference: str, number: str, expiry: str
) -> None:
    assert typed(merchant, reference, number=number, expiry=expiry).status_code == 303
    card = merchant.gateway.card_from_fields(reference)
    assert card
    assert (card.expiry_month, card.expiry_year) == (12, 2034)


@pytest.mark.parametrize(
    ("card", "english", "french"),
    [
        ({"number": ""}, "Enter the card number.", "Saisissez le numéro de carte."),
        (
            {"number": "4242 4242 4242 4241"},
            "This card number is not right: check its digits.",
            "Ce numéro de carte est inexact\u202f: vérifiez les chiffres.",
        ),
        ({"number": "4242 4242"}, "The card number is not complete.", "Le numéro de carte est incomplet."),
        ({"number": "six"}, "This card number is not right", "Ce numéro de carte est inexact"),
        ({"number": "4" * 40}, "This card number is not right", "Ce numéro de carte est inexact"),
        ({"number": "٤٢٤٢٤٢٤٢٤٢٤٢٤٢٤٢"}, "This card number is not right", "Ce numéro de carte est inexact"),
        (
            {"number": "6011 1111 1111 1117"},
            "Visa, Mastercard and American Express are accepted.",
            "Les cartes Visa, Mastercard et American Express sont acceptées.",
        ),
        ({"number": "4539 1488 0343 6467"}, "use a test card", "utilisez une carte de test"),
        ({"expiry": ""}, "Enter the expiry date.", "Saisissez la date d’expiration."),
        ({"expiry": "13/30"}, "Write the expiry as month and year", "Écrivez le mois et l’année"),
        ({"expiry": "00/30"}, "Write the expiry as month and year", "Écrivez le mois et l’année"),
        ({"expiry": "soon"}, "Write the expiry as month and year", "Écrivez le mois et l’année"),
        ({"expiry": "12/99"}, "Write the expiry as month and year", "Écrivez le mois et l’année"),
        ({"expiry": "01/20"}, "This card has expired.", "Cette carte est expirée."),
        ({"code": ""}, "Enter the security code.", "Saisissez le cryptogramme."),
        ({"code": "12"}, "The security code has 3 digits", "Le cryptogramme compte 3 chiffres"),
        ({"code": "1234"}, "The security code has 3 digits", "Le cryptogramme compte 3 chiffres"),
        ({"code": "abc"}, "The security code has 3 digits", "Le cryptogramme compte 3 chiffres"),
        (
            {"number": "378282246310005", "code": "123"},
            "The security code has 4 digits, on the front of the card.",
            "Le cryptogramme compte 4 chiffres, sur le devant de la carte.",
        ),
    ],
)
def test_a_mistake_is_told_on_its_field_and_nothing_is_saved(
    merchant: Merchant, reference: str, card: dict[str, str], english: str, french: str
) -> None:
    (field,) = set(card) - {"number"} or {"number"}
    for locale, sentence in (("en", english), ("fr", french)):
        answer = typed(merchant, reference, locale, **card)
        assert answer.status_code == 422
        error = answer.text.split(f'id="{field}-error"')[1].split("</p>")[0]
        assert sentence in error
        assert f'name="{field}"' in answer.text.split('aria-invalid="true"')[0]
        assert answer.text.count('aria-invalid="true"') == 1
    assert merchant.gateway.card_from_fields(reference) is None


def test_all_mistakes_are_told_at_once_and_what_was_typed_stays_except_the_code(
    merchant: Merchant, reference: str
) -> None:
    answer = typed(merchant, reference, number="4242 4242", expiry="1/1/1", code="9")
    assert answer.text.count('aria-invalid="true"') == 3
    assert 'value="4242 4242"' in answer.text
    assert 'value="1/1/1"' in answer.text
    assert 'value="9"' not in answer.text


def test_what_is_typed_comes_back_inert(merchant: Merchant, reference: str) -> None:
    answer = typed(merchant, reference, number='"><script>alert(1)</script>')
    assert "<script>alert" not in answer.text


@pytest.mark.parametrize(
    ("locale", "labels"),
    [
        ("en", ["Card number", "Expiry", "Security code", "Save card"]),
        ("fr", ["Numéro de carte", "Expiration", "Cryptogramme", "Enregistrer la carte"]),
        ("fr-CA", ["Numéro de carte"]),
        ("de", ["Card number"]),
    ],
)
def test_the_form_speaks_the_language_of_the_page_around_it(merchant: Merchant, locale: str, labels: list[str]) -> None:
    page = merchant.visitor.get(merchant.fields_url("quo_language", locale)).text
    assert f'lang="{locale[:2] if locale != "de" else "en"}"' in page
    for label in labels:
        assert f">{label}<" in page
    for name in ("cc-number", "cc-exp", "cc-csc"):
        assert f'autocomplete="{name}"' in page


def test_a_saved_card_is_shown_and_can_be_changed_or_kept(merchant: Merchant, reference: str) -> None:
    saved = typed(merchant, reference, "fr")
    page = merchant.visitor.get(saved.headers["location"]).text
    assert "Visa" in page
    assert "4242" in page
    assert "Changer de carte" in page
    assert "<input" not in page

    change = merchant.visitor.get(merchant.fields_url(reference, "fr") + "&change=1").text
    assert "Garder la carte enregistrée" in change
    assert "<input" in change


def test_the_page_may_be_embedded_by_its_parent_alone_and_runs_no_foreign_script(merchant: Merchant) -> None:
    headers = merchant.visitor.get(merchant.fields_url("quo_policy", parent_origin="https://shop.example:8443")).headers
    policy = headers["content-security-policy"]
    assert "frame-ancestors https://shop.example:8443" in policy
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("change", ["reference", "locale", "parent_origin", "signature"])
def test_an_address_that_the_merchant_did_not_sign_is_refused(merchant: Merchant, change: str) -> None:
    parts = httpx.URL(merchant.fields_url("quo_signed")).params
    forged = urlencode({**parts, change: "https://evil.example"})
    assert merchant.visitor.get(f"/fields?{forged}").status_code == 403
    assert merchant.visitor.post(f"/fields?{forged}", data={"number": GOOD}).status_code == 403
    without = urlencode({name: value for name, value in parts.items() if name != change})
    assert merchant.visitor.get(f"/fields?{without}").status_code == 403


@pytest.mark.parametrize(
    "origin", ["", "javascript:alert(1)", "https://a b", "https://x; script-src *", "https://user@x", "null", "//x"]
)
def test_a_parent_that_is_no_plain_origin_is_refused_even_when_signed(merchant: Merchant, origin: str) -> None:
    assert merchant.visitor.get(merchant.fields_url("quo_origin", parent_origin=origin)).status_code == 403
