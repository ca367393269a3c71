"""What stands in the way of a lower plan: everything that the account uses and that the plan does not allow.

Palier deletes nothing. Whoever wants the lower plan removes it in the product, or keeps the plan that they have.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from babel.lists import format_list
from django.conf import settings
from django.db import connection

from palier.apps.accounts.models import Account, Role
from palier.apps.catalogue import Catalogue, Plan
from palier.apps.entitlements import allowances
from palier.apps.entitlements.allowances import Sold
from palier.engine.prices import ItemKind
from palier.flows import upcoming
from palier.flows.change import Choice
from palier.flows.facts import Facts
from palier.kit import formats
from palier.kit.refusals import Refusal

ROLES: Final = "roles"
"""The limit that tells whether a plan has roles of one's own, billing admin among them."""

MEMBERS_PAGE: Final = "/settings/members/"
USAGE_PAGE: Final = "/settings/billing/usage/"

_TEXTS: Final = {
    "limit.exceeded": (
        "You use {used:en} {things:en}; {plan:en} allows {allowed:en}: remove {excess:en}.",
        "Vous utilisez {used:fr} {things:fr}\u202f; {plan:fr} en autorise {allowed:fr}\u202f: "
        "supprimez-en {excess:fr}.",
    ),
    "limit.not_included": (
        "{things:En}: you use {used:en}; {plan:en} includes none: remove {excess:en}.",
        "{things:Fr}\u202f: vous en utilisez {used:fr}\u202f; {plan:fr} n’en comprend pas\u202f: "
        "supprimez-en {excess:fr}.",
    ),
    "seats.too_many": (
        "You will have {used:en} users; {plan:en} goes up to {allowed:en}: reduce them by {excess:en}.",
        "Vous aurez {used:fr} utilisateurs\u202f; {plan:fr} va jusqu’à {allowed:fr}\u202f: retirez-en {excess:fr}.",
    ),
    "role.billing_admin": (
        "{plan:en} has no billing admins: give another role to {things:en}.",
        "{plan:fr} n’a pas d’administrateurs de facturation\u202f: donnez un autre rôle à {things:fr}.",
    ),
}

