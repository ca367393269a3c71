"""The database says no in the middle, for real: a deadlock, a lock that does not come, a row that somebody else changed
first, a connection that is cut. The whole unit is undone and can be done again; the gateway is asked outside of it.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

import psycopg
import pytest
from django.db import connection
from django.test import Client
from psycopg import errors

from palier.apps.accounts.models import Account, AccountBusy, Member
from palier.apps.orders.models import Order
from palier.apps.payments.models import Payment
from palier.flows import card as cards
from palier.flows import dun, schedule
from palier.flows.change import Choice
from palier.interfaces.ui.errors import RETRY_AFTER_SECONDS
from palier.interfaces.worker import tasks
from palier.kit import clock
from tests import world
from tests.books import assert_balanced
from tests.faults.meetings import ALONE, SOON, end_of
from tests.faults.pauses import (
    AFTER_ITS_CHARGE,
    AFTER_ITS_LOCK,
    BEFORE_ITS_CHARGE,
    BEFORE_ITS_COMMIT,
    BEFORE_ITS_LOCK,
    Action,
    Actor,
    Point,
    Trouble,
    interrupted,
)
from tests.faults.promises import assert_paid_once
from tests.faults.scenes import an_owner
from tests.flows.test_races_of_a_life import MID_JUNE, Stage, renewing
from tests.interfaces.pages import Page
from tests.interfaces.scenes import owed
from tests.interfaces.test_services_down import AWAY, ONCE
from tests.interfaces.test_services_down import paid as what_the_form_sends
from tests.live_stack import until
from tests.report.happened import happened
from tests.report.size import sized
from tests.sandbox_process import SandboxProcess
from tests.unpaid import typed_for

SENT: Final = "POST /v1/charges: http11.send_request_headers"


# What is done


def pressing_pay(stage: Stage) -> Action:
    return stage.pressing(stage.quoted(Choice("business", "month", 6)))


def settling_an_order(stage: Stage) -> Action:
    pressing_pay(stage)()
    payment = Payment.objects.get(account=stage.account, state="started")
    return lambda: stage.ask(payment)


def paying_now(stage: Stage) -> Action:
    invoice = stage.is_past_due()
    typed_for(stage.sandbox, invoice, stage.owner, world.GOOD)
    return lambda: dun.pay(invoice, stage.owner, "new", now=SOON)


def settling_a_debt(stage: Stage) -> Action:
    paying_now(stage)()
    payment = Payment.objects.get(account=stage.account, state="started")
    return lambda: stage.ask(payment)


def a_decline_of_the_calendars_try(stage: Stage) -> Action:
    dun.retry(stage.is_past_due().id, now=SOON)
    payment = Payment.objects.get(account=stage.account, state="started")
    return lambda: stage.ask(payment)


def the_calendars_try(stage: Stage) -> Action:
    return partial(dun.retry, stage.is_past_due().id, now=SOON)


def giving_up(stage: Stage) -> Action:
    return partial(dun.give_up, stage.is_past_due().id, now=SOON)


def another_card(stage: Stage) -> Action:
    stage.is_past_due()
    stage.type_new_card()
    return partial(cards.replace, stage.account, stage.owner, now=SOON)


def canceling(stage: Stage) -> Action:
    return partial(schedule.cancel, stage.account, stage.owner, now=MID_JUNE)


Doing = Callable[[Stage], Action]
SETTLING: Final[tuple[Doing, ...]] = (settling_an_order, settling_a_debt, a_decline_of_the_calendars_try)
DOING: Final[tuple[Doing, ...]] = (
    pressing_pay,
    paying_now,
    the_calendars_try,
    giving_up,
    another_card,
    canceling,
    renewing,
    *SETTLING,
)
WAITING: Final = tuple(each for each in DOING if each is not renewing)
LOCKING: Final = sized((pressing_pay, paying_now, settling_an_order), WAITING, WAITING)
"""A renewal does not wait for a lock: it leaves who is busy for the next run."""


# What comes between


MONEY: Final = (
    "orders_quote",
    "payments_payment",
    "payments_paymentmethod",
    "invoices_invoice",
    "subscriptions_subscription",
)


class Rival:
    """Somebody else's session in the database."""

    def __init__(self, url: str) -> None:
        self.session = psycopg.connect(url)

    def takes_the_lock_of(self, account: Account) -> None:
        self.session.execute("SELECT FROM accounts_account WHERE id = %s FOR UPDATE", [account.id])

    def takes_what_it_will_need(self, stage: Stage) -> None:
        """Every row of money but the account's own, whose lock this session then waits for."""
        for table in MONEY:
            self.session.execute(f"SELECT FROM {table} WHERE account_id = %s FOR UPDATE", [stage.account.id])
        self.waits_for(stage.account.id)

    def waits_for(self, account_id: int) -> None:
        """Ask for an account's lock, and be waiting long enough to have looked for a deadlock before there is one: it
        is the other who will notice it."""
        wanted = f"SELECT FROM accounts_account WHERE id = {account_id} FOR UPDATE"
        self.session.pgconn.send_query(wanted.encode())
        looked = (
            "SELECT FROM pg_stat_activity WHERE pid = %s AND wait_event_type = 'Lock'"
            " AND clock_timestamp() - query_start > 2 * current_setting('deadlock_timeout')::interval"
        )
        until(lambda: _finds(looked, self.session.info.backend_pid), "the other session to wait")

    def lets_go(self) -> None:
        self.session.close()


