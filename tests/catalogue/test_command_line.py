"""`palier catalogue check` and `publish` as an operator calls them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from palier.apps.catalogue import current
from palier.interfaces.cli import main as palier
from tests.catalogue.toml import ROOT, TEXT, line_of
from tests.databases import at


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A copy of the catalogue, terms included."""
    (tmp_path / "terms").symlink_to(ROOT / "terms")
    copy = tmp_path / "catalogue.toml"
    copy.write_text(TEXT, encoding="utf-8")
    return copy


def test_a_right_catalogue_is_summed_up(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert palier.main(["catalogue", "check", str(file)]) == 0
    said = capsys.readouterr().out
    assert "is right" in said
    assert "109.00" in said
    assert "2026-11-01" in said


def test_what_no_month_is_long_enough_for_is_remarked(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    palier.main(["catalogue", "check", str(file)])
    assert "give_up_days" not in capsys.readouterr().out
    file.write_text(TEXT.replace("give_up_days = 30", "give_up_days = 45"), encoding="utf-8")
    assert palier.main(["catalogue", "check", str(file)]) == 0
    said = capsys.readouterr().out
    assert "is right" in said
    assert "An unpaid month ends with its period, before the 45 days of give_up_days" in said


def test_each_mistake_has_file_line_and_remedy(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(TEXT.replace("rank = 20", "rnak = 20").replace("adds = 10_000", "adds = 0"), encoding="utf-8")
    assert palier.main(["catalogue", "check", str(file)]) == 1
    said = capsys.readouterr().err
    assert f"{file}:{line_of('rank = 20')}: plans.business.rnak: this key is unknown\n    Did you mean “rank”?" in said
    assert f"{file}:{line_of('adds = 10_000')}: add_ons.records.adds: 0 is out of range" in said
    assert said.endswith("2 mistakes. Nothing was published.\n")


@pytest.mark.django_db
def test_publishing_says_what_happened(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert palier.main(["catalogue", "publish", str(file)]) == 0
    assert "Published as version 1" in capsys.readouterr().out
    assert palier.main(["catalogue", "publish", str(file)]) == 0
    assert "Nothing has changed since version 1" in capsys.readouterr().out
    assert current().version_id == 1


@pytest.mark.django_db
def test_a_catalogue_with_mistakes_is_not_published(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    palier.main(["catalogue", "publish", str(file)])
    file.write_text(TEXT.replace("plans.business", "plans.pro"), encoding="utf-8")
    assert palier.main(["catalogue", "publish", str(file)]) == 1
    assert "plans.business: this was published in version 1 and is gone" in capsys.readouterr().err
    assert current().version_id == 1


def test_the_catalogue_of_the_environment_is_the_default(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PALIER_CATALOGUE", str(file))
    assert palier.main(["catalogue", "check"]) == 0
    assert str(file) in capsys.readouterr().out


def test_an_unknown_command_names_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert palier.main(["catalog"]) == 2
    said = capsys.readouterr().err
    assert "“catalog”" in said
    assert "catalogue" in said


@pytest.mark.parametrize("command", [["catalogue", "publish"], ["migrate"], ["worker"]])
def test_a_database_that_does_not_answer_is_said_in_one_sentence(command: list[str]) -> None:
    done = run_at("postgresql://nobody@127.0.0.1:1/nothing", command)
    assert done.returncode == 1
    assert "the database does not answer. Check DATABASE_URL" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", [["catalogue", "publish"], ["worker"]])
def test_a_database_without_tables_is_said_in_one_sentence(command: list[str], database_url: str) -> None:
    done = run_at(at(database_url, "postgres"), command)
    assert done.returncode == 1
    assert "the database is not ready. Run: palier migrate" in done.stderr
    assert "Traceback" not in done.stderr


def run_at(url: str, command: list[str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "palier", *command],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": "src", "DATABASE_URL": url},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_every_command_of_the_overview_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    for command in palier.COMMANDS:
        with pytest.raises(SystemExit) as stopped:
            palier.main([command, "--help"])
        assert stopped.value.code == 0
        assert f"usage: palier {command}" in capsys.readouterr().out
