"""When the money of a renewal does not come: the calendar, grace, suspension, the end; and each way back."""

from datetime import datetime, timedelta

import pytest
from django.conf import settings

from palier.apps.agenda.models import Due
from palier.apps.events.models import Event
from palier.apps.gateways.contract import GatewayUnreachable
from palier.apps.help import library
from palier.apps.invoices.models import Invoice
from palier.apps.ledger.models import Entry
from palier.apps.notices.models import Mail
from palier.apps.payments.models import Collection, Payment, PaymentMethod
from palier.apps.subscriptions.models import Subscription
from palier.flows import attempts, card, dun, parked, settle
from palier.flows.attempts import CardRefusedForGood, CardTriedTooOften
from palier.flows.dun import InvoiceBeingPaid, InvoiceNotOpen
from palier.flows.order_refusals import CardMissing
from palier.flows.people.buyers import NotABuyer
from tests import unpaid, world
from tests.books import assert_balanced
from tests.catalogue.toml import edited
from tests.sandbox_process import SandboxProcess
from tests.world import LATER_ASKS, LATER_LOST, LATER_POOR_TWICE, NOON, Cast

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
OTHER = "5555 5555 5555 4444"


@pytest.fixture
def invoice(cast: Cast, sandbox: SandboxProcess) -> Invoice:
    """Renewed on 1 July, not paid for want of funds."""
    return unpaid.renewed(sandbox, cast.owner)


def tries(invoice: Invoice) -> list[int]:
    """On which day after the first each try of an invoice began."""
    begun = invoice.issued_at
    return [(payment.started_at - begun).days for payment in invoice.payments.order_by("attempt")]


def state_of(invoice: Invoice) -> tuple[str, str, str]:
    invoice.refresh_from_db()
    return invoice.state, Subscription.objects.get().state, Collection.objects.get().state


def balance(account: str) -> int:
    return sum(Entry.objects.filter(ledger_account=account).values_list("amount_minor", flat=True))


def kinds() -> list[str]:
    return list(Mail.objects.order_by("id").values_list("kind", flat=True))


# The calendar


def test_a_declined_renewal_is_past_due_and_tried_again_on_the_days_of_the_calendar(invoice: Invoice) -> None:
    assert state_of(invoice) == ("open", "past_due", "trying")
    unpaid.days_go_by(invoice, 9)
    assert tries(invoice) == [0, 1, 3, 5, 7]
    assert state_of(invoice) == ("open", "past_due", "trying")
    assert Collection.objects.get().next_try_at is None


def test_a_card_that_has_funds_again_pays_at_the_next_try(cast: Cast, sandbox: SandboxProcess) -> None:
    invoice = unpaid.renewed(sandbox, cast.owner, LATER_POOR_TWICE)
    unpaid.days_go_by(invoice, 9)
    assert tries(invoice) == [0, 1, 3]
    assert state_of(invoice) == ("paid", "active", "recovered")
    assert not Due.objects.filter(kind__in=("retry", "suspend", "give_up")).exists()
    assert kinds() == ["receipt", "payment_failed", "payment_failed", "receipt"]
    assert "your subscription runs until 31 July 2026" in Mail.objects.latest("id").text
    assert_balanced(sandbox)


def test_a_seller_may_choose_another_calendar(cast: Cast, sandbox: SandboxProcess) -> None:
    world.publish(edited("retry_days = [1, 3, 5, 7]", "retry_days = [2]"), now=NOON)
    invoice = unpaid.renewed(sandbox, cast.owner)
    unpaid.days_go_by(invoice, 9)
    assert tries(invoice) == [0, 2]


def test_after_a_final_refusal_the_card_is_never_tried_again(cast: Cast, sandbox: SandboxProcess) -> None:
    invoice = unpaid.renewed(sandbox, cast.owner, LATER_LOST)
    now = unpaid.days_go_by(invoice, 9)
    assert tries(invoice) == [0]
    with pytest.raises(CardRefusedForGood):
        dun.pay(invoice, cast.owner, "saved", now=now)
    unpaid.typed_on_file(sandbox, cast.owner, LATER_LOST)
    with pytest.raises(CardRefusedForGood):
        card.replace(cast.account, cast.owner, now=now)
    assert tries(invoice) == [0]
    mail = Mail.objects.get(kind="payment_failed")
    assert "We do not try this card again: with another card, it is paid at once." in mail.text
    article = library.for_code("declined", mail.language)
    assert article is not None
    assert f"{article.title}: {settings.BASE_URL}{article.path}" in mail.text
    assert f'href="{settings.BASE_URL}{article.path}"' in mail.html


