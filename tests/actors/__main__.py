"""``python -m tests.actors``: the stage, once Django is ready for its models to be imported."""

from importlib import import_module

import django

if __name__ == "__main__":
    django.setup()
    import_module("tests.actors.stage").main()
