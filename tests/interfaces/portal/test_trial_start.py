"""POST ``/settings/billing/trial/``: a paid plan to try, without a card."""

import pytest

from palier.apps.subscriptions.models import Trial
from palier.flows.trial import NoTrial, TriedBefore
from tests import world
from tests.catalogue.toml import edited
from tests.interfaces.conftest import ClientOf
from tests.interfaces.pages import Page, plain
from tests.interfaces.scenes import Scene
from tests.world import Cast

LANGUAGES = pytest.mark.parametrize("language", ["en", "fr"])
PLANS, START = "/settings/billing/plans/", "/settings/billing/trial/"
BUTTON = {"en": "Start the trial", "fr": "Commencer l'essai"}


@pytest.fixture
def offered(cast: Cast) -> Cast:
    """A catalogue that gives fourteen days of Team."""
    world.publish(edited("days = 0                        # 0: no trial", "days = 14 # 0: no trial"))
    return cast


@LANGUAGES
def test_a_free_account_begins_its_trial_from_the_plans(offered: Cast, client_of: ClientOf, language: str) -> None:
    client = client_of(offered.owner, language=language)
    plans = Page(client.get(PLANS))
    assert plans.says({"en": "Try Team for 14 days", "fr": "Essayez Team pendant 14 jours"}[language])
    assert BUTTON[language] in plans.buttons
    home = Page(client.post(START, follow=True))
    assert home.says({"en": "You are trying Team until", "fr": "Vous essayez Team jusqu'au"}[language])
    assert home.says({"en": "14 days of your trial are left", "fr": "14 jours"}[language])
    assert BUTTON[language] not in Page(client.get(PLANS)).buttons, "once"


@LANGUAGES
def test_a_second_trial_is_refused_by_name(offered: Cast, client_of: ClientOf, language: str) -> None:
    client = client_of(offered.owner, language=language)
    client.post(START)
    again = Page(client.post(START, follow=True))
    assert again.says(plain(TriedBefore().text(language)))
    assert Trial.objects.count() == 1


@LANGUAGES
def test_without_an_offer_there_is_no_button_and_no_trial(cast: Cast, client_of: ClientOf, language: str) -> None:
    client = client_of(cast.owner, language=language)
    assert BUTTON[language] not in Page(client.get(PLANS)).buttons
    assert Page(client.post(START, {"days": "9999", "plan": "enterprise"}, follow=True)).says(
        plain(NoTrial().text(language))
    )
    assert not Trial.objects.exists()


@pytest.mark.parametrize("who", ["admin", "member"])
def test_who_may_not_buy_begins_none(offered: Cast, client_of: ClientOf, who: str) -> None:
    client = client_of(getattr(offered, who))
    assert BUTTON["en"] not in Page(client.get(PLANS)).buttons
    assert client.post(START).status_code == 403
    assert not Trial.objects.exists()


def test_a_paid_account_is_offered_none(scene: Scene, client_of: ClientOf) -> None:
    world.publish(edited("days = 0                        # 0: no trial", "days = 14 # 0: no trial"))
    client = client_of(scene.cast.owner)
    assert BUTTON["en"] not in Page(client.get(PLANS)).buttons
    client.post(START)
    assert not Trial.objects.exists()
