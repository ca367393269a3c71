"""``/orders/ord_…/``: the three honest endings, and the page while the bank thinks."""

import pytest

from palier.apps.accounts.models import User
from palier.apps.help import library
from palier.kit import clock
from tests import world
from tests.interfaces import scenes
from tests.interfaces.conftest import ClientOf
from tests.interfaces.pages import Page
from tests.interfaces.scenes import Scene
from tests.sandbox_process import SandboxProcess
from tests.world import DECLINED, NEEDS_3DS, Cast

LANGUAGES = pytest.mark.parametrize("language", ["en", "fr"])


@LANGUAGES
def test_done_is_warm_and_leads_on(scene: Scene, client_of: ClientOf, language: str) -> None:
    for buyer in (scene.cast.owner, scene.cast.billing_admin):
        page = Page(client_of(buyer, language=language).get(f"/orders/{scene.order.public_id}/"))
        assert (
            page.heading
            == {
                "en": "Your account is now on Team",
                "fr": "Votre compte est passé au plan Team",
            }[language]
        )
        assert {"en": "Download the invoice", "fr": "Télécharger la facture"}[language] in page.buttons
        assert f"/settings/billing/invoices/{scene.invoice.public_id}.pdf" in page.links
        assert "/settings/members/" in page.links, "a way to invite the team"
        assert page.says({"en": "€654.00", "fr": "654,00 €"}[language])
        assert page.says(scene.invoice.number)
        assert page.says("compta@lumiere.example")


@LANGUAGES
def test_while_the_bank_thinks_the_page_says_so_and_asks_again(
    cast: Cast, sandbox: SandboxProcess, client_of: ClientOf, language: str
) -> None:
    order = scenes.ordered(sandbox, scenes.quoted(cast.owner))
    page = Page(client_of(cast.owner, language=language).get(f"/orders/{order.public_id}/"))
    assert page.heading == {"en": "The bank is thinking", "fr": "La banque réfléchit"}[language]
    asks = [element.get("hx-get") for element in page.elements if element.get("hx-get")]
    assert asks == [f"/orders/{order.public_id}/status/?seen=thinking"]
    assert 'http-equiv="refresh"' in page.html, "without scripts it loads itself again"


@LANGUAGES
def test_waiting_leads_to_the_bank_from_any_device(
    cast: Cast, sandbox: SandboxProcess, client_of: ClientOf, language: str
) -> None:
    order = scenes.answered(sandbox, scenes.quoted(cast.owner), NEEDS_3DS)
    payment = order.payments.get()
    for buyer in (cast.owner, cast.billing_admin):
        page = Page(client_of(buyer, language=language).get(f"/orders/{order.public_id}/"))
        assert page.heading == {"en": "Your bank is waiting for you", "fr": "Votre banque vous attend"}[language]
        assert payment.action_url in page.links
        article = library.for_screen("order", language)
        assert article is not None
        assert article.path in page.links
        assert {"en": "Give up this payment", "fr": "Abandonner ce paiement"}[language] in page.buttons
        assert page.says({"en": "€654.00", "fr": "654,00 €"}[language])


def test_not_done_leads_back_to_the_checkout(cast: Cast, sandbox: SandboxProcess, client_of: ClientOf) -> None:
    order = scenes.answered(sandbox, scenes.quoted(cast.owner), DECLINED)
    answer = client_of(cast.owner).get(f"/orders/{order.public_id}/")
    assert answer.headers["Location"] == f"/checkout/{order.quote.public_id}/"


@LANGUAGES
def test_an_answer_that_was_lost_asks_the_customer_for_nothing(
    cast: Cast, sandbox: SandboxProcess, client_of: ClientOf, language: str
) -> None:
    order = scenes.ordered(sandbox, scenes.quoted(cast.owner))
    sandbox.fault("error_after_capture", times=None)
    world.collected(order, now=clock.now())
    page = Page(client_of(cast.owner, language=language).get(f"/orders/{order.public_id}/"))
    assert page.heading == {"en": "We are asking the bank", "fr": "Nous interrogeons la banque"}[language]
    assert page.says({"en": "please do not pay again", "fr": "ne payez pas une seconde fois"}[language])


@LANGUAGES
def test_an_order_that_gave_way_says_that_nothing_was_taken(
    cast: Cast, sandbox: SandboxProcess, client_of: ClientOf, language: str
) -> None:
    order = scenes.answered(sandbox, scenes.quoted(cast.owner), DECLINED)
    scenes.answered(sandbox, scenes.quoted(cast.owner, "business"))
    page = Page(client_of(cast.owner, language=language).get(f"/orders/{order.public_id}/"))
    assert page.heading == {"en": "This order was given up", "fr": "Cette commande a été abandonnée"}[language]
    assert page.says({"en": "Nothing was taken", "fr": "Rien n'a été prélevé"}[language])


def test_a_name_on_the_page_is_only_text(scene: Scene, client_of: ClientOf) -> None:
    User.objects.filter(pk=scene.cast.owner.user_id).update(name="<img src=x onerror=alert(1)>")
    page = Page(client_of(scene.cast.owner).get(f"/orders/{scene.order.public_id}/"))
    assert page.says("Congratulations, <img src=x onerror=alert(1)>!")
    assert not page.all("img")


@pytest.mark.parametrize("back", ["", "0", "-1", "9" * 40, "1.5", "٣", "now"])
def test_a_strange_time_of_return_changes_nothing(
    cast: Cast, sandbox: SandboxProcess, client_of: ClientOf, back: str
) -> None:
    order = scenes.answered(sandbox, scenes.quoted(cast.owner), NEEDS_3DS)
    page = Page(client_of(cast.owner).get(f"/orders/{order.public_id}/", {"back": back}))
    assert page.heading == "Your bank is waiting for you"
