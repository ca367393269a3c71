"""What our e-mails say about people and seats, one function per letter, in the reader's language."""

from django.utils.translation import gettext as _
from django.utils.translation import override

from palier.apps.notices.letters import Letter, as_name


def seat_request(language: str, *, asker: str, company: str, wished: str, note: str, url: str) -> Letter:
    """A member asks somebody who may buy for one more seat."""
    asker, company, wished = as_name(asker), as_name(company), as_name(wished)
    with override(language):
        paragraphs = [
            _("%(asker)s asks for one more seat in %(company)s.") % {"asker": asker, "company": company},
            *_in_their_words(note),
            _("The page shows the exact price for the days left. Nothing is bought until you approve."),
        ]
        return Letter(
            kind="seat_request",
            language=language,
            subject=_("%(asker)s asks for a seat") % {"asker": asker},
            paragraphs=tuple(paragraphs),
            rows=((_("For"), wished),) if wished else (),
            button=(_("See the price and answer"), url),
        )


def seat_approved(language: str, *, buyer: str, company: str, wished: str, url: str) -> Letter:
    """There is a seat for who asked: it is paid, or was free."""
    buyer, company, wished = as_name(buyer), as_name(company), as_name(wished)
    with override(language):
        return Letter(
            kind="seat_approved",
            language=language,
            subject=_("Your seat is there"),
            paragraphs=(
                _("%(buyer)s has approved your request: %(company)s has a free seat.")
                % {"buyer": buyer, "company": company},
                _("The owner and the admins can invite somebody onto it from the members page."),
            ),
            rows=((_("For"), wished),) if wished else (),
            button=(_("See the members"), url),
        )


def seat_declined(language: str, *, buyer: str, company: str, note: str, url: str) -> Letter:
    """No seat this time, with a word from who decided."""
    buyer, company = as_name(buyer), as_name(company)
    with override(language):
        return Letter(
            kind="seat_declined",
            language=language,
            subject=_("Your request for a seat was declined"),
            paragraphs=(
                _("%(buyer)s does not add a seat to %(company)s now. Nothing was bought.")
                % {"buyer": buyer, "company": company},
                *_in_their_words(note),
            ),
            button=(_("See the members"), url),
        )


def _in_their_words(note: str) -> list[str]:
    return [_("In their words: “%(note)s”") % {"note": note}] if note else []
