"""Published catalogues: stored for ever, read by number.

Each call asks the database for the newest number and hash (one row by its primary key, well under a millisecond) and
parses a content only once per process, by its hash. So every process notices a new version at once, without a clock, a
message or a wait. Inside ``remembered()``, which surrounds every web request, only the first call asks: a page shows
one catalogue, whatever is published meanwhile.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from django.db import connection, transaction

from palier.apps.catalogue import parse
from palier.apps.catalogue.mistakes import CatalogueMalformed, Mistake
from palier.apps.catalogue.values import Catalogue
from palier.kit import locks
from palier.kit.locks import Lock
from palier.kit.refusals import Refusal

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from palier.apps.catalogue.models import CatalogueVersion

_remembered: ContextVar[list[Catalogue] | None] = ContextVar("remembered", default=None)
_NEWEST = "SELECT number, sha256 FROM catalogue_catalogueversion ORDER BY number DESC LIMIT 1"


class NoCatalogue(Refusal):
    code = "catalogue.none_published"
    en = (
        "The prices are not available yet, because no catalogue has been published. Nothing was changed or taken; "
        "please come back in a few minutes."
    )
    fr = (
        "Les prix ne sont pas encore disponibles, car aucun catalogue n’a été publié. "
        "Rien n’a été modifié ni prélevé\u202f; revenez dans quelques minutes."
    )


class CatalogueUnreadable(Refusal):
    code = "catalogue.unreadable"
    en = (
        "The prices are not available for the moment: the stored catalogue {number} cannot be read by this version of "
        "the program. Nothing was changed or taken; please come back later."
    )
    fr = (
        "Les prix ne sont pas disponibles pour le moment\u202f: le catalogue {number} enregistré n’est pas lisible par "
        "cette version du programme. Rien n’a été modifié ni prélevé\u202f; revenez plus tard."
    )


@dataclass(frozen=True, slots=True)
class Published:
    """The version now in force; ``new`` is False where the content was published already."""

    number: int
    sha256: str
    new: bool


@contextmanager
def remembered() -> Iterator[None]:
    """Keep the first answer of ``current()`` until the end of the block."""
    token = _remembered.set([])
    try:
        yield
    finally:
        _remembered.reset(token)


def current() -> Catalogue:
    """The newest published catalogue, or NoCatalogue."""
    kept = _remembered.get()
    if kept:
        return kept[0]
    found = _newest()
    if kept is not None:
        kept.append(found)
    return found


def _newest() -> Catalogue:
    with connection.cursor() as cursor:  # asked by everybody all the time: a query set costs several times as much
        cursor.execute(_NEWEST)
        newest = cursor.fetchone()
    if newest is None:
        raise NoCatalogue
    return _read(*newest)


def at(number: int) -> Catalogue:
    """The catalogue published under a number, or NoCatalogue."""
    sha256 = _versions().filter(pk=number).values_list("sha256", flat=True).first()
    if sha256 is None:
        raise NoCatalogue
    return _read(number, sha256)


def known(number: int, sha256: str) -> Catalogue:
    """The catalogue of a number and hash that were read along with something else: without a statement, once this
    process has read that content."""
    return _read(number, sha256)


def publish(sheetful: parse.Sheetful, *, now: datetime) -> Published:
    """Store a checked catalogue as the next version, unless it is the one in force.

    Raises CatalogueMalformed where it would break what was sold before: a key is gone, or the text of accepted terms
    was changed under the same version.
    """
    with transaction.atomic():
        locks.wait(Lock.PUBLISHING)
        newest = _versions().order_by("-number").first()
        if newest is not None:
            if newest.sha256 == sheetful.sha256:
                return Published(newest.number, newest.sha256, new=False)
            mistakes = _broken_promises(sheetful, _read(newest.number, newest.sha256))
            if mistakes:
                raise CatalogueMalformed(mistakes)
        number = newest.number + 1 if newest else 1
        _versions().create(number=number, content=sheetful.content, sha256=sheetful.sha256, published_at=now)
    return Published(number, sheetful.sha256, new=True)


def _broken_promises(sheetful: parse.Sheetful, before: Catalogue) -> list[Mistake]:
    after = sheetful.catalogue
    found = []
    for section, old, new in (("plans", before.plans, after.plans), ("add_ons", before.add_ons, after.add_ons)):
        kept = {item.key for item in new}
        line = sheetful.positions.line((section,))
        for item in old:
            if item.key not in kept:
                what = f"this was published in version {before.version_id} and is gone"
                remedy = "Customers may hold it: put it back with the line  retired = true"
                found.append(Mistake(line, f"{section}.{item.key}", what, remedy))
    if after.terms.version == before.terms.version:
        line = sheetful.positions.line(("terms", "version"))
        for language, text in before.terms.texts.items():
            if after.terms.texts.get(language, text) != text:
                what = f"the text in “{language}” changed, but the version is still {after.terms.version}"
                remedy = "Give the new text a new version: buyers have accepted the old one."
                found.append(Mistake(line, "terms.version", what, remedy))
    return found


def _read(number: int, sha256: str) -> Catalogue:
    try:
        return replace(_parsed(sha256), version_id=number)
    except CatalogueMalformed as malformed:
        raise CatalogueUnreadable(number=number) from malformed


@lru_cache(maxsize=64)
def _parsed(sha256: str) -> Catalogue:
    content = _versions().filter(sha256=sha256).values_list("content", flat=True)[0]
    return parse.stored(content, 0)


def _versions() -> "QuerySet[CatalogueVersion]":
    # Not at the top: the package is imported before Django's models are ready.
    from palier.apps.catalogue.models import CatalogueVersion

    return CatalogueVersion.objects.all()
