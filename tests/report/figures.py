"""The figures that are published: what was done to the program how often, and how often at the least.

A run that did less than a floor fails, however green its tests are: what did not happen proves nothing. A floor is 0
where the size does not ask for the figure.
"""

from dataclasses import dataclass
from typing import Final

from tests.report.size import Size


@dataclass(frozen=True)
class Figure:
    """One thing that is counted where it is observed. ``harm`` is what never came of it."""

    title: str
    harm: str
    pr: int
    night: int
    release: int

    def floor(self, size: Size) -> int:
        """The least that a run of this size counts."""
        return {Size.PR: self.pr, Size.NIGHT: self.night, Size.RELEASE: self.release}[size]


FIGURES: Final = {
    "process_kills": Figure("Processes killed at a point of a flow", "charged twice or lost", 380, 4_000, 10_000),
    "random_kills": Figure("Processes killed at a moment of chance", "charged twice or lost", 220, 6_000, 90_000),
    "recovery_kills": Figure("Rescuers killed while they recovered", "charged twice or lost", 50, 2_000, 10_000),
    "database_kills": Figure("PostgreSQL killed under load", "acknowledged and lost", 3, 100, 500),
    "link_faults": Figure("Links delayed, cut, reset, cut at commit", "charged twice or lost", 60, 1_000, 5_000),
    "frozen_workers": Figure("Workers frozen, overtaken and resumed", "writes of a zombie", 3, 50, 200),
    "ambiguous_answers": Figure("Ambiguous answers of the gateway", "double or unresolved", 300, 5_000, 20_000),
    "gateway_lies": Figure("Untrue answers of the gateway", "settled", 20, 200, 1_000),
    "payers_at_once": Figure("Rounds of payers of one invoice at once", "charged other than once", 200, 5_000, 10_000),
    "checkouts_at_once": Figure("Different checkouts at once", "not finished", 50, 500, 1_000),
    "forced_orders": Figure("Races played in an order that was forced", "neither of the two outcomes", 30, 30, 30),
    "conflicts": Figure("Conflicts of the database at a statement", "half done or done twice", 100, 800, 800),
    "exhaustions": Figure("Times that a disk, connections, files or memory ran out", "lost or half done", 6, 120, 600),
    "renewals": Figure("Renewals with workers shot", "missed, twice or stuck", 2_000, 100_000, 1_000_000),
    "renewal_kills": Figure("Workers shot in those renewals", "a period missed or billed twice", 10, 50, 200),
    "renewal_database_kills": Figure("PostgreSQL killed in renewals", "a period missed or billed twice", 2, 5, 5),
    "inbound_deliveries": Figure("Events of the gateway, thrice and shuffled", "another end", 2_000, 50_000, 300_000),
    "forged_events": Figure("Forged events", "accepted", 500, 5_000, 10_000),
    "outbound_letters": Figure("Letters through a bad mail server", "lost without a word", 500, 20_000, 100_000),
    "model_steps": Figure("Steps of the reference model, computed in memory", "divergence", 5_000, 200_000, 2_000_000),
    "life_steps": Figure("Steps of the reference model, whole program", "divergence", 80, 20_000, 200_000),
    "property_cases": Figure("Generated cases of money and calendar", "a property broken", 20_000, 500_000, 5_000_000),
    "simulated_years": Figure("Simulated years", "a date or a sum off", 1, 10, 10),
    "fuzzed_requests": Figure("Generated requests to every address", "server errors", 5_000, 100_000, 500_000),
    "bad_inputs": Figure("Bad inputs in every field", "accepted, or a server error", 2_000, 20_000, 50_000),
    "authorisation_cells": Figure("Address x role x whose cells", "wrong answers", 750, 750, 750),
    "injection_cells": Figure("Injection strings x sinks", "live", 640, 4_000, 4_000),
    "card_scans": Figure("Stores scanned for card data", "hits", 5, 5, 5),
    "card_tests": Figure("Tries of stolen cards", "beyond the cap", 100, 10_000, 10_000),
    "log_in_tries": Figure("Tries of stolen passwords", "beyond the cap", 200, 10_000, 10_000),
    "planted_bugs": Figure("Planted bugs", "not caught", 24, 24, 24),
}
"""By name; the floors are those that the project sets itself, see ``docs/reference/faults.md``."""


@dataclass(frozen=True)
class Measure:
    """A time that is measured, in seconds; at the most so much in 99 of 100 cases, None where nothing is asked."""

    title: str
    pr: float | None = None
    night: float | None = None
    release: float | None = None

    def ceiling(self, size: Size) -> float | None:
        """What a run of this size may take."""
        return {Size.PR: self.pr, Size.NIGHT: self.night, Size.RELEASE: self.release}[size]


MEASURES: Final = {
    "database_back": Measure("From the kill of PostgreSQL to the next order that was paid", night=15, release=15),
    "database_started": Measure("From the kill of PostgreSQL to its first accepted connection"),
    "unknown_resolved": Measure(
        "From the gateway's return to the end of an unknown payment, in travelled time", night=60, release=60
    ),
    "checkout": Measure("From Pay to the answer, with many at once"),
}
"""What is measured beside the counts. A machine that is shared says too little in a test run: it has no ceilings."""
