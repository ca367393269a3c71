"""What the demonstration's customers and its team have said to one another, by the flows that screens call."""

from datetime import datetime, time, timedelta
from typing import Final

from palier.apps.accounts import actions
from palier.apps.accounts.models import Member, Operator
from palier.apps.chat import canned, hours
from palier.apps.chat.hours import Typed
from palier.apps.chat.models import CannedAnswer, Conversation, OpeningHours
from palier.apps.invoices.models import InvoiceLine
from palier.flows.conversations import converse
from palier.flows.conversations.converse import Context
from palier.interfaces.cli.demo_people import LUMIERE, RHEINBLICK, TEAM

ANSWERS: Final = (
    (
        "Why a line is prorated",
        "en",
        "Your plan changed in the middle of a paid period: you pay the days that are left at the new price, less what "
        "was already paid for them. “Why this amount?” under the line shows each step.",
    ),
    (
        "Another card",
        "en",
        "You can replace the card on file under Plans & billing, Payment method. An open invoice is charged to it at "
        "once.",
    ),
    (
        "Pourquoi un prorata",
        "fr",
        "Votre plan a changé au milieu d’une période payée\u202f: vous payez les jours restants au nouveau prix, moins "
        "ce qui était déjà payé pour eux. «\u202fPourquoi ce montant\u202f?\u202f» montre chaque étape sous la ligne.",
    ),
    (
        "Une autre carte",
        "fr",
        "Vous pouvez remplacer la carte enregistrée dans Plans et facturation, Moyen de paiement. Une facture à payer "
        "y est prélevée aussitôt.",
    ),
)
QUESTION: Final = "Hello, our accountant asks how this credit was computed. Why not the whole month?"
ASKED: Final = "Bonjour, pouvons-nous essayer Business avant de l’acheter\u202f?"
ANSWERED: Final = (
    "Bonjour, oui\u202f: sur la page Plans, choisissez l’essai. Il ne demande pas de carte et ne devient pas un achat."
)


def talk(hashed: str, *, now: datetime) -> None:
    """One of the team, what they say often, when they are there, and two conversations; what is there already stays."""
    operator = _joined(hashed, now=now)
    if not CannedAnswer.objects.exists():
        for name, language, text in ANSWERS:
            canned.keep(None, name=name, language=language, text=text, now=now)
    if not OpeningHours.objects.exists():
        hours.replace([Typed(day, f"{time(9):%H:%M}", f"{time(18):%H:%M}") for day in range(5)])
    if not Conversation.objects.exists():
        _asks_about_a_line(now=now - timedelta(minutes=12))
        _is_helped(operator, now=now - timedelta(days=1))


def _joined(hashed: str, *, now: datetime) -> Operator:
    known = Operator.objects.select_related("user").filter(user__email=TEAM.email).first()
    if known is not None:
        return known
    user = actions.person(email=TEAM.email, name=TEAM.name, language="en", hashed=hashed)
    return actions.join_team(user, now=now)


def _asks_about_a_line(*, now: datetime) -> None:
    """Somebody who looks at an invoice with a credit in the middle of a period, and waits for an answer."""
    asker = _member(RHEINBLICK.people[1].email)
    credits = InvoiceLine.objects.filter(invoice__account=asker.account, kind="credit").select_related("invoice")
    line = credits.order_by("-invoice__issued_at", "position")[0]
    screen = f"/settings/billing/invoices/{line.invoice.public_id}/"
    converse.write(
        asker,
        QUESTION,
        conversation=None,
        context=Context(screen=screen, invoice=line.invoice.public_id, line=line.position),
        files=(),
        key="demonstration-line",
        language="en",
        now=now,
    )


def _is_helped(operator: Operator, *, now: datetime) -> None:
    """Somebody who was answered yesterday, and is content."""
    asker = _member(LUMIERE.people[0].email)
    asked = converse.write(
        asker,
        ASKED,
        conversation=None,
        context=Context(screen="/settings/billing/plans/"),
        files=(),
        key="demonstration-trial",
        language="fr",
        now=now,
    )
    conversation = asked.conversation
    converse.answer(
        operator, conversation, ANSWERED, files=(), key="demonstration-answer", now=now + timedelta(minutes=6)
    )
    noted = "Huit personnes, hésite encore entre Team et Business."
    converse.note(operator, conversation, noted, key="demonstration-note", now=now + timedelta(minutes=7))
    converse.solve(conversation, now=now + timedelta(minutes=9))
    converse.satisfied(asker, conversation, True, "Réponse rapide, merci", now=now + timedelta(minutes=30))


def _member(email: str) -> Member:
    return Member.objects.select_related("account", "user").get(user__email=email)
