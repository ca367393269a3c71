"""An invoice document holds what the law asks for, in the customer's language, and nothing can be smuggled into it."""

import dataclasses
import io
import subprocess
import sys
from datetime import UTC, date, datetime
from typing import Any

import pypdf
import pytest

from palier.apps.invoices import documents, paper
from palier.apps.invoices.facts import DocumentLine, DocumentTax, InvoiceFacts, Party

SELLER = Party(
    name="Talentea",
    address="18 rue de Marseille",
    postcode="75010",
    city="Paris",
    country="FR",
    siren="732829320",
    vat_number="FR44732829320",
    legal="SAS au capital de 50 000 €, RCS Paris 732 829 320",
)
FRENCH_BUYER = Party(
    name="Cabinet Mercure",
    address="12 quai Saint-Antoine\n3e étage",
    postcode="69002",
    city="Lyon",
    country="FR",
    vat_number="FR83404833048",
    email="compta@mercure.example",
)
BELGIAN_BUYER = Party("Brabant Talent", "Rue Neuve 1", "1000", "Bruxelles", "BE", vat_number="BE0403170701")
# Midnight in Paris is 23:00 UTC the day before, in winter.
START = datetime(2026, 11, 22, 23, tzinfo=UTC)
END = datetime(2026, 12, 11, 23, tzinfo=UTC)
CREDIT = DocumentLine("Team", 8, 10900, "month", START, END, -55227, (19, 30))
CHARGE = DocumentLine("Business", 8, 15900, "month", START, END, 80560, (19, 30))
FACTS = InvoiceFacts(
    number="F-2026-000042",
    issued_on=date(2026, 11, 23),
    due_on=date(2026, 11, 23),
    seller=SELLER,
    buyer=FRENCH_BUYER,
    lines=(CREDIT, CHARGE),
    taxes=(DocumentTax(200_000, 25333, 5067),),
    net_minor=25333,
    tax_minor=5067,
    total_minor=30400,
    currency="EUR",
    zone="Europe/Paris",
    paid_at=datetime(2026, 11, 23, 9, 30, tzinfo=UTC),
    paid_with="Visa •••• 4242",
    payment_reference="pay_0abcdefgh1234",
    po_number="PO-2026-118",
)


def fonts_of(content: bytes) -> list[Any]:
    """The font dictionaries of every page."""
    pages: Any = pypdf.PdfReader(io.BytesIO(content)).pages
    return [font.get_object() for page in pages for font in page["/Resources"]["/Font"].values()]


def text_of(content: bytes) -> str:
    pages = pypdf.PdfReader(io.BytesIO(content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["Invoice F-2026-000042", "Date of issue 23 November 2026", "Due date",
                "Purchase order number PO-2026-118",
                "Supply of services", "From 23 Nov 2026 to 11 Dec 2026", "Credit for 19 unused days out of 30",
                "19 days out of 30", "€159.00", "per month", "-€552.27", "€805.60", "20%", "Total excl. VAT €253.33",
                "VAT €50.67", "Total incl. VAT €304.00", "Paid on 23 November 2026, Visa •••• 4242", "Amount due €0.00",
                "No discount for early payment", "refinancing rate of the European Central Bank plus 10", "€40.00"]),
        ("fr", ["Facture F-2026-000042", "Date d'émission 23 novembre 2026", "Date d'échéance",
                "Numéro de bon de commande PO-2026-118", "Prestation de services", "Du 23 nov. 2026 au 11 déc. 2026",
                "Avoir pour 19 jours non utilisés sur 30", "159,00 €", "par mois", "-552,27 €", "805,60 €", "20 %",
                "Total HT 253,33 €", "TVA 50,67 €", "Total TTC 304,00 €", "Payé le 23 novembre 2026, Visa •••• 4242",
                "Reste à payer 0,00 €", "Pas d'escompte pour paiement anticipé", "majoré de 10 points", "40,00 €"]),
    ],
)  # fmt: skip
def test_pdf_carries_every_mention_in_the_customers_language(language: str, words: list[str]) -> None:
    text = text_of(documents.pdf(FACTS, language))
    both = ["Talentea", "18 rue de Marseille", "SIREN 732829320", "FR44732829320", "SAS au capital de 50 000 €",
            "Cabinet Mercure", "12 quai Saint-Antoine", "69002 LYON", "SIREN 404833048", "FR83404833048"]  # fmt: skip
    assert [word for word in words + both if word not in text] == []


def test_pdf_embeds_every_font_and_declares_itself_an_archive() -> None:
    content = documents.pdf(FACTS, "fr")
    fonts = fonts_of(content)
    embedded = [font["/DescendantFonts"][0].get_object()["/FontDescriptor"] for font in fonts]
    assert fonts
    assert all("/FontFile2" in descriptor or "/FontFile3" in descriptor for descriptor in embedded)
    root: Any = pypdf.PdfReader(io.BytesIO(content)).trailer["/Root"]
    assert b'pdfaid:part="3"' in root["/Metadata"].get_object().get_data()
    assert root["/Lang"] == "fr"


