"""The price of a choice outside the page's table, asked by a customer who is logged in, against a constant answer."""

from statistics import median
from typing import Final

from django.conf import settings
from django.test import Client

from bench import stage, timing
from bench.load import load
from bench.report import Measure, at_most, share_of
from bench.stage import Stage
from palier.apps.accounts.models import Member

PATH: Final = "/settings/billing/preview/?plan=business&interval=year&seats=222"
ROUNDS: Final = 5
SECONDS: Final = 1.0
CUSTOMERS: Final = 8


def measures(staged: Stage, who: Member) -> list[Measure]:
    """The rate as a share of the constant's, turn by turn, and the slowest answers of 8 customers."""
    cookie = _logged_in(who)
    previews, constants, seconds = [], [], []
    with stage.web(staged) as port:
        for path in ("/constant/", PATH):
            load(port, path, cookie, customers=CUSTOMERS, seconds=SECONDS)  # warm
        for _ in range(ROUNDS):
            constants.append(load(port, "/constant/", cookie, customers=CUSTOMERS, seconds=SECONDS).rate)
            heard = load(port, PATH, cookie, customers=CUSTOMERS, seconds=SECONDS)
            previews.append(heard.rate)
            seconds += heard.seconds
    rate, limit = median(previews), median(constants)
    slowest = timing.percentile(seconds, 99) * 1000
    return [
        share_of("preview request, 8 customers", rate, limit, 0.30, "answers/s", of="a constant answer"),
        at_most("preview request, p99 at 8 customers", slowest, 20, "ms"),
    ]


def _logged_in(who: Member) -> str:
    browser = Client()
    browser.force_login(who.user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return f"{settings.SESSION_COOKIE_NAME}={browser.cookies[settings.SESSION_COOKIE_NAME].value}"
