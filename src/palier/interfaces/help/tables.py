"""Tables of what the plans include."""

from collections.abc import Sequence

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from palier.interfaces.help.reading import Lacking, Reading
from palier.kit import formats


def words(number: int | None, language: str) -> str:
    """A limit in words or as a number; None is unlimited, 0 not included."""
    if number is None:
        return pgettext("limit of a plan", "unlimited")
    return formats.whole_number(number, language) if number else pgettext("limit of a plan", "not included")


def limits(reading: Reading, keys: Sequence[str]) -> SafeString:
    """Some limits of all plans, the free one first: a plan a column, a limit a row. Without keys: all limits.

    What the catalogue does not count has no row; without any row there is no table.
    """
    catalogue, language = reading.sold, reading.language
    counted = [catalogue.limits[key] for key in keys or catalogue.limits if key in catalogue.limits]
    reading.lacking += [f"limit {key}" for key in keys if key not in catalogue.limits]
    if not counted:
        raise Lacking("limits")
    plans = (catalogue.free_plan, *catalogue.paid_plans)
    rows = [
        (_per(limit.name(language), limit.per), [words(plan.limits[limit.key], language) for plan in plans])
        for limit in counted
    ]
    context = {"plans": [plan.name(language) for plan in plans], "rows": rows}
    return render_to_string("help/limits_table.html", context)


def _per(name: str, per: str) -> str:
    """``Records per user``: its first letter is a capital, since it begins a row."""
    said = _("%(limit)s per user") % {"limit": name} if per == "seat" else name
    return said[:1].upper() + said[1:]
