"""Small gateways of the `openai` dialect, each with one sin, named for it."""

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Thread
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from conformance.gateway import KEY
from conformance.layers import Changed, Whole
from conformance.stub_openai import Order, Studio
from vidspec_server.openai import models


def stateless() -> ASGIApp:
    """Answer every operation with one example, whatever was asked: what an example server does."""
    job = {
        "id": "video_123", "object": "video", "model": "sora-2", "status": "completed",
        "progress": 100, "created_at": 1_712_697_600, "completed_at": 1_712_697_700,
        "expires_at": 1_712_701_300, "prompt": "A cat.", "size": "1024x1792", "seconds": "8",
        "remixed_from_video_id": None, "error": None,
    }  # fmt: skip
    page = {"object": "list", "data": [job], "first_id": "video_123", "last_id": "video_123"}
    gone = {"id": "video_123", "object": "video.deleted", "deleted": True}
    answers = {
        ("GET", "/v1/videos"): {**page, "has_more": False},
        ("POST", "/v1/videos"): job,
        ("GET", "/v1/videos/{id}"): job,
        ("DELETE", "/v1/videos/{id}"): gone,
        ("POST", "/v1/videos/{id}/remix"): job,
    }

    def example(value: Any) -> Callable[[Request], Response]:
        return lambda request: JSONResponse(value, headers={"x-request-id": "req_1"})

    def content(request: Request) -> Response:
        return Response(b"video bytes", media_type="video/mp4")

    routes = [Route(path, example(said), methods=[m]) for (m, path), said in answers.items()]
    return Starlette(routes=[*routes, Route("/v1/videos/{id}/content", content)])


class Forgetful(Studio):
    """There is room for one order: each new one pushes the one before out."""

    def _take(self, *asked: Any, **more: Any) -> models.VideoResource:
        self.orders.clear()
        return super()._take(*asked, **more)


class Endless(Studio):
    """Every job gets nearly there."""

    def _share(self, made: Order) -> float:
        return min(0.99, super()._share(made))


@dataclass
class Greedy(Studio):
    """Nothing that is asked for is looked at; everything is made, and charged."""

    def app(self) -> ASGIApp:
        """Return the application with its checks off, and its creates before all of it."""
        return _Lenient(self, super().app())


@dataclass
class _Lenient:
    studio: Greedy
    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        paths = {"/v1/videos", "/v1/videos/edits", "/v1/videos/extensions"}
        path = scope.get("path", "")
        asks = scope["type"] == "http" and scope["method"] == "POST"
        if not asks or not (path in paths or path.endswith("/remix")):
            await self.app(scope, receive, send)
            return
        if dict(scope["headers"]).get(b"authorization") != f"Bearer {KEY}".encode():
            await self.app(scope, receive, send)
            return
        made = self.studio._take("anything", "sora-2", "720x1280", 4)
        headers = {"x-request-id": "req_greedy"}
        await JSONResponse(made.model_dump(), headers=headers)(scope, receive, send)


def milliseconds(reply: Whole) -> None:
    """Write every time in milliseconds."""
    _rewrite(reply, lambda name, v: v * 1000 if name.endswith("_at") and v is not None else v)


def html_errors(reply: Whole) -> None:
    """Answer every failure with a page, as a proxy in front would."""
    if reply.status >= 400:
        reply.headers = [(b"content-type", b"text/html"), (b"x-request-id", b"req_1")]
        reply.put(f"<html><h1>{reply.status}</h1><p>nginx</p></html>".encode())


@dataclass
class LosesIds:
    """A proxy that gives each job a new id in every reply, and knows none of them again."""

    count: int = 0

    def __call__(self, reply: Whole) -> None:
        """Put fresh ids into jobs."""

        def fresh(name: str, value: Any) -> Any:
            if name != "id" or not str(value).startswith("video_"):
                return value
            self.count += 1
            return f"video_proxy{self.count:08d}"

        _rewrite(reply, fresh)


def _rewrite(reply: Whole, change: Callable[[str, Any], Any]) -> None:
    def walk(value: Any, name: str = "") -> Any:
        if isinstance(value, dict):
            return {key: walk(part, key) for key, part in value.items()}
        if isinstance(value, list):
            return [walk(part) for part in value]
        return change(name, value)

    if reply.is_json:
        reply.put(json.dumps(walk(json.loads(reply.body))).encode())


@dataclass
class Hanging:
    """Requests whose method and path fit ``hangs`` are never answered."""

    app: ASGIApp
    hangs: Callable[[str], bool] = field(default=lambda asked: True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self.hangs(f"{scope['method']} {scope['path']}"):
            while (await receive())["type"] != "http.disconnect":
                continue
            return
        await self.app(scope, receive, send)


def breaks_off(reply: Whole) -> None:
    """Announce a video's whole length and send its beginning."""
    if reply.asked.endswith("/content") and reply.status == 200:
        # The server notices that the rest is missing, and closes the connection.
        reply.body = reply.body[:1000]


@contextmanager
def relay(origin: str, drops: Callable[[bytes], bool]) -> Iterator[str]:
    """Give the origin of a relay that closes a connection, unanswered, when a request on it fits ``drops``."""
    host, _, port = origin.removeprefix("http://").partition(":")
    listener = socket.create_server(("127.0.0.1", 0))
    ends: list[socket.socket] = []

    def pump(source: socket.socket, sink: socket.socket, *, asks: bool) -> None:
        with suppress(OSError):
            while piece := source.recv(65536):
                if asks and drops(piece):
                    break
                sink.sendall(piece)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def accept() -> None:
        with suppress(OSError):
            while True:
                here, _ = listener.accept()
                there = socket.create_connection((host, int(port)))
                ends.extend((here, there))
                for pair, asks in (((here, there), True), ((there, here), False)):
                    Thread(target=pump, args=pair, kwargs={"asks": asks}, daemon=True).start()

    thread = Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)
        for end in (listener, *ends):
            end.close()


def spoiled(change: Callable[[Whole], None]) -> ASGIApp:
    """Return a sound gateway whose replies pass through ``change``."""
    return Changed(Studio().app(), change)
