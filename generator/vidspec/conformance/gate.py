"""The gate: a reverse proxy on loopback that every request of a check passes.

It holds the money: paid calls are reserved in the purse before they leave, and past the cap it answers 429 by itself.
It holds the keys: clients carry a placeholder that is worth nothing elsewhere; the gate swaps it for the secret.
It holds the pool: jobs of the scenarios cannot be deleted by other tools.
It leads to one gateway only, and only for who knows its random path; redirects within that gateway it follows itself.
Answers of its own carry the header ``x-vidspec-gate`` with the reason.
"""

import asyncio
import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote

import httpx2

from vidspec.conformance.asgi import GATE_HEADER, Receive, Scope, Send, answer, start
from vidspec.conformance.credentials import Keyring
from vidspec.conformance.purse import Passage, Purse
from vidspec.conformance.routes import Routes
from vidspec.conformance.target import Target
from vidspec.conformance.tariff import Tariff
from vidspec.conformance.upstream import PASS_HEADER, Asked, Upstream
from vidspec.contract import Dialect, Envelope, Operation
from vidspec.source import pointer_get

__all__ = ["GATE_HEADER", "PASS_HEADER", "Gate"]

_MOST_REQUEST: Final = 256 * 1024 * 1024


@dataclass(slots=True)
class Gate:
    """The proxy as an ASGI application; ``GateServer`` runs it."""

    target: Target
    dialect: Dialect
    keyring: Keyring
    purse: Purse
    extra_headers: tuple[tuple[str, str], ...] = ()
    on_passage: Callable[[Passage], None] | None = None
    #: What paid calls cost; None: not known.
    tariff: Tariff | None = None
    #: Random; both the first segment of the gate's path and the placeholder for the key.
    token: str = field(default_factory=lambda: secrets.token_urlsafe(18))
    #: Ids that only scenarios may delete or cancel.
    protected: set[str] = field(default_factory=set)
    _routes: Routes = field(init=False)
    _upstream: Upstream = field(init=False)
    #: Told when a paid call is over.
    _settled: asyncio.Condition = field(init=False, default_factory=asyncio.Condition)

    def __post_init__(self) -> None:
        self._routes = Routes(self.dialect)
        self._upstream = Upstream(self.target, self.keyring, self.token, self.extra_headers)

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
        spent = False
        body = await _body(receive)
        if body is None:
            status, refusal = await answer(send, 413, "the request is larger than the gate takes")
        else:
            asked = Asked(scope["method"], path[len(prefix) :], query, scope["headers"], body)
            status, refusal, spent = await self._serve(asked, below, send)
        if self.on_passage is not None:
            shown = f"{below}?{query}" if query else below
            seconds = time.perf_counter() - started
            self.on_passage(Passage(scope["method"], shown, status, refusal, spent, seconds))

    async def aclose(self) -> None:
        """Close the connections to the gateway."""
        await self._upstream.aclose()

    async def _serve(self, asked: Asked, below: str, send: Send) -> tuple[int, str, bool]:
        """Answer the request; return the status, why the gate answered by itself, and whether it was paid for."""
        operation = self._routes.find(asked.method, below, asked.query)
        if not self._ours(asked) and self._guards(asked.method, below, operation):
            return *await answer(send, 429, "the job belongs to the pool"), False
        if not self._routes.may_cost(asked.method, below, asked.query):
            return *await self._forward(asked, send), False
        price = self.tariff.of(operation, asked.body) if self.tariff else 0.0
        if not await self._reserved(price):
            self.purse.refused += 1
            return *await answer(send, 429, "the budget of paid calls is spent"), False
        accepted = True
        try:
            reply, raw, accepted = await self._pay(asked, operation)
        finally:
            # Whatever went wrong, the request was on its way: then it counts. It is counted before it is
            # answered, so that whoever has the answer can rely on the count.
            self.purse.settle(price, accepted=accepted)
            async with self._settled:
                self._settled.notify_all()
        if isinstance(reply, httpx2.HTTPError):
            return *await answer(send, 502, _reason(reply)), accepted
        await start(send, reply.status_code, self._upstream.reply_headers(reply))
        await send({"type": "http.response.body", "body": raw})
        return reply.status_code, "", accepted

    async def _reserved(self, price: float) -> bool:
        """Reserve a paid call; while others are under way, wait for what they leave."""
        async with self._settled:
            while not self.purse.reserve(price):
                if not self.purse.reserved:
                    return False
                await self._settled.wait()
        return True

    def _guards(self, method: str, below: str, operation: Operation | None) -> bool:
        """Say whether a request would remove a job of the pool."""
        removes = method == "DELETE" or (
            method == "POST" and operation is not None and operation.role == "cancel"
        )
        return removes and not self.protected.isdisjoint(unquote(below).split("/"))

    def _ours(self, asked: Asked) -> bool:
        """Say whether the request comes from a scenario."""
        shown = (PASS_HEADER.encode(), self.token.encode())
        return shown in ((name.lower(), value) for name, value in asked.headers)

    async def _forward(self, asked: Asked, send: Send) -> tuple[int, str]:
        try:
            reply = await self._upstream.send(asked)
        except httpx2.HTTPError as error:
            return await answer(send, 502, _reason(error))
        try:
            await start(send, reply.status_code, self._upstream.reply_headers(reply))
            async for chunk in reply.aiter_raw():
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
        finally:
            await reply.aclose()
        await send({"type": "http.response.body", "body": b""})
        return reply.status_code, ""

    async def _pay(
        self, asked: Asked, operation: Operation | None
    ) -> tuple[httpx2.Response | httpx2.HTTPError, bytes, bool]:
        """Send a paid request; return the reply or why there is none, its body, and whether it was accepted."""
        try:
            reply = await self._upstream.send(asked)
            raw = b"".join([chunk async for chunk in reply.aiter_raw()])
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.UnsupportedProtocol) as error:
            return error, b"", False
        except httpx2.HTTPError as error:
            # The request was on its way: it may well have been accepted.
            return error, b"", True
        await reply.aclose()
        envelope = operation.envelope if operation else self.dialect.envelope
        return reply, raw, reply.status_code < 300 and not _refused(reply, raw, envelope)


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


def _reason(error: httpx2.HTTPError) -> str:
    return f"{type(error).__name__}: {error}".rstrip(": ")
