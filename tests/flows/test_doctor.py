"""The books are examined: nothing is found where all is well, and each planted breach by its own invariant."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import connection

from palier.apps.accounts.models import Account, Member, Parking
from palier.apps.agenda.models import Due
from palier.apps.events.actions import record
from palier.apps.events.models import Event
from palier.apps.gateways import gateway
from palier.apps.gateways.models import GatewayEvent
from palier.apps.invoices import documents
from palier.apps.invoices.models import Invoice, InvoiceLine
from palier.apps.notices.models import Mail
from palier.apps.orders.models import Order
from palier.apps.payments.models import Payment, PaymentMethod
from palier.apps.subscriptions import actions as subscriptions
from palier.apps.subscriptions import states
from palier.apps.subscriptions.models import Subscription
from palier.flows import charge, collect, doctor, renew
from palier.flows.doctor import NotParkedAccount
from palier.flows.order_refusals import AccountParked
from palier.interfaces.cli import doctor as command
from palier.kit import clock, ids
from tests import world
from tests.books import a_test_begins, broken
from tests.flows.by_hand import by_hand
from tests.ground import GROUND, layer
from tests.payment_fixtures import paying_to
from tests.sandbox_process import SandboxProcess
from tests.world import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def paid(paid_with_document: Order) -> Order:
    """Team for five, bought just now."""
    return paid_with_document


@pytest.fixture
def paid_with_document(cast: Cast, sandbox: SandboxProcess, request: pytest.FixtureRequest) -> Order:
    found: Order = GROUND.give("paid_with_document", request)
    return found


def _paid_with_document(request: pytest.FixtureRequest, cast: Cast) -> Order:
    process: SandboxProcess = request.getfixturevalue("sandbox_process")
    with paying_to(process):
        world.publish()
        settled = world.bought(process, cast.owner, now=clock.now())
        assert settled.invoice is not None
        documents.keep(settled.invoice.id, now=clock.now())
        return settled


layer("paid_with_document", _paid_with_document, on="shared_cast")


def drop(constraint: str, table: str) -> None:
    """The database's own wall is gone: what is left is the examination."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {constraint}")
        cursor.execute(f"DROP INDEX IF EXISTS {constraint}")


def paid_again(_: Order) -> None:
    drop("one_slot_per_order", "payments_payment")
    first = Payment.objects.get()
    Payment.objects.filter(pk=first.pk).update(attempt=1)
    first.pk, first.attempt, first.gateway_id = first.pk + 1, 2, "ch_again"
    first.save(force_insert=True)


def alive_beside(_: Order) -> None:
    drop("one_slot_per_order", "payments_payment")
    for number in (2, 3):
        twin = Payment.objects.order_by("id").first()
        assert twin is not None
        twin.pk, twin.attempt, twin.state, twin.gateway_id = twin.pk + number, number, "action_required", ""
        twin.save(force_insert=True)


def overlapping_seats(paid: Order) -> None:
    for number in range(9):
        person = world.person(f"more{number}@lumiere.example", "More")
        Member.objects.create(account=paid.account, user=person, role="member", joined_at=clock.now())


SEATS_NOTED_BY_ANOTHER = """
UPDATE subscriptions_seatentry entry SET member_id = (
    SELECT member.id FROM accounts_member member JOIN subscriptions_subscription held
        ON held.id = entry.subscription_id AND held.account_id <> member.account_id LIMIT 1)
"""


