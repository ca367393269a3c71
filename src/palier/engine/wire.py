"""Drafts as JSON: whole numbers and ISO texts only, an exact round trip, one canonical form and its digest."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, ClassVar

from palier.engine.drafts import Beside, Change, Draft, RenewalPreview
from palier.engine.errors import EngineError
from palier.engine.lines import Line, LineKind
from palier.engine.money import Rounding
from palier.engine.periods import Interval, Period
from palier.engine.policies import ChangeDay, DayCount, Direction, ProrationPolicy, RoundedPer, Unit
from palier.engine.prices import ItemKind, Price
from palier.engine.subscription import Item, State
from palier.engine.taxes import TaxAmount, TaxRule

Json = dict[str, Any]


class UnreadableWire(EngineError):
    """JSON that is not a value written by this module."""

    code: ClassVar[str] = "unreadable_wire"


def draft_to_json(draft: Draft) -> Json:
    """The draft as a dictionary of whole numbers, texts, lists and null; "beside" only where it touches two
    subscriptions."""
    beside = {} if draft.beside is None else {"beside": _beside_to_json(draft.beside)}
    return {
        "change": draft.change.value,
        "direction": draft.direction.value,
        "currency": draft.currency,
        "lines": [line_to_json(line) for line in draft.lines],
        "net_minor": draft.net_minor,
        "taxes": [
            {"rule": tax_rule_to_json(part.rule), "base_minor": part.base_minor, "tax_minor": part.tax_minor}
            for part in draft.taxes
        ],
        "tax_minor": draft.tax_minor,
        "total_minor": draft.total_minor,
        "after": state_to_json(draft.after),
        "renewal": _renewal_to_json(draft.renewal),
        "policy": policy_to_json(draft.policy),
        "rule_version": draft.rule_version,
        "computed_at": instant_to_text(draft.computed_at),
        **beside,
    }


def draft_from_json(data: Mapping[str, Any]) -> Draft:
    """The draft that draft_to_json wrote, equal in every field; UnreadableWire for anything else."""
    try:
        beside = data.get("beside")
        return Draft(
            change=Change(data["change"]),
            direction=Direction(data["direction"]),
            currency=_text(data["currency"]),
            lines=tuple(line_from_json(line) for line in data["lines"]),
            net_minor=_whole(data["net_minor"]),
            taxes=tuple(
                TaxAmount(tax_rule_from_json(part["rule"]), _whole(part["base_minor"]), _whole(part["tax_minor"]))
                for part in data["taxes"]
            ),
            tax_minor=_whole(data["tax_minor"]),
            total_minor=_whole(data["total_minor"]),
            after=state_from_json(data["after"]),
            renewal=_renewal_from_json(data["renewal"]),
            policy=policy_from_json(data["policy"]),
            rule_version=_whole(data["rule_version"]),
            computed_at=instant_from_text(data["computed_at"]),
            beside=None if beside is None else _beside_from_json(beside),
        )
    except (KeyError, TypeError, ValueError) as problem:
        raise UnreadableWire(f"not a draft: {problem}") from problem


def _renewal_to_json(renewal: RenewalPreview) -> Json:
    return {
        "at": instant_to_text(renewal.at),
        "period": period_to_json(renewal.period),
        "net_minor": renewal.net_minor,
        "tax_minor": renewal.tax_minor,
        "total_minor": renewal.total_minor,
    }


def _renewal_from_json(data: Mapping[str, Any]) -> RenewalPreview:
    return RenewalPreview(
        instant_from_text(data["at"]),
        period_from_json(data["period"]),
        _whole(data["net_minor"]),
        _whole(data["tax_minor"]),
        _whole(data["total_minor"]),
    )


def _beside_to_json(beside: Beside) -> Json:
    return {
        "interval": beside.interval.value,
        "state": None if beside.state is None else state_to_json(beside.state),
        "renewal": None if beside.renewal is None else _renewal_to_json(beside.renewal),
    }


def _beside_from_json(data: Mapping[str, Any]) -> Beside:
    return Beside(
        Interval(data["interval"]),
        None if data["state"] is None else state_from_json(data["state"]),
        None if data["renewal"] is None else _renewal_from_json(data["renewal"]),
    )


def canonical_bytes(draft: Draft) -> bytes:
    """The one byte sequence of a draft: sorted keys, no spaces, UTF-8."""
    return json.dumps(draft_to_json(draft), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest(draft: Draft) -> str:
    """SHA-256 of the canonical bytes, in hexadecimal: what a quote promises and a payment is bound to."""
    return sha256(canonical_bytes(draft)).hexdigest()


def line_to_json(line: Line) -> Json:
    """One line with every input of its amount; `fraction` repeats left/units for readers that want a pair."""
    return {
        "kind": line.kind.value,
        "item_kind": line.item_kind.value,
        "key": line.key,
        "quantity": line.quantity,
        "unit_minor": line.unit_minor,
        "interval": line.interval.value,
        "period": period_to_json(line.period),
        "amount_minor": line.amount_minor,
        "left": line.left,
        "units": line.units,
        "fraction": list(line.fraction),
        "unit": line.unit.value,
        "tax": tax_rule_to_json(line.tax),
        "counted_in": period_to_json(line.counted_in),
        "credits": line.credits,
        "paid_minor": line.paid_minor,
        "credited_minor": line.credited_minor,
    }


def line_from_json(data: Mapping[str, Any]) -> Line:
    return Line(
        kind=LineKind(data["kind"]),
        item_kind=ItemKind(data["item_kind"]),
        key=_text(data["key"]),
        quantity=_whole(data["quantity"]),
        unit_minor=_whole(data["unit_minor"]),
        interval=Interval(data["interval"]),
        period=period_from_json(data["period"]),
        amount_minor=_whole(data["amount_minor"]),
        left=_whole(data["left"]),
        units=_whole(data["units"]),
        unit=Unit(data["unit"]),
        tax=tax_rule_from_json(data["tax"]),
        counted_in=period_from_json(data["counted_in"]),
        credits=None if data["credits"] is None else _text(data["credits"]),
        paid_minor=_whole(data["paid_minor"]),
        credited_minor=_whole(data["credited_minor"]),
    )


def price_to_json(price: Price) -> Json:
    return {
        "key": price.key,
        "kind": price.kind.value,
        "rank": price.rank,
        "interval": price.interval.value,
        "currency": price.currency,
        "monthly_minor": price.monthly_minor,
        "full_minor": price.full_minor,
    }


def price_from_json(data: Mapping[str, Any]) -> Price:
    return Price(
        key=_text(data["key"]),
        kind=ItemKind(data["kind"]),
        rank=_whole(data["rank"]),
        interval=Interval(data["interval"]),
        currency=_text(data["currency"]),
        monthly_minor=_whole(data["monthly_minor"]),
        full_minor=None if data["full_minor"] is None else _whole(data["full_minor"]),
    )


def state_to_json(state: State) -> Json:
    return {
        "interval": state.interval.value,
        "currency": state.currency,
        "anchor_at": instant_to_text(state.anchor_at),
        "period": period_to_json(state.period),
        "items": [{"price": price_to_json(item.price), "quantity": item.quantity} for item in state.items],
    }


def state_from_json(data: Mapping[str, Any]) -> State:
    return State(
        interval=Interval(data["interval"]),
        currency=_text(data["currency"]),
        anchor_at=instant_from_text(data["anchor_at"]),
        period=period_from_json(data["period"]),
        items=tuple(Item(price_from_json(item["price"]), _whole(item["quantity"])) for item in data["items"]),
    )


def policy_to_json(policy: ProrationPolicy) -> Json:
    return {
        "unit": policy.unit.value,
        "change_day": policy.change_day.value,
        "day_count": policy.day_count.value,
        "rounding": policy.rounding.value,
        "rounded_per": policy.rounded_per.value,
        "zone": policy.zone,
    }


def policy_from_json(data: Mapping[str, Any]) -> ProrationPolicy:
    return ProrationPolicy(
        unit=Unit(data["unit"]),
        change_day=ChangeDay(data["change_day"]),
        day_count=DayCount(data["day_count"]),
        rounding=Rounding(data["rounding"]),
        rounded_per=RoundedPer(data["rounded_per"]),
        zone=_text(data["zone"]),
    )


def tax_rule_to_json(rule: TaxRule) -> Json:
    return {"rate_ppm": rule.rate_ppm, "category": rule.category, "country": rule.country, "note": rule.note}


def tax_rule_from_json(data: Mapping[str, Any]) -> TaxRule:
    return TaxRule(_whole(data["rate_ppm"]), _text(data["category"]), _text(data["country"]), _text(data["note"]))


def period_to_json(period: Period) -> Json:
    return {"start": instant_to_text(period.start), "end": instant_to_text(period.end)}


def period_from_json(data: Mapping[str, Any]) -> Period:
    return Period(instant_from_text(data["start"]), instant_from_text(data["end"]))


def instant_to_text(at: datetime) -> str:
    """ISO 8601 in UTC with a final Z, microseconds only where there are any."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def instant_from_text(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise UnreadableWire(f"{text!r} has no time zone")
    return at.astimezone(UTC)


def _whole(value: Any) -> int:
    if type(value) is not int:
        raise UnreadableWire(f"{value!r} is not a whole number")
    return value


def _text(value: Any) -> str:
    if type(value) is not str:
        raise UnreadableWire(f"{value!r} is not a text")
    return value
