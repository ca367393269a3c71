"""The rules of the house that no tool knows, as functions: source in, breaches out (each "line: sentence")."""

import ast
import re
from collections.abc import Iterator

LONGEST_FILE = 400
WRITES = {
    *("save", "create", "update", "delete", "bulk_create", "bulk_update", "get_or_create", "update_or_create"),
    *("asave", "acreate", "aupdate", "adelete", "abulk_create", "abulk_update", "aget_or_create", "aupdate_or_create"),
}
WALL_CLOCKS = {"now", "utcnow", "today", "localtime", "gmtime", "localdate", "time", "time_ns"}
CLOCK_OWNERS = {"datetime", "date", "timezone", "time", "dt"}
LONGEST_PAUSE_SECONDS = 0.25
UNFINISHED = re.compile(r"\b(TO" + r"DO|FIX" + r"ME)\b")


def calls(source: str) -> Iterator[tuple[int, str, ast.Call]]:
    """Every call: its line, the dotted name as written (`a.b.c`), its node."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            yield node.lineno, ast.unparse(node.func), node


def imports(source: str) -> Iterator[tuple[int, str]]:
    """Every imported name with its module: `django.dispatch.receiver`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def signals(source: str) -> list[str]:
    """What happens next stands in the flow that makes it happen, never in a Django signal."""
    return [
        f"{line}: {name} is a signal; call the function instead"
        for line, name in imports(source)
        if name.startswith("django.dispatch") or ".signals" in f".{name}."
    ]


def wall_clock(source: str) -> list[str]:
    """Only kit/clock.py reads the clock."""
    found = []
    for line, name, _ in calls(source):
        owner, _, last = name.rpartition(".")
        if last in WALL_CLOCKS and owner.rpartition(".")[2] in CLOCK_OWNERS:
            found.append(f"{line}: {name}() reads the clock; take `now` as an argument")
    found += [
        f"{node.value.lineno}: {node.arg} reads the clock; take `now` as an argument"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.keyword) and node.arg in {"auto_now", "auto_now_add"}
    ]
    found += [
        f"{line}: {name} reads the database's clock"
        for line, name in imports(source)
        if name == "django.db.models.functions.Now"
    ]
    return found


def reads_now(source: str) -> list[str]:
    """Below the interfaces `now` is an argument: not even kit.clock is asked."""
    return [f"{line}: {name} asks for the time" for line, name, _ in calls(source) if name.endswith("clock.now")]


def inexact(source: str) -> list[str]:
    """The engine counts in integers and fractions."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div):
            found.append(f"{node.lineno}: `/` may make a float; use Fraction or //")
        elif isinstance(node, ast.Constant) and isinstance(node.value, float):
            found.append(f"{node.lineno}: {node.value} is a float")
    found += [
        f"{line}: {name}() is not exact; use round_minor"
        for line, name, _ in calls(source)
        if name in {"round", "float", "math.floor", "math.ceil"}
    ]
    return found


def writes(source: str) -> list[str]:
    """An interface translates; flows and actions write (`details.save` is a flow where `details` comes from flows)."""
    verbs = {
        name.rpartition(".")[2]
        for _, name in imports(source)
        if re.match(r"palier\.(flows|interfaces)\.|palier\.apps\.\w+\.actions$", name)
    }
    return [
        f"{line}: {name}() writes; call a flow or an action"
        for line, name, _ in calls(source)
        if "." in name and name.rpartition(".")[2] in WRITES and name.split(".")[0] not in {*verbs, "super()"}
    ]


def deferred_jobs(source: str) -> tuple[set[str], list[str]]:
    """The names of the jobs that are deferred, and breaches where a name is not a literal."""
    names, breaches = set(), []
    for line, name, node in calls(source):
        if name not in {"defer", "jobs.defer"}:
            continue
        first = node.args[0] if node.args else None
        if isinstance(first, ast.Constant) and isinstance(first.value, str):
            names.add(first.value)
        else:
            breaches.append(f"{line}: defer() needs the job's name as a literal")
    return names, breaches


def defined_jobs(source: str) -> set[str]:
    """The names given in `@app.task(name="...")`."""
    return {
        keyword.value.value
        for _, name, node in calls(source)
        if name.endswith(".task")
        for keyword in node.keywords
        if keyword.arg == "name" and isinstance(keyword.value, ast.Constant) and isinstance(keyword.value.value, str)
    }


def mocks(source: str) -> list[str]:
    """Our own parts are never replaced by a mock."""
    return [
        f"{line}: {name}" for line, name in imports(source) if name.startswith(("unittest.mock", "mock", "pytest_mock"))
    ]


def pauses(source: str) -> list[str]:
    """A wait has a condition; a pause between two looks at it is short."""
    found = []
    for line, name, node in calls(source):
        if name.rpartition(".")[2] != "sleep" or not node.args:
            continue
        match node.args[0]:
            case ast.Constant(value=int() | float() as seconds) if seconds > LONGEST_PAUSE_SECONDS:
                found.append(f"{line}: {ast.unparse(node)} waits for time; wait for a condition")
    return found


def too_long(source: str) -> list[str]:
    """A file has one subject."""
    lines = source.count("\n")
    return [f"{lines}: more than {LONGEST_FILE} lines; does it hold two subjects?"] if lines > LONGEST_FILE else []


def unfinished(source: str) -> list[str]:
    """What is not done is written in an issue, not in the code."""
    return [f"{n}: {line.strip()}" for n, line in enumerate(source.splitlines(), 1) if UNFINISHED.search(line)]


def hands_out(source: str) -> list[str]:
    """Files are handed out in one way, which no browser takes for a page of ours."""
    return [f"{n}: {line.strip()}" for n, line in enumerate(source.splitlines(), 1) if "Content-Disposition" in line]


def advisory_locks(source: str) -> list[str]:
    """A lock's number is known by its name only."""
    return [f"{place} {line.strip()}" for place, line in enumerate(source.splitlines(), 1) if "_advisory_" in line]


def addresses(source: str) -> list[str]:
    """A lock file names packages and hashes; where they come from is the machine's affair."""
    return [
        f"{n}: {line.strip()}"
        for n, line in enumerate(source.splitlines(), 1)
        if "://" in line or re.match(r"\s*(-i|--index-url|--extra-index-url|-f|--find-links)\b", line)
    ]
