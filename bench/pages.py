"""How many statements each page asks of the database, session and all."""

from collections.abc import Iterator

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench.previews import PATH
from bench.report import Measure
from palier.apps.accounts.models import Member
from palier.apps.catalogue.versions import remembered
from palier.apps.invoices.models import Invoice
from palier.apps.orders.models import Order, Quote
from palier.flows import quote
from palier.flows.change import Choice
from palier.kit import clock

PREVIEW_LIMIT = 2
PAGE_LIMIT = 8


def measures(who: Member, settled: Order, kept: Quote) -> list[Measure]:
    """The preview and every page, for an account that has bought."""
    browser = Client()
    browser.force_login(who.user, backend=settings.AUTHENTICATION_BACKENDS[0])
    facts = Measure("statements: the facts of a preview", str(_of_facts(who)))
    return [
        facts,
        *(
            _line(f"statements: {name}", _statements(browser, path), PREVIEW_LIMIT if path == PATH else PAGE_LIMIT)
            for name, path in _paths(settled, kept)
        ),
    ]


def _of_facts(who: Member) -> int:
    with CaptureQueriesContext(connection) as heard, remembered():
        quote.preview(who.account, Choice("business", "year", 222), now=clock.now())
    return len(heard)


def _paths(settled: Order, kept: Quote) -> Iterator[tuple[str, str]]:
    invoice = Invoice.objects.get(order=settled)
    yield "preview request", PATH
    yield "home", "/"
    yield "settings", "/settings/"
    yield "members", "/settings/members/"
    yield "overview", "/settings/billing/"
    yield "plans", "/settings/billing/plans/"
    yield "checkout", f"/checkout/{kept.public_id}/"
    yield "order", f"/orders/{settled.public_id}/"
    yield "order status", f"/orders/{settled.public_id}/status/"
    yield "why this amount", f"/checkout/{kept.public_id}/explanation.json"
    yield "payment method", "/settings/billing/payment-method/"
    yield "invoices", "/settings/billing/invoices/"
    yield "invoice", f"/settings/billing/invoices/{invoice.public_id}/"
    yield "billing details", "/settings/billing/details/"


def _statements(browser: Client, path: str) -> int:
    browser.get(path)  # warm: the catalogue is parsed once in a process
    with CaptureQueriesContext(connection) as heard:
        answer = browser.get(path)
    if answer.status_code != 200:
        raise RuntimeError(f"{path} answered {answer.status_code}")
    return len(heard)


def _line(what: str, count: int, limit: int) -> Measure:
    return Measure(what, str(count), f"<= {limit}", count / limit, count <= limit)