PLANTED: dict[str, list[Callable[[Order], object]]] = {
    "I01": [
        lambda _: by_hand("UPDATE ledger_entry SET amount_minor = amount_minor + 1 WHERE position = 1"),
        lambda _: by_hand("DELETE FROM ledger_entry"),
    ],
    "I02": [lambda _: guards_off()],
    "I03": [paid_again],
    "I05": [
        lambda _: Payment.objects.update(amount_minor=1),
        lambda _: Payment.objects.update(quote_digest="0" * 64),
    ],
    "I06": [alive_beside],
    "I09": [
        lambda _: Payment.objects.update(state="unknown"),
        lambda _: Order.objects.update(state="open", invoice=None),
    ],
    "I10": [
        lambda _: by_hand("UPDATE invoices_invoice SET state = 'void'"),
        lambda paid: raised_for_nothing(paid, "team", 8),
        lambda paid: raised_for_nothing(paid, "business", 5),
    ],
    "I12": [
        lambda _: by_hand("UPDATE invoices_invoice SET sequence = 7"),
        lambda _: by_hand("UPDATE invoices_numberseries SET last_number = 2"),
    ],
    "I13": [lambda _: by_hand("UPDATE invoices_invoicedocument SET content = content || 'x'")],
    "I14": [
        lambda _: by_hand("UPDATE invoices_invoiceline SET amount_minor = amount_minor - 1"),
        lambda _: taxed_a_cent_too_much(),
        lambda _: by_hand("UPDATE invoices_invoice SET taxes = jsonb_set(taxes, '{0,base_minor}', '0')"),
    ],
    "I15": [lambda _: credited_too_much()],
    "I16": [
        overlapping_seats,
        lambda _: by_hand("DELETE FROM subscriptions_seatentry"),
        lambda _: by_hand("UPDATE subscriptions_seatentry SET seats_at_renewal = 1"),
    ],
    "I17": [lambda _: by_hand("DELETE FROM subscriptions_billingperiod")],
    "I19": [lambda paid: begun_after_the_end(paid)],
    "I20": [
        lambda paid: tried_in_vain(paid),
        lambda paid: typed_again(paid, reasons=["stolen_card", "declined"]),
        lambda paid: typed_again(paid, reasons=["declined"] * 16),
    ],
    "I21": [lambda _: Payment.objects.update(currency="USD"), lambda _: Account.objects.update(currency="GBP")],
    "I22": [
        lambda paid: Payment.objects.update(account=Account.objects.exclude(pk=paid.account_id).get()),
        lambda _: by_hand(SEATS_NOTED_BY_ANOTHER),
    ],
    "I23": [lambda _: demoted()],
    "I24": [lambda _: unheard(), lambda _: kept_twice()],
    "I25": [lambda _: Mail.objects.update(written_at=clock.now() - timedelta(days=2), sent_at=None)],
    "I26": [
        lambda _: Mail.objects.filter(kind="receipt").delete(),
        lambda _: by_hand("UPDATE orders_order SET state = 'closed', invoice_id = NULL"),
    ],
    "I27": [lambda _: Account.objects.update(name="4242 4242 4242 4242")],
    "I28": [lambda _: Due.objects.update(due_at=clock.now() - timedelta(days=2))],
    "I29": [lambda _: moved_by_a_day()],
    "I30": [lambda paid: late_acceptance(paid)],
}
"""What breaks which invariant. Some break others as well: who pays nothing holds nothing."""


def raised_for_nothing(paid: Order, plan: str, seats: int) -> None:
    """A defect that writes its fact and its line in the journal as well, and only forgets the money."""
    held = Subscription.objects.get()
    before = {held.public_id: states.told_of(states.state_of(held))}
    held.items.filter(kind="plan").update(key=plan, quantity=seats)
    after = {held.public_id: states.told_of(states.state_of(held))}
    subscriptions.note_seats(held, seats, seats, "added", member=paid.member, now=clock.now())
    record(held.account_id, "seats.taken", by=paid.member.author, now=clock.now(), before=before, after=after)


def begun_after_the_end(paid: Order) -> None:
    attempt = Payment.objects.get()
    assert paid.invoice is not None
    attempt.pk, attempt.order, attempt.invoice, attempt.state = attempt.pk + 1, None, paid.invoice, "failed"
    attempt.gateway_id = ""
    attempt.save(force_insert=True)
    by_hand("UPDATE invoices_invoice SET state = 'void'")


def credited_too_much() -> None:
    line = InvoiceLine.objects.get()
    line.credits_id, line.pk, line.position, line.amount_minor = line.pk, line.pk + 1, 9, -line.amount_minor - 1
    line.save(force_insert=True)


def tried_in_vain(paid: Order) -> None:
    assert paid.invoice is not None
    attempt = Payment.objects.get()
    attempt.order, attempt.invoice, attempt.state, attempt.on_session = None, paid.invoice, "failed", False
    attempt.gateway_id = ""
    for number, reason in ((1, "lost_card"), (2, "declined")):
        attempt.pk, attempt.attempt, attempt.reason = attempt.pk + 1, number, reason
        attempt.sent_at = attempt.resolved_at = clock.now() + timedelta(hours=number)
        attempt.save(force_insert=True)


