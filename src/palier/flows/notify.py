"""What the clock tells: the sum of a renewal before it comes, a card that expires before it is needed."""

from calendar import monthrange
from datetime import UTC, datetime, timedelta
from typing import Final

from babel import dates
from django.conf import settings
from django.db import transaction

from palier.apps.accounts.models import Account, BillingProfile
from palier.apps.agenda import actions as agenda
from palier.apps.agenda.models import Due
from palier.apps.catalogue import current
from palier.apps.notices import letters_renewal as letters
from palier.apps.notices.actions import post as post_letter
from palier.apps.notices.letters import Part
from palier.apps.payments.models import PaymentMethod
from palier.apps.subscriptions.models import ScheduledChange, Subscription, SubscriptionState
from palier.flows import promises, upcoming
from palier.flows.facts import Facts, Held, facts_of
from palier.kit import formats

CARD_EXPIRY: Final = "card_expiry"
CARD_WARNING: Final = timedelta(days=30)
"""How long before its last day a card is told to expire."""


def renewal(row: Due, *, now: datetime) -> None:
    """Tell the sum of a year's coming renewal, keep what was told, and let the next notice fall due."""
    with transaction.atomic():
        account = Account.objects.locked(row.account_id)
        if not agenda.take(row):
            return
        facts = facts_of(account, now=now)
        held = next((each for each in facts.held if each.subscription.id == row.subject), None)
        if held is None:
            return
        following = upcoming.next_notice(held.current.state, facts.catalogue, after=now)
        if following is not None:
            agenda.put(upcoming.NOTICE, row.subject, row.account_id, following)
        coming = upcoming.of(facts, held)
        if (
            coming.preview is not None
            and held.subscription.state == SubscriptionState.ACTIVE
            and coming.preview.at > now
        ):
            promises.keep(coming, now=now)
            _tell(facts, coming, key=_notice_key(held, coming.preview.at, facts, now=now), now=now)


def _notice_key(held: Held, renews_at: datetime, facts: Facts, *, now: datetime) -> str:
    """One letter for each of the days that the catalogue names, however often its row falls due."""
    left = renews_at - now
    mark = min(number for number in (*facts.catalogue.renewals.notice_days, left.days + 1) if timedelta(number) >= left)
    return f"renewal_notice:{held.subscription.public_id}:{renews_at:%Y%m%d}:{mark}"


def watch_card(method: PaymentMethod, *, now: datetime) -> None:
    """A card has become the one on file: let it be told in time that it expires."""
    at = max(now, _last_day(method) - CARD_WARNING)
    agenda.put(CARD_EXPIRY, method.id, method.account_id, at)


def card_expiry(row: Due, *, now: datetime) -> None:
    """Tell that the card on file expires, if it still is on file and something will be charged to it."""
    with transaction.atomic():
        account = Account.objects.locked(row.account_id)
        if not agenda.take(row):
            return
        method = PaymentMethod.objects.filter(pk=row.subject, is_default=True).first()
        if method is None:
            return
        ending = ScheduledChange.objects.filter(state="waiting", kind="cancel").values("subscription")
        renewing = Subscription.objects.alive().filter(account=account).exclude(pk__in=ending)
        charged = renewing.order_by("period_end").first()
        if charged is not None:
            _tell_card(account, method, charged, now=now)
        elif now < _last_day(method):
            agenda.put(CARD_EXPIRY, method.id, account.id, now + CARD_WARNING)


def reader_of(account: Account) -> tuple[str, str]:
    """Who reads letters about an account's subscription: the billing address, in the owner's language."""
    owner = account.members.select_related("user").get(role="owner", deactivated_at=None).user
    profile = BillingProfile.objects.filter(account=account).first()
    return (profile.email if profile else "") or owner.email, owner.language


def _tell(facts: Facts, coming: upcoming.Upcoming, *, key: str, now: datetime) -> None:
    to, language = reader_of(facts.account)
    preview, zone = coming.preview, facts.catalogue.policy.zone
    if preview is None:
        return
    currency, method = facts.currency, facts.account.payment_methods.filter(is_default=True).first()
    plan, *add_ons = coming.items
    announced = letters.Announced(
        day=formats.long_day(preview.at, language, zone),
        total=formats.money(preview.total_minor, currency, language),
        tax=formats.money(preview.tax_minor, currency, language),
        plan=facts.catalogue.item_name(plan.price.key, language),
        seats=plan.quantity,
        period=" – ".join(
            formats.long_day(at, language, zone)
            for at in (preview.period.start, formats.last_instant(preview.period.end))
        ),
        add_ons=tuple((facts.catalogue.item_name(each.price.key, language), str(each.quantity)) for each in add_ons),
        card=method.recognised_by if method else "",
        last_day=formats.long_day(formats.last_instant(preview.at), language, zone),
        zone=formats.zone_name(zone, language),
    )
    letter = letters.renewal_notice(
        language,
        announced,
        card_expires=month_of(method, language) if method and _last_day(method) < preview.at else "",
        change_url=f"{settings.BASE_URL}/settings/billing/plans/",
        cancel_url=f"{settings.BASE_URL}/settings/billing/cancel/",
    )
    post_letter(facts.account.id, letter, to=to, key=key, now=now)


