"""People are invited and join; each until the process dies."""

import itertools
import re
from datetime import datetime
from functools import partial

from palier.apps.accounts.models import Member
from palier.apps.notices.models import Mail
from palier.flows.people import invite
from palier.kit import clock
from tests.faults.plays import Play, curtain, second_tab
from tests.faults.promises_of_people import assert_invited_once, assert_joined_once
from tests.faults.scenes import an_owner
from tests.sandbox_process import SandboxProcess

_guests = itertools.count(1)
_LINK = re.compile(r"/invitations/([^/\s]+)/")


def guest() -> str:
    """An address that nobody has. A public id in it may look like the number of a card, which is refused."""
    return f"guest{next(_guests)}@kills.example"


def invitation(sandbox: SandboxProcess) -> Play:
    """Somebody is invited, in two tabs."""
    owner = an_owner()
    return invitation_of(owner, guest(), clock.now())


def invitation_of(owner: Member, email: str, at: datetime) -> Play:
    """The same into an account that is there."""
    return curtain(
        owner.account,
        at,
        story="invite_person",
        kept=partial(assert_invited_once, email=email),
        elsewhere=second_tab("invite_person", owner.account, at, member=owner.id, email=email),
        member=owner.id,
        email=email,
    )


def joining(sandbox: SandboxProcess) -> Play:
    """Who was invited follows the link, in two tabs."""
    owner = an_owner()
    return joining_of(owner, guest(), clock.now())


def joining_of(owner: Member, email: str, at: datetime) -> Play:
    """The same into an account that is there."""
    (invited,) = invite.people(owner.account, owner, [email], now=at)
    letter = Mail.objects.get(key=f"invitation:{invited.public_id}")
    link = _LINK.search(letter.text)
    assert link is not None, letter.text
    return curtain(
        owner.account,
        at,
        story="accept_invitation",
        kept=partial(assert_joined_once, invitation=invited),
        elsewhere=second_tab("accept_invitation", owner.account, at, token=link[1]),
        token=link[1],
    )
