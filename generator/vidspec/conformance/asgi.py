"""What gate and proxy share: the types of an ASGI application, and an answer of our own."""

import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

GATE_HEADER: Final = "x-vidspec-gate"
HOP_BY_HOP: Final = frozenset(
    b"connection keep-alive proxy-authenticate proxy-authorization te trailer transfer-encoding upgrade".split()
)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


async def start(send: Send, status: int, headers: list[tuple[bytes, bytes]]) -> None:
    """Begin an answer."""
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
    await start(send, status, headers)
    await send({"type": "http.response.body", "body": body})
    return status, reason
