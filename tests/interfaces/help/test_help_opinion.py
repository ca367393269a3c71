"""POST /help/<language>/<slug>/opinion/: Yes or No, and a word, once a day."""

from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from palier.apps.help import actions, library
from palier.apps.help.actions import MOST_A_DAY, NeitherYesNorNo, OpinionTooLong, TooManyOpinions
from palier.apps.help.models import Opinion
from palier.kit import clock
from tests.interfaces.conftest import ClientOf
from tests.interfaces.pages import Page
from tests.interfaces.scenes import Scene

HERE = "/help/en/seats/opinion/"
ASKED = {"en": "Did this answer your question?", "fr": "Avez-vous trouvé la réponse à votre question ?"}
THANKS = {"en": "Thank you: we will work on this article.", "fr": "Merci : nous allons retravailler cet article."}


@pytest.mark.parametrize("language", ["en", "fr"])
def test_everybody_answers_and_is_thanked(scene: Scene, client_of: ClientOf, language: str) -> None:
    path = f"/help/{language}/seats/"
    for member in scene.everybody().values():
        client = client_of(member, language=language)
        assert Page(client.get(path)).says(ASKED[language])
        answer = client.post(f"{path}opinion/", {"answered": "no"})
        assert (answer.status_code, answer.headers["Location"]) == (302, f"{path}#opinion")
        thanked = Page(client.get(path))
        assert thanked.says(THANKS[language])
        assert not thanked.says(ASKED[language])
    said = Opinion.objects.filter(slug="seats", language=language)
    assert said.filter(answered=False).count() == len(scene.everybody())
    assert said.get(account=None).sha256 == next(o.sha256 for o in library.articles(language) if o.slug == "seats")
    assert said.filter(account=scene.cast.account).count() == 4


def test_a_word_follows_and_the_answer_can_be_changed(scene: Scene, client_of: ClientOf) -> None:
    client = client_of(scene.cast.owner)
    client.post(HERE, {"answered": "no"})
    client.post(HERE, {"answered": "no", "word": "Where is the\r\nbutton? My card: 4242 4242 4242 4242"})
    opinion = Opinion.objects.get(slug="seats")
    assert opinion.word == "Where is the button? My card: •••• •••• •••• 4242"
    client.post(HERE, {"answered": "yes"})
    opinion.refresh_from_db()
    assert (opinion.answered, opinion.word != "") == (True, True)


def test_a_reader_is_counted_once_a_day_and_again_tomorrow(scene: Scene) -> None:
    for agent in ("Firefox", "Firefox", "Safari"):
        Client().post(HERE, {"answered": "yes"}, headers={"User-Agent": agent})
    assert Opinion.objects.filter(slug="seats").count() == 2
    visitors = {opinion.visitor for opinion in Opinion.objects.all()}
    assert all("127.0.0.1" not in visitor and len(visitor) == 64 for visitor in visitors)
    assert len({visitor[: actions.WHERE] for visitor in visitors}) == 1, "from the same place"


def test_a_part_of_the_page_is_answered_with_that_part(scene: Scene) -> None:
    page = Page(Client().post(HERE, {"answered": "yes"}, headers={"HX-Request": "true"}))
    assert page.html.lstrip().startswith('<section id="opinion"')
    assert page.says("Thank you: good to know that this helped.")


@pytest.mark.parametrize(
    ("sent", "refusal", "language"),
    [
        ({}, NeitherYesNorNo(), "en"),
        ({"answered": "perhaps", "word": "I do not know"}, NeitherYesNorNo(), "fr"),
        ({"answered": "no", "word": "x" * 501}, OpinionTooLong(most=500), "en"),
        ({"answered": "no", "word": "x" * 501}, OpinionTooLong(most=500), "fr"),
    ],
)
def test_a_wrong_answer_is_refused_by_name(
    scene: Scene, sent: dict[str, str], refusal: OpinionTooLong, language: str
) -> None:
    page = Page(Client().post(f"/help/{language}/seats/opinion/", sent))
    assert page.status == 422
    assert page.says(refusal.text(language))
    part = Page(Client().post(f"/help/{language}/seats/opinion/", sent, headers={"HX-Request": "true"}))
    assert (part.status, part.says(refusal.text(language))) == (200, True)
    assert not Opinion.objects.exists()


def test_one_place_cannot_give_opinions_without_end(scene: Scene) -> None:
    articles = [article for code in ("en", "fr") for article in library.articles(code)]
    given = 0
    while given < MOST_A_DAY:
        for article in articles[: MOST_A_DAY - given]:
            agent = {"User-Agent": f"browser {given // len(articles)}"}
            path = f"/help/{article.language}/{article.slug}/opinion/"
            assert Client().post(path, {"answered": "no"}, headers=agent).status_code == 302
            given += 1
    refused = Page(Client().post(HERE, {"answered": "no"}, headers={"User-Agent": "one more"}))
    assert (refused.status, refused.says(TooManyOpinions().text("en"))) == (422, True)
    assert Opinion.objects.count() == MOST_A_DAY
    elsewhere = Client(REMOTE_ADDR="192.0.2.7").post(HERE, {"answered": "no"})
    assert elsewhere.status_code == 302


def test_an_opinion_counts_for_the_day_on_which_it_was_given(scene: Scene, client_of: ClientOf) -> None:
    article = library.articles("en")[0]
    for days in (0, 1):
        now = clock.now() + timedelta(days=days)
        visitor = f"{days:064d}"
        actions.opine(article, answered=True, word="", visitor=visitor, account=None, now=now)
    assert Opinion.objects.filter(slug=article.slug).count() == 2


def test_no_article_no_opinion(scene: Scene) -> None:
    assert Client().post("/help/en/no-such-article/opinion/", {"answered": "yes"}).status_code == 404
    assert not Opinion.objects.exists()


def test_it_asks_the_database_little(
    scene: Scene, client_of: ClientOf, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = client_of(scene.cast.owner)
    client.post(HERE, {"answered": "yes"})
    with django_assert_num_queries(4):  # session, person, others from there, the row
        client.post(HERE, {"answered": "no"})
