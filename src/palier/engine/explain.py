"""Why this amount: every line taken apart into steps, and put together again to prove that they say the truth.

A step is a code and plain values (whole numbers, texts, true or false); `recompute` needs nothing else to arrive at
the amount. Sentences are made from steps by the interfaces, one for each step, in the reader's language.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import Any, ClassVar, Protocol

from palier.engine.errors import EngineError
from palier.engine.lines import Line, LineKind
from palier.engine.money import Rounding, round_minor
from palier.engine.periods import Period, in_utc, local_date
from palier.engine.policies import ProrationPolicy, RoundedPer, Unit


class Code(StrEnum):
    """What a step says. In the order of a line: from the price (or the invoiced amount) to the result."""

    PRICE = "price"  # what one seat or unit costs for a full period
    CREDIT = "credit"  # what was invoiced for the time that is given back
    EACH = "each"  # the part of one seat in it (only where one seat is rounded)
    SEATS = "seats"  # times so many
    DAYS = "days"  # which days are counted, and how many of how many
    FRACTION = "fraction"  # times left over units
    ROUNDING = "rounding"
    CAP = "cap"  # a credit never exceeds what is left of the invoiced line
    RESULT = "result"


class UnknownStep(EngineError):
    """A step whose code this version does not know."""

    code: ClassVar[str] = "unknown_step"


@dataclass(frozen=True, slots=True)
class Step:
    """One step; `params` holds whole numbers (minor units, days, seconds), texts (keys, ISO dates), booleans, null."""

    code: Code
    params: dict[str, Any]


class Grounds(Protocol):
    """What a line was computed on; a draft knows it, and so does who reads a stored line."""

    @property
    def currency(self) -> str: ...

    @property
    def policy(self) -> ProrationPolicy: ...

    @property
    def computed_at(self) -> datetime: ...


def steps(line: Line, draft: Grounds) -> tuple[Step, ...]:
    """The steps of one line of a draft; `recompute(steps(line, draft)) == line.amount_minor`, always."""
    policy, currency = draft.policy, draft.currency
    credit = line.kind is LineKind.CREDIT
    chain = [_credit_step(line, policy, currency) if credit else _price_step(line, currency)]
    value = Fraction(line.paid_minor if credit else line.unit_minor)
    per_unit = policy.rounded_per is RoundedPer.UNIT
    if credit and per_unit:
        value = Fraction(value, line.quantity)
        chain.append(Step(Code.EACH, {"quantity": line.quantity, **_exact(value), "currency": currency}))
    if not credit and not per_unit:
        chain.append(_seats_step(line, value, currency))
        value *= line.quantity
    chain.append(_days_step(line, draft))
    chain.append(_fraction_step(line, value, currency))
    value *= Fraction(line.left, line.units)
    chain.append(_rounding_step(value, policy, currency))
    value = Fraction(round_minor(value, policy.rounding))
    if per_unit:
        chain.append(_seats_step(line, value, currency))
        value *= line.quantity
    if credit and value > line.paid_minor - line.credited_minor:
        chain.append(_cap_step(line, value.numerator, currency))
    chain.append(Step(Code.RESULT, {"kind": line.kind.value, "amount_minor": line.amount_minor, "currency": currency}))
    return tuple(chain)


def recompute(chain: Sequence[Step]) -> int:
    """The amount that the steps lead to, from their parameters alone; minor units, a credit negative."""
    value = Fraction(0)
    for step in chain:
        params = step.params
        match step.code:
            case Code.PRICE:
                value = Fraction(params["unit_minor"])
            case Code.CREDIT:
                value = Fraction(params["paid_minor"])
            case Code.EACH:
                value = Fraction(value, params["quantity"])
            case Code.SEATS:
                value *= params["quantity"]
            case Code.FRACTION:
                value *= Fraction(params["left"], params["units"])
            case Code.ROUNDING:
                value = Fraction(round_minor(value, Rounding(params["rounding"])))
            case Code.CAP:
                value = min(value, Fraction(params["paid_minor"] - params["credited_minor"]))
            case Code.RESULT if params["kind"] == LineKind.CREDIT.value:
                value = -value
    return value.numerator


def steps_to_json(chain: Sequence[Step]) -> list[dict[str, Any]]:
    """Plain JSON, as kept with an invoice line and answered to programs."""
    return [{"code": step.code.value, "params": dict(step.params)} for step in chain]


def steps_from_json(data: Sequence[dict[str, Any]]) -> tuple[Step, ...]:
    """The steps that steps_to_json wrote, or UnknownStep."""
    try:
        return tuple(Step(Code(step["code"]), dict(step["params"])) for step in data)
    except (KeyError, TypeError, ValueError) as problem:
        raise UnknownStep(f"not a list of steps: {problem}") from problem


def _price_step(line: Line, currency: str) -> Step:
    months = line.interval.months
    monthly, rest = divmod(line.unit_minor, months)
    return Step(
        Code.PRICE,
        {
            "key": line.key,
            "item_kind": line.item_kind.value,
            "interval": line.interval.value,
            "months": months,
            "monthly_minor": None if rest else monthly,
            "unit_minor": line.unit_minor,
            "currency": currency,
        },
    )


def _credit_step(line: Line, policy: ProrationPolicy, currency: str) -> Step:
    return Step(
        Code.CREDIT,
        {
            "key": line.key,
            "item_kind": line.item_kind.value,
            "line": line.credits,
            "quantity": line.quantity,
            "paid_minor": line.paid_minor,
            **_dates(line.counted_in, policy),
            "currency": currency,
        },
    )


def _seats_step(line: Line, each: Fraction, currency: str) -> Step:
    return Step(
        Code.SEATS,
        {
            "item_kind": line.item_kind.value,
            "quantity": line.quantity,
            "each_minor": each.numerator,
            "all_minor": each.numerator * line.quantity,
            "currency": currency,
        },
    )


def _days_step(line: Line, draft: Grounds) -> Step:
    policy = draft.policy
    return Step(
        Code.DAYS,
        {
            "unit": policy.unit.value,
            "change_day": policy.change_day.value,
            "day_count": policy.day_count.value,
            "zone": policy.zone,
            "changed_on": local_date(draft.computed_at, policy.zone).isoformat(),
            "changed_at": in_utc(draft.computed_at).isoformat(),
            "left": line.left,
            "units": line.units,
            "whole": line.period == line.counted_in,
            **_dates(line.period, policy),
        },
    )


def _fraction_step(line: Line, value: Fraction, currency: str) -> Step:
    return Step(
        Code.FRACTION,
        {
            "left": line.left,
            "units": line.units,
            "of": _exact(value),
            **_exact(value * Fraction(line.left, line.units)),
            "currency": currency,
        },
    )


def _rounding_step(value: Fraction, policy: ProrationPolicy, currency: str) -> Step:
    return Step(
        Code.ROUNDING,
        {
            "rounding": policy.rounding.value,
            "rounded_per": policy.rounded_per.value,
            **_exact(value),
            "rounded_minor": round_minor(value, policy.rounding),
            "exact": value.denominator == 1,
            "currency": currency,
        },
    )


def _cap_step(line: Line, rest_minor: int, currency: str) -> Step:
    return Step(
        Code.CAP,
        {
            "rest_minor": rest_minor,
            "paid_minor": line.paid_minor,
            "credited_minor": line.credited_minor,
            "available_minor": line.paid_minor - line.credited_minor,
            "currency": currency,
        },
    )


def _exact(value: Fraction) -> dict[str, int]:
    """An exact number of minor units, possibly not whole, as a pair."""
    return {"numerator": value.numerator, "denominator": value.denominator}


def _dates(period: Period, policy: ProrationPolicy) -> dict[str, Any]:
    """First and last local day of a period (both included; no last day before the first for an empty one)."""
    first = local_date(period.start, policy.zone)
    last = local_date(period.end, policy.zone)
    inclusive = last if policy.unit is Unit.SECOND else max(first, last - timedelta(days=1))
    return {
        "first_on": first.isoformat(),
        "last_on": inclusive.isoformat(),
        "starts_at": period.start.isoformat(),
        "ends_at": period.end.isoformat(),
    }
