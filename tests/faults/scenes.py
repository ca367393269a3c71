"""The scenes that are played until a process dies: who presses what, and what must be true afterwards."""

import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from palier.apps.accounts.models import Member, Role, User
from palier.apps.gateways.sandbox import event_signature
from palier.apps.orders.models import Order, Quote
from palier.apps.payments.models import UNRESOLVED, Payment
from palier.flows import details
from palier.flows.people import signup
from palier.kit import clock
from tests import world
from tests.actors import stories
from tests.faults.promises import assert_nothing_happened, assert_paid_once
from tests.sandbox_process import SandboxProcess

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Scene:
    """A story of ``tests.actors.stories`` with its arguments, and the quote that it is about."""

    story: str
    arguments: dict[str, Any]
    quote: Quote


def first_purchase(sandbox: SandboxProcess) -> Scene:
    """A free account has typed a card and presses Pay."""
    kept = world.quoted(an_owner(), "team", "month", 3, now=clock.now())
    world.type_card(sandbox, kept)
    return Scene("pay", {"quote": kept.id, "card": "new"}, kept)


def plan_change(sandbox: SandboxProcess) -> Scene:
    """Ten days into Team, Business is paid with the card on file."""
    owner = an_owner()
    world.bought(sandbox, owner, "team", "month", 3, now=clock.now() - timedelta(days=10))
    kept = world.quoted(owner, "business", "month", 3, now=clock.now())
    return Scene("pay", {"quote": kept.id, "card": "saved"}, kept)


def webhook(sandbox: SandboxProcess) -> Scene:
    """The money was taken and the answer lost; now the gateway's event arrives."""
    kept = world.quoted(an_owner(), "team", "month", 3, now=clock.now())
    sandbox.fault("timeout_after_capture")
    accepted = world.placed(sandbox, kept, now=clock.now())
    payment = world.collected(accepted, now=clock.now())
    assert payment.state == "unknown"
    (told,) = sandbox.book_of((), (payment.public_id,))["events"]
    body, sent_at = json.dumps(told["body"]), str(int(clock.now().timestamp()))
    signature = event_signature(sandbox.webhook_secret, told["id"], sent_at, body.encode())
    headers = {"Webhook-Id": told["id"], "Webhook-Timestamp": sent_at, "Webhook-Signature": signature}
    return Scene("hear", {"headers": headers, "body": body, "quote": kept.id}, kept)


def an_owner() -> Member:
    """The owner of a fresh account whose billing details are known."""
    number = next(_numbers)
    person = User.objects.create(email=f"owner{number}@kills.example", name="Odile Owner")
    now = clock.now()
    owner = signup.open_account(person, company=f"Agence {number}", country="FR", language="fr", now=now)
    details.save(owner.account, owner, world.DETAILS, now=now)
    assert owner.role == Role.OWNER
    return owner


# After the death: who comes back?


def the_job_is_rescued(scene: Scene) -> None:
    """Another worker takes the dead one's job."""
    stories.work(scene.quote.id)


def the_customer_comes_back(scene: Scene) -> None:
    """They saw no answer, so they press Pay again, or the gateway sends its event again."""
    stories.STORIES[scene.story](**scene.arguments)


def nobody_comes_back(scene: Scene) -> None:
    """Only the clock goes on: the periodic look at what is not over."""
    stories.look_after((clock.now() + timedelta(minutes=10)).isoformat())


Recovery = Callable[[Scene], None]
RECOVERIES: Final[tuple[Recovery, ...]] = (the_job_is_rescued, the_customer_comes_back, nobody_comes_back)


def recover(scene: Scene, recovery: Recovery, sandbox: SandboxProcess) -> None:
    """Let recovery run and the dust settle, and check the promises; where nothing had begun, buying still works."""
    recovery(scene)
    _until_quiet(scene)
    if Order.objects.filter(quote=scene.quote).exists():
        assert_paid_once(scene.quote, sandbox)
    else:
        assert_nothing_happened(scene.quote, sandbox)
        the_customer_comes_back(scene)
        assert_paid_once(scene.quote, sandbox)


def _until_quiet(scene: Scene) -> None:
    """The clock goes on while a payment is not over: the gateway may still be at work on what the dead one sent."""
    for minutes in (20, 30, 40):
        if not Payment.objects.filter(order__quote=scene.quote, state__in=UNRESOLVED).exists():
            return
        stories.look_after((clock.now() + timedelta(minutes=minutes)).isoformat())
