"""Sizes: limits held before anything is sent, and uploads that read the disk without holding up the loop."""

# ruff: noqa: SIM117

import asyncio
import hashlib
import io
import tempfile
import time
import tracemalloc
from pathlib import Path
from typing import Any

import httpx2
import pytest

import vidspec_client.jimeng
import vidspec_client.kling
import vidspec_client.openai
from vidspec_client import TransportError, UnsupportedValue, VideoClient

from .test_faults import VIDEO
from .unified import KINDS
from .wire import serving

NOWHERE = "http://127.0.0.1:9"
MEGABYTE = 1 << 20
PNG = b"\x89PNG\r\n\x1a\n"


def kling(data: Any) -> object:
    with vidspec_client.kling.Client(access_key="a", secret_key="s", base_url=NOWHERE) as client:
        return client.create_image_to_video(image=data, prompt="a fox")


@pytest.mark.parametrize("kind", ["bytes", "path", "file"])
def test_a_file_that_is_too_large_is_not_sent(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "large.png"
    path.write_bytes(PNG + bytes(10 * MEGABYTE))
    large: Any = {"bytes": path.read_bytes(), "path": path, "file": io.BytesIO(path.read_bytes())}[
        kind
    ]

    with pytest.raises(UnsupportedValue, match=r"image has \d+ bytes; at most 10485760") as caught:
        kling(large)
    assert caught.value.parameter == "image"
    with (
        VideoClient("kling", base_url=NOWHERE, secrets={"access_key": "a", "secret_key": "s"}) as c,
        pytest.raises(UnsupportedValue, match="kling, create: image has"),
    ):
        c.create("a fox", image=large)


def test_a_file_just_small_enough_is_sent() -> None:
    small = PNG + bytes(10 * MEGABYTE - 8)
    with serving() as server, pytest.raises(TransportError):
        with vidspec_client.kling.Client(
            access_key="a", secret_key="s", base_url=server.url
        ) as client:
            client.create_image_to_video(image=small, prompt="a fox")
    assert len(server.seen) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_prompt_that_is_too_long_is_not_sent(kind: str) -> None:
    with (
        KINDS[kind]("openai", base_url=NOWHERE, api_key="k") as client,
        pytest.raises(UnsupportedValue, match="prompt has 32001 characters; at most 32000"),
    ):
        client.create("x" * 32001)
    with (
        vidspec_client.openai.Client(base_url=NOWHERE, api_key="k") as client,
        pytest.raises(UnsupportedValue, match="32000"),
    ):
        client.create_video(prompt="x" * 32001)


def test_a_data_url_that_is_too_long_is_not_sent() -> None:
    with (
        VideoClient("openai", base_url=NOWHERE, api_key="k", encoding="json") as client,
        pytest.raises(UnsupportedValue, match="characters; at most 20971520"),
    ):
        client.create("a fox", image=PNG + bytes(16 * MEGABYTE))


def test_what_is_said_in_extra_body_is_sent_as_it_is() -> None:
    sent: list[bytes] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        sent.append(request.read())
        return httpx2.Response(200, json=VIDEO)

    http = httpx2.Client(transport=httpx2.MockTransport(answer))
    with VideoClient("openai", base_url=NOWHERE, api_key="k", http_client=http) as client:
        client.create("a fox", extra_body={"prompt": "x" * 40000})
    assert b"x" * 40000 in sent[0]


class Sink(httpx2.BaseTransport, httpx2.AsyncBaseTransport):
    """Takes an upload chunk by chunk, and keeps nothing of it."""

    def __init__(self) -> None:
        self.size, self.longest, self.digest = 0, 0, hashlib.sha256()

    def take(self, chunk: bytes) -> None:
        self.size += len(chunk)
        self.longest = max(self.longest, len(chunk))
        self.digest.update(chunk)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        assert isinstance(request.stream, httpx2.SyncByteStream)
        for chunk in request.stream:
            self.take(chunk)
        return httpx2.Response(200, json=VIDEO)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        assert isinstance(request.stream, httpx2.AsyncByteStream)
        async for chunk in request.stream:
            self.take(chunk)
        return httpx2.Response(200, json=VIDEO)


@pytest.mark.parametrize("kind", KINDS)
def test_an_upload_is_read_from_disk_while_it_is_sent(kind: str, tmp_path: Path) -> None:
    path, sink = tmp_path / "large.png", Sink()
    with path.open("wb") as file:
        file.write(PNG)
        file.truncate(200 * MEGABYTE)
    http: Any = httpx2.Client if kind == "sync" else httpx2.AsyncClient
    with KINDS[kind](
        "openai", base_url=NOWHERE, api_key="k", http_client=http(transport=sink)
    ) as client:
        tracemalloc.start()
        client.create("a fox", image=path)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()

    assert sink.size > 200 * MEGABYTE
    assert sink.longest <= 65536
    assert peak < 8 * MEGABYTE


def test_a_slow_disk_does_not_hold_up_the_loop() -> None:
    class Slow(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            time.sleep(0.2 if self.tell() >= 65536 else 0)
            return super().read(size)

    async def main() -> int:
        turns = 0

        async def turn() -> None:
            nonlocal turns
            while True:
                await asyncio.sleep(0.01)
                turns += 1

        ticking = asyncio.create_task(turn())
        http = httpx2.AsyncClient(transport=Sink())
        async with vidspec_client.openai.AsyncClient(
            base_url=NOWHERE, api_key="k", http_client=http
        ) as client:
            await client.create_video(prompt="a fox", input_reference=Slow(PNG + bytes(200_000)))
        ticking.cancel()
        return turns

    assert asyncio.run(main()) > 20


def test_an_upload_from_disk_arrives_whole_over_a_socket(tmp_path: Path) -> None:
    data = PNG + bytes(range(256)) * 4000
    with tempfile.NamedTemporaryFile(dir=tmp_path, suffix=".png") as file:
        file.write(data)
        file.flush()

        async def main(url: str) -> None:
            async with vidspec_client.openai.AsyncClient(base_url=url, api_key="k") as client:
                await client.create_video(prompt="a fox", input_reference=Path(file.name))

        with serving() as server:
            with pytest.raises(TransportError, match="may be billed"):
                asyncio.run(main(server.url))
            assert data in server.seen[0].body
