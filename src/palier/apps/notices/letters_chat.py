"""What our e-mails say about conversations, one function per letter, in the reader's language."""

from django.utils.translation import gettext as _
from django.utils.translation import override

from palier.apps.notices.letters import Letter, as_name


def chat_answer(language: str, *, quotes: tuple[tuple[str, str], ...], url: str) -> Letter:
    """The team answered and the customer has not seen it; ``quotes`` are (who, text)."""
    with override(language):
        return Letter(
            kind="chat_answer",
            language=language,
            subject=_("You have an answer"),
            paragraphs=(_("Our team has answered your question. This is what they say:"),),
            quotes=quotes,
            button=(_("Open the conversation"), url),
        )


def chat_solved(language: str, *, quotes: tuple[tuple[str, str], ...], url: str) -> Letter:
    """The team closed a conversation whose customer had left; ``quotes`` is what they have not seen of it."""
    with override(language):
        told = (_("These are the last words that you may not have seen:"),) if quotes else ()
        return Letter(
            kind="chat_solved",
            language=language,
            subject=_("Did we answer your question?"),
            paragraphs=(
                _("Our team thinks that your question is answered, and has closed the conversation."),
                _("If it is not, write in it again: it opens at once. One press tells us how it was."),
                *told,
            ),
            quotes=quotes,
            button=(_("Say whether it is solved"), url),
        )


def chat_question(language: str, *, asker: str, company: str, quote: str, url: str) -> Letter:
    """To the team: a customer wrote and nobody has read it."""
    asker, company = as_name(asker), as_name(company)
    with override(language):
        return Letter(
            kind="chat_question",
            language=language,
            subject=_("%(asker)s of %(company)s asks") % {"asker": asker, "company": company},
            paragraphs=(
                _("Nobody of the team has read this yet. This is the only e-mail about it until somebody answers."),
            ),
            quotes=((asker, quote),),
            button=(_("Answer"), url),
        )
