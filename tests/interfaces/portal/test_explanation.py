"""``/checkout/quo_…/explanation.json``: why this amount, for programs."""

import pytest

from tests.interfaces.conftest import ClientOf
from tests.interfaces.pages import Page, plain
from tests.interfaces.scenes import Scene


@pytest.mark.parametrize("language", ["en", "fr"])
def test_it_says_what_the_checkout_says_in_exact_values(scene: Scene, client_of: ClientOf, language: str) -> None:
    client = client_of(scene.cast.billing_admin, language=language)
    page = Page(client.get(f"/checkout/{scene.quote.public_id}/"))
    told = client.get(f"/checkout/{scene.quote.public_id}/explanation.json").json()
    assert (told["quote"], told["digest"]) == (scene.quote.public_id, scene.quote.digest)
    assert (told["currency"], told["total_minor"], told["language"]) == ("EUR", scene.quote.total_minor, language)
    assert told["net_minor"] == sum(line["amount_minor"] for line in told["lines"])
    assert told["net_minor"] + told["tax_minor"] == told["total_minor"]
    assert [line["kind"] for line in told["lines"]] == ["credit", "charge"]
    for line in told["lines"]:
        assert line["steps"]
        for step in line["steps"]:
            assert page.says(plain(step["sentence"]))
            assert step["code"]


def test_it_is_json_that_no_cache_keeps(scene: Scene, client_of: ClientOf) -> None:
    answer = client_of(scene.cast.owner).get(f"/checkout/{scene.quote.public_id}/explanation.json")
    assert answer.headers["Content-Type"] == "application/json"
    assert "no-store" in answer.headers["Cache-Control"]
