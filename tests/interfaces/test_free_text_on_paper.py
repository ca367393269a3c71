"""Whatever is written into a text that is kept stays words in letters, invoices and exports."""

import csv
import dataclasses
import io
import json
import re
import unicodedata
from collections.abc import Callable
from typing import Any, Final

import pypdf
import pytest
import tinyhtml5  # type: ignore[import-untyped]
from django.template.loader import render_to_string
from django.utils.translation import override

from palier.apps.invoices import documents
from palier.apps.notices import letters, letters_chat, letters_people
from palier.apps.notices.letters import Letter
from palier.flows.exports import export
from tests.interfaces.injections import INJECTIONS
from tests.invoices.test_documents import CHARGE, FACTS, FRENCH_BUYER
from tests.report.happened import happened

URL: Final = "https://billing.example/x/"
LETTERS: Final[dict[str, Callable[[str], Letter]]] = {
    "purchase_request": lambda said: letters.purchase_request(
        "en", asker=said, plan="Team", seats=5, note=said, url=URL
    ),
    "invitation": lambda said: letters.invitation("fr", inviter=said, company=said, host="H", until="1 May", url=URL),
    "seat_request": lambda said: letters_people.seat_request(
        "en", asker=said, company=said, wished=said, note=said, url=URL
    ),
    "seat_approved": lambda said: letters_people.seat_approved("fr", buyer=said, company=said, wished=said, url=URL),
    "seat_declined": lambda said: letters_people.seat_declined("en", buyer=said, company=said, note=said, url=URL),
    "chat_answer": lambda said: letters_chat.chat_answer("en", quotes=((said, said),), url=URL),
    "chat_solved": lambda said: letters_chat.chat_solved("fr", quotes=((said, said),), url=URL),
    "chat_question": lambda said: letters_chat.chat_question("en", asker=said, company=said, quote=said, url=URL),
}
"""Every letter that tells what somebody typed."""


def bones(html: str) -> list[tuple[Any, ...]]:
    """Which elements there are, with their attributes and where they lead."""
    tree = tinyhtml5.parse(html, namespace_html_elements=False)
    return [(str(element.tag), *sorted(element.attrib.items())) for element in tree.iter()]


@pytest.mark.parametrize("write", LETTERS.values(), ids=LETTERS)
def test_words_stay_words_in_letters(write: Callable[[str], Letter]) -> None:
    plain = bones(rendered(write("words"), "html"))
    for injection in INJECTIONS:
        if not documents.plain(injection).strip():
            continue  # nothing to be seen: as if nothing were written
        letter = write(injection)
        html = rendered(letter, "html")
        assert bones(html) == plain, injection
        text = rendered(letter, "txt")
        links = [line for line in text.splitlines() if line.endswith(URL)]
        assert len(links) == 1, injection
        if letter.quotes:
            # Line by line, so that nobody's words look like ours.
            said = [line for line in injection.split("\n") if line.strip()]
            assert all(f"> {line}" in text for line in said), injection
        happened("injection_cells")


def rendered(letter: Letter, kind: str) -> str:
    with override(letter.language):
        return render_to_string(f"notices/letter.{kind}", {"letter": letter, "host_name": "Talentea"})


FIELDS: Final = ("name", "address", "postcode", "city", "region", "vat_number", "email")


@pytest.mark.parametrize("country", ["FR", "US", "JP"])
def test_words_stay_words_on_invoices(country: str) -> None:
    def drawn(said: str) -> str:
        filled: dict[str, Any] = dict.fromkeys(FIELDS, said)
        buyer = dataclasses.replace(FRENCH_BUYER, country=country, **filled)
        line = dataclasses.replace(CHARGE, title=said)
        return documents.html(dataclasses.replace(FACTS, buyer=buyer, po_number=said, lines=(line,)), "fr")

    plain = bones(drawn("words"))
    for injection in INJECTIONS:
        said = " ".join(injection.split())
        shown = documents.plain(said).strip()
        if shown and any(letter.isalnum() for letter in shown):
            assert bones(drawn(said)) == plain, injection


def test_words_stay_words_in_the_pdf_and_nothing_is_fetched(caplog: pytest.LogCaptureFixture) -> None:
    # Letters of the embedded fonts: those of others come out of a PDF as other letters.
    said = [" ".join(injection.split()) for injection in INJECTIONS if injection.isascii() and "\0" not in injection]
    lines = tuple(dataclasses.replace(CHARGE, title=" ".join(said[place : place + 8])) for place in range(0, 96, 8))
    content = documents.pdf(dataclasses.replace(FACTS, lines=lines), "en")
    # A fetch that is refused is told in WeasyPrint's log: none was even tried.
    assert "not a packaged file" not in caplog.text
    assert "Failed to load" not in caplog.text
    reader = pypdf.PdfReader(io.BytesIO(content))
    text = squeezed("".join(page.extract_text() for page in reader.pages))
    assert len(said) > 75
    for words in said:
        assert squeezed(words) in text, words
    assert not list(reader.attachments)
    assert not [each for page in reader.pages for each in page.get("/Annots", ())], "no link, form or script"
    root: Any = reader.trailer["/Root"]
    assert not {"/OpenAction", "/AA", "/AcroForm"} & set(root)


def squeezed(text: str) -> str:
    """The visible letters alone: a PDF has lines, not spaces."""
    return "".join(letter for letter in text if not letter.isspace() and unicodedata.category(letter)[0] != "C")


def test_no_cell_of_an_export_begins_a_formula_and_each_is_read_back() -> None:
    rows: list[dict[str, str | int | None]] = [
        {"said": injection, "number": place} for place, injection in enumerate(INJECTIONS)
    ]
    table = export.table_of(rows).decode("utf-8-sig")
    read = list(csv.DictReader(io.StringIO(table, newline="")))
    assert len(read) == len(INJECTIONS)
    for row, injection in zip(read, INJECTIONS, strict=True):
        cell = row["said"]
        assert not re.match(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20\t\r\n]", cell), injection
        assert export.said(cell) == injection
    assert json.loads(json.dumps(rows, ensure_ascii=False)) == rows


def test_sums_in_an_export_stay_numbers() -> None:
    assert [export.safe(cell) for cell in ("-327.00", 5, None, "0.00")] == ["-327.00", "5", "", "0.00"]
