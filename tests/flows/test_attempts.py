"""No place to try out stolen cards: failed payments are counted, and what a bank refused for good is not repeated."""

import dataclasses
from contextlib import suppress
from datetime import timedelta

import pytest

from palier.apps.gateways import gateway
from palier.apps.gateways.reasons import REASONS, TRIED_TOO_OFTEN
from palier.apps.notices.models import Mail
from palier.apps.orders.models import Order, Quote
from palier.apps.payments.models import Payment, PaymentMethod
from palier.apps.subscriptions.models import Subscription
from palier.flows import attempts, card, dun, order, quote
from palier.flows.people import signup
from palier.kit.refusals import Refusal
from tests import unpaid, world
from tests.books import assert_balanced
from tests.sandbox_process import SandboxProcess
from tests.world import NOON, Cast

LOST = "4000 0000 0000 9987"
EXPIRED = "4000 0000 0000 0069"


def declined(sandbox: SandboxProcess, kept: Quote, times: int) -> Order:
    for _ in range(times):
        accepted = world.placed(sandbox, kept, world.DECLINED)
        assert world.collected(accepted).state == "failed"
    return accepted


def test_the_eleventh_attempt_within_a_day_is_refused_and_says_when_to_come_back(
    cast: Cast, sandbox: SandboxProcess
) -> None:
    kept = world.quoted(cast.owner)
    declined(sandbox, kept, 10)
    later = NOON + timedelta(minutes=10)
    with pytest.raises(attempts.TooManyFailures) as refused:
        world.placed(sandbox, kept, now=later)
    assert "in 24 h" in refused.value.text("en")
    assert Payment.objects.count() == 10

    day_after = NOON + attempts.WITHIN
    assert (
        world.collected(world.placed(sandbox, quote.renew(kept, now=day_after), now=day_after), now=day_after).state
        == "succeeded"
    )


def test_nine_failures_still_let_the_tenth_card_pay(cast: Cast, sandbox: SandboxProcess) -> None:
    kept = world.quoted(cast.owner)
    declined(sandbox, kept, 9)
    assert world.collected(world.placed(sandbox, kept)).state == "succeeded"


def test_another_account_is_not_held_up(cast: Cast, sandbox: SandboxProcess) -> None:
    declined(sandbox, world.quoted(cast.owner), 10)
    assert world.collected(world.placed(sandbox, world.quoted(cast.stranger))).state == "succeeded"


def test_a_card_is_counted_over_all_accounts_whoever_types_it(cast: Cast, sandbox: SandboxProcess) -> None:
    """Three accounts of one thief: the bank sees as many tries of the card as the networks allow."""
    seen = 0
    for number in range(3):
        kept = newcomer(number)
        with suppress(attempts.CardTriedTooOften, attempts.TooManyFailures):
            for _ in range(10):
                tried_from(sandbox, kept, "", world.DECLINED, expiry="03/44")
                seen += 1
    assert seen == attempts.NETWORK_TRIES == Payment.objects.filter(state="failed").count()
    other = tried_from(sandbox, newcomer(4), "", world.DECLINED, expiry="04/44")
    assert other.payments.get().reason == "declined", "another card is asked about"


def test_what_a_bank_refused_for_good_in_one_account_is_tried_in_no_other(cast: Cast, sandbox: SandboxProcess) -> None:
    tried_from(sandbox, world.quoted(cast.owner), "", LOST, expiry="03/44")
    with pytest.raises(attempts.CardRefusedForGood):
        tried_from(sandbox, world.quoted(cast.stranger), "", LOST, expiry="03/44")
    assert Payment.objects.count() == 1


def test_what_a_sandbox_account_tries_says_nothing_about_real_cards(cast: Cast, sandbox: SandboxProcess) -> None:
    for trying in (newcomer(1, sandbox_account=True), newcomer(2, sandbox_account=True), newcomer(3)):
        assert tried_from(sandbox, trying, "", LOST, expiry="03/44").payments.get().reason == "lost_card"


