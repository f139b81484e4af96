"""The emitted stubs, spoken to over ASGI: what a request must be, and how refusals are said."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.testclient import TestClient

from vidspec.mock import running
from vidspec_server import jimeng, kling, openai
from vidspec_server.openai import models

KEY = {"Authorization": "Bearer sk-test"}


class Service(openai.UnimplementedService):
    """Keeps the last call and body; answers creation and content."""

    def __init__(self) -> None:
        self.calls: list[openai.Call] = []
        self.bodies: list[Any] = []

    async def list_videos(self, call: openai.Call, **arguments: Any) -> Response:
        self.calls.append(call)
        self.bodies.append(arguments)
        return Response(b"{}", media_type="application/json")

    async def create_video(
        self,
        call: openai.Call,
        body: models.CreateVideoMultipartBody | models.CreateVideoJsonBody,
    ) -> models.VideoResource:
        self.calls.append(call)
        self.bodies.append(body)
        return models.VideoResource.model_validate(
            {
                "id": "video_1",
                "object": "video",
                "model": "sora-2",
                "status": "queued",
                "progress": 0,
            }
            | {"created_at": 1790000000, "completed_at": None, "expires_at": None, "error": None}
            | {"prompt": body.prompt, "size": "720x1280", "seconds": "4"}
            | {"remixed_from_video_id": None, "extra": [1]}
        )

    async def retrieve_video_content(
        self, call: openai.Call, *, video_id: str, variant: str | None = None
    ) -> Response:
        async def body() -> Any:
            self.bodies.append("streamed")
            yield b"0123456789"

        self.bodies.append((video_id, variant))
        return StreamingResponse(body(), media_type="video/mp4", headers={"Content-Length": "10"})

    async def get_video(self, call: openai.Call, *, video_id: str) -> models.VideoResource:
        if video_id == "broken":
            raise RuntimeError(video_id)
        raise openai.ServiceError("not_found", f"No {video_id}.", param="video_id")


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def client(service: Service) -> Iterator[TestClient]:
    with TestClient(openai.create_app(service), headers=KEY) as http:
        yield http


def error(response: Any) -> tuple[int, str | None]:
    """Return status and param, having held the envelope."""
    said = response.json()["error"]
    assert set(said) >= {"message", "type", "param", "code"}
    assert response.headers["x-request-id"].startswith("req_")
    return response.status_code, said["param"]


def test_json_becomes_a_typed_body(client: TestClient, service: Service) -> None:
    reply = client.post("/v1/videos", json={"prompt": "A cat", "seconds": "8", "new": True})

    body = service.bodies[0]
    assert isinstance(body, models.CreateVideoJsonBody)
    assert (body.prompt, body.seconds, body.model_extra) == ("A cat", "8", {"new": True})
    assert service.calls[0].body == {"prompt": "A cat", "seconds": "8", "new": True}
    assert service.calls[0].media_type == "application/json"
    assert reply.status_code == 200
    assert reply.json()["error"] is None
    assert reply.json()["extra"] == [1]
    assert reply.headers["x-request-id"] == service.calls[0].request_id


def test_multipart_with_a_file(client: TestClient, service: Service) -> None:
    picture = ("cat.png", b"\x89PNG\r\n--+++\r\n", "image/png")

    reply = client.post("/v1/videos", data={"prompt": "A cat"}, files={"input_reference": picture})

    assert reply.status_code == 200
    upload = service.bodies[0].input_reference
    assert (upload.filename, upload.data, upload.content_type) == picture
    assert upload.size == len(picture[1])


def test_a_file_without_name_or_type_is_one_where_one_is_asked_for(
    client: TestClient, service: Service
) -> None:
    picture = b"\x89PNG\xff"
    form = {"prompt": (None, b"A cat"), "input_reference": (None, picture)}

    assert client.post("/v1/videos", files=form).status_code == 200
    assert service.bodies[0].input_reference.data == picture


def test_a_text_that_comes_as_a_file_is_read_and_what_is_no_text_is_refused(
    client: TestClient, service: Service
) -> None:
    text, other = ("prompt.txt", b"A c\xc3\xa0t", "text/plain"), ("prompt.bin", b"\xff\xfe")

    assert client.post("/v1/videos", files={"prompt": text}).status_code == 200
    assert service.bodies[0].prompt == "A càt"
    assert error(client.post("/v1/videos", files={"prompt": other})) == (400, "prompt")


def test_forms_without_files(client: TestClient, service: Service) -> None:
    for send in ({"data": {"prompt": "A cat"}}, {"files": {"prompt": (None, "A cat")}}):
        assert client.post("/v1/videos", **send).status_code == 200

    assert [body.prompt for body in service.bodies] == ["A cat", "A cat"]


def test_bracket_names_nest(client: TestClient, service: Service) -> None:
    form = {"prompt": "A cat", "input_reference[file_id]": "file-1"}

    assert client.post("/v1/videos", data=form).status_code == 200
    assert service.calls[0].body["input_reference"] == {"file_id": "file-1"}
    assert service.bodies[0].input_reference.file_id == "file-1"


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"prompt": "A cat", "seconds": "5"}, "seconds"),
        ({"prompt": "A cat", "seconds": 4}, "seconds"),
        ({"seconds": "4"}, "prompt"),
        ({"prompt": 7}, "prompt"),
        ({"prompt": "A cat", "input_reference": {"file_id": 1}}, "input_reference"),
        ([], None),
        (None, None),
    ],
)
def test_a_body_that_breaks_its_schema(client: TestClient, body: Any, param: str | None) -> None:
    status, said = error(client.post("/v1/videos", json=body, headers={"a": "b"}))

    assert status == 400
    assert (said or "").partition(".")[0] == (param or "")


RAW = {
    "not JSON": ("application/json", b"{", 400),
    "invalid UTF-8": ("application/json", b'{"prompt": "\xff"}', 400),
    "lone surrogate": ("application/json", b'{"prompt": "\\ud800"}', 400),
    "not a number": ("application/json", b'{"prompt": NaN}', 400),
    "nested too deeply": ("application/json", b"[" * 5_000, 400),
    "too many values": ("application/json", b"[" * 100_000, 413),
    "another type": ("text/plain", b"hello", 415),
    "no type": ("", b"hello", 415),
    "nothing": ("", b"", 400),
    "no boundary": ("multipart/form-data", b"--x--", 400),
    "cut short": ("multipart/form-data; boundary=x", b"--x\r\nContent-Dispo", 400),
    "no part name": ("multipart/form-data; boundary=x", b"--x\r\nA: b\r\n\r\n1\r\n--x--\r\n", 400),
    "form UTF-8": ("application/x-www-form-urlencoded", b"prompt=%ff", 400),
    "form bytes": ("application/x-www-form-urlencoded", b"prompt=\xff", 400),
    "field and group": ("application/x-www-form-urlencoded", b"a=1&a[b]=2", 400),
    "too deep": ("application/x-www-form-urlencoded", b"a" + b"[b]" * 50 + b"=2", 400),
    "too many fields": ("application/x-www-form-urlencoded", b"a=1&" * 1000, 413),
    "part UTF-8": (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="prompt"\r\n\r\n\xff\r\n--x--\r\n',
        400,
    ),
}


@pytest.mark.parametrize(("content_type", "body", "status"), RAW.values(), ids=RAW.keys())
def test_a_body_that_cannot_be_read(
    client: TestClient, content_type: str, body: bytes, status: int
) -> None:
    headers = {"content-type": content_type} if content_type else {}

    assert error(client.post("/v1/videos", content=body, headers=headers))[0] == status


def test_limits(service: Service) -> None:
    limits = openai.Limits(body=1000, json=200, text=100, fields=3)
    client = TestClient(openai.create_app(service, limits=limits), headers=KEY)
    long = "x" * 150

    def chunks() -> Iterator[bytes]:
        yield from [b"x" * 100] * 5

    replies = [
        client.post("/v1/videos", json={"prompt": long * 2}),
        client.post("/v1/videos", content=chunks(), headers={"content-type": "application/json"}),
        client.post("/v1/videos", files={"prompt": (None, long)}),
        client.post("/v1/videos", files={"input_reference": ("a", b"x" * 2000)}),
        client.post("/v1/videos", files=[("a", (None, "1"))] * 4),
        client.get("/v1/videos", params=dict.fromkeys("abcd", "1")),
    ]

    assert [error(reply)[0] for reply in replies] == [413] * 6


def test_query_values_are_coerced(client: TestClient, service: Service) -> None:
    client.get("/v1/videos", params={"limit": "5", "order": "asc", "other": "x"})

    assert service.bodies == [{"limit": 5, "order": "asc"}]
    assert service.calls[0].query == {"limit": 5, "order": "asc"}


@pytest.mark.parametrize(
    ("query", "param"),
    [("limit=x", "limit"), ("limit=1e3", "limit"), ("order=up", "order"), ("after=%ff", None)],
)
def test_a_query_that_breaks_its_schema(client: TestClient, query: str, param: str | None) -> None:
    assert error(client.get(f"/v1/videos?{query}")) == (400, param)


def test_credentials_are_needed(service: Service) -> None:
    client = TestClient(openai.create_app(service))

    for headers in ({}, {"Authorization": "Bearer "}, {"Authorization": "Basic abc"}):
        assert error(client.post("/v1/videos", json={}, headers=headers))[0] == 401
    assert error(client.post("/v1/videos", json={}, headers=KEY))[0] == 400


def test_the_hook_decides_who_is_calling(service: Service) -> None:
    async def authenticate(credentials: Any, request: Request) -> str | None:
        await asyncio.sleep(0)
        if credentials == {"ApiKeyAuth": "poor"}:
            raise openai.ServiceError("payment_required", f"Pay for {request.url.path}.")
        return "me" if credentials == {"ApiKeyAuth": "right"} else None

    client = TestClient(openai.create_app(service, authenticate=authenticate))
    statuses = [
        client.get("/v1/videos", headers={"Authorization": f"Bearer {key}"}).status_code
        for key in ("right", "wrong", "poor")
    ]

    assert statuses == [200, 401, 429]
    assert service.calls[0].principal == "me"


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("PUT", "/v1/videos", "GET, POST"),
        ("GET", "/v1/videos/edits", "POST"),
        ("PATCH", "/v1/videos/video_1", "GET, DELETE"),
        ("POST", "/v1/videos/video_1/content", "GET, HEAD"),
        ("HEAD", "/v1/videos", "GET, POST"),
        ("BREW", "/v1/videos", "GET, POST"),
    ],
)
def test_another_method_is_told_what_is_allowed(
    client: TestClient, method: str, path: str, allow: str
) -> None:
    reply = client.request(method, path, headers={"Authorization": ""})

    assert (reply.status_code, reply.headers["allow"]) == (405, allow)


def test_an_unknown_path(client: TestClient) -> None:
    for path in ("/v1/nothing", "/v1/videos/", "/"):
        assert error(client.get(path))[0] == 404


def test_literal_segments_win(client: TestClient, service: Service) -> None:
    reply = client.get("/v1/videos/characters")
    assert error(reply) == (405, None)
    assert error(client.get("/v1/videos/character"))[0] == 404
    assert error(client.get("/v1/videos/characters/char_1"))[0] == 501


def test_an_id_may_hold_a_colon(client: TestClient) -> None:
    reply = client.get("/v1/videos/video_abc:openai")

    assert error(reply) == (404, "video_id") or error(reply)[0] == 404
    assert "video_abc:openai" in reply.text


def test_head_answers_like_get_without_streaming(client: TestClient, service: Service) -> None:
    get = client.get("/v1/videos/video_1/content", params={"variant": "video"})
    assert get.content == b"0123456789"
    service.bodies.clear()

    head = client.head("/v1/videos/video_1/content", params={"variant": "video"})

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == "10"
    assert head.headers["content-type"] == get.headers["content-type"]
    assert service.bodies == [("video_1", "video")]


def test_what_is_not_implemented(client: TestClient) -> None:
    assert error(client.delete("/v1/videos/video_1"))[0] == 501


def test_an_unforeseen_failure_says_nothing_of_itself(service: Service) -> None:
    client = TestClient(openai.create_app(service), headers=KEY, raise_server_exceptions=False)

    reply = client.get("/v1/videos/broken")

    assert error(reply)[0] == 500
    assert "broken" not in reply.text


def test_the_application_publishes_its_document(service: Service) -> None:
    document = TestClient(openai.create_app(service, prefix="/a")).get("/openapi.json").json()

    assert document["servers"] == [{"url": "/a/v1"}]
    assert "/videos/{video_id}" in document["paths"]


def test_routes_join_another_application(service: Service) -> None:
    app = FastAPI()
    app.include_router(openai.router(service, prefix="/oai"))
    client = TestClient(app, headers=KEY)

    assert client.get("/oai/v1/videos").status_code == 200
    assert client.put("/oai/v1/videos").headers["allow"] == "GET, POST"


def test_another_dialect_speaks_its_own_envelope() -> None:
    client = TestClient(kling.create_app(kling.UnimplementedService()))

    reply = client.post("/v1/videos/text2video", json={})
    assert reply.status_code == 401
    assert set(reply.json()) == {"code", "message", "request_id"}
    reply = client.post("/v1/videos/text2video", json={"prompt": "A cat"}, headers=KEY)
    assert reply.status_code >= 500
    assert json.loads(reply.content)["request_id"].startswith("req_")


def test_without_validation_the_types_still_hold(service: Service) -> None:
    client = TestClient(openai.create_app(service, validate=False), headers=KEY)

    assert error(client.post("/v1/videos", json={"prompt": 3})) == (400, "prompt")


def test_an_unknown_path_is_404_in_every_dialect() -> None:
    """Also where a missing job is answered with 200: a missing path is no job."""
    with TestClient(jimeng.create_app(jimeng.UnimplementedService())) as stub:
        reply = stub.get("/no/such/path")
    with running("jimeng") as gateway:
        played = httpx2.get(gateway.url + "/no/such/path")

    assert (404, 404) == (reply.status_code, played.status_code)
    assert "Unknown path" in reply.json()["message"]
