"""The checks can fail: the list of 24 planted bugs is whole, each is played and caught, and none is the program's.

The trials themselves are beside this file, by family. Here is what they have in common, and two flows more.
"""

import re

from palier.apps.payments.models import UNRESOLVED, Payment
from tests.books import assert_balanced
from tests.faults import (
    test_planted_attempts,
    test_planted_books,
    test_planted_debts,
    test_planted_doors,
    test_planted_locks,
)
from tests.faults.planted import BUGS, planted
from tests.faults.planted.trials import Stand, when_answered
from tests.faults.planted.walls import definition_of, taken_down
from tests.faults.plays import Play, nobody_comes_back, recovered
from tests.faults.plays_of_debts import retry_that_pays
from tests.faults.plays_of_purchases import more_seats
from tests.faults.promises import charges_for
from tests.faults.scenes import first_purchase, the_job_is_rescued
from tests.faults.theatre import Theatre
from tests.sandbox_process import SandboxProcess
from tests.world import ROOT

FAMILIES = (
    test_planted_attempts,
    test_planted_books,
    test_planted_debts,
    test_planted_doors,
    test_planted_locks,
)


def test_the_list_is_whole_and_each_bug_has_its_check_and_its_scenario() -> None:
    played = [name for family in FAMILIES for name in family.SCENARIOS]
    assert sorted([*played, test_planted_doors.OF_AN_ADDRESS]) == sorted(BUGS)
    assert len(BUGS) == 24
    assert all(bug.stands_for and bug.check and bug.says for bug in BUGS.values())


def test_the_published_table_names_each_bug_with_its_check() -> None:
    table = (ROOT / "docs" / "reference" / "faults.md").read_text()
    for bug in BUGS.values():
        row = f"| {bug.name.replace('_', ' ')} | {bug.stands_for} | {bug.check} |"
        assert row in table, row
        assert all(f"`{wall}`" in table for _, wall in bug.walls)


def test_nothing_of_the_program_knows_the_planted_bugs() -> None:
    for file in (ROOT / "src").rglob("*.py"):
        assert not re.search(r"^\s*(from|import) tests\b|faults\.planted", file.read_text(), re.MULTILINE), file


def test_a_wall_that_was_taken_down_stands_again_as_it_was() -> None:
    walls = [wall for bug in BUGS.values() for wall in bug.walls]
    for wall in walls:
        with taken_down([wall]):
            assert definition_of(*wall) == ""
        assert definition_of(*wall)
    before = [definition_of(*wall) for wall in walls]
    with taken_down(sorted(set(walls))):
        pass
    assert [definition_of(*wall) for wall in walls] == before


def test_a_recovery_of_more_seats_that_charges_again_is_caught(stage: Theatre, sandbox: SandboxProcess) -> None:
    with planted("fresh_key_on_retry") as bug:
        play = Stand(stage, sandbox, bug).killed(more_seats, when_answered)
        assert recovered(play, nobody_comes_back, sandbox) == "taken 2 times"


def test_a_retry_after_silence_that_was_called_a_no_is_caught(stage: Theatre, sandbox: SandboxProcess) -> None:
    """The day's try was sent and not answered; it is called failed, and the customer pays."""
    play = Stand(stage, sandbox).killed(retry_that_pays, when_answered)

    def called_a_no(play: Play) -> None:
        Payment.objects.filter(account=play.account, state__in=UNRESOLVED).update(state="failed", reason="declined")
        play.elsewhere()

    assert recovered(play, called_a_no, sandbox) == "taken 2 times"


def test_our_own_book_alone_would_not_have_noticed(stage: Theatre, sandbox: SandboxProcess) -> None:
    with planted("fresh_key_on_retry") as bug:
        scene = Stand(stage, sandbox, bug).killed(first_purchase, when_answered)
        the_job_is_rescued(scene)
        assert len(charges_for(scene.quote, sandbox)) == 2
        assert_balanced()
