"""What happens to an account, in words and looks, by the kind of the fact or of the agenda’s row; and who did it."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from palier.apps.events.authors import CLOCK, GATEWAY, HOST, OPERATOR

AHEAD: Final = {
    "basket": _("The users added this day are billed"),
    "renewal": _("A subscription is renewed"),
    "notice": _("An e-mail tells of the renewal"),
    "retry": _("The card is tried again"),
    "suspend": _("Access becomes read-only"),
    "give_up": _("The unpaid subscription ends"),
    "card_expiry": _("An e-mail tells that the card expires"),
    "trial_ends_soon": _("An e-mail tells of the end of the trial"),
    "trial_ends": _("The trial ends"),
    "bank_stops": _("The bank stops waiting for the confirmation of a payment"),
}

HAPPENED: Final = {
    "account.opened": _("The account was opened"),
    "billing_details.saved": _("Billing details were saved"),
    "order.settled": _("An order was paid"),
    "subscription.renewed": _("The subscription was renewed"),
    "subscription.past_due": _("An invoice is unpaid; access goes on for now"),
    "subscription.suspended": _("Access became read-only"),
    "subscription.ended": _("The subscription ended"),
    "subscription.ended canceled": _("The subscription ended, as canceled"),
    "subscription.ended unpaid": _("The subscription ended unpaid"),
    "invoice.paid": _("An invoice was paid"),
    "payment.failed": _("A payment failed"),
    "payment.action_required": _("The bank asks for a confirmation"),
    "payment.parked": _("A payment waits until a person has looked at it"),
    "payment.refunded": _("A payment was refunded"),
    "payment.taken_late": _("Money arrived late"),
    "card.kept": _("A card was put on file"),
    "card.replaced": _("The card was replaced"),
    "change.scheduled": _("A change waits for the renewal"),
    "change.scheduled plan": _("A lower plan waits for the renewal"),
    "change.scheduled interval": _("Billing by the month waits for the renewal"),
    "change.scheduled seats": _("Fewer users wait for the renewal"),
    "change.scheduled add_on": _("Fewer add-ons wait for the renewal"),
    "change.blocked": _("A lower plan cannot begin yet: what is used exceeds it"),
    "change.withdrawn": _("A waiting change was withdrawn"),
    "change.withdrawn cancel": _("The cancellation was withdrawn"),
    "cancellation.scheduled": _("The subscription was canceled, to its paid end"),
    "seats.taken": _("Users were added, to be billed later this day"),
    "seats.billed": _("The users of the day were billed"),
    "member.invited": _("Somebody was invited"),
    "member.joined": _("Somebody joined"),
    "member.deactivated": _("Somebody was deactivated"),
    "member.reactivated": _("Somebody was reactivated"),
    "member.removed": _("Somebody was removed"),
    "member.role_changed": _("Somebody has another role"),
    "invitation.resent": _("An invitation was sent again"),
    "invitation.withdrawn": _("An invitation was withdrawn"),
    "letter.resent": _("An e-mail that had not left is sent again"),
    "letter.dropped": _("An e-mail that could not leave was given up"),
    "ownership.transferred": _("The account has another owner"),
    "seat.requested": _("A member asked for a seat"),
    "seat.approved": _("A member was given the seat that they asked for"),
    "seat.declined": _("A request for a seat was declined"),
    "usage.threshold_reached": _("A limit is nearly reached"),
    "renewal.differs": _("The renewal is not the sum that was announced; the receipt says why"),
    "renewal.accepted": _("A person accepted the other sum of a renewal"),
    "trial.started": _("The trial began"),
    "trial.ended": _("The trial ended"),
    "account.closed": _("The account was closed"),
    "account.parked": _("The account waits until a person has looked at it"),
    "account.released": _("A person has looked, and the account goes on"),
    "purchase.requested": _("A member asked to upgrade"),
}

LOOKS: Final = {
    "mail": ("mail", ""),
    "order.settled": ("good", "good"),
    "invoice.paid": ("good", "good"),
    "payment.failed": ("care", "bad"),
    "payment.action_required": ("bank", "care"),
    "payment.parked": ("alert", "care"),
    "subscription.past_due": ("alert", "care"),
    "subscription.suspended": ("lock", "bad"),
    "subscription.ended": ("cross", "bad"),
    "subscription.renewed": ("calendar", ""),
    "card.kept": ("card", ""),
    "card.replaced": ("card", ""),
    "bank_stops": ("bank", "care"),
    "retry": ("card", ""),
    "suspend": ("lock", "care"),
    "give_up": ("cross", "bad"),
    "basket": ("people", ""),
    "card_expiry": ("card", ""),
    "trial_ends_soon": ("mail", ""),
    "trial_ends": ("lock", "care"),
    "trial.ended": ("lock", "care"),
    "renewal.differs": ("alert", "care"),
    "usage.threshold_reached": ("alert", "care"),
    "renewal": ("calendar", ""),
}

VOICES: Final = {
    CLOCK.role: _("by itself"),
    GATEWAY.role: _("the payment service"),
    HOST.role: _("the product"),
}

BY_SUBJECT: Final = {
    "account": "home",
    "cancellation": "cross",
    "change": "clock",
    "invitation": "people",
    "letter": "mail",
    "member": "people",
    "notice": "mail",
    "ownership": "people",
    "seat": "people",
    "seats": "people",
}


def looks_of(kind: str) -> tuple[str, str]:
    """The icon of a kind, and its state: "good", "care", "bad" or ""."""
    return LOOKS.get(kind, (BY_SUBJECT.get(kind.partition(".")[0], "note"), ""))


def words_of(kind: str, what: str = "") -> str:
    """What happened, as exactly as we can say it; a kind without words is told by its name."""
    return str(HAPPENED.get(f"{kind} {what}", HAPPENED.get(kind, kind)))


def author_of(author: str, role: str, name: str) -> str:
    """Who it was: the ``name`` of a member, or whose voice."""
    if role == OPERATOR:
        return str(_("the seller’s team"))
    return str(VOICES[role]) if role in VOICES else name or author


def words_ahead(kind: str) -> str:
    """What will happen."""
    return str(AHEAD.get(kind, kind))
