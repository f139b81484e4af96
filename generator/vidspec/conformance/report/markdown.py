"""The report as Markdown: for a step summary, a pull request or a ticket."""

import re
from collections.abc import Iterable
from typing import Final

from vidspec.conformance.report.summary import BAD, answer, figures, rows, started
from vidspec.conformance.run import Run
from vidspec.conformance.verdicts import Verdict

_MARKS: Final = re.compile(r"([\\`*_\[\]|~#!])")
_OTHER: Final[tuple[Verdict, ...]] = ("not_reached", "unsupported", "disabled")
#: A step summary may have 1 MiB; a run in which everything fails must fit.
_MOST_TEXT: Final = 1000


def markdown(run: Run) -> str:
    """Return the report; whatever comes from the gateway is escaped and stays on its line."""
    header = run.header
    mark = "✅" if run.exit_code == 0 else "❌"
    lines = [
        f"## {mark} {plain(header.url)} {answer(run)}",
        "",
        f"{plain(header.title)} · mode {header.mode} · {started(run)} · {figures(run)}",
        "",
    ]
    if run.footer.state != "complete":
        lines += [f"**The run did not come to its end:** {plain(run.footer.reason)}", ""]
    for finding in run.findings:
        lines += [f"**{plain(finding.message)}** {plain(finding.hint)}", ""]
    if not run.findings:
        lines += [*_operations(run), *_bad(run), *_lapsed(run), *_left_out(run)]
    return "\n".join(lines).rstrip() + "\n"


def plain(text: str) -> str:
    """Return the text on one line, cut, with nothing in it that Markdown or HTML would read."""
    flat = " ".join(text.split())
    cut = flat if len(flat) <= _MOST_TEXT else f"{flat[:_MOST_TEXT]}…"
    safe = cut.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _MARKS.sub(r"\\\1", safe)


def table(rows: Iterable[Iterable[str]]) -> list[str]:
    """Return a table; the first row is the head, cells are Markdown already."""
    lines = [f"| {' | '.join(row)} |" for row in rows]
    columns = lines[0].count(" | ") + 1
    return [lines[0], f"|{' --- |' * columns}", *lines[1:], ""]


def _operations(run: Run) -> list[str]:
    head = ("operation", "pass", "fail", "warn", "known", "not judged", "worst")
    body = [
        (
            plain(row.path),
            str(row.count("pass")),
            str(row.count("fail") or ""),
            str(row.count("warn") or ""),
            str(row.count("known") or ""),
            str(len(row.outcomes) - row.exercised or ""),
            f"**{row.answer}**" if row.answer in BAD else row.answer,
        )
        for row in rows(run)
    ]
    return table([head, *body])


def _bad(run: Run) -> list[str]:
    rules, lines = run.rules, []
    for verdict in BAD:
        found = [outcome for outcome in run.outcomes if outcome.verdict == verdict]
        if not found:
            continue
        lines += [f"### {len(found)} {verdict}", ""]
        for outcome in found:
            sentence = plain(rules[outcome.requirement].sentence)
            lines += [f"- **{plain(outcome.requirement)}**: {sentence}"]
            lines += [f"  <br>{plain(outcome.reason)}"] if outcome.reason else []
        lines += [""]
    return lines


def _lapsed(run: Run) -> list[str]:
    if not run.lapsed:
        return []
    told = [f"- {e.kind}: **{plain(e.requirement)}**: {plain(e.message)}" for e in run.lapsed]
    return ["### The baseline is no longer true", "", *told, ""]


def _left_out(run: Run) -> list[str]:
    counts = run.counts()
    said = [f"{counts[v]} {v.replace('_', ' ')}" for v in _OTHER if v in counts]
    return [f"Not judged: {', '.join(said)}.", ""] if said else []
