"""The card fields: a page in this service's own origin, embedded by the merchant's checkout.

Its address is signed by the merchant for one reference, one language and one parent origin. With JavaScript the parent
asks it to save (``palier:submit``) and hears ``palier:saved`` or ``palier:invalid``; without, the page is a form of its
own. Either way the merchant never sees a card number.
"""

import hmac
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from palier_sandbox.book import Row
from palier_sandbox.cards import BRANDS, CardErrors, brand_name
from palier_sandbox.pages import Html, fill, joined, origin_of, page, see_other
from palier_sandbox.service import Service
from palier_sandbox.web import Request, Response, Route, json_response
from palier_sandbox.words import LANGUAGES, language_of, preferred_language, words

NAMES: Final = ("number", "expiry", "code")


@dataclass(frozen=True, slots=True)
class Asked:
    """A signed address, checked."""

    reference: str
    language: str
    parent_origin: str
    address: str


class Fields:
    """The routes of the card fields."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def routes(self) -> list[Route]:
        """One page: shown and submitted."""
        return [Route.of("GET /fields", self.show), Route.of("POST /fields", self.save)]

    def show(self, request: Request) -> Response:
        """The saved card when there is one, else the empty fields."""
        asked = self._asked(request)
        if asked is None:
            return self._refused(request)
        card = self._service.wallet.under(asked.reference)
        if card and "change" not in request.query:
            return self._saved(asked, card)
        return self._form(asked, can_keep=card is not None)

    def save(self, request: Request) -> Response:
        """Keep the card, or say what is wrong on each field; in JSON when the script asks."""
        asked = self._asked(request)
        if asked is None:
            return self._refused(request)
        typed = {name: request.form().get(name, "")[:100] for name in NAMES}
        try:
            card = self._service.wallet.save(asked.reference, **typed)
        except CardErrors as wrong:
            sentences = words(asked.language)
            errors = {field: sentences[error] for field, error in wrong.fields.items()}
            if _wants_json(request):
                return json_response({"errors": errors})
            can_keep = self._service.wallet.under(asked.reference) is not None
            return self._form(asked, can_keep=can_keep, errors=errors, typed=typed)
        if _wants_json(request):
            return json_response({"saved": {"brand": card["brand"], "last4": card["last4"]}})
        return see_other(asked.address)

    def _asked(self, request: Request) -> Asked | None:
        signed = {name: request.query.get(name, "") for name in ("reference", "locale", "parent_origin")}
        signature = request.query.get("signature", "")
        if not hmac.compare_digest(self._service.wallet.signature(signed).encode(), signature.encode()):
            return None
        origin = origin_of(signed["parent_origin"])
        if origin is None or not signed["reference"]:
            return None
        address = f"/fields?{urlencode({**signed, 'signature': signature})}"
        return Asked(signed["reference"], language_of(signed["locale"]), origin, address)

    def _refused(self, request: Request) -> Response:
        language = language_of(request.query.get("locale", "") or preferred_language(_accepted(request)))
        sentences = words(language)
        return page(
            "notice",
            status=403,
            frame="*",
            language=language,
            title=sentences["fields_refused"],
            sentence=sentences["fields_refused_why"],
            after=Html(""),
        )

    def _saved(self, asked: Asked, card: Row) -> Response:
        sentences = words(asked.language)
        content = fill(
            "card_saved",
            brand=brand_mark(card["brand"]),
            name=brand_name(card["brand"]),
            last4=card["last4"],
            expires=sentences["expires"],
            expiry=f"{card['expiry_month']:02d}/{card['expiry_year'] % 100:02d}",
            saved=sentences["saved"],
            change=sentences["change"],
            change_address=f"{asked.address}&change=1",
        )
        return self._page(asked, content, state="saved")

    def _form(
        self,
        asked: Asked,
        *,
        can_keep: bool,
        errors: dict[str, str] | None = None,
        typed: dict[str, str] | None = None,
    ) -> Response:
        sentences, errors, typed = words(asked.language), errors or {}, typed or {}
        keep = fill("card_keep", address=asked.address, keep=sentences["keep"]) if can_keep else Html("")
        marked = {f"{name}_invalid": "true" if name in errors else "false" for name in NAMES}
        content = fill(
            "card_form",
            # A change in progress stays one after an error; the code is never written back into a page.
            action=f"{asked.address}&change=1" if can_keep else asked.address,
            brands=joined([brand_mark(brand.key, hidden=True) for brand in BRANDS]),
            number_value=typed.get("number", ""),
            expiry_value=typed.get("expiry", ""),
            number_error=errors.get("number", ""),
            expiry_error=errors.get("expiry", ""),
            code_error=errors.get("code", ""),
            keep=keep,
            **marked,
            **{name: sentences[name] for name in (*NAMES, "expiry_format", "save", "network")},
            **{name: text for name, text in sentences.items() if name.startswith(("number_", "expiry_p", "code_"))},
        )
        return self._page(asked, content, state="form", status=422 if errors else 200)

    def _page(self, asked: Asked, content: Html, *, state: str, status: int = 200) -> Response:
        return page(
            "fields",
            status=status,
            frame=asked.parent_origin,
            language=asked.language,
            title=words(asked.language)["card"],
            parent_origin=asked.parent_origin,
            state=state,
            content=content,
        )


def brand_mark(key: str, *, hidden: bool = False) -> Html:
    """A small drawing of a brand with its name as text."""
    return fill(f"brand_{key}", name=brand_name(key), hidden=Html(" hidden") if hidden else Html(""))


def _wants_json(request: Request) -> bool:
    return request.headers.get("accept", "").startswith("application/json")


def _accepted(request: Request) -> str:
    return request.headers.get("accept-language", "") or LANGUAGES[0]
