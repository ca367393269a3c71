"""Cards that customers saved: found again by their token, or by the reference of the form that saved them."""

import hashlib
import hmac
import secrets
from urllib.parse import quote

from palier_sandbox.book import Book, Row
from palier_sandbox.cards import read_card
from palier_sandbox.clock import Clock
from palier_sandbox.settings import Settings


class Wallet:
    """The cards of the book: token, brand, last four digits, expiry, fingerprint and what the test card does."""

    def __init__(self, book: Book, clock: Clock, settings: Settings) -> None:
        self._book = book
        self._clock = clock
        self._key = settings.secret_key

    def save(self, reference: str, *, number: str, expiry: str, code: str) -> Row:
        """Check and keep a card under ``reference``; it takes the place of an earlier one. Raises CardErrors."""
        typed = read_card(number, expiry, code, at=self._clock.today(), fingerprint_key=self._key)
        card = {
            "token": f"card_{secrets.token_hex(12)}",
            "reference": reference,
            "brand": typed.brand,
            "last4": typed.last4,
            "expiry_month": typed.expiry_month,
            "expiry_year": typed.expiry_year,
            "fingerprint": typed.fingerprint,
            "behaviour": typed.behaviour,
            "created_at": self._clock.now(),
        }
        with self._book.writing():
            self._book.run("update cards set reference = null where reference = ?", reference)
            self._book.add("cards", card)
        return card

    def under(self, reference: str) -> Row | None:
        """The card last saved under a reference."""
        return self._book.one("select * from cards where reference = ? and detached_at is null", reference)

    def by_token(self, token: str) -> Row | None:
        """The card behind a token."""
        return self._book.one("select * from cards where token = ? and detached_at is null", token)

    def detach(self, token: str) -> None:
        """Forget a card: it cannot be charged again."""
        self._book.run("update cards set detached_at = ?, reference = null where token = ?", self._clock.now(), token)

    def signature(self, asked: dict[str, str]) -> str:
        """What the merchant signs the address of the card fields with: HMAC-SHA256 of its sorted parameters."""
        text = "\n".join(f"{name}={quote(asked[name], safe='')}" for name in sorted(asked))
        return hmac.new(self._key.encode(), text.encode(), hashlib.sha256).hexdigest()


def shown(card: Row) -> Row:
    """A card as the API states it."""
    names = ("token", "brand", "last4", "expiry_month", "expiry_year", "fingerprint")
    return {name: card[name] for name in names}
