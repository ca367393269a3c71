"""``python -m palier``."""

from palier.interfaces.cli.main import main

if __name__ == "__main__":
    raise SystemExit(main())
