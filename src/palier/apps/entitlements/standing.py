"""Where an account stands: access, plan, seats, what it may have and what it uses. All of it in one statement."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection

from palier.apps.accounts.models import Account
from palier.apps.catalogue import Catalogue, Plan, versions
from palier.apps.catalogue.values import Limit
from palier.apps.entitlements import allowances
from palier.apps.entitlements.allowances import Sold
from palier.apps.subscriptions.access import Access, access
from palier.engine.grants import Grant
from palier.engine.periods import Interval
from palier.engine.prices import ItemKind

_STANDING: Final = """
SELECT newest.number, newest.sha256,
    (SELECT jsonb_agg(jsonb_build_object(
        'state', held.state, 'interval', held.interval, 'currency', held.currency, 'period_end', held.period_end,
        'number', sold.number, 'sha256', sold.sha256,
        'items', (SELECT jsonb_agg(jsonb_build_array(kind, key, quantity, monthly_minor))
            FROM subscriptions_subscriptionitem WHERE subscription_id = held.id)
        ) ORDER BY held.interval)
    FROM subscriptions_subscription held
    JOIN catalogue_catalogueversion sold ON sold.number = held.catalogue_version_id
    WHERE held.account_id = account.id AND held.state <> 'ended'),
    EXISTS (SELECT FROM subscriptions_subscription WHERE account_id = account.id AND state = 'ended'),
    (SELECT jsonb_build_object('plan', trial.plan, 'ends_at', trial.ends_at, 'number', sold.number,
        'sha256', sold.sha256)
    FROM subscriptions_trial trial JOIN catalogue_catalogueversion sold ON sold.number = trial.catalogue_version_id
    WHERE trial.account_id = account.id),
    (SELECT count(*) FROM accounts_member WHERE account_id = account.id AND deactivated_at IS NULL),
    (SELECT jsonb_object_agg(key, jsonb_build_array(used, reported_at)) FROM entitlements_usage
        WHERE account_id = account.id)
FROM accounts_account account
LEFT JOIN LATERAL (SELECT number, sha256 FROM catalogue_catalogueversion ORDER BY number DESC LIMIT 1) newest ON true
WHERE account.id = %(account)s
"""


@dataclass(frozen=True, slots=True)
class HeldPlan:
    """One live subscription as far as grants and their remedies need it. Prices are per unit and month, as sold."""

    interval: Interval
    currency: str
    period_end: datetime
    plan_minor: int
    sold: Sold


@dataclass(frozen=True, slots=True)
class Use:
    """How much is used of a limit, as reported at an instant."""

    used: int
    reported_at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """``plan`` is the plan as it was sold; ``held`` the live subscriptions, the monthly one first, none on the free
    plan and in a trial; ``seats`` those of now, or the active members where none are counted; ``limits`` what each
    grant counts."""

    access: Access
    today: Catalogue
    plan: Plan
    seats: int
    held: tuple[HeldPlan, ...]
    trial_ends_at: datetime | None
    limits: Mapping[str, Limit]
    grants: tuple[Grant, ...]
    uses: Mapping[str, Use]

    def grant(self, key: str) -> Grant | None:
        """The grant of a limit; None where the catalogue knows no such limit."""
        return next((grant for grant in self.grants if grant.key == key), None)

    def used(self, key: str) -> int:
        """How much is used; 0 where nothing was ever reported."""
        return self.uses[key].used if key in self.uses else 0

    @property
    def units(self) -> dict[str, int]:
        """The add-on units of all subscriptions, by key."""
        found: dict[str, int] = {}
        for each in self.held:
            for key, number in each.sold.add_ons.items():
                found[key] = found.get(key, 0) + number
        return found


def of_account(account: Account, *, now: datetime) -> Standing:
    """Where an account stands at an instant of its own time."""
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, {"account": account.pk})
        number, sha256, live, had_before, trial, people, uses = cursor.fetchone()
    if number is None:
        raise versions.NoCatalogue
    today = versions.known(number, sha256)
    subscriptions, its_trial = json.loads(live or "[]"), json.loads(trial or "null")
    trial_ends_at = datetime.fromisoformat(its_trial["ends_at"]) if its_trial else None
    may = access(
        live_states=[each["state"] for each in subscriptions],
        had_before=had_before,
        trial_ends_at=trial_ends_at,
        closed_at=account.closed_at,
        now=now,
    )
    held = tuple(_held(each) for each in subscriptions)
    if held:
        sold = [each.sold for each in held]
    elif may is Access.TRIAL:
        sold = [Sold(versions.known(its_trial["number"], its_trial["sha256"]), its_trial["plan"], max(1, people), {})]
    else:
        sold = [Sold(today, today.free_plan.key, 1, {})]
    return Standing(
        access=may,
        today=today,
        plan=sold[0].catalogue.plan(sold[0].plan),
        seats=sum(each.seats for each in sold) if held else people,
        held=held,
        trial_ends_at=trial_ends_at,
        limits={key: limit for each in sold for key, limit in each.catalogue.limits.items()} | dict(today.limits),
        grants=allowances.of_sold(today, sold),
        uses={
            key: Use(used, datetime.fromisoformat(reported_at))
            for key, (used, reported_at) in json.loads(uses or "{}").items()
        },
    )


def _held(found: Mapping[str, Any]) -> HeldPlan:
    items = found["items"]
    (plan,) = ((key, quantity, minor) for kind, key, quantity, minor in items if kind == ItemKind.PLAN)
    add_ons = {key: quantity for kind, key, quantity, _ in items if kind == ItemKind.ADD_ON}
    key, seats, minor = plan
    return HeldPlan(
        interval=Interval(found["interval"]),
        currency=found["currency"],
        period_end=datetime.fromisoformat(found["period_end"]),
        plan_minor=minor,
        sold=Sold(versions.known(found["number"], found["sha256"]), key, seats, add_ons),
    )
