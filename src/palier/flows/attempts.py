"""What stops another attempt before it starts: too many failed ones, or a card that its bank refused for good.

Without a limit, whoever steals card numbers tries them out here; and the card networks fine whoever repeats what a bank
has refused for good.
"""

import logging
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from typing import Final

from django.conf import settings
from django.db.models import Q, QuerySet

from palier.apps.accounts.models import Account
from palier.apps.gateways.reasons import BY_THE_BANK, BY_US, REASONS, TRIED_TOO_OFTEN
from palier.apps.payments.models import Payment, PaymentMethod, PaymentState
from palier.kit.refusals import Refusal

log: Final = logging.getLogger(__name__)

FAILURES: Final = 10
WITHIN: Final = timedelta(hours=24)
"""So many payments of an account may fail within this time; the next has to wait until the first of them is older."""

ADDRESS_FAILURES: Final = 30
"""So many payments may fail or wait, within the same time, of all accounts at one address on the internet."""

SITE: Final = 64
"""The first bits of an IPv6 address are those of one customer of a provider, who has all that follow."""

NETWORK_TRIES: Final = 15
NETWORK_WITHIN: Final = timedelta(days=30)
"""The card networks' ceiling for one card: Visa's, the stricter one, was 15 in 30 days and is 20 now; Mastercard allows
35, and 10 in a day."""

EVERYWHERE_WITHIN: Final = timedelta(hours=1)
"""Within this time so many payments may fail at the screen, over all accounts, as ``PALIER_DECLINES_PER_HOUR`` says."""


class TooManyFailures(Refusal):
    code = "order.too_many_failures"
    en = (
        "{failures} payments of your account have failed within a day. Nothing was taken; you can try again in "
        "{hours} h, or write to us."
    )
    fr = (
        "{failures} paiements de votre compte ont échoué en une journée. Rien n’a été prélevé\u202f; vous pourrez "
        "réessayer dans {hours} h, ou nous écrire."
    )
    field = "card"


class TooManyFailuresHere(Refusal):
    code = "order.too_many_failures_here"
    en = (
        "Many payments from where you are have failed within a day. Nothing was taken; try again tomorrow or from "
        "another place, or write to us."
    )
    fr = (
        "Beaucoup de paiements faits d’où vous êtes ont échoué en une journée. Rien n’a été prélevé\u202f; réessayez "
        "demain ou d’un autre endroit, ou écrivez-nous."
    )
    field = "card"


class TooManyFailuresEverywhere(Refusal):
    code = "order.too_many_failures_everywhere"
    en = (
        "Very many payments are failing just now, so no card of a new customer is tried for a while. Nothing was "
        "taken; try again in an hour, or write to us."
    )
    fr = (
        "De très nombreux paiements échouent en ce moment\u202f: aucune carte d’un nouveau client n’est essayée pour "
        "l’instant. Rien n’a été prélevé\u202f; réessayez dans une heure, ou écrivez-nous."
    )
    field = "card"


class CardRefusedForGood(Refusal):
    code = "order.card_refused_for_good"
    en = "Your bank has refused this card for good, so it was not asked again. Nothing was taken; use another card."
    fr = (
        "Votre banque a refusé cette carte définitivement\u202f: elle n’a pas été sollicitée à nouveau. Rien n’a été "
        "prélevé\u202f; utilisez une autre carte."
    )
    field = "card"


class CardTriedTooOften(Refusal):
    code = "order.card_tried_too_often"
    en = (
        "Your bank has declined this card {times} times within a month, and the card networks allow no more. Nothing "
        "was taken; use another card."
    )
    fr = (
        "Votre banque a refusé cette carte {times} fois en un mois, et les réseaux de cartes n’autorisent pas "
        "davantage. Rien n’a été prélevé\u202f; utilisez une autre carte."
    )
    field = "card"


def under_way(account: Account) -> bool:
    """Whether a payment of an open order is not over.

    It settles on the subscription as it was promised, so nothing else may move the subscription before.
    """
    return Payment.objects.filter(account=account, order__state="open").exclude(state=PaymentState.FAILED).exists()


def refusal_at_the_screen(method: PaymentMethod, address: str | None, *, now: datetime) -> Refusal | None:
    """Why this account may not try this card now, from this address on the internet, or None."""
    account = method.account
    return refusal(method, now=now) or refusal_here(account, address, now=now) or _refusal_everywhere(account, now=now)