def test_without_a_card_on_file_the_letter_speaks_of_none(cast: Cast, sandbox: SandboxProcess) -> None:
    unpaid.renewed(sandbox, cast.owner, meanwhile=lambda: PaymentMethod.objects.update(is_default=False))
    mail = Mail.objects.get(kind="payment_failed")
    assert "There is no card on file to charge." in mail.text
    assert "With a card, it is paid at once." in mail.text
    assert "this one" not in mail.text


def test_a_lost_card_typed_by_hand_does_not_stop_the_tries_with_the_card_on_file(
    invoice: Invoice, cast: Cast, sandbox: SandboxProcess
) -> None:
    at = invoice.issued_at + timedelta(hours=2)
    unpaid.typed_for(sandbox, invoice, cast.owner, "4000 0000 0000 9987")
    dun.pay(invoice, cast.owner, "new", now=at)
    unpaid.collected(now=at)
    assert invoice.payments.latest("attempt").reason == "lost_card"
    unpaid.days_go_by(invoice, 9)
    assert tries(invoice) == [0, 0, 1, 3, 5, 7]


def test_no_card_is_tried_more_often_than_the_networks_allow(cast: Cast, sandbox: SandboxProcess) -> None:
    """Visa: 15 in 30 days. Whoever presses and whatever the calendar says."""
    days = [*range(1, 8), 20, 25, 29]
    world.publish(edited("retry_days = [1, 3, 5, 7]", f"retry_days = {days}"), now=NOON)

    def empties_the_card() -> None:
        unpaid.typed_on_file(sandbox, cast.owner, "4000 0000 0000 9995")
        card.replace(cast.account, cast.owner, now=NOON)

    invoice = unpaid.renewed(sandbox, cast.owner, world.GOOD, meanwhile=empties_the_card)
    for press in range(1, 8):
        at = invoice.issued_at + timedelta(hours=press)
        dun.pay(invoice, cast.owner, "saved", now=at)
        unpaid.collected(now=at)
    unpaid.days_go_by(invoice, 29)
    assert tries(invoice) == [0] * 8 + list(range(1, 8)), "those of day 20 and later would be the 16th"
    assert len(tries(invoice)) == attempts.NETWORK_TRIES
    with pytest.raises(CardTriedTooOften):
        dun.pay(invoice, cast.owner, "saved", now=invoice.issued_at + 29 * DAY)


def test_an_outage_of_the_clock_makes_one_try_of_many(invoice: Invoice) -> None:
    late = invoice.issued_at + 6 * DAY
    dun.due(Due.objects.get(kind="retry"), now=late)
    unpaid.collected(now=late)
    unpaid.days_go_by(invoice, 9)
    assert tries(invoice) == [0, 6, 7]


# Grace, suspension, the end


def test_access_goes_on_during_grace_then_the_account_is_read_only_then_it_ends(invoice: Invoice) -> None:
    unpaid.days_go_by(invoice, 9)
    assert state_of(invoice)[1] == "past_due"
    unpaid.days_go_by(invoice, 10)
    assert state_of(invoice) == ("open", "suspended", "suspended")
    unpaid.days_go_by(invoice, 29)
    assert state_of(invoice)[1] == "suspended"
    unpaid.days_go_by(invoice, 30)
    assert state_of(invoice) == ("uncollectible", "ended", "written_off")
    assert (balance("bad_debt"), balance("receivable")) == (invoice.total_minor, 0)
    assert kinds() == ["receipt", *["payment_failed"] * 5, "suspended", "ended_unpaid"]
    assert not Due.objects.exclude(kind="card_expiry").exists()


