"""Every step of every kind of line as a sentence, in both languages."""

import pytest
from django.utils import translation

from palier.engine import drafts
from palier.engine.drafts import Draft
from palier.engine.explain import steps
from palier.engine.prices import Price
from palier.engine.subscription import Item, Paid
from palier.interfaces.ui.explanations import sentences
from tests.engine.facts import BUSINESS, RECORDS, TEAM, TEAM_YEAR, VAT, at, days, policy, price, subscription

JUNE = days("2026-06-01", "2026-07-01")
FROM_THE_20TH = "from 20 June 2026 to 30 June 2026"
FROM_THE_21ST = "from 21 June 2026 to 30 June 2026"
FROM_NOON = "from 20 June 2026, 12:00 to 1 July 2026, 00:00"
USED = "20 June 2026 counts as used,"
TITLES = {"team": "Team", "business": "Business", "records": "10 000 fiches"}


def said(draft: Draft, place: int, language: str) -> list[str]:
    with translation.override(language):
        return [plain(text) for text in sentences(steps(draft.lines[place], draft), titles=TITLES)]


def plain(text: str) -> str:
    """Without the no-break spaces that French puts before its marks and within its figures."""
    return text.replace("\u202f", " ").replace("\xa0", " ")


def seats(monthly: Price, more: int, day: str, **values: str) -> Draft:
    current = subscription(Item(monthly, 1), period=JUNE)
    return drafts.seat_increase(current, seats=1 + more, tax=VAT, policy=policy(**values), now=at(day))


def test_a_charge_in_mid_period() -> None:
    draft = seats(price("team", monthly_minor=800), 1, "2026-06-10")
    assert said(draft, 0, "en") == [
        "The price of Team is €8.00 per user and month.",
        "1 user: 1 × €8.00 = €8.00.",
        "10 June 2026 counts as used, so 20 of 30 days are left: from 11 June 2026 to 30 June 2026.",
        "€8.00 × 20/30 = €5.333333….",
        "Rounded once for the line, halves up: €5.33.",
        "So this line costs €5.33, before tax.",
    ]
    assert said(draft, 0, "fr") == [
        "Le prix du plan Team est de 8,00 € par utilisateur et par mois.",
        "1 utilisateur : 1 × 8,00 € = 8,00 €.",
        "Le 10 juin 2026 compte comme utilisé, il reste donc 20 jours sur 30 : du 11 juin 2026 au 30 juin 2026.",
        "8,00 € × 20/30 = 5,333333… €.",
        "Arrondi une seule fois pour la ligne, les moitiés vers le haut : 5,33 €.",
        "Cette ligne coûte donc 5,33 €, hors taxes.",
    ]


def test_a_credit_that_meets_its_cap() -> None:
    paid = Paid("base", TEAM.kind, "team", 3, 10900, JUNE, 32700, credited_minor=30000)
    current = subscription(Item(TEAM, 3), period=JUNE, paid=(paid,))
    draft = drafts.plan_change(current, plan=BUSINESS, tax=VAT, policy=policy(), now=at("2026-06-20"))
    assert said(draft, 0, "en")[-2:] == [
        "No more than what remains of the invoiced line is given back: "
        "€327.00 less €300.00 credited before leaves €27.00.",
        "So this line gives back €27.00, before tax.",
    ]
    assert said(draft, 0, "fr")[-1] == "Cette ligne rend donc 27,00 €, hors taxes."


def test_a_full_year() -> None:
    draft = drafts.new_subscription(plan=TEAM_YEAR, seats=2, tax=VAT, policy=policy(), now=at("2026-11-23"))
    assert said(draft, 0, "en")[:4] == [
        "Team for a year, per user: 12 months × €95.00 = €1,140.00.",
        "2 users: 2 × €1,140.00 = €2,280.00.",
        "The whole period counts, from 23 November 2026 to 22 November 2027: 365 of 365 days.",
        "Nothing is taken off: all of it counts, €2,280.00.",
    ]


def test_units_of_an_add_on() -> None:
    current = subscription(Item(TEAM, 1), period=JUNE)
    draft = drafts.change(
        current, plan=TEAM, seats=1, add_ons=[Item(RECORDS, 3)], tax=VAT, policy=policy(), now=at("2026-06-20")
    )
    assert said(draft, 0, "fr")[:2] == [
        "Le prix de « 10 000 fiches » est de 25,00 € par unité et par mois.",
        "3 unités : 3 × 25,00 € = 75,00 €.",
    ]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"change_day": "left"}, f"20 June 2026 counts as left, so 11 of 30 days are left: {FROM_THE_20TH}."),
        ({"day_count": "30"}, f"{USED} so 10 of 30 days are left: {FROM_THE_21ST}. (Every month counts 30 days.)"),
        ({"unit": "second"}, f"907,200 of 2,592,000 seconds are left: {FROM_NOON} (Europe/Paris time)."),
    ],
)
def test_the_days_say_how_they_were_counted(values: dict[str, str], sentence: str) -> None:
    assert sentence in said(seats(TEAM, 1, "2026-06-20", **values), 0, "en")


def test_on_the_last_day_nothing_is_left() -> None:
    assert "30 June 2026 counts as used and no day is left after it: 0 of 30 days." in said(
        seats(TEAM, 1, "2026-06-30"), 0, "en"
    )


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("rounding", ["half_up", "half_even", "down"])
@pytest.mark.parametrize("per", ["line", "unit"])
def test_every_way_of_rounding_has_its_words(language: str, rounding: str, per: str) -> None:
    lines = said(
        seats(price("team", monthly_minor=800), 4, "2026-06-10", rounding=rounding, rounded_per=per), 0, language
    )
    assert sum(text.startswith(("Rounded", "Arrondi")) for text in lines) == 1


def test_french_says_nothing_in_english() -> None:
    yearly = price("business", TEAM_YEAR.interval)
    for values in ({}, {"rounded_per": "unit"}, {"unit": "second"}, {"day_count": "30"}, {"change_day": "left"}):
        current = subscription(Item(TEAM, 3), period=JUNE)
        draft = drafts.change(current, plan=yearly, seats=4, tax=VAT, policy=policy(**values), now=at("2026-06-20"))
        for place in range(len(draft.lines)):
            english, french = (said(draft, place, language) for language in ("en", "fr"))
            for one, other in zip(english, french, strict=True):
                assert one != other or "×" in one
