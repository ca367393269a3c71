"""Requests that no person made up, to every address: generated bodies, queries, headers, methods and paths.

Nothing that is sent leads to an error of ours. What people send on purpose is in ``test_nasty_input.py``.
"""

import json
from typing import Any, Final
from urllib.parse import quote

import pytest
from django.conf import settings as django_settings
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.interfaces.addresses import ADDRESSES, MACHINES, METHODS, Address, Open
from tests.interfaces.conftest import ClientOf
from tests.interfaces.nasty import FORM, VALUES, answered, encoded
from tests.interfaces.scenes import Scene
from tests.interfaces.test_nasty_input import ASKED, TYPED
from tests.report.happened import happened
from tests.report.size import sized

OF_EACH: Final = sized(54, 1_070, 5_300)
"""Requests to each of the 95 addresses."""

KEY: Final = "the-key-of-the-host-product"
KINDS: Final = (FORM, "multipart/form-data; boundary=b", "application/json", "text/plain; charset=utf-16", "")
HEADERS: Final = ("HX-Request", "HX-Target", "X-Chat", "Referer", "Accept", "Accept-Language", "User-Agent", "Range")

values: Final = st.one_of(
    st.sampled_from(VALUES), st.text(max_size=40), st.integers(-(2**70), 2**70).map(str), st.floats().map(str)
)
anything: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


def fields(known: dict[str, str]) -> st.SearchStrategy[dict[str, str]]:
    """What the address knows, right, wrong or left out, and what it does not know."""
    mine = {name: st.just(right) | values for name, right in known.items()}
    return st.fixed_dictionaries({}, optional=mine) | st.dictionaries(st.text(max_size=12), values, max_size=3)


def bodies(address: Address) -> st.SearchStrategy[bytes]:
    typed = fields(dict(TYPED.get(address.name, {})))
    return st.one_of(
        typed.map(lambda sent: encoded(sent).encode()),
        typed.map(_parts),
        anything.map(lambda sent: json.dumps(sent).encode()),
        st.binary(max_size=60),
    )


def _parts(sent: dict[str, str]) -> bytes:
    """As a browser sends files."""
    each = [
        f'--b\r\nContent-Disposition: form-data; name="{name}"; filename="{value}"\r\n\r\n{value}\r\n'
        for name, value in sent.items()
    ]
    return ("".join(each) + "--b--\r\n").encode(errors="surrogatepass")


def paths(address: Address, scene: Scene) -> st.SearchStrategy[str]:
    """Where it is, with another thing in place of what it names, or with something behind it."""
    right = address.path(scene)
    given_to_it = [str(each) for each in address.arguments(scene)]
    others = values.map(lambda text: quote(text.encode(errors="surrogatepass"), safe="")).filter(bool)

    def instead_of(known: str) -> st.SearchStrategy[str]:
        return others.map(lambda other: right.replace(known, other))

    near = [instead_of(known) for known in given_to_it]
    return st.one_of(st.just(right), st.just(right), *near, others.map(lambda other: f"{right}{other}"))


@pytest.fixture
def people(scene: Scene, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch) -> dict[str, Client]:
    """A browser for each of those who knock; in French and in English."""
    monkeypatch.setattr(django_settings, "PALIER_API_KEY", KEY)
    monkeypatch.setattr(django_settings, "PALIER_SNAPSHOT_KEY", "a-signing-key-of-more-than-32-characters")
    cast = scene.cast
    return {
        "owner": client_of(cast.owner),
        "member": client_of(cast.member, language="fr"),
        "stranger": client_of(cast.stranger),
        "operator": client_of(scene.operator, language="fr"),
        "nobody": client_of(None),
    }


@pytest.mark.timeout(sized(300, 0, 0))
@pytest.mark.parametrize("address", [*ADDRESSES, *MACHINES], ids=lambda address: address.name)
def test_no_generated_request_meets_an_error_of_ours(scene: Scene, people: dict[str, Client], address: Address) -> None:
    usual = {Open.ANYONE: "nobody", Open.OPERATORS: "operator"}.get(address.to, "owner")
    queries = fields(dict(ASKED.get(address.name, {}))).map(encoded)
    headers = st.dictionaries(st.sampled_from(HEADERS), values, max_size=2)

    @settings(max_examples=OF_EACH)
    @given(
        who=st.just(usual) | st.sampled_from(sorted(people)),
        method=st.sampled_from(address.methods) | st.sampled_from(METHODS),
        path=paths(address, scene),
        query=queries,
        body=bodies(address),
        kind=st.sampled_from(KINDS),
        headers=headers,
        key=st.sampled_from((KEY, KEY, "", "wrong")),
    )
    def meets_none(
        who: str, method: str, path: str, query: str, body: bytes, kind: str, headers: dict[str, str], key: str
    ) -> None:
        more: dict[str, Any] = {"headers": {**headers, "Authorization": f"Bearer {key}"}}
        answered(people[who], method, f"{path}?{query}", body, kind, **more)
        happened("fuzzed_requests")

    meets_none()
