"""``/healthz``: 200 while the database answers. (That it is 503 without one stands in test_services_down.)"""

from tests.interfaces.conftest import ClientOf
from tests.world import Cast


def test_it_answers_everybody_and_tells_nothing_more(cast: Cast, client_of: ClientOf) -> None:
    for visitor in (None, cast.owner, cast.stranger):
        answer = client_of(visitor).get("/healthz")
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
        assert not answer.cookies
