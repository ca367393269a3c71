"""What our e-mails say, one function per letter, in the reader's language."""

from dataclasses import dataclass
from typing import Final

from django.utils.translation import get_language, ngettext, override
from django.utils.translation import gettext as _

from palier.engine.periods import Interval
from palier.kit import formats
from palier.kit.typed import visible

LONGEST_NAME: Final = 60
"""Enough for a person or a company; too little for a message of one's own in a letter that goes to anybody."""


@dataclass(frozen=True, slots=True)
class Letter:
    """Subject, paragraphs, an optional table of (name, value) rows, an optional button (label, URL) and further links.

    ``quotes`` are words of people, (who, text), with their line ends; they stand after the paragraphs.

    ``secret_link``: whoever has the button's URL may use it, so it is forgotten once the letter is sent.
    """

    kind: str
    language: str
    subject: str
    paragraphs: tuple[str, ...]
    rows: tuple[tuple[str, str], ...] = ()
    button: tuple[str, str] | None = None
    secret_link: bool = False
    links: tuple[tuple[str, str], ...] = ()
    quotes: tuple[tuple[str, str], ...] = ()

    @property
    def quoted_lines(self) -> tuple[tuple[str, list[str]], ...]:
        """The quotes line by line, each of which is marked as quoted in a letter of plain text."""
        return tuple((who, words.split("\n")) for who, words in self.quotes)


@dataclass(frozen=True, slots=True)
class Part:
    """The users of one interval in mixed billing. ``day`` comes formatted: when they renew, or the last one that they
    have. The words are in the language that is active."""

    interval: str
    seats: int
    day: str
    renews: bool

    @property
    def users(self) -> str:
        """``5 annual users``."""
        number = formats.whole_number(self.seats, get_language() or "en")
        if self.interval == Interval.YEAR:
            return ngettext("%(number)s annual user", "%(number)s annual users", self.seats) % {"number": number}
        return ngettext("%(number)s monthly user", "%(number)s monthly users", self.seats) % {"number": number}

    @property
    def words(self) -> str:
        """``5 annual users, next renewal on 1 June 2027``, ``1 monthly user until 30 June 2026``."""
        said = _("%(users)s, next renewal on %(day)s") if self.renews else _("%(users)s until %(day)s")
        return said % {"users": self.users, "day": self.day}


def goes_on(rest: Part) -> str:
    """What stays where one of two subscriptions ends, in the language that is active."""
    return _("The rest goes on as before: %(rest)s.") % {"rest": rest.words}


type ArticleLink = tuple[str, str] | None
"""Title and address of an article of the help centre, where one explains what the letter tells."""


def help_links(article: ArticleLink) -> tuple[tuple[str, str], ...]:
    """The link below the button, in the language that is active."""
    return ((_("Help: %(title)s") % {"title": article[0]}, article[1]),) if article else ()


def as_name(typed: str) -> str:
    """A name as it may stand in a letter: on one line, not too long, nothing that controls or turns the text around."""
    name = visible(" ".join(typed.split()))
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1].rstrip()}…"


def receipt(
    language: str,
    *,
    plan: str,
    paid: str,
    invoice: str,
    seats: int,
    renewal: str,
    renewal_total: str,
    url: str,
    beside: tuple[str, str] | None = None,
) -> Letter:
    """Sent once the payment is settled. Sums and dates come formatted; ``beside`` is the day and the sum of the other
    renewal in mixed billing."""
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
                *_other_renewal(beside),
            ),
            button=(_("See the receipt"), url),
        )


def _other_renewal(beside: tuple[str, str] | None) -> tuple[tuple[str, str], ...]:
    if beside is None:
        return ()
    return ((_("Next renewal"), _("%(total)s on %(day)s") % {"day": beside[0], "total": beside[1]}),)


def action_required(language: str, *, plan: str, total: str, url: str, article: ArticleLink = None) -> Letter:
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
            links=help_links(article),
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
