"""Search in the inbox: what was said, by whom, for which account, about which invoice; accents and slips forgiven."""

from typing import Final

from django.db.models import Model, Q, QuerySet
from django.db.models.expressions import RawSQL

from palier.apps.accounts.models import Account, Member
from palier.apps.chat.models import Conversation, Message
from palier.apps.invoices.models import Invoice
from palier.apps.orders.models import Order, Quote
from palier.apps.payments.models import Payment
from palier.apps.subscriptions.models import Subscription
from palier.kit import ids

LONGEST_SEARCH: Final = 100

_OWNED: Final[tuple[type[Model], ...]] = (Invoice, Order, Quote, Payment, Subscription)
"""What belongs to an account and is known to people by its public id."""

_FOUND: Final = """
    SELECT conversation_id FROM chat_message
        WHERE to_tsvector('palier_words', text) @@ websearch_to_tsquery('palier_words', %s)
    UNION SELECT conversation_id FROM chat_message WHERE palier_plain(text) LIKE palier_plain(%s)
    UNION SELECT conversation_id FROM chat_message WHERE palier_plain(%s) <%% palier_plain(text)
    UNION SELECT c.id FROM chat_conversation c JOIN accounts_account a ON a.id = c.account_id
        WHERE palier_plain(a.name) LIKE palier_plain(%s) OR palier_plain(%s) <%% palier_plain(a.name)
    UNION SELECT c.id FROM chat_conversation c JOIN accounts_member m ON m.id = c.member_id
        JOIN accounts_user u ON u.id = m.user_id
        WHERE palier_plain(u.name) LIKE palier_plain(%s) OR palier_plain(%s) <%% palier_plain(u.name)
            OR palier_plain(u.email) LIKE palier_plain(%s)
    UNION SELECT c.id FROM chat_conversation c JOIN invoices_invoice i ON i.account_id = c.account_id
        WHERE i.number = upper(%s)
"""
_ASKED: Final = ["words", "part", "words", "part", "words", "part", "words", "part", "words"]
"""What stands at each place of the statement."""


def found(words: str) -> QuerySet[Conversation]:
    """The conversations with those words; a public id finds what it names, else everything of its account."""
    words = words.replace("\0", "").strip()[:LONGEST_SEARCH]
    named = _named(words)
    if named is not None:
        return Conversation.objects.filter(named)
    part = words.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    values = {"words": words, "part": f"%{part}%"}
    return Conversation.objects.filter(id__in=RawSQL(_FOUND, [values[name] for name in _ASKED]))  # noqa: S611


def _named(words: str) -> Q | None:
    """What a public id asks for; None where the words are none."""
    prefix = words.partition("_")[0]
    by_prefix = {
        Conversation.id_prefix: "id",
        Message.id_prefix: "messages__id",
        Account.id_prefix: "account",
        Member.id_prefix: "member",
    }
    try:
        if prefix in by_prefix:
            return Q(**{by_prefix[prefix]: ids.parse(prefix, words)})
        for model in _OWNED:
            if prefix == model.id_prefix:  # type: ignore[attr-defined]  # each of them is Identified
                owned = model._default_manager.filter(pk=ids.parse(prefix, words))
                return Q(account__in=owned.values("account"))
    except ids.UnknownId:
        return None
    return None
