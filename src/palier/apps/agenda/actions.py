from collections.abc import Iterable
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from palier.apps.agenda.models import Due, Failure
from palier.kit import writes


def put(kind: str, subject: int, account_id: int, due_at: datetime) -> None:
    """Let something happen at an instant of the account's own time; one of the same kind and subject moves there."""
    row = Due(kind=kind, subject=subject, account_id=account_id, due_at=due_at)
    Due.objects.bulk_create([row], update_conflicts=True, unique_fields=["kind", "subject"], update_fields=["due_at"])


def put_new(rows: Iterable[Due]) -> None:
    """The same for what cannot be there yet, together with the other rows of a story."""
    writes.insert(*rows)


def take(row: Due) -> bool:
    """Take a row away, under the account's lock; False when it was moved or done meanwhile."""
    return Due.objects.filter(pk=row.pk, due_at=row.due_at).delete()[0] == 1


def drop(kinds: Iterable[str], subject: int) -> None:
    """Let nothing of these kinds happen to a subject any more."""
    Due.objects.filter(kind__in=kinds, subject=subject).delete()


def drop_all(kinds: Iterable[str], subjects: Iterable[int]) -> None:
    """The same for many subjects."""
    Due.objects.filter(kind__in=kinds, subject__in=list(subjects)).delete()


def put_off(kind: str, subjects: Iterable[int], until: datetime) -> None:
    """Let what is due happen later."""
    Due.objects.filter(kind=kind, subject__in=list(subjects)).update(due_at=until)


def fail(due: Due, error: str, *, retry_at: datetime, now: datetime) -> None:
    """Keep why something due could not be done; it is due again at ``retry_at``, an instant of the account's time."""
    known = Failure.objects.filter(kind=due.kind, subject=due.subject, resolved_at=None).first()
    if known is None:
        Failure.objects.create(
            kind=due.kind,
            subject=due.subject,
            account_id=due.account_id,
            error=error[:400],
            first_at=now,
            retry_at=retry_at,
        )
    else:
        Failure.objects.filter(pk=known.pk).update(error=error[:400], times=known.times + 1, retry_at=retry_at)


def failures(kind: str) -> QuerySet[Failure]:
    """What is due and could not be done so far; what is due no longer, e.g. of a subscription that has ended, is no
    failure any more."""
    still_due = Due.objects.filter(kind=OuterRef("kind"), subject=OuterRef("subject"))
    return Failure.objects.filter(Exists(still_due), kind=kind, resolved_at=None)


def resolve(kind: str, subjects: Iterable[int], *, now: datetime) -> None:
    """What failed before has succeeded. Few have failed, however many subjects there are."""
    failed = Failure.objects.filter(kind=kind, resolved_at=None)
    resolved = set(failed.values_list("subject", flat=True)) & set(subjects)
    if resolved:
        failed.filter(subject__in=resolved).update(resolved_at=now)
