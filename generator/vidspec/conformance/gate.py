"""The gate: a reverse proxy on loopback that every request of a check passes.

It holds the money: paid calls go one at a time, and past the cap it answers 429 by itself.
It holds the keys: clients carry a placeholder that is worth nothing elsewhere; the gate swaps it for the secret.
It holds the pool: jobs of the scenarios cannot be deleted by other tools.
It leads to one gateway only, and only for who knows its random path; redirects within that gateway it follows itself.
Answers of its own carry the header ``x-vidspec-gate`` with the reason.
"""

import asyncio
import json
import secrets
import time
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import unquote, urljoin, urlsplit

import httpx2

from vidspec.conformance.credentials import Keyring
from vidspec.conformance.purse import Passage, Purse
from vidspec.conformance.routes import Routes
from vidspec.conformance.signing import Outgoing
from vidspec.conformance.target import Target
from vidspec.contract import Dialect, Envelope
from vidspec.source import pointer_get

GATE_HEADER: Final = "x-vidspec-gate"
#: Carried by requests of the scenarios, which may touch the pool; never sent on.
PASS_HEADER: Final = "x-vidspec-pass"  # noqa: S105 - the name of a header

_MOST_REQUEST: Final = 256 * 1024 * 1024
_MOST_REDIRECTS: Final = 3
HOP_BY_HOP: Final = frozenset(
    b"connection keep-alive proxy-authenticate proxy-authorization te trailer transfer-encoding upgrade".split()
)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


