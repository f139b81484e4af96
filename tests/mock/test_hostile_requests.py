"""No request of a grammar of hostile ones makes a server fail: neither a mock nor an emitted stub.

Every operation of every dialect is asked, and of every gateway that is seen to differ from what it publishes.
"""

import asyncio
import importlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Scope

import vidspec_server
from mock.hostile import Asked, place, requests
from vidspec.contract import Dialect, dialect_names, load_contract, load_gateways
from vidspec.mock import MockApp, MockOptions
from vidspec.mock.describe import describe, own_prefix

CONTRACT = load_contract()
PLAYED: dict[str, Dialect] = dict(CONTRACT.dialects) | {
    f"{name} as observed": gateway.observed
    for name, gateway in load_gateways().items()
    if gateway.observed.digest != gateway.published.digest
}


class Anything:
    """A service that answers every operation alike."""

    def __getattr__(self, name: str) -> Any:
        async def answer(call: Any, **arguments: Any) -> Response:
            return Response(b"{}", media_type="application/json")

        return answer


async def answered(
    app: ASGIApp, asked: Asked, keys: list[tuple[bytes, bytes]]
) -> tuple[int, bytes]:
    """Send one request without a network; return status and body (nothing of what is no JSON)."""
    sent: list[Message] = []
    whole: list[Message] = [{"type": "http.request", "body": asked.body, "more_body": False}]

    async def receive() -> Message:
        return whole.pop() if whole else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    types = [(b"content-type", kind) for kind in asked.types]
    length = (b"content-length", str(len(asked.body)).encode())
    scope: Scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": asked.method,
        "scheme": "http", "path": asked.path, "raw_path": asked.path.encode(), "root_path": "",
        "query_string": asked.query, "headers": [(b"host", b"h"), *keys, *types, length],
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80), "state": {},
    }  # fmt: skip
    await app(scope, receive, send)
    start, *rest = sent
    is_json = b"json" in dict(start["headers"]).get(b"content-type", b"")
    return start["status"], b"".join(m.get("body", b"") for m in rest) if is_json else b""


async def failures(app: ASGIApp, dialect: Dialect, asked: Iterable[Asked]) -> list[str]:
    """Send requests; return those at which the server failed, or answered with JSON that is none."""
    schemes = reversed([*describe(dialect).schemes.values()])
    keys = [(s.name.lower().encode(), f"{s.prefix} anything".strip().encode()) for s in schemes]
    wrong: list[str] = []
    for each in asked:
        try:
            status, body = await answered(app, each, keys)
            if body:
                json.loads(body, parse_constant=_no_constant)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told
            wrong.append(f"{error!r:.200}: {each!r:.900}")
        else:
            wrong += [f"{status}: {each!r:.900}"] if status >= 500 else []
    return wrong


def _no_constant(name: str) -> None:
    raise ValueError(name)


def aftermath(app: MockApp, dialect: Dialect) -> Iterator[Asked]:
    """Yield requests for everything that hostile ones have made."""
    for operation in dialect.operations:
        if operation.role in {"retrieve", "content", "list"}:
            for job in app.store.newest(200 if operation.role == "retrieve" else 1):
                path, query = place(operation, dialect, own_prefix(dialect), job.id)
                method = "HEAD" if operation.role == "content" else operation.method
                body = json.dumps({"task_id": job.id, "req_key": "x"}).encode()
                yield Asked(method, path, query, body, (b"application/json",))
    yield Asked("GET", "/_vidspec/jobs", b"", b"")


@pytest.mark.parametrize(
    ("name", "warn_only"),
    [*((name, False) for name in PLAYED), *((name, True) for name in CONTRACT.dialects)],
)
def test_the_mock_never_fails(name: str, warn_only: bool) -> None:
    """Whatever is sent, and whatever comes of it: jobs made of nonsense are listed and shown as well."""
    dialect = PLAYED[name]
    app = MockApp({name: dialect}, MockOptions(job_seconds=0, warn_only=warn_only), named=False)
    asked = requests(dialect, own_prefix(dialect), "video_1")

    assert [] == asyncio.run(failures(app, dialect, asked))
    assert len(app.store) > 10
    assert [] == asyncio.run(failures(app, dialect, aftermath(app, dialect)))


@pytest.mark.parametrize("validate", [True, False])
@pytest.mark.parametrize("name", dialect_names())
def test_a_stub_never_fails(name: str, validate: bool) -> None:
    dialect = CONTRACT.dialects[name]
    package = importlib.import_module(f"vidspec_server.{vidspec_server.DIALECTS[name]}")
    app = package.create_app(Anything(), validate=validate)

    assert [] == asyncio.run(
        failures(app, dialect, requests(dialect, own_prefix(dialect), "video_1"))
    )


def test_a_failure_is_noticed() -> None:
    """The check itself: it sees what a service fails at, what it answers with 5xx, and JSON that is none."""
    dialect = CONTRACT.dialects["kling"]

    class Failing:
        def __getattr__(self, name: str) -> Any:
            async def answer(call: Any, **arguments: Any) -> Response:
                if name == "create_text_to_video":
                    raise ValueError(name)
                if name == "create_image_to_video":
                    return Response(b"{}", 503)
                return Response(b'{"progress": NaN}', media_type="application/json")

            return answer

    app = importlib.import_module("vidspec_server.kling").create_app(Failing())
    said = asyncio.run(failures(app, dialect, requests(dialect, own_prefix(dialect), "video_1")))

    for told in ("ValueError('create_text_to_video')", "503: ", "ValueError('NaN')"):
        assert any(each.startswith(told) for each in said), told


def test_every_multipart_body_is_tried() -> None:
    """The grammar has text and file, empty and doubled, for each field of each form."""
    forms = 0
    for dialect in CONTRACT.dialects.values():
        for operation in dialect.operations:
            for body in operation.bodies:
                if body.media_type == "multipart/form-data":
                    alone = replace(dialect, operations=(replace(operation, bodies=(body,)),))
                    sent = [each.body for each in requests(alone, "", "x")]
                    forms += 1
                    for field in body.fields:
                        mark = f'name="{field.name}"'.encode()
                        assert any(b.count(mark) == 2 and b'filename="a.png"' in b for b in sent)
                        assert any(mark + b"\r\n\r\n\r\n" in b for b in sent)
    assert forms >= 7
