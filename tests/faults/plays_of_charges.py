"""The first purchase, a change of plan and a renewal, as plays whose answer the gateway loses."""

from datetime import timedelta
from functools import partial

from palier.apps.invoices.models import Invoice
from palier.apps.payments.models import Payment
from palier.apps.subscriptions.models import Subscription
from palier.flows import quote
from palier.flows.change import Choice
from palier.kit import clock
from tests import world
from tests.actors import stories
from tests.faults.plays import Play, curtain, second_tab
from tests.faults.plays_of_purchases import subscriber
from tests.faults.promises_of_flows import assert_bought_once
from tests.faults.scenes import an_owner
from tests.sandbox_process import SandboxProcess


def first_purchase(sandbox: SandboxProcess) -> Play:
    """Three seats of Team with a card typed for them; a second tab has the same choice open."""
    owner, at = an_owner(), clock.now()
    here, there = (world.quoted(owner, "team", "month", 3, now=at) for _ in range(2))
    world.type_card(sandbox, here)
    return curtain(
        owner.account,
        at,
        story="buy",
        kept=partial(assert_bought_once, quotes=(here, there), holds={"month": {"team": 3}}),
        elsewhere=second_tab("buy", owner.account, at, quote=there.id, card="new"),
        quote=here.id,
        card="new",
    )


def plan_change(sandbox: SandboxProcess) -> Play:
    """From Team to Business for the days left, with the card on file."""
    owner, at = subscriber(sandbox), clock.now()
    account = world.fresh(owner.account)
    here, there = (quote.make(account, owner, Choice("business", "month", 3), now=at) for _ in range(2))
    return curtain(
        account,
        at,
        story="buy",
        kept=partial(assert_bought_once, quotes=(here, there), holds={"month": {"business": 3}}),
        elsewhere=second_tab("buy", account, at, quote=there.id, card="saved"),
        quote=here.id,
        card="saved",
    )


def renewal(sandbox: SandboxProcess) -> Play:
    """The next month is invoiced and charged by itself; in a second tab the customer wants to pay what they see."""
    owner = an_owner()
    world.bought(sandbox, owner, "team", "month", 3, now=clock.now() - timedelta(days=40))
    held = Subscription.objects.get(account=owner.account)
    at = held.period_end

    def pays_elsewhere() -> None:
        invoice = Invoice.objects.filter(account=owner.account).latest("id")
        who = {"invoice": invoice.id, "member": owner.id, "card": "saved"}
        stories.pay_invoice(**who, account=owner.account_id, at=at.isoformat())  # type: ignore[arg-type]

    kept = partial(assert_renewed_once, held=held)
    return curtain(owner.account, at, story="renew_at_once", kept=kept, elsewhere=pays_elsewhere)


def assert_renewed_once(play: Play, sandbox: SandboxProcess, *, held: Subscription) -> None:
    """One more period, one invoice of it, paid once and told once."""
    invoice = Invoice.objects.get(account=play.account, order=None)
    taken = play.taken(sandbox)
    assert list(taken.values()) == [invoice.total_minor], f"taken {len(taken)} times"
    assert Payment.objects.get(invoice=invoice).public_id in taken, "taken under a key that is not ours"
    assert invoice.state == "paid"
    now = Subscription.objects.get(pk=held.pk)
    assert (now.state, now.period_start) == ("active", held.period_end)
    assert stories.jobs_of("make_invoice_document", invoice_id=invoice.pk) == 1
    assert (play.facts("invoice.paid"), play.letters("receipt")) == (1, 1), "not told once"
