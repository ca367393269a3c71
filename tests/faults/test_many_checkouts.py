"""Many different customers press Pay at the same instant: all are served, each once (F22 in part)."""

import threading
from typing import Final

from tests.faults.stand import Stand
from tests.faults.witness_clients import GOOD, Behaviour, Customer, Wish
from tests.faults.witness_questions import assert_nothing_lost
from tests.report.happened import happened, measured
from tests.report.size import sized

CUSTOMERS: Final = sized(50, 500, 1_000)


def test_many_customers_who_press_pay_at_once_all_finish(stand: Stand) -> None:
    stand.reserve(CUSTOMERS)
    together = threading.Barrier(CUSTOMERS, timeout=900)
    customers = [_customer(stand, number, together) for number in range(CUSTOMERS)]
    troubles: list[BaseException] = []
    threads = [threading.Thread(target=_buys, args=(customer, troubles), daemon=True) for customer in customers]
    for thread in threads:
        thread.start()
    stand.until(lambda: not any(thread.is_alive() for thread in threads), "the last customer's end")
    assert not troubles, troubles[0]
    mine = {customer.person.email for customer in customers}
    said = [one for one in stand.witness.exchanges if one.who in mine]
    pressed = {one.who: one.at for one in said if one.asked["step"] == "pay"}
    done = {one.who: one.told_at for one in said if one.told and one.told.get("ending") == "done"}
    for who in done:
        measured("checkout", done[who] - pressed[who])
    assert done.keys() == mine, f"{len(done)} of {CUSTOMERS} finished"
    happened("checkouts_at_once", len(done))
    assert_nothing_lost(stand)


def _customer(stand: Stand, number: int, together: threading.Barrier) -> Customer:
    wish = Wish(("team", "business")[number % 2], "month", 1 + number % 9, (GOOD,), Behaviour.RETRY)
    customer = Customer(stand.stack.url, stand.people.get(), wish, stand.witness, longest_blink=5)
    customer.presses = together.wait
    return customer


def _buys(customer: Customer, troubles: list[BaseException]) -> None:
    try:
        customer.buys()
    except BaseException as error:
        troubles.append(error)
