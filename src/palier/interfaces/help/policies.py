"""The operator's rules by name, as values for ``{% if policy.trial_days %}`` and as words for ``{% policy %}``.

Days and minutes are plain numbers, so that the article says "days" itself:

    trial_days  trial_plan  quote_hold_minutes  invitation_days  minimum_seats  currencies
    retry_days ("1, 3, 5 and 7")  grace_days  give_up_days  notice_days ("30, 7 and 1")
    late_penalty ("12.15%")  recovery_fee ("€40.00")
    confirmation_days  trial_warning_days  usage_warning ("80%")  failures_a_day  card_tries
    attachment_megabytes
    change_day  day_count  rounding: parts of a sentence, such as "the day of the change counts as used"
    seat_charge  debt  oss: for conditions only, such as {% if policy.debt == "keep" %}
    seller  seller_email  seller_country  terms_version  host (the product's name)
"""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Final

from django.conf import settings
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from palier.apps.accounts.models import Invitation
from palier.apps.catalogue import Catalogue, countries
from palier.apps.chat.models import LARGEST_ATTACHMENT
from palier.engine.grants import THRESHOLDS
from palier.engine.money import Rounding, parse_amount
from palier.engine.policies import ChangeDay, DayCount, RoundedPer, Unit
from palier.flows import attempts, confirm, trial
from palier.interfaces.help.reading import Lacking
from palier.kit import formats

Value = int | str | tuple[int, ...] | tuple[str, ...]
Rule = Callable[[Catalogue, str], Value]


class Rules(Mapping[str, Value]):
    """All rules of a catalogue by name, in a language; a template reads them as ``policy.grace_days``."""

    def __init__(self, catalogue: Catalogue, language: str) -> None:
        self._catalogue = catalogue
        self._language = language

    def __getitem__(self, name: str) -> Value:
        return RULES[name](self._catalogue, self._language)

    def __iter__(self) -> Iterator[str]:
        return iter(RULES)

    def __len__(self) -> int:
        return len(RULES)


def words(name: str, catalogue: Catalogue, language: str) -> str:
    """A rule as an article says it."""
    if name not in RULES:
        raise Lacking(f"policy {name}")
    value = RULES[name](catalogue, language)
    if isinstance(value, tuple):
        told = [formats.whole_number(each, language) if isinstance(each, int) else each for each in value]
        return get_text_list(told, _("and"))
    return formats.whole_number(value, language) if isinstance(value, int) else value


def _change_day(catalogue: Catalogue, language: str) -> str:
    if catalogue.policy.unit is Unit.SECOND:
        return _("every second of the period counts")
    if catalogue.policy.change_day is ChangeDay.USED:
        return _("the day of the change counts as used")
    return _("the day of the change counts as left")


def _day_count(catalogue: Catalogue, language: str) -> str:
    if catalogue.policy.day_count is DayCount.THIRTY:
        return _("every month counts 30 days")
    return _("every month counts its real days")


def _rounding(catalogue: Catalogue, language: str) -> str:
    texts = {
        (Rounding.HALF_UP, RoundedPer.LINE): _("each line is rounded once, halves up"),
        (Rounding.HALF_EVEN, RoundedPer.LINE): _("each line is rounded once, halves to the even figure"),
        (Rounding.DOWN, RoundedPer.LINE): _("each line is rounded down once"),
        (Rounding.HALF_UP, RoundedPer.UNIT): _("the sum for one is rounded, halves up, and then multiplied"),
        (Rounding.HALF_EVEN, RoundedPer.UNIT): _(
            "the sum for one is rounded, halves to the even figure, and then multiplied"
        ),
        (Rounding.DOWN, RoundedPer.UNIT): _("the sum for one is rounded down, and then multiplied"),
    }
    return texts[catalogue.policy.rounding, catalogue.policy.rounded_per]


def _recovery_fee(catalogue: Catalogue, language: str) -> str:
    return formats.money(parse_amount(catalogue.seller.recovery_fee, "EUR"), "EUR", language)


def _late_penalty(catalogue: Catalogue, language: str) -> str:
    return formats.percent(int(Decimal(catalogue.seller.late_penalty_percent) * 10_000), language)


def _minimum_seats(catalogue: Catalogue, language: str) -> int:
    return min(plan.seats_min for plan in catalogue.paid_plans or catalogue.plans)


RULES: Final[Mapping[str, Rule]] = {
    "trial_days": lambda catalogue, language: catalogue.trial.days,
    "trial_plan": lambda catalogue, language: catalogue.plan(catalogue.trial.plan).name(language),
    "quote_hold_minutes": lambda catalogue, language: catalogue.quote_hold_minutes,
    "invitation_days": lambda catalogue, language: Invitation.LIFETIME.days,
    "minimum_seats": _minimum_seats,
    "currencies": lambda catalogue, language: catalogue.currencies,
    "retry_days": lambda catalogue, language: catalogue.dunning.retry_days,
    "grace_days": lambda catalogue, language: catalogue.dunning.grace_days,
    "give_up_days": lambda catalogue, language: catalogue.dunning.give_up_days,
    "notice_days": lambda catalogue, language: catalogue.renewals.notice_days,
    "late_penalty": _late_penalty,
    "recovery_fee": _recovery_fee,
    "confirmation_days": lambda catalogue, language: confirm.LIFETIME.days,
    "trial_warning_days": lambda catalogue, language: trial.WARNED.days,
    "usage_warning": lambda catalogue, language: formats.percent(min(THRESHOLDS) * 10_000, language),
    "failures_a_day": lambda catalogue, language: attempts.FAILURES,
    "card_tries": lambda catalogue, language: attempts.NETWORK_TRIES,
    "attachment_megabytes": lambda catalogue, language: LARGEST_ATTACHMENT // 1024**2,
    "seat_charge": lambda catalogue, language: catalogue.seats.charge,
    "debt": lambda catalogue, language: catalogue.dunning.debt,
    "oss": lambda catalogue, language: catalogue.seller.oss_registered,
    "change_day": _change_day,
    "day_count": _day_count,
    "rounding": _rounding,
    "seller": lambda catalogue, language: catalogue.seller.name,
    "seller_email": lambda catalogue, language: catalogue.seller.email,
    "seller_country": lambda catalogue, language: countries.names(language)[catalogue.seller.country],
    "terms_version": lambda catalogue, language: catalogue.terms.version,
    "host": lambda catalogue, language: settings.HOST_NAME,
}
