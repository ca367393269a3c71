"""The parts of the service put together, and the thread that plays the slow side of the bank."""

import threading

from palier_sandbox.book import Book
from palier_sandbox.charges import Charges
from palier_sandbox.clock import Clock
from palier_sandbox.faults import Faults
from palier_sandbox.refunds import Refunds
from palier_sandbox.settings import Settings
from palier_sandbox.wallet import Wallet
from palier_sandbox.webhooks import Events

BANK_LOOK_SECONDS = 30.0
"""How long the bank's thread sleeps when nothing is due; a new charge or a moved clock wakes it earlier."""


class Service:
    """One running payment service."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.book = Book(settings.data)
        self.clock = Clock(self.book)
        self.faults = Faults(self.book)
        self.events = Events(self.book, self.clock, settings)
        self.charges = Charges(self.book, self.clock, self.faults, self.events, settings)
        self.refunds = Refunds(self.book, self.clock, self.charges, self.events)
        self.wallet = Wallet(self.book, self.clock, settings)
        self._bank_wake = threading.Event()
        self._stopped = False
        self._bank = threading.Thread(target=self._settle_for_ever, name="bank", daemon=True)

    def start(self) -> None:
        """Start the threads; what an earlier process left is finished first."""
        self.events.start()
        self._bank.start()

    def stop(self) -> None:
        """Stop the threads and close the book."""
        self._stopped = True
        self.wake()
        self._bank.join(timeout=5)
        self.events.stop()
        self.book.close()

    def wake(self) -> None:
        """The clock has moved or a charge became due later: look again."""
        self._bank_wake.set()
        self.events.wake()

    def _settle_for_ever(self) -> None:
        while not self._stopped:
            self._bank_wake.clear()
            wait = self.charges.settle_due()
            self._bank_wake.wait(BANK_LOOK_SECONDS if wait is None else wait)
