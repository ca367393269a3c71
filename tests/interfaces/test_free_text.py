"""Whatever is written into a text that is kept stays words wherever it is shown: on every page and in every letter."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

import pgtrigger
import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.db import connection, models, transaction
from django.test import Client

from palier.apps.chat.models import Conversation
from palier.apps.help import actions as help_actions
from palier.apps.help import library
from palier.apps.invoices.models import Invoice
from palier.apps.orders.models import Order
from palier.flows import seat_requests
from palier.flows.conversations import converse
from palier.kit import clock
from tests.interfaces import talks
from tests.interfaces.addresses import ADDRESSES, Address, visitor
from tests.interfaces.conftest import ClientOf
from tests.interfaces.injections import INJECTIONS
from tests.interfaces.pages import Page
from tests.interfaces.scenes import Scene
from tests.report.happened import happened

type Skeleton = tuple[tuple[str, ...], ...]

PLANTED: Final = frozenset(
    {
        "accounts.Account.name",
        "accounts.User.name",
        "accounts.User.email",
        "accounts.Invitation.email",
        *(f"accounts.BillingProfile.{name}" for name in ("name", "address", "postcode", "city", "region")),
        *(f"accounts.BillingProfile.{name}" for name in ("vat_number", "email", "po_number")),
        "orders.SeatRequest.wished",
        "orders.SeatRequest.note",
        "orders.SeatRequest.answer",
        "chat.Conversation.satisfied_word",
        "chat.Message.text",
        "chat.Message.screen",
        "chat.Message.refusal_code",
        "chat.Attachment.name",
        "chat.CannedAnswer.name",
        "chat.CannedAnswer.text",
        "help.Opinion.word",
    }
)
"""What people write that a page shows: each is filled with everything, however it is checked at the door."""

ROOM: Final = 4000

COPIES: Final = frozenset({"invoices.Invoice.buyer", "orders.Order.buyer"})
"""The billing details as they were on the day: filled as those are."""

BUYER: Final = ("name", "address", "postcode", "city", "region", "vat_number", "email", "po_number")

ELSEWHERE: Final = frozenset(
    {
        # No page shows them: letters, exports, the command line and the order's evidence are tested on their own.
        "accounts.CountedTry.cache_key",
        "accounts.CountedTry.value",
        "accounts.Parking.fact",
        "accounts.Parking.released_by",
        "accounts.Parking.word",
        "accounts.Travel.stopped_by",
        "agenda.Failure.error",
        "events.Event.author",
        "events.Event.payload",
        "orders.Order.browser",
        "orders.PurchaseRequest.note",
        "gateways.GatewayEvent.payload",
        "notices.Mail.recipient",
        "notices.Mail.subject",
        "notices.Mail.text",
        "notices.Mail.html",
        "notices.Mail.trouble",
    }
)

OURS: Final = re.compile(
    r".*\.(kind|code|subject|key|reference|currency|language|country|password|prefix|number|sha256|\w+_sha256|digest"
    r"|\w+_digest|interval|plan|cause|slug|plain|word|title|summary|text|visitor|content|content_type|external_id"
    r"|gateway|gateway_id|token|brand|last4|fingerprint|reason|last_reason|action_url|ledger_account|item_kind|taxes"
    r"|tax|seller|detail|draft|add_ons|items|role|terms_version|button_text|paid_with|payment_reference)"
)
"""Codes, keys, sums and words of our own, of the catalogue and of the gateway: nobody types them here."""


def test_every_stored_text_is_known_here() -> None:
    found = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        if model.__module__.startswith("palier.")
        for field in model._meta.local_fields
        if isinstance(field, models.CharField | models.TextField | models.JSONField) and not field.choices
    }
    assert found >= PLANTED | COPIES | ELSEWHERE
    unknown = {name for name in found - PLANTED - COPIES - ELSEWHERE if not OURS.fullmatch(name)}
    assert not unknown, "say in PLANTED or ELSEWHERE where it is shown, or in OURS that nobody types it"


def plant(texts: Mapping[str, str]) -> None:
    """Write into every field of every row there is, guards or no guards."""
    # Log-in keeps a second list of addresses, and fills it by itself.
    EmailAddress.objects.all().delete()
    with pgtrigger.ignore():
        for label in {name.rpartition(".")[0] for name in texts}:
            model = apps.get_model(label)
            fields = {name.rpartition(".")[2]: text for name, text in texts.items() if name.startswith(f"{label}.")}
            for place, key in enumerate(model.objects.values_list("pk", flat=True)):
                unique = {"email": f"{fields['email']} {place}"} if "email" in fields else {}
                model.objects.filter(pk=key).update(**{**fields, **unique})
        buyer = {name: texts[f"accounts.BillingProfile.{name}"] for name in BUYER}
        for copied in (Invoice, Order):
            for row in copied.objects.all():
                copied.objects.filter(pk=row.pk).update(buyer={**row.buyer, **buyer})


def widen() -> None:
    """Room for every string at once: how long a text may be is checked elsewhere."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for name in sorted(PLANTED):
            model, _, field = name.rpartition(".")
            column = apps.get_model(model)._meta.get_field(field)
            if (column.max_length or 0) < ROOM:
                table = column.model._meta.db_table
                cursor.execute(f"ALTER TABLE {table} ALTER COLUMN {column.column} TYPE varchar({ROOM})")


