"""``palier catalogue check`` and ``palier catalogue publish``."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from palier.apps.catalogue import parse, versions
from palier.apps.catalogue.mistakes import CatalogueMalformed
from palier.engine.periods import Interval
from palier.interfaces.cli.start import start
from palier.kit import clock, formats

LONGEST_MONTH: Final = 31
"""Days."""


def main(arguments: Sequence[str]) -> int:
    """0: the catalogue is right (and published); 1: it has mistakes, each of them explained on standard error."""
    options = _parser().parse_args(arguments)
    try:
        sheetful = parse.file(options.file)
        if options.verb == "check":
            print(_summary(options.file, sheetful))
            return 0
        start()
        published = versions.publish(sheetful, now=clock.now())
    except CatalogueMalformed as malformed:
        print(explained(options.file, malformed), file=sys.stderr)
        return 1
    if published.new:
        print(
            f"Published as version {published.number} (sha256 {published.sha256[:12]}…). Customers see it from now on."
        )
    else:
        print(f"Nothing has changed since version {published.number}. Nothing was published.")
    return 0


def explained(file: Path, malformed: CatalogueMalformed) -> str:
    """Every mistake with its line and its remedy, as editors and people read it."""
    lines = []
    for mistake in malformed.mistakes:
        place = f"{file}:{mistake.line}" if mistake.line else str(file)
        lines += [f"{place}: {mistake}", f"    {mistake.remedy}"]
    count = len(malformed.mistakes)
    lines += ["", f"{count} mistake{'s' if count > 1 else ''}. Nothing was published."]
    return "\n".join(lines)


def _summary(file: Path, sheetful: parse.Sheetful) -> str:
    catalogue = sheetful.catalogue
    currency = catalogue.default_currency
    lines = [f"{file} is right.", ""]
    for plan in catalogue.paid_plans:
        month = formats.money(plan.price(Interval.MONTH, currency).monthly_minor, currency, "en")
        year = formats.money(plan.price(Interval.YEAR, currency).monthly_minor, currency, "en")
        lines.append(f"  {plan.name('en'):<14} {month:>12} monthly, {year:>12} annual, per user and month")
    currencies = ", ".join(catalogue.currencies)
    lines += ["", f"  Currencies {currencies}; terms of service {catalogue.terms.version}."]
    if (days := catalogue.dunning.give_up_days) > LONGEST_MONTH:
        lines.append(
            f"  An unpaid month ends with its period, before the {days} days of give_up_days; a year has them all."
        )
    return "\n".join(lines)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="palier catalogue", description="The plans, prices and rules that are sold.")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="check|publish")
    default = Path(os.environ.get("PALIER_CATALOGUE", "catalogue.toml"))
    for verb, summary in (
        ("check", "explain every mistake, with its line and the remedy; needs no database"),
        ("publish", "check, and store the catalogue as a new version if it changed"),
    ):
        command = verbs.add_parser(verb, help=summary, description=summary)
        command.add_argument("file", nargs="?", type=Path, default=default, help=f"the catalogue (default: {default})")
    return parser
