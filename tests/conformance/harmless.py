"""Habits that no contract forbids, put around any gateway as ASGI layers."""

import asyncio
import gzip
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from conformance.layers import Changed, Whole


def extra_fields(reply: Whole) -> None:
    """Say more than was asked, in every object of every reply."""
    if reply.is_json:
        reply.put(json.dumps(_more(json.loads(reply.body))).encode())


def _more(value: Any) -> Any:
    if isinstance(value, dict):
        if value and all(isinstance(part, str) for part in value.values()):
            # It may be a map, whose every member the contract speaks of.
            return value
        inner = {name: _more(part) for name, part in value.items()}
        return {"x_region": {"zone": 7}, **inner, "x_trace": None}
    return [_more(part) for part in value] if isinstance(value, list) else value


def extra_headers(reply: Whole) -> None:
    """Tell of caches, cookies and machines."""
    reply.headers += [
        (b"vary", b"accept-encoding"), (b"vary", b"origin"), (b"x-powered-by", b"gateway/9"),
        (b"set-cookie", b"a=1; Path=/"), (b"set-cookie", b"b=2"), (b"server-timing", b"db;dur=3"),
        (b"access-control-allow-origin", b"*"), (b"x-empty", b""),
    ]  # fmt: skip


def header_case(reply: Whole) -> None:
    """Shout every header's name."""
    reply.headers = [(name.upper(), value) for name, value in reply.headers]


def pretty(reply: Whole) -> None:
    """Indent JSON, turn its keys round, escape what needs no escape, and say the charset."""
    if not reply.is_json:
        return
    value = json.loads(reply.body, object_pairs_hook=lambda pairs: dict(reversed(pairs)))
    reply.put(json.dumps(value, indent=4, ensure_ascii=True).encode() + b"\r\n")
    reply.headers = [
        (n, b"Application/JSON; Charset=UTF-8" if n.lower() == b"content-type" else v)
        for n, v in reply.headers
    ]


def chunked(reply: Whole) -> None:
    """Send JSON in pieces of unsaid length."""
    if reply.is_json:
        reply.pieces = 5
        reply.headers = [(n, v) for n, v in reply.headers if n.lower() != b"content-length"]


def unmeasured(reply: Whole) -> None:
    """Send everything in pieces of unsaid length, films included."""
    reply.pieces = 5
    reply.headers = [(n, v) for n, v in reply.headers if n.lower() != b"content-length"]


def zipped(reply: Whole) -> None:
    """Compress JSON for who takes it."""
    accepted = dict(reply.scope["headers"]).get(b"accept-encoding", b"")
    if reply.is_json and b"gzip" in accepted:
        reply.put(gzip.compress(reply.body))
        reply.headers.append((b"content-encoding", b"gzip"))


def closing(reply: Whole) -> None:
    """End every connection after one reply."""
    reply.headers.append((b"connection", b"close"))


#: Name → what becomes of a reply.
REPLIES: Mapping[str, Callable[[Whole], None]] = {
    "extra fields": extra_fields,
    "extra headers": extra_headers,
    "pretty": pretty,
    "zipped": zipped,
    "chunked": chunked,
    "unmeasured": unmeasured,
    "closing": closing,
    "header case": header_case,
}


@dataclass
class Harmless:
    """A gateway with habits: names of REPLIES, and ``slow`` or ``elsewhere``."""

    app: ASGIApp
    habits: tuple[str, ...]
    #: Path under which the API really lies when the habit is ``elsewhere``.
    home: bytes = b"/real"
    moved: int = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if "slow" in self.habits:
            await asyncio.sleep(0.15)
        if "elsewhere" in self.habits:
            raw: bytes = scope["raw_path"]
            if not raw.startswith(self.home):
                await self._redirect(self.home + raw, scope, send)
                return
            path = scope["path"].removeprefix(self.home.decode())
            scope = {**scope, "raw_path": raw.removeprefix(self.home), "path": path}
        await Changed(self.app, self._change)(scope, receive, send)

    async def _redirect(self, path: bytes, scope: Scope, send: Send) -> None:
        self.moved += 1
        query = scope["query_string"]
        onward = path + (b"?" + query if query else b"")
        if self.moved % 2:
            host = dict(scope["headers"])[b"host"]
            onward = b"http://" + host + onward
        headers = [(b"location", onward), (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 307, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    def _change(self, reply: Whole) -> None:
        for name, change in REPLIES.items():
            if name in self.habits:
                change(reply)


@dataclass
class Away:
    """A gateway whose finished films lie at ``store``, the origin of a StoreHouse."""

    app: ASGIApp
    store: str = ""
    moved: int = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await Changed(self.app, self._send_away)(scope, receive, send)

    def _send_away(self, reply: Whole) -> None:
        path = reply.scope["path"]
        if path.endswith("/content") and reply.status in {200, 206, 304}:
            self.moved += 1
            reply.status = 302
            reply.put(b"")
            query = reply.scope["query_string"].decode()
            reply.headers = [(b"location", f"{self.store}{path}?{query}".encode())]


@dataclass
class StoreHouse:
    """Hands out the films of a gateway to whoever has their address; like S3, it wants no other credentials."""

    app: ASGIApp
    authorization: str

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            carried = b"authorization" in dict(scope["headers"])
            key = (b"authorization", b"twice" if carried else self.authorization.encode())
            headers = [h for h in scope["headers"] if h[0] != b"authorization"]
            scope = {**scope, "headers": [*headers, key]}
        await self.app(scope, receive, send)


@dataclass
class Without:
    """A gateway that has no path that ends in ``path``: it says so in the dialect's own shape."""

    app: ASGIApp
    path: str

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await Changed(self.app, self._deny)(scope, receive, send)

    def _deny(self, reply: Whole) -> None:
        lost = reply.asked.endswith(self.path) or "no-such-path" in reply.asked
        if lost and reply.status != 401:
            message = f"Invalid URL ({reply.asked})"
            error = {"message": message, "type": "invalid_request_error", "param": "", "code": ""}
            reply.status = 404
            reply.headers = [(b"content-type", b"application/json")]
            reply.put(json.dumps({"error": error}).encode())
