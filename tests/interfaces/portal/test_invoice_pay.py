"""POST ``/settings/billing/invoices/inv_…/pay/``: Pay now."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from palier.apps.help import library
from palier.apps.invoices.models import Invoice
from palier.apps.payments.models import Payment
from palier.flows import attempts
from palier.flows.order_refusals import CardMissing, NoSavedCard
from palier.kit import clock
from tests import unpaid
from tests.interfaces import scenes
from tests.interfaces.conftest import ClientOf
from tests.interfaces.pages import Page, plain
from tests.interfaces.scenes import Scene
from tests.sandbox_process import SandboxProcess
from tests.world import DECLINED, LATER_LOST, NEEDS_3DS, Cast

LANGUAGES = pytest.mark.parametrize("language", ["en", "fr"])


def path_of(invoice: Invoice, what: str = "") -> str:
    return f"/settings/billing/invoices/{invoice.public_id}/{what}"


@LANGUAGES
def test_the_page_of_an_unpaid_invoice_says_why_and_what_happens_next(
    cast: Cast, sandbox: SandboxProcess, client_of: ClientOf, language: str
) -> None:
    invoice = scenes.owed(sandbox, cast.owner)
    page = Page(client_of(cast.billing_admin, language=language).get(path_of(invoice)))
    for words in {
        "en": (
            "The funds on this card are not sufficient.",
            "Nothing was taken from Visa",
            "The next try is on",
            "until",
        ),
        "fr": (
            "Le solde de cette carte est insuffisant.",
            "Rien n'a été prélevé",
            "Le prochain essai a lieu",
            "jusqu'au",
        ),
    }[language]:
        assert page.says(words), words
    assert {"en": "Pay now", "fr": "Payer maintenant"}[language] in page.buttons
    assert page.value("card") == "new", "the card that was just declined is not proposed first"


@LANGUAGES
def test_another_card_pays_and_the_page_follows(
    cast: Cast, sandbox: SandboxProcess, client_of: ClientOf, language: str
) -> None:
    invoice = scenes.owed(sandbox, cast.owner)
    client = client_of(cast.owner, language=language)
    page = Page(client.get(path_of(invoice)))
    sandbox.type_card(page.one("iframe", id="card-frame").get("src", ""), "5555 5555 5555 4444")
    thinking = Page(client.post(path_of(invoice, "pay/"), {"card": "new"}, follow=True))
    assert thinking.says({"en": "The bank is thinking", "fr": "La banque réfléchit"}[language])
    unpaid.collected(now=clock.now())
    paid = Page(client.get(path_of(invoice)))
    assert paid.says({"en": "Paid", "fr": "Payée"}[language])
    assert paid.says("Mastercard •••• 4444")
    assert not paid.all("iframe")


def test_the_saved_card_pays_at_the_screen(cast: Cast, sandbox: SandboxProcess, client_of: ClientOf) -> None:
    invoice = scenes.owed(sandbox, cast.owner)
    client = client_of(cast.owner)
    assert client.post(path_of(invoice, "pay/"), {"card": "saved"}).headers["Location"] == path_of(invoice)
    unpaid.collected(now=clock.now())
    invoice.refresh_from_db()
    assert invoice.state == "paid"


@LANGUAGES
def test_a_decline_is_told_and_another_card_can_be_tried(
    cast: Cast, sandbox: SandboxProcess, client_of: ClientOf, language: str
) -> None:
    invoice = scenes.owed(sandbox, cast.owner)
    unpaid.typed_for(sandbox, invoice, cast.owner, DECLINED)
    client = client_of(cast.owner, language=language)
    client.post(path_of(invoice, "pay/"), {"card": "new"})
    unpaid.collected(now=clock.now())
    page = Page(client.get(path_of(invoice)))
    said = {"en": "Your bank declined the payment. Nothing was taken from Visa ending in 0002."}
    said["fr"] = "Votre banque a refusé le paiement. Rien n'a été prélevé sur la carte Visa se terminant par 0002."
    assert page.words_of("decline").startswith(said[language])
    article = library.for_code("declined", language)
    assert article is not None
    assert (page.codes, page.links.count(article.path)) == (["declined"], 1)
    assert page.one("main").get("data-invoice") == invoice.public_id


@LANGUAGES
def test_3d_secure_is_confirmed_at_the_bank(
    cast: Cast, sandbox: SandboxProcess, client_of: ClientOf, language: str
) -> None:
    invoice = scenes.owed(sandbox, cast.owner)
    unpaid.typed_for(sandbox, invoice, cast.owner, NEEDS_3DS)
    client = client_of(cast.owner, language=language)
    client.post(path_of(invoice, "pay/"), {"card": "new"})
    unpaid.collected(now=clock.now())
    page = Page(client.get(path_of(invoice)))
    assert Payment.objects.latest("id").action_url in page.links
    assert {"en": "Confirm with your bank", "fr": "Confirmer auprès de votre banque"}[language] in page.buttons


@LANGUAGES
def test_what_cannot_be_paid_is_said_at_the_card_and_nothing_is_taken(
    cast: Cast, sandbox: SandboxProcess, client_of: ClientOf, language: str
) -> None:
    invoice = scenes.owed(sandbox, cast.owner)
    client = client_of(cast.owner, language=language)
    page = Page(client.post(path_of(invoice, "pay/"), {"card": "new"}))
    assert (page.status, page.words_of("card_error")) == (422, plain(CardMissing().text(language)))
    cast.account.payment_methods.update(is_default=False)
    page = Page(client.post(path_of(invoice, "pay/"), {"card": "saved", "token": "card_1", "amount": "1"}))
    assert (page.status, page.words_of("card_error")) == (422, plain(NoSavedCard().text(language)))
    assert invoice.payments.count() == 1


@LANGUAGES
def test_a_card_refused_for_good_is_not_asked_again(
    cast: Cast, sandbox: SandboxProcess, client_of: ClientOf, language: str
) -> None:
    invoice = scenes.owed(sandbox, cast.owner, LATER_LOST)
    page = Page(client_of(cast.owner, language=language).post(path_of(invoice, "pay/"), {"card": "saved"}))
    assert page.status == 422
    assert page.says({"en": "refused this card for good", "fr": "refusé cette carte définitivement"}[language])


@LANGUAGES
def test_where_too_many_tries_have_failed_no_card_is_asked(
    cast: Cast, sandbox: SandboxProcess, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setattr(attempts, "ADDRESS_FAILURES", 1)
    invoice = scenes.owed(sandbox, cast.owner)
    unpaid.typed_for(sandbox, invoice, cast.owner, DECLINED)
    client, here = client_of(cast.owner, language=language), "81.2.69.142"
    client.post(path_of(invoice, "pay/"), {"card": "new"}, REMOTE_ADDR=here)
    unpaid.collected(now=clock.now())
    page = Page(client.post(path_of(invoice, "pay/"), {"card": "saved"}, REMOTE_ADDR=here))
    refused = attempts.TooManyFailuresHere().text(language)
    assert (page.status, page.words_of("card_error")) == (422, plain(refused))
    assert list(invoice.payments.filter(address=here).values_list("state", flat=True)) == ["failed"]


@LANGUAGES
def test_a_second_press_and_a_paid_invoice_are_told_on_the_page(
    cast: Cast, sandbox: SandboxProcess, client_of: ClientOf, language: str
) -> None:
    invoice = scenes.owed(sandbox, cast.owner)
    client = client_of(cast.owner, language=language)
    client.post(path_of(invoice, "pay/"), {"card": "saved"})
    again = Page(client.post(path_of(invoice, "pay/"), {"card": "saved"}, follow=True))
    assert again.says({"en": "A payment of this invoice is under way", "fr": "Un paiement de cette facture"}[language])
    unpaid.collected(now=clock.now())
    done = Page(client.post(path_of(invoice, "pay/"), {"card": "saved"}, follow=True))
    assert done.says({"en": "This invoice is not open", "fr": "Cette facture n'est pas ouverte"}[language])
    assert invoice.payments.count() == 2


def test_while_the_payment_service_is_away_nothing_is_taken(
    cast: Cast, sandbox: SandboxProcess, client_of: ClientOf
) -> None:
    invoice = scenes.owed(sandbox, cast.owner)
    sandbox.fault("down", times=None)
    page = Page(client_of(cast.owner).post(path_of(invoice, "pay/"), {"card": "new"}))
    assert page.status == 503
    assert page.says("The payment service does not answer. Nothing was taken")
    assert invoice.payments.count() == 1


@pytest.mark.parametrize(("who", "status"), [("admin", 403), ("member", 403), ("stranger", 404)])
def test_others_pay_nothing(cast: Cast, sandbox: SandboxProcess, client_of: ClientOf, who: str, status: int) -> None:
    invoice = scenes.owed(sandbox, cast.owner)
    answer = client_of(getattr(cast, who)).post(path_of(invoice, "pay/"), {"card": "saved"})
    assert answer.status_code == status
    assert invoice.payments.count() == 1


def test_a_page_of_a_paid_invoice_offers_no_payment(scene: Scene, client_of: ClientOf) -> None:
    page = Page(client_of(scene.cast.owner).get(path_of(scene.invoice)))
    assert "Pay now" not in page.buttons
    assert page.says("Paid")


@pytest.mark.parametrize(
    "path", ["/settings/billing/", "/settings/billing/invoices/", "/settings/billing/payment-method/"]
)
@LANGUAGES
def test_every_page_of_billing_says_what_happens_next_and_asks_little(
    cast: Cast, sandbox: SandboxProcess, client_of: ClientOf, language: str, path: str
) -> None:
    invoice = scenes.owed(sandbox, cast.owner)
    client = client_of(cast.owner, language=language)
    for address in (path, path_of(invoice)):
        client.get(address)
        with CaptureQueriesContext(connection) as asked:
            page = Page(client.get(address))
        assert page.says({"en": "The next try is on", "fr": "Le prochain essai a lieu le"}[language])
        assert page.says({"en": "Your team has access until", "fr": "Votre équipe garde l'accès"}[language])
        assert path_of(invoice) in page.links or address == path_of(invoice)
        assert len([query for query in asked.captured_queries if "SAVEPOINT" not in query["sql"]]) <= 8
