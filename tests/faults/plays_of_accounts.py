"""An account is opened, taken along as an export, and parked by the examination of the books; each until its process
dies."""

import itertools
from datetime import timedelta
from functools import partial
from urllib.parse import urlsplit

from django.conf import settings

from palier.apps.accounts.models import User
from palier.apps.events.actions import record
from palier.apps.events.authors import GATEWAY
from palier.apps.payments.models import Payment
from palier.flows import doctor
from palier.kit import clock, ids
from tests import world
from tests.faults.plays import Play, curtain, second_tab
from tests.faults.plays_of_purchases import billing_admin, subscriber
from tests.faults.promises_of_accounts import assert_parked_once, assert_signed_up_once, assert_taken_along, put_right
from tests.faults.scenes import an_owner
from tests.sandbox_process import SandboxProcess

_visitors = itertools.count(1)


def opening(sandbox: SandboxProcess) -> Play:
    """Somebody signs up, in two tabs. Beside them an account that is there already stays as it is."""
    number = next(_visitors)
    email, beside, at = f"visitor{number}@kills.example", an_owner().account, clock.now()
    typed = {"name": "Vera Visitor", "company": f"Visite {number}", "country": "FR", "email": email}
    form = {
        "host": urlsplit(settings.BASE_URL).netloc,
        "address": f"198.51.{100 + number // 250}.{1 + number % 250}",
        "typed": {**typed, "password1": world.PASSWORD},
    }
    return curtain(
        beside,
        at,
        story="sign_up",
        kept=partial(assert_signed_up_once, email=email),
        elsewhere=second_tab("sign_up", beside, at, **form),
        traces=lambda: User.objects.filter(email=email).exists(),
        **form,
    )


def export_of_everything(sandbox: SandboxProcess) -> Play:
    """The owner takes everything along before the worker has drawn the invoice, and in a second tab the billing
    admin."""
    owner, at = subscriber(sandbox), clock.now()
    elsewhere = second_tab("take_along", owner.account, at, member=billing_admin(owner, at).id)
    return curtain(owner.account, at, story="take_along", kept=assert_taken_along, elsewhere=elsewhere, member=owner.id)


def round_of_the_doctor(sandbox: SandboxProcess) -> Play:
    """The examination finds an account to which money is owed back since two days; a second one does as well."""
    put_right(at=clock.now())
    account, at = an_owner().account, clock.now()
    payment = ids.public_id(Payment.id_prefix, account.id)
    record(account.id, "payment.taken_late", by=GATEWAY, now=at - 2 * doctor.PATIENCE, payment=payment)
    elsewhere = second_tab("examine", account, at + timedelta(minutes=1))
    return curtain(account, at, story="examine", kept=assert_parked_once, elsewhere=elsewhere)