@pytest.mark.parametrize("number", [LOST, EXPIRED])
def test_a_card_refused_for_good_is_not_tried_again_however_often_it_is_typed(
    cast: Cast, sandbox: SandboxProcess, number: str
) -> None:
    kept = world.quoted(cast.owner)
    assert world.collected(world.placed(sandbox, kept, number)).state == "failed"
    for _ in range(2):
        with pytest.raises(attempts.CardRefusedForGood):
            world.placed(sandbox, kept, number)
    assert Payment.objects.count() == 1
    assert world.collected(world.placed(sandbox, kept)).state == "succeeded"


def test_a_card_typed_with_a_wrong_expiry_may_be_corrected(cast: Cast, sandbox: SandboxProcess) -> None:
    kept = world.quoted(cast.owner)
    assert world.collected(world.placed(sandbox, kept, EXPIRED)).reason == "expired_card"
    fields = gateway().card_fields_url(
        order.card_reference(kept, kept.member), locale="en", parent_origin="http://127.0.0.1:8000"
    )
    sandbox.type_card(fields, EXPIRED, expiry="11/33")
    order.place(kept, member=kept.member, card="new", evidence=world.evidence(), now=NOON)
    assert Payment.objects.count() == 2


def test_a_plain_decline_may_be_tried_again_with_the_same_card(cast: Cast, sandbox: SandboxProcess) -> None:
    accepted = declined(sandbox, world.quoted(cast.owner), 2)
    assert accepted.payments.count() == 2


def tried_from(sandbox: SandboxProcess, kept: Quote, address: str, number: str, *, expiry: str = "") -> Order:
    world.type_card(sandbox, kept, number, expiry=expiry)
    here = dataclasses.replace(world.evidence(), address=address or None)
    accepted = order.place(kept, member=kept.member, card="new", evidence=here, now=NOON)
    world.collected(accepted)
    return accepted


def newcomer(number: int, *, sandbox_account: bool = False) -> Quote:
    owner = signup.open_account(
        world.person(f"tester{number}@cards.example", "T"),
        company="Cards",
        country="FR",
        language="en",
        sandbox=sandbox_account,
        now=NOON,
    )
    return world.quoted(owner)


def test_many_accounts_at_one_address_try_no_more_cards_than_one_address_may(
    cast: Cast, sandbox: SandboxProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "ADDRESS_FAILURES", 6)
    honest = tried_from(sandbox, world.quoted(cast.owner), "81.2.69.142", world.GOOD)
    assert honest.payments.get().state == "succeeded"
    refused, seen = 0, 0
    for number in range(5):
        kept = newcomer(number)
        for _ in range(3):
            try:
                tried_from(sandbox, kept, "81.2.69.142", world.DECLINED)
                seen += 1
            except attempts.TooManyFailuresHere:
                refused += 1
    assert (seen, refused) == (6, 9), "the gateway sees as many as an address may try"
    assert Payment.objects.filter(state="failed").count() == 6

    why = attempts.refusal_here(cast.account, "81.2.69.142", now=NOON)
    assert why is not None
    assert "Nothing was taken" in why.text("en")
    assert "Rien n’a été prélevé" in why.text("fr")
    elsewhere = tried_from(sandbox, world.quoted(cast.stranger), "81.2.69.143", world.GOOD)
    assert elsewhere.payments.get().state == "succeeded"
    assert attempts.refusal_here(cast.account, "81.2.69.142", now=NOON + attempts.WITHIN) is None


def test_a_try_counts_where_it_is_made_and_not_where_its_order_was_placed(
    cast: Cast, sandbox: SandboxProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "ADDRESS_FAILURES", 3)
    kept = world.quoted(cast.owner)
    tried_from(sandbox, kept, "81.2.69.141", world.DECLINED)
    for _ in range(3):
        tried_from(sandbox, kept, "81.2.69.142", world.DECLINED)
    with pytest.raises(attempts.TooManyFailuresHere):
        tried_from(sandbox, kept, "81.2.69.142", world.DECLINED)
    assert attempts.refusal_here(cast.account, "81.2.69.141", now=NOON) is None


