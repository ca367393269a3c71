"""``palier demo-data``: three agencies, each an account for trying things out, with a test clock.

A French one on the free plan, an English-speaking one in the middle of a paid month, and a German one that has lived
for fourteen months, so that its clock stands next year.

Everything is made by the flows that customers use: the card is typed into the payment service's own fields, the charge
is a real one in its book, the invoice has the next number. Only the present instant is another.
"""

import argparse
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Final

import django
from django.db import transaction

from palier.interfaces.cli.demo_people import (
    LUMIERE,
    NORTHGATE,
    NORTHGATE_DETAILS,
    NORTHGATE_SEATS,
    PASSWORD,
    RHEINBLICK,
    RHEINBLICK_DETAILS,
    TEAM,
    Company,
)
from palier.kit import clock

MID_CYCLE: Final = timedelta(days=11)


def main(arguments: Sequence[str]) -> int:
    """Create the demonstration's companies and its team; what is there already stays. Prints who may log in."""
    parser = argparse.ArgumentParser(prog="palier demo-data", description=main.__doc__)
    parser.parse_args(arguments)
    django.setup()
    now = clock.now()
    _open(LUMIERE, now=now - timedelta(days=3))
    _let_live(now)
    _let_talk(now)
    print(_who_may_log_in())
    return 0


def _let_live(now: datetime) -> None:
    """Those who bought something at an earlier start go on from there."""
    from palier.interfaces.cli.demo_lives import GOOD_CARD, Customer, fourteen_months

    northgate = Customer(_open(NORTHGATE, now=now - MID_CYCLE), present=now - MID_CYCLE)
    if not northgate.has_bought:
        northgate.says_who_pays(NORTHGATE_DETAILS)
        northgate.buys("team", NORTHGATE_SEATS, with_card=GOOD_CARD)
        northgate.uses(records=43_250, custom_fields=9, sequences=1)
    rheinblick = Customer(_open(RHEINBLICK, now=now), present=now)
    if not rheinblick.has_bought:
        rheinblick.says_who_pays(RHEINBLICK_DETAILS)
        fourteen_months(rheinblick)


def _let_talk(now: datetime) -> None:
    """A customer waits for an answer, another one has had theirs."""
    from palier.interfaces.cli.demo_talk import talk

    talk(_hashed(), now=now)


def _open(company: Company, *, now: datetime) -> int:
    """The company's account with all its people; returns the id of its owner's membership."""
    from palier.apps.accounts import actions
    from palier.apps.accounts.models import Member
    from palier.flows.people import signup

    owner, *others = company.people
    known = Member.objects.filter(user__email=owner.email).first()
    if known is not None:
        return known.id
    hashed = _hashed()
    with transaction.atomic():
        user = actions.person(email=owner.email, name=owner.name, language=company.language, hashed=hashed)
        member = signup.open_account(
            user, company=company.name, country=company.country, language=company.language, sandbox=True, now=now
        )
        for one in others:
            user = actions.person(email=one.email, name=one.name, language=company.language, hashed=hashed)
            signup.join(member.account, user, one.role, now=now)
    return member.id


@cache
def _hashed() -> str:
    """Everybody's password: hashing is slow on purpose, and a demonstration starts quickly."""
    from django.contrib.auth.hashers import make_password

    return make_password(PASSWORD)


def _who_may_log_in() -> str:
    titles = {
        LUMIERE: "on the free plan, in French",
        NORTHGATE: f"on Team in mid-cycle, {NORTHGATE_SEATS} seats, in English",
        RHEINBLICK: "on Business after fourteen months: look at its test clock, in English",
    }
    lines = [f"Log in with the password {PASSWORD}"]
    for company, title in titles.items():
        lines += ["", f"  {company.name}: {title}"]
        lines += [f"    {person.email:<42}{person.role.replace('_', ' ')}" for person in company.people]
    lines += ["", "  The team that answers them: its desk is at /desk/", f"    {TEAM.email:<42}{TEAM.role}"]
    return "\n".join(lines)
