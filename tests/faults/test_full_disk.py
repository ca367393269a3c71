"""The disk of PostgreSQL is full while customers buy: no room for data, then none for the log (F21)."""

import time
from typing import Final

from tests.faults.exhaustion import SmallDisk, doctor_is_well, health
from tests.faults.stand import Stand
from tests.faults.test_database_kills import next_paid
from tests.faults.witness_load import Load, load
from tests.faults.witness_questions import assert_nothing_lost
from tests.report.happened import happened
from tests.report.size import sized

ROUNDS: Final = sized(1, 10, 40)
PAYERS: Final = 4
PEOPLE: Final = 30


def test_a_full_disk_refuses_in_words_loses_nothing_and_goes_on_when_there_is_room(stand: Stand) -> None:
    stand.reserve(PEOPLE)
    disk = SmallDisk(stand)
    with disk.mounted():
        with load(stand, PAYERS) as customers:
            for _ in range(ROUNDS):
                customers.ask(3)
                with disk.full():
                    _no_room_for_data(customers, disk)
                disk.goes_on()
                happened("exhaustions", what="data")
                next_paid(customers, time.monotonic())
                stand.reserve(PEOPLE)
                with disk.full():
                    disk.wear_out_the_log()
                    assert health(stand) in ("away", "silent")
                stand.start_database()
                happened("exhaustions", what="log")
                next_paid(customers, time.monotonic())
        assert_nothing_lost(stand)


def _no_room_for_data(customers: Load, disk: SmallDisk) -> None:
    """Red, before the last free page is written; then somebody is refused."""
    stand, already = customers.stand, len(customers.stand.witness.exchanges)

    def red() -> bool:
        disk.fill()
        return health(stand) == "full" or disk.is_down()

    def refused() -> bool:
        disk.fill()
        customers.assert_well()
        since = stand.witness.exchanges[already:]
        return any(one.told is not None and one.told["status"] == 503 for one in since)

    def told() -> bool:
        disk.fill()
        return not doctor_is_well(stand)

    stand.until(red, "the health check to be red")
    stand.until(told, "the doctor to see it")
    stand.until(refused, "a customer to be refused")
