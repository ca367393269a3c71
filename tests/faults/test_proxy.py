"""The proxy does to a link what it is told, at the place it is told, and tells what it did."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.databases import Databases
from tests.faults.proxy import Fault, How, Link, Place, commit, link_to
from tests.live_stack import until

PATIENCE_SECONDS = 60


@pytest.fixture
def prices() -> None:
    """No catalogue is published: nothing of the program is used here."""


@pytest.fixture
def no_other_jobs() -> None:
    """Nor is its queue."""


@pytest.fixture
def echo() -> Iterator[int]:
    """The port of a server that says everything again."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    side, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=repeat, args=[side], daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)


def repeat(side: socket.socket) -> None:
    """Say everything again, until the other one has gone."""
    with side:
        try:
            while data := side.recv(1024):
                side.sendall(data)
        except OSError:
            pass


@contextmanager
def talking(link: Link) -> Iterator[socket.socket]:
    """A client whose first word came back."""
    with socket.create_connection(("127.0.0.1", link.port), timeout=PATIENCE_SECONDS) as client:
        client.sendall(b"hello")
        assert client.recv(1024) == b"hello"
        yield client


def test_an_idle_link_passes_everything(echo: int) -> None:
    with link_to("127.0.0.1", echo) as link, talking(link) as client:
        client.sendall(b"x" * 300_000)
        heard = b""
        while len(heard) < 300_000:
            heard += client.recv(65536)
        assert heard == b"x" * 300_000
        assert link.seen == []


def test_a_cut_ends_every_connection_in_order_and_is_counted(echo: int) -> None:
    with link_to("127.0.0.1", echo) as link, talking(link) as one, talking(link) as two:
        assert link.break_all() == 2
        assert (one.recv(10), two.recv(10)) == (b"", b"")
        assert [(seen.place, seen.how) for seen in link.seen] == [(Place.AT_ONCE, How.CUT)] * 2
        assert link.break_all() == 0
        with talking(link):
            pass  # the next one gets through


def test_a_reset_is_an_error_for_the_client(echo: int) -> None:
    with link_to("127.0.0.1", echo) as link, talking(link) as client:
        assert link.break_all(How.RESET) == 1
        with pytest.raises(ConnectionResetError):
            client.recv(10)


def test_in_a_silence_nothing_comes_and_nobody_is_told(echo: int) -> None:
    with link_to("127.0.0.1", echo) as link, talking(link) as client:
        assert link.hold() == 1
        client.settimeout(0.3)
        client.sendall(b"anybody there?")
        with pytest.raises(TimeoutError):
            client.recv(10)
        assert link.break_all() == 1
        client.settimeout(PATIENCE_SECONDS)
        assert client.recv(10) == b""


def test_while_a_link_is_away_nobody_gets_through(echo: int) -> None:
    with link_to("127.0.0.1", echo) as link, talking(link) as client:
        with link.away():
            assert client.recv(10) == b""
            with pytest.raises((ConnectionError, AssertionError)), talking(link):
                pass
        with talking(link):
            pass


# PostgreSQL


@pytest.fixture(scope="module")
def postgres(databases: Databases) -> str:
    """The address of a real database with one table."""
    url = databases.fresh("link")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE mark (word text PRIMARY KEY)")
    return url


@pytest.fixture
def link(postgres: str) -> Iterator[Link]:
    parts = urlsplit(postgres)
    with link_to(parts.hostname or "", parts.port or 5432, "postgres") as between:
        yield between


def connected(link: Link, postgres: str, *, autocommit: bool = False) -> psycopg.Connection:
    """A client of the database by way of the link."""
    return psycopg.connect(postgres, host="127.0.0.1", port=link.port, autocommit=autocommit)


def kept(postgres: str, word: str) -> bool:
    """Whether the database holds a word, asked on another way."""
    with psycopg.connect(postgres) as connection:
        return connection.execute("SELECT 1 FROM mark WHERE word = %s", [word]).fetchone() is not None


