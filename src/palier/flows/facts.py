"""What a draft for an account is computed from, read from the database in one statement."""

import json
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
from palier.apps.subscriptions.models import Subscription, SubscriptionItem
from palier.apps.tax.buyers import Buyer
from palier.apps.tax.rules import rule_for
from palier.engine.subscription import Current, State
from palier.engine.taxes import TaxRule

_FACTS: Final = f"""
SELECT to_jsonb(profile), to_jsonb(held),
    (SELECT jsonb_agg(item) FROM subscriptions_subscriptionitem item WHERE item.subscription_id = held.id),
    (SELECT jsonb_agg(paid) FROM ({coverage.LINES.format(subscription="held.id")}) paid),
    (SELECT count(*) FROM accounts_member WHERE account_id = account.id AND deactivated_at IS NULL)
FROM accounts_account account
LEFT JOIN accounts_billingprofile profile ON profile.account_id = account.id
LEFT JOIN subscriptions_subscription held ON held.account_id = account.id AND held.state = 'active'
WHERE account.id = %(account)s ORDER BY held.id LIMIT 1
"""  # noqa: S608 - put together from constants


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a draft for an account is computed from."""

    account: Account
    catalogue: Catalogue
    currency: str
    tax: TaxRule
    subscription: Subscription | None
    current: Current | None
    active_members: int

    @property
    def plans(self) -> tuple[Plan, ...]:
        """What this account may choose, by rank: the plans on sale, and the one that it holds even if it is retired."""
        held = self.current.state.plan.price.key if self.current else ""
        return tuple(plan for plan in self.catalogue.plans if not plan.free and (not plan.retired or plan.key == held))

    @property
    def seats_min(self) -> int:
        """The fewest seats that may be bought now."""
        return max(1, self.active_members)


def facts_of(account: Account, *, now: datetime) -> Facts:
    """Read an account's facts: one statement beside the catalogue's."""
    catalogue = current()
    with connection.cursor() as cursor:
        cursor.execute(_FACTS, {"account": account.pk, "at": now})
        *texts, active_members = cursor.fetchone()
    its_profile, held, items, paid = (text and json.loads(text) for text in texts)
    profile = _row(BillingProfile, its_profile) if its_profile else None
    subscription = _row(Subscription, held) if held else None
    return Facts(
        account=account,
        catalogue=catalogue,
        currency=account.currency or catalogue.currency_for(profile.country if profile else account.country),
        tax=tax_of(account, profile, catalogue, now=now),
        subscription=subscription,
        current=Current(
            _ranked_today(states.state_of(subscription, [_row(SubscriptionItem, item) for item in items]), catalogue),
            tuple(coverage.paid(line) for line in paid or ()),
        )
        if subscription
        else None,
        active_members=active_members,
    )


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
