"""The link to the database breaks at a commit while somebody pays: the page knows of no success, and of no failure.

Whether the commit was kept is not known then. So the page says that a part of the service is away and that nothing is
paid twice; never "paid", and never "nothing was taken". Loaded again, it shows how things stand.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from palier.apps.accounts.models import Member
from palier.apps.catalogue import current
from palier.apps.invoices.models import Invoice
from palier.kit import clock
from tests import world
from tests.actors import stories
from tests.books import assert_balanced
from tests.faults.crash import the_dead_let_go
from tests.faults.links import by_way_of
from tests.faults.plays import Play
from tests.faults.plays_of_debts import card_change, pay_now
from tests.faults.promises import assert_paid_once
from tests.faults.proxy import Fault, How, Link, Place, link_to
from tests.faults.scenes import an_owner
from tests.interfaces.pages import Page
from tests.report.happened import happened
from tests.sandbox_process import SandboxProcess

AWAY = "We will be back in a moment"
ONCE = "no payment is made twice"
LIES = ("Nothing was taken", "Thank you", "now pays your renewals")


@pytest.fixture
def link(database_url: str) -> Iterator[Link]:
    """A way to the database of the test that can be broken."""
    parts = urlsplit(database_url)
    with link_to(parts.hostname or "", parts.port or 5432, "postgres") as between:
        yield between


@dataclass(frozen=True)
class Press:
    """Somebody logged in presses a button; ``settled`` checks the end, once the worker has done its work."""

    client: Client
    path: str
    form: dict[str, str]
    settled: Callable[[], None]

    def send(self) -> Page:
        """The page that answers, and where it leads to."""
        return Page(self.client.post(self.path, self.form, follow=True))


def logged_in(member: Member) -> Client:
    """Their browser."""
    client = Client(raise_request_exception=False)
    client.force_login(member.user)
    return client


def checkout(sandbox: SandboxProcess) -> Press:
    """Pay, with a card just typed."""
    owner = an_owner()
    kept = world.quoted(owner, "team", "month", 3, now=clock.now())
    world.type_card(sandbox, kept)
    terms = current().terms
    accepted = {"terms": "accepted", "terms_version": terms.version, "terms_sha256": terms.sha256("en")}
    form = {**world.DETAILS, **accepted, "card": "new", "action": "pay"}

    def settled() -> None:
        stories.work(kept.id)
        assert_paid_once(kept, sandbox)

    return Press(logged_in(owner), f"/checkout/{kept.public_id}/", form, settled)


def invoice(sandbox: SandboxProcess) -> Press:
    """Pay now, on the page of an open invoice, with a card just typed."""
    play = pay_now(sandbox)
    owner = Member.objects.get(pk=play.arguments["member"])
    path = reverse("invoice-pay", args=[Invoice.objects.get(pk=play.arguments["invoice"]).public_id])
    return Press(logged_in(owner), path, {"card": "new"}, partial(finished, play, sandbox))


def card(sandbox: SandboxProcess) -> Press:
    """Another card on file, which pays what is open."""
    play = card_change(sandbox)
    owner = Member.objects.get(pk=play.arguments["member"])
    return Press(logged_in(owner), reverse("payment-method"), {}, partial(finished, play, sandbox))


def finished(play: Play, sandbox: SandboxProcess) -> None:
    """The worker does what was deferred, and the promise is kept."""
    stories.empty_the_queue(play.account.id, clock.now().isoformat())
    play.kept(play, sandbox)


def pressed(press: Press, link: Link, fault: Fault | None = None) -> Page:
    """One press by way of the link."""
    link.passed.clear()
    if fault is not None:
        link.arm(fault)
    with by_way_of(link):
        return press.send()


@pytest.mark.parametrize("staging", [checkout, invoice, card])
def test_a_link_cut_at_any_commit_of_a_press_is_answered_by_neither_a_success_nor_a_failure(
    staging: Callable[[SandboxProcess], Press], link: Link, sandbox: SandboxProcess
) -> None:
    pressed(staging(sandbox), link)
    assert pressed(staging(sandbox), link).status == 200
    asked = list(link.passed)
    commits = [number for number, one in enumerate(asked) if one.commits]
    assert commits
    for number in commits:
        for place in (Place.BEFORE, Place.UNANSWERED):
            press = staging(sandbox)
            page = pressed(press, link, Fault(place, How.CUT, skip=number))
            where = f"{place} {asked[number].what[:40]!r} (question {number})"
            (seen,) = link.seen
            link.seen.clear()
            assert (seen.place, seen.what.split()[:2]) == (place, asked[number].what.split()[:2])
            happened("link_faults", place=place, how=How.CUT, what="a page")
            assert (page.status, page.heading) == (503, AWAY), where
            assert page.says(ONCE), where
            assert not any(page.says(lie) for lie in LIES), where
            the_dead_let_go()
            assert press.send().status in (200, 422), where
            press.settled()
    assert_balanced(sandbox)