def test_each_step_repeated_changes_nothing(invoice: Invoice) -> None:
    unpaid.days_go_by(invoice, 30)
    before = kinds(), Event.objects.count(), Payment.objects.count()
    for step in (dun.retry, dun.suspend, dun.give_up):
        step(invoice.id, now=invoice.issued_at + 31 * DAY)
    assert (kinds(), Event.objects.count(), Payment.objects.count()) == before


def test_a_debt_that_is_kept_stays_open_and_can_be_paid(cast: Cast, sandbox: SandboxProcess) -> None:
    world.publish(edited('debt = "write_off"', 'debt = "keep"'), now=NOON)
    invoice = unpaid.renewed(sandbox, cast.owner)
    now = unpaid.days_go_by(invoice, 40)
    assert state_of(invoice) == ("open", "ended", "kept")
    assert balance("bad_debt") == 0
    _pays(sandbox, invoice, cast, now)
    assert state_of(invoice) == ("paid", "ended", "recovered")
    assert balance("receivable") == 0
    assert_balanced(sandbox)


def test_a_debt_written_off_is_recovered_when_it_is_paid_after_all(
    invoice: Invoice, cast: Cast, sandbox: SandboxProcess
) -> None:
    now = unpaid.days_go_by(invoice, 40)
    _pays(sandbox, invoice, cast, now)
    assert state_of(invoice) == ("paid", "ended", "recovered")
    assert (balance("bad_debt"), balance("receivable")) == (0, 0)
    assert "nothing is left to pay" in Mail.objects.latest("id").text
    assert_balanced(sandbox)


def _pays(sandbox: SandboxProcess, invoice: Invoice, cast: Cast, now: datetime) -> None:
    unpaid.typed_for(sandbox, invoice, cast.owner, OTHER)
    dun.pay(invoice, cast.owner, "new", now=now)
    unpaid.collected(now=now)


def test_while_a_payment_is_under_way_the_end_waits_for_its_answer(
    invoice: Invoice, cast: Cast, sandbox: SandboxProcess
) -> None:
    unpaid.days_go_by(invoice, 29)
    sandbox.fault("timeout_after_capture", times=1)
    at = invoice.issued_at + 30 * DAY - timedelta(minutes=1)
    _pays(sandbox, invoice, cast, at)
    assert invoice.payments.latest("attempt").state == "unknown"
    dun.due(Due.objects.get(kind="give_up"), now=at + timedelta(minutes=2))
    assert state_of(invoice) == ("open", "suspended", "suspended")
    world.looked_after(now=at + timedelta(minutes=10))
    assert state_of(invoice) == ("paid", "active", "recovered")
    assert_balanced(sandbox)


def test_paying_while_suspended_opens_the_account_at_once(
    invoice: Invoice, cast: Cast, sandbox: SandboxProcess
) -> None:
    now = unpaid.days_go_by(invoice, 15)
    _pays(sandbox, invoice, cast, now)
    assert state_of(invoice) == ("paid", "active", "recovered")
    assert PaymentMethod.objects.get(is_default=True).last4 == "4444"


# Another card


def test_a_new_card_on_file_is_charged_at_once(invoice: Invoice, cast: Cast, sandbox: SandboxProcess) -> None:
    at = invoice.issued_at + 2 * DAY
    unpaid.typed_on_file(sandbox, cast.owner, OTHER)
    card.replace(cast.account, cast.owner, now=at)
    unpaid.collected(now=at)
    assert state_of(invoice) == ("paid", "active", "recovered")
    assert tries(invoice) == [0, 2]


def test_a_new_card_takes_the_place_of_a_payment_that_waits_for_the_bank(cast: Cast, sandbox: SandboxProcess) -> None:
    invoice = unpaid.renewed(sandbox, cast.owner, LATER_ASKS)
    waiting = invoice.payments.get()
    assert waiting.state == "action_required"
    at = invoice.issued_at + timedelta(hours=1)
    unpaid.typed_on_file(sandbox, cast.owner, OTHER)
    card.replace(cast.account, cast.owner, now=at)
    unpaid.collected(now=at)
    assert state_of(invoice) == ("paid", "active", "recovered")
    waiting.refresh_from_db()
    assert (waiting.state, waiting.reason) == ("failed", "canceled")
    assert [sandbox.captured(payment.public_id) for payment in invoice.payments.order_by("attempt")] == [0, 1]
    assert "payment_failed" not in kinds(), "who has just paid with another card is not told of a failure"
    assert_balanced(sandbox)


