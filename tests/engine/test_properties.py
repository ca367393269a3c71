"""What must hold for every price, policy and sequence of changes."""

import random
from datetime import datetime, timedelta
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from palier.engine import drafts, wire
from palier.engine.drafts import Draft
from palier.engine.explain import recompute, steps, steps_from_json, steps_to_json
from palier.engine.lines import LineKind
from palier.engine.money import Rounding, round_minor
from palier.engine.periods import Interval
from palier.engine.policies import ProrationPolicy, RoundedPer
from palier.engine.postings import invoice_entries, payment_entries
from palier.engine.prices import Price
from palier.engine.proration import prorated, unused
from palier.engine.subscription import Item
from palier.engine.tables import Fixed, Scene, TableRow, figures, price_table
from palier.engine.taxes import TaxRule, tax_on
from tests.engine.facts import PLANS, VAT, Life, policy, price
from tests.engine.lives import actual_days, instants, lives, monthly_prices, policies, roundings, value_of_time_held
from tests.report.cases import cases


@given(lives(actual_days))
@settings(max_examples=cases(50))
def test_no_sequence_of_changes_makes_or_destroys_a_cent_beyond_the_declared_rounding(life: Life) -> None:
    assert abs(life.net_minor - value_of_time_held(life)) <= roundings(life)


@given(lives())
@settings(max_examples=cases(50))
def test_credits_never_exceed_what_was_invoiced_and_left(life: Life) -> None:
    invoiced, credited = {}, dict[str, int]()
    for number, draft in enumerate(life.drafts):
        for place, line in enumerate(draft.lines):
            if line.kind is LineKind.CHARGE:
                assert line.amount_minor >= 0
                invoiced[f"{number}.{place}"] = line.amount_minor
            else:
                assert line.amount_minor <= 0
                assert line.credits is not None
                credited[line.credits] = credited.get(line.credits, 0) - line.amount_minor
                assert credited[line.credits] <= invoiced[line.credits]


@given(lives())
@settings(max_examples=cases(50))
def test_explanation_and_amount_agree(life: Life) -> None:
    for draft in life.drafts:
        for line in draft.lines:
            chain = steps(line, draft)
            assert recompute(chain) == line.amount_minor
            assert steps_from_json(steps_to_json(chain)) == chain


@given(lives())
@settings(max_examples=cases(50))
def test_drafts_come_back_from_json_as_they_were(life: Life) -> None:
    for draft in life.drafts:
        again = wire.draft_from_json(wire.draft_to_json(draft))
        assert again == draft
        assert wire.digest(again) == wire.digest(draft)


@given(lives())
@settings(max_examples=cases(50))
def test_totals_are_the_sums_of_their_parts(life: Life) -> None:
    for draft in life.drafts:
        assert draft.net_minor == sum(line.amount_minor for line in draft.lines)
        assert draft.net_minor == sum(part.base_minor for part in draft.taxes)
        assert draft.tax_minor == sum(part.tax_minor for part in draft.taxes)
        assert draft.total_minor == draft.net_minor + draft.tax_minor
        entries = invoice_entries(net_minor=draft.net_minor, tax_minor=draft.tax_minor)
        assert sum(entry.amount_minor for entry in entries) == 0
        assert sum(entry.amount_minor for entry in payment_entries(amount_minor=draft.total_minor)) == 0


@given(
    policies,
    instants,
    monthly_prices(),
    monthly_prices(),
    st.integers(1, 40),
    st.integers(1, 40),
    st.integers(0, 40_000),
)
@settings(max_examples=cases(100))
def test_a_change_taken_back_at_once_costs_nothing(
    rules: ProrationPolicy, opened: datetime, old: Price, new: Price, seats: int, others: int, minutes: int
) -> None:
    life = Life(drafts.new_subscription(plan=old, seats=seats, tax=VAT, policy=rules, now=opened))
    now = max(opened, min(opened + timedelta(minutes=minutes), life.current.state.period.end - timedelta(seconds=1)))
    there = life.change(new, others, now)
    back = life.change(old, seats, now)
    # Seats alone come back as a line of their own beside the others, so one rounding may show.
    allowed = roundings(life) if new == old else 0
    assert abs(there.net_minor + back.net_minor) <= allowed
    assert back.after == life.drafts[0].after


