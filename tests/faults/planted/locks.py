"""Defects of two at one moment: what was checked is no longer true when it is written."""

from contextlib import AbstractContextManager
from typing import Any

from palier.apps.accounts.models import Account
from palier.apps.payments.models import UNRESOLVED, Payment
from palier.flows import dun, order, settle
from palier.flows.people import members
from tests.faults.planted.bug import Bug, swapped, unlocked


def seat_check_without_lock() -> AbstractContextManager[None]:
    """Free seats are counted, and then taken, without the account's lock."""
    return swapped((members, "Account", unlocked(Account)))


def coupon_check_without_lock() -> AbstractContextManager[None]:
    """A credit is applied by two at once, since that it is still to be had is checked without the account's lock.

    Palier has no coupons. What takes money off a price here, and may do so once, is the credit for the unused days of
    an invoice's line; that the subscription is still as the quote saw it is the check. It is made twice, when *Pay* is
    pressed and when the money has come, so the second one trusts the first here.
    """
    return swapped(
        (order, "Account", unlocked(Account)),
        (settle, "_stands", lambda attempt, order: True),
    )


def row_lock_that_misses_inserts() -> AbstractContextManager[None]:
    """*Pay now* locks the payments that are alive, to see whether there are any; it cannot lock the one that comes."""

    def live_payments(account: Any) -> None:
        list(Payment.objects.filter(account=account, state__in=UNRESOLVED).select_for_update())

    return swapped((dun, "Account", unlocked(Account, live_payments)))


BUGS = (
    Bug(
        "seat_check_without_lock",
        "a classic of no system read for this; OWASP ASVS 2.3.4 asks for the lock",
        "I16",
        "people are active on",
        seat_check_without_lock,
    ),
    Bug(
        "coupon_check_without_lock",
        "Lago PR 5980: a coupon applied several times by parallel calls (here: a credit for unused days)",
        "I15",
        "was credited",
        coupon_check_without_lock,
    ),
    Bug(
        "row_lock_that_misses_inserts",
        "Polar PR 13501: a row lock cannot see rows about to be inserted",
        "I06",
        "attempts of one order or invoice are alive",
        row_lock_that_misses_inserts,
        walls=(("payments_payment", "one_slot_per_invoice"),),
    ),
)
