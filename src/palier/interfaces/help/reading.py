"""What the tags of an article know while it is read: the language, the catalogue, the currency; and what they leave.

A tag never writes into the Markdown. It keeps a piece of HTML here and leaves a mark in its place, which goes through
Markdown untouched and is then replaced; so no name of a catalogue is ever taken for Markdown or HTML.
"""

from dataclasses import dataclass, field
from typing import Final

from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from palier.apps.catalogue import AddOn, Catalogue, Plan
from palier.apps.catalogue.values import Limit, NotInCatalogue

OPEN: Final = "\ue000"
CLOSE: Final = "\ue001"
LACK: Final = "\ue002"
"""Marks around the number of a kept piece, and the mark of what the catalogue lacks: letters of nobody's alphabet."""

PLACES: Final = ("team", "business", "enterprise")
"""The demo's plans, from the lowest. In a catalogue without any of them they name its plans by their place."""

ROLES: Final = {"entry": 0, "next": 1, "top": -1}


class Lacking(Exception):
    """The published catalogue has no such thing, so the sentence that names it is left out."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


@dataclass(slots=True)
class Reading:
    """One article for one reader. ``catalogue`` None: nothing is published, so everything that asks it is lacking."""

    language: str
    catalogue: Catalogue | None
    currency: str
    pieces: list[tuple[SafeString, bool]] = field(default_factory=list)  # HTML, and whether it is a block
    lacking: list[str] = field(default_factory=list)  # what the catalogue lacks, such as "plan business"

    @property
    def sold(self) -> Catalogue:
        """The published catalogue."""
        if self.catalogue is None:
            raise Lacking("catalogue")
        return self.catalogue

    def keep(self, html: str, *, block: bool = False) -> SafeString:
        """The mark for a piece of HTML; plain text is escaped."""
        self.pieces.append((conditional_escape(html), block))
        return mark_safe(f"{OPEN}{len(self.pieces) - 1}{CLOSE}")  # noqa: S308 (a number between two letters)

    def lack(self, what: str) -> SafeString:
        """The mark that takes the whole sentence away."""
        self.lacking.append(what)
        return SafeString(LACK)

    def plan(self, name: str) -> Plan:
        """A plan that is on sale, by its key, its place or its role; ``free`` is the one without a price."""
        if name == "free":
            return self.sold.free_plan
        plans = self.sold.paid_plans
        by_key = {plan.key: plan for plan in plans}
        if name in by_key:
            return by_key[name]
        if name == "popular":
            return self.most_popular()
        place = ROLES.get(name, PLACES.index(name) if name in PLACES and by_key.keys().isdisjoint(PLACES) else None)
        if place is None or not -1 <= place < len(plans):
            raise Lacking(f"plan {name}")
        return plans[place]

    def most_popular(self) -> Plan:
        """The plan that carries the tag."""
        for plan in self.sold.paid_plans:
            if plan.most_popular:
                return plan
        raise Lacking("most popular plan")

    def add_on(self, key: str) -> AddOn:
        """An add-on that is on sale."""
        try:
            add_on = self.sold.add_on(key)
        except NotInCatalogue:
            raise Lacking(f"add-on {key}") from None
        if add_on.retired:
            raise Lacking(f"add-on {key}")
        return add_on

    def limit(self, key: str) -> Limit:
        """What a limit counts."""
        try:
            return self.sold.limits[key]
        except KeyError:
            raise Lacking(f"limit {key}") from None
