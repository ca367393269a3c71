"""``/settings/members/requests/srq_…/``: the exact price, and one press to approve."""

from collections.abc import Callable

import pytest
from django.test import Client

from palier.apps.catalogue import current
from palier.apps.notices.models import Mail
from palier.apps.orders.models import Order, SeatRequest
from palier.flows import seat_requests
from palier.flows.people import members as people
from tests.interfaces.portal.reading import words
from tests.sandbox_process import SandboxProcess
from tests.world import NOON, Cast, bought, collected

LogIn = Callable[..., Client]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]


@pytest.fixture
def asked(cast: Cast, sandbox: SandboxProcess) -> SeatRequest:
    """Four seats, four people, and a wish."""
    bought(sandbox, cast.owner, seats=4)
    return seat_requests.ask(cast.member, wished="new@lumiere.example", note="She begins on Monday.", now=NOON)


def path_of(asked: SeatRequest) -> str:
    return f"/settings/members/requests/{asked.public_id}/"


def accepting(asked: SeatRequest, language: str = "en") -> dict[str, str]:
    """What the page sends where no box is shown."""
    quote = SeatRequest.objects.select_related("quote").get(pk=asked.pk).quote
    assert quote is not None
    terms = current().terms
    return {
        "action": "pay",
        "terms_version": terms.version,
        "terms_sha256": terms.sha256(language),
        "quote": quote.public_id,
    }


@pytest.mark.parametrize(
    ("who", "language", "total"), [("owner", "en", "Pay €126.44"), ("billing_admin", "fr", "Payer 126,44 €")]
)
def test_the_exact_price_is_paid_with_one_press(
    asked: SeatRequest, cast: Cast, logged_in: LogIn, who: str, language: str, total: str
) -> None:
    client = logged_in(getattr(cast, who), language)
    said = words(client.get(path_of(asked)).content.decode())
    accepted = {
        "en": "Odile Owner accepted version 2026-11-01 of the terms of service on 1 June 2026. By pressing the button",
        "fr": "Odile Owner a accepté la version 2026-11-01 des conditions",
    }[language]
    for text in ("Member Person", "new@lumiere.example", "She begins on Monday.", "4242", total, accepted):
        assert text in said
    first = Order.objects.get()
    answer = client.post(path_of(asked), accepting(asked, language))
    placed = Order.objects.latest("id")
    assert placed.terms_accepted_in == first, "the evidence says that the press was the acceptance"
    assert (placed.terms_version, placed.button_text.replace("\xa0", " ")) == (first.terms_version, total)
    assert answer.headers["Location"] == f"/orders/{placed.public_id}/"
    assert client.get(path_of(asked)).headers["Location"] == f"/orders/{placed.public_id}/"
    collected(placed)
    done = {"en": "Approved", "fr": "Acceptée"}[language]
    assert done in words(client.get(path_of(asked)).content.decode())
    assert Mail.objects.filter(kind="seat_approved", recipient="member@lumiere.example").exists()
    assert 'id="pay"' not in client.get(path_of(asked)).content.decode()


@pytest.mark.parametrize("before", [{"terms_version": "2025-01"}, {"terms_sha256": "0" * 64}, {"state": "closed"}])
def test_terms_that_the_account_has_not_accepted_have_their_box(
    asked: SeatRequest, cast: Cast, logged_in: LogIn, before: dict[str, str]
) -> None:
    Order.objects.update(**before, **({"invoice": None} if "state" in before else {}))
    client = logged_in(cast.owner)
    assert 'id="id_terms"' in client.get(path_of(asked)).content.decode()
    answer = client.post(path_of(asked), accepting(asked))
    assert (answer.status_code, Order.objects.count()) == (422, 1)
    assert "Tick the box" in words(answer.content.decode())
    client.post(path_of(asked), {**accepting(asked), "terms": "accepted"})
    assert Order.objects.latest("id").terms_accepted_in is None
    assert Order.objects.count() == 2


def test_nothing_is_paid_for_other_terms_or_for_another_promise(
    asked: SeatRequest, cast: Cast, logged_in: LogIn
) -> None:
    client = logged_in(cast.owner)
    assert 'id="id_terms"' not in client.get(path_of(asked)).content.decode()
    for typed, status, sentence in (
        ({**accepting(asked), "quote": "quo_0000000000000"}, 409, "A newer quote has replaced this one."),
        ({**accepting(asked), "terms_version": "old"}, 422, "The terms of service have changed"),
    ):
        answer = client.post(path_of(asked), typed)
        assert answer.status_code == status
        assert sentence in words(answer.content.decode())
    assert Order.objects.count() == 1, "the first purchase"


def test_without_a_card_on_file_the_checkout_takes_over(asked: SeatRequest, cast: Cast, logged_in: LogIn) -> None:
    cast.account.payment_methods.update(is_default=False)
    page = logged_in(cast.owner).get(path_of(asked)).content.decode()
    assert 'id="pay"' not in page
    assert "/checkout/quo_" in page


def test_a_seat_that_is_free_is_given(asked: SeatRequest, cast: Cast, logged_in: LogIn) -> None:
    people.deactivate(cast.admin, cast.owner, now=NOON)
    client = logged_in(cast.owner)
    assert "A seat is free, so there is nothing to buy" in words(client.get(path_of(asked)).content.decode())
    answer = client.post(path_of(asked), {"action": "give"}, follow=True)
    assert "Member Person is told that a seat is free." in words(answer.content.decode())
    assert Order.objects.count() == 1


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("en", "There are enough users until the renewal"), ("fr", "Il y a assez d’utilisateurs jusqu’au renouvellement")],
)
def test_a_seat_that_is_paid_for_and_about_to_be_given_up_is_not_bought_again(
    asked: SeatRequest, cast: Cast, logged_in: LogIn, language: str, sentence: str
) -> None:
    client = logged_in(cast.owner, language)
    client.get(path_of(asked))
    people.deactivate(cast.admin, cast.owner, licence="reduce", now=NOON)
    stale = client.post(path_of(asked), accepting(asked, language))
    assert stale.status_code == 422
    for page in (stale, client.get(path_of(asked))):
        assert sentence in words(page.content.decode())
        assert 'href="/settings/billing/"' in page.content.decode()
        assert 'id="pay"' not in page.content.decode()
    assert Order.objects.count() == 1, "the first purchase"


def test_none_is_given_that_is_not_free(asked: SeatRequest, cast: Cast, logged_in: LogIn) -> None:
    answer = logged_in(cast.owner, "fr").post(path_of(asked), {"action": "give"})
    assert answer.status_code == 422
    assert "Il n’y a plus de place libre." in words(answer.content.decode())


@pytest.mark.parametrize(("language", "declined"), [("en", "Declined"), ("fr", "Refusée")])
def test_declined_with_a_word(asked: SeatRequest, cast: Cast, logged_in: LogIn, language: str, declined: str) -> None:
    client = logged_in(cast.owner, language)
    assert client.post(path_of(asked), {"action": "decline", "word": "no " * 300}).status_code == 422
    client.post(path_of(asked), {"action": "decline", "word": "Not before January."})
    said = words(client.get(path_of(asked)).content.decode())
    assert declined in said
    assert "Not before January." in said
    assert "Not before January." in Mail.objects.get(kind="seat_declined").text
