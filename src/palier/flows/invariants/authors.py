"""Every change has an author who may make it: the journal of facts, replayed by the table of permissions."""

from datetime import timedelta
from typing import Final

from palier.apps.accounts.models import Member
from palier.flows.invariants.journal import AS_TOLD, ROLES_GIVEN
from palier.flows.invariants.rule import Invariant, all_of, rows
from palier.flows.people.permissions import MAY
from palier.kit import ids

ON_ITS_WAY: Final = timedelta(minutes=1)
"""What somebody began with a right goes through, though the right is taken from them meanwhile: how long a request
takes at the most. Identities tell the time at which a fact was written, by the clock of the machine."""

_ALLOWED: Final = [(kind, str(role)) for kind, roles in MAY.items() for role in roles]

_MAY: Final = rows(
    """
SELECT event.account_id, 'evt', event.id, event.kind || ' is by ' || event.author || ' as ' || event.role
FROM events_event event
WHERE NOT EXISTS (SELECT FROM unnest(%(kinds)s::text[], %(roles)s::text[]) AS may (kind, role)
    WHERE may.kind = event.kind AND may.role = event.role)
""",
    kinds=[kind for kind, _ in _ALLOWED],
    roles=[role for _, role in _ALLOWED],
)

_PEOPLE: Final = f"SELECT id, account_id, {ids.in_sql(Member.id_prefix, 'id')} AS name FROM accounts_member"  # noqa: S608

_OF_THE_ACCOUNT: Final = rows(f"""
SELECT event.account_id, 'evt', event.id, event.kind || ' is by ' || event.author || ', who is nobody of this account'
FROM events_event event LEFT JOIN ({_PEOPLE}) author ON author.name = event.author
WHERE event.author LIKE 'mem\\_%%' AND author.account_id IS DISTINCT FROM event.account_id
""")  # noqa: S608

_ROLE_HELD: Final = rows(
    f"""
WITH held AS (
    SELECT name, role, id AS since, lead(id) OVER (PARTITION BY name ORDER BY id) AS until FROM ({ROLES_GIVEN}) given)
SELECT event.account_id, 'evt', event.id, event.kind || ' is by ' || event.author || ', who was no ' || event.role
FROM events_event event
WHERE event.author LIKE 'mem\\_%%' AND NOT EXISTS (SELECT FROM held
    WHERE held.name = event.author AND held.role = event.role AND held.since <= event.id
        AND (held.until IS NULL OR event.id - %(on_its_way)s < held.until))
""",  # noqa: S608
    on_its_way=int(ON_ITS_WAY.total_seconds() * 1000) << ids.RANDOM_BITS,
)

_ACTIVE: Final = rows(
    """
WITH gone AS (
    SELECT name, kind, id AS since, lead(id) OVER (PARTITION BY name ORDER BY id) AS until
    FROM (SELECT id, kind, payload->>'member' AS name FROM events_event
        WHERE kind IN ('member.deactivated', 'member.reactivated', 'member.removed')) turned)
SELECT event.account_id, 'evt', event.id, event.kind || ' is by ' || event.author || ', who had no place any more'
FROM events_event event JOIN gone ON gone.name = event.author AND gone.kind <> 'member.reactivated'
    AND event.id - %(on_its_way)s > gone.since AND event.id < coalesce(gone.until, event.id + 1)
""",
    on_its_way=int(ON_ITS_WAY.total_seconds() * 1000) << ids.RANDOM_BITS,
)

INVARIANTS = (
    Invariant(
        "I23",
        "Every change has an author who was allowed to make it, and what is so is what the last fact says",
        all_of(_MAY, _OF_THE_ACCOUNT, _ROLE_HELD, _ACTIVE, AS_TOLD),
    ),
)
