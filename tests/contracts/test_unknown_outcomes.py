"""Bad days (faults F07 to F13): what we do not know is Unknown, never Failed, and asking settles it."""

from contextlib import suppress

import pytest

from palier.apps.gateways.contract import ActionRequired, Failed, GatewayUnreachable, Succeeded, Unknown
from tests.contracts.stages import Stage, charge_of
from tests.live_stack import until

DAY = 24 * 3600


def test_cut_off_before_capture_it_is_surely_absent_and_the_same_key_charges_once(stage: Stage, reference: str) -> None:
    wish = charge_of(reference, stage.card("good"))
    stage.fault("timeout_before_capture")

    assert isinstance(stage.gateway.charge(wish), Unknown)
    assert stage.gateway.find(reference) is None
    assert isinstance(stage.gateway.charge(wish), Succeeded)
    assert stage.captured(reference) == 1


@pytest.mark.parametrize("fault", ["timeout_after_capture", "error_after_capture", "answer_junk"])
def test_captured_without_a_usable_answer_it_is_found_and_never_charged_again(
    stage: Stage, reference: str, fault: str
) -> None:
    wish = charge_of(reference, stage.card("good"))
    stage.fault(fault)

    assert isinstance(stage.gateway.charge(wish), Unknown)
    found = stage.gateway.find(reference)
    assert isinstance(found, Succeeded)
    assert stage.gateway.charge(wish) == found
    assert stage.captured(reference) == 1


def test_an_error_that_is_said_again_under_its_key_is_settled_by_the_question(stage: Stage, reference: str) -> None:
    """Some services keep the first answer of a key, an error as well: only a question gets further."""
    wish = charge_of(reference, stage.card("good"))
    stage.fault("error_replayed")

    assert [type(stage.gateway.charge(wish)) for _ in range(3)] == [Unknown] * 3
    assert isinstance(stage.gateway.find(reference), Succeeded)
    assert stage.captured(reference) == 1


@pytest.mark.parametrize("fault", ["timeout_before_capture", "timeout_after_capture"])
def test_silence_ends_at_our_own_time_out(stage: Stage, reference: str, fault: str) -> None:
    wish = charge_of(reference, stage.card("good"))
    stage.fault(fault, hold_seconds=3)

    assert isinstance(stage.impatient.charge(wish), Unknown)
    until(stage.all_faults_met, "the fault to meet the request that nobody waits for any more")
    assert isinstance(stage.gateway.charge(wish), Succeeded)
    assert stage.captured(reference) == 1


@pytest.mark.parametrize("fault", ["rate_limited", "key_in_use"])
def test_a_busy_gateway_is_never_read_as_a_decline(stage: Stage, reference: str, fault: str) -> None:
    wish = charge_of(reference, stage.card("good"))
    stage.fault(fault)

    assert isinstance(stage.gateway.charge(wish), Unknown)
    assert isinstance(stage.gateway.charge(wish), Succeeded)
    assert stage.captured(reference) == 1


def test_an_answer_that_comes_twice_is_one_payment_and_is_never_taken_for_the_next_answer(
    stage: Stage, reference: str
) -> None:
    """The second copy waits in the connection: the next question must not read it as its own answer."""
    token, declined, another = stage.card("good"), stage.card("declined"), f"{reference}x"
    stage.fault("answer_twice")

    with stage.apart() as gateway:
        assert isinstance(gateway.charge(charge_of(reference, token)), Succeeded)
        assert isinstance(gateway.charge(charge_of(another, declined)), Unknown | Failed)

    assert isinstance(stage.gateway.charge(charge_of(another, declined)), Failed)
    assert (stage.captured(reference), stage.captured(another)) == (1, 0)


def test_a_stray_answer_never_becomes_someone_elses_card(stage: Stage, reference: str) -> None:
    token = stage.card("good")
    stage.fault("answer_twice")

    with stage.apart() as gateway:
        gateway.charge(charge_of(reference, token))
        with suppress(GatewayUnreachable):
            assert gateway.card_from_fields(reference) is None
        assert gateway.card_from_fields(reference) is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("amount_minor", 1),
        ("amount_minor", 13081),
        ("amount_minor", "13080"),
        ("amount_minor", True),
        ("currency", "USD"),
        ("reference", "pay_another"),
        ("payment_method", "card_another"),
        ("id", None),
        ("state", "perhaps"),
        ("state", None),
    ],
)
def test_an_answer_that_contradicts_the_question_is_unknown(
    stage: Stage, reference: str, field: str, value: object
) -> None:
    stage.fault("lie", field=field, value=value)

    assert isinstance(stage.gateway.charge(charge_of(reference, stage.card("good"))), Unknown)


