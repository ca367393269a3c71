"""``/settings/clock/progress/``: polled while the test clock travels."""

import pytest

from palier.apps.accounts.models import Account
from palier.flows import travel
from palier.kit import clock
from tests.interfaces.conftest import ClientOf
from tests.interfaces.pages import Page
from tests.interfaces.scenes import Scene

PROGRESS = "/settings/clock/progress/"


@pytest.fixture
def sandboxed(scene: Scene) -> Scene:
    Account.objects.filter(pk=scene.account.pk).update(sandbox=True)
    return scene


def test_on_the_way_it_tells_how_far(sandboxed: Scene, client_of: ClientOf) -> None:
    client = client_of(sandboxed.cast.owner)
    client.post("/settings/clock/", {"jump": "month"})
    journey = sandboxed.account.travels.get()
    travel.step(journey.id, {}, now=clock.now())
    fragment = Page(client.get(PROGRESS))
    assert fragment.status == 200
    assert fragment.says("1 thing done on the way")
    assert int(fragment.one("progress").get("value", "")) >= 90
    assert fragment.one("div", id="journey").get("hx-get") == PROGRESS


def test_at_the_end_the_page_is_loaded_again(sandboxed: Scene, client_of: ClientOf) -> None:
    assert client_of(sandboxed.cast.owner).get(PROGRESS).headers["HX-Refresh"] == "true"


@pytest.mark.parametrize("who", ["admin", "member", "stranger"])
def test_others_do_not_find_it(sandboxed: Scene, client_of: ClientOf, who: str) -> None:
    assert client_of(getattr(sandboxed.cast, who)).get(PROGRESS).status_code == 404


def test_nobody_logged_in_is_sent_to_log_in(sandboxed: Scene, client_of: ClientOf) -> None:
    assert client_of(None).get(PROGRESS)["Location"] == f"/accounts/login/?next={PROGRESS}"
