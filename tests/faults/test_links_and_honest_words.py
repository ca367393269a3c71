"""Whoever is answered while an outcome is unknown is told so, and not that nothing was taken or changed."""

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from palier.flows import usage
from palier.kit import clock
from tests import unpaid, world
from tests.faults.crash import the_dead_let_go
from tests.faults.links import by_way_of
from tests.faults.proxy import Fault, How, Link, Place, commit, link_to
from tests.faults.scenes import an_owner
from tests.interfaces.pages import Page
from tests.report.happened import happened
from tests.sandbox_process import SandboxProcess

NOT_TAKEN = "Nothing was taken"
UNSURE = "we do not know yet what became of your payment"


@pytest.fixture
def bank(sandbox: SandboxProcess, settings: Settings) -> Iterator[Link]:
    """Our way to the payment service, broken at the answer to the next cancellation of a charge."""
    with link_to("127.0.0.1", sandbox.port, "http") as between:
        settings.PALIER_SANDBOX_URL = f"http://127.0.0.1:{between.port}"
        between.arm(Fault(Place.UNANSWERED, How.CUT, wanted=lambda asked: asked.what.endswith("/cancel")))
        yield between


def counted(link: Link, answer: str) -> None:
    """The server had answered, and the client did not hear it."""
    (seen,) = link.seen
    assert seen.answer.startswith(answer)
    happened("link_faults", place=seen.place, how=seen.how, what="an answer in words")


def test_an_order_whose_cancellation_has_no_answer_is_not_called_untaken(bank: Link, sandbox: SandboxProcess) -> None:
    """The bank has said yes in another window."""
    owner = an_owner()
    kept = world.quoted(owner, "team", "month", 3, now=clock.now())
    payment = world.collected(world.placed(sandbox, kept, world.NEEDS_3DS, now=clock.now()), now=clock.now())
    assert sandbox.answer_bank(payment.action_url).status_code in (200, 303)
    client = Client()
    client.force_login(owner.user)
    page = Page(client.post(reverse("order-withdraw", args=[world.order_of(payment).public_id]), follow=True))
    counted(bank, "200")
    assert sandbox.captured(payment.public_id) == 1
    assert page.says(UNSURE)
    assert not page.says(NOT_TAKEN)


def test_a_card_is_not_replaced_by_a_page_that_calls_a_waiting_payment_untaken(
    bank: Link, sandbox: SandboxProcess
) -> None:
    """The renewal waits at the bank, which has said yes; another card shall take its place."""
    owner = an_owner()
    invoice = unpaid.renewed(sandbox, owner, world.LATER_ASKS, now=clock.now() - timedelta(days=40))
    payment = invoice.payments.get()
    assert payment.state == "action_required"
    assert sandbox.answer_bank(payment.action_url).status_code in (200, 303)
    unpaid.typed_on_file(sandbox, owner, world.GOOD)
    client = Client()
    client.force_login(owner.user)
    page = Page(client.post(reverse("payment-method")))
    counted(bank, "200")
    assert sandbox.captured(payment.public_id) == 1
    assert page.status == 503
    assert page.says(UNSURE)
    assert not page.says(NOT_TAKEN)


def test_a_use_whose_commit_is_unknown_is_not_called_unchanged(database_url: str, settings: Settings) -> None:
    settings.PALIER_API_KEY = "the-product's-own"
    account = an_owner().account
    path = reverse("api-usage", args=[account.public_id, "records"])
    key = {"Authorization": f"Bearer {settings.PALIER_API_KEY}"}
    parts = urlsplit(database_url)
    with link_to(parts.hostname or "", parts.port or 5432, "postgres") as link:
        link.arm(Fault(Place.UNANSWERED, How.CUT, wanted=commit))
        with by_way_of(link):
            answer = Client().put(path, {"used": 7}, "application/json", headers=key)
        counted(link, "")
    the_dead_let_go()
    assert answer.status_code == 503
    assert usage.may(account, "records", 0, now=clock.now()).used == 7
    assert "Nothing was changed" not in answer.content.decode()
    assert Client().put(path, {"used": 7}, "application/json", headers=key).status_code == 200
