"""``/accounts/login/code/confirm/``: log-in by code is not offered here."""

from tests.interfaces.conftest import ClientOf
from tests.world import Cast


def test_it_leads_back_to_log_in_or_home(cast: Cast, client_of: ClientOf) -> None:
    for visitor, place in ((None, "/accounts/login/"), (cast.owner, "/")):
        client = client_of(visitor)
        for answer in (
            client.get("/accounts/login/code/confirm/"),
            client.post("/accounts/login/code/confirm/", {"code": "123456"}),
        ):
            assert answer.headers["Location"] == place