def test_a_process_that_draws_nothing_does_not_wait_for_the_pdf_maker() -> None:
    program = (
        "import django, sys; django.setup()\n"
        "from palier.config import urls\n"
        "from palier.apps.invoices import documents\n"
        "print('weasyprint' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout == "False\n"


def test_same_facts_give_the_same_bytes_in_another_process() -> None:
    program = (
        "import django; django.setup(); import hashlib\n"
        "from tests.invoices.test_documents import FACTS\n"
        "from palier.apps.invoices import documents\n"
        "print(hashlib.sha256(documents.pdf(FACTS, 'fr')).hexdigest())"
    )
    prints = {
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    }
    assert len(prints) == 1


def test_reverse_charge_is_said_when_it_applies_and_only_then() -> None:
    reverse = dataclasses.replace(
        FACTS,
        buyer=BELGIAN_BUYER,
        taxes=(DocumentTax(0, 25333, 0, "reverse_charge"),),
        tax_minor=0,
        total_minor=25333,
    )
    text = text_of(documents.pdf(reverse, "en"))
    assert "Reverse charge: VAT is due by the customer" in text
    assert "article 196 of Directive 2006/112/EC" in text
    assert "BE0403170701" in text
    assert "Belgium" in text
    assert "Reverse charge" not in text_of(documents.pdf(FACTS, "en"))


def test_outside_the_union_the_reason_for_no_tax_is_said() -> None:
    abroad = dataclasses.replace(
        FACTS,
        buyer=Party("Acme Inc.", "1 Main St", "94103", "San Francisco", "US", region="CA"),
        taxes=(DocumentTax(0, 25333, 0, "outside_eu"),),
        tax_minor=0,
        total_minor=25333,
    )
    text = text_of(documents.pdf(abroad, "fr"))
    assert "TVA non applicable" in text
    assert "SAN FRANCISCO, CA 94103" in text
    assert "États-Unis" in text


def test_open_invoice_says_what_is_due_and_when() -> None:
    still_open = dataclasses.replace(FACTS, paid_at=None, due_on=date(2026, 12, 23))
    page = documents.html(still_open, "en")
    assert "To be paid by 23 December 2026" in page
    assert "Paid on" not in page


def test_the_sellers_own_penalty_rate_and_fee_are_printed() -> None:
    facts = dataclasses.replace(FACTS, late_penalty_percent="12.15", recovery_fee="60.00")
    assert "penalties at 12.15% a year, and a fixed recovery charge of €60.00" in documents.html(facts, "en")
    assert "12,15\u202f%" in documents.html(facts, "fr").replace("\xa0", "\u202f")


def test_a_person_is_not_threatened_with_business_penalties() -> None:
    person = dataclasses.replace(FACTS, buyer=dataclasses.replace(FRENCH_BUYER, company=False, vat_number=""))
    page = documents.html(person, "en")
    assert "recovery charge" not in page
    assert "SIREN 404833048" not in page


def test_each_line_shows_its_own_rate_where_there_are_several() -> None:
    lines = (dataclasses.replace(CREDIT, rate_ppm=200_000), dataclasses.replace(CHARGE, rate_ppm=55_000))
    taxes = (DocumentTax(200_000, -55227, -11045), DocumentTax(55_000, 80560, 4431))
    page = documents.html(dataclasses.replace(FACTS, lines=lines, taxes=taxes), "fr")
    assert "5,5" in page
    with pytest.raises(ValueError, match="unpack"):
        documents.html(dataclasses.replace(FACTS, taxes=taxes), "fr")


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>",
        '"><img src="file:///etc/passwd">',
        "<style>@import url(http://127.0.0.1:1/x.css)</style>",
        "<link rel=attachment href=file:///etc/hostname>",
        "{{ seller.name }}{% debug %}",
    ],
)
def test_markup_in_a_name_is_text_on_the_invoice(name: str) -> None:
    facts = dataclasses.replace(FACTS, buyer=dataclasses.replace(FRENCH_BUYER, name=name), po_number=name)
    content = documents.pdf(facts, "en")
    reader = pypdf.PdfReader(io.BytesIO(content))
    assert name.replace(" ", "") in text_of(content).replace(" ", "")
    assert not list(reader.attachments)


def test_control_and_direction_characters_do_not_reach_the_page() -> None:
    hostile = dataclasses.replace(FRENCH_BUYER, name="Mer\x00cure\u202e elbacremmoc\x1b\u2066")
    page = documents.html(dataclasses.replace(FACTS, buyer=hostile), "en")
    assert "Mercure elbacremmoc" in page
    assert not {"\x00", "\x1b", "\u202e", "\u2066"} & set(page)


def test_the_longest_name_and_address_without_a_space_stay_on_paper() -> None:
    long = dataclasses.replace(FACTS, buyer=dataclasses.replace(FRENCH_BUYER, name="M" * 200, address="W" * 300))
    text = text_of(documents.pdf(long, "en")).replace(" ", "")
    assert text.count("M") >= 200
    assert text.count("W") >= 300


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1/x", "file:///etc/passwd", "data:text/plain,x", "packaged:/../documents.py", "packaged:/"],
)
def test_the_pdf_maker_fetches_nothing_but_our_fonts(address: str) -> None:
    with pytest.raises(ValueError, match="not a packaged file"):
        paper.PackagedFiles().fetch(address)


def test_names_in_other_alphabets_of_the_union_use_the_embedded_font() -> None:
    buyer = dataclasses.replace(FRENCH_BUYER, name="Ωμέγα Σύμβουλοι, Кадри ЕООД, Złotów")
    names = {str(font["/BaseFont"]) for font in fonts_of(documents.pdf(dataclasses.replace(FACTS, buyer=buyer), "en"))}
    assert names
    assert all("Inter" in name for name in names)


def test_many_lines_run_over_pages_that_are_numbered() -> None:
    lines = (CREDIT, CHARGE) * 20
    reader = pypdf.PdfReader(io.BytesIO(documents.pdf(dataclasses.replace(FACTS, lines=lines), "en")))
    assert len(reader.pages) > 1
    last = " ".join(reader.pages[-1].extract_text().split())
    assert f"{len(reader.pages)} / {len(reader.pages)}" in last
    assert "Invoice F-2026-000042" in last


def test_the_narrow_spaces_of_french_sums_survive() -> None:
    assert documents.plain("capital de 50\u202f000\u00a0€\u0007") == "capital de 50\u202f000\u00a0€"
