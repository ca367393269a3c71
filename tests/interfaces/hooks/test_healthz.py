"""``/healthz``: 200 while work can be done. (That it is 503 without a database stands in test_services_down,
with a full one in tests/faults/test_full_disk.)"""

from tests.interfaces.conftest import ClientOf
from tests.limits import no_descriptor_left
from tests.world import Cast


def test_it_answers_everybody_and_tells_nothing_more(cast: Cast, client_of: ClientOf) -> None:
    for visitor in (None, cast.owner, cast.stranger):
        answer = client_of(visitor).get("/healthz")
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
        assert not answer.cookies


def test_a_process_that_can_open_nothing_more_is_not_well(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(None)
    assert client.get("/healthz").status_code == 200
    with no_descriptor_left():
        answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (503, {"status": "exhausted"})
