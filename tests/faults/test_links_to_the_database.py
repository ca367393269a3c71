"""The link to PostgreSQL breaks in the middle of a flow, also at its commits: no promise is broken.

What a commit has done is unknown where its answer is missing. So the caller is told of an error, never of a success;
whoever comes back reads how things stand; and no money is asked for again under another key.
"""

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.db import InterfaceError, OperationalError

from palier.apps.agenda.models import Due
from tests.actors import stories
from tests.books import assert_balanced
from tests.faults.crash import the_dead_let_go
from tests.faults.links import by_way_of, faults, played, questions
from tests.faults.nights import JUNE, assert_renewed_once, planned
from tests.faults.plays import BEHAVIOURS, Staging, recovered
from tests.faults.plays_of_charges import first_purchase
from tests.faults.plays_of_debts import card_change
from tests.faults.plays_of_endings import late_capture
from tests.faults.plays_of_purchases import more_seats
from tests.faults.proxy import Fault, Link, Place, link_to
from tests.report.happened import happened
from tests.report.size import SIZE, Size
from tests.sandbox_process import SandboxProcess


@pytest.fixture
def link(database_url: str) -> Iterator[Link]:
    """A way to the database of the test that can be broken."""
    parts = urlsplit(database_url)
    with link_to(parts.hostname or "", parts.port or 5432, "postgres") as between:
        yield between


COMMITS = {first_purchase: 5, more_seats: 4, card_change: 4, late_capture: 4}
"""The flows, each with a number of commits that it surely has."""


@pytest.mark.parametrize(("staging", "floor"), COMMITS.items(), ids=[staging.__name__ for staging in COMMITS])
def test_a_link_that_breaks_at_any_commit_or_statement_breaks_no_promise(
    staging: Staging, floor: int, link: Link, sandbox: SandboxProcess
) -> None:
    questions(link, staging(sandbox))
    asked = questions(link, staging(sandbox))
    assert sum(one.commits for one in asked) >= floor

    broken = []
    for turn, (number, fault) in enumerate(faults(asked)):
        for behaviour in BEHAVIOURS if SIZE is Size.RELEASE else [BEHAVIOURS[turn % len(BEHAVIOURS)]]:
            play = staging(sandbox)
            told = played(play, link, fault)
            where = assert_broken_there(link, asked[number].what, fault)
            if not isinstance(told, (OperationalError, InterfaceError)):
                broken.append(f"broken {where}: the caller was told {told!r}")
            the_dead_let_go()
            if wrong := recovered(play, behaviour, sandbox):
                broken.append(f"broken {where}, then {behaviour.__name__}: {wrong}")
    assert not broken, "\n".join(broken)
    assert_balanced(sandbox)


def test_a_link_that_breaks_in_a_chunk_of_renewals_renews_everybody_once(link: Link) -> None:
    def renewed(chunk: int, fault: Fault | None = None) -> Exception | None:
        link.passed.clear()
        if fault:
            link.arm(fault)
        with by_way_of(link):
            try:
                stories.renew_chunk(chunk, JUNE.isoformat())
            except Exception as error:
                return error
        return None

    assert [renewed(planned(3).id), renewed(planned(3).id)] == [None, None]
    asked = list(link.passed)
    assert any(one.commits for one in asked)
    for number, fault in faults(asked):
        chunk = planned(3)
        due = Due.objects.filter(kind="renewal", subject__range=(chunk.first_subject, chunk.last_subject))
        subjects = list(due.values_list("subject", flat=True))
        told = renewed(chunk.id, fault)
        where = assert_broken_there(link, asked[number].what, fault)
        assert isinstance(told, (OperationalError, InterfaceError)), f"broken {where}: the worker was told {told!r}"
        the_dead_let_go()
        stories.renew_all((JUNE + timedelta(minutes=1)).isoformat())
        assert_renewed_once(subjects)
    assert_balanced()


def assert_broken_there(link: Link, what: str, fault: Fault) -> str:
    """The link has really done what it was armed for, once and there; then it counts."""
    assert len(link.seen) == 1, f"{fault} did not meet its question {what[:60]!r}"
    done = link.seen.pop()
    assert (done.place, done.how, done.what.split()[:2]) == (fault.place, fault.how, what.split()[:2])
    assert done.answer or fault.place in (Place.BEFORE, Place.INTO)
    happened("link_faults", place=done.place, how=done.how, what=" ".join(what.split()[:4])[:60])
    return f"{done.place} {' '.join(done.what.split()[:6])!r} (question {fault.skip})"
