"""``/terms/<version>/``: every published version, for everybody, with the hash that an order keeps."""

import pytest

from palier.apps.catalogue import current
from tests import world
from tests.interfaces.conftest import ClientOf
from tests.interfaces.pages import Page
from tests.world import ROOT, Cast


@pytest.mark.parametrize("language", ["en", "fr"])
def test_anyone_reads_the_terms_and_their_fingerprint(cast: Cast, client_of: ClientOf, language: str) -> None:
    terms = current().terms
    for reader in (None, cast.owner, cast.stranger):
        page = Page(client_of(reader, language=language).get(f"/terms/{terms.version}/"))
        assert page.heading == {"en": "Terms of service", "fr": "Conditions de service"}[language]
        assert page.says(terms.sha256(language))


def test_an_earlier_version_says_so(cast: Cast, client_of: ClientOf) -> None:
    version = current().terms.version
    world.publish((ROOT / "catalogue.toml").read_text().replace(f'"{version}"', '"2027-01-01"'))
    assert Page(client_of(None).get(f"/terms/{version}/")).says("This is an earlier version.")
    assert not Page(client_of(None).get("/terms/2027-01-01/")).says("This is an earlier version.")


@pytest.mark.parametrize("version", ["0", "latest", "2026-11-01'", "%00", "..%2f..%2fetc", "x" * 5000])
def test_what_was_never_published_is_not_found(cast: Cast, client_of: ClientOf, version: str) -> None:
    assert client_of(None).get(f"/terms/{version}/").status_code == 404
