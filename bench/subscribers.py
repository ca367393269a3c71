"""Subscribers by the hundred thousand, made inside the database: copies of one, in many shapes."""

from datetime import datetime
from typing import Any, Final

from django.db import connection
from django.db.models import Model

from palier.apps.accounts.models import Account, BillingProfile, Member, User
from palier.apps.agenda.models import Due
from palier.apps.payments.models import PaymentMethod
from palier.apps.subscriptions.models import BillingPeriod, Subscription, SubscriptionItem
from tests.crowd import Wish, subscribers

APART: Final = 100_000_000
"""Between the identities of one table's rows and the next one's."""

ACCOUNT, MEMBER, CARD, SUBSCRIPTION = (f"{place * APART} + n" for place in range(1, 5))
USER: Final = f"-{APART} - n"

COPIED: Final[tuple[tuple[type[Model], str], ...]] = (
    (
        User,
        f"'id', {USER}, 'email', 'bench' || n || '@bench.example', "
        "'language', CASE n %% 3 WHEN 0 THEN 'fr' ELSE 'en' END",
    ),
    (Account, f"'id', {ACCOUNT}, 'name', 'Agence ' || n"),
    (Member, f"'id', {MEMBER}, 'account_id', {ACCOUNT}, 'user_id', {USER}"),
    (
        BillingProfile,
        f"'account_id', {ACCOUNT}, 'name', 'Agence ' || n, 'address', n || ' rue de Rivoli', "
        "'email', 'compta' || n || '@bench.example', 'country', CASE n %% 4 WHEN 0 THEN 'BE' ELSE 'FR' END",
    ),
    (PaymentMethod, f"'id', {CARD}, 'account_id', {ACCOUNT}, 'token', 'card_' || n"),
    (Subscription, f"'id', {SUBSCRIPTION}, 'account_id', {ACCOUNT}"),
    (SubscriptionItem, f"'subscription_id', {SUBSCRIPTION}, 'quantity', 1 + n %% 40"),
    (BillingPeriod, f"'subscription_id', {SUBSCRIPTION}"),
    (Due, f"'subject', {SUBSCRIPTION}, 'account_id', {ACCOUNT}"),
)
"""The tables, and what is different from one subscriber to the next. Every second one has an add-on besides."""


def subscribe(places: range, *, renews_after: datetime, anchor: datetime) -> None:
    """Monthly subscribers: 40 sizes, with and without add-on, two tax rules, two languages."""
    (model,) = subscribers([Wish(add_on_units=1, anchor=anchor, renews_after=renews_after)])
    held = Subscription.objects.get(pk=model)
    values: dict[str, Any] = {"first": places.start, "last": places.stop - 1}
    values |= {"held": held.id, "account": held.account_id}
    with connection.cursor() as cursor:
        for kind, changes in COPIED:
            extra = ", 'id', nextval(pg_get_serial_sequence(%(table)s, 'id'))" if _counted(kind) else ""
            row, table = _row_of(held, kind), kind._meta.db_table
            only = "AND (template.kind = 'plan' OR n %% 2 = 0)" if kind is SubscriptionItem else ""
            cursor.execute(
                f"INSERT INTO {table} SELECT (jsonb_populate_record(template, jsonb_build_object({changes}{extra}))).* "  # noqa: S608
                f"FROM {table} template, generate_series(%(first)s, %(last)s) n WHERE template.{row} {only}",
                values | {"table": table},
            )
        cursor.execute("ANALYZE")
    Due.objects.filter(subject=model).delete()  # only its copies are renewed


def _counted(kind: type[Model]) -> bool:
    """Whether the database counts the key."""
    return kind in (SubscriptionItem, BillingPeriod, Due)


def _row_of(held: Subscription, kind: type[Model]) -> str:
    if kind is User:
        return f"id = {Member.objects.get(account=held.account_id).user_id}"
    keys = {Account: "id = %(account)s", Subscription: "id = %(held)s", Due: "subject = %(held)s"}
    of_account = {Member, BillingProfile, PaymentMethod}
    return keys.get(kind, "account_id = %(account)s" if kind in of_account else "subscription_id = %(held)s")