@pytest.fixture
def rival(database_url: str) -> Iterator[Rival]:
    found = Rival(database_url)
    yield found
    found.lets_go()


def told(setting: str, action: Action) -> Action:
    """The action, by a session with a setting of its own."""

    def doing() -> object:
        with connection.cursor() as cursor:
            cursor.execute(setting)
        return action()

    return doing


def assert_undone_and_done_again(
    doing: Doing, stage: Stage, action: Action, failed: Actor, why: type[Exception], sandbox: SandboxProcess
) -> None:
    """The trouble was this one; nothing is half done; doing it again ends as if nothing had been, charged once."""
    assert isinstance(failed.answer, Trouble), repr(failed.answer)
    assert isinstance(failed.answer.__cause__, why), repr(failed.answer)
    happened("conflicts", why=why.__name__)
    again = interrupted(action)
    assert not isinstance(again.answer, Exception), repr(again.answer)
    if AFTER_ITS_CHARGE.name in failed.passed:
        assert not any(point.endswith(SENT) for point in again.passed), "charged again after the answer"
    assert end_of(stage) == undisturbed(doing, sandbox)
    assert_balanced(sandbox)


_ends: Final[dict[Doing, dict[str, object]]] = {}


def undisturbed(doing: Doing, sandbox: SandboxProcess) -> dict[str, object]:
    """How an account stands where nothing came between: the same each time, so that once is enough."""
    if doing not in _ends:
        stage = Stage(sandbox)
        doing(stage)()
        _ends[doing] = end_of(stage)
    return _ends[doing]


@pytest.mark.parametrize("doing", DOING, ids=lambda doing: doing.__name__)
def test_a_deadlock_undoes_the_whole_and_it_can_be_done_again(
    sandbox: SandboxProcess, rival: Rival, doing: Doing
) -> None:
    stage = Stage(sandbox)
    action = doing(stage)
    failed = interrupted(action, AFTER_ITS_LOCK, lambda _: rival.takes_what_it_will_need(stage))
    rival.lets_go()
    assert_undone_and_done_again(doing, stage, action, failed, errors.DeadlockDetected, sandbox)


@pytest.mark.parametrize("doing", LOCKING, ids=lambda doing: doing.__name__)
def test_a_lock_that_does_not_come_undoes_the_whole_and_it_can_be_done_again(
    sandbox: SandboxProcess, rival: Rival, doing: Doing
) -> None:
    stage = Stage(sandbox)
    action = doing(stage)
    failed = interrupted(
        told("SET lock_timeout = '20ms'", action), BEFORE_ITS_LOCK, lambda _: rival.takes_the_lock_of(stage.account)
    )
    rival.lets_go()
    assert_undone_and_done_again(doing, stage, action, failed, errors.LockNotAvailable, sandbox)


ALONE_AT: Final = sized((BEFORE_ITS_COMMIT,), ALONE, ALONE)
AROUND: Final = (BEFORE_ITS_CHARGE, AFTER_ITS_CHARGE, *ALONE)
CHARGED_AT: Final = sized((AFTER_ITS_CHARGE,), AROUND, AROUND)
CUT_AT: Final = {**dict.fromkeys(DOING, ALONE_AT), **dict.fromkeys(SETTLING, CHARGED_AT)}


@pytest.mark.parametrize(
    ("doing", "point"),
    [(doing, point) for doing, points in CUT_AT.items() for point in points],
    ids=lambda given: getattr(given, "__name__", str(given)),
)
def test_a_connection_that_is_cut_undoes_the_whole_and_it_can_be_done_again(
    sandbox: SandboxProcess, doing: Doing, point: Point
) -> None:
    stage = Stage(sandbox)
    action = doing(stage)
    failed = interrupted(action, point, cut)
    assert_undone_and_done_again(doing, stage, action, failed, psycopg.OperationalError, sandbox)


def cut(held: Actor) -> None:
    """The database ends the session."""
    _finds("SELECT pg_terminate_backend(%s)", held.backend)
    until(lambda: not _finds("SELECT FROM pg_stat_activity WHERE pid = %s", held.backend), "the end of the session")


