"""What a catalogue sells: limits, plans, add-ons and their prices."""

from types import MappingProxyType
from typing import Final

from palier.apps.catalogue.mistakes import did_you_mean
from palier.apps.catalogue.reader import Table
from palier.apps.catalogue.values import AddOn, Limit, Plan
from palier.engine.periods import Interval

MOST_SEATS: Final = 100_000
LONGEST_FEATURE: Final = 120


def limits(root: Table) -> dict[str, Limit]:
    found = {}
    for key, table in root.tables("limits", optional=True):
        names = table.texts("names", example="records", longest=60)
        found[key] = Limit(key, table.choice("per", ("seat", "account")), MappingProxyType(names))
        table.end()
    return found


def plans(root: Table, known: dict[str, Limit], used: tuple[str, ...]) -> tuple[Plan, ...]:
    """Every plan by rank; notes what can be wrong between plans."""
    found = [_plan(key, table, known, used) for key, table in root.tables("plans")]
    ranks: dict[int, str] = {}
    for plan in found:
        if plan.rank in ranks and plan.rank >= 0:
            remedy = "Give each plan its own rank; a higher one is an upgrade."
            root.sheet.note(("plans", plan.key, "rank"), f"“{ranks[plan.rank]}” has the rank {plan.rank} too", remedy)
        ranks.setdefault(plan.rank, plan.key)
    free = [plan.key for plan in found if plan.free]
    popular = [plan.key for plan in found if plan.most_popular]
    if found and not free:
        root.sheet.note(
            ("plans",), "no plan is free", "Give the plan without a subscription the line: free = true", absent=True
        )
    if found and len(free) == len(found):
        root.sheet.note(("plans",), "there is nothing to sell", "Add a plan with prices.", absent=True)
    for key in free[1:]:
        root.sheet.note(("plans", key, "free"), f"“{free[0]}” is the free plan already", "Keep one free plan.")
    for key in popular[1:]:
        root.sheet.note(("plans", key, "most_popular"), f"“{popular[0]}” has this mark already", "Keep it on one plan.")
    return tuple(sorted(found, key=lambda plan: plan.rank))


def _plan(key: str, table: Table, known: dict[str, Limit], used: tuple[str, ...]) -> Plan:
    free = table.boolean("free", default=False)
    seats = table.table("seats", optional=free)
    plan = Plan(
        key=key,
        rank=table.integer("rank", least=0, most=1_000_000, stand_in=-1),
        names=MappingProxyType(table.texts("names", example="Team", longest=60)),
        taglines=MappingProxyType(table.texts("taglines", example="For agencies that grow")),
        features_by_language=MappingProxyType(_features(table.table("features"))),
        limits=MappingProxyType(_limits(table.table("limits", optional=not known), known)),
        prices=MappingProxyType({} if free and "prices" not in table else _prices(table.table("prices"), used)),
        seats_min=seats.integer("min", least=1, most=MOST_SEATS, default=1 if free else None),
        seats_max=seats.integer("max", least=1, most=MOST_SEATS, default=MOST_SEATS if free else None),
        free=free,
        most_popular=table.boolean("most_popular", default=False),
        retired=table.boolean("retired", default=False),
    )
    if free and "prices" in table:
        table.note("prices", "a free plan has no prices", "Remove them, or remove: free = true")
    if "max" in seats and plan.seats_min > plan.seats_max:
        what = f"at least {plan.seats_min} seats, but at most {plan.seats_max}"
        seats.note("max", what, "Make max at least as large as min.")
    seats.end()
    table.end()
    return plan


def _features(table: Table) -> dict[str, tuple[str, ...]]:
    found = {}
    for language in table.sheet.languages:
        entries = table.strings(language, example='["15 custom fields"]')
        for path, text in entries:
            if len(text) > LONGEST_FEATURE:
                table.sheet.note(path, f"this has {len(text)} characters", f"Use at most {LONGEST_FEATURE}.")
        found[language] = tuple(text for _, text in entries)
    table.end()
    return found


def _limits(table: Table, known: dict[str, Limit]) -> dict[str, int | None]:
    found: dict[str, int | None] = {}
    for key in known:
        if table.is_text(key):
            table.text(key, example="unlimited", check=_unlimited)
            found[key] = None
        else:
            found[key] = table.integer(key, least=0, most=10**12)
    table.end()
    return found


def _prices(table: Table, used: tuple[str, ...]) -> dict[tuple[str, Interval], int]:
    found: dict[tuple[str, Interval], int] = {}
    for currency in used:
        inner = table.table(currency)
        if currency not in table:
            continue
        month, year = inner.amount("month", currency), inner.amount("year", currency)
        if month and year > month:
            remedy = (
                "Write the price per month that holds when the whole year is paid at once, not the sum of the year."
            )
            inner.note("year", "a year costs more per month than a month", remedy)
        found[currency, Interval.MONTH], found[currency, Interval.YEAR] = month, year
        inner.end()
    for currency in table.names():
        if currency not in used:
            table.forgive(currency)
            known = did_you_mean(currency, used)
            table.note(currency, "nobody pays in this currency", f"List its countries under [currencies]. {known}")
    return found


def add_ons(root: Table, known: dict[str, Limit], used: tuple[str, ...], taken: set[str]) -> tuple[AddOn, ...]:
    found = []
    for key, table in root.tables("add_ons", optional=True):
        if key in taken:
            root.sheet.note(("add_ons", key), f"a plan has the key “{key}” too", "Give the add-on a key of its own.")
        limit = table.text("limit", example="records", longest=40)
        if limit and limit not in known:
            table.note("limit", f"there is no limit “{limit}”", did_you_mean(limit, known))
        found.append(
            AddOn(
                key=key,
                names=MappingProxyType(table.texts("names", example="10,000 more records", longest=60)),
                limit=limit,
                adds=table.integer("adds", least=1, most=10**12),
                max_units=table.integer("max_units", least=1, most=100_000, default=100),
                prices=MappingProxyType(_prices(table.table("prices"), used)),
                retired=table.boolean("retired", default=False),
            )
        )
        table.end()
    return tuple(found)


def _unlimited(text: str) -> str | None:
    return None if text == "unlimited" else "a limit is a number or the word unlimited"
