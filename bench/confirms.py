"""Pay pressed and settled, the gateway apart, against pgbench that runs the very same statements."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Final

from bench import confirming, scripts, stage, timing
from bench.recording import recorded
from bench.report import Measure, at_most, figure, share_of
from bench.seeds import Buyers, buyers
from bench.stage import Stage
from palier.apps.invoices.models import Invoice, NumberSeries
from tests.world import Cast

PROCESSES: Final = 2
ROUNDS: Final = 3
CLIENTS: Final = (1, 8, 32)
ROUND_SECONDS: Final = 1.5
FEWEST, MOST = 32, 320
"""Confirms of one round: as many as our side does in its time, within these limits."""

RECORDED: Final = 5
WARM: Final = 40
LAST_NUMBER: Final = 776_999
TARGET: Final = 0.80


@dataclass(slots=True)
class Level:
    """One number of clients: rates of both sides, and the seconds of each of our confirms."""

    ours: list[float] = field(default_factory=list)
    limits: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


def measures(staged: Stage, people: Cast) -> list[Measure]:
    """Rates as shares of pgbench's, the slowest confirms of 8 clients, and our own part of the time."""
    generator = stage.pgbench()
    made = buyers(people, RECORDED + 2 * WARM + 2 * ROUNDS * len(CLIENTS) * MOST)
    script, statements, commits = _recorded(staged, made)
    levels = {clients: Level() for clients in CLIENTS}
    with _processes() as processes:
        _confirm(processes, made.next_quotes(WARM), clients=8)
        started = time.perf_counter()
        _confirm(processes, made.next_quotes(WARM), clients=8)
        turns = _turns(WARM / (time.perf_counter() - started))
        for _ in range(ROUNDS):
            for clients, level in levels.items():
                started = time.perf_counter()
                seconds = _confirm(processes, made.next_quotes(turns), clients=clients)
                level.ours.append(turns / (time.perf_counter() - started))
                level.seconds += seconds
                if generator:
                    level.limits.append(_limit(generator, staged, script, made.next(turns), clients))
    told = [Measure("confirm: statements, of them commits", f"{statements}, {commits}")]
    if generator is None:
        told.append(Measure("confirm against pgbench", "pgbench is not on this machine", f">= {TARGET:.2f}"))
    for clients, level in levels.items():
        told += _told(clients, level)
    return told


def _turns(rate: float) -> int:
    wanted = min(max(int(rate * ROUND_SECONDS), FEWEST), MOST)
    return wanted // max(CLIENTS) * max(CLIENTS)


def _told(clients: int, level: Level) -> Iterator[Measure]:
    name = f"confirm, {clients} client{'' if clients == 1 else 's'}"
    if level.limits:
        yield share_of(name, median(level.ours), median(level.limits), TARGET, "/s", of="pgbench, same statements")
    if clients == 1:
        spent = median(level.seconds) * 1000
        own = f", {figure(spent - 1000 / median(level.limits))} of them our own" if level.limits else ""
        yield Measure(f"{name}: p50", f"{figure(spent)} ms{own}")
    if clients == 8:
        yield at_most(f"{name}: p99", timing.percentile(level.seconds, 99) * 1000, 12, "ms")


def _recorded(staged: Stage, made: Buyers) -> tuple[Path, int, int]:
    """The script of one confirm; a distinctive invoice number tells where it stands in the texts."""
    *first, last = made.next(RECORDED)
    for place in first:  # the first one in a process reads more: the catalogue, the templates
        confirming.confirm(made.quotes + place)
    NumberSeries.objects.update(last_number=LAST_NUMBER)
    with recorded() as heard:
        confirming.confirm(made.quotes + last)
    path = staged.folder / "confirm.sql"
    path.write_text(scripts.script(scripts.Model(heard.texts, last, made.identities(last), LAST_NUMBER + 1)))
    alone = sum(text.startswith(("INSERT", "UPDATE", "WITH")) for text in _outside(heard.texts))
    return path, len(heard.texts), heard.texts.count("COMMIT") + alone


def _outside(texts: Sequence[str]) -> Iterator[str]:
    inside = False
    for text in texts:
        if text in ("BEGIN", "COMMIT"):
            inside = text == "BEGIN"
        elif not inside:
            yield text


@contextmanager
def _processes() -> Iterator[list[subprocess.Popen[str]]]:
    settings = {**os.environ, "PALIER_DB_POOL": str(confirming.CONNECTIONS)}
    with ExitStack() as closing:
        started = []
        for _ in range(PROCESSES):
            process = subprocess.Popen(
                [sys.executable, "-m", "bench.confirming"],
                env=settings,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            started.append(closing.enter_context(process))
            closing.callback(process.kill)
        for process in started:
            _answer(process)
        yield started


def _confirm(processes: Sequence[subprocess.Popen[str]], quotes: range, *, clients: int) -> list[float]:
    """Each process confirms its part; the seconds of all confirms."""
    working = processes[: min(clients, len(processes))]
    for place, process in enumerate(working):
        wish = {"quotes": list(quotes[place :: len(working)]), "threads": clients // len(working)}
        assert process.stdin is not None  # noqa: S101 - it was asked for
        process.stdin.write(json.dumps(wish) + "\n")
        process.stdin.flush()
    return [seconds for process in working for seconds in json.loads(_answer(process))]


def _answer(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None  # noqa: S101 - it was asked for
    line = process.stdout.readline()
    if not line:
        raise RuntimeError("a confirming process ended by itself")
    return line


def _limit(generator: Path, staged: Stage, script: Path, places: range, clients: int) -> float:
    """Transactions a second of pgbench; it must really have issued the invoices."""
    before = Invoice.objects.count()
    share = len(places) // clients
    options = ["-n", "-f", str(script), "-c", str(clients), "-j", str(min(clients, PROCESSES)), "-t", str(share)]
    options += ["-D", "turn=0", "-D", f"share={share}", "-D", f"first={places.start}"]
    answer = subprocess.run([generator, *options, staged.database_url], capture_output=True, text=True)
    rate = re.search(r"^tps = ([0-9.]+)", answer.stdout, re.MULTILINE)
    issued = Invoice.objects.count() - before
    if rate is None or issued != share * clients:
        raise RuntimeError(f"pgbench issued {issued} invoices of {share * clients}:\n{answer.stderr}")
    return float(rate[1])
