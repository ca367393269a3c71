"""A card's number pasted into any field of any form is kept nowhere: no table, no job, no log."""

import json
import logging
import re
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from typing import Final

import pytest
from django.db import connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from palier.apps.accounts.models import Account, Member, Operator
from palier.apps.catalogue import current
from palier.apps.orders.models import PurchaseRequest, SeatRequest
from palier.flows.conversations import converse
from palier.flows.invariants import OURS, Look
from palier.kit import card_numbers, clock
from tests.interfaces.addresses import BY_NAME, visitor
from tests.interfaces.conftest import ClientOf
from tests.interfaces.nasty import FORM, encoded
from tests.interfaces.pages import Page
from tests.interfaces.scenes import Scene
from tests.interfaces.test_nasty_input import TYPED
from tests.world import PASSWORD

CANARIES: Final = (
    "4242424242424242",
    "4242 4242 4242 4242",
    "5555-5555-5555-4444",
    "2223.0031.2200.3222",
    "3782 822463 10005",
    "30569309025904",
    "6011000990139424",
    "3566 0020 2036 0505",
    "6200000000000005",
)
"""Test numbers of every great network, in the groups that people write."""

type Field = tuple[str, str]

FORMS: Final[tuple[tuple[str, Mapping[str, str]], ...]] = (
    *TYPED.items(),
    ("seat-request", {"action": "decline", "word": "Not now"}),
    ("desk-conversation", {"action": "answer", "text": "Hello", "key": "k"}),
    ("desk-conversation", {"action": "note", "text": "Hello", "key": "k"}),
    ("account_signup", {**TYPED["account_signup"], "password1": PASSWORD}),
)

HIDDEN_IN: Final[frozenset[Field]] = frozenset(
    {
        ("ask", "note"),
        ("seat-ask", "note"),
        ("seat-ask", "wished"),
        ("seat-request", "word"),
        ("billing-cancel", "reason"),
        ("help-opinion", "word"),
        ("chat", "text"),
        ("chat", "from"),
        ("chat-conversation", "text"),
        ("chat-conversation", "from"),
        ("chat-satisfaction", "word"),
        ("desk-conversation", "text"),
        ("desk-answers", "name"),
        ("desk-answers", "text"),
        ("desk-answer", "name"),
        ("desk-answer", "text"),
    }
)
"""What people tell in their own words is kept, and the number hidden."""

REFUSED_IN: Final[frozenset[Field]] = frozenset(
    {
        ("members", "emails"),
        ("invitation", "name"),
        ("account_signup", "name"),
        ("account_signup", "company"),
        ("account_signup", "email"),
        ("account_email", "email"),
        *((form, field) for form in ("billing-details", "checkout") for field in ("name", "address", "city")),
        *((form, field) for form in ("billing-details", "checkout") for field in ("email", "po_number")),
    }
)
"""What is kept to the letter is refused, and the reason said."""

_TEXTS: Final = """
SELECT table_name, column_name FROM information_schema.columns
WHERE table_schema = current_schema() AND data_type IN ('text', 'character varying', 'jsonb')
"""


@pytest.fixture
def places(scene: Scene) -> str:
    return statement()


@cache
def statement() -> str:
    """One for all that is written anywhere in the database, the jobs' arguments among it."""
    with connection.cursor() as cursor:
        cursor.execute(_TEXTS)
        each = [
            f'SELECT \'{table}.{column}\', "{column}"::text FROM {table} WHERE "{column}"::text ~ %(sought)s'
            for table, column in cursor.fetchall()
        ]
    return " UNION ALL ".join(each)


def found(places: str, sought: str) -> list[str]:
    """The columns that hold what a pattern describes, with what they hold."""
    with connection.cursor() as cursor:
        cursor.execute(places, {"sought": sought})
        return [f"{place}: {text[:200]}" for place, text in cursor.fetchall()]


def written_anyhow(canary: str) -> str:
    """The pattern of its digits, whatever stands between them."""
    return "[^0-9A-Za-z]{0,4}".join(digit for digit in canary if digit.isdecimal())


def books() -> list[str]:
    """What the hourly examination says of card numbers."""
    (rule,) = [invariant for invariant in OURS if invariant.code == "I27"]
    return [breach.subject for breach in rule.breaches(Look(clock.now(), timedelta()))]


