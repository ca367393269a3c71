"""The gateway says what is not so (F11): nothing is settled, the slot stays taken, and the operator is told.

Each field of its answer is untrue in several ways, about a purchase and about a renewal. It has taken the money each
time, so that only its word is wrong.
"""

import logging
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest
from pytest_django.fixtures import Settings

from palier.apps.accounts.models import Account, Parking
from palier.apps.gateways.models import GatewayEvent
from palier.apps.invoices.models import Invoice
from palier.apps.notices.models import Mail
from palier.apps.payments.models import Payment
from palier.apps.subscriptions.models import Subscription
from palier.flows import collect, doctor, receive
from palier.kit import clock
from tests import world
from tests.actors import stories
from tests.faults.events import deliver
from tests.faults.plays import Play, Staging, rows_of
from tests.faults.plays_of_charges import first_purchase, renewal
from tests.faults.scenes import an_owner
from tests.report.happened import happened
from tests.report.size import sized
from tests.sandbox_process import SandboxProcess
from tests.sandbox_process import sandbox as running_sandbox

SEED: Final = 11
OPERATOR: Final = "operator@seller.example"
CASES: Final = sized(34, 210, 1_050)


@dataclass(frozen=True)
class Lie:
    """A field of the gateway's answers with what is said instead. ``told_at_once``: it reads like a good answer, so the
    payment is parked the moment it is believed to be over."""

    field: str
    value: object
    told_at_once: bool = False

    def __str__(self) -> str:
        return f"{self.field} = {self.value!r}"


@pytest.fixture
def liar(sandbox: SandboxProcess, settings: Settings, tmp_path: Path) -> Iterator[SandboxProcess]:
    """A payment service whose book holds these charges only."""
    settings.PALIER_OPERATOR_EMAIL = OPERATOR
    with running_sandbox(tmp_path / "book") as process:
        settings.PALIER_SANDBOX_URL = settings.PALIER_SANDBOX_PUBLIC_URL = process.url
        yield process


def lies(chance: random.Random, theirs: Payment) -> list[Lie]:
    """One untruth of each kind; ``theirs`` is an honest payment of somebody else."""
    other_sum = chance.choice([1, chance.randrange(1, 10**6) * 2 + 1, 10**11])
    return [
        Lie("amount_minor", other_sum, told_at_once=True),
        Lie("amount_minor", -other_sum, told_at_once=True),
        Lie("amount_minor", 0, told_at_once=True),
        Lie("amount_minor", str(other_sum)),
        Lie("amount_minor", True),
        Lie("amount_minor", None),
        Lie("amount_minor", other_sum / 2),
        Lie("currency", chance.choice(["USD", "GBP", "JPY"]), told_at_once=True),
        Lie("currency", "eur", told_at_once=True),
        Lie("currency", ""),
        Lie("currency", None),
        Lie("reference", theirs.public_id),
        Lie("reference", "pay_0000000000000"),
        Lie("reference", ""),
        Lie("reference", None),
        Lie("payment_method", theirs.method.token, told_at_once=True),
        Lie("payment_method", "card_of_nobody", told_at_once=True),
        Lie("payment_method", ""),
        Lie("payment_method", None),
        Lie("id", theirs.gateway_id, told_at_once=True),
        Lie("id", ""),
        Lie("id", None),
        Lie("state", "perhaps"),
        Lie("state", "action_required"),
        Lie("state", "processing"),
        Lie("state", ""),
        Lie("state", None),
    ]


