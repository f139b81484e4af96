"""Logs: what is told of calls, and that no secret is in it, whichever library speaks."""

import logging
from pathlib import Path
from typing import Any

import pytest

from vidspec_client import RedactingFilter, VideoClient
from vidspec_client._runtime.downloads import url_source

from .test_faults import JOB, SECRET
from .wire import reply, reset, serving


def test_our_own_log_tells_of_calls_and_retries(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "vidspec_client")
    with (
        serving(reset, JOB) as server,
        VideoClient("openai", base_url=server.url, api_key=SECRET) as client,
    ):
        client.retrieve("video_1")

    said = [record.getMessage() for record in caplog.records if record.name == "vidspec_client"]
    assert said[0] == "GET /videos/{video_id}: RemoteProtocolError"
    assert said[1].startswith("GET /videos/{video_id}: retry in ")
    assert said[2].startswith("GET /videos/{video_id}: 200 in ")
    assert SECRET not in caplog.text


@pytest.mark.parametrize("struck", [True, False])
def test_the_filter_keeps_secrets_out_of_what_others_log(
    struck: bool, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    """Without it the address of a result, with its signature, is in the log of httpx2."""
    caplog.set_level(logging.DEBUG)
    if struck:
        caplog.handler.addFilter(RedactingFilter())
    media = reply(200, b"mp4", content_type="video/mp4")
    try:
        with (
            serving(JOB, media) as server,
            VideoClient("openai", base_url=server.url, api_key=SECRET) as client,
        ):
            client.retrieve("video_1")
            source = url_source(f"{server.url}/v.mp4?signature=abcdef")
            client._download(source).save(tmp_path / "v.mp4")
    finally:
        for one in caplog.handler.filters[:]:
            caplog.handler.removeFilter(one)

    assert "/v.mp4" in caplog.text
    assert ("abcdef" in caplog.text) is not struck
    assert SECRET not in caplog.text or not struck


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Authorization: Bearer abc.def-1", "Authorization: ***"),
        (
            "[(b'authorization', b'Bearer abc'), (b'accept', b'*/*')]",
            "[(b'authorization', b'***'), (b'accept', b'*/*')]",
        ),
        ("{'x-api-key': 'k123', 'a': 'b'}", "{'x-api-key': '***', 'a': 'b'}"),
        ("HMAC-SHA256 Credential=AK/2026, SignedHeaders=host", "HMAC-SHA256 Credential=***"),
        ("with bearer abc.def and more", "with bearer *** and more"),
        ("key sk-proj-12345678 was refused", "key *** was refused"),
        ('GET https://a.b/v?x=1&signature=abc "200"', 'GET https://a.b/v?*** "200"'),
        ("http://user:pass@host/v", "http://***@host/v"),
        ("GET /videos/{video_id}: 200 in 0.01 s", "GET /videos/{video_id}: 200 in 0.01 s"),
    ],
)
def test_what_is_struck(said: str, kept: str) -> None:
    record: Any = logging.LogRecord("x", logging.INFO, "", 0, "%s", (said,), None)

    assert RedactingFilter().filter(record)
    assert record.getMessage() == kept
