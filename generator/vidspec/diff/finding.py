"""What a comparison found, and the collector that it reports to."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from vidspec.diff.kinds import Kind, Severity
from vidspec.diff.kinds_gateway import GATEWAY_KINDS
from vidspec.diff.kinds_http import HTTP_KINDS
from vidspec.diff.kinds_promise import PROMISE_KINDS
from vidspec.diff.kinds_schema import SCHEMA_KINDS
from vidspec.diff.kinds_video import VIDEO_KINDS
from vidspec.diff.node import Node
from vidspec.source import Location

#: Every kind of change, by code.
KINDS: Final = {
    found.code: found
    for found in (*HTTP_KINDS, *PROMISE_KINDS, *SCHEMA_KINDS, *VIDEO_KINDS, *GATEWAY_KINDS)
}

Pair = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """One change: its kind, where it is, what it is, and where either side says so."""

    kind: Kind
    #: The document (``""`` where a single file faces another), then the place in words.
    document: str
    where: str
    message: str
    old: Location | None
    new: Location | None
    old_pointer: str | None
    new_pointer: str | None
    #: The operations (as ``POST /videos``) that are concerned.
    operations: tuple[str, ...]

    @property
    def code(self) -> str:
        """The kind's code."""
        return self.kind.code


@dataclass(frozen=True, slots=True)
class Diff:
    """Everything that a comparison found, the worst first."""

    old: str
    new: str
    findings: tuple[Finding, ...]
    #: What costs less than this is counted, and not shown.
    least: Severity = Severity.compatible

    def shown(self, side: str) -> list[Finding]:
        """Return the findings that are to be shown, the worst for ``side`` first."""
        found = [f for f in self.findings if f.kind.severity(side).rank <= self.least.rank]
        return sorted(found, key=lambda f: (f.kind.severity(side).rank, f.document))

    def severe(self, side: str, allow: Collection[str] = ()) -> list[Finding]:
        """Return the findings that break ``side`` and are not allowed."""
        return [
            f
            for f in self.findings
            if f.kind.severity(side) is Severity.breaking and f.code not in allow
        ]

    def count(self, side: str) -> dict[Severity, int]:
        """Return how many findings there are of each severity."""
        total = dict.fromkeys(Severity, 0)
        for finding in self.findings:
            total[finding.kind.severity(side)] += 1
        return total


@dataclass(frozen=True, slots=True)
class _Raw:
    code: str
    where: str
    message: str
    old: Node | None
    new: Node | None
    pair: Pair | None
    operation: str | None

    @property
    def key(self) -> tuple[object, ...]:
        places = (self.old and self.old.key, self.new and self.new.key)
        return self.code, self.where, self.message, *places, self.operation


@dataclass(slots=True)
class Collector:
    """Takes reports while two documents are walked.

    What stands in a shared schema is reported once; the edges between pairs of schemas say which operations reach it.
    """

    document: str = ""
    off: Collection[str] = ()
    _reports: list[_Raw] = field(default_factory=list)
    _parents: dict[Pair, set[Pair | str]] = field(default_factory=lambda: defaultdict(set))

    def report(
        self,
        code: str,
        where: str,
        message: str,
        old: Node | None,
        new: Node | None,
        *,
        pair: Pair | None = None,
        operation: str | None = None,
    ) -> None:
        """Take one change, unless its kind is switched off."""
        if code not in KINDS:
            raise KeyError(code)
        if code not in self.off:
            self._reports.append(_Raw(code, where, message, old, new, pair, operation))

    def edge(self, parent: "Pair | str", child: Pair) -> None:
        """Note that an operation (by name) or a pair of schemas uses a pair of schemas."""
        if parent != child:
            self._parents[child].add(parent)

    def findings(self) -> list[Finding]:
        """Return what was reported, each once."""
        users = cache(self._users)
        found = []
        for raw in {raw.key: raw for raw in self._reports}.values():
            operations: Iterable[str] = (raw.operation,) if raw.operation else ()
            if raw.pair is not None:
                operations = users(raw.pair)
            found.append(
                Finding(
                    KINDS[raw.code],
                    self.document,
                    raw.where,
                    raw.message,
                    raw.old.location if raw.old else None,
                    raw.new.location if raw.new else None,
                    raw.old.pointer if raw.old else None,
                    raw.new.pointer if raw.new else None,
                    tuple(operations),
                )
            )
        return found

    def _users(self, pair: Pair) -> tuple[str, ...]:
        seen, todo, users = {pair}, [pair], set[str]()
        while todo:
            for parent in self._parents.get(todo.pop(), ()):
                if isinstance(parent, str):
                    users.add(parent)
                elif parent not in seen:
                    seen.add(parent)
                    todo.append(parent)
        return tuple(sorted(users))
