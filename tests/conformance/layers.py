"""An ASGI layer that holds each reply until it is whole, and lets somebody change it."""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send


@dataclass
class Whole:
    """A reply held back until it is whole."""

    scope: Scope
    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes
    #: Into how many pieces the body is cut on its way.
    pieces: int = 1

    @property
    def is_json(self) -> bool:
        return b"json" in dict(self.headers).get(b"content-type", b"") and bool(self.body)

    @property
    def asked(self) -> str:
        """Method and path of the request."""
        return f"{self.scope['method']} {self.scope['path']}"

    def put(self, body: bytes) -> None:
        """Change the body, and the length with it."""
        self.body = body
        self.headers = [(n, v) for n, v in self.headers if n.lower() != b"content-length"]
        self.headers.append((b"content-length", str(len(body)).encode()))


@dataclass
class Changed:
    """An application whose replies pass through ``change`` on their way out."""

    app: ASGIApp
    change: Callable[[Whole], None]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        held: list[Message] = []

        async def hold(message: Message) -> None:
            held.append(message)

        # Without this a file's reply hands its path over instead of its bytes.
        await self.app({**scope, "extensions": {}}, receive, hold)
        start = next(m for m in held if m["type"] == "http.response.start")
        body = b"".join(m.get("body", b"") for m in held if m["type"] == "http.response.body")
        reply = Whole(scope, start["status"], list(start["headers"]), body)
        self.change(reply)
        head = {"type": "http.response.start", "status": reply.status, "headers": reply.headers}
        await send(head)
        size = -(-len(reply.body) // reply.pieces) or 1
        for at in range(0, len(reply.body), size):
            piece = reply.body[at : at + size]
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
