"""The merchant's API: JSON over HTTP with a secret key."""

import hmac
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from palier_sandbox import contents, wallet
from palier_sandbox.book import Row
from palier_sandbox.charges import Refused, read_wish
from palier_sandbox.clock import iso
from palier_sandbox.faults import KINDS, UnknownFault
from palier_sandbox.service import Service
from palier_sandbox.web import Request, Response, Route, json_response, refusal

WAIT_FOR_BANK_SECONDS: Final = 60.0
PAGE_MAX: Final = 1000
INTERNAL: Final = Refused(500, "internal", "something went wrong")


class Api:
    """The routes under /v1."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def routes(self) -> list[Route]:
        """Everything that a merchant or a test can ask."""
        table: dict[str, Callable[..., Response]] = {
            "POST /v1/charges": self.charge,
            "GET /v1/charges": self.charges,
            "GET /v1/charges/{reference}": self.find,
            "POST /v1/charges/{reference}/cancel": self.cancel,
            "POST /v1/charges/{reference}/refunds": self.refund,
            "GET /v1/charges/{reference}/refunds": self.refunds,
            "GET /v1/fields/{reference}": self.card_from_fields,
            "GET /v1/payment_methods/{token}": self.payment_method,
            "DELETE /v1/payment_methods/{token}": self.detach,
            "GET /v1/book": self.book,
            "GET /v1/clock": self.clock,
            "POST /v1/clock": self.move_clock,
            "GET /v1/faults": self.faults,
            "POST /v1/faults": self.set_fault,
            "DELETE /v1/faults": self.clear_faults,
            "DELETE /v1/faults/{kind}": self.clear_faults,
        }
        return [Route.of(line, self._with_key(action)) for line, action in table.items()]

    def _with_key(self, action: Callable[..., Response]) -> Callable[..., Response]:
        expected = f"Bearer {self._service.settings.secret_key}".encode()

        def checked(request: Request, **parts: str) -> Response:
            offered = request.headers.get("authorization", "").encode()
            try:
                if not hmac.compare_digest(offered, expected):
                    raise Refused(401, "unauthorized", "the secret key is missing or wrong")
                return action(request, **parts)
            except Refused as error:
                return refusal(error)

        return checked

    # Money

    def charge(self, request: Request) -> Response:
        """Charge a payment method, with the reference as idempotency key."""
        body = request.json()
        return self._with_faults("charge", lambda: self._charge(body), reference=str(body.get("reference", ""))[:80])

    def _charge(self, body: dict[str, Any]) -> Row:
        charges = self._service.charges
        charge = charges.create(read_wish(body))
        self._service.wake()
        if charge["state"] == "processing" and not charge["capture_anyway"]:
            charge = charges.wait_for_bank(charge, WAIT_FOR_BANK_SECONDS)
        return {**charges.shown(charge), "_late": bool(charge["capture_anyway"])}

    def charges(self, request: Request) -> Response:
        """All charges, oldest first: ``?after=<id>&limit=1000`` for the next page."""
        after, limit = request.query.get("after", ""), request.query.get("limit", "1000")
        if not limit.isdecimal() or not 1 <= int(limit) <= PAGE_MAX:
            raise Refused(422, "invalid_parameter", f"limit is a whole number from 1 to {PAGE_MAX}")
        book = self._service.book
        last = book.one("select rowid as place from charges where id = ?", after)
        if after and last is None:
            raise Refused(422, "invalid_parameter", "there is no such charge to go on after")
        rows = book.all(
            "select * from charges where rowid > ? order by rowid limit ?", last["place"] if last else 0, int(limit)
        )
        return json_response({"charges": [contents.charge_row(row) for row in rows]})

    def find(self, request: Request, reference: str) -> Response:
        """What became of a charge."""
        charges = self._service.charges
        return self._with_faults("find", lambda: charges.shown(charges.by_reference(reference)))

    def cancel(self, request: Request, reference: str) -> Response:
        """Give up a charge that is not final."""
        charges = self._service.charges
        return self._with_faults("cancel", lambda: charges.shown(charges.cancel(reference)))

    def refund(self, request: Request, reference: str) -> Response:
        """Give money back."""
        body = request.json()
        return self._with_faults("refund", lambda: self._service.refunds.create(reference, body))

    def refunds(self, request: Request, reference: str) -> Response:
        """What was given back of a charge."""
        return self._with_faults("find", lambda: {"refunds": self._service.refunds.of(reference)})

    def _with_faults(self, operation: str, work: Callable[[], Row], *, reference: str | None = None) -> Response:
        """Do the work as a service on its present day would."""
        take = self._service.faults.take
        if fault := take("timeout_before_capture", operation):
            return self._noted(reference, "no answer", _no_answer(fault.seconds("hold_seconds", 0)))
        if take("rate_limited", operation):
            return self._noted(reference, "429", refusal(Refused(429, "rate_limited", "too many requests")))
        if take("key_in_use", operation):
            return self._noted(reference, "409", refusal(Refused(409, "key_in_use", "another request is at work")))
        if reference is not None and self._service.charges.answers_error(reference):
            return self._noted(reference, "500", refusal(INTERNAL))
        try:
            done = work()
        except Refused as error:
            self._note(reference, str(error.status))
            raise
        if done.pop("_late", False):
            return self._noted(reference, "no answer", _no_answer(0))
        if fault := take("timeout_after_capture", operation):
            return self._noted(reference, "no answer", _no_answer(fault.seconds("hold_seconds", 0)))
        if reference is not None and take("error_replayed", operation):
            self._service.charges.remember_error(reference)
            return self._noted(reference, "500", refusal(INTERNAL))
        if take("error_after_capture", operation):
            return self._noted(reference, "500", refusal(INTERNAL))
        if take("answer_junk", operation):
            return self._noted(reference, "junk", Response(200, b"<html>It works!</html>", "text/html"))
        slow = take("slow", operation)
        twice = operation == "charge" and "webhooks" not in done and self._answers_twice(done["id"])
        answer = json_response(done)
        answer = Response(
            answer.status,
            answer.body,
            hold_seconds=slow.seconds("seconds", 5) if slow else 0,
            copies=2 if twice else 1,
        )
        return self._noted(reference, str(done.get("state", "done")), answer)

    def _answers_twice(self, charge_id: str) -> bool:
        row = self._service.book.one("select webhooks from charges where id = ?", charge_id)
        return row is not None and json.loads(row["webhooks"]).get("mode") == "answer_twice"

    def _noted(self, reference: str | None, answer: str, response: Response) -> Response:
        self._note(reference, answer)
        return response

    def _note(self, reference: str | None, answer: str) -> None:
        if reference is not None:
            row = {"reference": reference, "answer": answer, "at": self._service.clock.now()}
            self._service.book.add("attempts", row)

    # Cards

    def card_from_fields(self, request: Request, reference: str) -> Response:
        """The card that was saved in the fields opened under a reference."""
        card = self._service.wallet.under(reference)
        if card is None:
            raise Refused(404, "no_card", "no card was saved under this reference")
        return json_response({"reference": reference, **wallet.shown(card)})

    def payment_method(self, request: Request, token: str) -> Response:
        """A card by its token."""
        card = self._service.wallet.by_token(token)
        if card is None:
            raise Refused(404, "no_such_payment_method", "there is no such payment method")
        return json_response(wallet.shown(card))

    def detach(self, request: Request, token: str) -> Response:
        """Forget a card."""
        answer = self.payment_method(request, token)
        self._service.wallet.detach(token)
        return answer

    # For checkers and tests

    def book(self, request: Request) -> Response:
        """The whole book: what a checker compares with the merchant's own. ``?cards=…&references=…``: only what was
        charged to those cards or asked under those references, each a list with commas."""
        if "cards" not in request.query:
            return json_response(contents.whole(self._service.book))
        cards, references = (request.query.get(name, "").split(",") for name in ("cards", "references"))
        return json_response(contents.about(self._service.book, cards, references))

    def clock(self, request: Request) -> Response:
        """What time the service believes it is."""
        return json_response({"now": iso(self._service.clock.now())})

    def move_clock(self, request: Request) -> Response:
        """``{"advance_seconds": n}`` or ``{"set": "2026-11-23T10:00:00+00:00"}``."""
        body = request.json()
        clock = self._service.clock
        try:
            if "set" in body:
                at = datetime.fromisoformat(str(body["set"]))
                if at.tzinfo is None:
                    raise ValueError("no time zone")
                clock.set(at)
            else:
                clock.advance(float(body["advance_seconds"]))
        except (KeyError, TypeError, ValueError, OverflowError, OSError) as error:
            raise Refused(422, "invalid_parameter", "give advance_seconds, or set with a time zone") from error
        self._service.wake()
        return self.clock(request)

    def faults(self, request: Request) -> Response:
        """The faults that are on, and those that exist."""
        return json_response({"on": self._service.faults.on(), "kinds": KINDS})

    def set_fault(self, request: Request) -> Response:
        """``{"kind": "lie", "times": 1, "parameters": {"field": "amount_minor", "value": 1}}``."""
        body = request.json()
        times, parameters = body.get("times", 1), body.get("parameters", {})
        if isinstance(times, bool) or not isinstance(times, int | None) or not isinstance(parameters, dict):
            raise Refused(422, "invalid_parameter", "times is a whole number or null, parameters an object")
        try:
            self._service.faults.set(str(body.get("kind")), times=times, parameters=parameters)
        except UnknownFault as error:
            raise Refused(422, "invalid_parameter", str(error)) from error
        return json_response({"on": self._service.faults.on()}, 201)

    def clear_faults(self, request: Request, kind: str | None = None) -> Response:
        """Switch faults off."""
        self._service.faults.clear(kind)
        return json_response({"on": self._service.faults.on()})


def _no_answer(hold_seconds: float) -> Response:
    return Response(200, hold_seconds=hold_seconds, copies=0)
