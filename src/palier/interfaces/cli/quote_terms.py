"""Policy and taxes of `palier quote`."""

from collections.abc import Mapping

from palier.engine.money import Rounding
from palier.engine.policies import ChangeDay, DayCount, ProrationPolicy, RoundedPer, Unit
from palier.engine.taxes import Taxing, TaxRule
from palier.interfaces.cli.quote_reading import Node

_RATE_DIGITS, _RATE_DECIMALS = 4, 4  # of a percentage; with four decimals, parts per million are whole


def policy_of(node: Node | None, default: ProrationPolicy) -> ProrationPolicy:
    """The default with the values that the input says otherwise."""
    if node is None:
        return default
    node.members()
    unit, change_day, day_count, rounding, rounded_per, zone = (
        node.child(name) for name in ("unit", "change_day", "day_count", "rounding", "rounded_per", "zone")
    )
    return ProrationPolicy(
        unit=default.unit if unit is None else unit.choice(Unit),
        change_day=default.change_day if change_day is None else change_day.choice(ChangeDay),
        day_count=default.day_count if day_count is None else day_count.choice(DayCount),
        rounding=default.rounding if rounding is None else rounding.choice(Rounding),
        rounded_per=default.rounded_per if rounded_per is None else rounded_per.choice(RoundedPer),
        zone=default.zone if zone is None else zone.zone(),
    )


class _ByKey(dict[str, TaxRule]):
    """Rules of single items over a rule for all the others."""

    def __init__(self, rules: Mapping[str, TaxRule], otherwise: TaxRule) -> None:
        super().__init__(rules)
        self.otherwise = otherwise

    def __missing__(self, key: str) -> TaxRule:
        return self.otherwise


def tax_of(node: Node | None) -> Taxing:
    """One rule, or rules by item over it; no tax where the input says nothing."""
    if node is None:
        return TaxRule(0, "O", "")
    rule = rule_of(node)
    by_item = node.child("by_item")
    if by_item is None:
        return rule
    if not isinstance(by_item.value, dict):
        raise by_item.mistake("not_an_object", "expected an object of rules by key")
    rules = {key: rule_of(Node(value, f"{by_item.path}.{key}", "tax")) for key, value in by_item.value.items()}
    return _ByKey(rules, rule)


def rule_of(node: Node) -> TaxRule:
    """One tax rule, wherever it stands in the input."""
    node = Node(node.value, node.path, "tax").members()
    rate, ppm, category, country, note = (
        node.child(name) for name in ("rate", "rate_ppm", "category", "country", "note")
    )
    if rate is not None and ppm is not None:
        raise node.mistake("said_twice", "both rate and rate_ppm are given", "keep one of them")
    rate_ppm = ppm.whole(least=0) if ppm is not None else 0 if rate is None else _percent(rate)
    return TaxRule(
        rate_ppm=rate_ppm,
        category=category.text() if category is not None else "S" if rate_ppm else "O",
        country="" if country is None else country.text(),
        note="" if note is None else note.text(),
    )


def _percent(node: Node) -> int:
    whole, _, part = node.value.partition(".") if isinstance(node.value, str) else ("", "", "")
    digits = whole + part.ljust(_RATE_DECIMALS, "0")
    if not (
        digits.isascii() and digits.isdigit() and whole and len(whole) <= _RATE_DIGITS and len(part) <= _RATE_DECIMALS
    ):
        raise node.mistake(
            "malformed_rate", f"{node.value!r} is not a rate in percent", 'write a text such as "20" or "5.5"'
        )
    return int(digits)