def pasted(canary: str, field: str) -> str:
    """The number as somebody pastes it into a field."""
    bare = "".join(digit for digit in canary if digit.isdecimal())
    if "email" in field:
        return f"{bare}@lumiere.example"
    if field in {"postcode", "key", "vat_number"}:
        return bare
    return f"/settings/?card={bare}" if field == "from" else f"Card {canary}, thanks"


def right(form: Mapping[str, str]) -> dict[str, str]:
    terms = current().terms
    accepted = {"terms_version": terms.version, "terms_sha256": terms.sha256("en")} if "terms_version" in form else {}
    return {**form, **accepted}


@pytest.mark.parametrize(("name", "form"), FORMS, ids=[f"{name}-{place}" for place, (name, _) in enumerate(FORMS)])
def test_no_form_keeps_a_card_number(
    scene: Scene,
    client_of: ClientOf,
    places: str,
    caplog: pytest.LogCaptureFixture,
    name: str,
    form: Mapping[str, str],
) -> None:
    scene, address = scene, BY_NAME[name]
    caplog.set_level(logging.DEBUG, logger="palier")
    path = address.path(scene)
    if name == "chat-satisfaction":
        converse.solve(scene.conversation, now=clock.now())
    for place, field in enumerate(form):
        canary = CANARIES[place % len(CANARIES)]
        with transaction.atomic():
            client = client_of(_who(scene, name))
            sent = {**right(form), field: pasted(canary, field)}
            answer = client.generic("POST", path, encoded(sent), FORM)
            kept = found(places, written_anyhow(canary))
            masked = found(places, card_numbers.HIDDEN * 3)
            assert not kept, (field, kept)
            assert place or not books()
            transaction.set_rollback(True)
        if (name, field) in HIDDEN_IN and wanted(name, form, field):
            assert masked, (field, answer.status_code, answer.content.decode()[-3000:])
        if (name, field) in REFUSED_IN:
            assert Page(answer).says("This looks like the number of a card"), (field, answer.status_code)
    for canary in CANARIES:
        assert not re.search(written_anyhow(canary), caplog.text)


def _who(scene: Scene, name: str) -> Member | Operator | None:
    """Who sends the form so that it is taken."""
    asking = {"ask": scene.cast.member, "seat-ask": scene.cast.member}
    writing = {"chat": scene.cast.owner}
    return asking.get(name) or writing.get(name) or visitor(scene, BY_NAME[name])


def wanted(name: str, form: Mapping[str, str], field: str) -> bool:
    """Whether this variant of the form keeps the field at all."""
    return name != "desk-conversation" or form["action"] != "assign"


@pytest.mark.parametrize("canary", CANARIES)
@pytest.mark.parametrize("around", ["{}", "Card {} of mine", "({})", "a:{};b"])
def test_the_examination_finds_every_planted_number(scene: Scene, canary: str, around: str) -> None:
    Account.objects.filter(pk=scene.account.pk).update(name=around.format(canary))
    assert books() == ["accounts_account.name"]


def test_every_form_that_tells_something_hides_or_refuses(scene: Scene) -> None:
    known = {(name, field) for name, form in FORMS for field in form}
    assert known >= HIDDEN_IN | REFUSED_IN


@pytest.mark.parametrize("language", ["en", "fr"])
def test_who_pasted_one_is_told_that_it_was_hidden(scene: Scene, client_of: ClientOf, language: str) -> None:
    client = client_of(scene.cast.member, language=language)
    sent = {**TYPED["ask"], "note": f"Pay with {CANARIES[1]}"}
    answer = client.post(BY_NAME["ask"].path(scene), sent, follow=True)
    said = {"en": "Your text held the number of a card. We have hidden it", "fr": "Nous l'avons masqué"}
    assert Page(answer).says(said[language])
    assert PurchaseRequest.objects.get().note == "Pay with •••• •••• •••• 4242"


def test_no_job_carries_what_was_typed(scene: Scene, client_of: ClientOf) -> None:
    client = client_of(scene.cast.member)
    client.post(BY_NAME["seat-ask"].path(scene), {"wished": CANARIES[0], "note": CANARIES[1]})
    arguments = json.dumps([job.args for job in ProcrastinateJob.objects.all()])
    assert not any(re.search(written_anyhow(canary), arguments) for canary in CANARIES)
    assert SeatRequest.objects.get().wished == "••••••••••••4242"