def test_addresses_of_one_site_count_together_and_those_that_name_nobody_not_at_all(
    cast: Cast, sandbox: SandboxProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "ADDRESS_FAILURES", 2)
    kept = world.quoted(cast.owner)
    for address in ("2a02:2770::1", "2a02:2770::ffff:2", "10.0.0.1", "10.0.0.1"):
        tried_from(sandbox, kept, address, world.DECLINED)

    def here(address: str | None) -> Refusal | None:
        return attempts.refusal_here(cast.stranger.account, address, now=NOON)

    # One order keeps the address that it was placed from.
    assert isinstance(here("2a02:2770:0:0:abcd::3"), attempts.TooManyFailuresHere)
    assert [here(address) for address in ("2a02:2770:0:1::1", "10.0.0.1", "127.0.0.1", None)] == [None] * 4
    in_time = newcomer(1, sandbox_account=True).account
    assert attempts.refusal_here(in_time, "2a02:2770::1", now=NOON) is None


def test_tries_to_pay_an_invoice_count_at_their_address(
    cast: Cast, sandbox: SandboxProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "ADDRESS_FAILURES", 2)
    invoice = unpaid.renewed(sandbox, cast.owner)
    now = invoice.issued_at

    def pays_from(address: str | None, number: str) -> None:
        unpaid.typed_for(sandbox, invoice, cast.owner, number)
        dun.pay(invoice, cast.owner, "new", address=address, now=now)
        unpaid.collected(now=now)

    for address in ("81.2.69.142", "10.0.0.1", "81.2.69.142"):
        pays_from(address, world.DECLINED)
    with pytest.raises(attempts.TooManyFailuresHere):
        pays_from("81.2.69.142", world.GOOD)
    assert isinstance(
        attempts.refusal_here(cast.stranger.account, "81.2.69.142", now=now), attempts.TooManyFailuresHere
    )
    pays_from("81.2.69.143", world.GOOD)
    invoice.refresh_from_db()
    assert invoice.state == "paid"


def test_a_card_put_on_file_is_tried_where_it_is_typed_and_kept_where_no_more_may_be(
    cast: Cast, sandbox: SandboxProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "ADDRESS_FAILURES", 1)
    invoice = unpaid.renewed(sandbox, cast.owner)
    now, tries = invoice.issued_at, []
    for number in (world.DECLINED, world.GOOD):
        unpaid.typed_on_file(sandbox, cast.owner, number)
        kept = card.replace(cast.account, cast.owner, address="81.2.69.142", now=now)
        unpaid.collected(now=now)
        assert PaymentMethod.objects.get(account=cast.account, is_default=True) == kept
        tries.append(invoice.payments.filter(address="81.2.69.142").count())
    assert tries == [1, 1]
    assert isinstance(
        attempts.refusal_here(cast.stranger.account, "81.2.69.142", now=now), attempts.TooManyFailuresHere
    )


