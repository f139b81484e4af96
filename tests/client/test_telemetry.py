"""Spans: one for each sending, with the attributes of the conventions, and never a key or a prompt."""

from collections.abc import Callable
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from vidspec_client import VideoClient, errors, telemetry
from vidspec_client._runtime.downloads import url_source

from .test_faults import JOB, SECRET, VIDEO, done, stalled_body
from .unified import KINDS
from .wire import json_reply, reply, reset, serving


@pytest.fixture
def provider() -> TracerProvider:
    return TracerProvider()


@pytest.fixture
def spans(provider: TracerProvider) -> Callable[[], list[ReadableSpan]]:
    exporter = InMemorySpanExporter()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    return lambda: list(exporter.get_finished_spans())


@pytest.fixture(params=KINDS)
def client_of(request: pytest.FixtureRequest, provider: TracerProvider) -> Callable[..., Any]:
    def make(url: str) -> Any:
        hooks = telemetry.tracing(provider)
        return KINDS[request.param](
            "openai", base_url=url, api_key=SECRET, timeout=0.3, hooks=hooks
        )

    return make


def test_a_create_says_what_it_is(client_of: Any, spans: Any) -> None:
    with serving(JOB) as server, client_of(server.url) as client:
        client.create("a very private prompt", model="sora-2")
        port = server.port

    [span] = spans()
    assert (span.name, span.kind) == ("POST /videos", SpanKind.CLIENT)
    assert dict(span.attributes) == {
        "http.request.method": "POST",
        "http.response.status_code": 200,
        "url.template": "/videos",
        "server.address": "127.0.0.1",
        "server.port": port,
        "gen_ai.provider.name": "openai",
        "gen_ai.operation.name": "generate_content",
        "gen_ai.output.type": "video",
        "gen_ai.request.model": "sora-2",
        "vidspec.operation.id": "createVideo",
    }
    assert span.end_time >= span.start_time
    assert span.status.status_code is StatusCode.UNSET


def test_a_model_in_a_form_is_seen(client_of: Any, spans: Any) -> None:
    with serving(JOB) as server, client_of(server.url) as client:
        client.create("a fox", model="sora-2", image=b"\x89PNG\r\n\x1a\n")
        assert server.seen[0].headers["content-type"].startswith("multipart/")

    assert spans()[0].attributes["gen_ai.request.model"] == "sora-2"


def test_each_sending_is_a_span(client_of: Any, spans: Any) -> None:
    with serving(reset, reply(503), JOB) as server, client_of(server.url) as client:
        client.retrieve("video_1")

    lost, refused, good = spans()
    assert {span.name for span in spans()} == {"GET /videos/{video_id}"}
    assert lost.attributes["error.type"] == "RemoteProtocolError"
    assert "http.response.status_code" not in lost.attributes
    assert (refused.attributes["error.type"], refused.status.status_code) == (
        "503",
        StatusCode.ERROR,
    )
    assert [s.attributes.get("http.request.resend_count") for s in spans()] == [None, 1, 2]
    assert "error.type" not in good.attributes
    assert not [s for s in spans() if "gen_ai.operation.name" in s.attributes]


def test_a_body_that_breaks_off_is_told(client_of: Any, spans: Any) -> None:
    with (
        serving(stalled_body) as server,
        client_of(server.url) as client,
        pytest.raises(errors.TimedOut),
    ):
        client.create("a fox")

    assert [s.attributes.get("error.type") for s in spans()] == [None, "ReadTimeout"]


def test_nothing_private_is_in_any_span(client_of: Any, spans: Any, tmp_path: Any) -> None:
    listed = json_reply(200, '{"object": "list", "data": []}')
    media = reply(200, b"mp4", content_type="video/mp4")
    with serving(JOB, listed, media) as server, client_of(server.url) as client:
        client.create("a very private prompt", extra_body={"user": "somebody"})
        list(client.list())
        client.download(done(), tmp_path / "v.mp4")

    told = "".join(span.to_json() for span in spans())
    assert len(spans()) == 3
    for private in (SECRET, "private", "somebody", VIDEO["id"], server.url):
        assert private not in told


def test_a_result_elsewhere_shows_its_host_and_not_its_address(
    spans: Any, provider: Any, tmp_path: Any
) -> None:
    media = reply(200, b"mp4", content_type="video/mp4")
    with (
        serving(reply(403), media) as store,
        VideoClient(
            "openai", base_url="http://127.0.0.1:9", hooks=telemetry.tracing(provider)
        ) as client,
    ):
        download = client._download(url_source(f"{store.url}/f/secret-name?signature=abc"))
        with pytest.raises(errors.Forbidden):
            download.save(tmp_path / "v.mp4")
        download.save(tmp_path / "v.mp4")

    assert [span.name for span in spans()] == ["GET {result}"] * 2
    assert [span.attributes["server.port"] for span in spans()] == [store.port] * 2
    assert "secret-name" not in "".join(span.to_json() for span in spans())
