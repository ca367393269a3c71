"""Opens accounts for the browser tests by the flows that the screens call.

A process of its own for the whole run: it works on the database of the running program, and an account costs
milliseconds. One JSON object per line comes in, one per line goes out.
"""

import json
import os
import signal
import subprocess
import sys
import traceback
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Self

from palier_stack import leash
from tests.live_stack import PATIENCE_SECONDS, ROOT, LiveStack

PASSWORD: Final = "a-long-test-password"
CARD: Final = {"number": "4242 4242 4242 4242", "expiry": "12 / 34", "code": "123"}

ADDRESSES: Final = {
    "FR": {"address": "8 rue de Rivoli", "postcode": "75004", "city": "Paris", "region": ""},
    "IE": {"address": "14 Northgate Quay", "postcode": "D02 X285", "city": "Dublin", "region": ""},
}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a log-in; ``session`` is the cookie of a browser in which they are logged in."""

    name: str
    email: str
    session: str


@dataclass(frozen=True, slots=True)
class Opened:
    """An account with its people."""

    company: str
    country: str
    language: str
    owner: Person
    others: dict[str, Person]
    """By role: "billing_admin", "admin", "member", the latter for the last of several."""


@dataclass(frozen=True, slots=True)
class Held:
    """A subscription that an account is given: bought so many days ago, with a card that is always accepted."""

    plan: str = "team"
    interval: str = "month"
    seats: int = 5
    days_ago: int = 0


class Registrar:
    """The other end of the pipe."""

    def __init__(self, stack: LiveStack) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.browser.registrar"],
            cwd=ROOT,
            env={**stack.settings, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=leash.die_with_parent(signal.SIGTERM),
        )
        self._opened = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait(timeout=PATIENCE_SECONDS)
        self._process.stdout.close()

    def open(
        self,
        *,
        language: str = "en",
        roles: tuple[str, ...] = (),
        held: Held | None = None,
        details: bool = False,
    ) -> Opened:
        """A new account, French or Irish by its language; ``roles`` are those of its people beside the owner.

        :param details: whether the billing details are saved already; with ``held`` they always are.
        """
        self._opened += 1
        country, company = ("FR", "Cabinet Lumière") if language == "fr" else ("IE", "Northgate Talent")
        asked = {
            "company": company,
            "country": country,
            "language": language,
            "domain": f"{'lumiere' if language == 'fr' else 'northgate'}{self._opened}.example",
            "roles": list(roles),
            "details": details or held is not None,
            "held": None if held is None else [held.plan, held.interval, held.seats, held.days_ago],
        }
        answer = self._ask(asked)
        people = [Person(**person) for person in answer["people"]]
        return Opened(company, country, language, people[0], dict(zip(roles, people[1:], strict=True)))

    def _ask(self, asked: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin
        assert self._process.stdout
        print(json.dumps(asked), file=self._process.stdin, flush=True)
        line = self._process.stdout.readline()
        assert line, "the registrar ended; its last words are above"
        answer: dict[str, Any] = json.loads(line)
        assert "trouble" not in answer, answer["trouble"]
        return answer


def main() -> None:
    """Answer every line until the input ends."""
    import django

    django.setup()
    for line in sys.stdin:
        try:
            answer: dict[str, Any] = {"people": _opened(json.loads(line))}
        except Exception:
            answer = {"trouble": traceback.format_exc()}
        print(json.dumps(answer), flush=True)


def _opened(asked: dict[str, Any]) -> list[dict[str, str]]:
    from palier.apps.accounts import actions
    from palier.flows import signup
    from palier.kit import clock

    language, domain = asked["language"], asked["domain"]
    days_ago = asked["held"][3] if asked["held"] else 0
    now = clock.now() - timedelta(days=days_ago)
    name, *names = _NAMES[language]
    owner = _person(name, domain, language)
    member = signup.open_account(owner, company=asked["company"], country=asked["country"], language=language, now=now)
    users = [owner]
    for role, name in zip(asked["roles"], names, strict=False):
        users.append(_person(name, domain, language))
        actions.join(member.account, users[-1], role, now=now)
    if asked["details"]:
        _save_details(member, asked, now=now)
    if asked["held"]:
        _subscribe(member, asked["held"], now=now)
    return [{"name": user.name, "email": user.email, "session": _session(user)} for user in users]


_NAMES: Final = {
    "fr": ("Claire Fontaine", "Karim Benali", "Louise Marchand", "Thomas Perrin", "Alice Rousseau", "Julien Garnier"),
    "en": ("Grace Kavanagh", "Owen Byrne", "Priya Nair", "Daniel Walsh", "Aoife Nolan", "Liam Doyle"),
}


def _person(name: str, domain: str, language: str) -> Any:
    from palier.apps.accounts.models import User

    email = f"{name.replace(' ', '.').lower()}@{domain}"
    return User.objects.create(email=email, name=name, language=language, password=_hashed())


def _hashed() -> str:
    """The one password, hashed once: hashing is meant to be slow."""
    from django.contrib.auth.hashers import make_password

    if not _kept:
        _kept.append(make_password(PASSWORD))
    return _kept[0]


_kept: list[str] = []


def _session(user: Any) -> str:
    """Log a person in, as if in a browser of theirs."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return str(session.session_key)


def _save_details(owner: Any, asked: dict[str, Any], *, now: Any) -> None:
    from palier.flows import details

    typed = {"kind": "company", "name": asked["company"], "country": asked["country"], "email": owner.user.email}
    details.save(owner.account, owner, {**typed, **ADDRESSES[asked["country"]]}, now=now)


def _subscribe(owner: Any, held: list[Any], *, now: Any) -> None:
    """Buy, as of then."""
    import httpx
    from django.conf import settings
    from django.db import transaction

    from palier.apps.catalogue import current
    from palier.flows import card, collect, order, quote

    promise = quote.make(owner.account, owner, quote.Choice(held[0], held[1], held[2]), now=now)
    fields = card.fields_url(
        order.card_reference(promise, promise.member), language="en", parent_origin=settings.BASE_URL
    )
    assert httpx.post(fields, data=CARD, trust_env=False).is_redirect
    language = owner.user.language
    terms = current().terms
    evidence = order.Evidence(
        terms_version=terms.version,
        terms_sha256=terms.sha256(language),
        button_text="Pay",
        language=language,
        address="192.0.2.7",
        browser="tests",
    )
    # One transaction, so that the worker, who lives today, meets a payment that is over: it would not send an old one.
    with transaction.atomic():
        placed = order.place(promise, member=owner, card="new", evidence=evidence, now=now)
        for payment in placed.payments.all():
            collect.payment(payment.id, now=now)
    placed.refresh_from_db()
    assert placed.state == "settled"


if __name__ == "__main__":
    main()
