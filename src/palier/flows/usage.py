"""What an account uses and may use: the host product reports, asks, and takes a signed answer along."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import transaction

from palier.apps.accounts.models import Account
from palier.apps.entitlements import actions as entitlements
from palier.apps.entitlements import standing as standings
from palier.apps.entitlements.standing import Standing, Use
from palier.apps.events.actions import record
from palier.apps.events.authors import HOST
from palier.apps.notices import letters_usage
from palier.apps.notices.actions import post
from palier.apps.subscriptions.access import Access
from palier.engine.grants import Grant
from palier.engine.remedies import Remedy
from palier.flows import remedy
from palier.flows.facts import facts_of
from palier.flows.people import buyers
from palier.flows.remedy import Solution
from palier.kit import formats
from palier.kit.refusals import Refusal

MOST: Final = 10**12
"""No account uses so many of anything; a catalogue allows no more either."""


class UsageKeyUnknown(Refusal):
    code = "usage.key_unknown"
    en = "There is no limit “{key}” in the catalogue; it has {known}. Nothing was changed; use one of those."
    fr = (
        "Le catalogue n’a pas de limite «\u202f{key}\u202f»\u202f; il a {known}. "
        "Rien n’a changé\u202f; utilisez-en une."
    )
    field = "key"


class UsageNotANumber(Refusal):
    code = "usage.not_a_number"
    en = "The number used must be a whole number. Nothing was changed; send one such as 1200."
    fr = "Le nombre utilisé doit être un nombre entier. Rien n’a changé\u202f; envoyez par exemple 1200."
    field = "used"


class UsageNegative(Refusal):
    code = "usage.negative"
    en = "{used} is less than nothing. Nothing was changed; send how many there are in all, 0 or more."
    fr = "{used} est moins que rien. Rien n’a changé\u202f; envoyez le nombre total, 0 ou davantage."
    field = "used"


class UsageTooLarge(Refusal):
    code = "usage.too_large"
    en = "The number is above {most}. Nothing was changed; send how many there are in all."
    fr = "Le nombre dépasse {most}. Rien n’a changé\u202f; envoyez le nombre total."
    field = "used"


@dataclass(frozen=True, slots=True)
class Answer:
    """May they? ``limit`` and ``left`` None: unlimited. ``reason`` of a no: "read_only", "not_included" or
    "limit_reached"; "" for a yes. ``remedy`` is what would make it a yes, where something on sale does."""

    allowed: bool
    limit: int | None
    used: int
    left: int | None
    reason: str
    access: Access
    remedy: Remedy | None


def report(account: Account, key: str, used: object, *, now: datetime) -> Answer:
    """Keep how many of a limit an account uses in all. Repeating it is harmless; the last word holds.

    Where it has come to 80 or 100 percent of the limit, because more is used or because the limit has sunk, as with
    fewer users since a renewal, those who buy are told what solves it.
    """
    number = checked(used)
    standing = standings.of_account(account, now=now)
    grant = known(standing, key)
    standing = replace(standing, uses={**standing.uses, key: Use(number, now)})
    with transaction.atomic():
        told, reached = entitlements.note(account, key, number, now=now), grant.reached(number)
        if reached != told and not standing.access.read_only:
            entitlements.told(account, key, reached)
            if reached > told:
                _warn(account, standing, grant, now=now)
    return _answer(standing, grant, 0)


def may(account: Account, key: str, more: int = 1, *, now: datetime) -> Answer:
    """Whether an account may create so many more of something; one statement."""
    wanted = checked(more)
    standing = standings.of_account(account, now=now)
    return _answer(standing, known(standing, key), wanted)


def known(standing: Standing, key: str) -> Grant:
    """The grant of a limit, refused by name where there is none."""
    grant = standing.grant(key)
    if grant is None:
        raise UsageKeyUnknown(key=key[:40], known=", ".join(each.key for each in standing.grants))
    return grant


def checked(number: object) -> int:
    """A whole number of things, from nothing to very many."""
    if not isinstance(number, int) or isinstance(number, bool):
        raise UsageNotANumber
    if number < 0:
        raise UsageNegative(used=max(number, -MOST))
    if number > MOST:
        raise UsageTooLarge(most=MOST)
    return number


def _answer(standing: Standing, grant: Grant, wanted: int) -> Answer:
    used = standing.used(grant.key)
    fits = grant.allows(used, wanted)
    reason = "read_only" if standing.access.read_only else "" if fits else "limit_reached"
    if reason == "limit_reached" and grant.limit == 0:
        reason = "not_included"
    return Answer(
        allowed=not reason,
        limit=grant.limit,
        used=used,
        left=grant.left(used),
        reason=reason,
        access=standing.access,
        remedy=None if fits else remedy.find(standing, grant.key, used + wanted),
    )


def _warn(account: Account, standing: Standing, grant: Grant, *, now: datetime) -> None:
    """Tell everybody who may buy, once for this crossing; a number that swings around a threshold tells once a day."""
    used = standing.used(grant.key)
    threshold, limit = grant.reached(used), grant.limit or 0
    solution = remedy.solution(standing, facts_of(account, now=now), grant.key, now=now)
    record(account.id, "usage.threshold_reached", by=HOST, now=now, limit=grant.key, percent=threshold, used=used)
    for member in buyers.of(account):
        language = member.user.language
        letter = letters_usage.limit_near(
            language,
            reached=threshold == 100,
            things=standing.limits[grant.key].name(language),
            used=formats.whole_number(used, language),
            limit=formats.whole_number(limit, language),
            rows=_rows(standing, solution, language),
            url=f"{settings.BASE_URL}/settings/billing/usage/",
        )
        key = f"usage:{account.public_id}:{grant.key}:{threshold}:{limit}:{now:%Y%m%d}:{member.public_id}"
        post(account.id, letter, to=member.user.email, key=key, now=now)


def _rows(standing: Standing, found: Solution | None, language: str) -> tuple[tuple[str, str], ...]:
    if found is None:
        return ()
    to_pay, renewal = None, None
    if found.draft is not None:
        draft, zone = found.draft, standing.today.policy.zone
        to_pay = formats.money(draft.total_minor, draft.currency, language)
        total = formats.money(draft.renewal.total_minor, draft.currency, language)
        renewal = (total, formats.long_day(draft.renewal.at, language, zone))
    return letters_usage.remedy_rows(language, what=found.name(language), to_pay=to_pay, renewal=renewal)
