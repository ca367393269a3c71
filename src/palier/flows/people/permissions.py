"""Who may do what, by the kind of the fact that it leaves in the journal.

The rights are those that the flows ask (``BUYERS``, ``MANAGERS`` and the owner); ``palier doctor`` replays the journal
by this table (I23). A fact that is missing here was done by somebody who may not.
"""

from collections.abc import Mapping
from typing import Final

from palier.apps.accounts.models import BUYERS, MANAGERS, Role
from palier.apps.events import authors

CLOCK: Final = (authors.CLOCK.role,)
GATEWAY: Final = (authors.GATEWAY.role,)
HOST: Final = (authors.HOST.role,)
OPERATOR: Final = (authors.OPERATOR,)
OWNER: Final = (Role.OWNER,)
GIVEN: Final = (Role.ADMIN, Role.BILLING_ADMIN, Role.MEMBER, Role.RESTRICTED_MEMBER)
"""The roles of those who did not open the account."""

MAY: Final[Mapping[str, tuple[str, ...]]] = {
    "account.opened": OWNER,
    "account.closed": OWNER,
    "account.parked": CLOCK,
    "account.released": OPERATOR,
    "billing_details.saved": BUYERS,
    "card.kept": GATEWAY,
    "card.replaced": BUYERS,
    "change.scheduled": BUYERS,
    "change.withdrawn": BUYERS,
    "change.blocked": CLOCK,
    "cancellation.scheduled": BUYERS,
    "invitation.resent": MANAGERS,
    "invitation.withdrawn": MANAGERS,
    "invoice.paid": GATEWAY,
    "letter.resent": OPERATOR,
    "letter.dropped": OPERATOR,
    "member.invited": MANAGERS,
    "member.joined": GIVEN,
    "member.role_changed": MANAGERS,
    "member.deactivated": MANAGERS,
    "member.reactivated": MANAGERS,
    "member.removed": MANAGERS,
    "order.placed": BUYERS,
    "order.settled": (*BUYERS, *GATEWAY),
    "ownership.transferred": OWNER,
    "payment.started": (*BUYERS, *CLOCK),
    "payment.action_required": GATEWAY,
    "payment.failed": (*BUYERS, *GATEWAY, *CLOCK, *OPERATOR),
    "payment.parked": GATEWAY,
    "payment.asked_again": OPERATOR,
    "payment.taken_late": GATEWAY,
    "payment.refunded": (*CLOCK, *OPERATOR),
    "purchase.requested": tuple(Role),
    "quote.made": BUYERS,
    "renewal.accepted": OPERATOR,
    "renewal.differs": CLOCK,
    "seat.requested": tuple(role for role in Role if role not in BUYERS),
    "seat.approved": (*BUYERS, *GATEWAY),
    "seat.declined": BUYERS,
    "seats.taken": BUYERS,
    "seats.billed": (*BUYERS, *CLOCK),
    "subscription.renewed": CLOCK,
    "subscription.past_due": CLOCK,
    "subscription.suspended": CLOCK,
    "subscription.ended": CLOCK,
    "trial.started": BUYERS,
    "trial.ended": CLOCK,
    "usage.threshold_reached": HOST,
}