def test_a_card_that_could_not_take_its_place_yet_need_not_be_typed_again(cast: Cast, sandbox: SandboxProcess) -> None:
    """Found by a kill between the card's own row and the rest: the fields had moved on, and were empty."""
    invoice = unpaid.renewed(sandbox, cast.owner, LATER_ASKS)
    at = invoice.issued_at + timedelta(hours=1)
    unpaid.typed_on_file(sandbox, cast.owner, OTHER)
    sandbox.fault("timeout_before_capture", operation="cancel")
    with pytest.raises(GatewayUnreachable):
        card.replace(cast.account, cast.owner, now=at)
    card.replace(cast.account, cast.owner, now=at)
    assert PaymentMethod.objects.get(is_default=True).last4 == "4444"


def test_what_the_bank_has_said_yes_to_meanwhile_is_not_charged_again(cast: Cast, sandbox: SandboxProcess) -> None:
    invoice = unpaid.renewed(sandbox, cast.owner, LATER_ASKS)
    sandbox.answer_bank(invoice.payments.get().action_url)
    at = invoice.issued_at + timedelta(hours=1)
    unpaid.typed_on_file(sandbox, cast.owner, OTHER)
    card.replace(cast.account, cast.owner, now=at)
    unpaid.collected(now=at)
    assert invoice.payments.get().state == "succeeded"
    invoice.refresh_from_db()
    assert invoice.state == "paid"
    assert_balanced(sandbox)


# Refusals: nothing is taken and nothing changed


def test_what_cannot_be_paid_is_refused_by_name(invoice: Invoice, cast: Cast, sandbox: SandboxProcess) -> None:
    now = invoice.issued_at + DAY
    for member in (cast.admin, cast.member, cast.stranger):
        with pytest.raises(NotABuyer):
            dun.pay(invoice, member, "saved", now=now)
    with pytest.raises(CardMissing):
        dun.pay(invoice, cast.owner, "new", now=now)
    dun.pay(invoice, cast.owner, "saved", now=now)
    with pytest.raises(InvoiceBeingPaid):
        dun.pay(invoice, cast.billing_admin, "saved", now=now)
    unpaid.collected(now=now)
    with pytest.raises(InvoiceNotOpen):
        dun.pay(invoice, cast.owner, "saved", now=now)
    assert invoice.payments.count() == 2


def test_a_second_press_with_the_card_that_the_first_has_used_hears_of_the_first(
    invoice: Invoice, cast: Cast, sandbox: SandboxProcess
) -> None:
    now = invoice.issued_at + DAY
    unpaid.typed_for(sandbox, invoice, cast.owner, OTHER)
    dun.pay(invoice, cast.owner, "new", now=now)
    with pytest.raises(InvoiceBeingPaid):
        dun.pay(invoice, cast.owner, "new", now=now)
    unpaid.collected(now=now)
    with pytest.raises(InvoiceNotOpen):
        dun.pay(invoice, cast.owner, "new", now=now)


def test_a_card_is_its_members_own(invoice: Invoice, cast: Cast, sandbox: SandboxProcess) -> None:
    unpaid.typed_for(sandbox, invoice, cast.owner, OTHER)
    with pytest.raises(CardMissing):
        dun.pay(invoice, cast.billing_admin, "new", now=invoice.issued_at)


def test_a_parked_payment_of_a_renewal_that_a_person_ends_is_pursued(cast: Cast, sandbox: SandboxProcess) -> None:
    invoice = unpaid.renewed(sandbox, cast.owner, meanwhile=lambda: sandbox.fault("timeout_before_capture", times=1))
    payment = invoice.payments.get()
    settle.park(payment.id, "unknown_to_gateway", now=invoice.issued_at)
    parked.fail(payment.id, who="ops", why="it never arrived", now=invoice.issued_at + DAY)
    assert state_of(invoice) == ("open", "past_due", "trying")
    assert Due.objects.filter(kind="retry", subject=invoice.id).exists()
