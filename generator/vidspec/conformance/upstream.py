"""The way from the gate to its one gateway: the real credentials go on, redirects at home are followed."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, NamedTuple
from urllib.parse import urljoin, urlsplit

import httpx2

from vidspec.conformance.asgi import HOP_BY_HOP
from vidspec.conformance.credentials import Keyring
from vidspec.conformance.proxies import direct
from vidspec.conformance.signing import Outgoing
from vidspec.conformance.target import Target

#: Carried by requests of the scenarios, which may touch the pool; never sent on.
PASS_HEADER: Final = "x-vidspec-pass"  # noqa: S105 - the name of a header
_MOST_REDIRECTS: Final = 3
#: Seconds.
_HANGING_UP: Final = 0.03


class Asked(NamedTuple):
    """A request as it came to the gate; ``path`` is the gateway's own."""

    method: str
    path: str
    query: str
    headers: Iterable[tuple[bytes, bytes]]
    body: bytes


@dataclass(slots=True)
class Upstream:
    """Sends requests to the gateway; ``token`` stands for the credentials in what comes, and for the gate in what goes back."""

    target: Target
    keyring: Keyring
    token: str
    extra_headers: tuple[tuple[str, str], ...] = ()
    _client: httpx2.AsyncClient | None = field(init=False, default=None)

    async def send(self, asked: Asked) -> httpx2.Response:
        """Send the request, and again where a redirect within the gateway leads: the same call, paid once."""
        path, query = asked.path, asked.query
        for left in reversed(range(_MOST_REDIRECTS)):
            reply = await self._opened().send(self._request(asked, path, query), stream=True)
            if reply.status_code >= 500:
                # Behind the answer to a request that it stumbled over, many a server hangs up without having said
                # so. Let that arrive: the next request, which may be a paid one, would else be lost with the line.
                await asyncio.sleep(_HANGING_UP)
            onward = self._onward(asked.method, path, reply)
            if onward is None or not left:
                break
            await reply.aclose()
            path, _, query = onward.partition("?")
        return reply

    async def aclose(self) -> None:
        """Close the connections to the gateway."""
        if self._client is not None:
            await self._client.aclose()

    def reply_headers(self, reply: httpx2.Response) -> list[tuple[bytes, bytes]]:
        """Return the headers that go back: a redirect within the gateway must not lead around the gate."""
        origin = self._origin().encode()
        kept = []
        for name, value in reply.headers.raw:
            low, shown = name.lower(), value
            if low in HOP_BY_HOP:
                continue
            if low == b"location":
                if value.startswith(origin + b"/"):
                    shown = value[len(origin) :]
                if shown.startswith(b"/") and not shown.startswith(b"//"):
                    shown = f"/{self.token}".encode() + shown
            kept.append((low, shown))
        return kept

    def _opened(self) -> httpx2.AsyncClient:
        # Made in the loop that uses it.
        if self._client is None:
            self._client = httpx2.AsyncClient(
                timeout=self.target.timeout,
                verify=self.target.verify_tls,
                mounts=direct(self.target.url),
                limits=httpx2.Limits(max_connections=100, max_keepalive_connections=20),
            )
        return self._client

    def _origin(self) -> str:
        parts = urlsplit(self.target.url)
        return f"{parts.scheme}://{parts.netloc}"

    def _onward(self, method: str, path: str, reply: httpx2.Response) -> str | None:
        """Return the path and query that the reply sends this very request to, None if it does not."""
        asks_again = reply.status_code in {307, 308}
        if not asks_again and not (reply.has_redirect_location and method in {"GET", "HEAD"}):
            return None
        origin = self._origin()
        there = urljoin(origin + path, reply.headers.get("location", ""))
        return there.removeprefix(origin) if there.startswith(origin + "/") else None

    def _request(self, asked: Asked, path: str, query: str) -> httpx2.Request:
        target = f"{path}?{query}" if query else path
        # The path travels as it came: dots and odd encodings are part of what is tested.
        return httpx2.Request(
            asked.method,
            f"{self._origin()}/",
            headers=self._headers(asked, path, query),
            content=asked.body or None,
            extensions={
                "target": target.encode("latin-1"),
                "timeout": httpx2.Timeout(self.target.timeout).as_dict(),
            },
        )

    def _headers(self, asked: Asked, path: str, query: str) -> list[tuple[bytes, bytes]]:
        wanted, token = False, self.token.encode()
        kept: list[tuple[bytes, bytes]] = []
        for name, value in asked.headers:
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
            host = urlsplit(self.target.url).netloc
            signed = self.keyring.login(Outgoing(asked.method, host, path, query, kind, asked.body))
            kept = [(n, v) for n, v in kept if n.lower().decode("latin-1") not in signed]
            kept += [(name.encode(), value.encode()) for name, value in signed.items()]
        kept += [(name.encode(), value.encode()) for name, value in self.extra_headers]
        return kept
