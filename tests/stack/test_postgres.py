"""The supervisor of PostgreSQL: it starts anywhere, survives kills, and leaves nothing in the way of the next start."""

import os
import pwd
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from palier_stack import leash, places, ports, postgres
from palier_stack.errors import StackError
from tests.live_stack import until

ROOT = Path(__file__).resolve().parents[2]
FAST = ("fsync=off",)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder that the unprivileged user can reach, whatever pytest's own folder allows."""
    return (
        places.reachable(ROOT / ".palier" / "tests", places.runner())
        / f"supervisor-{tmp_path.parent.name}-{tmp_path.name}"
    )


@pytest.fixture
def server(home: Path) -> Iterator[postgres.Server]:
    server = postgres.Server(home, options=FAST)
    try:
        yield server
    finally:
        server.stop()
        subprocess.run(["rm", "-rf", str(server.home)], check=True)


def remember(server: postgres.Server, number: int) -> None:
    with psycopg.connect(server.url()) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (number int)")
        connection.execute("INSERT INTO kept VALUES (%s)", [number])


def kept(server: postgres.Server) -> list[int]:
    with psycopg.connect(server.url()) as connection:
        return [row[0] for row in connection.execute("SELECT number FROM kept ORDER BY number")]


def test_first_start_stop_and_start_again_keep_the_data(server: postgres.Server) -> None:
    assert not server.exists
    server.start()
    server.create_database("palier")
    remember(server, 1)
    server.stop()
    server.start()
    assert kept(server) == [1]
    assert server.create_database("palier") == server.url("palier")


def test_the_server_is_new_enough_speaks_utf8_and_counts_in_utc(server: postgres.Server) -> None:
    server.start()
    with psycopg.connect(server.url("postgres")) as connection:
        assert connection.info.server_version >= 150_000
        row = connection.execute("SELECT lower('ÉLÉVATION'), current_setting('TimeZone')").fetchone()
    assert row == ("élévation", "UTC")


def test_only_this_machine_with_the_password_gets_in(server: postgres.Server) -> None:
    server.start()
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(f"postgresql://postgres:wrong@{ports.LOOPBACK}:{server.port}/postgres")
    assert (server.home / "password").stat().st_mode & 0o077 == 0
    assert server.data.stat().st_mode & 0o077 == 0


def test_a_killed_server_starts_again_with_all_that_was_committed(server: postgres.Server) -> None:
    server.start()
    server.create_database("palier")
    remember(server, 1)
    assert server.process is not None
    server.process.kill()
    server.process.wait()
    server.start()
    assert kept(server) == [1]


SUPERVISOR = """
import sys, time
from pathlib import Path
from palier_stack import leash, postgres
if sys.argv[2] == "loose":
    leash.die_with_parent = lambda sign: None
server = postgres.Server(Path(sys.argv[1]), options=postgres.FAST_AND_FORGETFUL)
server.start()
print(server.process.pid, flush=True)
sys.stdin.read()
"""


