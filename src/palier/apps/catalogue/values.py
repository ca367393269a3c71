"""The catalogue as frozen values. Made by ``parse``; nothing here reads a file or a database."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from palier.engine.money import Rounding, round_minor
from palier.engine.periods import Interval
from palier.engine.policies import ProrationPolicy
from palier.engine.prices import ItemKind, Price
from palier.kit.refusals import Refusal

Texts = Mapping[str, str]  # by language
MonthlyPrices = Mapping[tuple[str, Interval], int]  # by currency and interval: minor units per unit and month


class NotInCatalogue(Refusal):
    code = "catalogue.key_unknown"
    en = "This plan or add-on is no longer offered. Nothing was changed; choose another one on the Plans page."
    fr = (
        "Ce plan ou ce complément n’est plus proposé. Rien n’a été modifié\u202f; "
        "choisissez-en un autre sur la page Plans."
    )
    field = "plan"


class PriceNotInCatalogue(Refusal):
    code = "catalogue.price_unknown"
    en = "There is no price in {currency} for this choice. Nothing was changed; please write to us and we will help."
    fr = (
        "Il n’existe pas de prix en {currency} pour ce choix. Rien n’a été modifié\u202f; "
        "écrivez-nous, nous vous aiderons."
    )
    field = "plan"


def spoken(by_language: Texts, language: str) -> str:
    """The text in the reader's language, else in English."""
    return by_language.get(language.split("-")[0].lower()) or by_language["en"]


@dataclass(frozen=True, slots=True)
class Seller:
    """Who sells and invoices. Flat texts, so that an invoice can keep them as they were on its day."""

    name: str
    legal: str  # form, capital and register
    address: str
    postcode: str
    city: str
    country: str  # ISO 3166-1, a member of the European Union
    siren: str
    vat_number: str
    email: str
    time_zone: str
    invoice_prefix: str
    late_penalty_percent: str  # a year, such as "12.15"
    recovery_fee: str  # euros, such as "40.00"
    oss_registered: bool


@dataclass(frozen=True, slots=True)
class Limit:
    """What a limit counts; ``per`` is "seat" (pooled over the account) or "account"."""

    key: str
    per: str
    names: Texts

    def name(self, language: str) -> str:
        return spoken(self.names, language)


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan. ``limits`` holds a number for each limit, None for unlimited. The free plan has no price and no seats."""

    key: str
    rank: int
    names: Texts
    taglines: Texts
    features_by_language: Mapping[str, tuple[str, ...]]
    limits: Mapping[str, int | None]
    prices: MonthlyPrices
    seats_min: int
    seats_max: int
    free: bool
    most_popular: bool
    retired: bool

    def name(self, language: str) -> str:
        return spoken(self.names, language)

    def tagline(self, language: str) -> str:
        return spoken(self.taglines, language)

    def features(self, language: str) -> tuple[str, ...]:
        """The list on the plan's card."""
        return self.features_by_language.get(language.split("-")[0].lower()) or self.features_by_language["en"]

    def price(self, interval: Interval, currency: str) -> Price:
        """The price per seat as the engine takes it; refused where the plan has none in the currency."""
        return _price(self.key, ItemKind.PLAN, self.rank, self.prices, interval, currency)

    def saving_percent(self, currency: str) -> int:
        """What paying for a year saves against twelve months, in whole percent, half-up; 0 without prices."""
        monthly = self.prices.get((currency, Interval.MONTH), 0)
        yearly = self.prices.get((currency, Interval.YEAR), 0)
        return round_minor(Fraction(100 * (monthly - yearly), monthly), Rounding.HALF_UP) if monthly else 0


@dataclass(frozen=True, slots=True)
class AddOn:
    """Something bought by the unit beside a plan; a unit raises ``limit`` of the account by ``adds``."""

    key: str
    names: Texts
    limit: str
    adds: int
    max_units: int
    prices: MonthlyPrices
    retired: bool

    def name(self, language: str) -> str:
        return spoken(self.names, language)

    def price(self, interval: Interval, currency: str) -> Price:
        """The price per unit as the engine takes it; refused where there is none in the currency."""
        return _price(self.key, ItemKind.ADD_ON, 0, self.prices, interval, currency)


@dataclass(frozen=True, slots=True)
class Trial:
    """``days`` 0: no trial."""

    days: int
    plan: str