@dataclass(slots=True)
class Gate:
    """The proxy as an ASGI application; ``GateServer`` runs it."""

    target: Target
    dialect: Dialect
    keyring: Keyring
    purse: Purse
    extra_headers: tuple[tuple[str, str], ...] = ()
    on_passage: Callable[[Passage], None] | None = None
    #: Random; both the first segment of the gate's path and the placeholder for the key.
    token: str = field(default_factory=lambda: secrets.token_urlsafe(18))
    #: Ids that only scenarios may delete or cancel.
    protected: set[str] = field(default_factory=set)
    _routes: Routes = field(init=False)
    _upstream: httpx2.AsyncClient | None = field(init=False, default=None)
    _paying: asyncio.Lock = field(init=False, default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        self._routes = Routes(self.dialect)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            return
        started = time.perf_counter()
        prefix = f"/{self.token}"
        raw = scope.get("raw_path") or scope["path"].encode()
        path = raw.decode("latin-1")
        if not path.startswith(prefix + self.target.base_path):
            await answer(send, 404, "not a path of this gate")
            return
        query = scope["query_string"].decode("latin-1")
        below = path[len(prefix) + len(self.target.base_path) :]
        passage = _Passing(
            self, scope["method"], path[len(prefix) :], below, query, scope["headers"]
        )
        status, refusal = await passage.serve(receive, send)
        if self.on_passage is not None:
            shown = f"{below}?{query}" if query else below
            seconds = time.perf_counter() - started
            self.on_passage(
                Passage(passage.method, shown, status, refusal, passage.accepted, seconds)
            )

    def client(self) -> httpx2.AsyncClient:
        """Return the client for the gateway, made in the loop that uses it."""
        if self._upstream is None:
            self._upstream = httpx2.AsyncClient(
                timeout=self.target.timeout,
                verify=self.target.verify_tls,
                trust_env=urlsplit(self.target.url).hostname
                not in {"127.0.0.1", "localhost", "::1"},
                limits=httpx2.Limits(max_connections=100, max_keepalive_connections=20),
            )
        return self._upstream

    async def aclose(self) -> None:
        """Close the connections to the gateway."""
        if self._upstream is not None:
            await self._upstream.aclose()

    def guards(self, method: str, below: str, query: str) -> bool:
        """Say whether a request would remove a job of the pool."""
        if method not in {"DELETE", "POST"}:
            return False
        operation = self._routes.find(method, below, query)
        removes = method == "DELETE" or (operation is not None and operation.role == "cancel")
        return removes and not self.protected.isdisjoint(unquote(below).split("/"))

    def may_cost(self, method: str, below: str, query: str) -> bool:
        """Say whether a request could be charged for."""
        return self._routes.may_cost(method, below, query)

    def envelope(self, passing: "_Passing") -> Envelope | None:
        """Return the rule that says whether a 2xx reply to that request is a success."""
        operation = self._routes.find(passing.method, passing.below, passing.query)
        return operation.envelope if operation else self.dialect.envelope

    @property
    def paying(self) -> asyncio.Lock:
        """Held while a paid call is under way: two at once could overshoot the cap."""
        return self._paying


@dataclass(slots=True)
class _Passing:
    gate: Gate
    method: str
    #: Path at the gateway, and below its base URL.
    path: str
    below: str
    query: str
    raw_headers: Iterable[tuple[bytes, bytes]]
    accepted: bool = False

    async def serve(self, receive: Receive, send: Send) -> tuple[int, str]:
        """Answer the request; return the status and why the gate answered by itself."""
        gate = self.gate
        body = await _body(receive)
        if body is None:
            return await answer(send, 413, "the request is larger than the gate takes")
        if not self._ours() and gate.guards(self.method, self.below, self.query):
            return await answer(send, 429, "the job belongs to the pool")
        if not gate.may_cost(self.method, self.below, self.query):
            return await self._forward(body, send)
        async with gate.paying:
            if gate.purse.left == 0:
                gate.purse.refused += 1
                return await answer(send, 429, "the budget of paid calls is spent")
            return await self._pay(body, send)

    async def _forward(self, body: bytes, send: Send) -> tuple[int, str]:
        try:
            reply = await self._send(body)
        except httpx2.HTTPError as error:
            return await answer(send, 502, _reason(error))
        try:
            await _start(send, reply.status_code, self._reply_headers(reply))
            async for chunk in reply.aiter_raw():
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
        finally:
            await reply.aclose()
        await send({"type": "http.response.body", "body": b""})
        return reply.status_code, ""

    async def _pay(self, body: bytes, send: Send) -> tuple[int, str]:
        purse = self.gate.purse
        try:
            reply = await self._send(body)
            raw = b"".join([chunk async for chunk in reply.aiter_raw()])
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.UnsupportedProtocol) as error:
            return await answer(send, 502, _reason(error))
        except httpx2.HTTPError as error:
            # The request was on its way: it may well have been accepted.
            purse.spent += 1
            self.accepted = True
            return await answer(send, 502, _reason(error))
        await reply.aclose()
        if reply.status_code < 300 and not _refused(reply, raw, self.gate.envelope(self)):
            purse.spent += 1
            self.accepted = True
        await _start(send, reply.status_code, self._reply_headers(reply))
        await send({"type": "http.response.body", "body": raw})
        return reply.status_code, ""

    async def _send(self, body: bytes) -> httpx2.Response:
        """Send the request, and again where a redirect within the gateway leads: the same call, paid once."""
        path, query = self.path, self.query
        for left in reversed(range(_MOST_REDIRECTS)):
            request = self._request(path, query, self._headers(path, query, body), body)
            reply = await self.gate.client().send(request, stream=True)
            onward = self._onward(path, reply)
            if onward is None or not left:
                break
            await reply.aclose()
            path, _, query = onward.partition("?")
        return reply

    def _onward(self, path: str, reply: httpx2.Response) -> str | None:
        """Return the path and query that the reply sends this very request to, None if it does not."""
        asks_again = reply.status_code in {307, 308}
        if not asks_again and not (reply.has_redirect_location and self.method in {"GET", "HEAD"}):
            return None
        parts = urlsplit(self.gate.target.url)
        origin = f"{parts.scheme}://{parts.netloc}"
        there = urljoin(origin + path, reply.headers.get("location", ""))
        return there.removeprefix(origin) if there.startswith(origin + "/") else None

    def _ours(self) -> bool:
        """Say whether the request comes from a scenario."""
        shown = (PASS_HEADER.encode(), self.gate.token.encode())
        return shown in ((name.lower(), value) for name, value in self.raw_headers)

    def _headers(self, path: str, query: str, body: bytes) -> list[tuple[bytes, bytes]]:
        gate, wanted = self.gate, False
        token = gate.token.encode()
        kept: list[tuple[bytes, bytes]] = []
        for name, value in self.raw_headers:
            low = name.lower()
            if low == PASS_HEADER.encode():
                continue
            if token in value:
                wanted = True
            elif low not in HOP_BY_HOP and low not in {b"host", b"content-length"}:
                kept.append((name, value))
        if wanted:
            # Signatures cover what really leaves: the gateway's host, and its path without the gate's.
            kind = next(
                (v.decode("latin-1") for n, v in kept if n.lower() == b"content-type"), None
            )
            host = urlsplit(gate.target.url).netloc
            leaving = Outgoing(self.method, host, path, query, kind, body)
            signed = gate.keyring.login(leaving)
            kept = [(n, v) for n, v in kept if n.lower().decode("latin-1") not in signed]
            kept += [(name.encode(), value.encode()) for name, value in signed.items()]
        kept += [(name.encode(), value.encode()) for name, value in gate.extra_headers]
        return kept

    def _request(
        self, path: str, query: str, headers: list[tuple[bytes, bytes]], body: bytes
    ) -> httpx2.Request:
        parts = urlsplit(self.gate.target.url)
        target = f"{path}?{query}" if query else path
        # The path travels as it came: dots and odd encodings are part of what is tested.
        return httpx2.Request(
            self.method,
            f"{parts.scheme}://{parts.netloc}/",
            headers=headers,
            content=body or None,
            extensions={
                "target": target.encode("latin-1"),
                "timeout": httpx2.Timeout(self.gate.target.timeout).as_dict(),
            },
        )

    def _reply_headers(self, reply: httpx2.Response) -> list[tuple[bytes, bytes]]:
        parts = urlsplit(self.gate.target.url)
        origin = f"{parts.scheme}://{parts.netloc}".encode()
        kept = []
        for name, value in reply.headers.raw:
            low, shown = name.lower(), value
            if low in HOP_BY_HOP:
                continue
            if low == b"location":
                # A redirect within the gateway must not lead around the gate.
                if value.startswith(origin + b"/"):
                    shown = value[len(origin) :]
                if shown.startswith(b"/") and not shown.startswith(b"//"):
                    shown = f"/{self.gate.token}".encode() + shown
            kept.append((low, shown))
        return kept


