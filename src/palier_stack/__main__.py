"""`python -m palier_stack demo [--reset]`."""

import argparse
import sys
from pathlib import Path

from palier_stack import demo
from palier_stack.errors import StackError
from palier_stack.processes import Interrupted, interruptible


def main() -> int:
    """Runs the demonstration until Ctrl-C. The status is 1 when something was missing or failed."""
    parser = argparse.ArgumentParser(prog="python -m palier_stack")
    verbs = parser.add_subparsers(dest="verb", required=True)
    verb = verbs.add_parser("demo", help="the whole program on this machine")
    verb.add_argument("--reset", action="store_true", help="forget the data of earlier starts")
    verb.add_argument("--folder", type=Path, default=Path(".palier"), help="where data and logs are kept")
    chosen = parser.parse_args()
    try:
        with interruptible():
            demo.run(chosen.folder.resolve(), reset=chosen.reset)
    except StackError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except Interrupted:
        print("\nStopped. `make demo` finds everything again.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