@given(lives())
@settings(max_examples=cases(40))
def test_a_renewal_charges_every_item_in_full_and_forgets_the_past(life: Life) -> None:
    state = life.current.state
    draft = life.renew()
    assert draft.net_minor == sum(item.price.unit_minor * item.quantity for item in state.items)
    assert draft.after.period.start == state.period.end
    assert {paid.period for paid in life.current.paid} == {draft.after.period}


@given(lives(), st.integers(1, 20), st.sampled_from([VAT, TaxRule(55_000, "S", "FR"), TaxRule(0, "O", "US")]))
@settings(max_examples=cases(30))
def test_every_cell_of_the_price_table_is_the_draft(life: Life, seats: int, tax: TaxRule) -> None:
    current, rules, now = life.current, life.policy, life.drafts[-1].computed_at
    yearly = tuple(Item(price(item.price.key, Interval.YEAR), item.quantity) for item in current.state.add_ons)
    counts = range(seats, seats + 3)
    prices = [*PLANS, current.state.plan.price]
    rows = price_table(
        prices, seats=counts, current=current, add_ons={Interval.YEAR: yearly}, tax=tax, policy=rules, now=now
    )
    for row, listed in zip(rows, prices, strict=True):
        assert row.price == current.state.held(listed)
        for place, count in enumerate(counts):
            draft = drafts.change(
                current,
                plan=row.price,
                seats=count,
                add_ons=yearly if row.interval is Interval.YEAR else None,
                tax=tax,
                policy=rules,
                now=now,
            )
            assert_same(row, place, draft)


@given(policies, instants, st.integers(1, 200), st.integers(0, 3))
@settings(max_examples=cases(30))
def test_every_cell_of_the_table_of_a_free_account_is_the_draft(
    rules: ProrationPolicy, now: datetime, seats: int, units: int
) -> None:
    add_ons = {interval: [Item(price("records", interval), units)] if units else [] for interval in Interval}
    rows = price_table(PLANS, seats=range(seats, seats + 2), add_ons=add_ons, tax=VAT, policy=rules, now=now)
    for row in rows:
        for place, count in enumerate(range(seats, seats + 2)):
            draft = drafts.new_subscription(
                plan=row.price, seats=count, add_ons=add_ons[row.interval], tax=VAT, policy=rules, now=now
            )
            assert_same(row, place, draft)


def assert_same(row: TableRow, place: int, draft: Draft) -> None:
    said = (row.net_minor, row.tax_minor, row.total_minor, row.renewal_net_minor, row.renewal_total_minor)
    renewal = draft.renewal
    assert tuple(figure[place] for figure in said) == (
        draft.net_minor,
        draft.tax_minor,
        draft.total_minor,
        renewal.net_minor,
        renewal.total_minor,
    )
    assert row.directions[place] is draft.direction


def test_the_core_of_a_quote_equals_plain_fractions_on_many_random_cases() -> None:
    chance = random.Random(20261123)
    rules = [policy(rounding=rounding, rounded_per=per) for rounding in Rounding for per in RoundedPer]
    for _ in range(8_000):
        rule = chance.choice(rules)
        units = chance.choice([28, 29, 30, 31, 360, 365, 366, 2_592_000])
        left, seats = chance.randint(0, units), chance.randint(1, 10 ** chance.randint(1, 12))
        unit_minor, paid, rate = chance.randint(0, 10**6), chance.randint(0, 10**9), chance.randint(0, 300_000)
        share = Fraction(left, units)
        if rule.rounded_per is RoundedPer.LINE:
            charge, rest = (
                round_minor(unit_minor * seats * share, rule.rounding),
                round_minor(paid * share, rule.rounding),
            )
        else:
            charge = seats * round_minor(unit_minor * share, rule.rounding)
            rest = seats * round_minor(Fraction(paid, seats) * share, rule.rounding)
        assert prorated(unit_minor, seats, left, units, rule) == charge
        assert unused(paid, seats, left, units, rule) == rest
        tax = round_minor(Fraction((charge - paid) * rate, 1_000_000), Rounding.HALF_UP)
        assert tax_on(charge - paid, rate) == tax
        scene = Scene(left, units, fixed=Fixed(same_minor=-paid))
        assert figures(unit_minor, seats, scene, rate, rule) == (charge - paid, tax)
