"""Free to paid: the promise, the order, the charge, and everything that settles with it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, transaction

from palier.apps.accounts.models import Account
from palier.apps.events.models import Event
from palier.apps.help import library
from palier.apps.invoices.models import Invoice, InvoiceLine
from palier.apps.ledger.models import Entry
from palier.apps.notices.models import Mail
from palier.apps.orders.models import Order, Quote
from palier.apps.payments.models import Payment, PaymentMethod
from palier.apps.subscriptions.models import BillingPeriod, Subscription
from palier.flows import details, order, quote
from palier.flows.change import Choice, choice_from
from palier.flows.order_refusals import (
    BillingDetailsMissing,
    CardMissing,
    NoSavedCard,
    OlderCatalogue,
    PaymentInProgress,
    QuoteExpired,
    SubscriptionMoved,
    TaxChanged,
    TermsChanged,
    TermsNotAccepted,
)
from palier.flows.people.buyers import NotABuyer
from palier.flows.quote_refusals import (
    IntervalUnknown,
    PlanUnknown,
    SeatsAboveMaximum,
    SeatsBelowMembers,
    SeatsBelowMinimum,
    SeatsNotANumber,
)
from palier.kit.refusals import Refusal
from tests import world
from tests.books import assert_balanced
from tests.sandbox_process import SandboxProcess
from tests.world import DECLINED, NEEDS_3DS, NOON, Cast


def test_paying_makes_a_subscription_an_invoice_and_balanced_books(cast: Cast, sandbox: SandboxProcess) -> None:
    settled = world.bought(sandbox, cast.owner, "team", "month", 5)

    assert settled.state == "settled"
    subscription = Subscription.objects.get(account=cast.account)
    assert subscription.period_start == datetime(2026, 5, 31, 22, tzinfo=UTC)  # midnight of 1 June in Paris
    assert subscription.period_end == datetime(2026, 6, 30, 22, tzinfo=UTC)
    item = subscription.items.get()
    assert (item.key, item.quantity, item.monthly_minor) == ("team", 5, 10900)

    invoice = Invoice.objects.get()
    assert invoice.number == "F2026-000001"
    assert (invoice.net_minor, invoice.tax_minor, invoice.total_minor) == (54500, 10900, 65400)
    assert (invoice.state, invoice.currency, invoice.buyer["po_number"]) == ("paid", "EUR", "PO-7")
    assert invoice.seller["country"] == "FR"
    assert Account.objects.get(pk=cast.account.pk).currency == "EUR"

    payment = Payment.objects.get()
    assert sandbox.captured(payment.public_id) == 1
    sums = dict(Entry.objects.values_list("ledger_account", "amount_minor").filter(ledger_account__in=("cash", "tax")))
    assert sums == {"cash": 65400, "tax": -10900}
    assert PaymentMethod.objects.get().is_default
    assert_balanced(sandbox)


def test_the_customer_is_told_once_and_after_the_settlement(cast: Cast, sandbox: SandboxProcess) -> None:
    accepted = world.placed(sandbox, world.quoted(cast.owner))
    assert not Mail.objects.exists()
    world.collected(accepted)
    world.collected(accepted)
    assert list(Mail.objects.values_list("kind", "recipient")) == [("receipt", "compta@lumiere.example")]
    kinds = list(Event.objects.filter(account_id=cast.account.id).order_by("id").values_list("kind", flat=True))
    assert kinds[-1] == "order.settled"
    assert kinds.count("order.settled") == 1


def test_what_was_shown_is_what_is_charged(cast: Cast, sandbox: SandboxProcess) -> None:
    kept = world.quoted(cast.owner, "business", "year", 7)
    settled = world.bought(sandbox, cast.owner, "business", "year", 7)
    charge = next(row for row in sandbox.book()["charges"] if row["reference"] == Payment.objects.get().public_id)
    assert charge["amount_minor"] == kept.total_minor == settled.quote.total_minor == 135_00 * 12 * 7 * 120 // 100


def test_the_evidence_of_acceptance_is_kept(cast: Cast, sandbox: SandboxProcess) -> None:
    settled = world.bought(sandbox, cast.owner)
    assert settled.terms_version
    assert len(settled.terms_sha256) == 64
    assert (settled.address, settled.browser, settled.button_text) == ("192.0.2.7", "tests", "Pay")
    assert (settled.member, settled.placed_at) == (cast.owner, NOON)


def test_paying_the_same_quote_again_gives_the_same_order(cast: Cast, sandbox: SandboxProcess) -> None:
    kept = world.quoted(cast.owner)
    accepted = world.placed(sandbox, kept)
    again = order.place(kept, member=cast.owner, card="new", evidence=world.evidence(), now=NOON)
    assert again == accepted
    world.collected(accepted)
    assert order.place(kept, member=cast.owner, card="saved", evidence=None, now=NOON) == accepted
    assert Payment.objects.count() == 1
    assert_balanced(sandbox)


def test_a_declined_card_leaves_everything_and_another_can_be_tried(cast: Cast, sandbox: SandboxProcess) -> None:
    kept = world.quoted(cast.owner)
    accepted = world.placed(sandbox, kept, DECLINED)
    declined = world.collected(accepted)
    assert (declined.state, declined.reason) == ("failed", "declined")
    assert not Subscription.objects.exists()
    assert not Invoice.objects.exists()

    same = world.placed(sandbox, kept)
    assert same == accepted
    assert world.collected(same).state == "succeeded"
    assert list(Payment.objects.order_by("attempt").values_list("attempt", "state")) == [
        (1, "failed"),
        (2, "succeeded"),
    ]
    assert_balanced(sandbox)


def test_strong_authentication_waits_for_the_customer_and_then_settles(cast: Cast, sandbox: SandboxProcess) -> None:
    accepted = world.placed(sandbox, world.quoted(cast.owner), NEEDS_3DS)
    waiting = world.collected(accepted)
    assert waiting.state == "action_required"
    assert waiting.action_url.startswith(sandbox.url)
    assert Mail.objects.get().kind == "action_required"
    assert f"/orders/{accepted.public_id}/" in Mail.objects.get().text
    article = library.for_code("authentication_expired", Mail.objects.get().language)
    assert article is not None
    assert article.path in Mail.objects.get().text

    sandbox.answer_bank(waiting.action_url)
    assert world.collected(accepted).state == "succeeded"
    assert_balanced(sandbox)


def test_refused_strong_authentication_takes_nothing(cast: Cast, sandbox: SandboxProcess) -> None:
    accepted = world.placed(sandbox, world.quoted(cast.owner), NEEDS_3DS)
    waiting = world.collected(accepted)
    sandbox.answer_bank(waiting.action_url, "refuse")
    assert world.collected(accepted).state == "failed"
    assert sandbox.captured(waiting.public_id) == 0
    assert_balanced(sandbox)


def test_giving_up_a_waiting_payment_frees_the_order_by_the_gateways_word(cast: Cast, sandbox: SandboxProcess) -> None:
    kept = world.quoted(cast.owner)
    accepted = world.placed(sandbox, kept, NEEDS_3DS)
    waiting = world.collected(accepted)
    order.withdraw(accepted, cast.owner, now=NOON)
    waiting.refresh_from_db()
    assert waiting.state == "failed"
    assert world.collected(world.placed(sandbox, kept)).state == "succeeded"
    assert_balanced(sandbox)


def test_one_open_order_per_account(cast: Cast, sandbox: SandboxProcess) -> None:
    first, second = world.quoted(cast.owner), world.quoted(cast.billing_admin, "business")
    accepted = world.placed(sandbox, first)
    with pytest.raises(PaymentInProgress):
        world.placed(sandbox, second)
    world.collected(accepted)
    with pytest.raises(SubscriptionMoved):
        world.placed(sandbox, second)
    assert Order.objects.count() == 1


def test_an_order_whose_payments_failed_gives_way_to_another(cast: Cast, sandbox: SandboxProcess) -> None:
    first = world.placed(sandbox, world.quoted(cast.owner), DECLINED)
    world.collected(first)
    second = world.bought(sandbox, cast.billing_admin, "business")
    first.refresh_from_db()
    assert (first.state, second.state) == ("closed", "settled")
    assert_balanced(sandbox)


def test_a_reverse_charged_customer_pays_no_tax(cast: Cast, sandbox: SandboxProcess) -> None:
    details.save(cast.account, cast.owner, world.GERMAN, now=NOON)
    settled = world.bought(sandbox, cast.owner)
    assert settled.invoice is not None
    assert (settled.invoice.tax_minor, settled.invoice.total_minor) == (0, 54500)
    assert settled.invoice.taxes[0]["category"] == "AE"
    assert_balanced(sandbox)


def test_issued_documents_and_ledger_rows_cannot_be_changed(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner)
    for change in (
        lambda: Invoice.objects.update(total_minor=1, net_minor=1, tax_minor=0),
        lambda: InvoiceLine.objects.update(amount_minor=1),
        lambda: Entry.objects.all().delete(),
        lambda: Event.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError, match=r"Cannot (update|delete)"), transaction.atomic():
            change()


def expired(kept: Quote) -> datetime:
    return kept.expires_at + timedelta(seconds=1)


def test_an_expired_quote_is_refused_and_renewed(cast: Cast, sandbox: SandboxProcess) -> None:
    kept = world.quoted(cast.owner)
    with pytest.raises(QuoteExpired):
        world.placed(sandbox, kept, now=expired(kept))
    fresh = quote.renew(kept, now=expired(kept))
    kept.refresh_from_db()
    assert (kept.state, kept.superseded_by, fresh.total_minor) == ("superseded", fresh, kept.total_minor)
    assert world.placed(sandbox, fresh, now=expired(kept)).state == "open"


def test_another_card_after_a_decline_is_tried_within_the_promise_only(cast: Cast, sandbox: SandboxProcess) -> None:
    kept = world.quoted(cast.owner)
    world.collected(world.placed(sandbox, kept, DECLINED))
    with pytest.raises(QuoteExpired):
        world.placed(sandbox, kept, now=expired(kept))
    fresh = quote.renew(kept, now=expired(kept))
    kept.refresh_from_db()
    assert (kept.state, kept.superseded_by) == ("accepted", fresh)
    assert world.placed(sandbox, fresh, now=expired(kept)).quote == fresh
    assert list(Order.objects.order_by("placed_at").values_list("state", flat=True)) == ["closed", "open"]


def test_a_quote_of_an_older_catalogue_is_refused(cast: Cast, sandbox: SandboxProcess) -> None:
    kept = world.quoted(cast.owner)
    dearer = (world.ROOT / "catalogue.toml").read_text().replace('"109.00"', '"119.00"')
    world.publish(dearer)
    with pytest.raises(OlderCatalogue):
        world.placed(sandbox, kept)
    assert quote.renew(kept, now=NOON).total_minor == 5 * 11900 * 120 // 100


def test_details_that_change_the_tax_ask_for_another_look(cast: Cast, sandbox: SandboxProcess) -> None:
    kept = world.quoted(cast.owner)
    details.save(cast.account, cast.owner, world.GERMAN, now=NOON)
    with pytest.raises(TaxChanged):
        world.placed(sandbox, kept)
    assert not Payment.objects.exists()


@pytest.mark.parametrize("refusal", [TermsNotAccepted, TermsChanged, CardMissing, NoSavedCard, NotABuyer])
def test_an_order_that_cannot_be_placed_changes_nothing(
    cast_of_its_own: Cast, sandbox: SandboxProcess, refusal: type[Refusal]
) -> None:
    cast = cast_of_its_own
    kept = world.quoted(cast.owner)
    accepted = world.evidence()
    wrong_terms = type(accepted)(**{**{n: getattr(accepted, n) for n in accepted.__slots__}, "terms_sha256": "0" * 64})
    attempt = {
        TermsNotAccepted: (cast.owner, "new", None),
        TermsChanged: (cast.owner, "new", wrong_terms),
        CardMissing: (cast.owner, "new", accepted),
        NoSavedCard: (cast.owner, "saved", accepted),
        NotABuyer: (cast.admin, "new", accepted),
    }
    member, card, terms = attempt[refusal]
    with pytest.raises(refusal):
        order.place(kept, member=member, card=card, evidence=terms, now=NOON)
    assert not Order.objects.exists()


def test_billing_details_are_needed(cast: Cast, sandbox: SandboxProcess) -> None:
    kept = quote.make(cast.account, cast.owner, Choice("team", "month", 5), now=NOON)
    world.type_card(sandbox, kept)
    with pytest.raises(BillingDetailsMissing):
        order.place(kept, member=cast.owner, card="new", evidence=world.evidence(), now=NOON)


@pytest.mark.parametrize(
    ("choice", "refusal"),
    [
        (Choice("gold", "month", 5), PlanUnknown),
        (Choice("free", "month", 5), PlanUnknown),
        (Choice("team", "week", 5), IntervalUnknown),
        (Choice("team", "month", 0), SeatsBelowMinimum),
        (Choice("team", "month", -1), SeatsBelowMinimum),
        (Choice("team", "month", 10**9), SeatsAboveMaximum),
        (Choice("team", "month", 3), SeatsBelowMembers),
    ],
)
def test_a_choice_that_cannot_be_bought_is_refused_by_name(cast: Cast, choice: Choice, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal) as caught:
        quote.make(cast.account, cast.owner, choice, now=NOON)
    assert caught.value.text("en") != caught.value.text("fr")
    assert not Quote.objects.exists()


@pytest.mark.parametrize("text", ["1.5", "", "many", "1e3", "٣", "+4", "1" * 30, "--1", "NaN"])
def test_only_whole_numbers_are_seats(text: str) -> None:
    with pytest.raises(SeatsNotANumber):
        choice_from("team", "month", text)


def test_billed_periods_cannot_overlap(cast: Cast, sandbox: SandboxProcess) -> None:
    world.bought(sandbox, cast.owner)
    billed = BillingPeriod.objects.get()
    with pytest.raises(Exception, match="each_instant_billed_once"):
        BillingPeriod.objects.create(subscription=billed.subscription, period=billed.period)


def test_numbers_and_dates_of_invoices_go_up_together(cast: Cast, sandbox: SandboxProcess) -> None:
    """A settlement whose clock was read before a slow bank answered is dated like the one that overtook it."""
    slow, quick = world.quoted(cast.owner), world.quoted(cast.stranger)
    accepted = world.placed(sandbox, slow)
    tomorrow = NOON + timedelta(days=1)
    world.collected(world.placed(sandbox, quote.renew(quick, now=tomorrow), now=tomorrow), now=tomorrow)
    world.collected(accepted, now=NOON)
    issued = list(Invoice.objects.order_by("sequence").values_list("account", "issued_on"))
    assert [account for account, _ in issued] == [cast.stranger.account_id, cast.account.id]
    assert issued[0][1] == issued[1][1]


def test_the_invoice_says_how_it_was_paid(cast: Cast, sandbox: SandboxProcess) -> None:
    invoice = world.bought(sandbox, cast.owner).invoice
    assert invoice is not None
    assert (invoice.paid_with, invoice.payment_reference) == ("Visa •••• 4242", Payment.objects.get().public_id)
