"""What is promised to those who join and leave, and of money that a person sends back."""

from palier.apps.accounts.models import Account, Invitation, Member
from palier.apps.agenda.models import Due
from palier.apps.payments.models import Payment
from tests.faults.plays import Play
from tests.sandbox_process import SandboxProcess


def assert_invited_once(play: Play, sandbox: SandboxProcess, *, email: str) -> None:
    """One invitation waits, and one letter carries its link."""
    waiting = Invitation.objects.open_at(play.at).filter(account=play.account, email=email)
    assert waiting.count() == 1, "not invited once"
    assert (play.facts("member.invited"), play.letters("invitation")) == (1, 1), "not told once"


def assert_joined_once(play: Play, sandbox: SandboxProcess, *, invitation: Invitation) -> None:
    """Who was invited is a member, once, and the link leads nowhere any more."""
    joined = Member.objects.filter(account=play.account, user__email=invitation.email)
    assert joined.count() == play.facts("member.joined") == 1, "not joined once"
    assert Invitation.objects.get(pk=invitation.pk).accepted_at == play.at


def assert_closed_once(play: Play, sandbox: SandboxProcess) -> None:
    """Closed, said so once, and nothing is due any more."""
    assert Account.objects.get(pk=play.account.pk).closed_at == play.at
    assert play.facts("account.closed") == 1, "not noted once"
    assert not Due.objects.filter(account_id=play.account.pk).exists(), "something is still due"


def assert_ended_by_hand_once(play: Play, sandbox: SandboxProcess, *, parked: Payment) -> None:
    """The money went back whole and once, and the payment has ended."""
    refunds = [row for row in sandbox.book()["refunds"] if row["reference"] == parked.public_id]
    assert [row["amount_minor"] for row in refunds] == [parked.amount_minor], f"given back {len(refunds)} times"
    ended = Payment.objects.get(pk=parked.pk)
    assert (ended.state, ended.reason, play.facts("payment.refunded")) == ("failed", "refunded", 1), "not ended once"
