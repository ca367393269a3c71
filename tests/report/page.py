"""The report for people, in Markdown, made of its JSON and of nothing else."""

from typing import Any, Final

from tests.report.account import ROOT

JSON: Final = ROOT / "docs" / "reference" / "proof.json"
PAGE: Final = ROOT / "docs" / "reference" / "proof.md"
CHART: Final = ROOT / "docs" / "images" / "proof.svg"

COMMANDS: Final = {
    "pr": "`make faults` or `make test`",
    "night": "`make faults SIZE=night`",
    "release": "`make faults SIZE=release`",
}


def of(found: dict[str, Any]) -> str:
    """The whole page."""
    parts = [
        "# What was done to Palier, and what came of it",
        f"<!-- Made by `python -m tests.report` from {JSON.name}; whatever is changed here by hand is lost. -->",
        _verdict(found),
        "![Each figure beside its floor](../images/proof.svg)",
        _circumstances(found),
        *_again(found),
        "## What happened",
        "Each line counts what was *observed*: the process that died of SIGKILL, the answer that never came, the "
        "refused fence. The bound is the rule of three: with none in *n*, at most 3/*n* with 95 % confidence.",
        _figures(found),
        *_kill_points(found),
        "## How long it took",
        _measures(found),
        "## Bugs planted to be found",
        "Each is a defect that billing systems have shipped, switched on in the tests alone; a harness that never "
        "fails proves nothing.",
        _planted(found),
        "## What this does not show",
        "\n".join(f"- {limit}" for limit in found["limits"]),
        "How each fault is played, and how to repeat a case: [faults](faults.md). What is asked of the books: "
        "[invariants](invariants.md).",
    ]
    return "\n\n".join(parts) + "\n"


def summary(found: dict[str, Any]) -> str:
    """For the terminal: each figure on a line, and those that are short."""
    rows = [f"  {figure['counted']:>10,} of {figure['floor']:>9,}  {figure['title']}" for figure in found["figures"]]
    short = ", ".join(found["short"]) or "none"
    said = ["What happened, and how often at the least:", *rows, f"Short of what is asked: {short}."]
    return "\n".join([*said, *_again(found)])


def _verdict(found: dict[str, Any]) -> str:
    failed, short = len(found["failed"]), len(found["short"])
    if not failed and not short:
        return "**Nobody was charged twice, and nothing that was paid was lost.** Every figure reached its floor."
    said = [f"{failed} tests failed"] if failed else ["No test failed"]
    if short:
        said.append(f"{short} figures did not reach what is asked of them")
    return f"**{' and '.join(said)}.**"


def _circumstances(found: dict[str, Any]) -> str:
    machine, tests = found["machine"], found["tests"]
    commit = found["commit"][:12] + (" with changes" if found["changed"] else "")
    return (
        f"Size `{found['size']}` ({COMMANDS[found['size']]}), commit `{commit}`, {found['began_at'][:10]}, "
        f"{_duration(found['seconds'])}: {tests.get('passed', 0):,} tests passed, {tests.get('failed', 0):,} failed. "
        f"{machine['processors']} processors, {machine['memory_gib']} GiB, {machine['system']}, Python "
        f"{machine['python']}, Django {machine['django']}, PostgreSQL {machine['postgresql']}."
    )


def _again(found: dict[str, Any]) -> list[str]:
    """The tests that waited in vain beside the others and passed alone; nothing where there was none."""
    names = ", ".join(f"`{name}`" for name in found.get("again", []))
    return [f"Waited in vain beside the others, played once more, and passed alone: {names}."] if names else []


def _figures(found: dict[str, Any]) -> str:
    head = [
        "| What | Counted | At least | What never came of it | Bound | Took | Seeds |",
        "|---|--:|--:|---|--:|--:|---|",
    ]
    return "\n".join([*head, *(_figure(figure, found["short"]) for figure in found["figures"])])


def _figure(figure: dict[str, Any], short: list[str]) -> str:
    seeds = ", ".join(figure["seeds"][:4]) + (" …" if len(figure["seeds"]) > 4 else "")
    counted = f"{figure['counted']:,}" + (" **short**" if figure["name"] in short else "")
    took = _duration(figure["seconds"])
    cells = [figure["title"], counted, f"{figure['floor']:,}", _harm(figure), _bound(figure), took, seeds]
    return f"| {' | '.join(cells)} |"


def _harm(figure: dict[str, Any]) -> str:
    if not figure["counted"]:
        return "did not happen"
    return (
        f"{figure['failed'] or 0} {figure['harm']}" if not figure["failed"] else f"**{figure['failed']} tests failed**"
    )


def _bound(figure: dict[str, Any]) -> str:
    percent = (figure["at_most"] or 0) * 100
    if not 0 < percent < 100:
        return ""  # so few say nothing about all
    return f"{percent:.0f} %" if percent >= 10 else f"{percent:.2g} %"


def _kill_points(found: dict[str, Any]) -> list[str]:
    """Each flow with its points; nothing for a report that was made before they were told."""
    rows = found.get("kill_points")
    if not rows:
        return []
    every = {name: sum(row[name] for row in rows) for name in ("points", "moments", "killed")} | {"story": "All"}
    head = ["| Flow | Points recorded | Moments | Killed at | Share |", "|---|--:|--:|--:|--:|"]
    return [
        "## Where each flow was killed",
        "Each flow is played once without a death, and every point that it passes is recorded. Two points between "
        "which nothing leaves the process are one moment.",
        "\n".join([*head, *(_of_a_flow(row, found["short"]) for row in (*rows, every))]),
    ]


def _of_a_flow(row: dict[str, Any], short: list[str]) -> str:
    counts = [f"{row[name]:,}" for name in ("points", "moments", "killed")]
    share = f"{row['killed'] * 100 // row['moments']} %" + (" **short**" if row["story"] in short else "")
    return f"| {' | '.join([row['story'].replace('_', ' '), *counts, share])} |"


def _measures(found: dict[str, Any]) -> str:
    asked = any("ceiling" in measure for measure in found["measures"])
    head = ["From … to …", "Times", "Median", "99 of 100", "Longest", *(["99 of 100 at the most"] if asked else [])]
    rows = [f"| {' | '.join(head)} |", f"|---|{'--:|' * (len(head) - 1)}"]
    for measure in found["measures"]:
        keys = ("median", "p99", "most", *(("ceiling",) if asked else ()))
        times = [f"{measure[key]:,.2f} s" if key in measure else "" for key in keys]
        title = measure["title"] + (" **short**" if measure["name"] in found["short"] else "")
        rows.append(f"| {title} | {measure['times']:,} | {' | '.join(times)} |")
    return "\n".join(rows)


def _planted(found: dict[str, Any]) -> str:
    rows = [
        f"| {row['bug'].replace('_', ' ')} | {row['check']} | {_duration(row['seconds'])} |"
        for row in found["planted_bugs"]
    ]
    return "\n".join(["| Bug | Caught by | Took |", "|---|---|--:|", *rows])


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
