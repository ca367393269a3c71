"""Where an account stands when somebody knocks: made by the flows, at the present moment."""

from dataclasses import dataclass

from palier.apps.accounts import actions
from palier.apps.accounts.models import Account, Invitation, Member
from palier.apps.invoices.models import Invoice
from palier.apps.orders.models import Order, Quote
from palier.flows import invite
from palier.flows import quote as quoting
from palier.flows.quote import Choice
from palier.kit import clock
from tests import world
from tests.sandbox_process import SandboxProcess
from tests.world import Cast


@dataclass(frozen=True)
class Scene:
    """An account on Team, five seats, monthly; a promise of Business; somebody invited."""

    cast: Cast
    sandbox: SandboxProcess
    order: Order  # the settled one
    quote: Quote  # open: Business for the same five
    token: str  # of the invitation's link

    @property
    def account(self) -> Account:
        return Account.objects.get(pk=self.cast.account.pk)

    @property
    def invoice(self) -> Invoice:
        assert self.order.invoice is not None
        return self.order.invoice

    @property
    def invitation(self) -> Invitation:
        return Invitation.objects.get(token_sha256=actions.token_sha256(self.token))

    def everybody(self) -> dict[str, Member | None]:
        """The fixed cast by role; None is nobody logged in."""
        cast = self.cast
        return {
            "owner": cast.owner,
            "billing_admin": cast.billing_admin,
            "admin": cast.admin,
            "member": cast.member,
            "stranger": cast.stranger,
            "nobody": None,
        }


def paying(cast: Cast, sandbox: SandboxProcess) -> Scene:
    """Team bought today, and a quote for Business."""
    settled = world.bought(sandbox, cast.owner, now=clock.now())
    account = Account.objects.get(pk=cast.account.pk)
    quote = quoting.make(account, cast.owner, Choice("business", "month", 5), now=clock.now())
    _invitation, token = actions.invite(
        account, "newcomer@lumiere.example", role="member", invited_by=cast.owner, now=clock.now()
    )
    return Scene(cast, sandbox, settled, quote, token)


def quoted(member: Member, plan: str = "team", interval: str = "month", seats: int = 5) -> Quote:
    """A promise made now, billing details saved."""
    return world.quoted(member, plan, interval, seats, now=clock.now())


def ordered(sandbox: SandboxProcess, quote: Quote, number: str = world.GOOD) -> Order:
    """A card typed and Pay pressed; the worker has not come to it yet."""
    return world.placed(sandbox, quote, number, now=clock.now())


def answered(sandbox: SandboxProcess, quote: Quote, number: str = world.GOOD) -> Order:
    """The same, and the bank has answered."""
    accepted = ordered(sandbox, quote, number)
    world.collected(accepted, now=clock.now())
    return Order.objects.get(pk=accepted.pk)


def bought(sandbox: SandboxProcess, member: Member, seats: int) -> Order:
    """One more purchase: Team by the month for so many."""
    return world.bought(sandbox, member, seats=seats, now=clock.now())


def joined(account: Account, inviter: Member, number: int) -> None:
    """So many new members, and as many invitations that wait."""
    for index in range(number):
        person = world.person(f"colleague{index}@lumiere.example", f"Colleague {index}")
        actions.join(account, person, "member", now=clock.now())
    invite.people(account, inviter, [f"guest{index}@lumiere.example" for index in range(number)], now=clock.now())
