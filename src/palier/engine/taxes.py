"""Taxes: one amount for each rule, on the net total of the lines under it, half-up."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from palier.engine.errors import EngineError
from palier.engine.money import Rounding, rounded

PPM = 1_000_000


class TaxRateOutOfRange(EngineError):
    """A rate below zero."""

    code: ClassVar[str] = "tax_rate_out_of_range"


@dataclass(frozen=True, slots=True)
class TaxRule:
    """One rate and why it applies. `rate_ppm` is in parts per million: 200000 is 20 %."""

    rate_ppm: int
    category: str  # EN 16931: "S" standard, "AE" reverse charge, "G" export, "O" outside scope, "E" exempt, "Z" zero
    country: str
    note: str = ""  # "" | "reverse_charge" | "outside_eu" ...: the mention that the invoice must carry

    def __post_init__(self) -> None:
        if self.rate_ppm < 0:
            raise TaxRateOutOfRange(f"tax rate {self.rate_ppm} is below zero")


@dataclass(frozen=True, slots=True)
class TaxAmount:
    """The tax of one rule: base and tax in minor units, both negative when credits outweigh charges."""

    rule: TaxRule
    base_minor: int
    tax_minor: int


# One rule for the whole purchase, or one for each key of its items.
Taxing = TaxRule | Mapping[str, TaxRule]


def rule_for(tax: Taxing, key: str) -> TaxRule:
    """The rule of one item. A missing key is a KeyError: the caller names a rule for everything it sells."""
    return tax if isinstance(tax, TaxRule) else tax[key]


def tax_on(base_minor: int, rate_ppm: int) -> int:
    """Tax on a net total, half-up as EN 16931 asks, whatever the policy of proration says."""
    return rounded(base_minor * rate_ppm, PPM, Rounding.HALF_UP)


def taxes(nets: Iterable[tuple[TaxRule, int]]) -> tuple[TaxAmount, ...]:
    """Group net amounts by rule, in order of first appearance, and tax each total once."""
    bases: dict[TaxRule, int] = {}
    for rule, net_minor in nets:
        bases[rule] = bases.get(rule, 0) + net_minor
    return tuple(TaxAmount(rule, base, tax_on(base, rule.rate_ppm)) for rule, base in bases.items())