def harmless() -> dict[str, str]:
    """A word of its own for every field."""
    return {name: f"Words{place}x" for place, name in enumerate(sorted(PLANTED))}


def hostile(half: int) -> dict[str, str]:
    """Half of all strings in every field, on one line."""
    return dict.fromkeys(PLANTED, " ".join(" ".join(INJECTIONS[half::2]).replace("\0", "").split()))


def skeleton(page: Page) -> Skeleton:
    """Which elements there are, with which attributes, and where they lead; links in what people say apart."""
    return tuple(_bones(page.tree, said=False))


def _bones(element: Element, *, said: bool) -> Iterator[tuple[str, ...]]:
    tag = str(element.tag)
    if said and tag == "a":
        assert urlsplit(element.get("href", "")).scheme in {"http", "https", "mailto"}, element.get("href")
        assert set(element.attrib) <= {"href", "rel"}, element.attrib
        return
    leads = [
        f"{name}={_place(value)}" if name in {"href", "src", "action", "formaction", "style"} else name
        for name, value in sorted(element.attrib.items())
    ]
    yield tag, *leads
    within = said or bool({"text", "chat-text"} & set(element.get("class", "").split()))
    for child in element:
        yield from _bones(child, said=within)


def _place(value: str) -> str:
    return value.partition("?")[0] if not value.startswith("mailto:") else "mailto:"


@pytest.fixture
def scene(scene: Scene) -> Scene:
    """With a row of everything that people write."""
    now = clock.now()
    asked = seat_requests.ask(scene.cast.admin, wished="w", note="n", now=now)
    seat_requests.decline(asked, scene.cast.owner, "no", now=now)
    assert scene.seat_request.pk == asked.pk
    waits = seat_requests.ask(scene.cast.member, wished="w", note="n", now=now)
    assert waits.pk != asked.pk
    talks.answered(scene.operator, scene.conversation)
    article = library.article("upgrade-your-account", "en")
    assert article is not None
    help_actions.opine(article, answered=False, word="w", visitor="v" * 64, account=scene.account, now=now)
    assert scene.canned_answer.name
    closed = talks.asked(scene.cast.owner, "A second question").conversation
    converse.solve(closed, now=now)
    converse.satisfied(scene.cast.owner, closed, True, "w", now=now)
    return scene


def pages(scene: Scene) -> Iterator[tuple[str, str, Address]]:
    """Every page with something of the scene: its name, where it is, and its address."""
    parts = {"explanation", "healthz", "invoice-pdf", "billing-export"}
    for address in ADDRESSES:
        if "GET" in address.methods and address.name not in parts:
            yield address.name, address.path(scene), address
    desk = next(each for each in ADDRESSES if each.name == "desk-conversation")
    for place, conversation in enumerate(Conversation.objects.order_by("id")[1:]):
        yield f"desk-conversation:{place}", desk.path_of(conversation.public_id), desk


def seen(client: Client, path: str) -> Any:
    """The answer; that it was looked at changes nothing for the next look."""
    with transaction.atomic():
        answer = client.get(path)
        transaction.set_rollback(True)
    return answer


def test_words_stay_words_on_every_page(scene: Scene, client_of: ClientOf) -> None:
    widen()
    plant(harmless())
    clients = {name: client_of(visitor(scene, address)) for name, _path, address in pages(scene)}
    plain: dict[str, Page] = {}
    for name, path, _address in pages(scene):
        answer = seen(clients[name], path)
        if answer["Content-Type"].startswith("text/html"):
            plain[name] = Page(answer)
    shown = {field: {name for name, page in plain.items() if word in page.html} for field, word in harmless().items()}
    assert not [field for field, names in shown.items() if not names], "shown nowhere: say so in ELSEWHERE"
    showing = set().union(*shown.values())
    for half in (0, 1):
        plant(hostile(half))
        for name, path, _address in pages(scene):
            if name in showing:
                page = Page(seen(clients[name], path))
                assert skeleton(page) == skeleton(plain[name]), name
                assert "hit()" in page.html, name
                places = sum(name in names for names in shown.values())
                happened("injection_cells", places * len(INJECTIONS[half::2]))
