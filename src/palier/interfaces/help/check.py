"""``palier articles``: what the articles of the help centre name and a catalogue does not sell. Needs no database."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import django

from palier.apps.catalogue import parse
from palier.apps.catalogue.mistakes import CatalogueMalformed


def main(arguments: Sequence[str]) -> int:
    """0: every article says all it has to say; 1: some are shown without a part, each named; 2: no catalogue."""
    options = _parser().parse_args(arguments)
    django.setup()
    # Not at the top: it reads models, which Django must know before.
    from palier.interfaces.help.rendering import gaps

    try:
        catalogue = parse.file(options.file).catalogue
    except CatalogueMalformed:
        print(f"{options.file} has mistakes. Run: palier catalogue check {options.file}", file=sys.stderr)
        return 2
    found = list(gaps(catalogue))
    for gap in found:
        print(f"{gap.language}/{gap.slug}: shown without what names {', '.join(gap.lacking)}")
    print("Readers see the rest of them." if found else "Every article has all that it names.")
    return 1 if found else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="palier articles",
        description="What the articles of the help centre name and the catalogue lacks: it is left out for readers.",
    )
    default = Path(os.environ.get("PALIER_CATALOGUE", "catalogue.toml"))
    parser.add_argument("file", nargs="?", type=Path, default=default, help=f"the catalogue (default: {default})")
    return parser
