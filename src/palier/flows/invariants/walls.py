"""Between accounts: nothing refers across. The foreign keys say themselves what could."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import F, ForeignKey, Model, QuerySet, Value

from palier.apps.accounts.models import Account
from palier.flows.invariants.rule import Found, Invariant, Look
from palier.kit import ids


def _across(_look: Look) -> Iterator[Found]:
    """Each row that refers to a row of another account."""
    statement, values = _statement()
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        for account_id, prefix, subject, column in cursor.fetchall():
            name = ids.public_id(prefix, subject) if prefix else str(subject)
            yield account_id, name, f"points across accounts by {column}"


@cache
def _statement() -> tuple[str, tuple[Any, ...]]:
    first, *others = (_rows_across(model, key) for model in apps.get_models() for key in _keys(model))
    return first.union(*others, all=True).order_by().query.sql_with_params()


def _rows_across(model: type[Model], key: ForeignKey) -> "QuerySet[Model, tuple[object, ...]]":  # type: ignore[type-arg]
    own, others = _to_account(model), _to_account(key.related_model)
    filled = model._default_manager.filter(**{f"{key.name}__isnull": False})
    crossing = filled.exclude(**{own: F(f"{key.name}__{others}")})
    return crossing.order_by().values_list(own, Value(getattr(model, "id_prefix", "")), "pk", Value(key.name))


def _keys(model: type[Model]) -> list[ForeignKey]:  # type: ignore[type-arg]
    """The keys by which a row of an account refers to another such row; not the one by which it belongs."""
    own = _to_account(model)
    if not own:
        return []
    return [key for key in _all_keys(model) if _to_account(key.related_model) and key.name != own.partition("__")[0]]


@cache
def _to_account(model: type[Model]) -> str:
    """How a row finds its account, by keys that are never empty: ``message__conversation__account``. Empty where it
    belongs to none."""
    keys = [key for key in _all_keys(model) if not key.null and key.related_model is not model]
    if direct := [key.name for key in keys if key.related_model is Account]:
        return direct[0]
    onward = (f"{key.name}__{further}" for key in keys if (further := _to_account(key.related_model)))
    return min(onward, key=lambda path: path.count("__"), default="")


def _all_keys(model: type[Model]) -> list[ForeignKey]:  # type: ignore[type-arg]
    return [field for field in model._meta.get_fields() if isinstance(field, ForeignKey)]


INVARIANTS = (Invariant("I22", "Nothing of one account refers to anything of another", _across),)
