"""The database or the payment service does not answer: a page that says so, and nothing is lost."""

import socket
from collections.abc import Iterator
from functools import cache

import pytest
from django.core.signing import Signer
from django.db import connections
from django.test import Client
from pytest_django import DjangoDbBlocker
from pytest_django.fixtures import Settings

from palier.apps.accounts.models import BillingProfile
from palier.apps.catalogue import current
from palier.apps.orders.models import Order, Quote
from palier.apps.payments.models import Payment
from palier.kit import clock
from tests import world
from tests.interfaces import scenes
from tests.interfaces.addresses import ADDRESSES, Address
from tests.interfaces.conftest import ClientOf
from tests.interfaces.pages import Page
from tests.interfaces.test_every_url import assert_safe
from tests.sandbox_process import SandboxProcess
from tests.world import DETAILS, NEEDS_3DS, Cast

AWAY = {"en": "We will be back in a moment", "fr": "Nous revenons dans un instant"}
ONCE = {"en": "no payment is made twice", "fr": "aucun paiement n'est effectué deux fois"}
SILENT = {
    "en": "The payment service does not answer. Nothing was taken; try again in a moment.",
    "fr": "Le service de paiement ne répond pas. Rien n'a été prélevé ; réessayez dans un instant.",
}
UNSURE = {
    "en": "we do not know yet what became of your payment. Please do not pay again",
    "fr": "nous ne savons pas encore ce qu'il est advenu de votre paiement. Ne payez pas une seconde fois",
}
SIGNED = Signer(salt="palier.confirm_payment", sep=".").sign_object([1, 4_000_000_000])
"""A link that names a payment and has not ended; whether there is one, the database would know."""

ARGUMENTS = {
    "invitation": ["token"],
    "change-withdraw": ["sch_0000000000001"],
    "invitation-withdraw": ["ivt_0000000000001"],
    "checkout": ["quo_0000000000001"],
    "explanation": ["quo_0000000000001"],
    "order": ["ord_0000000000001"],
    "order-status": ["ord_0000000000001"],
    "order-return": ["ord_0000000000001"],
    "order-withdraw": ["ord_0000000000001"],
    "invoice": ["inv_0000000000001"],
    "invoice-pdf": ["inv_0000000000001"],
    "invoice-pay": ["inv_0000000000001"],
    "invoice-status": ["inv_0000000000001"],
    "invoice-return": ["inv_0000000000001"],
    "invoice-withdraw": ["inv_0000000000001"],
    "confirm-payment": [SIGNED],
    "confirm-payment-status": [SIGNED],
    "confirm-payment-return": [SIGNED],
    "member": ["mem_0000000000001"],
    "member-role": ["mem_0000000000001"],
    "member-deactivate": ["mem_0000000000001"],
    "member-reactivate": ["mem_0000000000001"],
    "member-remove": ["mem_0000000000001"],
    "invitation-resend": ["ivt_0000000000001"],
    "ownership": ["mem_0000000000001"],
    "seat-request": ["srq_0000000000001"],
    "terms": ["2026-11-01"],
    "help-article": ["upgrade-your-account"],
    "help-opinion": ["upgrade-your-account"],
    **{key: ["cnv_0000000000001"] for key in ("chat-conversation", "chat-news", "chat-typing", "chat-satisfaction")},
    **{key: ["cnv_0000000000001"] for key in ("desk-conversation", "desk-news", "desk-typing")},
    **{key: ["att_0000000000001"] for key in ("chat-attachment", "desk-attachment")},
    "desk-answer": ["can_0000000000001"],
    "hook": ["sandbox"],
    "account_confirm_email": ["unknown"],
    "account_reset_password_from_key": ["1", "unknown"],
}


@cache
def closed_port() -> int:
    """A port at which nobody listens; one for the whole run, since each has its pool of connections."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port


@pytest.fixture
def no_database(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The settings lead to a port at which no database listens."""
    with django_db_blocker.unblock():
        connection = connections["default"]
        connection.close()
        known = dict(connection.settings_dict)
        connection.settings_dict |= {"HOST": "127.0.0.1", "PORT": str(closed_port())}
        try:
            yield
        finally:
            connection.close()
            connection.settings_dict |= known


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("address", ADDRESSES, ids=lambda address: address.name)
def test_without_a_database_every_page_says_so(no_database: None, address: Address, language: str) -> None:
    client = Client(raise_request_exception=False)
    client.cookies["django_language"] = language
    client.cookies["sessionid"] = "a" * 32
    path = address.path_with(ARGUMENTS.get(address.name, []), language)
    for method in address.methods:
        answer = client.generic(method, path, b"plan=team", "application/x-www-form-urlencoded")
        if answer.status_code in (302, 400, 404):
            continue  # it needed no database
        assert answer.status_code == 503, method
        assert answer.headers["Retry-After"] == "15"
        if method != "HEAD":
            page = Page(answer)
            assert (page.language, page.heading) == (language, AWAY[language])
            assert page.says(ONCE[language])
            assert_safe(page)


