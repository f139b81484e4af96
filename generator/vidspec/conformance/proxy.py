"""The passive judge in front of an application: what it sends passes through, and is judged on the way.

Bodies flow in both directions; only the beginning of a request and the reply of an API (no media) are kept,
until the exchange is judged. It leads to one origin only: targets in absolute form, CONNECT and requests
under a foreign name (DNS rebinding) are refused. Answers of its own carry the header ``x-vidspec-gate``.
"""

import asyncio
import contextlib
import time
import zlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

import httpx2

from vidspec.conformance.asgi import HOP_BY_HOP, Receive, Scope, Send, answer
from vidspec.conformance.passive import Passive, Span
from vidspec.conformance.proxies import direct
from vidspec.conformance.wire import Answer, Recorded

_KEPT_OF_REQUEST: Final = 64 * 1024
#: A reply of an API larger than this is passed on and not judged.
_KEPT_OF_REPLY: Final = 8 * 1024 * 1024
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(slots=True)
class Proxy:
    """The proxy as an ASGI application; it keeps the path of the upstream's base URL."""

    #: Base URL of the gateway, without a slash at its end.
    upstream: str
    judge: Passive
    timeout: float = 600.0
    #: Further names under which it may be asked.
    names: frozenset[str] = frozenset()
    _client: httpx2.AsyncClient | None = None
    _base_path: str = field(init=False)
    _origin: str = field(init=False)

    def __post_init__(self) -> None:
        parts = urlsplit(self.upstream)
        self._origin, self._base_path = f"{parts.scheme}://{parts.netloc}", parts.path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on."""
        if scope["type"] != "http":
            return
        raw = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1")
        if not raw.startswith("/") or scope["method"] == "CONNECT":
            await answer(send, 400, "this proxy leads to one gateway; it takes paths, no addresses")
            return
        if not self._ours(scope):
            await answer(send, 421, "this proxy is not known under that name")
            return
        await _Passage(self, scope, raw).run(receive, send)

    def client(self) -> httpx2.AsyncClient:
        """Return the client for the gateway, made in the loop that uses it."""
        if self._client is None:
            self._client = httpx2.AsyncClient(
                timeout=self.timeout,
                mounts=direct(self.upstream),
                limits=httpx2.Limits(max_connections=None, max_keepalive_connections=20),
            )
        return self._client

    async def aclose(self) -> None:
        """Close the connections to the gateway."""
        if self._client is not None:
            await self._client.aclose()

    def below(self, path: str) -> str | None:
        """Return a path as it lies below the base URL; None outside of it."""
        inside = path == self._base_path or path.startswith(self._base_path + "/")
        return path[len(self._base_path) :] if inside else None

    def request(
        self,
        method: str,
        target: str,
        headers: list[tuple[bytes, bytes]],
        body: AsyncIterator[bytes] | bytes | None,
    ) -> httpx2.Request:
        """Make the request for the gateway; its target travels as it came."""
        return httpx2.Request(
            method,
            self._origin + "/",
            headers=headers,
            content=body,
            extensions={
                "target": target.encode("latin-1"),
                "timeout": httpx2.Timeout(self.timeout).as_dict(),
            },
        )

    def home(self, location: bytes, own: bytes) -> bytes:
        """Return a redirect within the gateway as one within the proxy."""
        origin = self._origin.encode()
        if location == origin or location.startswith((origin + b"/", origin + b"?")):
            return b"http://" + own + location[len(origin) :]
        return location

    def _ours(self, scope: Scope) -> bool:
        hosts = [value for name, value in scope["headers"] if name == b"host"]
        if len(hosts) != 1:
            return False
        name = urlsplit(f"//{hosts[0].decode('latin-1')}").hostname
        return name in _LOOPBACK or name in self.names


class _Passage:
    """One exchange on its way."""

    def __init__(self, proxy: Proxy, scope: Scope, path: str) -> None:
        self.proxy = proxy
        self.method: str = scope["method"]
        self.path = path
        self.query: str = scope["query_string"].decode("latin-1")
        self.headers: list[tuple[bytes, bytes]] = list(scope["headers"])
        self.sent = bytearray()
        self.gone = asyncio.Event()
        self.began = time.perf_counter()

    async def run(self, receive: Receive, send: Send) -> None:
        """Send the request on, the reply back, and let the exchange be judged."""
        given = {name for name, _ in self.headers}
        has_body = bool(given & {b"content-length", b"transfer-encoding"})
        body = self._upward(receive) if has_body else None
        target = f"{self.path}?{self.query}" if self.query else self.path
        request = self.proxy.request(self.method, target, _onward(self.headers), body)
        try:
            reply = await self.proxy.client().send(request, stream=True)
        except httpx2.HTTPError as error:
            reason = f"{type(error).__name__}: {error}".rstrip(": ")
            self._lost(reason)
            await answer(send, 502, reason)
            return
        watch = asyncio.create_task(self._wait_for_end(receive))
        try:
            await self._downward(reply, send)
        finally:
            watch.cancel()
            await reply.aclose()

    async def _upward(self, receive: Receive) -> AsyncIterator[bytes]:
        while True:
            event = await receive()
            if event["type"] == "http.disconnect":
                # What was promised will not come: the gateway must not take it for the whole.
                reason = "the caller has gone"
                raise httpx2.ReadError(reason)
            chunk: bytes = event.get("body", b"")
            if len(self.sent) < _KEPT_OF_REQUEST:
                self.sent += chunk[: _KEPT_OF_REQUEST - len(self.sent)]
            if chunk:
                yield chunk
            if not event.get("more_body"):
                return

    async def _wait_for_end(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self.gone.set()

    async def _downward(self, reply: httpx2.Response, send: Send) -> None:
        own = next(value for name, value in self.headers if name == b"host")
        headers = [
            (n.lower(), self.proxy.home(v, own) if n.lower() == b"location" else v)
            for n, v in _kept(reply.headers.raw)
        ]
        await send({"type": "http.response.start", "status": reply.status_code, "headers": headers})
        kept, size = bytearray(), 0
        limit = _KEPT_OF_REPLY if self._for_reading(reply) else 0
        try:
            async for chunk in reply.aiter_raw():
                size += len(chunk)
                if len(kept) + len(chunk) <= limit:
                    kept += chunk
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
                # Who has all that was announced may leave at once: that reply is whole all the same.
                if self.gone.is_set() and str(size) != reply.headers.get("content-length"):
                    return
        except httpx2.HTTPError as error:
            self._lost(f"the reply broke off: {type(error).__name__}")
            # Raised on: the connection to the caller breaks off as well, so that nobody takes it for whole.
            raise
        await send({"type": "http.response.body", "body": b""})
        self._judge(reply, bytes(kept), size)

    def _for_reading(self, reply: httpx2.Response) -> bool:
        kind = reply.headers.get("content-type", "").partition("/")[0].strip().lower()
        return kind not in {"video", "audio", "image"} and self.proxy.below(self.path) is not None

    def _judge(self, reply: httpx2.Response, kept: bytes, size: int) -> None:
        body = decoded(kept, reply.headers) if len(kept) == size else None
        headers = tuple(reply.headers.multi_items())
        said = self._said(Answer(reply.status_code, headers, body or b"", size))
        if said is None:
            self.proxy.judge.ignored += 1
            return
        span = Span(self.began, time.perf_counter())
        self.proxy.judge.see(said, span, readable=body is not None)

    def _lost(self, reason: str) -> None:
        said = self._said(Answer(0, (), b""))
        if said is not None:
            self.proxy.judge.lost(said, reason)

    def _said(self, answered: Answer) -> Recorded | None:
        below = self.proxy.below(self.path)
        if below is None:
            return None
        text = tuple((n.decode("latin-1"), v.decode("latin-1")) for n, v in _onward(self.headers))
        seconds = time.perf_counter() - self.began
        sent = bytes(self.sent)
        return Recorded(self.method, below, self.query, text, sent, answered, seconds)


def decoded(raw: bytes, headers: Mapping[str, str]) -> bytes | None:
    """Return a body without its content coding; None for a coding that is not read here, or a broken one."""
    coding = headers.get("content-encoding", "identity").strip().lower()
    if coding in {"identity", ""} or not raw:
        return raw
    if coding not in {"gzip", "x-gzip", "deflate"}:
        return None
    with contextlib.suppress(zlib.error):
        # 47: gzip and zlib are told apart by their beginnings.
        unpack = zlib.decompressobj(47)
        body = unpack.decompress(raw, _KEPT_OF_REPLY)
        return body if unpack.eof else None
    return None


def _kept(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Return the headers that travel on: not those that are about one connection."""
    named = {
        part.strip().lower()
        for name, value in headers
        if name.lower() == b"connection"
        for part in value.split(b",")
    }
    return [(n, v) for n, v in headers if n.lower() not in HOP_BY_HOP | named]


def _onward(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    return [(n, v) for n, v in _kept(headers) if n != b"host"]