def typed_again(paid: Order, *, reasons: list[str]) -> None:
    """The same card under new tokens, at the screen and alone in turn."""
    twin, attempt = PaymentMethod.objects.get(), Payment.objects.get()
    attempt.state, attempt.gateway_id = "failed", ""
    for number, reason in enumerate(reasons, start=1):
        twin.pk, twin.token, twin.is_default = twin.pk + 1, f"{twin.token}{number}", False
        twin.save(force_insert=True)
        attempt.pk, attempt.attempt, attempt.reason = attempt.pk + 1, attempt.attempt + 1, reason
        attempt.method, attempt.on_session = twin, number % 2 == 0
        attempt.started_at = attempt.sent_at = attempt.resolved_at = clock.now() + timedelta(hours=number)
        attempt.save(force_insert=True)


def demoted() -> None:
    Member.objects.filter(pk=Order.objects.values("member")[:1]).update(role="member")


def guards_off() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE ledger_entry DISABLE TRIGGER USER")


def unheard() -> None:
    GatewayEvent.objects.create(
        gateway="sandbox",
        external_id="evt_1",
        kind="charge.succeeded",
        reference="pay_1",
        payload={},
        received_at=clock.now() - timedelta(days=2),
    )


def kept_twice() -> None:
    drop("gateway_event_stored_once", "gateways_gatewayevent")
    for _ in range(2):
        unheard()
    GatewayEvent.objects.update(handled_at=clock.now())


def taxed_a_cent_too_much() -> None:
    """All sums still add up."""
    by_hand(
        "UPDATE invoices_invoice SET tax_minor = tax_minor + 1, total_minor = total_minor + 1,"
        " taxes = jsonb_set(taxes, '{0,tax_minor}', to_jsonb(tax_minor + 1))"
    )


def moved_by_a_day() -> None:
    held = Subscription.objects.get()
    Subscription.objects.update(period_end=held.period_end + timedelta(days=1))


def late_acceptance(paid: Order) -> None:
    Order.objects.update(placed_at=paid.quote.expires_at + timedelta(seconds=1))


def codes(*, now: datetime | None = None, patience: timedelta = timedelta(hours=24)) -> set[str]:
    found = doctor.examine(now=now or clock.now(), patience=patience, with_the_gateway=False)
    return {breach.code for breach in found.breaches}


def test_what_was_bought_breaks_nothing(paid: Order, sandbox: SandboxProcess) -> None:
    assert broken(sandbox) == []
    assert codes() == set()


@pytest.mark.parametrize(
    ("code", "number"), [(code, number) for code, plants in PLANTED.items() for number in range(len(plants))]
)
def test_a_planted_breach_is_found_by_its_invariant(paid: Order, code: str, number: int) -> None:
    PLANTED[code][number](paid)
    assert code in codes()


@pytest.mark.parametrize(("plan", "seats"), [("team", 8), ("business", 5)])
def test_a_rise_that_nobody_paid_for_breaks_nothing_but_that(paid: Order, plan: str, seats: int) -> None:
    raised_for_nothing(paid, plan, seats)
    assert codes() - {"I11"} == {"I10"}


def test_as_many_tries_of_a_card_as_the_networks_allow_are_none_too_many(paid: Order) -> None:
    typed_again(paid, reasons=["declined"] * 15)
    assert "I20" not in codes()


def test_what_no_bank_declined_is_no_try_of_a_card(paid: Order) -> None:
    typed_again(paid, reasons=["canceled", "not_arrived"] * 10)
    assert "I20" not in codes()


def test_money_that_only_one_book_knows_is_found(paid: Order, sandbox: SandboxProcess) -> None:
    Payment.objects.update(state="failed", reason="declined")
    found = doctor.examine(now=clock.now(), patience=timedelta()).breaches
    assert {one.code: one.fact for one in found if one.account_id}[
        "I04"
    ] == "was taken by the gateway and is failed here"


def test_a_charge_that_nobody_knows_is_of_the_test_that_made_it(paid: Order, sandbox: SandboxProcess) -> None:
    """The payment service of a run is shared."""
    orphan = ids.public_id(Payment.id_prefix, ids.new_id())
    gateway().charge(replace(collect.wish(Payment.objects.get()), reference=orphan))
    assert ("I04", orphan) in {(one.code, one.subject) for one in broken(sandbox)}
    a_test_begins()
    assert broken(sandbox) == []


