"""GET /help/: to the help centre in the reader's language."""

import pytest

from tests.interfaces.conftest import ClientOf
from tests.interfaces.scenes import Scene


@pytest.mark.parametrize("language", ["en", "fr"])
def test_everybody_is_led_to_the_centre_in_their_language(scene: Scene, client_of: ClientOf, language: str) -> None:
    for member in scene.everybody().values():
        answer = client_of(member, language=language).get("/help/")
        assert (answer.status_code, answer.headers["Location"]) == (302, f"/help/{language}/")
        assert {"Accept-Language", "Cookie"} <= set(answer.headers["Vary"].split(", "))
