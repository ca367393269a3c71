"""``palier articles``: what an operator is told about the articles and their catalogue."""

import shutil
from pathlib import Path

import pytest

from palier.interfaces.cli.main import main
from tests.catalogue import toml


@pytest.fixture
def edited(tmp_path: Path) -> Path:
    """A catalogue beside its terms."""
    shutil.copytree(toml.ROOT / "terms", tmp_path / "terms")
    return tmp_path / "catalogue.toml"


def test_the_demo_sells_all_that_the_articles_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["articles", str(toml.ROOT / "catalogue.toml")]) == 0
    assert capsys.readouterr().out == "Every article has all that it names.\n"


def test_what_is_sold_no_more_is_named_with_its_articles(edited: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edited.write_text(toml.edited("[plans.business]\n", "[plans.business]\nretired = true\n"), encoding="utf-8")
    assert main(["articles", str(edited)]) == 1
    told = capsys.readouterr().out
    assert "en/change-plan: shown without what names plan business" in told
    assert "fr/change-plan: shown without what names plan business" in told
    assert told.endswith("Readers see the rest of them.\n")


def test_a_catalogue_with_mistakes_is_checked_first(edited: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edited.write_text(toml.edited('default = "USD"', 'default = "US"'), encoding="utf-8")
    assert main(["articles", str(edited)]) == 2
    assert f"palier catalogue check {edited}" in capsys.readouterr().err
