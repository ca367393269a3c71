"""The adapter for the sandbox payment service: its HTTP API in, the contract's vocabulary out.

The rule for ``charge``: only an answer that proves that no money moved is Failed. A connection that breaks, a server
error, an answer that cannot be read, an answer that contradicts the question, a refused key: all of them are Unknown.
"""

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote, urlencode

import httpx

from palier.apps.gateways.contract import (
    ActionRequired,
    Booked,
    Card,
    Charge,
    Failed,
    ForgedEvent,
    GatewayUnreachable,
    Notice,
    Outcome,
    Refunded,
    RefundOutcome,
    RefundRefused,
    Succeeded,
    Unknown,
)
from palier.apps.gateways.reasons import known_reason

KEY_MEMORY_SECONDS: Final = 24 * 3600
SIGNATURE_TOLERANCE_SECONDS: Final = 300
EVENT_BYTES_MAX: Final = 64 * 1024
"""Events are a few hundred bytes: a larger body is refused before its signature is computed."""
PRINTABLE: Final = re.compile(r"[ -~]+")
LAST4: Final = re.compile(r"[0-9]{4}")
PAGE: Final = 1000
WEB_ADDRESS: Final = re.compile(r"https?://[!-~]+")
REFUND_REFUSALS: Final = {"more_than_charged", "not_charged", "no_such_charge"}


@dataclass(frozen=True, slots=True)
class Answer:
    """A readable HTTP answer: its status and its JSON object."""

    status: int
    body: dict[str, Any]

    @property
    def refusal(self) -> str:
        """The code of a refusal of the sandbox; empty when the body carries none (a proxy's 4xx, for instance)."""
        error = self.body.get("error")
        return str(error.get("code", "")) if isinstance(error, dict) else ""


