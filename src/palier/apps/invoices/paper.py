"""An invoice's page drawn as PDF/A-3a: tagged, its fonts embedded, the same page gives the same bytes.

Apart from the documents, because loading the PDF maker takes longer than all the rest of the program: only who draws
waits for it.
"""

from functools import cache
from pathlib import Path
from typing import Final

from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

PACKAGE: Final = Path(__file__).resolve().parent
DOCUMENT_STYLE: Final = PACKAGE / "static" / "invoices" / "document.css"
PAPER_STYLE: Final = PACKAGE / "templates" / "invoices" / "paper.css"
ORIGIN: Final = "packaged:"
FONTS: Final = frozenset({"Inter-Regular.ttf", "Inter-SemiBold.ttf"})


def drawn(page: str, number: str) -> bytes:
    """The PDF of a page; ``number`` is the invoice's, by which the file is known."""
    font_config = FontConfiguration()
    fetcher = PackagedFiles()
    sheet = CSS(string=_style(), url_fetcher=fetcher, base_url=ORIGIN, font_config=font_config)
    written: bytes = HTML(string=page, url_fetcher=fetcher, base_url=ORIGIN).write_pdf(
        font_config=font_config,
        stylesheets=[sheet],
        pdf_variant="pdf/a-3a",
        pdf_identifier=number.encode(),
        pdf_tags=True,
    )
    return written


class PackagedFiles(URLFetcher):  # type: ignore[misc]  # untyped in WeasyPrint 70
    """Serves the fonts of this package to the PDF maker and refuses every other address."""

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        """Raises ValueError for anything that is not one of our fonts: nothing is ever asked of the network or disk."""
        name = url.removeprefix(ORIGIN).lstrip("/")
        if not url.startswith(ORIGIN) or name not in FONTS:
            raise ValueError(f"not a packaged file: {url[:80]}")
        return URLFetcherResponse(url, (PACKAGE / "fonts" / name).read_bytes(), {"Content-Type": "font/ttf"})


@cache
def _style() -> str:
    return DOCUMENT_STYLE.read_text() + PAPER_STYLE.read_text()