def let_go(postgres: str) -> None:
    """The database has noticed that its client is gone."""
    with psycopg.connect(postgres, autocommit=True) as connection:
        others = (
            "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND backend_type = 'client backend'"
        )
        until(
            lambda: connection.execute(others).fetchone() is None, "the end of the cut ones", seconds=PATIENCE_SECONDS
        )


def test_a_commit_that_is_cut_before_it_arrives_keeps_nothing(link: Link, postgres: str) -> None:
    client = connected(link, postgres)
    client.execute("INSERT INTO mark VALUES (%s)", ["never arrived"])
    link.arm(Fault(Place.BEFORE, wanted=commit))
    with pytest.raises(psycopg.OperationalError):
        client.commit()
    let_go(postgres)
    assert not kept(postgres, "never arrived")
    assert [(seen.what, seen.answer) for seen in link.seen] == [("COMMIT", "")]


def test_a_commit_whose_answer_is_cut_is_kept_though_the_client_is_told_of_an_error(link: Link, postgres: str) -> None:
    client = connected(link, postgres)
    client.execute("INSERT INTO mark VALUES (%s)", ["kept unseen"])
    link.arm(Fault(Place.UNANSWERED, wanted=commit))
    with pytest.raises(psycopg.OperationalError):
        client.commit()
    assert kept(postgres, "kept unseen")
    assert [(seen.what, seen.answer) for seen in link.seen] == [("COMMIT", "COMMIT")]


@pytest.mark.parametrize("how", [How.CUT, How.RESET])
@pytest.mark.parametrize("place", [Place.BEFORE, Place.INTO, Place.UNANSWERED, Place.HALF])
def test_a_statement_is_cut_at_every_place(link: Link, postgres: str, place: Place, how: How) -> None:
    client = connected(link, postgres, autocommit=True)
    word = f"{place} {how}"
    link.arm(Fault(place, how, wanted=lambda asked: asked.what.startswith("INSERT")))
    with pytest.raises(psycopg.OperationalError):
        client.execute("INSERT INTO mark VALUES (%s)", [word])  # outside of a transaction: it is its own commit
    let_go(postgres)
    assert kept(postgres, word) is (place in (Place.UNANSWERED, Place.HALF))
    assert [(seen.place, seen.how) for seen in link.seen] == [(place, how)]


def test_every_statement_is_seen_with_what_commits(link: Link, postgres: str) -> None:
    with connected(link, postgres) as client:
        client.execute("SELECT 1")
        client.execute("SELECT %s::text", ["bound"])
        with client.cursor().copy("COPY mark FROM STDIN") as copy:
            copy.write_row(["copied"])
    with connected(link, postgres, autocommit=True) as client:
        client.execute("DELETE FROM mark WHERE word = 'copied'")
    asked = [(one.what, one.commits) for one in link.passed]
    assert asked[:3] == [("BEGIN", False), ("SELECT 1", False), ("SELECT $1::text", False)]
    assert asked[3] == ("COPY mark FROM STDIN", False)
    assert [what for what, commits in asked if commits] == ["COMMIT", "DELETE FROM mark WHERE word = 'copied'"]


def test_a_delayed_statement_still_has_its_answer(link: Link, postgres: str) -> None:
    with connected(link, postgres) as client:
        for place in (Place.BEFORE, Place.UNANSWERED):
            link.arm(Fault(place, How.DELAY, wanted=lambda asked: asked.what == "SELECT 7", seconds=0.05))
            assert client.execute("SELECT 7").fetchone() == (7,)
    assert [seen.how for seen in link.seen] == [How.DELAY] * 2


def test_the_second_of_a_kind_is_broken_and_the_first_and_third_pass(link: Link, postgres: str) -> None:
    link.arm(Fault(Place.BEFORE, wanted=commit, skip=1))
    told = []
    for number in range(3):
        client = connected(link, postgres)
        client.execute("INSERT INTO mark VALUES (%s)", [f"turn {number}"])
        try:
            client.commit()
            told.append(True)
        except psycopg.OperationalError:
            told.append(False)
        client.close()
    assert told == [True, False, True]
    let_go(postgres)
    assert [kept(postgres, f"turn {number}") for number in range(3)] == told
