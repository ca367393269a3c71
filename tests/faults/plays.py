"""A play: one flow, acted until its process dies, and what three kinds of client do about it afterwards."""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from django.db import connection

from palier.apps.accounts.models import Account
from palier.apps.events.models import Event
from palier.apps.notices.models import Mail
from palier.apps.payments.models import UNRESOLVED, Payment, PaymentMethod
from palier.kit import ids
from palier.kit.refusals import Refusal
from tests.actors import stories
from tests.sandbox_process import SandboxProcess

Rows = dict[str, list[list[Any]]]
"""All that is written about an account: its rows by subject, each with what may change of it."""


def taken_from(account: Account, sandbox: SandboxProcess) -> dict[str, int]:
    """What the gateway's own book says was taken from the account's cards: sums by reference, whoever knows them."""
    cards = set(PaymentMethod.objects.filter(account=account).values_list("token", flat=True))
    book = [row for row in sandbox.book_of(cards)["charges"] if row["state"] == "succeeded"]
    assert len({row["reference"] for row in book}) == len(book), "taken twice under one key"
    return {row["reference"]: row["amount_minor"] for row in book}


_MINE: Final = "account_id = %(account)s"
_WAITING: Final = f"subscription_id IN (SELECT id FROM subscriptions_subscription WHERE {_MINE})"
_WRITTEN: Final = {
    "orders": ("id, state", "orders_order", _MINE),
    "payments": ("id, state", "payments_payment", _MINE),
    "invoices": ("id, state", "invoices_invoice", _MINE),
    "subscriptions": ("id, version, state", "subscriptions_subscription", _MINE),
    "waiting": ("id, state", "subscriptions_scheduledchange", _WAITING),
    "requests": ("id, state", "orders_seatrequest", _MINE),
    "pursuits": ("id, state, failures, next_try_at", "payments_collection", _MINE),
    "default": ("id", "payments_paymentmethod", f"{_MINE} AND is_default"),
    "ledger": ("id", "ledger_transaction", _MINE),
    "buyer": ("accounts_billingprofile", "accounts_billingprofile", _MINE),
    "facts": ("id, kind", "events_event", _MINE),
    "letters": ("id", "notices_mail", _MINE),
    "dates": ("kind, subject, due_at", "agenda_due", _MINE),
}
"""By subject: the columns, where they are, and which rows. One statement reads them all: each play asks twice."""

_ROWS: Final = "SELECT json_build_object({})".format(
    ", ".join(
        f"'{name}', ARRAY(SELECT json_build_array({columns}) FROM {table} WHERE {which} ORDER BY {columns})"
        for name, (columns, table, which) in _WRITTEN.items()
    )
)


def rows_of(account: Account) -> Rows:
    """A card that was typed and paid nothing does not count."""
    with connection.cursor() as cursor:
        cursor.execute(f"{_ROWS}::text", {"account": account.id})
        found: Rows = json.loads(cursor.fetchone()[0])
    return found


Promise = Callable[["Play", SandboxProcess], None]
"""Raises where a promise is broken once the story has ended."""


@dataclass(frozen=True)
class Play:
    """A story of ``tests.actors.stories`` with its arguments, about one account.

    ``elsewhere`` is what a second tab does, and ``at`` the instant of it all. ``traces`` says whether a death has left
    something that is not the account's.
    """

    story: str
    arguments: dict[str, Any]
    account: Account
    at: datetime
    before: Rows
    kept: Promise
    elsewhere: Callable[[], object]
    traces: Callable[[], bool]

    def taken(self, sandbox: SandboxProcess) -> dict[str, int]:
        """What was taken since the play began, by reference."""
        known = {ids.public_id(Payment.id_prefix, identity) for identity, _ in self.before["payments"]}
        everything = taken_from(self.account, sandbox)
        return {reference: minor for reference, minor in everything.items() if reference not in known}

    def changed(self, sandbox: SandboxProcess) -> bool:
        """Whether the death has left anything behind at all."""
        return rows_of(self.account) != self.before or bool(self.taken(sandbox)) or self.traces()

    def facts(self, kind: str) -> int:
        """How many facts of a kind were noted since the play began."""
        known = {identity for identity, _ in self.before["facts"]}
        return Event.objects.filter(account_id=self.account.id, kind=kind).exclude(pk__in=known).count()

    def letters(self, kind: str) -> int:
        """How many letters of a kind were written since the play began, each with the one job that sends it."""
        known = [identity for (identity,) in self.before["letters"]]
        new = Mail.objects.filter(account_id=self.account.id, kind=kind).exclude(pk__in=known)
        for letter in new:
            assert stories.jobs_of("send_mail", mail_id=letter.id) == 1, f"the letter {letter.key} is not sent once"
        return new.count()


Staging = Callable[[SandboxProcess], Play]
"""Makes a fresh account and all that a play needs before it begins."""


def curtain(
    account: Account,
    at: datetime,
    *,
    story: str,
    kept: Promise,
    elsewhere: Callable[[], object],
    traces: Callable[[], bool] = lambda: False,
    **arguments: Any,
) -> Play:
    """What was before is noted, and the queue is empty: what is found in it later is the play's."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
    given = {**arguments, "account": account.id, "at": at.isoformat()}
    return Play(story, given, account, at, rows_of(account), kept, elsewhere, traces)


# After the death: who comes back?


def the_same_again(play: Play) -> None:
    """They saw no answer, so they press again. A refusal is an answer: the screen says how things stand."""
    with suppress(Refusal):
        stories.STORIES[play.story](**play.arguments)


def nobody_comes_back(play: Play) -> None:
    """Only the clock goes on, and the worker with what was deferred."""
    stories.clock_turns(play.account.id, (play.at + timedelta(minutes=10)).isoformat())


def a_second_tab(play: Play) -> None:
    """They do another thing elsewhere, and then press here again."""
    with suppress(Refusal):
        play.elsewhere()
    the_same_again(play)


Behaviour = Callable[[Play], None]
BEHAVIOURS: Final[tuple[Behaviour, ...]] = (the_same_again, nobody_comes_back, a_second_tab)


def recovered(play: Play, behaviour: Behaviour, sandbox: SandboxProcess) -> str:
    """Let recovery run and the dust settle; what is broken then. Where nothing had begun, it can be done as before."""
    try:
        behaviour(play)
        _until_quiet(play)
        if not play.changed(sandbox):
            the_same_again(play)
            _until_quiet(play)
        play.kept(play, sandbox)
    except AssertionError as error:
        return str(error).partition("\n")[0] or repr(error)
    return ""


def _until_quiet(play: Play) -> None:
    """The clock goes on while a payment is not over: the gateway may still be at work on what the dead one sent."""
    for minutes in (0, 20, 30, 40):
        stories.clock_turns(play.account.id, (play.at + timedelta(minutes=minutes)).isoformat())
        if not Payment.objects.filter(account=play.account, state__in=UNRESOLVED).exists():
            return


def second_tab(story: str, account: Account, at: datetime, **arguments: Any) -> Callable[[], object]:
    """A story that is told elsewhere, as a second tab does."""
    return partial(stories.STORIES[story], account=account.id, at=at.isoformat(), **arguments)
