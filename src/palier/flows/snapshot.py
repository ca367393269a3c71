"""A signed answer that the host product keeps: what an account may do, readable without a call.

A compact JWS (RFC 7515) with HS256. It is fresh until ``exp``; when Palier cannot be reached it may be trusted until
``grace_until``, and no longer.
"""

import hmac
import json
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings

from palier.apps.accounts.models import Account
from palier.apps.entitlements import standing as standings
from palier.apps.entitlements.standing import Standing
from palier.kit.refusals import Refusal

FRESH: Final = timedelta(hours=1)
"""How long a host decides by a snapshot before it asks for the next."""

GRACE: Final = timedelta(hours=24)
"""How much longer it may, while Palier does not answer."""

SHORTEST_KEY: Final = 32
"""RFC 7518, 3.2: a key of HS256 has at least 256 bits."""


class SnapshotKeyMissing(Refusal):
    code = "snapshot.key_missing"
    en = "Snapshots are not signed here: PALIER_SNAPSHOT_KEY needs 32 characters or more. Nothing was changed; set it."
    fr = (
        "Les instantanés ne sont pas signés ici\u202f: PALIER_SNAPSHOT_KEY doit avoir 32 caractères ou plus. "
        "Rien n’a changé\u202f; définissez-la."
    )


def snapshot(account: Account, *, now: datetime) -> str:
    """What an account has and uses at an instant of its own time, signed."""
    secret = settings.PALIER_SNAPSHOT_KEY.encode()
    if len(secret) < SHORTEST_KEY:
        raise SnapshotKeyMissing
    header = _part({"alg": "HS256", "typ": "JWT"})
    signed = f"{header}.{_part(claims(account, standings.of_account(account, now=now), now=now))}"
    return f"{signed}.{_text(hmac.digest(secret, signed.encode(), 'sha256'))}"


def claims(account: Account, standing: Standing, *, now: datetime) -> dict[str, Any]:
    """What a snapshot says. It is fresh no longer than the trial or the paid period that it speaks of."""
    turns = [each.period_end for each in standing.held]
    if standing.trial_ends_at is not None:
        turns.append(standing.trial_ends_at)
    until = min([now + FRESH, *(turn for turn in turns if turn > now)])
    return {
        "iss": settings.BASE_URL,
        "sub": account.public_id,
        "iat": int(now.timestamp()),
        "exp": int(until.timestamp()),
        "grace_until": int((until + GRACE).timestamp()),
        "access": standing.access.value,
        "read_only": standing.access.read_only,
        "plan": standing.plan.key,
        "seats": standing.seats,
        "limits": {grant.key: {"limit": grant.limit, "used": standing.used(grant.key)} for grant in standing.grants},
    }


def _part(content: dict[str, Any]) -> str:
    return _text(json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode())


def _text(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()
