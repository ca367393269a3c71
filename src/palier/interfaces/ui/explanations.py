"""Why this amount: the engine's steps as sentences, one for each step, in the active language."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from babel import numbers
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from palier.engine.explain import Code, Step
from palier.engine.money import exponent
from palier.kit import formats

_MORE_DECIMALS = 4  # shown of an amount that is not whole, before the ellipsis
_LAST_DIGIT = re.compile(r"(\d)(\D*)$")


def sentences(steps: Sequence[Step], *, titles: Mapping[str, str]) -> list[str]:
    """One sentence for each step, in the active language; what `titles` does not name shows its key."""
    return [sentence(step, titles=titles) for step in steps]


def sentence(step: Step, *, titles: Mapping[str, str]) -> str:
    """The step in words, with its figures and dates as the active language writes them."""
    params = dict(step.params)
    params["title"] = titles.get(params.get("key", ""), params.get("key", ""))
    return _SENTENCES[step.code](params)


def _price(params: dict[str, Any]) -> str:
    seat = params["item_kind"] == "plan"
    said = {"title": params["title"], "unit": _money(params, "unit_minor")}
    if params["interval"] == "month":
        text = (
            _("The price of %(title)s is %(unit)s per user and month.")
            if seat
            else _("The price of %(title)s is %(unit)s per unit and month.")
        )
        return text % said
    if params["monthly_minor"] is None:
        text = (
            _("The price of %(title)s is %(unit)s per user and year.")
            if seat
            else _("The price of %(title)s is %(unit)s per unit and year.")
        )
        return text % said
    said |= {"monthly": _money(params, "monthly_minor"), "months": _number(params["months"])}
    if seat:
        return _("%(title)s for a year, per user: %(months)s months × %(monthly)s = %(unit)s.") % said
    return _("%(title)s for a year, per unit: %(months)s months × %(monthly)s = %(unit)s.") % said


def _credit(params: dict[str, Any]) -> str:
    return _("%(paid)s was invoiced for %(quantity)s × %(title)s, from %(first)s to %(last)s.") % {
        "paid": _money(params, "paid_minor"),
        "quantity": _number(params["quantity"]),
        "title": params["title"],
        **_days_of(params),
    }


def _each(params: dict[str, Any]) -> str:
    return _("Divided by %(quantity)s, that is %(each)s for one.") % {
        "quantity": _number(params["quantity"]),
        "each": _exact(params, params["currency"]),
    }


def _seats(params: dict[str, Any]) -> str:
    quantity = params["quantity"]
    if params["item_kind"] == "plan":
        text = ngettext(
            "%(quantity)s user: %(quantity)s × %(each)s = %(all)s.",
            "%(quantity)s users: %(quantity)s × %(each)s = %(all)s.",
            quantity,
        )
    else:
        text = ngettext(
            "%(quantity)s unit: %(quantity)s × %(each)s = %(all)s.",
            "%(quantity)s units: %(quantity)s × %(each)s = %(all)s.",
            quantity,
        )
    return text % {
        "quantity": _number(quantity),
        "each": _money(params, "each_minor"),
        "all": _money(params, "all_minor"),
    }


def _days(params: dict[str, Any]) -> str:
    said = {
        "left": _number(params["left"]),
        "units": _number(params["units"]),
        "changed": formats.long_day(date.fromisoformat(params["changed_on"]), _language(), params["zone"]),
        **_days_of(params),
    }
    if params["unit"] == "second":
        return _seconds(params, said)
    if params["whole"]:
        text = _("The whole period counts, from %(first)s to %(last)s: %(left)s of %(units)s days.")
    elif params["left"] == 0:
        text = _("%(changed)s counts as used and no day is left after it: %(left)s of %(units)s days.")
    elif params["change_day"] == "used":
        text = _("%(changed)s counts as used, so %(left)s of %(units)s days are left: from %(first)s to %(last)s.")
    else:
        text = _("%(changed)s counts as left, so %(left)s of %(units)s days are left: from %(first)s to %(last)s.")
    if params["day_count"] == "30":
        return _("%(sentence)s (Every month counts 30 days.)") % {"sentence": text % said}
    return text % said


def _seconds(params: dict[str, Any], said: dict[str, str]) -> str:
    starts_at, ends_at = (datetime.fromisoformat(params[name]) for name in ("starts_at", "ends_at"))
    language, zone = _language(), params["zone"]
    return _("%(left)s of %(units)s seconds are left: from %(from)s to %(until)s (%(zone)s time).") % {
        **said,
        "from": f"{formats.long_day(starts_at, language, zone)}, {formats.time_of_day(starts_at, language, zone)}",
        "until": f"{formats.long_day(ends_at, language, zone)}, {formats.time_of_day(ends_at, language, zone)}",
        "zone": zone,
    }


def _fraction(params: dict[str, Any]) -> str:
    value = _exact(params, params["currency"])
    if params["left"] == params["units"]:
        return _("Nothing is taken off: all of it counts, %(value)s.") % {"value": value}
    return _("%(of)s × %(left)s/%(units)s = %(value)s.") % {
        "of": _exact(params["of"], params["currency"]),
        "left": _number(params["left"]),
        "units": _number(params["units"]),
        "value": value,
    }


def _rounding(params: dict[str, Any]) -> str:
    if params["exact"]:
        return _("The result is exact, so nothing is rounded.")
    texts = {
        ("half_up", "line"): _("Rounded once for the line, halves up: %(rounded)s."),
        ("half_even", "line"): _("Rounded once for the line, halves to the even figure: %(rounded)s."),
        ("down", "line"): _("Rounded down once for the line: %(rounded)s."),
        ("half_up", "unit"): _("Rounded for one, halves up: %(rounded)s."),
        ("half_even", "unit"): _("Rounded for one, halves to the even figure: %(rounded)s."),
        ("down", "unit"): _("Rounded down for one: %(rounded)s."),
    }
    return texts[params["rounding"], params["rounded_per"]] % {"rounded": _money(params, "rounded_minor")}


def _cap(params: dict[str, Any]) -> str:
    return _(
        "No more than what remains of the invoiced line is given back: "
        "%(paid)s less %(credited)s credited before leaves %(available)s."
    ) % {name: _money(params, f"{name}_minor") for name in ("paid", "credited", "available")}


def _result(params: dict[str, Any]) -> str:
    if params["kind"] == "credit":
        text, amount = _("So this line gives back %(amount)s, before tax."), -params["amount_minor"]
    else:
        text, amount = _("So this line costs %(amount)s, before tax."), params["amount_minor"]
    return text % {"amount": formats.money(amount, params["currency"], _language())}


_SENTENCES: dict[Code, Callable[[dict[str, Any]], str]] = {
    Code.PRICE: _price,
    Code.CREDIT: _credit,
    Code.EACH: _each,
    Code.SEATS: _seats,
    Code.DAYS: _days,
    Code.FRACTION: _fraction,
    Code.ROUNDING: _rounding,
    Code.CAP: _cap,
    Code.RESULT: _result,
}


def _language() -> str:
    return translation.get_language() or "en"


def _number(value: int) -> str:
    return formats.whole_number(value, _language())


def _money(params: Mapping[str, Any], name: str) -> str:
    return formats.money(params[name], params["currency"], _language())


def _exact(value: Mapping[str, int], currency: str) -> str:
    """An exact amount; where it is not a whole number of minor units, its first decimals and an ellipsis."""
    numerator, denominator = value["numerator"], value["denominator"]
    if denominator == 1:
        return formats.money(numerator, currency, _language())
    shown, rest = divmod(numerator * 10**_MORE_DECIMALS, denominator)
    amount = Decimal(shown).scaleb(-exponent(currency) - _MORE_DECIMALS)
    text = numbers.format_currency(
        amount, currency, locale=formats.locale_of(_language()), currency_digits=False, decimal_quantization=False
    )
    return _LAST_DIGIT.sub(r"\1…\2", text) if rest else text


def _days_of(params: Mapping[str, Any]) -> dict[str, str]:
    language = _language()
    return {
        name: formats.long_day(date.fromisoformat(params[f"{name}_on"]), language, params.get("zone", "UTC"))
        for name in ("first", "last")
    }
