"""What a draft for an account is computed from, read from the database in one statement."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Model

from palier.apps.accounts.models import Account, BillingProfile
from palier.apps.catalogue import Catalogue, Plan, current
from palier.apps.invoices import coverage
from palier.apps.subscriptions import states
from palier.apps.subscriptions.models import ScheduledChange, Subscription, SubscriptionItem, Trial
from palier.apps.tax.buyers import Buyer
from palier.apps.tax.rules import rule_for
from palier.engine.periods import Interval
from palier.engine.subscription import Current, State
from palier.engine.taxes import TaxRule

_FACTS: Final = f"""
SELECT to_jsonb(profile),
    (SELECT jsonb_agg(jsonb_build_object(
        'subscription', to_jsonb(held),
        'items', (SELECT jsonb_agg(item) FROM subscriptions_subscriptionitem item WHERE item.subscription_id = held.id),
        'paid', (SELECT jsonb_agg(paid) FROM ({coverage.LINES.format(subscription="held.id")}) paid),
        'paid_seats', (SELECT paid_seats FROM subscriptions_seatbasket
            WHERE subscription_id = held.id AND closed_at IS NULL),
        'waiting', (SELECT jsonb_agg(change ORDER BY change.id) FROM subscriptions_scheduledchange change
            WHERE change.subscription_id = held.id AND change.state = 'waiting')
        ) ORDER BY held.interval)
    FROM subscriptions_subscription held WHERE held.account_id = account.id AND held.state <> 'ended'),
    (SELECT to_jsonb(trial) FROM subscriptions_trial trial WHERE trial.account_id = account.id),
    (SELECT count(*) FROM accounts_member WHERE account_id = account.id AND deactivated_at IS NULL),
    EXISTS (SELECT FROM invoices_invoice WHERE account_id = account.id AND state = 'open'),
    (SELECT sold.key FROM subscriptions_subscription gone
        JOIN subscriptions_subscriptionitem sold ON sold.subscription_id = gone.id AND sold.kind = 'plan'
        WHERE gone.account_id = account.id AND gone.state = 'ended' ORDER BY gone.ended_at DESC, gone.id DESC LIMIT 1)
FROM accounts_account account
LEFT JOIN accounts_billingprofile profile ON profile.account_id = account.id
WHERE account.id = %(account)s
"""  # noqa: S608 - put together from constants


@dataclass(frozen=True, slots=True)
class Held:
    """One live subscription. ``current`` is what its invoices cover; ``seats`` may be more while a day's are
    collected."""

    subscription: Subscription
    current: Current
    seats: int
    waiting: tuple[ScheduledChange, ...]

    @property
    def interval(self) -> Interval:
        return self.current.state.interval

    def told(self, *, seats: int | None = None) -> dict[str, str]:
        """What is held, or with so many ``seats``, as the journal of facts tells it."""
        return {
            self.subscription.public_id: states.told_of(
                self.current.state, seats=self.seats if seats is None else seats
            )
        }

    @property
    def cancels(self) -> bool:
        """Whether it ends at the end of its paid period."""
        return any(change.kind == "cancel" for change in self.waiting)

    @property
    def seats_unless_canceled(self) -> int:
        """How many seats it renews with as things stand, if it renews."""
        return next((change.quantity for change in self.waiting if change.kind == "seats"), self.seats)


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a draft for an account is computed from. ``held`` has two subscriptions in mixed billing, the monthly
    one first; ``unpaid``: an invoice is open; ``plan_before``: of the subscription that ended last, or ""."""

    account: Account
    catalogue: Catalogue
    currency: str
    tax: TaxRule
    held: tuple[Held, ...]
    trial: Trial | None
    active_members: int
    unpaid: bool
    plan_before: str

    @property
    def had_before(self) -> bool:
        """Whether a subscription has ended."""
        return self.plan_before != ""

    @property
    def comes_from(self) -> Plan | None:
        """The plan held, else the one that ended, else the one that was tried: a choice below it is a step down."""
        if self.current is not None:
            return self.catalogue.plan(self.current.state.plan.price.key)
        before = self.plan_before or (self.trial.plan if self.trial else "")
        return self.catalogue.plan(before) if before else None

    @property
    def subscription(self) -> Subscription | None:
        """The only subscription, or the monthly one of two."""
        return self.held[0].subscription if self.held else None

    @property
    def current(self) -> Current | None:
        return self.held[0].current if self.held else None

    @property
    def mixed(self) -> bool:
        """Whether some seats are billed by the month and some by the year."""
        return len(self.held) > 1

    @property
    def seats(self) -> int:
        """Seats in use or usable now, of all subscriptions."""
        return sum(each.seats for each in self.held)

    @property
    def renewing(self) -> tuple[Held, ...]:
        """Those that go on when their paid period ends; none where all of them are canceled."""
        return tuple(each for each in self.held if not each.cancels)

    @property
    def leading(self) -> Held | None:
        """The subscription that single seats come to and go from: the monthly one, unless it alone ends."""
        return next(iter(self.renewing or self.held), None)

    @property
    def held_plans(self) -> set[str]:
        """The plans held: two for the days between the end of a year and that of a month, after a step down."""
        return {each.current.state.plan.price.key for each in self.held}

    @property
    def waiting(self) -> tuple[ScheduledChange, ...]:
        """Every change that waits for the end of a paid period."""
        return tuple(change for each in self.held for change in each.waiting)

    @property
    def plans(self) -> tuple[Plan, ...]:
        """What this account may choose, by rank: the plans on sale, and the one that it holds even if it is retired."""
        held = self.current.state.plan.price.key if self.current else ""
        return tuple(plan for plan in self.catalogue.plans if not plan.free and (not plan.retired or plan.key == held))

    @property
    def seats_min(self) -> int:
        """The fewest seats that may be bought now."""
        return max(1, self.active_members)

    def tries(self, now: datetime) -> Trial | None:
        """The trial that is under way; what was bought meanwhile ends it, also once that has ended."""
        if self.trial is None or self.held or self.had_before or now >= self.trial.ends_at:
            return None
        return self.trial

    def on(self, interval: str) -> Held | None:
        """The subscription billed by this interval."""
        return next((each for each in self.held if each.interval == interval), None)


