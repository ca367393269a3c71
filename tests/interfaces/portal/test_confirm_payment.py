"""``/pay/<token>/``: the link of a letter that finishes a renewal's payment, from any device, without logging in."""

from datetime import timedelta

import pytest

from palier.apps.help import library
from palier.apps.notices.models import Mail
from palier.apps.payments.models import Payment
from palier.flows import collect, confirm
from palier.kit import clock
from tests.interfaces import scenes
from tests.interfaces.conftest import ClientOf
from tests.interfaces.pages import Page
from tests.sandbox_process import SandboxProcess
from tests.world import LATER_ASKS, LATER_POOR, Cast

LANGUAGES = pytest.mark.parametrize("language", ["en", "fr"])


def asked(sandbox: SandboxProcess, cast: Cast) -> tuple[Payment, str]:
    """A renewal whose bank asks, and the path of the link in the letter about it."""
    scenes.owed(sandbox, cast.owner, LATER_ASKS)
    payment = Payment.objects.latest("id")
    text = Mail.objects.get(kind="action_required").text
    return payment, f"/pay/{text.partition('/pay/')[2].partition('/')[0]}/"


@LANGUAGES
def test_the_letter_leads_to_seller_invoice_sum_and_the_bank(
    cast: Cast, sandbox: SandboxProcess, client_of: ClientOf, language: str
) -> None:
    payment, path = asked(sandbox, cast)
    assert payment.invoice is not None
    page = Page(client_of(None, language=language).get(path))
    assert page.heading == {"en": "Your bank is waiting for you", "fr": "Votre banque vous attend"}[language]
    for words in ("Talentea SAS", payment.invoice.number, {"en": "€654.00", "fr": "654,00 €"}[language]):
        assert page.says(words), words
    assert page.buttons == [{"en": "Confirm with your bank", "fr": "Confirmer auprès de votre banque"}[language]]
    assert payment.action_url in page.links
    article = library.for_screen("confirm-payment", language)
    assert article is not None
    assert article.path in page.links
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in page.headers["Cache-Control"]


def test_it_shows_nothing_else_of_the_account(cast: Cast, sandbox: SandboxProcess, client_of: ClientOf) -> None:
    payment, path = asked(sandbox, cast)
    for who in (None, cast.owner, cast.stranger):
        html = Page(client_of(who).get(path)).html
        for secret in ("Cabinet", "Lumière", "lumiere", "Odile", "Rivoli", payment.method.last4, "Team", "PO-7"):
            assert secret not in html, secret


@LANGUAGES
def test_once_the_bank_has_said_yes_it_says_so(
    cast: Cast, sandbox: SandboxProcess, client_of: ClientOf, language: str
) -> None:
    payment, path = asked(sandbox, cast)
    sandbox.answer_bank(payment.action_url)
    client = client_of(None, language=language)
    back = client.get(f"{path}return/")
    assert Page(client.get(back.headers["Location"])).says(
        {"en": "The bank is thinking", "fr": "La banque réfléchit"}[language]
    )
    collect.payment(payment.id, now=clock.now())
    done = Page(client.get(path))
    assert done.heading == {"en": "The payment is confirmed", "fr": "Le paiement est confirmé"}[language]
    assert done.buttons == []
    payment.refresh_from_db()
    assert payment.invoice is not None
    assert payment.invoice.state == "paid"


@LANGUAGES
def test_once_it_was_refused_it_leads_to_the_invoice_where_one_logs_in(
    cast: Cast, sandbox: SandboxProcess, client_of: ClientOf, language: str
) -> None:
    payment, path = asked(sandbox, cast)
    sandbox.answer_bank(payment.action_url, "refuse")
    collect.payment(payment.id, now=clock.now())
    client = client_of(None, language=language)
    page = Page(client.get(path))
    assert page.heading == {"en": "This payment did not go through", "fr": "Ce paiement n'a pas abouti"}[language]
    article = library.for_code("authentication_refused", language)
    assert article is not None
    assert (page.codes, page.links.count(article.path)) == (["authentication_refused"], 1)
    (there,) = [link for link in page.links if "/invoices/" in link]
    assert client.get(there).headers["Location"].startswith("/accounts/login/")


def test_a_link_that_was_changed_is_none(cast: Cast, sandbox: SandboxProcess, client_of: ClientOf) -> None:
    _payment, path = asked(sandbox, cast)
    token = path.split("/")[2]
    body, _, signature = token.partition(".")
    other = "B" if signature[0] == "A" else "A"  # not the last letter: some of its bits say nothing
    for forged in (f"{body}.", f"{body}.{other}{signature[1:]}", f"X{token}", body, "a.b", "a" * 5000, "é", "%00"):
        assert client_of(cast.owner).get(f"/pay/{forged}/").status_code == 404, forged


def test_a_link_ends_by_itself(cast: Cast, sandbox: SandboxProcess, client_of: ClientOf) -> None:
    payment, _path = asked(sandbox, cast)
    Payment.objects.filter(pk=payment.pk).update(started_at=clock.now() - confirm.LIFETIME - timedelta(minutes=1))
    old = confirm.token_of(Payment.objects.get(pk=payment.pk))
    assert client_of(None).get(f"/pay/{old}/").status_code == 404


def test_an_order_has_no_such_link(cast: Cast, sandbox: SandboxProcess, client_of: ClientOf) -> None:
    scenes.owed(sandbox, cast.owner, LATER_POOR)
    bought = Payment.objects.filter(invoice=None).latest("id")
    assert client_of(None).get(f"/pay/{confirm.token_of(bought)}/").status_code == 404
