"""Rules of the code, each with a planted counter-example so that the rule can fail."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.house import rules

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src"
PALIER = SOURCE / "palier"


def python_in(*folders: Path) -> Iterator[Path]:
    """Written by people: migrations are not."""
    for folder in folders:
        yield from (path for path in sorted(folder.rglob("*.py")) if "migrations" not in path.parts)


def text_in(*folders: Path) -> Iterator[Path]:
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            written = path.suffix in {".py", ".html", ".css", ".js", ".txt", ".toml", ".md", ".sh"} and path.is_file()
            if (
                written
                and "migrations" not in path.parts
                and "__pycache__" not in path.parts
                and path.name != "OFL.txt"
            ):
                yield path


@dataclass(frozen=True)
class Rule:
    """Where a rule holds, and two pieces of code: one that breaks it and one that keeps it."""

    check: Callable[[str], list[str]]
    files: Callable[[], Iterator[Path]]
    breaks: str
    keeps: str


RULES = {
    "no Django signals": Rule(
        rules.signals,
        lambda: python_in(SOURCE),
        "from django.db.models.signals import post_save",
        "from palier.flows import settle",
    ),
    "only kit/clock.py reads the clock": Rule(
        rules.wall_clock,
        lambda: (path for path in python_in(PALIER) if path != PALIER / "kit" / "clock.py"),
        "from django.utils import timezone\nseen_at = timezone.now()",
        "def place(quote, *, now):\n    return now.date()",
    ),
    "flows and apps take now as an argument": Rule(
        rules.reads_now,
        lambda: python_in(PALIER / "engine", PALIER / "apps", PALIER / "flows"),
        "from palier.kit import clock\nmoment = clock.now()",
        "def quote(*, now):\n    return now",
    ),
    "the engine is exact": Rule(
        rules.inexact, lambda: python_in(PALIER / "engine"), "tax = net * 20 / 100", "tax = net * 20 // 100"
    ),
    "interfaces do not write": Rule(
        rules.writes,
        lambda: python_in(PALIER / "interfaces"),
        "def view(order):\n    order.save()",
        "from palier.flows import details\ndetails.save(account)",
    ),
    "job names are literals": Rule(
        lambda source: rules.deferred_jobs(source)[1],
        lambda: (path for path in python_in(PALIER) if path != PALIER / "kit" / "jobs.py"),
        "jobs.defer(name, payment_id=1)",
        "jobs.defer('collect_payment', payment_id=1)",
    ),
    "no mock of our own parts": Rule(
        rules.mocks,
        lambda: python_in(ROOT / "tests"),
        "from unittest.mock import patch",
        "from palier.kit import clock",
    ),
    "a wait has a condition": Rule(
        rules.pauses,
        lambda: python_in(SOURCE, ROOT / "tests", ROOT / "tools"),
        "import time\ntime.sleep(2)",
        "import time\nwhile not ready():\n    time.sleep(0.02)",
    ),
    "one file, one subject": Rule(
        rules.too_long,
        lambda: (path for path in text_in(SOURCE, ROOT / "tests", ROOT / "tools") if path.suffix != ".css"),
        "a = 1\n" * 401,
        "a = 1\n" * 400,
    ),
    "nothing is left half done": Rule(
        rules.unfinished,
        lambda: text_in(SOURCE, ROOT / "tests", ROOT / "tools"),
        "# TO" + "DO: later",
        "# later: never",
    ),
    "only ui/downloads.py hands out files": Rule(
        rules.hands_out,
        lambda: (path for path in python_in(PALIER) if path != PALIER / "interfaces" / "ui" / "downloads.py"),
        'response["Content-Disposition"] = "attachment"',
        "return download(file.content, file.content_type, file.name)",
    ),
    "advisory locks are kept apart in kit/locks.py": Rule(
        rules.advisory_locks,
        lambda: (path for path in python_in(PALIER) if path != PALIER / "kit" / "locks.py"),
        'cursor.execute("SELECT pg_advisory_xact_lock(%s)", [7_021_001])',
        "locks.wait(Lock.PUBLISHING)",
    ),
    "lock files hold no address": Rule(
        rules.addresses,
        lambda: iter(sorted((ROOT / "requirements").iterdir())),
        "--index-url https://example.org/simple",
        "django==6.1.3 --hash=sha256:00",
    ),
}


@pytest.mark.parametrize("name", RULES)
def test_the_house_keeps_the_rule(name: str) -> None:
    rule = RULES[name]
    files = list(rule.files())
    assert files, "the rule looks at no file"
    breaches = [
        f"{path.relative_to(ROOT)}:{breach}"
        for path in files
        for breach in rule.check(path.read_text(encoding="utf-8"))
    ]
    assert not breaches, "\n".join([name, *breaches])


@pytest.mark.parametrize("name", RULES)
def test_the_rule_can_fail(name: str) -> None:
    rule = RULES[name]
    assert rule.check(rule.breaks), "the planted breach was not seen"
    assert not rule.check(rule.keeps), "correct code was refused"


@pytest.mark.parametrize(
    ("check", "breach"),
    [
        (rules.wall_clock, "import time\nstart = time.time()"),
        (rules.wall_clock, "class A:\n    at = DateTimeField(auto_now_add=True)"),
        (rules.wall_clock, "from django.db.models.functions import Now"),
        (rules.inexact, "share = 0.5"),
        (rules.inexact, "cents = round(value)"),
        (rules.inexact, "total /= 2"),
        (rules.writes, "Order.objects.filter(pk=1).update(state='paid')"),
        (rules.signals, "from django.dispatch import receiver"),
        (rules.addresses, "-f /opt/wheels"),
    ],
)
def test_other_ways_to_break_a_rule_are_seen(check: Callable[[str], list[str]], breach: str) -> None:
    assert check(breach)


def test_every_deferred_job_is_defined() -> None:
    deferred: set[str] = set()
    for path in python_in(PALIER):
        deferred |= rules.deferred_jobs(path.read_text())[0]
    defined: set[str] = set()
    for path in python_in(PALIER / "interfaces" / "worker"):
        defined |= rules.defined_jobs(path.read_text())
    assert deferred, "nothing is deferred: the rule looks at no code"
    assert deferred <= defined


def test_an_undefined_job_is_seen() -> None:
    names, _ = rules.deferred_jobs("jobs.defer('send_pigeon', mail_id=3)")
    assert names == {"send_pigeon"}
    assert rules.defined_jobs("@app.task(name='send_mail')\ndef send_mail(): ...") == {"send_mail"}