@pytest.mark.parametrize("reason", ["declined", "stolen_card"])
def test_the_first_charge_of_a_renewal_asks_the_bank_no_more_than_the_networks_allow(
    cast: Cast, sandbox: SandboxProcess, reason: str
) -> None:
    """The card on file was typed and declined elsewhere meanwhile: the customer is told, and may use another one."""

    def elsewhere() -> None:
        now = Subscription.objects.get().period_end - timedelta(days=5)
        twin = PaymentMethod.objects.get()
        twin.pk, twin.account, twin.token = twin.pk + 1, cast.stranger.account, "tok_elsewhere"
        twin.is_default = False
        twin.save(force_insert=True)
        order_there = world.placed(sandbox, world.quoted(cast.stranger, now=now), now=now)
        tried = order_there.payments.get()
        for _ in range(attempts.NETWORK_TRIES):
            tried.pk, tried.attempt, tried.method, tried.state = tried.pk + 1, tried.attempt + 1, twin, "failed"
            tried.reason, tried.sent_at, tried.resolved_at = reason, now, now
            tried.save(force_insert=True)

    invoice = unpaid.renewed(sandbox, cast.owner, world.GOOD, meanwhile=elsewhere)
    payment = invoice.payments.get()
    told = TRIED_TOO_OFTEN if reason == "declined" else reason
    assert (payment.state, payment.reason, payment.sent_at) == ("failed", told, None)
    assert invoice.collection.last_reason == told
    assert REASONS[told].en in Mail.objects.get(kind="payment_failed").text
    assert invoice.collection.next_try_at is None or reason == "declined"

    unpaid.typed_for(sandbox, invoice, cast.owner, "5555 5555 5555 4444")
    dun.pay(invoice, cast.owner, "new", now=invoice.issued_at)
    unpaid.collected(now=invoice.issued_at)
    invoice.refresh_from_db()
    assert invoice.state == "paid"
    assert_balanced(sandbox)


def ended(accepted: Order, reason: str, times: int, *, unsent: bool = False, address: str | None = None) -> None:
    """Tries of the order's card that failed for a reason, beside the one that there is."""
    tried = accepted.payments.latest("attempt")
    tried.gateway_id = ""
    for _ in range(times):
        tried.pk, tried.attempt, tried.state, tried.reason = tried.pk + 1, tried.attempt + 1, "failed", reason
        tried.sent_at, tried.resolved_at, tried.address = None if unsent else NOON, NOON, address
        tried.save(force_insert=True)


@pytest.mark.parametrize("reason", [one.code for one in REASONS.values() if one.said_by != "bank"])
def test_what_no_bank_declined_locks_nobody_out(cast: Cast, sandbox: SandboxProcess, reason: str) -> None:
    """An outage of ours, or a mind changed at the bank's page, however often."""
    accepted = declined(sandbox, world.quoted(cast.owner), 1)
    ended(accepted, reason, attempts.NETWORK_TRIES, unsent=reason == "not_sent_in_time")
    method = accepted.payments.latest("attempt").method
    assert attempts.refusal_at_the_screen(method, "81.2.69.142", now=NOON) is None
    assert attempts.next_possible(method, now=NOON) == NOON


@pytest.mark.parametrize("reason", [one.code for one in REASONS.values() if one.said_by == "bank"])
def test_what_a_bank_declined_counts(cast: Cast, sandbox: SandboxProcess, reason: str) -> None:
    accepted = declined(sandbox, world.quoted(cast.owner), 1)
    ended(accepted, reason, attempts.FAILURES - 1)
    method = accepted.payments.latest("attempt").method
    assert isinstance(attempts.refusal(method, now=NOON), attempts.TooManyFailures)


def test_what_waits_or_was_broken_off_at_the_bank_counts_at_its_address_and_our_own_failures_do_not(
    cast: Cast, sandbox: SandboxProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "ADDRESS_FAILURES", 5)
    here = "81.2.69.142"
    accepted = tried_from(sandbox, world.quoted(cast.owner), here, world.NEEDS_3DS)
    assert accepted.payments.get().state == "action_required"
    ended(accepted, "not_sent_in_time", 5, unsent=True, address=here)
    ended(accepted, "gateway_refused", 5, address=here)
    for reason in ("authentication_expired", "canceled", "authentication_refused"):
        ended(accepted, reason, 1, address=here)
    assert attempts.refusal_here(cast.stranger.account, here, now=NOON) is None
    ended(accepted, "declined", 1, address=here)
    why = attempts.refusal_here(cast.stranger.account, here, now=NOON)
    assert isinstance(why, attempts.TooManyFailuresHere)