_FOUND: Final = f"""
SELECT account.id,
    (SELECT jsonb_object_agg(key, used) FROM entitlements_usage WHERE account_id = account.id),
    ARRAY(SELECT person.name FROM accounts_member member JOIN accounts_user person ON person.id = member.user_id
        WHERE member.account_id = account.id AND role = '{Role.BILLING_ADMIN}' AND deactivated_at IS NULL
        ORDER BY member.id)
    || ARRAY(SELECT email FROM accounts_invitation
        WHERE account_id = account.id AND role = '{Role.BILLING_ADMIN}' AND accepted_at IS NULL
        AND expires_at > %(now)s ORDER BY id)
FROM accounts_account account WHERE account.id = ANY(%(accounts)s)
"""  # noqa: S608 - put together from constants


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One thing that exceeds the lower plan. ``code`` is "limit.exceeded", "limit.not_included", "seats.too_many" or
    "role.billing_admin"; ``key`` the limit; ``link`` where to remove it, an address or a path of our own."""

    code: str
    key: str
    used: int
    allowed: int
    plan: Plan
    things: Mapping[str, str]  # what is too many, by language
    link: str

    @property
    def excess(self) -> int:
        """How many have to go."""
        return self.used - self.allowed

    def text(self, language: str) -> str:
        """The sentence for the reader: what is used, what is allowed, how many to remove."""
        return _TEXTS[self.code][language.startswith("fr")].format(
            used=_Number(self.used),
            allowed=_Number(self.allowed),
            excess=_Number(self.excess),
            plan=_Words(self.plan.names),
            things=_Words(self.things),
        )


class _Number(int):
    def __format__(self, language: str) -> str:
        return formats.whole_number(self, language)


@dataclass(frozen=True, slots=True)
class _Words:
    by_language: Mapping[str, str]

    def __format__(self, language: str) -> str:
        """``fr`` as it is, ``Fr`` at the beginning of a sentence."""
        words = self.by_language.get(language.lower(), self.by_language["en"])
        return words[:1].upper() + words[1:] if language.istitle() else words


@dataclass(frozen=True, slots=True)
class _Sentences:
    those: tuple[Obstacle, ...]

    def __format__(self, language: str) -> str:
        return " ".join(each.text(language) for each in self.those)


@dataclass(frozen=True, slots=True)
class _Found:
    used: Mapping[str, int]
    billing_admins: tuple[str, ...]


def obstacles(
    account: Account,
    facts: Facts,
    plan_key: str,
    *,
    seats: int | None = None,
    add_ons: Mapping[str, int] | None = None,
    now: datetime,
) -> tuple[Obstacle, ...]:
    """What exceeds a plan, in one statement; none: the plan can be had.

    Counted with the seats and add-on units that will be there after the renewal; ``seats`` in all and ``add_ons`` in
    all say otherwise. A plan that is not lower than the one held, or held or tried before, has no obstacles.
    """
    above = facts.comes_from
    if above is None or facts.catalogue.plan(plan_key).rank >= above.rank:
        return ()
    seats_left, units_left = _left(facts)
    wish = Sold(
        facts.catalogue,
        plan_key,
        seats_left if seats is None else seats,
        units_left if add_ons is None else add_ons,
    )
    return still_blocked({account.id: wish}, now=now).get(account.id, ())


class DowngradeBlocked(Refusal):
    code = "schedule.plan_exceeded"
    en = "{plan} does not hold all that you use. {what:en} Nothing was changed; do so, then choose {plan} again."
    fr = (
        "{plan} ne contient pas tout ce que vous utilisez. {what:fr} Rien n’a changé\u202f; faites-le, puis choisissez "
        "{plan} à nouveau."
    )
    field = "plan"


def of_choice(facts: Facts, choice: Choice, *, now: datetime) -> tuple[Obstacle, ...]:
    """What exceeds the plan that was chosen, with all that was chosen beside it."""
    add_ons = None if choice.add_ons is None else dict(choice.add_ons)
    return obstacles(facts.account, facts, choice.plan, seats=choice.seats_in_all, add_ons=add_ons, now=now)


def refuse(facts: Facts, choice: Choice, *, now: datetime) -> None:
    """Refuse a lower plan that something exceeds, naming all of it."""
    if those := of_choice(facts, choice, now=now):
        raise DowngradeBlocked(plan=those[0].plan.name("en"), what=_Sentences(those))


def still_blocked(wishes: Mapping[int, Sold], *, now: datetime) -> dict[int, tuple[Obstacle, ...]]:
    """What exceeds the plan that each account (by id) wishes; who is not named is free to have it.

    One statement for all of them, none where nobody wishes anything.
    """
    if not wishes:
        return {}
    found = _found(list(wishes), now=now)
    blocked = {account_id: _between(found[account_id], wish) for account_id, wish in wishes.items()}
    return {account_id: those for account_id, those in blocked.items() if those}


def _found(account_ids: list[int], *, now: datetime) -> dict[int, _Found]:
    with connection.cursor() as cursor:
        cursor.execute(_FOUND, {"accounts": account_ids, "now": now})
        return {
            account_id: _Found(json.loads(used or "{}"), tuple(billing_admins))
            for account_id, used, billing_admins in cursor
        }


def _between(found: _Found, wish: Sold) -> tuple[Obstacle, ...]:
    plan = wish.catalogue.plan(wish.plan)
    return (
        *_limits(found, plan, wish),
        *_seats(plan, wish.seats),
        *_roles(found, wish.catalogue, plan),
    )


def _left(facts: Facts) -> tuple[int, dict[str, int]]:
    """The seats and units of add-ons that the renewals leave."""
    seats, units = 0, dict[str, int]()
    for held in facts.held:
        upcoming_items = upcoming.items_at_renewal(upcoming.now_of(held), held.waiting, facts.catalogue)
        for item in upcoming_items:
            if item.price.kind is ItemKind.PLAN:
                seats += item.quantity
            else:
                units[item.price.key] = units.get(item.price.key, 0) + item.quantity
    return seats or facts.seats, units


def _limits(found: _Found, plan: Plan, wish: Sold) -> Iterator[Obstacle]:
    for grant in allowances.of_sold(wish.catalogue, [wish]):
        used, allowed = found.used.get(grant.key, 0), grant.limit
        if allowed is None or used <= allowed:
            continue
        yield Obstacle(
            code="limit.exceeded" if allowed and used > 1 else "limit.not_included",
            key=grant.key,
            used=used,
            allowed=allowed,
            plan=plan,
            things=wish.catalogue.limits[grant.key].names,
            link=settings.PALIER_HOST_LINKS.get(grant.key, USAGE_PAGE),
        )


def _seats(plan: Plan, seats: int) -> Iterator[Obstacle]:
    if seats > plan.seats_max:
        yield Obstacle("seats.too_many", "seats", seats, plan.seats_max, plan, {"en": "", "fr": ""}, MEMBERS_PAGE)


def _roles(found: _Found, catalogue: Catalogue, plan: Plan) -> Iterator[Obstacle]:
    """A plan without roles of one's own knows no billing admins either."""
    if ROLES in catalogue.limits and plan.limits.get(ROLES, 0) == 0 and found.billing_admins:
        who = _list(found.billing_admins)
        yield Obstacle("role.billing_admin", ROLES, len(found.billing_admins), 0, plan, who, MEMBERS_PAGE)


def _list(names: tuple[str, ...]) -> dict[str, str]:
    return {language: format_list(names, locale=formats.locale_of(language)) for language in ("en", "fr")}
