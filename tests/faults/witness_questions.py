"""The questions that only the clients' own log can answer: was anything lost, and was it the sum that they saw?

I09: an accepted payment is never lost. I05: what is charged is what was confirmed. I25 and I26: each letter that was
written arrives, and no other. Four books are read: what the witness wrote, ours, the payment service's, the mail
server's.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from palier.kit import ids
from tests.faults.stand import Stand
from tests.faults.witness import Exchange
from tests.faults.witness_clients import Customer, wish

ORDERS = """
SELECT o.id, o.state, q.id AS quote, q.total_minor, q.currency, i.state AS invoice, u.email AS who,
    (SELECT state FROM payments_payment p WHERE p.order_id = o.id ORDER BY attempt DESC LIMIT 1) AS payment
FROM orders_order o JOIN orders_quote q ON q.id = o.quote_id JOIN accounts_member b ON b.id = o.member_id
JOIN accounts_user u ON u.id = b.user_id LEFT JOIN invoices_invoice i ON i.id = o.invoice_id
"""
PAYMENTS = "SELECT id, order_id, state FROM payments_payment WHERE order_id IS NOT NULL"
LETTERS = "SELECT id, key FROM notices_mail"

ENDS = ("done", "declined", "closed")
DOCTOR_PATIENCE_HOURS = "0.02"
"""What the payment service tells again while the doctor looks is no breach."""


@dataclass(frozen=True)
class Books:
    """All four, read once everything has come to rest."""

    said: list[Exchange]
    orders: dict[str, dict[str, Any]]
    order_of_payment: dict[str, str]
    charges: list[dict[str, Any]]
    written: dict[str, str]
    arrived: list[str]


def assert_nothing_lost(stand: Stand) -> None:
    """Once all work is done and everybody has looked at their order again, no question finds anything; nor does
    ``palier doctor``, as a command against the same database and payment service."""
    stand.quiet()
    for order, who in untold(books_of(stand)).items():
        person = stand.known[who]
        Customer(stand.stack.url, person, wish(0), stand.witness).comes_back(order)
    stand.quiet()
    found = wrong(books_of(stand))
    assert not found, "\n".join(found)
    said = stand.stack.run("doctor", "--patience-hours", DOCTOR_PATIENCE_HOURS)
    assert " 0 breaches." in said, said


def books_of(stand: Stand) -> Books:
    """Read the four books."""
    return Books(
        said=stand.witness.exchanges,
        orders={
            ids.public_id("ord", row["id"]): row | {"quote": ids.public_id("quo", row["quote"])}
            for row in stand.ours(ORDERS)
        },
        order_of_payment={
            ids.public_id("pay", row["id"]): ids.public_id("ord", row["order_id"]) for row in stand.ours(PAYMENTS)
        },
        charges=stand.gateway(),
        written={ids.public_id("mai", row["id"]): row["key"] for row in stand.ours(LETTERS)},
        arrived=stand.letters(),
    )


def acknowledged(said: list[Exchange]) -> set[str]:
    """The orders that Palier has told somebody of."""
    return {one.told["order"] for one in said if one.told and one.told.get("order")}


def last_told(books: Books) -> dict[str, str]:
    """The last sentence about each order that its customer has read since they last pressed Pay for it.

    Whoever was told *declined*, pressed again with another card and heard nothing more knows nothing yet.
    """
    pressed = {one.asked["quote"]: turn for turn, one in enumerate(books.said) if one.asked["step"] == "pay"}
    last_press = {order: pressed.get(row["quote"], -1) for order, row in books.orders.items()}
    return {
        one.asked["order"]: one.told["ending"]
        for turn, one in enumerate(books.said)
        if one.told and "ending" in one.told and turn > last_press.get(one.asked["order"], -1)
    }


def untold(books: Books) -> dict[str, str]:
    """Who has not read the end of their order: orders and whose they are."""
    told = last_told(books)
    return {order: row["who"] for order, row in books.orders.items() if told.get(order) not in ENDS}


def wrong(books: Books) -> list[str]:
    """Everything that any of the questions finds."""
    return [*_errors(books), *_lost(books), *_taken(books), *_letters(books)]


def duplicates(books: Books) -> int:
    """Letters that arrived again: a death after the mail server's yes. Counted, and never money."""
    return sum(times - 1 for times in Counter(books.arrived).values())


def _errors(books: Books) -> Iterator[str]:
    """Nobody has met an error page: the program is away (503), or it answers."""
    for one in books.said:
        if one.told and one.told["status"] in (400, 403, 404, 500):
            yield f"{one.who} asked {one.asked} and met a {one.told['status']}"


def _lost(books: Books) -> Iterator[str]:
    """I09: what was acknowledged has ended paid with its receipt, or not done with the customer told."""
    told, receipt_of = last_told(books), list(books.written.values())
    done = {one.asked["order"] for one in books.said if one.told and one.told.get("ending") == "done"}
    for order in sorted(acknowledged(books.said) - books.orders.keys()):
        yield f"I09 {order} was acknowledged and is lost"
    for order in sorted(done - {order for order, row in books.orders.items() if row["state"] == "settled"}):
        yield f"I09 {order} was told to be done and is not"
    for order, row in books.orders.items():
        match row["state"], row["payment"], told.get(order):
            case "settled", "succeeded", "done":
                receipts = receipt_of.count(f"receipt:{order}")
                if row["invoice"] != "paid" or receipts != 1:
                    yield f"I09 {order} is settled with invoice {row['invoice']} and {receipts} receipts"
            case "open" | "closed", "failed", "declined" | "closed":
                pass
            case state, payment, sentence:
                yield f"I09 {order} is {state}, its payment {payment}, and {row['who']} was told {sentence}"


def _taken(books: Books) -> Iterator[str]:
    """I05, and I09 from the gateway's side: each capture is of one settled order, and of the sum that was shown."""
    shown = {(one.asked["quote"], one.asked["total_minor"], one.asked["currency"]) for one in _presses(books.said)}
    kept = [row for row in books.charges if row["state"] == "succeeded" and row["refunded_minor"] < row["amount_minor"]]
    times = Counter(books.order_of_payment.get(row["reference"], row["reference"]) for row in kept)
    for row in kept:
        order = books.order_of_payment.get(row["reference"], "")
        known = books.orders.get(order)
        if known is None or known["state"] != "settled":
            yield f"I09 {row['reference']} was taken and belongs to no settled order"
        elif (known["quote"], row["amount_minor"], row["currency"]) not in shown:
            yield f"I05 {order} took {row['amount_minor']} {row['currency']}, which nobody saw beside Pay"
    yield from (f"I03 {order} was taken {number} times" for order, number in times.items() if number > 1)
    settled = {order for order, row in books.orders.items() if row["state"] == "settled"}
    yield from (f"I09 {order} is settled and nothing was taken" for order in sorted(settled - times.keys()))


def _presses(said: list[Exchange]) -> list[Exchange]:
    return [one for one in said if one.asked["step"] == "pay"]


def _letters(books: Books) -> Iterator[str]:
    """I25, I26: what was written has arrived, nothing else has, and each fact is told under one key."""
    arrived = set(books.arrived)
    yield from (f"I25 {books.written[one]} never arrived" for one in sorted(books.written.keys() - arrived))
    yield from (f"I25 {one} arrived and was never written" for one in sorted(arrived - books.written.keys()))
    keys = Counter(books.written.values())
    yield from (f"I26 {key} was written {times} times" for key, times in keys.items() if times > 1)