def _refused(reply: httpx2.Response, raw: bytes, envelope: Envelope | None) -> bool:
    """Say whether a 2xx reply is a refusal by the dialect's envelope; in doubt it is not."""
    if envelope is None:
        return False
    try:
        plain = httpx2.Response(reply.status_code, headers=reply.headers, content=raw).content
        value = pointer_get(json.loads(plain), envelope.pointer)
    except (ValueError, httpx2.DecodingError):
        return False
    return bool(value is not None and value != envelope.equals)


async def _body(receive: Receive) -> bytes | None:
    chunks, size = [], 0
    while True:
        message = await receive()
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > _MOST_REQUEST:
            return None
        chunks.append(chunk)
        if not message.get("more_body"):
            return b"".join(chunks)


async def _start(send: Send, status: int, headers: list[tuple[bytes, bytes]]) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})


async def answer(send: Send, status: int, reason: str) -> tuple[int, str]:
    """Answer without the gateway; the header ``x-vidspec-gate`` says why."""
    body = json.dumps({"gate": reason}).encode()
    shown = reason.encode("ascii", "replace").replace(b"\n", b" ")
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (GATE_HEADER.encode(), shown),
    ]
    await _start(send, status, headers)
    await send({"type": "http.response.body", "body": body})
    return status, reason


def _reason(error: httpx2.HTTPError) -> str:
    return f"{type(error).__name__}: {error}".rstrip(": ")
