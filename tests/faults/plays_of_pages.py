"""Pay is pressed on the page itself: the web process dies before, within or after its answer."""

from functools import partial
from urllib.parse import urlsplit

from django.conf import settings
from django.test import Client

from palier.apps.catalogue import current
from palier.kit import clock
from tests import world
from tests.faults.plays import Play, curtain, second_tab
from tests.faults.promises_of_flows import assert_bought_once
from tests.faults.scenes import an_owner
from tests.sandbox_process import SandboxProcess


def page_of_pay(sandbox: SandboxProcess) -> Play:
    """The first purchase, through the checkout's own page; in a second tab the same choice is paid elsewhere."""
    owner, at = an_owner(), clock.now()
    here, there = (world.quoted(owner, "team", "month", 3, now=at) for _ in range(2))
    world.type_card(sandbox, here)
    client = Client()
    client.force_login(owner.user)
    terms = current().terms
    accepted = {"terms": "accepted", "terms_version": terms.version, "terms_sha256": terms.sha256("en")}
    return curtain(
        owner.account,
        at,
        story="press_pay_on_the_page",
        kept=partial(assert_bought_once, quotes=(here, there), holds={"month": {"team": 3}}),
        elsewhere=second_tab("buy", owner.account, at, quote=there.id, card="saved"),
        host=urlsplit(settings.BASE_URL).netloc,
        path=f"/checkout/{here.public_id}/",
        session=client.cookies[settings.SESSION_COOKIE_NAME].value,
        typed={**world.DETAILS, **accepted, "card": "new", "action": "pay"},
    )
