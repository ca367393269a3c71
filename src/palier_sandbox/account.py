"""The account page: the book, the test cards and the faults with their switches. In English, for those who build."""

from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from palier_sandbox.book import Row
from palier_sandbox.cards import brand_name, brand_of
from palier_sandbox.charges import Refused
from palier_sandbox.clock import iso
from palier_sandbox.faults import KINDS, Faults, UnknownFault
from palier_sandbox.pages import Html, fill, joined, money, page, see_other
from palier_sandbox.service import Service
from palier_sandbox.test_cards import TEST_CARDS, TestCard
from palier_sandbox.web import Request, Response, Route

ROWS_SHOWN: Final = 50
SWITCHES: Final = {
    "lie": {"field": "amount_minor", "value": 1},
}
"""Parameters of a fault that is switched on here; the API takes any."""


class AccountPage:
    """The routes of the page. Only a form of this page may move a switch."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def routes(self) -> list[Route]:
        """The page and its switches."""
        return [
            Route.of("GET /", self.show),
            Route.of("POST /account/faults", self._own(self.set_fault)),
            Route.of("POST /account/faults/clear", self._own(self.clear_fault)),
        ]

    def show(self, request: Request) -> Response:
        """Everything at a glance."""
        book = self._service.book
        charges = book.all("select * from charges order by created_at desc, id limit ?", ROWS_SHOWN)
        events = book.all("select * from events order by number desc limit ?", ROWS_SHOWN)
        return page(
            "account",
            merchant=self._service.settings.merchant,
            figures=self._figures(),
            charges=_rows_or_nothing([_charge(row) for row in charges], 7, "No charge yet."),
            events=_rows_or_nothing([_event(row) for row in events], 5, "No event yet."),
            faults=joined([_fault(kind, sentence, self._service.faults) for kind, sentence in KINDS.items()]),
            cards=joined([_card(card) for card in TEST_CARDS]),
            webhook_url=self._service.settings.webhook_url or "nowhere",
        )

    def set_fault(self, request: Request) -> Response:
        """Switch a fault on, for the next time or until cleared."""
        form = request.form()
        kind = form.get("kind", "")
        try:
            self._service.faults.set(
                kind, times=1 if form.get("times") == "once" else None, parameters=SWITCHES.get(kind, {})
            )
        except UnknownFault as error:
            raise Refused(422, "invalid_parameter", str(error)) from error
        return see_other("/#faults")

    def clear_fault(self, request: Request) -> Response:
        """Switch a fault off."""
        self._service.faults.clear(request.form().get("kind", ""))
        return see_other("/#faults")

    def _own(self, action: Callable[[Request], Response]) -> Callable[[Request], Response]:
        def checked(request: Request) -> Response:
            origin = request.headers.get("origin", "")
            if origin and urlsplit(origin).netloc != request.headers.get("host", ""):
                raise Refused(403, "other_origin", "this form belongs to another site")
            return action(request)

        return checked

    def _figures(self) -> Html:
        sums = self._service.book.all(
            "select currency, sum(amount_minor) as taken, sum(refunded_minor) as back from charges "
            "where state = 'succeeded' group by currency order by currency"
        )
        counts = self._service.book.one(
            "select count(*) as charges, coalesce(sum(state = 'succeeded'), 0) as good, "
            "coalesce(sum(state = 'failed'), 0) as bad, coalesce(sum(state = 'action_required'), 0) as waiting "
            "from charges"
        )
        figures = [("Taken", money(row["taken"], row["currency"], "en")) for row in sums] or [("Taken", "0.00")]
        figures += [("Given back", money(row["back"], row["currency"], "en")) for row in sums if row["back"]]
        if counts:
            figures += [("Succeeded", counts["good"]), ("Failed", counts["bad"]), ("Waiting", counts["waiting"])]
        figures.append(("Clock (UTC)", self._service.clock.today().strftime("%Y-%m-%d %H:%M")))
        return joined([fill("account_figure", name=name, value=value) for name, value in figures])


def _charge(row: Row) -> Html:
    return fill(
        "account_charge",
        at=_short(row["created_at"]),
        reference=row["reference"],
        description=row["description"],
        amount=money(row["amount_minor"], row["currency"], "en"),
        back=money(row["refunded_minor"], row["currency"], "en") if row["refunded_minor"] else "",
        state=row["state"],
        words=row["state"].replace("_", " "),
        reason=row["reason"].replace("_", " "),
    )


def _event(row: Row) -> Html:
    return fill(
        "account_event",
        at=_short(row["created_at"]),
        kind=row["kind"],
        id=row["id"],
        state=row["state"].replace("_", " "),
        tries=f"{row['tries']} ({row['answer']})" if row["answer"] else row["tries"],
    )


def _fault(kind: str, sentence: str, faults: Faults) -> Html:
    on = [fault for fault in faults.on() if fault["kind"] == kind]
    state = "off"
    if on:
        times = on[0]["times"]
        state = "on" if times is None else f"on for the next {times}" if times > 1 else "on for the next one"
    switch = "account_switch_off" if on else "account_switch_on"
    return fill("account_fault", kind=kind, sentence=sentence, state=state, switch=fill(switch, kind=kind))


def _card(card: TestCard) -> Html:
    brand = brand_of(card.number)
    groups, rest = [], card.number
    for size in brand.groups if brand else ():
        groups.append(rest[:size])
        rest = rest[size:]
    name = brand_name(brand.key) if brand else ""
    return fill("account_card", number=" ".join(groups).strip(), brand=name, sentence=card.sentence)


def _rows_or_nothing(rows: list[Html], columns: int, nothing: str) -> Html:
    return joined(rows) if rows else fill("account_nothing", columns=columns, sentence=nothing)


def _short(at: float) -> str:
    return (iso(at) or "")[:19].replace("T", " ")