def _tell_card(account: Account, method: PaymentMethod, charged: Subscription, *, now: datetime) -> None:
    to, language = reader_of(account)
    letter = letters.card_expires(
        language,
        card=method.recognised_by,
        month=month_of(method, language),
        renewal=formats.long_day(charged.period_end, language, current().policy.zone),
        url=f"{settings.BASE_URL}/settings/billing/payment-method/",
    )
    post_letter(account.id, letter, to=to, key=f"card_expires:{method.public_id}", now=now)


def month_of(method: PaymentMethod, language: str) -> str:
    """The month at whose end a card expires: ``August 2028``."""
    first = datetime(method.expiry_year, method.expiry_month, 1, tzinfo=UTC)
    return dates.format_date(first, "MMMM y", locale=formats.locale_of(language))


def _last_day(method: PaymentMethod) -> datetime:
    """When a card ends: after the last day of its month."""
    days = monthrange(method.expiry_year, method.expiry_month)[1]
    return datetime(method.expiry_year, method.expiry_month, days, tzinfo=UTC) + timedelta(days=1)


# What a person did, told at once: called by the flow that does it, in its transaction.


def cancellation(facts: Facts, ending: list[Held], *, key: str, now: datetime) -> None:
    """A cancellation was scheduled: of everything, or of one of two subscriptions while the other goes on."""
    to, language = reader_of(facts.account)
    rest = next((held for held in facts.renewing if held not in ending), None)
    over = ending if rest else facts.held
    last = max(held.subscription.period_end for held in over)
    letter = letters.cancellation_confirmed(
        language,
        plan=_plan_of(ending[0], facts, language),
        ending=[_part(held, facts, language, renews=False) for held in over],
        rest=_part(rest, facts, language, renews=True) if rest else None,
        until=formats.long_day(formats.last_instant(last), language, facts.catalogue.policy.zone),
        url=_billing(),
    )
    post_letter(facts.account.id, letter, to=to, key=key, now=now)


def cancellation_withdrawn(facts: Facts, back: Held, *, key: str, now: datetime) -> None:
    """A cancellation was taken back."""
    to, language = reader_of(facts.account)
    letter = letters.cancellation_withdrawn(
        language,
        plan=_plan_of(back, facts, language),
        back=_part(back, facts, language, renews=True),
        alone=not facts.mixed,
        url=_billing(),
    )
    post_letter(facts.account.id, letter, to=to, key=key, now=now)


def ended(subscription: Subscription, *, now: datetime) -> None:
    """A canceled subscription has reached its end."""
    facts = facts_of(subscription.account, now=now)
    to, language = reader_of(facts.account)
    over = next(held for held in facts.held if held.subscription.id == subscription.id)
    letter = letters.ended(
        language,
        plan=_plan_of(over, facts, language),
        over=_part(over, facts, language, renews=False),
        rest=rest_of(facts, language, now=now, besides=over),
        url=_billing(),
    )
    post_letter(facts.account.id, letter, to=to, key=f"ended:{subscription.public_id}", now=now)


def rest_of(facts: Facts, language: str, *, now: datetime, besides: Held | None = None) -> Part | None:
    """What goes on, or ends later, where one of two subscriptions ends; ``besides``: that one, while it is held."""
    rest = next(
        (
            each
            for each in facts.held
            if each is not besides and not (each.cancels and each.subscription.period_end <= now)
        ),
        None,
    )
    return _part(rest, facts, language, renews=not rest.cancels) if rest else None


def _part(held: Held, facts: Facts, language: str, *, renews: bool) -> Part:
    end = held.subscription.period_end
    day = formats.long_day(end if renews else formats.last_instant(end), language, facts.catalogue.policy.zone)
    return Part(held.interval, held.seats, day, renews)


def _plan_of(held: Held, facts: Facts, language: str) -> str:
    return facts.catalogue.item_name(held.current.state.plan.price.key, language)


def _billing() -> str:
    return f"{settings.BASE_URL}/settings/billing/"
