"""Triggers that several apps have, and when ours fire: ``session_replication_role`` switches ordinary ones off
(``kit.copies``)."""

from collections.abc import Iterator

import pgtrigger
from django.apps import apps
from django.db.migrations import RunSQL


class InPlaceOfOthers(pgtrigger.Trigger):
    """One whose migration says ``fire_in_place_of_others``."""


def ours() -> Iterator[tuple[str, str, str]]:
    """Every trigger of our models: its table, its name, and when it is to fire, as ``pg_trigger.tgenabled`` has it.

    Always, except for what is deferred to the commit, and what stands in the place of that.
    """
    for model in apps.get_models():
        for trigger in getattr(model._meta, "triggers", ()):
            fires = "R" if isinstance(trigger, InPlaceOfOthers) else "O" if trigger.timing else "A"
            yield model._meta.db_table, trigger.get_pgid(model), fires


def append_only() -> pgtrigger.Protect:
    """What was written is neither changed nor deleted."""
    return pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)


def never_emptied() -> pgtrigger.Trigger:
    """TRUNCATE asks no trigger of a row: what is never deleted refuses it by one of its own."""
    return pgtrigger.Trigger(
        name="never_emptied",
        level=pgtrigger.Statement,
        when=pgtrigger.Before,
        operation=pgtrigger.Truncate,
        func="RAISE EXCEPTION 'Cannot empty %, whose rows are kept for ever', TG_TABLE_NAME;",
    )


def fire_always(table: str, *names: str) -> RunSQL:
    """Triggers that no setting of a session switches off: what is append-only stays so for whoever writes."""
    return _alter(table, "ENABLE ALWAYS TRIGGER", names)


def fire_in_place_of_others(table: str, *names: str) -> RunSQL:
    """Triggers that fire only while the ordinary ones are switched off, and prove the same."""
    return _alter(table, "ENABLE REPLICA TRIGGER", names)


def _alter(table: str, how: str, names: tuple[str, ...]) -> RunSQL:
    return RunSQL(
        "; ".join(f"ALTER TABLE {table} {how} {name}" for name in names),
        "; ".join(f"ALTER TABLE {table} ENABLE TRIGGER {name}" for name in names),
    )