def test_a_wrong_way_without_a_database_is_still_not_found(no_database: None) -> None:
    assert Client().get("/nothing/here/").status_code == 404


@pytest.fixture
def no_payment_service(settings: Settings) -> None:
    """The settings lead to a port at which no payment service listens."""
    settings.PALIER_SANDBOX_URL = f"http://127.0.0.1:{closed_port()}"


def paid(language: str = "en", card: str = "new") -> dict[str, str]:
    """What the checkout's form sends on Pay."""
    terms = current().terms
    accepted = {"terms": "accepted", "terms_version": terms.version, "terms_sha256": terms.sha256(language)}
    return {**DETAILS, **accepted, "po_number": "Typed just now", "card": card, "action": "pay"}


@pytest.mark.parametrize("language", ["en", "fr"])
def test_pay_without_a_payment_service_says_so_and_keeps_all(
    cast: Cast, client_of: ClientOf, no_payment_service: None, language: str
) -> None:
    quote = scenes.quoted(cast.owner)
    client = client_of(cast.owner, language=language)
    page = Page(client.post(f"/checkout/{quote.public_id}/", paid(language)))
    assert page.status == 503
    assert page.words_of("problem-summary").endswith(SILENT[language])
    assert page.value("po_number") == "Typed just now"
    assert page.values("terms") == ["accepted"]
    assert not Order.objects.exists()
    assert Quote.objects.get().state == "open"


def test_once_it_is_back_the_same_promise_is_paid(
    cast: Cast, sandbox: SandboxProcess, client_of: ClientOf, settings: Settings
) -> None:
    quote = scenes.quoted(cast.owner)
    world.type_card(sandbox, quote)
    client, path, alive = client_of(cast.owner), f"/checkout/{quote.public_id}/", settings.PALIER_SANDBOX_URL
    settings.PALIER_SANDBOX_URL = f"http://127.0.0.1:{closed_port()}"
    assert client.post(path, paid()).status_code == 503
    settings.PALIER_SANDBOX_URL = alive
    assert client.post(path, paid()).headers["Location"] == f"/orders/{Order.objects.get().public_id}/"


def test_pay_with_the_card_on_file_needs_no_answer_yet(
    cast: Cast, sandbox: SandboxProcess, client_of: ClientOf, settings: Settings
) -> None:
    scene = scenes.paying(cast, sandbox)
    settings.PALIER_SANDBOX_URL = f"http://127.0.0.1:{closed_port()}"
    answer = client_of(cast.owner).post(f"/checkout/{scene.quote.public_id}/", paid(card="saved"), follow=True)
    page = Page(answer)
    assert (page.status, page.heading) == (200, "The bank is thinking")
    world.collected(scene.quote.order, now=clock.now())
    again = client_of(cast.owner).get(f"/orders/{scene.quote.order.public_id}/")
    assert Page(again).heading == "We are asking the bank"
    assert Page(again).says("please do not pay again")


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_card_is_not_replaced_without_a_payment_service(
    scene: scenes.Scene, client_of: ClientOf, no_payment_service: None, language: str
) -> None:
    client = client_of(scene.cast.owner, language=language)
    assert client.get("/settings/billing/payment-method/").status_code == 200
    page = Page(client.post("/settings/billing/payment-method/"))
    assert page.status == 503
    assert page.words_of("card_error") == SILENT[language]
    assert page.says("4242")


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_waiting_payment_is_not_given_up_without_a_payment_service(
    cast: Cast, sandbox: SandboxProcess, client_of: ClientOf, settings: Settings, language: str
) -> None:
    order = scenes.answered(sandbox, scenes.quoted(cast.owner), NEEDS_3DS)
    settings.PALIER_SANDBOX_URL = f"http://127.0.0.1:{closed_port()}"
    client = client_of(cast.owner, language=language)
    page = Page(client.post(f"/orders/{order.public_id}/withdraw/", follow=True))
    assert page.says(UNSURE[language])
    assert page.heading == {"en": "Your bank is waiting for you", "fr": "Votre banque vous attend"}[language]
    assert Payment.objects.get().state == "action_required"


def test_pages_that_only_show_need_no_payment_service(
    scene: scenes.Scene, client_of: ClientOf, no_payment_service: None
) -> None:
    client = client_of(scene.cast.owner)
    for address in ADDRESSES:
        if "GET" in address.methods:
            assert client.get(address.path(scene)).status_code < 500, address.name
    assert BillingProfile.objects.get().po_number == "PO-7"
