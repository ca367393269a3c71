"""Where an account stands when somebody knocks: made by the flows, at the present moment."""

from dataclasses import dataclass
from datetime import timedelta

from palier.apps.accounts import actions
from palier.apps.accounts.models import Account, Invitation, Member, Operator, Role
from palier.apps.chat import canned
from palier.apps.chat.models import Attachment, CannedAnswer, Conversation
from palier.apps.invoices.models import Invoice
from palier.apps.orders.models import Order, Quote, SeatRequest
from palier.apps.subscriptions.models import ScheduledChange
from palier.flows import quote as quoting
from palier.flows import schedule, seat_requests
from palier.flows.change import Choice
from palier.flows.conversations.attachments import Upload
from palier.flows.people import invite, signup
from palier.kit import clock
from tests import unpaid, world
from tests.interfaces import talks
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

    @property
    def change(self) -> ScheduledChange:
        """What waits for the renewal; made when it is asked for first."""
        waiting = ScheduledChange.objects.filter(subscription__account=self.cast.account, state="waiting").first()
        return waiting or schedule.cancel(self.account, self.cast.owner, now=clock.now())[0]

    @property
    def colleague(self) -> Member:
        return self.cast.member

    @property
    def restricted(self) -> Member:
        """A member who uses the product only: the colleague, from now on."""
        actions.give_role(self.cast.member, Role.RESTRICTED_MEMBER)
        return self.cast.member

    @property
    def seat_request(self) -> SeatRequest:
        """A member's request for a seat, made when it is first needed."""
        asked = SeatRequest.objects.filter(account=self.cast.account).first()
        return asked or seat_requests.ask(self.cast.member, wished="new@lumiere.example", now=clock.now())

    @property
    def conversation(self) -> Conversation:
        """A conversation with the team that the owner began, made when it is first needed."""
        known = Conversation.objects.filter(account=self.cast.account).order_by("id").first()
        return known or talks.asked(self.cast.owner, files=[Upload("sum.txt", b"109.00")]).conversation

    @property
    def attachment(self) -> Attachment:
        """The file in it."""
        return Attachment.objects.get(message__conversation=self.conversation)

    @property
    def operator(self) -> Operator:
        """One of the operator's people, made when first needed."""
        return Operator.objects.select_related("user").first() or world.operator(now=clock.now())

    @property
    def canned_answer(self) -> CannedAnswer:
        known = CannedAnswer.objects.first()
        return known or canned.keep(
            None, name="Proration", language="en", text="Only the days left are charged.", now=clock.now()
        )

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


def owed(sandbox: SandboxProcess, member: Member, number: str = world.LATER_POOR) -> Invoice:
    """The invoice of yesterday's renewal, which the card did not simply pay."""
    month_ago = clock.now() - timedelta(days=32)
    return unpaid.renewed(sandbox, member, number, now=month_ago)


def joined(account: Account, inviter: Member, number: int) -> None:
    """So many new members, and as many invitations that wait."""
    for index in range(number):
        person = world.person(f"colleague{index}@lumiere.example", f"Colleague {index}")
        signup.join(account, person, "member", now=clock.now())
    invite.people(account, inviter, [f"guest{index}@lumiere.example" for index in range(number)], now=clock.now())
