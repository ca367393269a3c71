"""A subscription is renewed and charged, until the process dies."""

from datetime import timedelta
from functools import partial

from palier.apps.accounts.models import Member
from palier.apps.agenda.models import Due
from palier.apps.invoices.models import Invoice
from palier.apps.payments.models import Payment
from palier.apps.subscriptions.models import BillingPeriod, Subscription
from palier.kit import clock
from tests import world
from tests.faults.plays import Play, curtain, second_tab
from tests.faults.scenes import an_owner
from tests.sandbox_process import SandboxProcess


def renewal(sandbox: SandboxProcess) -> Play:
    """The next month is invoiced and paid."""
    owner = an_owner()
    world.bought(sandbox, owner, "team", "month", 3, now=clock.now() - timedelta(days=40))
    return renewal_of(owner, Subscription.objects.get(account=owner.account))


def renewal_of(owner: Member, held: Subscription) -> Play:
    """The same of a subscription that is there; a second clock does the same meanwhile."""
    at = held.period_end
    return curtain(
        owner.account,
        at,
        story="renew_and_charge",
        kept=partial(assert_renewed_once, subscription=held, periods=held.periods.count()),
        elsewhere=second_tab("renew_and_charge", owner.account, at),
    )


def assert_renewed_once(play: Play, sandbox: SandboxProcess, *, subscription: Subscription, periods: int) -> None:
    """One more period, one invoice that is paid once and told once, and the next date stands."""
    held = Subscription.objects.get(pk=subscription.pk)
    assert BillingPeriod.objects.filter(subscription=held).count() == periods + 1, "not billed once"
    assert held.period_start <= play.at < held.period_end
    known = [identity for identity, _ in play.before["invoices"]]
    invoice = Invoice.objects.filter(account=play.account).exclude(pk__in=known).get()
    taken = play.taken(sandbox)
    assert list(taken.values()) == [invoice.total_minor], f"taken {len(taken)} times"
    assert Payment.objects.get(invoice=invoice, state="succeeded").public_id in taken, "taken under another key"
    assert invoice.state == "paid"
    assert play.letters("receipt") == 1, "not told once"
    assert Due.objects.get(kind="renewal", subject=held.pk).due_at == held.period_end
