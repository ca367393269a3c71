"""The link to the payment service is slow, breaks or falls silent: the outcome is unknown, is looked up, and the money
is taken once.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Final

import pytest

from palier.apps.gateways.contract import Charge, GatewayUnreachable, Refunded, Succeeded, Unknown
from palier.apps.gateways.sandbox import SandboxGateway
from tests.faults.proxy import Fault, How, Link, Place, link_to
from tests.faults.wire import Exchange
from tests.live_stack import until
from tests.report.happened import happened
from tests.report.size import sized
from tests.sandbox_process import SandboxProcess
from tests.world import GOOD

PATIENCE_SECONDS: Final = 60
IMPATIENT_SECONDS: Final = 1.5
"""Our time-out where a test waits for it."""

ROUNDS: Final = sized(1, 10, 40)

BROKEN: Final = [
    (place, how)
    for place in (Place.BEFORE, Place.INTO, Place.UNANSWERED, Place.HEAD, Place.HALF)
    for how in (How.CUT, How.RESET)
]
SILENT: Final = [(Place.BEFORE, How.HOLE), (Place.UNANSWERED, How.HOLE), (Place.HALF, How.HOLE)]
LATE: Final = [(Place.BEFORE, How.DELAY), (Place.UNANSWERED, How.DELAY), (Place.UNANSWERED, How.DRIP)]
ARRIVED: Final = (Place.UNANSWERED, Place.HEAD, Place.HALF)

_numbers = count(1)


@pytest.fixture
def prices() -> None:
    """No catalogue is published: the adapter knows nothing of it."""


@pytest.fixture
def no_other_jobs() -> None:
    """Nor is there a queue."""


@pytest.fixture
def link(sandbox: SandboxProcess) -> Iterator[Link]:
    """A way to the payment service that can be broken."""
    with link_to("127.0.0.1", sandbox.port, "http") as between:
        yield between


@pytest.fixture
def gateway(link: Link, sandbox: SandboxProcess) -> Iterator[SandboxGateway]:
    """Our adapter, which reaches the payment service over the link."""
    adapter = adapter_on(link, sandbox, PATIENCE_SECONDS)
    yield adapter
    adapter.close()


@pytest.fixture
def impatient(link: Link, sandbox: SandboxProcess) -> Iterator[SandboxGateway]:
    """The same, which waits less."""
    adapter = adapter_on(link, sandbox, IMPATIENT_SECONDS)
    yield adapter
    adapter.close()


def adapter_on(link: Link, sandbox: SandboxProcess, seconds: float) -> SandboxGateway:
    """An adapter with a time-out."""
    return SandboxGateway(
        url=f"http://127.0.0.1:{link.port}",
        public_url=sandbox.url,
        secret_key=sandbox.secret_key,
        webhook_secret=sandbox.webhook_secret,
        timeout_seconds=seconds,
    )


@pytest.fixture
def card(gateway: SandboxGateway, sandbox: SandboxProcess) -> str:
    """The token of a good card."""
    reference = typed(gateway, sandbox)
    kept = gateway.card_from_fields(reference)
    assert kept is not None
    return kept.token


def typed(gateway: SandboxGateway, sandbox: SandboxProcess) -> str:
    """The reference under which a good card was typed."""
    reference = f"links.{next(_numbers)}"
    fields = gateway.card_fields_url(reference, locale="en", parent_origin="http://127.0.0.1:8000")
    assert sandbox.type_card(fields, GOOD).status_code == 303
    return reference


def wish(token: str) -> Charge:
    """A charge under a key that nobody has used."""
    return Charge(
        reference=f"pay_links{next(_numbers):08d}",
        amount_minor=13080,
        currency="EUR",
        token=token,
        description="Team, monthly, 3 users",
        return_url="http://127.0.0.1:8000/",
        on_session=True,
    )


def asking(method: str, ending: str = "") -> Callable[[Exchange], bool]:
    """Requests of a method whose path has an ending."""
    return lambda asked: asked.what.startswith(method) and asked.what.endswith(ending)


def counted(link: Link, fault: Fault, answer: str = "200") -> None:
    """The link has done what it was armed for; now it counts."""
    until(lambda: link.seen, f"the link to be broken {fault.place}", seconds=PATIENCE_SECONDS)
    (seen,) = link.seen
    assert (seen.place, seen.how) == (fault.place, fault.how)
    assert seen.answer == (answer if fault.place in ARRIVED else "")
    link.seen.clear()
    happened("link_faults", place=seen.place, how=seen.how, what=seen.what.split("/")[2])


def breaking(place: Place, how: How, method: str, ending: str = "") -> Fault:
    """Late is later than our patience: a request or an answer as a whole, or each next bit of an answer."""
    return Fault(place, how, wanted=asking(method, ending), seconds=2 * IMPATIENT_SECONDS, bits=200)


@pytest.mark.parametrize(("place", "how"), BROKEN + SILENT + LATE)
def test_a_charge_on_a_broken_link_is_unknown_then_looked_up_and_taken_once(
    place: Place, how: How, link: Link, gateway: SandboxGateway, impatient: SandboxGateway, card: str
) -> None:
    for _ in range(ROUNDS):
        asked = wish(card)
        fault = breaking(place, how, "POST", "/charges")
        link.arm(fault)
        outcome = (gateway if (place, how) in BROKEN else impatient).charge(asked)
        assert isinstance(outcome, Unknown), outcome
        counted(link, fault)

        found = gateway.find(asked.reference)
        if place in ARRIVED:
            assert isinstance(found, Succeeded)
        elif how is not How.DELAY:  # a request that is late may arrive at any time
            assert found is None
        assert isinstance(gateway.charge(asked), Succeeded)
        assert kept_of(gateway, asked.reference) == [13080]


@pytest.mark.parametrize("how", [How.DELAY, How.DRIP])
def test_a_slow_answer_within_our_patience_is_an_answer(
    how: How, link: Link, gateway: SandboxGateway, card: str
) -> None:
    asked = wish(card)
    fault = Fault(Place.UNANSWERED, how, wanted=asking("POST", "/charges"), seconds=0.05, bits=40)
    link.arm(fault)
    assert isinstance(gateway.charge(asked), Succeeded)
    counted(link, fault)
    assert kept_of(gateway, asked.reference) == [13080]


@pytest.mark.parametrize(("place", "how"), [*BROKEN, *SILENT[1:2]])
def test_a_refund_on_a_broken_link_is_unknown_and_given_back_once(
    place: Place, how: How, link: Link, gateway: SandboxGateway, impatient: SandboxGateway, card: str
) -> None:
    for _ in range(ROUNDS):
        asked = wish(card)
        assert isinstance(gateway.charge(asked), Succeeded)
        fault = breaking(place, how, "POST", "/refunds")
        link.arm(fault)
        key = f"{asked.reference}.refund"
        back = (gateway if (place, how) in BROKEN else impatient).refund(asked.reference, amount_minor=5000, key=key)
        assert isinstance(back, Unknown), back
        counted(link, fault)
        assert isinstance(gateway.refund(asked.reference, amount_minor=5000, key=key), Refunded)
        assert kept_of(gateway, asked.reference) == [8080]


@pytest.mark.parametrize(("place", "how"), [*BROKEN, *SILENT[1:2]])
def test_a_question_on_a_broken_link_proves_nothing_and_can_be_asked_again(
    place: Place, how: How, link: Link, gateway: SandboxGateway, impatient: SandboxGateway, sandbox: SandboxProcess
) -> None:
    fields = typed(gateway, sandbox)
    card = gateway.card_from_fields(fields)
    assert card is not None
    asked = wish(card.token)
    assert isinstance(gateway.charge(asked), Succeeded)
    questions: tuple[Callable[[SandboxGateway], object], ...] = (
        lambda adapter: adapter.find(asked.reference),
        lambda adapter: adapter.card_from_fields(fields),
    )
    for _ in range(ROUNDS):
        for question in questions:
            fault = breaking(place, how, "GET")
            link.arm(fault)
            with pytest.raises(GatewayUnreachable):
                question(gateway if (place, how) in BROKEN else impatient)
            counted(link, fault)
            assert question(gateway) is not None
    assert kept_of(gateway, asked.reference) == [13080]


def test_more_time_outs_than_the_pool_has_places_leave_a_place_for_the_next_request(
    link: Link, impatient: SandboxGateway, gateway: SandboxGateway, card: str
) -> None:
    wishes = [wish(card) for _ in range(70)]
    for _ in wishes:
        link.arm(Fault(Place.BEFORE, How.HOLE, wanted=asking("POST", "/charges")))
    with ThreadPoolExecutor(len(wishes)) as crowd:
        assert all(isinstance(outcome, Unknown) for outcome in crowd.map(impatient.charge, wishes))
    happened("link_faults", len(link.seen), place=Place.BEFORE, how=How.HOLE, what="charges")
    link.disarm()
    again = wishes[0]
    until(lambda: isinstance(impatient.charge(again), Succeeded), "a free place", seconds=PATIENCE_SECONDS)
    assert kept_of(gateway, again.reference) == [13080]
    assert all(gateway.find(asked.reference) is None for asked in wishes[1:4])


def kept_of(gateway: SandboxGateway, reference: str) -> list[int]:
    """What the payment service keeps under a reference, charge by charge, in its own book."""
    return [booked.kept_minor for booked in gateway.charges() if booked.reference == reference]
