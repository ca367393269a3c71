"""What is told before it happens: the sum of a year's renewal, kept and compared; a card that expires; a farewell."""

from datetime import datetime, timedelta

import pytest
from django.conf import settings

from palier.apps.accounts.models import BillingProfile
from palier.apps.agenda import actions as agenda_actions
from palier.apps.agenda.models import Due, Failure
from palier.apps.events.models import Event
from palier.apps.invoices.models import Invoice
from palier.apps.notices.models import Mail, RenewalPromise
from palier.apps.payments.models import PaymentMethod
from palier.apps.subscriptions.models import ScheduledChange, Subscription
from palier.flows import agenda, details, renew, schedule
from palier.flows.change import Choice
from tests import unpaid, world
from tests.sandbox_process import SandboxProcess
from tests.world import GERMAN, LATER_POOR, NOON, Cast

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def yearly(cast: Cast, sandbox: SandboxProcess) -> Subscription:
    """Five seats of Team, paid for a year on 1 June 2026."""
    world.bought(sandbox, cast.owner, "team", "year", 5)
    return Subscription.objects.get()


def until(at: datetime, *kinds: str) -> None:
    """The clock works off what falls due, each at its instant."""
    wanted = Due.objects.filter(kind__in=kinds or ("notice", "card_expiry"), due_at__lte=at)
    while row := wanted.order_by("due_at", "id").first():
        agenda.work_off(row.id, now=row.due_at)


def notices() -> list[Mail]:
    return list(Mail.objects.filter(kind="renewal_notice").order_by("id"))


def renewed(yearly: Subscription) -> Invoice:
    renew.these([yearly.id], now=yearly.period_end)
    unpaid.collected(now=yearly.period_end)
    return Invoice.objects.latest("id")


def test_a_year_is_told_thirty_seven_and_one_day_before_with_the_exact_sum(yearly: Subscription) -> None:
    until(yearly.period_end - timedelta(seconds=1))
    assert [mail.written_at for mail in notices()] == [yearly.period_end - number * DAY for number in (30, 7, 1)]
    text = notices()[0].text
    for words in ("€6,840.00", "1 June 2027", "Users: 5", "Team", "€1,140.00", "Visa •••• 4242", "31 May 2027"):
        assert words in text, words
    assert "at midnight (Central European Time)" in text
    assert "/settings/billing/plans/" in text
    assert f"Cancel the subscription: {settings.BASE_URL}/settings/billing/cancel/" in text
    assert {promise.total_minor for promise in RenewalPromise.objects.all()} == {renewed(yearly).total_minor}
    assert not Event.objects.filter(kind="renewal.differs").exists()
    assert "We had announced" not in Mail.objects.latest("id").text


def test_a_month_is_not_told(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner)
    assert not Due.objects.filter(kind="notice").exists()


def test_a_notice_repeated_or_after_an_outage_is_told_once(yearly: Subscription) -> None:
    row = Due.objects.get(kind="notice")
    late = yearly.period_end - 5 * DAY
    agenda.work_off(row.id, now=late)
    agenda.work_off(row.id, now=late)
    agenda_actions.put("notice", yearly.id, yearly.account_id, late)
    until(yearly.period_end)
    assert [mail.written_at for mail in notices()] == [late, yearly.period_end - DAY]


def test_who_cancels_is_not_told_of_a_renewal(yearly: Subscription, cast: Cast) -> None:
    schedule.cancel(world.fresh(cast.account), cast.owner, now=NOON)
    until(yearly.period_end)
    assert notices() == []
    assert not RenewalPromise.objects.exists()


def test_a_card_that_ends_before_is_named_in_the_notice(yearly: Subscription) -> None:
    PaymentMethod.objects.update(expiry_month=4, expiry_year=2027)
    until(yearly.period_end - 29 * DAY, "notice")
    assert "Your card expires before that, in April 2027" in notices()[0].text


def test_fewer_users_than_announced_are_explained_on_the_receipt(
    yearly: Subscription, cast: Cast, sandbox: SandboxProcess
) -> None:
    until(yearly.period_end - 6 * DAY)
    world.without_billing_admin(cast)
    soon = yearly.period_end - 2 * DAY
    schedule.change(world.fresh(cast.account), cast.owner, Choice("team", "year", 4), now=soon)
    invoice = renewed(yearly)
    assert invoice.state == "paid"
    text = Mail.objects.get(key=f"receipt:{invoice.public_id}").text
    assert "We had announced €6,840.00 on 25 May 2027. Since then: users: 5, now 4." in text
    event = Event.objects.get(kind="renewal.differs")
    assert (event.payload["promised_minor"], event.payload["charged_minor"]) == (684000, invoice.total_minor)