def _finds(question: str, backend: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(question, [backend])
        return bool(cursor.rowcount)


def test_the_workers_try_again_a_bounded_number_of_times() -> None:
    for job in (tasks.collect_payment, tasks.handle_gateway_event, tasks.renew_chunk, tasks.work_off):
        strategy = job.retry_strategy
        assert strategy is not None
        assert 0 < strategy.max_attempts <= 12  # type: ignore[attr-defined]


def test_a_deadlock_at_pay_is_answered_and_pay_can_be_pressed_again(sandbox: SandboxProcess, rival: Rival) -> None:
    owner = an_owner()
    kept = world.quoted(owner, "team", "month", 3, now=clock.now())
    world.type_card(sandbox, kept)
    client = Client(raise_request_exception=False)
    client.force_login(owner.user)
    pressing = partial(client.post, f"/checkout/{kept.public_id}/", what_the_form_sends())

    def takes_the_quote(_: Actor) -> None:
        rival.session.execute("SELECT FROM orders_quote WHERE id = %s FOR UPDATE", [kept.id])
        rival.waits_for(kept.account_id)

    held = interrupted(pressing, Point("before lock orders_quote"), takes_the_quote)
    rival.lets_go()
    page = Page(held.answer)
    assert (page.status, page.heading) == (503, AWAY["en"])
    assert page.says(ONCE["en"])
    assert held.answer.headers["Retry-After"] == RETRY_AFTER_SECONDS  # type: ignore[attr-defined]
    assert not Order.objects.filter(account=owner.account).exists()

    assert pressing().status_code == 302
    world.collected(Order.objects.get(account=owner.account), now=clock.now())
    assert_paid_once(kept, sandbox)
    assert_balanced(sandbox)


@pytest.mark.parametrize(("lock", "status", "language"), [(1, 409, "fr"), (2, 422, "en")])
def test_who_pays_while_another_holds_the_account_is_told_and_pay_can_be_pressed_again(
    sandbox: SandboxProcess, rival: Rival, lock: int, status: int, language: str
) -> None:
    """The details of the form are saved under one lock, the order is placed under another."""
    owner = an_owner()
    kept = world.quoted(owner, "team", "month", 3, now=clock.now())
    world.type_card(sandbox, kept)
    client = Client()
    client.force_login(owner.user)
    client.cookies["django_language"] = language
    pressing = partial(client.post, f"/checkout/{kept.public_id}/", what_the_form_sends(language))
    impatient = told("SET lock_timeout = '20ms'", pressing)
    held = interrupted(impatient, Point(BEFORE_ITS_LOCK.name, lock), lambda _: rival.takes_the_lock_of(owner.account))
    rival.lets_go()
    page = Page(held.answer)
    assert (page.status, page.codes) == (status, [AccountBusy.code])
    assert page.says(AccountBusy().text(language))
    assert not Order.objects.exists()
    assert pressing().status_code == 302
    assert Order.objects.get().quote == kept


def an_order_given_up(owner: Member, sandbox: SandboxProcess) -> tuple[str, str]:
    accepted = world.placed(sandbox, world.quoted(owner, now=clock.now()), world.NEEDS_3DS, now=clock.now())
    world.collected(accepted, now=clock.now())
    return f"/orders/{accepted.public_id}/withdraw/", f"/orders/{accepted.public_id}/"


def an_invoice_given_up(owner: Member, sandbox: SandboxProcess) -> tuple[str, str]:
    invoice = owed(sandbox, owner, world.LATER_ASKS)
    page = f"/settings/billing/invoices/{invoice.public_id}/"
    return f"{page}withdraw/", page


def a_new_card(owner: Member, sandbox: SandboxProcess) -> tuple[str, str]:
    owed(sandbox, owner, world.LATER_ASKS)
    fields = cards.fields_url(cards.reference(owner), language="en", parent_origin="http://localhost")
    sandbox.type_card(fields, world.GOOD)
    return "/settings/billing/payment-method/", "/settings/billing/payment-method/"


@pytest.mark.parametrize(
    ("doing", "lock", "state"),
    [
        (an_order_given_up, 1, "action_required"),
        (an_invoice_given_up, 1, "action_required"),
        (a_new_card, 1, "action_required"),
        (a_new_card, 2, "succeeded"),
    ],
)
def test_who_gives_up_what_the_bank_has_taken_is_not_told_that_nothing_was(
    sandbox: SandboxProcess,
    rival: Rival,
    doing: Callable[[Member, SandboxProcess], tuple[str, str]],
    lock: int,
    state: str,
) -> None:
    """A new card gives up what waits under one lock, and takes its place under another."""
    owner = an_owner()
    client = Client()
    client.force_login(owner.user)
    path, page = doing(owner, sandbox)
    payment = Payment.objects.get(state="action_required")
    sandbox.answer_bank(payment.action_url)
    impatient = told("SET lock_timeout = '20ms'", partial(client.post, path))
    held = interrupted(impatient, Point(BEFORE_ITS_LOCK.name, lock), lambda _: rival.takes_the_lock_of(owner.account))
    rival.lets_go()
    assert sandbox.captured(payment.public_id) == 1
    payment.refresh_from_db()
    assert payment.state == state
    answer = Page(held.answer)
    seen = answer if answer.status != 302 else Page(client.get(page))
    assert not answer.codes
    assert not seen.says("Nothing was")
    assert seen.says("we do not know yet what became of your payment")
