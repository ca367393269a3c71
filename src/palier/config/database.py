"""The database of ``DATABASE_URL``, as Django wants it told."""

from urllib.parse import parse_qsl, unquote, urlsplit

NOT_OURS = frozenset({"host", "port", "dbname", "user", "password"})
"""Parameters that the address itself carries."""


FROZEN = "-c idle_in_transaction_session_timeout=30s"
"""A process frozen in the middle of a settlement loses its locks after this: others must be able to go on."""


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
    parameters["options"] = f"{FROZEN} {parameters.get('options', '')}".rstrip()
    pool = {"pool": {"min_size": 1, "max_size": pool_size, "timeout": 5}} if pool_size else {}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or socket,
        "PORT": str(parts.port or ""),
        "OPTIONS": {**parameters, **pool},
    }
