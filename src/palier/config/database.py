"""The database of ``DATABASE_URL``, as Django wants it told."""

from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from psycopg import IsolationLevel

NOT_OURS = frozenset({"host", "port", "dbname", "user", "password"})
"""Parameters that the address itself carries."""


FROZEN: Final = "-c idle_in_transaction_session_timeout=30s"
"""A process frozen in the middle of a settlement loses its locks after this: others must be able to go on."""

WAITS: Final = "-c lock_timeout=10s"
"""Nobody waits longer for a lock, e.g. that of an account whose holder is frozen: who pays is told to try again
(``AccountBusy``), and a job is done again. Far more than the longest that anybody means to hold one, a chunk of a
night's renewals."""

SEES: Final = IsolationLevel.READ_COMMITTED
"""Who has waited for a lock must see what was committed meanwhile. At a stricter level, which an operator may have made
the default of the database, they would see what was there before, and meet a constraint instead of the answer."""


SILENCE: Final = {
    "connect_timeout": "30",
    "keepalives": "1",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "60000",
}
"""A network that goes silent, as a firewall that forgets or a machine that loses its power does, ends a connection
within a minute: a worker that waits for an answer is told, and goes on with another connection. Seconds, a number of
tries, and milliseconds for what was sent and not acknowledged. A slow answer is not silence: the other machine
acknowledges meanwhile. The address may say otherwise."""


POOL: Final = {"timeout": 5, "reconnect_timeout": 5}
"""Seconds: how long a request waits for a connection, and how long the pool tries for itself to replace one that broke,
after 1, 3 and 5 seconds. From then on a request makes the pool try at once. Left to itself the pool would try ever less
often for five minutes, and a database that is back would be found as late again as it was away."""


class UnusableDatabaseUrl(ValueError):
    """The address is not one of a PostgreSQL, or names a part twice."""


def settings_of(url: str, *, pool_size: int) -> dict[str, object]:
    """Django's settings; what follows ``?`` (``sslmode``, ``sslrootcert``, ``options`` …) is handed to libpq as it is.

    ``pool_size`` connections are kept per process; 0 opens one per thread instead.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("postgres", "postgresql"):
        raise UnusableDatabaseUrl("DATABASE_URL must start with postgresql://")
    parameters = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
    socket = parameters.pop("host", "")
    if parameters.keys() & NOT_OURS:
        raise UnusableDatabaseUrl("DATABASE_URL names a part of the address again after the question mark")
    parameters["options"] = f"{FROZEN} {WAITS} {parameters.get('options', '')}".rstrip()
    pool = {"pool": {"min_size": 1, "max_size": pool_size, **POOL}} if pool_size else {}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or socket,
        "PORT": str(parts.port or ""),
        "OPTIONS": {**SILENCE, **parameters, **pool, "isolation_level": SEES},
    }
