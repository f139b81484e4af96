"""Replaying: kept exchanges answered again, by operation and what is asked; nothing is ever called."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.types import Receive, Scope, Send

from vidspec.contract.model import Dialect, Operation
from vidspec.mock.addresses import RESULTS
from vidspec.mock.asked import Keys, key_of
from vidspec.mock.clip import Clip
from vidspec.mock.describe import describe
from vidspec.mock.fixtures import HOME, RESULT, Exchange, read_fixtures
from vidspec.mock.identity import id_maker
from vidspec.mock.media import MEDIA_TYPES, MediaCache
from vidspec.mock.ranges import media_response
from vidspec.mock.serving import VIDEO, request_origin
from vidspec.mock.spaces import SPACE_HEADER
from vidspec.source import pointer_get
from vidspec_server._runtime.auth import any_credential
from vidspec_server._runtime.bare import BareApp
from vidspec_server._runtime.calls import Call
from vidspec_server._runtime.errors import CauseName, ServiceError

#: Says in a reply which fixture it is, or that there was none.
_HEADER = "vidspec-fixture"
#: What stands where the bytes of a video were not kept.
_NOT_KEPT = Clip(1280, 720, 5.0, "This video was not kept.")


@dataclass(slots=True)
class _Take:
    """One run through a recorded job: under its own id, and how far it has come."""

    #: Recorded text → what stands for it in this run (ids alone).
    names: dict[str, str] = field(default_factory=dict)
    #: Key → number of the exchange answered last.
    last: dict[str, int] = field(default_factory=dict)
    #: The number of the newest exchange answered that changed something.
    changed: int = 0


@dataclass(slots=True)
class _Session:
    """What one space has asked so far."""

    #: Id as shown → its take.
    takes: dict[str, _Take] = field(default_factory=dict)
    #: For what names no job.
    others: _Take = field(default_factory=_Take)


class Replayer:
    """An ASGI application that answers the operations of one dialect out of kept exchanges."""

    def __init__(self, dialect: Dialect, folder: Path, media: MediaCache, mount: str) -> None:
        """Read the fixtures; ``mount`` is the path before ours. Raises UsageError."""
        self._folder, self._media, self._mount = folder, media, mount
        self._dialect = dialect
        self._operations = {o.id: o for o in dialect.operations}
        self._keys = Keys(dialect)
        self._exchanges: dict[str, list[Exchange]] = {}
        self._facts: dict[str, list[dict[str, Any]]] = {}
        #: Recorded id → numbers of the exchanges that changed the job.
        self._changes: dict[str, list[int]] = {}
        for exchange in read_fixtures(folder):
            self._take_in(exchange)
        self._sessions: dict[str, _Session] = {}
        self._app = BareApp(
            describe(dialect), self, authenticate=any_credential, validate=False, plain=True
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["path"].startswith(RESULTS):
            await (await self._result(scope))(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def reset(self, space: str | None = None) -> None:
        """Begin again from the first exchange, in one space or in all."""
        if space is None:
            self._sessions.clear()
        else:
            self._sessions.pop(space, None)

    async def answer(self, call: Call, **_: Any) -> Response:
        """Answer the operation that the call names; raise the dialect's refusal if nothing was kept that fits."""
        session = self._sessions.setdefault(call.request.headers.get(SPACE_HEADER, ""), _Session())
        operation = self._operations[call.operation_id]
        facts = self._keys.facts(operation.id, call.path, call.query, call.body)
        take = self._take_of(session, facts)
        recorded = _renamed(facts, {shown: kept for kept, shown in take.names.items()})
        exchange = self._next(key_of(operation.id, recorded), recorded, take)
        if exchange is None:
            cause: CauseName = "not_found"
            message = self._miss(operation, recorded)
            raise ServiceError(cause, message, headers={_HEADER: "none"})
        made = self._job_id(operation, exchange)
        if made is not None:
            take = self._begin(session, take, made, exchange, call)
        elif operation.method != "GET":
            take.changed = max(take.changed, exchange.number)
        return await self._reply(
            exchange, take, request_origin(call.request) + self._mount, call.request
        )

    def _take_in(self, exchange: Exchange) -> None:
        facts = self._keys.facts(exchange.operation, exchange.path, exchange.query, exchange.body)
        self._exchanges.setdefault(key_of(exchange.operation, facts), []).append(exchange)
        self._facts.setdefault(exchange.operation, []).append(facts)
        operation = self._operations.get(exchange.operation)
        if (
            operation is not None
            and operation.method != "GET"
            and self._job_id(operation, exchange) is None
        ):
            for value in _texts(facts.values()):
                self._changes.setdefault(value, []).append(exchange.number)

    def _job_id(self, operation: Operation, exchange: Exchange) -> str | None:
        """Return the id of the job that the exchange made, None if it made none."""
        if operation.role not in {"create", "remix", "edit", "extend"} or operation.job is None:
            return None
        place = operation.job + self._dialect.surfaces[operation.surface].job["id"].pointer
        found = pointer_get(exchange.json, place, None)
        return found if isinstance(found, str) else None

    def _begin(
        self, session: _Session, source: _Take, made: str, exchange: Exchange, call: Call
    ) -> _Take:
        """Begin a run of a recorded job: the first under its recorded id, any other under one that looks like it."""
        shown = id_maker(made)() if made in session.takes else made
        take = _Take({**source.names, made: shown}, changed=exchange.number)
        kept = self._keys.external_id(call.operation_id, exchange.body)
        asked = self._keys.external_id(call.operation_id, call.body)
        session.takes[shown] = take
        if kept and asked:
            take.names[kept] = asked
            session.takes[asked] = take
        return take

    def _take_of(self, session: _Session, facts: Mapping[str, Any]) -> _Take:
        named = (session.takes.get(text) for text in _texts(facts.values()))
        return next((take for take in named if take is not None), session.others)

    def _next(self, key: str, facts: Mapping[str, Any], take: _Take) -> Exchange | None:
        """Return the exchange whose turn it is: the next one that was seen before the job was changed again."""
        kept = self._exchanges.get(key)
        if not kept:
            return None
        changes = [n for text in _texts(facts.values()) for n in self._changes.get(text, ())]
        until = min((n for n in changes if n > take.changed), default=None)
        own = any(exchange.number in changes for exchange in kept)
        fits = [
            e for e in kept
            if e.number > take.changed and (own or until is None or e.number < until)
        ] or kept  # fmt: skip
        last = take.last.get(key, 0)
        found = next((e for e in fits if e.number > last), fits[-1])
        take.last[key] = found.number
        return found

    async def _reply(
        self, exchange: Exchange, take: _Take, origin: str, request: Request
    ) -> Response:
        headers = {n: v.replace(HOME, origin) for n, v in exchange.headers.items()}
        headers[_HEADER] = f"{exchange.number:04d}-{exchange.operation}"
        if exchange.file is None:
            text = exchange.text
            if text is None:
                text = json.dumps(exchange.json, ensure_ascii=False, separators=(",", ":"))
            for kept, shown in take.names.items():
                text = text.replace(kept, shown)
            return Response(text.replace(HOME, origin), exchange.status, headers)
        kind = headers.get("content-type", VIDEO)
        if exchange.file:
            return FileResponse(self._folder / exchange.file, exchange.status, headers, kind)
        media = await self._media.get(kind if kind in MEDIA_TYPES else VIDEO, _NOT_KEPT)
        response = media_response(media, request.headers, request.method)
        response.headers[_HEADER] = headers[_HEADER]
        return response

    async def _result(self, scope: Scope) -> Response:
        facts = self._keys.facts(RESULT, {"name": scope["path"].removeprefix(RESULTS)}, {}, None)
        space = Headers(scope=scope).get(SPACE_HEADER, "")
        session = self._sessions.setdefault(space, _Session())
        exchange = self._next(key_of(RESULT, facts), facts, session.others)
        if exchange is None or scope["method"] not in {"GET", "HEAD"}:
            text = f"There is no fixture of the result {scope['path']}.\n"
            return Response(text, 404, {_HEADER: "none"}, "text/plain")
        return await self._reply(exchange, session.others, "", Request(scope))

    def _miss(self, operation: Operation, facts: Mapping[str, Any]) -> str:
        """Say what was asked for, and how the nearest kept exchange differs."""
        known = self._facts.get(operation.id, [])
        if not known:
            return f"Nothing is kept of {operation.id} (replay of {self._folder.name})."
        different = [
            sorted(n for n in {*one, *facts} if one.get(n) != facts.get(n)) for one in known
        ]
        nearest = min(different, key=len)
        return f"No kept {operation.id} fits (replay of {self._folder.name}): the nearest differs in {', '.join(nearest)}."


def _texts(values: Iterable[Any]) -> Iterable[str]:
    """Yield the texts in these values."""
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, Mapping):
            yield from _texts(value.values())
        elif isinstance(value, list):
            yield from _texts(value)


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    """Return a value with whole texts replaced."""
    if isinstance(value, str):
        return names.get(value, value)
    if isinstance(value, Mapping):
        return {key: _renamed(inner, names) for key, inner in value.items()}
    if isinstance(value, list):
        return [_renamed(inner, names) for inner in value]
    return value
