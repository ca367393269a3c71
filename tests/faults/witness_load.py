"""Customers under way all the time, several at once, until the test has seen enough."""

import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from tests.browser.registrar import Person
from tests.faults.stand import Stand
from tests.faults.witness_clients import Customer, wish

LOW_WATER = 6
REFILL = 40


@dataclass
class Load:
    """So many payers; each takes the next person from the stand, lets them buy, and takes another."""

    stand: Stand
    payers: int
    first: int = 0
    troubles: list[BaseException] = field(default_factory=list)
    bought: int = 0
    _closing: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self) -> None:
        self.refill()
        for number in range(self.payers):
            thread = threading.Thread(target=self._pay, name=f"payer {number}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def refill(self) -> None:
        """Let more accounts be opened where the next ones run short; the database has to be there."""
        if self.stand.people.qsize() < self.payers + LOW_WATER:
            self.stand.reserve(REFILL)

    def until[T](self, found: Callable[[], T], what: str) -> T:
        """Wait for something that customers bring about, while there are always more of them."""
        answers: list[T] = []

        def looked() -> bool:
            self.assert_well()
            self.refill()
            answers[:] = [found()]
            return bool(answers[0])

        self.stand.until(looked, what)
        return answers[0]

    def ask(self, requests: int) -> None:
        """Wait until the customers have made so many more requests."""
        enough = self.stand.witness.length + requests
        self.until(lambda: self.stand.witness.length >= enough, f"{requests} more requests of customers")

    def assert_well(self) -> None:
        """That no customer has met what nobody should meet."""
        if self.troubles:
            raise self.troubles[0]

    def stop(self) -> None:
        """Let everybody who is under way come to their end, while what they need is kept running."""
        self._closing.set()
        self.stand.until(lambda: not any(thread.is_alive() for thread in self._threads), "the last customers")

    def _pay(self) -> None:
        try:
            while not self._closing.is_set():
                with suppress(queue.Empty):
                    self._next(self.stand.people.get(timeout=1)).buys()
        except BaseException as error:
            self.troubles.append(error)

    def _next(self, person: Person) -> Customer:
        with self._lock:
            number = self.first + self.bought
            self.bought += 1
        return Customer(self.stand.stack.url, person, wish(number), self.stand.witness)


@contextmanager
def load(stand: Stand, payers: int) -> Iterator[Load]:
    """Customers for the time of a ``with`` block; all of them have ended after it."""
    running = Load(stand, payers)
    running.start()
    try:
        yield running
    finally:
        running.stop()
    running.assert_well()