def killed_supervisor(home: Path, tie: str) -> int:
    """Starts a server in another process and kills that process; answers the server's process id."""
    supervisor = subprocess.Popen(
        [sys.executable, "-c", SUPERVISOR, str(home), tie], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert supervisor.stdout is not None
    assert supervisor.stdin is not None
    with supervisor.stdout, supervisor.stdin:
        pid = int(supervisor.stdout.readline())
        supervisor.kill()
        supervisor.wait()
    return pid


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent died")
def test_a_killed_supervisor_takes_its_server_along(server: postgres.Server) -> None:
    pid = killed_supervisor(server.home, "tied")
    until(lambda: not leash.runs(pid, [str(server.data)]), "the end of the server")


def test_a_server_left_behind_is_stopped_by_the_next_start(server: postgres.Server) -> None:
    pid = killed_supervisor(server.home, "loose")
    assert leash.runs(pid, [str(server.data)])
    server.start()
    assert not leash.runs(pid, [str(server.data)])
    assert server.process is not None
    assert server.process.pid != pid


@pytest.mark.parametrize("holder", ["nobody", "another program"])
def test_the_note_of_a_dead_server_is_in_nobodys_way(server: postgres.Server, holder: str) -> None:
    server.start()
    note = (server.data / "postmaster.pid").read_text().splitlines()
    server.stop()
    stranger = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    pid = stranger.pid
    if holder == "nobody":
        stranger.kill()
        stranger.wait()
    (server.data / "postmaster.pid").write_text("\n".join([str(pid), *note[1:]]))
    server.start()
    if holder != "nobody":
        assert stranger.poll() is None, "a stranger's process was ended"
    assert stranger.stdin is not None
    stranger.stdin.close()
    stranger.wait()


def test_a_busy_port_gives_way_to_the_next_free_one(home: Path) -> None:
    with socket.create_server((ports.LOOPBACK, 0)) as busy:
        wanted = busy.getsockname()[1]
        server = postgres.Server(home, options=FAST, port=wanted)
        try:
            server.start()
            assert server.port > wanted
        finally:
            server.stop()
            subprocess.run(["rm", "-rf", str(server.home)], check=True)


def test_data_of_another_version_are_left_alone_and_named(server: postgres.Server) -> None:
    server.start()
    server.stop()
    (server.data / "PG_VERSION").write_text("12\n")
    with pytest.raises(StackError, match="made by PostgreSQL 12"):
        server.start()


def test_an_interrupted_first_start_leaves_nothing_half_made(server: postgres.Server) -> None:
    (server.home / "data.new").mkdir(parents=True)
    (server.home / "data.new" / "PG_VERSION").write_text("18\n")
    assert not server.exists
    server.start()
    assert server.exists


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_an_ordinary_user_runs_it_as_themselves(server: postgres.Server) -> None:
    entry = pwd.getpwnam("nobody")
    server.home.mkdir(parents=True)
    os.chown(server.home, entry.pw_uid, entry.pw_gid)
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setgid(entry.pw_gid)
        os.setuid(entry.pw_uid)
        os.write(write, _start_and_report(server.home).encode())
        os._exit(0)
    os.close(write)
    os.waitpid(child, 0)
    with os.fdopen(read) as report:
        assert report.read() == f"uid {entry.pw_uid} answers 1"


def _start_and_report(home: Path) -> str:
    """In the forked process: what happened, as text; an error must not unwind into the test run's own frames."""
    try:
        with postgres.running(home, options=FAST) as server, psycopg.connect(server.url("postgres")) as connection:
            owner = (server.data / "postmaster.pid").stat().st_uid
            row = connection.execute("SELECT 1").fetchone()
            return f"uid {owner} answers {row[0] if row else None}"
    except Exception as error:
        return repr(error)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root meets folders that the server's user cannot reach")
def test_below_a_private_folder_root_uses_a_reachable_one_and_opens_nothing(tmp_path: Path) -> None:
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    server = postgres.Server(private / "data", options=FAST)
    try:
        server.start()
        assert server.home.is_relative_to(places.FALLBACK)
        assert private.stat().st_mode & 0o777 == 0o700
    finally:
        server.stop()
        subprocess.run(["rm", "-rf", str(server.home)], check=True)


def test_an_operators_server_is_checked_before_it_is_used(server: postgres.Server) -> None:
    server.start()
    postgres.check_own(server.url("postgres"))
    with pytest.raises(StackError, match="no database answers there") as refused:
        postgres.check_own(f"postgresql://someone:sesame@{ports.LOOPBACK}:{ports.any_free()}/palier")
    assert "sesame" not in str(refused.value)


def test_without_any_postgresql_one_sentence_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(postgres, "DEBIAN", tmp_path / "none")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(StackError, match="make setup"):
        postgres.find_programs()