@dataclass(frozen=True, slots=True)
class SeatBilling:
    """When more seats are charged: "at_once" (paid first), "end_of_day" (the changes of a day are one invoice), or
    "threshold": as end_of_day, but at once when the day's sum passes ``threshold_minor`` of the currency."""

    charge: str
    threshold_minor: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Renewals:
    """How many days before the renewal of a year the customer is told its sum, the longest first."""

    notice_days: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Dunning:
    """What happens when a renewal is not paid. All counted in days from the first failed attempt.

    ``retry_days``: when the card is tried again. ``grace_days``: until when access goes on. ``give_up_days``: when the
    subscription ends. ``debt``: "write_off", or "keep" for a debt that stays open.
    """

    retry_days: tuple[int, ...]
    grace_days: int
    give_up_days: int
    debt: str


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of service that a buyer accepts."""

    version: str
    titles: Texts
    texts: Texts

    def title(self, language: str) -> str:
        return spoken(self.titles, language)

    def text(self, language: str) -> str:
        """The whole text, Markdown."""
        return spoken(self.texts, language)

    def sha256(self, language: str) -> str:
        """The hash of the text in the reader's language, kept as evidence of what was accepted."""
        return hashlib.sha256(self.text(language).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Catalogue:
    """A whole catalogue. ``version_id`` is the number it was published under, 0 for a file that was only read."""

    version_id: int
    languages: tuple[str, ...]
    quote_hold_minutes: int
    seller: Seller
    default_currency: str
    currency_by_country: Mapping[str, str]
    limits: Mapping[str, Limit]
    plans: tuple[Plan, ...]  # by rank
    add_ons: tuple[AddOn, ...]
    trial: Trial
    seats: SeatBilling
    renewals: Renewals
    dunning: Dunning
    policy: ProrationPolicy
    terms: Terms

    @property
    def free_plan(self) -> Plan:
        """What an account has without a subscription."""
        return next(plan for plan in self.plans if plan.free)

    @property
    def paid_plans(self) -> tuple[Plan, ...]:
        """The plans on sale, by rank."""
        return tuple(plan for plan in self.plans if not plan.free and not plan.retired)

    @property
    def add_ons_for_sale(self) -> tuple[AddOn, ...]:
        return tuple(add_on for add_on in self.add_ons if not add_on.retired)

    @property
    def currencies(self) -> tuple[str, ...]:
        """Every currency that customers pay in, the default one first."""
        return tuple(dict.fromkeys([self.default_currency, *self.currency_by_country.values()]))

    def currency_for(self, country: str) -> str:
        """The currency of a country (ISO 3166-1 alpha-2), else the default one."""
        return self.currency_by_country.get(country.upper(), self.default_currency)

    def plan(self, key: str) -> Plan:
        """The plan with this key, on sale or not; refused for an unknown key."""
        for plan in self.plans:
            if plan.key == key:
                return plan
        raise NotInCatalogue

    def add_on(self, key: str) -> AddOn:
        """The add-on with this key, on sale or not; refused for an unknown key."""
        for add_on in self.add_ons:
            if add_on.key == key:
                return add_on
        raise NotInCatalogue(field="add_on")

    def item_name(self, key: str, language: str) -> str:
        """The name of a plan or an add-on: their keys never meet."""
        items: tuple[Plan | AddOn, ...] = (*self.plans, *self.add_ons)
        for item in items:
            if item.key == key:
                return item.name(language)
        raise NotInCatalogue

    def price(self, plan_key: str, interval: Interval, currency: str) -> Price:
        """A plan's price per seat as the engine takes it."""
        return self.plan(plan_key).price(interval, currency)

    def savings_percent(self, currency: str) -> tuple[int, int]:
        """What the plans on sale save when paid for a year, from the least to the most, in whole percent."""
        savings = sorted(plan.saving_percent(currency) for plan in self.paid_plans) or [0]
        return savings[0], savings[-1]


def _price(key: str, kind: ItemKind, rank: int, prices: MonthlyPrices, interval: Interval, currency: str) -> Price:
    try:
        monthly_minor = prices[currency, interval]
    except KeyError:
        raise PriceNotInCatalogue(currency=currency) from None
    return Price(key, kind, rank, interval, currency, monthly_minor)
