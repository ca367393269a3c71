"""Random policies and lives of a subscription for the property tests, and the same sums in plain fractions."""

from datetime import date, datetime, timedelta
from fractions import Fraction

from hypothesis import strategies as st

from palier.engine import drafts
from palier.engine.money import Rounding
from palier.engine.periods import days_between, local_date
from palier.engine.policies import ChangeDay, DayCount, ProrationPolicy, RoundedPer, Unit
from palier.engine.prices import Price
from palier.engine.subscription import Item
from tests.engine.facts import PARIS, VAT, Life, at, price

ZONES = [PARIS, "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC"]

policies = st.builds(
    ProrationPolicy,
    unit=st.sampled_from(Unit),
    change_day=st.sampled_from(ChangeDay),
    day_count=st.sampled_from(DayCount),
    rounding=st.sampled_from(Rounding),
    rounded_per=st.sampled_from(RoundedPer),
    zone=st.sampled_from(ZONES),
)
actual_days = st.builds(
    ProrationPolicy,
    change_day=st.sampled_from(ChangeDay),
    rounding=st.sampled_from(Rounding),
    rounded_per=st.sampled_from(RoundedPer),
    zone=st.sampled_from(ZONES),
)
instants = st.datetimes(datetime.fromisoformat("2024-01-01"), datetime.fromisoformat("2029-01-01")).map(
    lambda naive: naive.replace(microsecond=0).astimezone(at("2026-01-01").tzinfo)
)


@st.composite
def monthly_prices(draw: st.DrawFn) -> Price:
    key = draw(st.sampled_from(["team", "business", "enterprise"]))
    return price(key, monthly_minor=draw(st.integers(0, 30_000)))


@st.composite
def lives(draw: st.DrawFn, rules: st.SearchStrategy[ProrationPolicy] = policies) -> Life:
    """A subscription by the month through one to five changes of plan, seats and add-ons inside its first period."""
    policy, now = draw(rules), draw(instants)
    seats = st.integers(1, 30)
    first = drafts.new_subscription(plan=draw(monthly_prices()), seats=draw(seats), tax=VAT, policy=policy, now=now)
    life = Life(first)
    for _ in range(draw(st.integers(1, 5))):
        now = max(now, life.current.state.period.start) + timedelta(minutes=draw(st.integers(0, 15_000)))
        if now not in life.current.state.period:
            break
        units = draw(st.integers(0, 4))
        add_ons = (Item(price("records", monthly_minor=draw(st.integers(0, 5_000))), units),) if units else ()
        life.change(draw(monthly_prices()), draw(seats), now, add_ons)
    return life


def value_of_time_held(life: Life) -> Fraction:
    """What the days held are worth, unrounded: for each day of the period, the price of what was held then."""
    policy = life.policy
    period = life.current.state.period
    first, last = local_date(period.start, policy.zone), local_date(period.end, policy.zone)
    length = days_between(first, last)
    worth = Fraction(0)
    for number, draft in enumerate(life.drafts):
        rate = sum(item.price.unit_minor * item.quantity for item in draft.after.items)
        starts = first if number == 0 else _counts_from(draft.computed_at, policy)
        follower = life.drafts[number + 1] if number + 1 < len(life.drafts) else None
        ends = last if follower is None else _counts_from(follower.computed_at, policy)
        worth += Fraction(rate * days_between(starts, ends), length)
    return worth


def roundings(life: Life) -> int:
    """How many times a unit may have been lost or won: once a line, or once for each unit of it."""
    per_unit = life.policy.rounded_per is RoundedPer.UNIT
    return sum(line.quantity if per_unit else 1 for draft in life.drafts for line in draft.lines)


def _counts_from(now: datetime, policy: ProrationPolicy) -> date:
    day = local_date(now, policy.zone)
    return day + timedelta(days=1) if policy.change_day is ChangeDay.USED else day
