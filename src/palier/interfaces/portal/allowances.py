"""Limits in the reader's words: what each is called, how much it is, and where it comes from."""

from dataclasses import dataclass

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from palier.apps.entitlements.standing import Standing
from palier.engine.grants import Extra, Grant, Per
from palier.kit import formats


@dataclass(frozen=True, slots=True)
class Allowance:
    """What an account may have of one thing; ``number`` None is unlimited, 0 not included."""

    key: str
    name: str
    number: int | None


def allowances_of(standing: Standing) -> tuple[Allowance, ...]:
    """Every limit of an account, by name, what is not included last."""
    language = get_language() or "en"
    found = [Allowance(grant.key, limit_name(standing, grant.key, language), grant.limit) for grant in standing.grants]
    return tuple(sorted(found, key=lambda allowance: (allowance.number == 0, allowance.name)))


def limit_name(standing: Standing, key: str, language: str) -> str:
    """What a limit counts, as it is called today, or was when it was sold."""
    return standing.limits[key].name(language)


def where_from(standing: Standing, grant: Grant, language: str) -> str:
    """The terms of a limit: ``25,000 × 4 users + 2 × 10,000 more records``."""
    if grant.unlimited or grant.limit == 0:
        return ""
    terms = []
    for part in grant.parts:
        allowance = formats.whole_number(part.allowance, language)
        if grant.per is Per.ACCOUNT:
            terms.append(_("%(allowance)s for the whole account") % {"allowance": allowance})
        else:
            seats = formats.whole_number(part.seats, language)
            said = ngettext("%(allowance)s × %(seats)s user", "%(allowance)s × %(seats)s users", part.seats)
            terms.append(said % {"allowance": allowance, "seats": seats})
    return " + ".join([*terms, *(_extra(standing, extra, language) for extra in grant.extras)])


def _extra(standing: Standing, extra: Extra, language: str) -> str:
    """Units of an add-on: ``2 × 10,000 more records``."""
    return f"{formats.whole_number(extra.units, language)} × {standing.today.item_name(extra.key, language)}"
