"""A lower plan whose day has come, and that something exceeds again: the plan held is renewed, and the change waits on.

Nothing is deleted and nobody is put on a plan that does not hold what they use. Those who buy are told what is in the
way, and the next renewal looks again.
"""

from collections.abc import Mapping
from datetime import datetime

from django.conf import settings

from palier.apps.accounts.models import Account
from palier.apps.catalogue import Catalogue
from palier.apps.entitlements.allowances import Sold
from palier.apps.events.actions import record
from palier.apps.events.authors import CLOCK
from palier.apps.notices import letters_usage
from palier.apps.notices.actions import post
from palier.apps.subscriptions import actions as subscriptions
from palier.apps.subscriptions.models import ScheduledChange, Subscription, SubscriptionItem
from palier.engine.periods import Interval, period_containing
from palier.engine.prices import ItemKind
from palier.flows import articles
from palier.flows.obstacles import DowngradeBlocked, Obstacle, still_blocked
from palier.flows.people import buyers
from palier.flows.renew_facts import Chunk, Held
from palier.kit import formats


def blocked(chunk: Chunk) -> Mapping[int, tuple[Obstacle, ...]]:
    """What exceeds the lower plans of a chunk whose day has come, by the id of the waiting change.

    Two statements for the whole chunk, none where no lower plan is due.
    """
    due = {held.account_id: (held, change) for held in chunk.held if (change := _due_plan(chunk, held))}
    if not due:
        return {}
    wishes = _wishes(chunk, {account_id: change.key for account_id, (_, change) in due.items()})
    exceeded = still_blocked(wishes, now=chunk.now)
    return {
        change.id: exceeded[held.account_id]
        for held in chunk.held
        if (change := _due_plan(chunk, held)) and held.account_id in exceeded
    }


def keep(held: Held, change_id: int, those: tuple[Obstacle, ...], catalogue: Catalogue, *, now: datetime) -> None:
    """Let the change wait for the end of the period that was renewed instead, and tell those who buy."""
    account = Account.objects.get(pk=held.account_id)
    ends = _last_end(account, held, catalogue)
    subscriptions.put_off(account, "plan", until=ends)
    change = ScheduledChange.objects.get(pk=change_id)
    reasons = " ".join(each.key for each in those)
    record(account.id, "change.blocked", by=CLOCK, now=now, change=change.public_id, reasons=reasons)
    zone = catalogue.policy.zone
    for member in buyers.of(account):
        language = member.user.language
        letter = letters_usage.downgrade_blocked(
            language,
            plan=those[0].plan.name(language),
            until=formats.long_day(formats.last_instant(ends), language, zone),
            reasons=tuple(each.text(language) for each in those),
            url=f"{settings.BASE_URL}/settings/billing/usage/",
            article=articles.about(DowngradeBlocked.code, language),
        )
        key = f"downgrade_blocked:{change.public_id}:{held.period_end:%Y%m%d}:{member.public_id}"
        post(account.id, letter, to=member.user.email, key=key, now=now)


def _last_end(account: Account, held: Held, catalogue: Catalogue) -> datetime:
    """When the last of the paid periods ends; that of a subscription whose renewal comes right after this one, too."""
    ends = []
    for each in Subscription.objects.alive().filter(account=account).prefetch_related("scheduled"):
        if each.period_end > held.period_end:
            ends.append(each.period_end)
        elif not any(change.kind == "cancel" and change.state == "waiting" for change in each.scheduled.all()):
            zone = catalogue.policy.zone
            ends.append(period_containing(each.anchor_at, Interval(each.interval), each.period_end, zone).end)
    return max(ends)


def _due_plan(chunk: Chunk, held: Held) -> ScheduledChange | None:
    """The lower plan that a renewal would apply."""
    for change in chunk.waiting.get(held.id, ()):
        if change.kind == "plan" and change.effective_at <= held.period_end:
            here = chunk.catalogue.plan(chunk.items[held.id][0].key)
            return change if chunk.catalogue.plan(change.key).rank < here.rank else None
    return None


def _wishes(chunk: Chunk, plans: Mapping[int, str]) -> dict[int, Sold]:
    """What each account would have: the plan, with the seats and add-ons that its renewals leave.

    Where the other subscription of an account is on that plan already, there is nothing left to ask.
    """
    seats = dict.fromkeys(plans, 0)
    units: dict[int, dict[str, int]] = {account_id: {} for account_id in plans}
    settled = set()
    rows = SubscriptionItem.objects.filter(subscription__account__in=plans).exclude(subscription__state="ended")
    for account_id, subject, kind, key, quantity in rows.values_list(
        "subscription__account", "subscription", "kind", "key", "quantity"
    ):
        left = _left(chunk, subject, kind, key, quantity)
        if kind == ItemKind.PLAN:
            seats[account_id] += left
            if key == plans[account_id]:
                settled.add(account_id)
        else:
            units[account_id][key] = units[account_id].get(key, 0) + left
    return {
        account_id: Sold(chunk.catalogue, plan, seats[account_id], units[account_id])
        for account_id, plan in plans.items()
        if account_id not in settled
    }


def _left(chunk: Chunk, subject: int, kind: str, key: str, quantity: int) -> int:
    """How many of an item a renewal leaves."""
    for change in chunk.waiting.get(subject, ()):
        if change.kind == "cancel":
            return 0
        if (change.kind, kind) == ("seats", "plan") or (change.kind == kind == "add_on" and change.key == key):
            return change.quantity
    return quantity
