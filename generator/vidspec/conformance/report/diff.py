"""Two runs of the same dialect side by side: what got better, and what got worse."""

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from vidspec.conformance.report.markdown import plain
from vidspec.conformance.report.summary import answer
from vidspec.conformance.run import Run
from vidspec.conformance.verdicts import Verdict
from vidspec.errors import UsageError

#: How bad a verdict is; verdicts that say nothing of the gateway are not here.
_RANKS: Final[Mapping[Verdict, int]] = {
    "pass": 0,
    "warn": 1,
    "known": 1,
    "unsupported": 2,
    "fail": 3,
    "untestable": 3,
    "error": 3,
}
DIFF_KINDS: Final = ("text", "markdown", "json")


@dataclass(frozen=True, slots=True)
class Change:
    """A requirement with another verdict than before; None: the run did not know the requirement."""

    requirement: str
    before: Verdict | None
    after: Verdict | None
    reason: str


@dataclass(frozen=True, slots=True)
class Difference:
    """What lies between two runs. ``other``: judged now and not before, or the other way round."""

    before: str
    after: str
    worse: tuple[Change, ...]
    better: tuple[Change, ...]
    other: tuple[Change, ...]
    #: Why the second run cannot vouch for anything, or empty.
    incomplete: str

    @property
    def exit_code(self) -> int:
        """1 if something got worse, or if the second run did not come to its end."""
        return 1 if self.worse or self.incomplete else 0


def compare(before: Run, after: Run) -> Difference:
    """Compare two runs; raise UsageError if they are about different dialects."""
    if before.header.dialect != after.header.dialect:
        message = f"the runs speak of {before.header.dialect} and of {after.header.dialect}"
        raise UsageError(message, hint="Compare two runs of one dialect.")
    old = {outcome.requirement: outcome for outcome in before.outcomes}
    new = {outcome.requirement: outcome for outcome in after.outcomes}
    sides: dict[str, list[Change]] = {"worse": [], "better": [], "other": []}
    for name in dict.fromkeys((*old, *new)):
        was = old[name].verdict if name in old else None
        now = new[name].verdict if name in new else None
        if was != now:
            reason = " ".join(new[name].reason.split()) if name in new else ""
            sides[_side(was, now)].append(Change(name, was, now, reason))
    incomplete = ""
    if after.findings:
        incomplete = after.findings[0].message
    elif after.footer.state != "complete":
        incomplete = f"the second run did not come to its end: {after.footer.reason}"
    return Difference(
        _name(before),
        _name(after),
        tuple(sides["worse"]),
        tuple(sides["better"]),
        tuple(sides["other"]),
        incomplete,
    )


def _side(was: Verdict | None, now: Verdict | None) -> str:
    old = _RANKS.get(was) if was else None
    new = _RANKS.get(now) if now else None
    if old is None or new is None:
        # Nobody looked before, and what is seen now is broken: that cannot pass as no change.
        return "worse" if new == _RANKS["fail"] else "other"
    if old == new:
        return "other"
    return "worse" if new > old else "better"


def _name(run: Run) -> str:
    return f"{run.header.url} ({run.header.mode}, {answer(run)})"


def render_diff(difference: Difference, kind: str) -> str:
    """Return the comparison as text, Markdown or JSON."""
    if kind == "json":
        value = {**dataclasses.asdict(difference), "exit_code": difference.exit_code}
        return json.dumps(value, ensure_ascii=False, indent=2) + "\n"
    marked = kind == "markdown"
    say = plain if marked else str
    lines = [f"{say(difference.before)} → {say(difference.after)}", ""]
    if difference.incomplete:
        lines += [say(difference.incomplete), ""]
    for title in ("worse", "better", "other"):
        changes: tuple[Change, ...] = getattr(difference, title)
        if not changes:
            continue
        lines += [f"{'### ' if marked else ''}{len(changes)} {title}", ""]
        for change in changes:
            words = " → ".join(_word(verdict) for verdict in (change.before, change.after))
            bullet = f"{'- ' if marked else '  '}{say(change.requirement)}: {words}"
            lines.append(f"{bullet}; {say(change.reason)}" if change.reason else bullet)
        lines.append("")
    if not (difference.worse or difference.better or difference.other):
        lines.append("No requirement has another verdict.")
    return "\n".join(lines).rstrip() + "\n"


def _word(verdict: Verdict | None) -> str:
    return verdict.replace("_", " ") if verdict else "not in the run"
