"""``/settings/billing/usage/``: a gauge for each limit, where it comes from, and the one button that makes room."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from palier.apps.entitlements import actions as entitlements
from palier.apps.orders.models import Quote
from palier.apps.subscriptions.models import Subscription
from palier.flows import quote, schedule
from palier.flows.change import Choice
from palier.kit import clock
from palier.kit.formats import money
from tests import world
from tests.interfaces import scenes
from tests.interfaces.conftest import ClientOf
from tests.interfaces.pages import Page
from tests.interfaces.scenes import Scene
from tests.world import Cast

USAGE = "/settings/billing/usage/"


def uses(scene: Scene, **used: int) -> None:
    for key, number in used.items():
        entitlements.note(scene.account, key, number, now=clock.now())


def gauge_of(page: Page, key: str) -> dict[str, str]:
    """What a screen reader hears of a gauge."""
    found = page.one("div", role="meter", aria_labelledby=f"limit-{key}")
    return {name.removeprefix("aria-"): value for name, value in found.attrib.items()}


@pytest.mark.parametrize(
    ("language", "heading", "said", "where"),
    [
        ("en", "Usage", "31,000 of 50,000 used", "10,000 × 5 users"),
        ("fr", "Utilisation", "31 000 sur 50 000 utilisés", "10 000 × 5 utilisateurs"),
    ],
)
def test_each_limit_has_its_gauge_and_says_where_it_comes_from(
    scene: Scene, client_of: ClientOf, language: str, heading: str, said: str, where: str
) -> None:
    uses(scene, records=31_000)
    page = Page(client_of(scene.cast.owner, language=language).get(USAGE))
    assert page.heading == heading
    assert page.says(where), page.text
    heard = gauge_of(page, "records")
    assert (heard["valuenow"], heard["valuemax"]) == ("31000", "50000")
    assert heard["valuetext"].replace("\u202f", " ") == said
    assert not page.all("input", name="limit"), "nothing is full: nothing is sold"


def test_add_ons_are_a_term_of_the_sum(scene: Scene, client_of: ClientOf) -> None:
    kept = quote.make(
        scene.account, scene.cast.owner, Choice("team", "month", 5, add_ons=(("records", 2),)), now=clock.now()
    )
    scenes.answered(scene.sandbox, kept)
    page = Page(client_of(scene.cast.owner).get(USAGE))
    assert page.says("of 70,000")
    assert page.says("10,000 × 5 users + 2 × 10,000 more records")


@pytest.mark.parametrize(
    ("used", "words", "button", "choice"),
    [
        ({"records": 45_000}, "5,000 more can be added.", "Add 10,000 more records", ("team", 5, {"records": 1})),
        ({"records": 50_000}, "No more can be added until there is room.", "Add 2 × 10,000 more records", None),
        ({"records": 51_000}, "That is 1,000 more than your plan allows.", "Add 2 × 10,000 more records", None),
        ({"custom_fields": 13}, "Business: 150 in all.", "Move to Business", ("business", 5, None)),
        ({"teams": 1}, "Team does not include this.", "Move to Business", ("business", 5, None)),
    ],
)
def test_the_one_button_promises_what_makes_room(
    scene: Scene,
    client_of: ClientOf,
    used: dict[str, int],
    words: str,
    button: str,
    choice: tuple[str, int, dict[str, int] | None] | None,
) -> None:
    uses(scene, **used)
    client = client_of(scene.cast.owner)
    page = Page(client.get(USAGE))
    assert page.says(words)
    assert page.says(button)
    (key,) = used
    answer = client.post(USAGE, {"limit": key})
    kept = Quote.objects.latest("id")
    assert answer.headers["Location"] == f"/checkout/{kept.public_id}/"
    assert page.says(money(kept.total_minor, kept.currency, "en")), "what is shown is what is promised"
    if choice:
        assert (kept.plan, kept.seats, kept.add_ons) == choice


def test_free_is_shown_the_plan_that_makes_room(cast: Cast, client_of: ClientOf) -> None:
    entitlements.note(cast.account, "records", 490, now=clock.now())
    page = Page(client_of(cast.owner).get(USAGE))
    assert page.says("of 500")
    assert page.says("Team: 40,000 in all.")
    assert page.says("Not part of Free")
    answer = client_of(cast.owner).post(USAGE, {"limit": "records"})
    assert Quote.objects.get().plan == "team"
    assert answer.status_code == 302


def test_who_may_not_buy_is_told_who_can(scene: Scene, client_of: ClientOf) -> None:
    uses(scene, custom_fields=15)
    client = client_of(scene.cast.member)
    page = Page(client.get(USAGE))
    assert page.says(f"{scene.cast.owner.user.name} or {scene.cast.billing_admin.user.name} can buy it.")
    assert "/settings/billing/plans/?plan=business&interval=month&seats=5" in page.links
    before = Quote.objects.count()
    refused = Page(client.post(USAGE, {"limit": "custom_fields"}))
    assert (refused.status, Quote.objects.count()) == (403, before)


@pytest.mark.parametrize("limit", ["", "records", "nonsense", "\0", "x" * 9000])
def test_nothing_is_sold_where_there_is_room(scene: Scene, client_of: ClientOf, limit: str) -> None:
    before = Quote.objects.count()
    for language, words in {"en": "Nothing was taken", "fr": "Rien n'a été prélevé"}.items():
        page = Page(client_of(scene.cast.owner, language=language).post(USAGE, {"limit": limit}))
        assert page.status == 422
        assert page.says(words)
    assert Quote.objects.count() == before


def test_who_only_reads_is_sold_nothing(scene: Scene, client_of: ClientOf) -> None:
    uses(scene, custom_fields=15)
    Subscription.objects.update(state="suspended")
    page = Page(client_of(scene.cast.owner).get(USAGE))
    assert page.says("Your account is read-only for the moment")
    assert not page.says("Move to Business")


def test_a_lower_plan_that_waits_shows_what_is_in_its_way(scene: Scene, client_of: ClientOf) -> None:
    world.without_billing_admin(scene.cast)
    scenes.answered(scene.sandbox, scenes.quoted(scene.cast.owner, "business", "month", 5))
    schedule.change(scene.account, scene.cast.owner, Choice("team", "month", 5), now=clock.now())
    client = client_of(scene.cast.owner)
    assert not Page(client.get(USAGE)).says("does not hold all that you use")
    uses(scene, custom_fields=40)
    page = Page(client.get(USAGE))
    assert page.says("does not hold all that you use")
    assert page.says("You use 40 custom fields; Team allows 15: remove 25.")
    page = Page(client_of(scene.cast.owner, language="fr").get(USAGE))
    assert page.says("Vous utilisez 40 champs personnalisés ; Team en autorise 15 : supprimez-en 25.")


def test_many_warnings_ask_no_more_of_the_database(scene: Scene, client_of: ClientOf) -> None:
    client = client_of(scene.cast.member)
    counts = []
    for used in ({"records": 1}, {"records": 50_000, "custom_fields": 15, "sequences": 1, "teams": 3, "roles": 2}):
        uses(scene, **used)
        client.get(USAGE)
        with CaptureQueriesContext(connection) as heard:
            client.get(USAGE)
        counts.append(len(heard))
    assert counts[0] == counts[1] <= 8