def told_lies(number: int, theirs: Payment) -> Iterator[tuple[Lie, Staging]]:
    """Every lie about a purchase, then every lie about a renewal, and so on with other values."""
    chance = random.Random(SEED)
    turn = 0
    while turn < number:
        for lie in lies(chance, theirs)[: number - turn]:
            yield lie, (first_purchase, renewal)[turn // len(lies(random.Random(SEED), theirs)) % 2]
            turn += 1


def test_an_untrue_answer_settles_nothing_and_is_told_to_the_operator(
    liar: SandboxProcess, caplog: pytest.LogCaptureFixture
) -> None:
    honest = world.bought(liar, an_owner(), now=clock.now()).payments.select_related("method").get()
    lied_to: dict[int, Lie] = {}
    for lie, staging in told_lies(CASES, honest):
        play = staging(liar)
        liar.fault("lie", field=lie.field, value=lie.value)
        with caplog.at_level(logging.ERROR):
            caplog.clear()
            payment = _charged(play, liar, lie)
            happened("gateway_lies", seed=SEED)
            world.looked_after(now=play.at + timedelta(minutes=1))
        _assert_not_settled(play, payment, lie)
        told = [record for record in caplog.records if payment.public_id in record.getMessage()]
        assert len(told) == lie.told_at_once, f"{lie}: the log tells it {len(told)} times"
        lied_to[payment.id] = lie
        Payment.objects.filter(pk=payment.pk, state="unknown").update(asked_at=clock.now() + timedelta(days=30))
    _assert_the_operator_hears_of_each(lied_to)


def _charged(play: Play, liar: SandboxProcess, lie: Lie) -> Payment:
    """The gateway has taken the money; what it says is not believed."""
    stories.STORIES[play.story](**play.arguments)
    payment = Payment.objects.select_related("order", "invoice").filter(account=play.account).latest("id")
    of_another = ("parked", "charge_of_another")
    wanted = of_another if lie.field == "id" and lie.told_at_once else ("unknown", "no_answer")
    assert (payment.state, payment.reason) == wanted, f"{lie} was believed at once"
    assert liar.captured(payment.public_id) == 1
    return payment


def _assert_not_settled(play: Play, payment: Payment, lie: Lie) -> None:
    found = Payment.objects.get(pk=payment.pk)
    wanted = ("parked",) if lie.told_at_once else ("unknown",)
    assert found.state in wanted, f"{lie} ended as {found.state} ({found.reason})"
    if payment.order is not None:
        assert not Invoice.objects.filter(account=play.account).exists(), f"{lie} was invoiced"
        assert not Subscription.objects.filter(account=play.account).exists(), f"{lie} gave access"
    else:
        assert Invoice.objects.get(account=play.account, order=None).state == "open", f"{lie} paid an invoice"
    before = Payment.objects.filter(account=play.account).count()
    stories.STORIES[play.story](**play.arguments)  # they press again, or the night comes again
    assert Payment.objects.filter(account=play.account).count() == before, f"{lie} freed the slot"


def _assert_the_operator_hears_of_each(lied_to: dict[int, Lie]) -> None:
    """A day later the examination of the books finds every one, parks its account and writes to the operator."""
    the_operators_day_after()
    for payment in Payment.objects.filter(pk__in=lied_to):
        found = Parking.objects.filter(account=payment.account_id, subject=payment.public_id)
        assert set(found.values_list("code", flat=True)) <= {"I04", "I08"}
        assert found.exists(), f"{lied_to[payment.id]} is told to nobody"
    assert Mail.objects.filter(recipient=OPERATOR, kind="invariants_broken").exists()
    assert Account.objects.exclude(parked_at=None).count() == len(lied_to)


def the_operators_day_after() -> None:
    """The books are examined once every letter has left and what is on its way has had its time."""
    Mail.objects.update(sent_at=clock.now())
    doctor.rounds(now=clock.now() + timedelta(days=2))


@pytest.mark.parametrize("reference", ["pay_0000000000000", "pay_zzzzzzzzzzzzz", "order-17"])
def test_money_under_a_key_that_we_never_used_settles_nothing_and_is_told_to_the_operator(
    liar: SandboxProcess, reference: str
) -> None:
    owner = an_owner()
    honest = world.bought(liar, owner, now=clock.now()).payments.select_related("method").get()
    before = rows_of(owner.account)
    wish = {
        "reference": reference,
        "amount_minor": honest.amount_minor,
        "currency": honest.currency,
        "payment_method": honest.method.token,
        "description": "nobody asked for this",
        "return_url": "http://127.0.0.1:8000/",
        "on_session": False,
    }
    assert liar.ask("POST", "/v1/charges", wish).json()["state"] == "succeeded"
    (told,) = liar.book_of((), [reference])["events"]
    happened("gateway_lies", seed=SEED)

    deliver(liar, told, at=clock.now())
    receive.handled(GatewayEvent.objects.get().id, now=clock.now())
    collect.unknown(now=clock.now() + timedelta(hours=1))

    assert rows_of(owner.account) == before
    the_operators_day_after()
    letter = Mail.objects.get(recipient=OPERATOR)
    assert f"I04 {reference} took {honest.amount_minor} EUR that we know nothing of" in letter.text


def test_a_success_that_is_called_a_failure_is_found_in_the_gateways_book(liar: SandboxProcess) -> None:
    """No answer can show this lie; the comparison of both books does, within a day."""
    play = first_purchase(liar)
    liar.fault("lie", field="state", value="failed")
    stories.STORIES[play.story](**play.arguments)
    payment = Payment.objects.get(account=play.account)
    assert (payment.state, liar.captured(payment.public_id)) == ("failed", 1)
    happened("gateway_lies", seed=SEED)

    the_operators_day_after()

    assert Parking.objects.get(account=play.account).fact == "was taken by the gateway and is failed here"
    assert "was taken by the gateway and is failed here" in Mail.objects.get(recipient=OPERATOR).text
