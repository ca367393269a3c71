"""What our e-mails say, one function per letter, in the reader's language."""

import unicodedata
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import override

LONGEST_NAME: Final = 60
"""Enough for a person or a company; too little for a message of one's own in a letter that goes to anybody."""


@dataclass(frozen=True, slots=True)
class Letter:
    """Subject, paragraphs, an optional table of (name, value) rows and an optional button (label, URL).

    ``secret_link``: whoever has the button's URL may use it, so it is forgotten once the letter is sent.
    """

    kind: str
    language: str
    subject: str
    paragraphs: tuple[str, ...]
    rows: tuple[tuple[str, str], ...] = ()
    button: tuple[str, str] | None = None
    secret_link: bool = False


def as_name(typed: str) -> str:
    """A name as it may stand in a letter: on one line, not too long, nothing that controls or turns the text around."""
    visible = "".join(letter for letter in " ".join(typed.split()) if unicodedata.category(letter)[0] != "C")
    return visible if len(visible) <= LONGEST_NAME else f"{visible[: LONGEST_NAME - 1].rstrip()}…"


def receipt(
    language: str, *, plan: str, paid: str, invoice: str, seats: int, renewal: str, renewal_total: str, url: str
) -> Letter:
    """Sent once the payment is settled. Sums and dates come formatted."""
    with override(language):
        return Letter(
            kind="receipt",
            language=language,
            subject=_("Receipt: your account is on %(plan)s") % {"plan": plan},
            paragraphs=(
                _("Thank you. Your payment has been received and your account is now on %(plan)s.") % {"plan": plan},
                _("The invoice is on this page, to read, print or download."),
            ),
            rows=(
                (_("Paid"), paid),
                (_("Invoice"), invoice),
                (_("Users"), str(seats)),
                (_("Next renewal"), _("%(total)s on %(day)s") % {"total": renewal_total, "day": renewal}),
            ),
            button=(_("See the receipt"), url),
        )


def action_required(language: str, *, plan: str, total: str, url: str) -> Letter:
    """The bank wants the customer to confirm; the link works on any device."""
    with override(language):
        return Letter(
            kind="action_required",
            language=language,
            subject=_("Your bank asks you to confirm a payment"),
            paragraphs=(
                _("Your order of %(plan)s waits for you: your bank asks you to confirm the payment.") % {"plan": plan},
                _("You can do it now or later, on this device or another. Nothing is taken until then."),
            ),
            rows=((_("To confirm"), total),),
            button=(_("Confirm the payment"), url),
        )


def purchase_request(language: str, *, asker: str, plan: str, seats: int, note: str, url: str) -> Letter:
    """A member asks somebody who may buy."""
    asker = as_name(asker)
    with override(language):
        paragraphs = [_("%(asker)s would like the account to move to %(plan)s.") % {"asker": asker, "plan": plan}]
        if note:
            paragraphs.append(_("In their words: “%(note)s”") % {"note": note})
        paragraphs.append(_("The order is ready for you to review. Nothing is bought until you pay."))
        return Letter(
            kind="purchase_request",
            language=language,
            subject=_("%(asker)s asks for %(plan)s") % {"asker": asker, "plan": plan},
            paragraphs=tuple(paragraphs),
            rows=((_("Plan"), plan), (_("Users"), str(seats))),
            button=(_("Review the order"), url),
        )


def invitation(language: str, *, inviter: str, company: str, host: str, until: str, url: str) -> Letter:
    """A place in an account, offered to an address until a day, which comes formatted."""
    inviter, company = as_name(inviter), as_name(company)
    with override(language):
        return Letter(
            kind="invitation",
            language=language,
            subject=_("%(inviter)s invites you to %(company)s on %(host)s")
            % {"inviter": inviter, "company": company, "host": host},
            paragraphs=(
                _("%(inviter)s has kept a place for you in %(company)s.") % {"inviter": inviter, "company": company},
                _("The place is kept until %(day)s.") % {"day": until},
            ),
            button=(_("Join the team"), url),
            secret_link=True,
        )