def test_a_charge_older_than_its_attempt_is_found(paid: Order, sandbox: SandboxProcess) -> None:
    Payment.objects.update(started_at=clock.now() + timedelta(days=1))
    found = doctor.examine(now=clock.now()).breaches
    assert {one.code for one in found if one.account_id} == {"I07"}


def test_a_gateway_that_is_away_is_said_and_breaks_nothing(paid: Order, settings: object) -> None:
    settings.PALIER_SANDBOX_URL = "http://127.0.0.1:9"  # type: ignore[attr-defined]
    found = doctor.examine(now=clock.now())
    assert found.silent
    assert found.breaches == ()


def test_an_account_that_breaks_one_is_parked_told_once_and_released(
    paid: Order, cast: Cast, sandbox: SandboxProcess, settings: object
) -> None:
    settings.PALIER_OPERATOR_EMAIL = "ops@seller.example"  # type: ignore[attr-defined]
    later = world.quoted(cast.owner, "business", "month", 5, now=clock.now())
    by_hand("UPDATE ledger_entry SET amount_minor = amount_minor + 1 WHERE position = 1")
    doctor.rounds(now=clock.now())
    told = Mail.objects.filter(kind="invariants_broken").count()
    doctor.rounds(now=clock.now())

    parkings = Parking.objects.filter(account=paid.account, code="I01", subject__startswith="txn_")
    assert {parking.fact.partition(" EUR")[0] for parking in parkings} == {"sums to 1"}
    assert Mail.objects.filter(kind="invariants_broken").count() == told >= 1
    with pytest.raises(AccountParked):
        world.placed(sandbox, later, now=clock.now())

    account = Account.objects.get(pk=paid.account_id)
    doctor.release(account, who="tess", word="a typing mistake, put right", now=clock.now())
    assert Event.objects.filter(kind="account.released", account_id=account.id).get().author == "operator:tess"
    with pytest.raises(NotParkedAccount):
        doctor.release(account, who="tess", word="again", now=clock.now())


def test_each_parking_is_told_once_in_its_own_round_or_in_the_next(paid: Order, settings: object) -> None:
    settings.PALIER_OPERATOR_EMAIL = "ops@seller.example"  # type: ignore[attr-defined]
    letters = Mail.objects.filter(kind="invariants_broken", account_id=paid.account_id)
    by_hand("UPDATE ledger_entry SET amount_minor = amount_minor + 1 WHERE position = 1")
    doctor.rounds(now=clock.now())
    assert letters.count() == 1
    letters.delete()
    Parking.objects.update(told_at=None)  # the process died between the parking and its letter
    for _ in range(2):
        doctor.rounds(now=clock.now())
    assert letters.count() == 1

    doctor.release(Account.objects.get(pk=paid.account_id), who="tess", word="looked at", now=clock.now())
    doctor.rounds(now=clock.now())
    assert letters.count() == 2, "what was let go and is still broken is told again"


def test_a_parked_account_is_charged_and_renewed_by_nobody(paid: Order) -> None:
    held = Subscription.objects.get()
    now = held.period_end + timedelta(minutes=5)
    Account.objects.filter(pk=paid.account_id).update(parked_at=now)
    assert renew.these([held.id], now=now) == 0

    Account.objects.filter(pk=paid.account_id).update(parked_at=None)
    assert renew.these([held.id], now=now) == 1
    waiting = charge.queue().get()
    Account.objects.filter(pk=paid.account_id).update(parked_at=now)
    assert not charge.queue().exists()
    collect.payment(waiting.id, now=now)
    assert Payment.objects.get(pk=waiting.id).state == "started"


def test_the_command_lists_and_releases(paid: Order, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--without-gateway"]) == 0
    Invoice.objects.update(state="void")
    assert command.main(["--without-gateway"]) == 1
    said = capsys.readouterr().out
    assert "I10" in said
    assert paid.account.public_id in said
    assert command.main(["--without-gateway", "--json"]) == 1
    Account.objects.filter(pk=paid.account_id).update(parked_at=clock.now())
    assert command.main(["release", paid.account.public_id, "--word", "looked"]) == 0
    assert command.main(["release", "acc_0000000000001", "--word", "looked"]) == 1
