"""What the host product reports and asks (docs/reference/api.md)."""

import json
import re
from datetime import datetime
from typing import Any, Final

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError

from palier.apps.accounts.models import Account
from palier.flows import snapshot as snapshots
from palier.flows import usage as usages
from palier.flows.usage import Answer
from palier.interfaces.api import problems
from palier.interfaces.api.access import keyed

LARGEST_BODY: Final = 4_096
WHOLE_NUMBER: Final = re.compile(r"[0-9]{1,13}")


@keyed("PUT")
def usage(request: HttpRequest, account: Account, *, key: str, now: datetime) -> HttpResponse:
    """Keep how many of a limit the account uses in all."""
    return JsonResponse(_told(usages.report(account, key, _used(request), now=now)))


@keyed("GET", "HEAD")
def may(request: HttpRequest, account: Account, *, now: datetime) -> HttpResponse:
    """Whether the account may have more of a limit."""
    more = request.GET.get("more", "1")
    if not WHOLE_NUMBER.fullmatch(more):
        raise problems.MoreNotANumber
    return JsonResponse(_told(usages.may(account, request.GET.get("key", ""), int(more), now=now)))


@keyed("GET", "HEAD")
def snapshot(request: HttpRequest, account: Account, *, now: datetime) -> HttpResponse:
    """What the account has and uses, signed."""
    return HttpResponse(snapshots.snapshot(account, now=now), content_type="application/jose")


def _used(request: HttpRequest) -> object:
    """The number in the body; whether it is one is the flow's to say."""
    try:
        if len(request.body) > LARGEST_BODY:
            raise problems.BodyTooLarge(most=LARGEST_BODY)
        body = json.loads(request.body)
    except RequestDataTooBig as error:
        raise problems.BodyTooLarge(most=LARGEST_BODY) from error
    except (ValueError, RecursionError, UnreadablePostError) as error:
        raise problems.BodyUnreadable(example='{"used": 1200}') from error
    if not isinstance(body, dict) or "used" not in body:
        raise problems.BodyUnreadable(example='{"used": 1200}')
    return body["used"]


def _told(answer: Answer) -> dict[str, Any]:
    remedy = answer.remedy
    return {
        "allowed": answer.allowed,
        "limit": answer.limit,
        "used": answer.used,
        "left": answer.left,
        "reason": answer.reason,
        "access": answer.access.value,
        "remedy": {remedy.kind: remedy.key, **({"units": remedy.units} if remedy.units else {})} if remedy else None,
    }
