"""What must be true whenever the dust has settled, in our book and in the payment service's: the invariants."""

from collections.abc import Collection
from datetime import datetime, timedelta

from palier.apps.payments.models import Payment
from palier.flows import doctor
from palier.flows.invariants import Breach, gateway_book
from palier.kit import clock, ids
from tests.sandbox_process import SandboxProcess

OF_NOBODY = ("that we know nothing of", "was taken again for the same thing")
"""How the findings end that are of no account of ours: of the test's own time they are orphans, else other tests'."""

_began: list[int] = [0]


def a_test_begins() -> None:
    """What is charged from now on is this test's."""
    _began[0] = ids.first_of(clock.now())


FOR_EVER = timedelta(days=50 * 365)
"""The patience of a test that leaves work on its way on purpose: letters unsent, a renewal due."""


HALF_A_DAY = timedelta(hours=12)


def assert_balanced(
    sandbox: SandboxProcess | None = None, *, quiet_at: datetime | None = None, but: Collection[str] = ()
) -> None:
    """No invariant is broken, ``but`` those that the test's own beginning breaks.

    ``quiet_at``: all work that was due by then is done as well.
    """
    found = [one for one in broken(sandbox, quiet_at=quiet_at) if one.code not in but]
    assert not found, "\n".join(f"{one.code} {one.subject} {one.fact}" for one in found)


def broken(sandbox: SandboxProcess | None = None, *, quiet_at: datetime | None = None) -> list[Breach]:
    """What an examination finds. The payment service of a test run is shared, so that its book holds charges of earlier
    tests: those that no account of this database knows, taken once or again, are left out."""
    found = doctor.examine(
        now=max(quiet_at, clock.now()) if quiet_at else clock.now(),
        patience=timedelta() if quiet_at else FOR_EVER,
        soon=FOR_EVER,
        with_the_gateway=sandbox is not None,
    )
    assert not found.silent, found.silent
    return [one for one in found.breaches if not of_an_earlier_test(one) and not began_in_the_past(one)]


def of_an_earlier_test(found: Breach) -> bool:
    """Whether nobody here knows the charge, and it is older than the test: identities are in order of time."""
    if found.account_id is not None or not found.fact.endswith(OF_NOBODY):
        return False
    try:
        return ids.parse(Payment.id_prefix, found.subject) < _began[0]
    except ids.UnknownId:
        return True


def began_in_the_past(found: Breach) -> bool:
    """Whether it is only that a test began weeks ago: the payment service lives in the present, and its charges are of
    today."""
    if found.fact != gateway_book.FORGOTTEN:
        return False
    payment = Payment.objects.get(pk=ids.parse(Payment.id_prefix, found.subject))
    return payment.started_at < clock.now() - HALF_A_DAY