def refusal(method: PaymentMethod, *, now: datetime) -> Refusal | None:
    """Why this account may not try this card now, wherever, or None."""
    failed = _failed().filter(account=method.account_id, started_at__gt=now - WITHIN).order_by("-id")
    recent = list(failed.values_list("started_at", flat=True)[:FAILURES])
    if len(recent) == FAILURES:
        left = recent[-1] + WITHIN - now
        return TooManyFailures(failures=FAILURES, hours=-(-left // timedelta(hours=1)))
    latest = _failed_with(method)
    if _final_reason(latest):
        return CardRefusedForGood()
    if _rests_until(latest, now=now) is not None:
        return CardTriedTooOften(times=NETWORK_TRIES)
    return None


def refusal_here(account: Account, address: str | None, *, now: datetime) -> Refusal | None:
    """Why nobody may try a card from this address now, whatever the account, or None.

    Whoever tries out stolen cards opens a new account for every few of them, and learns from a bank that asks for the
    cardholder as well as from one that declines: what waits, is unknown or was broken off there counts too, and only
    what failed through us does not. An address that is not one of the internet (an office's own, a proxy's that nobody
    told us of) names nobody; and a sandbox account charges no card.
    """
    if address is None or account.sandbox or not ip_address(address).is_global:
        return None
    site = ip_network((address, SITE if ":" in address else 32), strict=False)
    tried = Payment.objects.filter(
        address__range=(str(site[0]), str(site[-1])),
        started_at__gt=now - WITHIN,
        account__sandbox=False,
    ).exclude(state=PaymentState.SUCCEEDED)
    tried = tried.exclude(Q(state=PaymentState.FAILED) & (Q(sent_at=None) | Q(reason__in=BY_US)))
    return TooManyFailuresHere() if tried[:ADDRESS_FAILURES].count() == ADDRESS_FAILURES else None


def _refusal_everywhere(account: Account, *, now: datetime) -> Refusal | None:
    """Why nobody may try a first card now, whatever the account and the address, or None.

    Whoever has many accounts, addresses and cards meets this limit. Accounts that have paid before go on.
    """
    limit = settings.PALIER_DECLINES_PER_HOUR
    if not limit or account.sandbox:
        return None
    recent = _failed().filter(resolved_at__gt=now - EVERYWHERE_WITHIN, on_session=True, account__sandbox=False)
    if recent[:limit].count() < limit or account.payments.filter(state=PaymentState.SUCCEEDED).exists():
        return None
    log.error("%s payments have failed within an hour: no card of a new customer is tried", limit)
    return TooManyFailuresEverywhere()


def next_possible(method: PaymentMethod, *, now: datetime) -> datetime | None:
    """The first instant from now on at which this card may be tried again by itself; None: never."""
    latest = _failed_with(method)
    if _final_reason(latest):
        return None
    return _rests_until(latest, now=now) or now


def refused_for_good(method: PaymentMethod) -> bool:
    """Whether the last word about this card was a final refusal."""
    return _final_reason(_failed_with(method)) != ""


def obstacle(method: PaymentMethod, *, now: datetime) -> str:
    """The reason for which a payment without the customer may not be sent with this card now; empty where it may."""
    latest = _failed_with(method)
    return _final_reason(latest) or (TRIED_TOO_OFTEN if _rests_until(latest, now=now) is not None else "")


def _failed() -> QuerySet[Payment]:
    """What a bank declined. A payment that we could not send, or that was withdrawn, is no try of a card."""
    return Payment.objects.filter(state=PaymentState.FAILED, sent_at__isnull=False, reason__in=BY_THE_BANK)


def _failed_with(method: PaymentMethod) -> list[tuple[datetime, str]]:
    """When the latest tries of a card that failed had begun, and why they did, of as many as the ceiling counts.

    A bank and the networks know the card, whatever account it is typed in; a sandbox account's has none but its own.
    """
    of_card = _failed().filter(_same_card(method))
    account = method.account
    within = of_card.filter(account=account) if account.sandbox else of_card.filter(account__sandbox=False)
    return list(within.order_by("-id").values_list("started_at", "reason")[:NETWORK_TRIES])


def _same_card(method: PaymentMethod) -> Q:
    """Typed again, a card has another token but the same fingerprint; renewed, another expiry."""
    if not method.fingerprint:
        return Q(method=method.pk)
    return Q(
        method__gateway=method.gateway,
        method__fingerprint=method.fingerprint,
        method__expiry_month=method.expiry_month,
        method__expiry_year=method.expiry_year,
    )


def _final_reason(latest: list[tuple[datetime, str]]) -> str:
    last = latest[0][1] if latest else ""
    return last if last in REASONS and REASONS[last].final else ""


def _rests_until(latest: list[tuple[datetime, str]], *, now: datetime) -> datetime | None:
    """When the networks' ceiling lets this card be tried again; None where it does now."""
    if len(latest) < NETWORK_TRIES:
        return None
    again_at = latest[-1][0] + NETWORK_WITHIN
    return again_at if again_at > now else None
