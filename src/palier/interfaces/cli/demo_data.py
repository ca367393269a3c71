"""``palier demo-data``: a French agency on the free plan, and an English-speaking one in the middle of a paid month.

Everything is made by the flows that customers use: the card is typed into the payment service's own fields, the charge
is a real one in its book, the invoice has the next number. Only the present instant is another.
"""

import argparse
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import django
import httpx
from django.conf import settings
from django.db import transaction

from palier.interfaces.cli.demo_people import (
    LUMIERE,
    NORTHGATE,
    NORTHGATE_DETAILS,
    NORTHGATE_SEATS,
    PASSWORD,
    Company,
)
from palier.kit import clock

MID_CYCLE: Final = timedelta(days=11)
CARD: Final = {"number": "4242 4242 4242 4242", "expiry": "12 / 34", "code": "123"}


def main(arguments: Sequence[str]) -> int:
    """Create the demonstration's two companies; what is there already stays. Prints who may log in."""
    parser = argparse.ArgumentParser(prog="palier demo-data", description=main.__doc__)
    parser.parse_args(arguments)
    django.setup()
    now = clock.now()
    _open(LUMIERE, now=now - timedelta(days=3))
    northgate = _open(NORTHGATE, now=now - MID_CYCLE)
    _subscribe(northgate, now=now - MID_CYCLE)
    print(_who_may_log_in())
    return 0


def _open(company: Company, *, now: datetime) -> int:
    """The company's account with all its people; returns the id of its owner's membership."""
    from palier.apps.accounts import actions
    from palier.apps.accounts.models import Member
    from palier.flows import signup

    owner, *others = company.people
    known = Member.objects.filter(user__email=owner.email).first()
    if known is not None:
        return known.id
    with transaction.atomic():
        user = actions.person(email=owner.email, name=owner.name, language=company.language, password=PASSWORD)
        member = signup.open_account(
            user, company=company.name, country=company.country, language=company.language, now=now
        )
        for one in others:
            user = actions.person(email=one.email, name=one.name, language=company.language, password=PASSWORD)
            actions.join(member.account, user, one.role, now=now)
    return member.id


def _subscribe(member_id: int, *, now: datetime) -> None:
    """Buy Team by the month, unless it was bought at an earlier start."""
    from palier.apps.accounts.models import Member
    from palier.apps.catalogue import current
    from palier.apps.subscriptions import states
    from palier.flows import collect, details, order, quote

    owner = Member.objects.select_related("account", "user").get(pk=member_id)
    if states.of_account(owner.account) is not None:
        return
    details.save(owner.account, owner, NORTHGATE_DETAILS, now=now)
    promise = quote.make(owner.account, owner, quote.Choice("team", "month", NORTHGATE_SEATS), now=now)
    _type_card(order.card_reference(promise, promise.member))
    terms = current().terms
    evidence = order.Evidence(
        terms_version=terms.version,
        terms_sha256=terms.sha256("en"),
        button_text="Pay",
        language="en",
        address="192.0.2.14",
        browser="palier demo-data",
    )
    placed = order.place(promise, member=owner, card="new", evidence=evidence, now=now)
    for payment in placed.payments.all():
        collect.payment(payment.id, now=now)


def _type_card(reference: str) -> None:
    """Fill in and send the payment service's own form, as a browser without scripts does."""
    from palier.flows import card

    url = card.fields_url(reference, language="en", parent_origin=settings.BASE_URL)
    answer = httpx.post(url, data=CARD, follow_redirects=False, trust_env=False, timeout=10)
    if not answer.is_redirect:
        raise RuntimeError(f"the card fields answered {answer.status_code}")


def _who_may_log_in() -> str:
    titles = {
        LUMIERE: "on the free plan, in French",
        NORTHGATE: f"on Team in mid-cycle, {NORTHGATE_SEATS} seats, in English",
    }
    lines = [f"Log in with the password {PASSWORD}"]
    for company, title in titles.items():
        lines += ["", f"  {company.name}: {title}"]
        lines += [f"    {person.email:<42}{person.role.replace('_', ' ')}" for person in company.people]
    return "\n".join(lines)
