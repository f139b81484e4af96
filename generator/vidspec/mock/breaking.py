"""Replies changed on their way out: the rewrites of the faults, and the faults of every reply.

Only in the way when a fault is committed: a well-behaved mock does not pass through here.
"""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vidspec.contract.model import Dialect, Operation
from vidspec.mock.access import with_any_credential
from vidspec.mock.crowds import Crowds
from vidspec.mock.desk import REFUSED
from vidspec.mock.faults import Faults, Rewrite, Seen, told
from vidspec.mock.places import Places
from vidspec.mock.routes import Routes
from vidspec.source import pointer_get, pointer_remove, pointer_set

#: What the stubs refuse by themselves, before any service is asked.
_OF_STUBS = (
    "unauthenticated", "method_not_allowed", "invalid_request", "payload_too_large", "not_found",
    "server_error",
)  # fmt: skip


class BrokenReplies:
    """An ASGI layer that holds each reply back until it is whole, and changes it as the faults say."""

    def __init__(
        self, app: ASGIApp, dialect: Dialect, faults: Faults, prefix: str, key: str = "anyone"
    ) -> None:
        self._app, self._dialect, self._faults, self._key = app, dialect, faults, key
        self._routes = Routes(dialect, prefix)
        self._crowds = Crowds(faults)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and send the changed reply."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        operation = self._routes.find(scope)
        role = operation.role if operation else None
        body = await _whole(receive)
        request = _told(scope, body)
        for rewrite in self._faults.rewrites:
            if rewrite.chooses_request(role, request):
                scope = _reread(scope, rewrite, operation)
        query = scope.get("query_string", b"").decode("latin-1")
        if self._faults.on_for("auth_ignored", role):
            scope = with_any_credential(self._dialect, scope, self._key)
        held: list[Message] = []
        unread = [body]

        async def hold(message: Message) -> None:
            held.append(message)

        async def listen() -> Message:
            # What comes behind the body is the end of the connection.
            return {"type": "http.request", "body": unread.pop()} if unread else await receive()

        REFUSED.set(None)
        lost = self._faults.on("unknown_path_ok") and not self._routes.knows(scope)
        app = HTMLResponse("<!doctype html><title>Welcome</title>") if lost else self._app
        async with self._crowds.entered(role, request) as wrong:
            await app(scope, listen, hold)
        reply = _Reply.of(held)
        if REFUSED.get() is None and self._is_foreign(scope, operation, reply):
            REFUSED.set("unsupported_media_type")
        self._spoil(reply, operation, query, request)
        if wrong:
            _confuse(reply, Places(self._dialect, operation), wrong)
        await reply.send(send, with_body=scope["method"] != "HEAD")

    def _is_foreign(self, scope: Scope, operation: Operation | None, reply: "_Reply") -> bool:
        """Say whether the stubs refused the media type; in many dialects the answer alone does not show it."""
        cause = operation.causes.get("unsupported_media_type") if operation else None
        if operation is None or cause is None or reply.status != cause.status:
            return False
        asked = Headers(scope=scope).get("content-type", "").partition(";")[0].strip().lower()
        taken = {body.media_type for body in operation.bodies}
        return bool(asked) and asked not in taken and _fits(cause.body, reply.value)

    def _spoil(
        self, reply: "_Reply", operation: Operation | None, query: str, request: str
    ) -> None:
        places = Places(self._dialect, operation)
        seen = Seen(
            status=reply.status,
            role=operation.role if operation else None,
            cause=self._cause(reply, operation),
            states=places.states(reply.value),
            variants=_variants(operation, query),
            request=request,
        )
        for rewrite in self._faults.rewrites:
            if rewrite.chooses(seen):
                reply.rewrite(rewrite, places)
        if reply.status >= 400 and self._faults.on("envelope_wrong"):
            message = pointer_get(reply.value, self._dialect.error_shape.message or "", "failed")
            reply.put({"detail": message})
        if seen.cause == "not_found":
            reply.status = int(self._faults.setting("not_found_status", "status") or reply.status)
        if self._faults.on("models_repeat") and seen.role == "models" and operation is not None:
            listed = pointer_get(reply.value, operation.items or "", [])
            reply.put(pointer_set(reply.value, operation.items or "", [*listed, *listed[-1:]]))
        if self._faults.on("request_id_missing"):
            wanted = self._faults.setting("request_id_missing", "status")
            kind = "error" if reply.status >= 400 else "ok"
            if wanted in {None, kind}:
                self._write_request_id(reply, None)
        if self._faults.on("request_id_repeats"):
            self._write_request_id(reply, "req_the_same_for_all")

    def _write_request_id(self, reply: "_Reply", text: str | None) -> None:
        """Put another request id wherever there is one; None takes it away."""
        for name in self._dialect.request_id_headers:
            if reply.headers.pop(name.lower(), None) is not None and text is not None:
                reply.headers[name.lower()] = text
        pointer = self._dialect.request_id_pointer
        if (
            reply.value is None
            or pointer is None
            or pointer_get(reply.value, pointer, None) is None
        ):
            return
        if text is None:
            pointer_remove(reply.value, pointer)
        else:
            pointer_set(reply.value, pointer, text)
        reply.put(reply.value)

    def _cause(self, reply: "_Reply", operation: Operation | None) -> str | None:
        """Name what was refused: as the service said it, or as the stubs' own reply shows it."""
        said = REFUSED.get()
        if said is not None or reply.status < 400:
            return said
        causes = operation.causes if operation else self._dialect.causes
        if reply.status == 405:
            # Said by the stubs also where the dialect has no words for it.
            return "method_not_allowed"
        for name in _OF_STUBS:
            cause = causes.get(name)
            if cause and cause.status == reply.status and _fits(cause.body, reply.value):
                return name
        return None


