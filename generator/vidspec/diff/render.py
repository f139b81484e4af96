"""A comparison as text for a terminal, JSON, a Markdown changelog section, or GitHub annotations."""

import json
from collections.abc import Callable, Collection
from typing import Any, Final

from vidspec.diff.finding import Diff, Finding
from vidspec.diff.kinds import Severity
from vidspec.source import Location

_COLOURS: Final = {Severity.breaking: "31;1", Severity.risky: "33", Severity.compatible: "32"}
_TITLES: Final = {
    Severity.breaking: "Breaking",
    Severity.risky: "Risky",
    Severity.compatible: "Compatible",
}
_LEVELS: Final = {
    Severity.breaking: "error",
    Severity.risky: "warning",
    Severity.compatible: "notice",
}
_MOST_OPERATIONS = 4


def render(
    diff: Diff, form: str, *, side: str, allow: Collection[str] = (), colour: bool = False
) -> str:
    """Return the comparison in one of FORMATS, without an end of line; ``side`` is whose severity counts."""
    return FORMATS[form](diff, side, allow, colour)


def _text(diff: Diff, side: str, allow: Collection[str], colour: bool) -> str:
    lines: list[str] = []
    for finding in diff.shown(side):
        severity = finding.kind.severity(side)
        allowed = severity is Severity.breaking and finding.code in allow
        mark = f"\x1b[{_COLOURS[severity]}m{severity}\x1b[0m" if colour else str(severity)
        place = f"{finding.document}: " if finding.document else ""
        lines += [
            f"{mark} {finding.code}{' (allowed)' if allowed else ''}",
            f"  {place}{finding.where}: {finding.message}",
            *(f"  {line}" for line in _details(finding)),
        ]
    return "\n".join([*lines, *([""] if lines else []), totals(diff, side)])


def _details(finding: Finding) -> list[str]:
    kind = finding.kind
    lines = [f"client {kind.client}, server {kind.server}: {kind.why}"]
    used = [name for name in finding.operations if not finding.where.startswith(name)]
    if used:
        lines.append(f"used by {_some(used)}")
    if finding.old:
        lines.append(f"old {_place(finding.old, finding.old_pointer)}")
    if finding.new:
        lines.append(f"new {_place(finding.new, finding.new_pointer)}")
    return lines


def _place(location: Location, pointer: str | None) -> str:
    return f"{location} #{pointer or ''}"


def _some(names: list[str]) -> str:
    more = len(names) - _MOST_OPERATIONS
    return ", ".join(names[:_MOST_OPERATIONS]) + (f" and {more} more" if more > 0 else "")


def totals(diff: Diff, side: str) -> str:
    """Return the counts as a sentence."""
    if not diff.findings:
        return f"{diff.old} and {diff.new}: no change that anybody could notice."
    counts = ", ".join(f"{n} {severity}" for severity, n in diff.count(side).items())
    whom = "clients and servers" if side == "both" else f"{side}s"
    hidden = len(diff.findings) - len(diff.shown(side))
    rest = f" {hidden} of them are not shown." if hidden else ""
    return f"{len(diff.findings)} changes: {counts} (for {whom}).{rest}"


def _json(diff: Diff, side: str, allow: Collection[str], _: bool) -> str:
    said = {
        "old": diff.old,
        "new": diff.new,
        "side": side,
        "counts": {str(severity): n for severity, n in diff.count(side).items()},
        "findings": [_record(f, side, allow) for f in diff.shown(side)],
    }
    return json.dumps(said, indent=2, ensure_ascii=False)


def _record(finding: Finding, side: str, allow: Collection[str]) -> dict[str, Any]:
    return {
        "code": finding.code,
        "severity": finding.kind.severity(side),
        "client": finding.kind.client,
        "server": finding.kind.server,
        "allowed": finding.code in allow,
        "document": finding.document,
        "where": finding.where,
        "message": finding.message,
        "why": finding.kind.why,
        "operations": list(finding.operations),
        "old": _json_place(finding.old, finding.old_pointer),
        "new": _json_place(finding.new, finding.new_pointer),
    }


def _json_place(location: Location | None, pointer: str | None) -> dict[str, Any] | None:
    if location is None:
        return None
    at = {"file": location.file, "line": location.line, "column": location.column}
    return at | {"pointer": pointer or ""}


def _markdown(diff: Diff, side: str, _: Collection[str], __: bool) -> str:
    shown = diff.shown(side)
    if not shown:
        return totals(diff, side) if diff.findings else "No change that anybody could notice."
    lines: list[str] = []
    for severity in Severity:
        found = [f for f in shown if f.kind.severity(side) is severity]
        if not found:
            continue
        lines += [*([""] if lines else []), f"### {_TITLES[severity]}", ""]
        document = None
        for finding in found:
            if finding.document != document:
                document = finding.document
                if document:
                    lines.append(f"- **{_escaped(document)}**")
            indent = "  " if document else ""
            where, message = _escaped(finding.where), _escaped(finding.message)
            lines.append(f"{indent}- {where}: {message}. (`{finding.code}`)")
    return "\n".join(lines)


def _escaped(text: str) -> str:
    for character in "\\`*_[]<>|#":
        text = text.replace(character, f"\\{character}")
    return text


def _github(diff: Diff, side: str, allow: Collection[str], _: bool) -> str:
    lines = []
    for finding in diff.shown(side):
        severity = finding.kind.severity(side)
        level = "notice" if finding.code in allow else _LEVELS[severity]
        at = finding.new or finding.old
        place = f" file={_property(at.file)},line={at.line},col={at.column}," if at else " "
        said = f"{finding.where}: {finding.message}. {finding.kind.why}"
        lines.append(f"::{level}{place}title={_property(finding.code)}::{_data(said)}")
    return "\n".join([*lines, totals(diff, side)])


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


#: Name of a format → what writes it.
FORMATS: Final[dict[str, Callable[[Diff, str, Collection[str], bool], str]]] = {
    "text": _text,
    "json": _json,
    "markdown": _markdown,
    "github": _github,
}
