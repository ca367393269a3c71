"""The bank's page of 3-D Secure: confirm or refuse, on any device that has the address."""

from urllib.parse import urlencode

from palier_sandbox.book import Row
from palier_sandbox.cards import brand_name
from palier_sandbox.pages import Html, fill, money, origin_of, page, see_other
from palier_sandbox.service import Service
from palier_sandbox.web import Request, Response, Route
from palier_sandbox.words import LANGUAGES, preferred_language, words


class Bank:
    """The routes of the bank's page. The secret in the address is the right to answer."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def routes(self) -> list[Route]:
        """Shown and answered."""
        return [Route.of("GET /confirm/{secret}", self.show), Route.of("POST /confirm/{secret}", self.answer)]

    def show(self, request: Request, secret: str) -> Response:
        """The question, or how it ended."""
        return self._page(request, self._service.charges.to_confirm(secret))

    def answer(self, request: Request, secret: str) -> Response:
        """Confirm or refuse; then back to the merchant. A bank that is silent says so and keeps the question open."""
        before = self._service.charges.to_confirm(secret)
        if before is None or before["state"] != "action_required":
            return self._page(request, before)
        charge = self._service.charges.decide(secret, confirmed=request.form().get("answer") == "confirm")
        if charge is not None and charge["state"] == "action_required":
            return self._page(request, charge, note="bank_waits")
        return see_other(before["return_url"])

    def _page(self, request: Request, charge: Row | None, *, note: str = "") -> Response:
        language = _language(request)
        sentences = words(language)
        other = LANGUAGES[1 - LANGUAGES.index(language)]
        if charge is None:
            return page(
                "notice",
                status=404,
                language=language,
                title=sentences["bank"],
                sentence=sentences["bank_missing"],
                after=Html(""),
            )
        if charge["state"] == "action_required":
            return self._question(charge, language, other, note)
        done = "bank_done" if charge["state"] == "succeeded" else "bank_refused"
        return page(
            "notice",
            language=language,
            title=sentences["bank"],
            sentence=sentences[done],
            after=fill("link", address=charge["return_url"], text=sentences["back"]),
        )

    def _question(self, charge: Row, language: str, other: str, note: str) -> Response:
        sentences = words(language)
        card = self._service.book.one("select * from cards where token = ?", charge["token"]) or {}
        rest = fill("bank_note", sentence=sentences[note]) if note else Html("")
        return page(
            "bank",
            # Browsers hold a form to this list in its redirects too: the merchant's page must be on it.
            form=f"'self' {origin_of(charge['return_url']) or ''}".strip(),
            language=language,
            title=sentences["bank_asks"],
            bank=sentences["bank"],
            rows=fill(
                "bank_rows",
                merchant_label=sentences["bank_to"],
                merchant=self._service.settings.merchant,
                amount_label=sentences["bank_amount"],
                amount=money(charge["amount_minor"], charge["currency"], language),
                card_label=sentences["bank_card"],
                card=f"{brand_name(card['brand'])} •••• {card['last4']}",
                what_label=sentences["bank_what"],
                what=charge["description"] or charge["reference"],
            ),
            answer_note=rest,
            confirm=sentences["confirm"],
            refuse=sentences["refuse"],
            note=sentences["bank_note"],
            back_address=charge["return_url"],
            back=sentences["back"],
            action=f"/confirm/{charge['secret']}?{urlencode({'language': language})}",
            other_address=f"/confirm/{charge['secret']}?{urlencode({'language': other})}",
            other=other,
            other_name=sentences["other_language"],
        )


def _language(request: Request) -> str:
    asked = request.query.get("language", "")
    return asked if asked in LANGUAGES else preferred_language(request.headers.get("accept-language", ""))
