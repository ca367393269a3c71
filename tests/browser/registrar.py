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
from dataclasses import asdict, dataclass
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
    """A subscription that an account is given: bought so many days ago, with a card that is accepted then.

    ``other_seats`` are billed by the other interval; ``canceled`` at once, so it is over by now if it is old enough.
    ``renewed``: its first period is over, and it has just been renewed and charged to that card without its owner.
    """

    plan: str = "team"
    interval: str = "month"
    seats: int = 5
    days_ago: int = 0
    other_seats: int = 0
    canceled: bool = False
    card: str = "4242 4242 4242 4242"
    renewed: bool = False


class Registrar:
    """The other end of the pipe. ``first``: how many accounts another one has opened on this database already."""

    def __init__(self, stack: LiveStack, first: int = 0) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.browser.registrar"],
            cwd=ROOT,
            env={**stack.settings, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=leash.die_with_parent(signal.SIGTERM),
        )
        self._opened = first

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
        sandbox: bool = False,
        uses: dict[str, int] | None = None,
    ) -> Opened:
        """A new account, French or Irish by its language; ``roles`` are those of its people beside the owner.

        :param details: whether the billing details are saved already; with ``held`` they always are.
        :param sandbox: whether the account has a test clock.
        :param uses: what the host product reports as used, by the key of each limit.
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
            "sandbox": sandbox,
            "uses": uses or {},
            "held": None if held is None else asdict(held),
        }
        answer = self._ask(asked)
        people = [Person(**person) for person in answer["people"]]
        return Opened(company, country, language, people[0], dict(zip(roles, people[1:], strict=True)))

    def operator(self, language: str = "en") -> Person:
        """One of the operator's people, each time somebody else."""
        self._opened += 1
        answer = self._ask({"join_team": language, "domain": f"team{self._opened}.seller.example"})
        (person,) = answer["people"]
        return Person(**person)

    def answer(self, operator: Person, conversation: str, text: str = "", *, solved: bool = False) -> None:
        """The team answers a conversation, by its public id, and perhaps marks it as solved."""
        self._ask({"answers": operator.email, "conversation": conversation, "text": text, "solved": solved})

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
            asked = json.loads(line)
            does = _joined if "join_team" in asked else _answered if "answers" in asked else _opened
            answer: dict[str, Any] = {"people": does(asked)}
        except Exception:
            answer = {"trouble": traceback.format_exc()}
        print(json.dumps(answer), flush=True)


def _joined(asked: dict[str, Any]) -> list[dict[str, str]]:
    from palier.apps.accounts import actions
    from palier.kit import clock

    language = asked["join_team"]
    user = _person({"fr": "Lucie Perrin", "en": "Nora Quinn"}[language], asked["domain"], language)
    actions.join_team(user, now=clock.now())
    return [{"name": user.name, "email": user.email, "session": _session(user)}]


def _answered(asked: dict[str, Any]) -> list[dict[str, str]]:
    import secrets

    from palier.apps.accounts.models import Operator
    from palier.apps.chat.models import Conversation
    from palier.flows.conversations import converse
    from palier.kit import clock, ids

    operator = Operator.objects.select_related("user").get(user__email=asked["answers"])
    conversation = Conversation.objects.get(pk=ids.parse("cnv", asked["conversation"]))
    if asked["text"]:
        key = secrets.token_hex(8)
        converse.answer(operator, conversation, asked["text"], files=(), key=key, now=clock.now())
    if asked["solved"]:
        converse.solve(conversation, now=clock.now())
    return []


def _opened(asked: dict[str, Any]) -> list[dict[str, str]]:
    from palier.flows import usage
    from palier.flows.people import signup
    from palier.kit import clock

    language, domain = asked["language"], asked["domain"]
    days_ago = asked["held"]["days_ago"] if asked["held"] else 0
    now = clock.now() - timedelta(days=days_ago)
    name, *names = _NAMES[language]
    owner = _person(name, domain, language)
    member = signup.open_account(
        owner,
        company=asked["company"],
        country=asked["country"],
        language=language,
        sandbox=asked["sandbox"],
        now=now,
    )
    users = [owner]
    for role, name in zip(asked["roles"], names, strict=False):
        users.append(_person(name, domain, language))
        signup.join(member.account, users[-1], role, now=now)
    if asked["details"]:
        _save_details(member, asked, now=now)
    if asked["held"]:
        _subscribe(member, asked["held"], now=now)
    for key, used in asked["uses"].items():
        usage.report(member.account, key, used, now=clock.now())
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


def _subscribe(owner: Any, held: dict[str, Any], *, now: Any) -> None:
    """Buy, as of then."""
    import httpx
    from django.conf import settings
    from django.db import transaction

    from palier.apps.catalogue import current
    from palier.flows import card, collect, order, quote
    from palier.flows.change import Choice
    from palier.flows.order import Evidence

    choice = Choice(held["plan"], held["interval"], held["seats"], held["other_seats"])
    promise = quote.make(owner.account, owner, choice, now=now)
    fields = card.fields_url(
        order.card_reference(promise, promise.member), language="en", parent_origin=settings.BASE_URL
    )
    assert httpx.post(fields, data={**CARD, "number": held["card"]}, trust_env=False, timeout=60).is_redirect
    language = owner.user.language
    terms = current().terms
    evidence = Evidence(
        terms_version=terms.version,
        terms_sha256=terms.sha256(language),
        button_text="Pay",
        language=language,
        address="192.0.2.7",
        browser="tests",
    )
    # One transaction, for the worker lives today: it would not send an old payment, and renew what is canceled next.
    with transaction.atomic():
        placed = order.place(promise, member=owner, card="new", evidence=evidence, now=now)
        for payment in placed.payments.all():
            collect.payment(payment.id, now=now)
        placed.refresh_from_db()
        assert placed.state == "settled"
        if held["canceled"]:
            _end(owner, now=now)
        if held["renewed"]:
            _renew(owner)


def _end(owner: Any, *, now: Any) -> None:
    """Cancel as of then, and let happen what has fallen due since."""
    from palier.apps.accounts.models import Account
    from palier.apps.agenda.models import Due
    from palier.flows import renew, schedule
    from palier.kit import clock

    schedule.cancel(Account.objects.get(pk=owner.account_id), owner, now=now)
    for row in Due.objects.filter(account_id=owner.account_id, kind="renewal", due_at__lte=clock.now()):
        renew.due(row, now=clock.now())


def _renew(owner: Any) -> None:
    """The period is over; again the worker meets a payment whose answer is known."""
    from palier.apps.payments.models import Payment
    from palier.apps.subscriptions.models import Subscription
    from palier.flows import collect, renew
    from palier.kit import clock

    now = clock.now()
    renew.these([Subscription.objects.get(account=owner.account).id], now=now)
    for payment in Payment.objects.filter(account=owner.account, invoice__isnull=False):
        collect.payment(payment.id, now=now)


if __name__ == "__main__":
    main()