class _Reply:
    """A whole reply: status, headers (lower case) and body."""

    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.status, self.headers, self.body = status, headers, body
        is_json = "json" in headers.get("content-type", "")
        self.value: Any = json.loads(body) if is_json and body else None
        #: Whether to say how long the body is.
        self.measured = True

    @classmethod
    def of(cls, held: list[Message]) -> "_Reply":
        """Put the held messages together."""
        start = next(m for m in held if m["type"] == "http.response.start")
        body = b"".join(m.get("body", b"") for m in held if m["type"] == "http.response.body")
        pairs = ((k.decode("latin-1").lower(), v.decode("latin-1")) for k, v in start["headers"])
        return cls(start["status"], dict(pairs), body)

    async def send(self, send: Send, *, with_body: bool) -> None:
        """Send it, with the length of the body it has now."""
        length = self.headers.pop("content-length", "")
        if self.measured:
            self.headers["content-length"] = str(len(self.body)) if with_body else length
        raw = [(k.encode("latin-1"), v.encode("latin-1")) for k, v in self.headers.items()]
        await send({"type": "http.response.start", "status": self.status, "headers": raw})
        await send({"type": "http.response.body", "body": self.body if with_body else b""})

    def put(self, value: Any) -> None:
        """Make ``value`` the body: text as it is, anything else as JSON."""
        self.value = value
        self.body = value.encode() if isinstance(value, str) else json.dumps(value).encode()

    def rewrite(self, rewrite: Rewrite, places: Places) -> None:
        """Apply one rewrite."""
        if self.value is not None and rewrite.changes_body:
            self.put(places.rewritten(self.value, rewrite))
        if rewrite.body is not None:
            self.put(rewrite.body)
        for name, text in rewrite.headers.items():
            if text is None:
                self.headers.pop(name.lower(), None)
                self.measured = self.measured and name.lower() != "content-length"
            else:
                self.headers[name.lower()] = text
        if rewrite.content_type is not None:
            self.headers["content-type"] = rewrite.content_type
        self.status = rewrite.reply_status or self.status


async def _whole(receive: Receive) -> bytes:
    chunks: list[bytes] = []
    while True:
        message = await receive()
        chunks.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(chunks)


def _told(scope: Scope, body: bytes) -> str:
    path: bytes = scope.get("raw_path") or scope["path"].encode()
    query: bytes = scope.get("query_string", b"")
    target = (path + b"?" + query if query else path).decode("latin-1")
    return told(scope["method"], target, Headers(scope=scope).items(), body)


def _reread(scope: Scope, rewrite: Rewrite, operation: Operation | None) -> Scope:
    """Return the request as the rewrite has it read."""
    pairs = dict(parse_qsl(scope.get("query_string", b"").decode("latin-1")))
    for meaning, text in rewrite.query.items():
        parameter = operation.parameter(meaning) if operation else None
        if parameter is not None and pairs.pop(parameter.name, None) is not None:
            pairs |= {} if text is None else {parameter.name: text}
    headers = {name.encode(): value for name, value in rewrite.request_headers.items()}
    kept = [(name, value) for name, value in scope["headers"] if name.lower() not in headers]
    kept += [(name, value.encode()) for name, value in headers.items() if value is not None]
    return {**scope, "query_string": urlencode(pairs).encode(), "headers": kept}


def _confuse(reply: _Reply, places: Places, wrong: Mapping[str, str]) -> None:
    if reply.value is None:
        reply.body = reply.body[::-1]
    else:
        reply.rewrite(Rewrite(set=wrong), places)


def _variants(operation: Operation | None, query: str) -> frozenset[str]:
    if operation is None or operation.role != "content":
        return frozenset()
    first = next(iter(operation.variants), "default")
    parameter = operation.parameter("variant")
    asked = parse_qs(query).get(parameter.name, [first])[0] if parameter else first
    return frozenset({asked, "default"} if asked == first else {asked})


def _fits(template: Any, value: Any) -> bool:
    """Say whether ``value`` is the filled-in ``template``."""
    if isinstance(template, dict):
        return isinstance(value, dict) and all(
            key in value and _fits(inner, value[key]) for key, inner in template.items()
        )
    return (isinstance(template, str) and "{" in template) or bool(template == value)
