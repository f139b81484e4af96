"""Which dialect a gateway speaks, found out by free calls.

Each dialect is asked for as its document says, with the key where one was given for this gateway: what it documents
as an answer to a stranger, or about an unknown job, is compared with what came back. The answer to a path that no
document knows shows what means nothing.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

import httpx2

from vidspec.conformance.credentials import Keyring
from vidspec.conformance.exchange import Redactor
from vidspec.conformance.proxies import direct
from vidspec.conformance.reply import decode
from vidspec.conformance.requests import Draft, draft
from vidspec.conformance.routes import READING
from vidspec.conformance.samples import unknown_id
from vidspec.conformance.schema import Judge, binary
from vidspec.conformance.signing import Outgoing
from vidspec.conformance.target import Target
from vidspec.contract import Dialect, Operation
from vidspec.errors import UsageError
from vidspec.source import MISSING

_ROLES: Final = ("retrieve", "list", "content", "models")
_PLACE: Final = re.compile(r"\{\w+\}")
_STRAY: Final = "/vidspec-no-such-path/0"
_SECONDS: Final = 15.0


@dataclass(frozen=True, slots=True)
class Likeness:
    """How much a gateway is like a dialect: the operations that answer as documented."""

    dialect: str
    #: One line for each operation that was asked: ``METHOD /path: 401 as documented``.
    told: tuple[str, ...]
    #: Operations that answered as documented, of those that were asked.
    fits: int
    asked: int
    #: Words of the documented answers that came back literally.
    words: int

    @property
    def rank(self) -> tuple[float, int]:
        """Higher is more alike."""
        return (self.fits / self.asked if self.asked else 0.0, self.words)


class _Answer(NamedTuple):
    status: int
    body: Any


def recognise(
    dialects: Mapping[str, Dialect], url: str, api_key: str | None = None
) -> tuple[Likeness, ...]:
    """Return how much the gateway is like each dialect, the best first; raise UsageError if nothing answers."""
    with httpx2.Client(timeout=_SECONDS, mounts=direct(url)) as client:
        ask = _Asker(client, url, api_key)
        found = [_likeness(dialect, ask) for dialect in dialects.values()]
    return tuple(sorted(found, key=lambda likeness: likeness.rank, reverse=True))


def decided(found: Sequence[Likeness], url: str) -> Likeness:
    """Return the one dialect that the gateway is most like; raise UsageError, with the candidates, if that is not one."""
    best = [likeness for likeness in found if likeness.fits and likeness.rank == found[0].rank]
    if len(best) == 1:
        return best[0]
    hint = "Name it: --dialect NAME. Is the path of the base URL right?"
    if not best:
        message = f"{url} answers as none of {', '.join(sorted(f.dialect for f in found))} does"
        raise UsageError(message, hint=hint)
    names = ", ".join(sorted(likeness.dialect for likeness in best))
    told = "\n".join(f"  {b.dialect}: {line}" for b in best for line in b.told)
    message = f"{url} could speak any of {names}:\n{told}"
    raise UsageError(message, hint="Name one: --dialect NAME.")


class _Asker:
    """Asks each question once."""

    def __init__(self, client: httpx2.Client, url: str, api_key: str | None) -> None:
        self._client, self._url, self._api_key = client, url, api_key
        self._known: dict[tuple[str, str, bytes, str], _Answer] = {}

    def answer(self, dialect: Dialect, made: Draft) -> _Answer:
        login = self._login(dialect, made)
        key = (made.method, made.path, made.body, repr(sorted(login.items())))
        if key not in self._known:
            try:
                reply = self._client.request(
                    made.method,
                    self._url + made.path,
                    headers={**made.headers, **login},
                    content=made.body or None,
                )
            except httpx2.HTTPError as error:
                message = f"nothing answers at {self._url}: {type(error).__name__}: {error}"
                raise UsageError(message) from error
            self._known[key] = _Answer(reply.status_code, decode(reply.content))
        return self._known[key]

    def _login(self, dialect: Dialect, made: Draft) -> dict[str, str]:
        if self._api_key is None:
            return {}
        target = Target(self._url, dialect.name, api_key=self._api_key)
        try:
            keyring = Keyring.of(dialect, target, Redactor())
        except UsageError:
            # A key in several parts was not given: this dialect is asked as by a stranger.
            return {}
        parts = urlsplit(self._url + made.path)
        kind = made.headers.get("content-type")
        leaving = Outgoing(made.method, parts.netloc, parts.path, parts.query, kind, made.body)
        return keyring.login(leaving)


def _likeness(dialect: Dialect, ask: _Asker) -> Likeness:
    stray = ask.answer(dialect, Draft(None, "GET", _STRAY))
    told, fits, asked, words = [], 0, 0, 0
    for operation in _questions(dialect):
        stranger = unknown_id(dialect, dialect.surfaces[operation.surface])
        made = draft(operation, job_id=stranger)
        answer = ask.answer(dialect, made)
        asked += 1
        matched = 0 if _same(answer, stray) else _documented(dialect, operation, answer)
        fits += bool(matched)
        words = max(words, matched)
        how = "as documented" if matched else "tells nothing"
        if not matched and _same(answer, stray):
            how = "as for a path that nobody knows"
        told.append(f"{made.method} {operation.path}: {answer.status} {how}")
    return Likeness(dialect.name, tuple(told), fits, asked, words)


def _questions(dialect: Dialect) -> Iterator[Operation]:
    """Yield the operations that may be asked: free ones, by a method that changes nothing or for looking at a job."""
    for operation in dialect.operations:
        reads = operation.method in READING - {"DELETE"} or operation.role == "retrieve"
        if operation.role in _ROLES and reads and not operation.paid:
            yield operation


def _same(one: _Answer, other: _Answer) -> bool:
    return one.status == other.status and _shape(one.body) == _shape(other.body)


def _shape(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _shape(inner) for name, inner in value.items()}
    return type(value).__name__


def _documented(dialect: Dialect, operation: Operation, answer: _Answer) -> int:
    """Return how well an answer is a documented one: 0, or one more than the literal words of a cause's body."""
    if answer.body is MISSING:
        return 0
    if 200 <= answer.status < 300 and operation.reply(answer.status) and not binary(operation):
        return int(not Judge(dialect).success(operation, answer.status, answer.body))
    found = (
        _fit(cause.body, answer.body)
        for cause in operation.causes.values()
        if cause.status == answer.status
    )
    return max((words + 1 for words in found if words is not None), default=0)


def _fit(template: Any, value: Any) -> int | None:
    """Return how many words of a documented body came back literally; None where it has another shape."""
    if isinstance(template, Mapping):
        if not isinstance(value, Mapping) or template.keys() != value.keys():
            return None
        parts = [_fit(inner, value[name]) for name, inner in template.items()]
        return None if None in parts else len(parts) + sum(part or 0 for part in parts)
    if isinstance(template, str) and _PLACE.search(template):
        return 0
    return 1 if json.dumps(template) == json.dumps(value) else None
