"""What was asked and how it was answered: a bounded list of requests, and which rule of the specification each broke."""

import re
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from starlette.responses import Response
from starlette.types import Scope

from vidspec_server._runtime.errors import ServiceError
from vidspec_server._runtime.routing import OPERATION, REFUSAL

#: In a reply: the place in the document, or the cause, for which the request was refused, or let through all the same.
RULE_HEADER: Final = b"x-vidspec-rule"
WARNING_HEADER: Final = b"x-vidspec-warning"
#: In a scope: what was made to go wrong with it.
INCIDENT: Final = "vidspec.incident"

_STRUCK: Final = "***"
_SECRET = re.compile(r"key|token|secret|signature|password|credential|auth", re.IGNORECASE)
_LONGEST_PATH = 512
#: What was wrong with the request being answered but let through.
_TOLERATED: ContextVar[tuple[ServiceError, ...]] = ContextVar("tolerated", default=())


@dataclass(frozen=True, slots=True)
class Entry:
    """One request."""

    number: int
    #: Seconds since 1970.
    time: float
    #: The name of the dialect, empty for what belongs to none.
    dialect: str
    method: str
    #: Path and query, secrets struck out.
    path: str
    #: Operation id, None if the request meant none.
    operation: str | None
    #: 0: no reply was sent.
    status: int
    #: Why it was refused by the service or by the specification, None if it was not.
    cause: str | None
    #: What of the specification it broke; None: it was valid, whatever became of it.
    rule: str | None
    param: str | None
    message: str | None
    incident: str | None

    @property
    def valid(self) -> bool:
        """Whether the request was what the specification asks for."""
        return self.rule is None

    def line(self) -> str:
        """Return the entry as one line of a log."""
        where = f" {self.param}:" if self.param else ""
        text = (
            f"{self.method} {self.path} -> {self.status}"
            f" [{self.operation or 'no operation'}]{where} {self.message} (rule: {self.rule})"
        )
        return "".join(c if c.isprintable() else "?" for c in text)


class Journal:
    """The newest requests, and counts of all."""

    def __init__(self, size: int, *, on_invalid: Callable[[Entry], None] | None = None) -> None:
        """Keep at most ``size`` requests; ``on_invalid`` is told of every one that breaks a rule."""
        self._rows: deque[tuple[Any, ...]] = deque(maxlen=size)
        self._on_invalid = on_invalid
        self._number = 0
        #: By dialect and operation id, how often it was asked for rightly; by cause or rule, wrong requests.
        self.covered: dict[tuple[str, str], int] = {}
        self.invalid: Counter[str] = Counter()

    def __iter__(self) -> Iterator[Entry]:
        """Yield what is kept, oldest first."""
        return (Entry(*row) for row in tuple(self._rows))

    def __len__(self) -> int:
        return len(self._rows)

    def reset(self) -> None:
        """Forget everything."""
        self._rows.clear()
        self._number = 0
        self.covered.clear()
        self.invalid.clear()

    def observer(self, dialect: str) -> Callable[[Scope, Response], None]:
        """Return what is told of every reply of a dialect; it says in the headers what was broken."""
        rows, now, wrong_now = self._rows, time.time, _TOLERATED.get

        def observe(scope: Scope, response: Response) -> None:
            refusal: ServiceError | None = scope.get(REFUSAL)
            operation: str | None = scope.get(OPERATION)
            wrong = wrong_now()
            if refusal is None and not wrong:
                self._number += 1
                if operation is not None:
                    self.covered[dialect, operation] = self.covered.get((dialect, operation), 0) + 1
                rows.append((
                    self._number, now(), dialect, scope["method"], shown_path(scope), operation,
                    response.status_code, None, None, None, None, scope.get(INCIDENT),
                ))  # fmt: skip
                return
            _TOLERATED.set(())
            for error in (refusal, *wrong):
                if error is not None and error.rule is not None:
                    name = RULE_HEADER if error is refusal else WARNING_HEADER
                    response.raw_headers.append((name, _ascii(error.rule)))
            broken = next((e for e in (refusal, *wrong) if e and e.rule is not None), refusal)
            self.add(dialect, scope, operation, response.status_code, broken)

        return observe

    def add(
        self,
        dialect: str,
        scope: Scope,
        operation: str | None,
        status: int,
        error: ServiceError | None = None,
    ) -> None:
        """Write down one request and what was wrong with it."""
        self._number += 1
        rule = error.rule if error else None
        entry = Entry(
            self._number, time.time(), dialect, scope["method"], shown_path(scope), operation, status,
            error.cause if error else None, rule, error.param if error else None,
            _without_secrets(error.message, scope) if error else None, scope.get(INCIDENT),
        )  # fmt: skip
        self._rows.append((
            entry.number, entry.time, entry.dialect, entry.method, entry.path, entry.operation,
            entry.status, entry.cause, entry.rule, entry.param, entry.message, entry.incident,
        ))  # fmt: skip
        if rule is None:
            if operation is not None:
                self.covered[dialect, operation] = self.covered.get((dialect, operation), 0) + 1
            return
        # Rules are the document's own places and causes: there are not endlessly many.
        self.invalid[f"{rule} ({operation or 'no operation'})"] += 1
        if self._on_invalid is not None:
            self._on_invalid(entry)

    def summary(self, operations: Mapping[str, list[str]]) -> str:
        """Return, for a person, which of the operations (by dialect) were covered, and what was wrong."""
        lines = []
        for dialect, known in operations.items():
            missing = [name for name in known if (dialect, name) not in self.covered]
            lines.append(
                f"{dialect}: {len(known) - len(missing)} of {len(known)} operations covered"
            )
            if missing and len(missing) < len(known):
                lines.append(f"  never asked for: {', '.join(missing)}")
        wrong = sum(self.invalid.values())
        lines.append(f"{self._number} requests, {wrong} invalid")
        lines += [f"  {count} x {cause}" for cause, count in self.invalid.most_common(20)]
        return "\n".join(lines)


def tolerate(error: ServiceError) -> None:
    """Let the request that is being answered be wrong in this way, and remember it for its entry."""
    _TOLERATED.set((*_TOLERATED.get(), error)[:20])


def shown_path(scope: Scope) -> str:
    """Return path and query as they may be shown: cut, and without the values of anything secret."""
    path: str = scope["path"][:_LONGEST_PATH]
    query: bytes = scope.get("query_string", b"")
    if not query:
        return path
    pairs = parse_qsl(query[:_LONGEST_PATH].decode("latin-1"), keep_blank_values=True)
    shown = [(name, _STRUCK if _SECRET.search(name) else value) for name, value in pairs]
    return f"{path}?{urlencode(shown, safe='*')}"


def _without_secrets(message: str, scope: Scope) -> str:
    """Strike out of a message whatever the request showed as a credential."""
    for name, value in scope["headers"]:
        if _SECRET.search(name.decode("latin-1")):
            for secret in value.decode("latin-1").split():
                if len(secret) >= 6:
                    message = message.replace(secret, _STRUCK)
    for name, value in parse_qsl(scope.get("query_string", b"").decode("latin-1")):
        if _SECRET.search(name) and len(value) >= 6:
            message = message.replace(value, _STRUCK)
    return message


def _ascii(text: str) -> bytes:
    return text.encode("ascii", "backslashreplace")[:1000]