def test_another_tax_than_announced_is_explained_in_the_language_of_the_reader(
    yearly: Subscription, cast: Cast
) -> None:
    cast.owner.user.language = "fr"
    cast.owner.user.save()
    until(yearly.period_end - 6 * DAY)
    details.save(world.fresh(cast.account), cast.owner, GERMAN, now=yearly.period_end - DAY)
    invoice = renewed(yearly)
    text = Mail.objects.get(key=f"receipt:{invoice.public_id}").text
    assert "Depuis, la TVA qui vous est applicable a changé." in text
    assert Event.objects.filter(kind="renewal.differs").count() == 1


def test_a_difference_that_nothing_explains_is_not_charged_but_shown_to_a_person(yearly: Subscription) -> None:
    until(yearly.period_end - 6 * DAY)
    RenewalPromise.objects.update(net_minor=1, total_minor=1)
    renew.these([yearly.id], now=yearly.period_end)
    assert Invoice.objects.count() == 1
    assert "promised 1 EUR net, computed 570000" in Failure.objects.get(kind="renewal").error


def test_a_renewal_that_was_not_paid_explains_its_sum_too(cast: Cast, sandbox: SandboxProcess) -> None:
    accepted = world.placed(sandbox, world.quoted(cast.owner, "team", "year"), LATER_POOR)
    world.collected(accepted)
    yearly = Subscription.objects.get()
    until(yearly.period_end - 6 * DAY)
    details.save(world.fresh(cast.account), cast.owner, GERMAN, now=yearly.period_end - DAY)
    renewed(yearly)
    assert "We had announced €6,840.00" in Mail.objects.get(kind="payment_failed").text


# A card that expires


def expiring(month: int, year: int) -> PaymentMethod:
    """The card on file ends then; its row is put as when it became the one on file."""
    from palier.flows import notify

    PaymentMethod.objects.update(expiry_month=month, expiry_year=year)
    method = PaymentMethod.objects.get()
    notify.watch_card(method, now=NOON)
    return method


def test_a_card_is_told_thirty_days_before_its_last_day(yearly: Subscription) -> None:
    expiring(3, 2027)
    until(datetime.fromisoformat("2027-03-01T12:00+00:00"), "card_expiry")
    assert not Mail.objects.filter(kind="card_expires").exists()
    until(datetime.fromisoformat("2027-03-02T12:00+00:00"), "card_expiry")
    mail = Mail.objects.get(kind="card_expires")
    assert mail.subject == "Your card expires at the end of March 2027"
    assert "1 June 2027" in mail.text
    assert "/settings/billing/payment-method/" in mail.text
    assert not Due.objects.filter(kind="card_expiry").exists()


def test_a_card_that_ends_within_the_month_is_told_at_once(yearly: Subscription) -> None:
    expiring(6, 2026)
    until(NOON, "card_expiry")
    assert Mail.objects.filter(kind="card_expires").count() == 1


def test_a_card_that_is_no_longer_on_file_is_not_told(yearly: Subscription) -> None:
    expiring(3, 2027)
    PaymentMethod.objects.update(is_default=False)
    until(yearly.period_end, "card_expiry")
    assert not Mail.objects.filter(kind="card_expires").exists()


def test_a_card_is_not_told_where_nothing_will_be_charged_to_it(yearly: Subscription, cast: Cast) -> None:
    expiring(3, 2027)
    schedule.cancel(world.fresh(cast.account), cast.owner, now=NOON)
    until(yearly.period_end, "card_expiry")
    assert not Mail.objects.filter(kind="card_expires").exists()


# The end, told


def test_a_cancellation_its_withdrawal_and_the_end_are_told(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner)
    held, account = Subscription.objects.get(), world.fresh(cast.account)
    schedule.cancel(account, cast.owner, now=NOON)
    schedule.withdraw(ScheduledChange.objects.get(state="waiting"), cast.owner, now=NOON)
    schedule.cancel(account, cast.owner, now=NOON + DAY)
    renew.these([held.id], now=held.period_end)
    renew.these([held.id], now=held.period_end)
    told = Mail.objects.exclude(kind="receipt").order_by("id")
    assert [mail.kind for mail in told] == [
        "cancellation_confirmed",
        "cancellation_withdrawn",
        "cancellation_confirmed",
        "ended",
    ]
    assert "Access until: 30 June 2026" in told[0].text
    assert "renews on 1 July 2026" in told[1].text
    assert "export" in told[3].text
    assert {mail.recipient for mail in told} == {BillingProfile.objects.get().email}