def test_a_lie_that_goes_on_is_handed_over_as_stated_so_that_settling_can_refuse_it(
    stage: Stage, reference: str
) -> None:
    stage.fault("lie", field="amount_minor", value=1)
    stage.gateway.charge(charge_of(reference, stage.card("good")))

    found = stage.gateway.find(reference)

    assert isinstance(found, Succeeded)
    assert found.amount_minor == 1


def test_a_gateway_that_forgot_the_key_charges_twice_so_ask_before_sending_again(stage: Stage, reference: str) -> None:
    """The reason why a key older than the gateway's memory is looked up and never sent again."""
    wish = charge_of(reference, stage.card("good"))
    stage.fault("forget_keys")
    stage.gateway.charge(wish)

    assert isinstance(stage.gateway.find(reference), Succeeded)
    stage.gateway.charge(wish)
    assert stage.captured(reference) == 2


def test_keys_are_remembered_as_long_as_the_adapter_declares_and_charges_are_found_for_ever(
    stage: Stage, reference: str
) -> None:
    wish = charge_of(reference, stage.card("good"))
    first = stage.gateway.charge(wish)
    stage.advance(stage.gateway.key_memory_seconds * 0.9)
    assert stage.gateway.charge(wish) == first

    stage.advance(30 * DAY)

    assert stage.gateway.find(reference) == first
    assert stage.captured(reference) == 1


def test_money_taken_after_a_cancel_is_told(stage: Stage, reference: str) -> None:
    stage.fault("capture_late", seconds=60)
    assert isinstance(stage.gateway.charge(charge_of(reference, stage.card("good"))), Unknown)
    assert isinstance(stage.gateway.find(reference), Unknown)
    assert isinstance(stage.gateway.cancel(reference), Failed)

    stage.advance(61)

    assert isinstance(stage.gateway.find(reference), Succeeded)
    assert stage.captured(reference) == 1


def test_a_gateway_that_is_down_is_unknown_when_charging_and_unreachable_when_asked(
    stage: Stage, reference: str
) -> None:
    wish = charge_of(reference, stage.card("good"))
    stage.fault("down", times=5)

    assert isinstance(stage.gateway.charge(wish), Unknown)
    with pytest.raises(GatewayUnreachable):
        stage.gateway.find(reference)
    with pytest.raises(GatewayUnreachable):
        stage.gateway.cancel(reference)
    with pytest.raises(GatewayUnreachable):
        stage.gateway.card_from_fields("quo_1")
    assert isinstance(stage.gateway.refund(reference, amount_minor=1, key="r"), Unknown)

    assert stage.gateway.find(reference) is None
    assert isinstance(stage.gateway.charge(wish), Succeeded)


@pytest.mark.parametrize("fault", ["timeout_after_capture", "error_after_capture", "answer_junk", "rate_limited"])
def test_a_question_without_a_usable_answer_proves_nothing(stage: Stage, reference: str, fault: str) -> None:
    stage.gateway.charge(charge_of(reference, stage.card("good")))
    stage.fault(fault, operation="find")

    with pytest.raises(GatewayUnreachable):
        stage.gateway.find(reference)
    assert isinstance(stage.gateway.find(reference), Succeeded)


def test_a_cancel_whose_answer_is_lost_can_be_asked_again(stage: Stage, reference: str) -> None:
    waiting = stage.gateway.charge(charge_of(reference, stage.card("asks")))
    assert isinstance(waiting, ActionRequired)
    stage.fault("timeout_after_capture", operation="cancel")

    with pytest.raises(GatewayUnreachable):
        stage.gateway.cancel(reference)
    assert stage.gateway.cancel(reference) == Failed("canceled", waiting.gateway_id)
