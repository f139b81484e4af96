"""Incidents as they happen on the wire: ASGI, and the connection beneath it where ASGI has no word."""

import asyncio
import contextlib
import random
import socket
import struct
from collections.abc import Sequence
from typing import Any

from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vidspec.mock.incidents import Incident, Incidents
from vidspec.mock.refusals import Refuse

#: Seconds in which what was sent last may arrive before the connection is cut.
_GRACE = 0.05
#: A fraction of a second: how often a slow reply is given another piece.
_DRIPS = 0.1


class Troubled(Response):
    """A reply to which incidents happen on its way out."""

    def __init__(
        self, reply: Response, incidents: Sequence[Incident], book: Incidents, refuse: Refuse
    ) -> None:
        """Take the sound reply."""
        self.status_code, self.raw_headers = reply.status_code, reply.raw_headers
        self.body, self.background = reply.body, None
        self._reply, self._incidents, self._book, self._refuse = reply, incidents, book, refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send what becomes of it."""
        await suffer(self._incidents, self._book, self._refuse, self._reply)(scope, receive, send)


def suffer(
    incidents: Sequence[Incident], book: Incidents, refuse: Refuse | None, app: ASGIApp
) -> ASGIApp:
    """Return an application that answers as ``app`` does, but that these incidents happen to it.

    ``refuse`` words failures; None: in plain text.
    """
    for incident in reversed(incidents):
        app = _One(incident, book.chance(incident), refuse or _plainly, app)
    return app


def _plainly(status: int, message: str, headers: Any) -> Response:
    return PlainTextResponse(f"{message}\n", status, dict(headers))


class _One:
    """One incident before an application."""

    def __init__(
        self, incident: Incident, dice: random.Random, refuse: Refuse, app: ASGIApp
    ) -> None:
        self._incident, self._dice, self._refuse, self._app = incident, dice, refuse, app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        incident = self._incident
        kind = incident.kind
        if kind == "latency":
            jitter = self._dice.uniform(-incident.jitter, incident.jitter)
            await asyncio.sleep(max(0.0, incident.amount + jitter))
            await self._app(scope, receive, send)
        elif kind == "status":
            message = f"This is a fault on purpose: {incident.text}."
            await self._refuse(int(incident.amount), message, incident.headers)(
                scope, receive, send
            )
        elif kind == "expired":
            message = "The file has expired and was deleted."
            await self._refuse(410, message, ())(scope, receive, send)
        elif kind in {"reset", "stall"} and not incident.after_headers:
            await self._break_off(receive, send)
        else:
            await self._spoil(scope, receive, send)

    async def _break_off(self, receive: Receive, send: Send) -> None:
        """Reset the connection, or keep it open and say nothing until the caller leaves."""
        if self._incident.kind == "reset":
            _cut(send, hard=True)
        while (await receive())["type"] != "http.disconnect":
            pass

    async def _spoil(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the reply be made whole, and send it as the incident has it."""
        held: list[Message] = []

        async def hold(message: Message) -> None:
            held.append(message)

        await self._app(scope, receive, hold)
        start = next(m for m in held if m["type"] == "http.response.start")
        body = b"".join(m.get("body", b"") for m in held if m["type"] == "http.response.body")
        headers = dict(start["headers"])
        spoilt = self._spoilt(body, headers) if start["status"] < 400 else body
        told = len(spoilt)
        lying = self._incident.kind == "length" and start["status"] < 400
        if lying:
            told += int(self._incident.amount)
        if scope["method"] != "HEAD":
            headers[b"content-length"] = b"%d" % told
        await send({**start, "headers": list(headers.items())})
        if self._incident.kind in {"reset", "stall"}:
            await send(_part(spoilt[: len(spoilt) // 2], more=True))
            await asyncio.sleep(_GRACE)
            await self._break_off(receive, send)
        elif self._incident.kind == "drip":
            await self._drip(spoilt, receive, send)
        elif lying:
            await send(_part(spoilt, more=True))
            await asyncio.sleep(_GRACE)
            _cut(send, hard=False)
        else:
            await send(_part(spoilt, more=False))

    async def _drip(self, body: bytes, receive: Receive, send: Send) -> None:
        piece = max(1, int(self._incident.amount * _DRIPS))
        gone = asyncio.ensure_future(_left(receive))
        try:
            for at in range(0, len(body), piece):
                await send(_part(body[at : at + piece], more=True))
                done, _ = await asyncio.wait({gone}, timeout=piece / self._incident.amount)
                if done:
                    return
            await send(_part(b"", more=False))
        finally:
            gone.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await gone

    def _spoilt(self, body: bytes, headers: dict[bytes, bytes]) -> bytes:
        incident = self._incident
        is_json = b"json" in headers.get(b"content-type", b"")
        if incident.kind == "truncate" or (incident.kind == "malformed" and is_json):
            return body[: int(len(body) * incident.amount)]
        if incident.kind == "corrupt" and body:
            changed = bytearray(body)
            for _ in range(max(1, int(len(body) * incident.amount))):
                at = self._dice.randrange(len(body))
                changed[at] ^= self._dice.randrange(1, 256)
            return bytes(changed)
        return body


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _part(body: bytes, *, more: bool) -> Message:
    return {"type": "http.response.body", "body": body, "more_body": more}


def _cut(send: Send, *, hard: bool) -> None:
    """End the connection under a reply: ``hard`` with a reset. Raise ConnectionResetError where none is known.

    ASGI cannot say it; the mock's own ``send`` belongs to the turn, which holds the transport.
    """
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if transport is None:
        message = "the connection is reset on purpose"
        raise ConnectionResetError(message)
    if hard:
        peer = transport.get_extra_info("socket")
        with contextlib.suppress(OSError, AttributeError):
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    else:
        transport.close()