def facts_of(account: Account, *, now: datetime) -> Facts:
    """Read an account's facts: one statement beside the catalogue's."""
    catalogue = current()
    with connection.cursor() as cursor:
        cursor.execute(_FACTS, {"account": account.pk, "at": now})
        *texts, active_members, unpaid, plan_before = cursor.fetchone()
    its_profile, held, trial = (text and json.loads(text) for text in texts)
    profile = _row(BillingProfile, its_profile) if its_profile else None
    return Facts(
        account=account,
        catalogue=catalogue,
        currency=account.currency or catalogue.currency_for(profile.country if profile else account.country),
        tax=tax_of(account, profile, catalogue, now=now),
        held=tuple(_held(each, catalogue) for each in held or ()),
        trial=_row(Trial, trial) if trial else None,
        active_members=active_members,
        unpaid=unpaid,
        plan_before=plan_before or "",
    )


def _held(found: Mapping[str, Any], catalogue: Catalogue) -> Held:
    subscription = _row(Subscription, found["subscription"])
    state = states.state_of(subscription, [_row(SubscriptionItem, item) for item in found["items"]])
    covered = state if found["paid_seats"] is None else _with_seats(state, found["paid_seats"])
    return Held(
        subscription=subscription,
        current=Current(_ranked_today(covered, catalogue), tuple(coverage.paid(line) for line in found["paid"] or ())),
        seats=state.seats,
        waiting=tuple(_row(ScheduledChange, change) for change in found["waiting"] or ()),
    )


def _with_seats(state: State, seats: int) -> State:
    return replace(state, items=(replace(state.plan, quantity=seats), *state.add_ons))


def _ranked_today(state: State, catalogue: Catalogue) -> State:
    """Prices are kept as they were sold; which plan is above which is today's catalogue's to say."""
    rank = catalogue.plan(state.plan.price.key).rank
    plan = replace(state.plan, price=replace(state.plan.price, rank=rank))
    return replace(state, items=(plan, *state.add_ons))


def tax_of(account: Account, profile: BillingProfile | None, catalogue: Catalogue, *, now: datetime) -> TaxRule:
    """The tax rule of everything sold to an account today, in the seller's time zone."""
    today = now.astimezone(ZoneInfo(catalogue.policy.zone)).date()
    return rule_for(buyer_of(account, profile), catalogue.seller, today)


def buyer_of(account: Account, profile: BillingProfile | None) -> Buyer:
    """The buyer for tax: the saved billing profile, else a company in the account's country without a VAT number."""
    if profile is None:
        return Buyer(kind="company", name=account.name, country=account.country)
    return Buyer(
        kind=profile.kind,
        name=profile.name,
        address=profile.address,
        postcode=profile.postcode,
        city=profile.city,
        region=profile.region,
        country=profile.country,
        vat_number=profile.vat_number,
        email=profile.email,
        po_number=profile.po_number,
    )


def _row[M: Model](model: type[M], values: dict[str, Any]) -> M:
    """A stored row from its JSON."""
    fields = model._meta.concrete_fields
    names = [field.attname for field in fields]
    return model.from_db(None, names, [field.to_python(values[field.attname]) for field in fields])
