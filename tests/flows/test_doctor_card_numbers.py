"""A card's number in any text is found however it is written, and what the program itself writes is taken for none."""

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.db import connection

from palier.apps.events.actions import record
from palier.apps.gateways.models import GatewayEvent
from palier.apps.notices.models import Mail
from palier.apps.orders.models import Order
from palier.apps.payments.models import Payment
from palier.flows.invariants import Look, card_data
from palier.kit import card_numbers, clock, ids
from tests import world
from tests.books import FOR_EVER
from tests.flows.by_hand import by_hand
from tests.kit.test_card_numbers import SEPARATORS, ZEROS, in_script
from tests.sandbox_process import SandboxProcess
from tests.world import Cast

pytestmark = pytest.mark.django_db

VISA = "4242424242424242"

AS_PEOPLE_WRITE_THEM = (
    "4242\u00a04242\u00a04242\u00a04242",
    "4242\u202f4242\u202f4242\u202f4242",
    "4242  4242  4242  4242",
    "4242/4242/4242/4242",
    "4242\n4242\r\n4242\t4242",
    "4242–4242–4242–4242",
    "4242_4242_4242_4242",
    "card_4242424242424242",
    "carte4242424242424242EUR",
    "٤٢٤٢ ٤٢٤٢ ٤٢٤٢ ٤٢٤٢",
    "8171 9999 2766 0000",
    "9792030000000000",
    "Voilà : 3782 822463 10005, à débiter",
)


@pytest.fixture
def paid(cast: Cast, sandbox: SandboxProcess) -> Order:
    world.publish()
    return world.bought(sandbox, cast.owner, now=clock.now())


def in_a_letter(paid: Order, number: str) -> None:
    Mail.objects.update(text=f"Je paie avec {number}, merci.")


def in_a_fact(paid: Order, number: str) -> None:
    record(paid.account_id, "account.released", by=paid.member.author, now=clock.now(), why=number)


def in_a_job(paid: Order, number: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET args = args || %s::jsonb", [json.dumps({"word": number})])


def found() -> set[str]:
    """The columns in which a card's number is found."""
    (asked,) = card_data.INVARIANTS
    return {breach.subject for breach in asked.breaches(Look(clock.now(), FOR_EVER))}


@pytest.mark.parametrize("number", AS_PEOPLE_WRITE_THEM)
def test_a_number_is_found_however_people_write_it(paid: Order, number: str) -> None:
    """All that ``card_numbers`` hides where it is asked: a place that forgot to ask is seen."""
    assert found() == set()
    places: dict[str, Callable[[Order, str], None]] = {
        "notices_mail.text": in_a_letter,
        "events_event.payload": in_a_fact,
        "procrastinate_jobs.args": in_a_job,
    }
    for write in places.values():
        write(paid, number)
    assert found() == set(places)


def test_a_number_that_a_payment_service_tells_is_found(paid: Order) -> None:
    GatewayEvent.objects.create(
        gateway="sandbox",
        external_id="evt_1",
        kind="charge.succeeded",
        reference="pay_1",
        payload={"card": int(VISA)},
        received_at=clock.now(),
    )
    Payment.objects.update(action_url=f"https://bank.example/confirm?card={VISA}")
    assert found() == {"gateways_gatewayevent.payload", "payments_payment.action_url"}


def test_digests_and_the_names_of_payment_services_are_no_numbers_of_cards(paid: Order) -> None:
    """Digits with a letter beside them are there by chance."""
    by_hand(f"UPDATE payments_paymentmethod SET token = 'card_{VISA}', fingerprint = 'f{VISA}a'")
    by_hand(f"UPDATE payments_payment SET gateway_id = 'ch_{VISA}', quote_digest = 'a{VISA}'")
    by_hand(f"UPDATE orders_order SET terms_sha256 = 'ab{VISA}cd'")
    by_hand(f"UPDATE notices_mail SET key = 'invariants:a{VISA}b' WHERE id = (SELECT min(id) FROM notices_mail)")
    assert found() == set()


@pytest.mark.parametrize("year", range(2026, 2050))
def test_our_own_identities_are_never_numbers_of_cards(year: int) -> None:
    """Of two hundred that follow one another, twenty have the right check digit."""
    first = ids.first_of(datetime(year, 7, 20, tzinfo=UTC))
    assert not any(card_data._is_one_by_itself(str(first + more)) for more in range(200))


def test_every_column_that_is_read_strictly_exists() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema()"
        )
        assert set(cursor.fetchall()) >= card_data._OURS


def test_the_database_picks_out_whatever_the_program_would_hide() -> None:
    written = [
        between.join((number[:4], number[4:8], number[8:12], number[12:]))
        for number in (in_script(VISA, zero) for zero in ZEROS)
        for between in SEPARATORS
    ]
    assert all(card_numbers.mask(text)[1] for text in written)
    pattern = card_numbers.in_sql()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT said FROM unnest(%s::text[]) said WHERE NOT said ~ %s OR NOT to_jsonb(said)::text ~ %s",
            [written, pattern, pattern],
        )
        assert cursor.fetchall() == []