@dataclass
class SandboxGateway:
    """Speaks to one sandbox. ``url`` is its API seen from this server, ``public_url`` its origin seen by browsers."""

    url: str
    public_url: str
    secret_key: str
    webhook_secret: str
    timeout_seconds: float = 10.0
    name: str = "sandbox"
    key_memory_seconds: int = KEY_MEMORY_SECONDS
    _client: httpx.Client = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.url = self.url.rstrip("/")
        self.public_url = self.public_url.rstrip("/")
        self._client = httpx.Client(
            base_url=self.url,
            headers={"Authorization": f"Bearer {self.secret_key}"},
            timeout=httpx.Timeout(self.timeout_seconds, connect=min(3.0, self.timeout_seconds)),
            limits=httpx.Limits(max_connections=64, max_keepalive_connections=64, keepalive_expiry=20),
            trust_env=False,
        )

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    # The card

    def card_fields_url(self, reference: str, *, locale: str, parent_origin: str) -> str:
        """The page signs for one reference, one language and the one origin that may embed it."""
        asked = {"reference": reference, "locale": locale, "parent_origin": parent_origin}
        return f"{self.public_url}/fields?{urlencode({**asked, 'signature': self._signature_of(asked)})}"

    def card_from_fields(self, reference: str) -> Card | None:
        answer = self._ask("GET", f"/v1/fields/{quote(reference, safe='')}")
        if answer.status == 404 and answer.refusal == "no_card":
            return None
        if answer.status != 200:
            raise GatewayUnreachable(f"card fields answered {answer.status} {answer.refusal}")
        if answer.body.get("reference") != reference:  # a stray answer must never become someone else's card
            raise GatewayUnreachable("card fields answered about another reference")
        try:
            return Card(
                token=_text(answer.body["token"], longest=100),
                brand=_text(answer.body["brand"], longest=20),
                last4=_text(answer.body["last4"], pattern=LAST4),
                expiry_month=_whole(answer.body["expiry_month"], within=range(1, 13)),
                expiry_year=_whole(answer.body["expiry_year"], within=range(2000, 2200)),
                fingerprint=_text(answer.body["fingerprint"], longest=100),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise GatewayUnreachable(f"card fields answered without a card: {error!r}") from error

    # The money

    def charge(self, charge: Charge) -> Outcome:
        wish = {
            "reference": charge.reference,
            "amount_minor": charge.amount_minor,
            "currency": charge.currency,
            "payment_method": charge.token,
            "description": charge.description,
            "return_url": charge.return_url,
            "on_session": charge.on_session,
        }
        try:
            answer = self._ask("POST", "/v1/charges", wish)
        except GatewayUnreachable as trouble:
            return Unknown(str(trouble))
        if answer.status == 422 and answer.refusal:
            return Failed("gateway_refused")  # the sandbox checks before it touches a charge: nothing was taken
        if answer.status != 200:
            return Unknown(f"charge answered {answer.status} {answer.refusal}")
        outcome = _outcome(answer.body, charge.reference)
        asked = (charge.amount_minor, charge.currency, charge.token)
        if isinstance(outcome, Succeeded) and (outcome.amount_minor, outcome.currency, outcome.token) != asked:
            return Unknown(
                f"asked for {charge.amount_minor} {charge.currency} of {charge.token}, "
                f"the gateway says {outcome.amount_minor} {outcome.currency} of {outcome.token}"
            )
        return outcome

    def find(self, reference: str) -> Outcome | None:
        return self._state_of("GET", f"/v1/charges/{quote(reference, safe='')}", reference)

    def charges(self) -> Iterator[Booked]:
        after = ""
        while True:
            answer = self._ask("GET", f"/v1/charges?{urlencode({'after': after, 'limit': PAGE})}")
            if answer.status != 200:
                raise GatewayUnreachable(f"the book answered {answer.status} {answer.refusal}")
            if not isinstance(rows := answer.body.get("charges"), list):
                raise GatewayUnreachable("the book answered without a list of charges")
            page = [_booked(row) for row in rows]
            yield from page
            if len(page) < PAGE:
                return
            after = page[-1].gateway_id

    def cancel(self, reference: str) -> Outcome | None:
        return self._state_of("POST", f"/v1/charges/{quote(reference, safe='')}/cancel", reference)

    def refund(self, reference: str, *, amount_minor: int, key: str) -> RefundOutcome:
        wish = {"amount_minor": amount_minor, "key": key}
        try:
            answer = self._ask("POST", f"/v1/charges/{quote(reference, safe='')}/refunds", wish)
        except GatewayUnreachable as trouble:
            return Unknown(str(trouble))
        if answer.refusal and (answer.status == 422 or answer.refusal == "no_such_charge"):
            return RefundRefused(answer.refusal if answer.refusal in REFUND_REFUSALS else "gateway_refused")
        if answer.status != 200:
            return Unknown(f"refund answered {answer.status} {answer.refusal}")
        try:
            refunded = _refunded(answer.body)
        except (KeyError, TypeError, ValueError) as error:
            return Unknown(f"refund answered without a refund: {error!r}")
        if (refunded.reference, refunded.amount_minor) != (reference, amount_minor):
            return Unknown(f"asked to refund {amount_minor} of {reference}, the gateway says {refunded}")
        return refunded

    def refunds(self, reference: str) -> Sequence[Refunded]:
        answer = self._ask("GET", f"/v1/charges/{quote(reference, safe='')}/refunds")
        if answer.status == 404 and answer.refusal == "no_such_charge":
            return ()
        if answer.status != 200:
            raise GatewayUnreachable(f"refunds answered {answer.status} {answer.refusal}")
        try:
            listed = tuple(_refunded(row) for row in answer.body["refunds"])
        except (KeyError, TypeError, ValueError) as error:
            raise GatewayUnreachable(f"refunds answered without a list of them: {error!r}"[:200]) from error
        if any(refunded.reference != reference for refunded in listed):
            raise GatewayUnreachable("refunds answered about another reference")
        return listed

    # The hints

    def verify(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Notice:
        """Standard Webhooks: HMAC-SHA256 over id, time and body; the time may differ by five minutes at most."""
        given = {name.lower(): value for name, value in headers.items()}
        event_id, sent_at = given.get("webhook-id", ""), given.get("webhook-timestamp", "")
        if not self.webhook_secret:
            raise ForgedEvent("no webhook secret is set: no signature can be believed")
        if len(body) > EVENT_BYTES_MAX:
            raise ForgedEvent("the body is too large for an event")
        if not event_id or not sent_at.isascii() or not sent_at.isdigit() or len(sent_at) > 12:
            raise ForgedEvent("no event id or no time in the headers")
        if abs(now.timestamp() - int(sent_at)) > SIGNATURE_TOLERANCE_SECONDS:
            raise ForgedEvent("the signature is too old or from the future")
        expected = event_signature(self.webhook_secret, event_id, sent_at, body).encode()
        offered = given.get("webhook-signature", "").encode().split(b" ")
        if not any(hmac.compare_digest(expected, signature) for signature in offered):
            raise ForgedEvent("the signature does not match")
        return _notice(event_id, body)

    # On the wire

    def _state_of(self, method: str, path: str, reference: str) -> Outcome | None:
        answer = self._ask(method, path)
        if answer.status == 404 and answer.refusal == "no_such_charge":
            return None
        if answer.status != 200:
            raise GatewayUnreachable(f"{method} {path} answered {answer.status} {answer.refusal}")
        return _outcome(answer.body, reference)

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Answer:
        try:
            # What comes twice after an order to do something is never taken for the answer to another question.
            once = {"Connection": "close"} if method == "POST" else None
            response = self._client.request(method, path, json=body, headers=once)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise GatewayUnreachable(f"{method} {path}: {type(error).__name__}") from error
        try:
            content = response.json()
        except ValueError as error:
            raise GatewayUnreachable(f"{method} {path} answered {response.status_code} without JSON") from error
        if not isinstance(content, dict):
            raise GatewayUnreachable(f"{method} {path} answered {response.status_code} without an object")
        return Answer(response.status_code, content)

    def _signature_of(self, asked: Mapping[str, str]) -> str:
        text = "\n".join(f"{name}={quote(asked[name], safe='')}" for name in sorted(asked))
        return hmac.new(self.secret_key.encode(), text.encode(), hashlib.sha256).hexdigest()


def event_signature(secret: str, event_id: str, sent_at: str, body: bytes) -> str:
    """The Standard Webhooks signature, ``v1,`` and base64; ``secret`` is ``whsec_`` and base64, or plain text."""
    key = secret.encode()
    if secret.startswith("whsec_"):
        try:
            key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        except binascii.Error as error:
            raise ValueError("the webhook secret after whsec_ is not base64") from error
    signed = f"{event_id}.{sent_at}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def _outcome(charge: dict[str, Any], reference: str) -> Outcome:
    """What a charge of the sandbox means here; anything that is not clear is Unknown."""
    if charge.get("reference") != reference:
        return Unknown(f"asked about {reference}, the gateway answered about {str(charge.get('reference'))[:60]}")
    try:
        match charge["state"]:
            case "succeeded":
                amount_minor, currency = _whole(charge["amount_minor"]), _text(charge["currency"], longest=10)
                return Succeeded(_id_of(charge), reference, amount_minor, currency, _text(charge["payment_method"]))
            case "failed":
                return Failed(known_reason(str(charge["reason"])), _id_of(charge))
            case "canceled":
                return Failed("canceled", _id_of(charge))
            case "action_required":
                url = _text(charge["action_url"], longest=500, pattern=WEB_ADDRESS)
                return ActionRequired(url, _id_of(charge))
            case state:
                return Unknown(f"the gateway says {str(state)[:60]}")
    except (KeyError, TypeError, ValueError) as error:
        return Unknown(f"the gateway's charge is incomplete: {error!r}"[:200])


def _booked(row: dict[str, Any]) -> Booked:
    """A row of the sandbox's book; GatewayUnreachable where it is not one."""
    try:
        taken = _whole(row["amount_minor"]) - _whole(row["refunded_minor"]) if row["state"] == "succeeded" else 0
        return Booked(
            reference=_text(row["reference"]),
            gateway_id=_id_of(row),
            kept_minor=taken,
            currency=_text(row["currency"], longest=10),
            created_at=datetime.fromisoformat(row["created_at"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise GatewayUnreachable(f"the book holds a row that is no charge: {error!r}"[:200]) from error


def _refunded(refund: dict[str, Any]) -> Refunded:
    """A refund as the sandbox states it; KeyError, TypeError or ValueError where it is none."""
    return Refunded(
        gateway_id=_id_of(refund),
        reference=_text(refund["reference"]),
        amount_minor=_whole(refund["amount_minor"]),
        currency=_text(refund["currency"], longest=10),
    )


def _id_of(charge: dict[str, Any]) -> str:
    return _text(charge["id"], longest=100)


def _text(value: object, *, longest: int = 100, pattern: re.Pattern[str] = PRINTABLE) -> str:
    """A text that fits where we keep it; else TypeError or ValueError."""
    if not isinstance(value, str):
        raise TypeError(f"a text was expected, not {type(value).__name__}")
    if len(value) > longest or not pattern.fullmatch(value):
        raise ValueError(f"not a text that we keep: {value[:40]!r}")
    return value


def _whole(value: object, *, within: range | None = None) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"a whole number was expected, not {value!r}")
    if within is not None and value not in within:
        raise ValueError(f"{value} is out of range")
    return value


def _notice(event_id: str, body: bytes) -> Notice:
    try:
        event = json.loads(body)
        return Notice(event_id, str(event["type"]), str(event["data"]["reference"]))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ForgedEvent("the body is not an event") from error
