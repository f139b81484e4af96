"""Downloads against servers that break off, lie about lengths, and move files about."""

# ruff: noqa: SIM117

import asyncio
import base64
import errno
import hashlib
import io
import os
import re
import socket
import threading
import time
from pathlib import Path
from typing import Any

import httpx2
import pytest
from rich.console import Console

from vidspec.runtime.client.bar import progress_bar
from vidspec.runtime.client.client import AsyncClient
from vidspec.runtime.client.downloads import Inline, url_source
from vidspec.runtime.client.errors import DecodingError, DownloadError, Expired, NotFound
from vidspec.runtime.client.requests import build_request
from vidspec.runtime.client.sink import Sink

from .test_faults import VIDEO
from .toy import CONTENT, DIALECT, Plain
from .unified import KINDS
from .wire import Seen, json_reply, reply, serving

DATA = os.urandom(300_000)
SHA256 = hashlib.sha256(DATA).hexdigest()
SOURCE = build_request(CONTENT, path={"id": "v1"})


def head(status: int, length: int, *lines: str) -> bytes:
    first = [f"HTTP/1.1 {status} S", f"content-length: {length}", "content-type: video/mp4"]
    return "\r\n".join([*first, *lines, "connection: close", "", ""]).encode()


def breaking(etag: str | None, step: int = 100_000, *, ranges: bool = True) -> Any:
    """Serve DATA, at most ``step`` bytes at a time, then break off."""

    def react(connection: socket.socket, seen: Seen) -> None:
        tag = [f"etag: {etag}"] if etag else []
        matched = re.fullmatch(r"bytes=(\d+)-", seen.headers.get("range", ""))
        start = int(matched[1]) if matched and ranges else 0
        rest = DATA[start:]
        if start:
            assert etag == seen.headers["if-range"]
            place = f"content-range: bytes {start}-{len(DATA) - 1}/{len(DATA)}"
            connection.sendall(head(206, len(rest), place, *tag))
        else:
            connection.sendall(head(200, len(rest), *tag))
        connection.sendall(rest[:step])

    return react


def test_a_truncated_download_is_resumed(make: Any, tmp_path: Path) -> None:
    seen: list[tuple[int, int | None]] = []
    with serving(default=breaking('"a"')) as server:
        saved = make(server.url).save(
            SOURCE,
            tmp_path / "v.mp4",
            progress=lambda *numbers: seen.append(numbers),
            sha256=SHA256,
        )
        expected = [None, "bytes=100000-", "bytes=200000-"]
        assert expected == [request.headers.get("range") for request in server.seen]
    assert (len(DATA), SHA256, "video/mp4") == (saved.size, saved.sha256, saved.content_type)
    assert (tmp_path / "v.mp4").read_bytes() == DATA
    assert [tmp_path / "v.mp4"] == list(tmp_path.iterdir())
    assert (len(DATA), len(DATA)) == seen[-1]


def test_without_a_validator_it_begins_anew(make: Any, tmp_path: Path) -> None:
    with serving(breaking(None), default=breaking(None, len(DATA))) as server:
        make(server.url).save(SOURCE, tmp_path / "v.mp4")
        assert [request.headers.get("range") for request in server.seen] == [None, None]
    assert (tmp_path / "v.mp4").read_bytes() == DATA


def test_a_changed_file_begins_anew(make: Any, tmp_path: Path) -> None:
    with serving(breaking('"a"'), default=breaking('"b"', len(DATA), ranges=False)) as server:
        make(server.url).save(SOURCE, tmp_path / "v.mp4", sha256=SHA256)
    assert (tmp_path / "v.mp4").read_bytes() == DATA


def test_a_range_from_elsewhere_is_not_appended(make: Any, tmp_path: Path) -> None:
    wrong = head(206, 5, f"content-range: bytes 0-4/{len(DATA)}") + DATA[:5]
    with serving(breaking('"a"'), wrong, default=breaking('"a"', len(DATA))) as server:
        make(server.url).save(SOURCE, tmp_path / "v.mp4", sha256=SHA256)


def test_a_download_that_gains_nothing_ends_and_leaves_nothing(make: Any, tmp_path: Path) -> None:
    (tmp_path / "v.mp4").write_bytes(b"old")
    with serving(default=breaking('"a"', 0)) as server:
        with pytest.raises(DownloadError, match="broke off at 0 of 300000 bytes"):
            make(server.url).save(SOURCE, tmp_path / "v.mp4")
    assert (tmp_path / "v.mp4").read_bytes() == b"old"
    assert [tmp_path / "v.mp4"] == list(tmp_path.iterdir())


def test_the_wrong_digest_is_refused(make: Any, tmp_path: Path) -> None:
    with serving(default=breaking(None, len(DATA))) as server:
        with pytest.raises(DownloadError, match="digest"):
            make(server.url).save(SOURCE, tmp_path / "v.mp4", sha256="0" * 64)
    assert list(tmp_path.iterdir()) == []


def test_an_expired_result_is_its_own_error(make: Any, tmp_path: Path) -> None:
    with serving(reply(410), reply(404)) as server:
        with pytest.raises(Expired):
            make(server.url).save(SOURCE, tmp_path / "v.mp4")
        with pytest.raises(NotFound):
            make(server.url).save(SOURCE, tmp_path / "v.mp4")


def test_a_web_page_is_no_video(make: Any, tmp_path: Path) -> None:
    with serving(reply(200, b"<html>", content_type="text/html")) as server:
        with pytest.raises(DecodingError, match="media was expected") as caught:
            make(server.url).save(SOURCE, tmp_path / "v.mp4")
    assert caught.value.body == b"<html>"
    assert list(tmp_path.iterdir()) == []


def test_a_redirected_download_carries_no_credentials(make: Any, tmp_path: Path) -> None:
    with serving(default=breaking('"a"')) as store, serving() as server:
        server.default = reply(302, location=f"{store.url}/f?signature=1")
        make(server.url).save(SOURCE, tmp_path / "v.mp4", sha256=SHA256)
        assert len(store.seen) == 3
        assert not [request for request in store.seen if "authorization" in request.headers]
        assert all("authorization" in request.headers for request in server.seen)


def test_a_result_url_gets_credentials_only_at_home(make: Any, tmp_path: Path) -> None:
    with serving(default=breaking(None, len(DATA))) as store:
        with serving(default=breaking(None, len(DATA))) as server:
            gateway = make(server.url)
            gateway.save(url_source(f"{store.url}/f"), tmp_path / "a.mp4")
            assert "authorization" not in store.seen[0].headers


def test_base64_is_saved(make: Any, tmp_path: Path) -> None:
    text = base64.b64encode(DATA).decode()
    for source in (Inline(text), url_source(f"data:video/mp4;base64,{text}")):
        saved = make("http://127.0.0.1:9").save(source, tmp_path / "v.mp4", sha256=SHA256)
        assert saved.content_type == "video/mp4"
    with pytest.raises(DownloadError):
        make("http://127.0.0.1:9").save(Inline("%%"), tmp_path / "w.mp4")
    for address in ("file:///etc/passwd", "http://[nowhere/v.mp4", "http://a\nb/v.mp4"):
        with pytest.raises(DownloadError):
            url_source(address)


def test_a_stream_is_read_in_chunks() -> None:
    with serving(breaking(None, len(DATA)), json_reply(200, "{}")) as server:
        with Plain(server.url) as client:
            with client._download(SOURCE).stream() as chunks:
                assert b"".join(chunks) == DATA
            with pytest.raises(DecodingError):
                client._download(SOURCE).read()


def test_a_slow_disk_does_not_hold_up_the_loop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: set[str] = set()
    write = Sink.write

    def slow(sink: Sink, chunk: bytes) -> None:
        threads.add(threading.current_thread().name)
        time.sleep(0.05)
        write(sink, chunk)

    async def main(url: str) -> tuple[int, list[str]]:
        turns, told = 0, list[str]()

        async def turn() -> None:
            nonlocal turns
            while True:
                await asyncio.sleep(0.01)
                turns += 1

        ticking = asyncio.create_task(turn())
        async with AsyncClient(DIALECT, secrets={}, base_url=url) as client:
            await client._download(SOURCE).save(
                tmp_path / "v.mp4",
                progress=lambda *_: told.append(threading.current_thread().name),
                sha256=SHA256,
            )
        ticking.cancel()
        return turns, told

    monkeypatch.setattr(Sink, "write", slow)
    with serving(default=breaking('"a"')) as server:
        turns, told = asyncio.run(main(server.url))

    here = threading.current_thread().name
    assert here not in threads
    assert set(told) == {here}
    assert turns > 5


def test_a_cancelled_save_leaves_nothing_and_nobody_writing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, ended = threading.Event(), list[bool]()

    def slow(sink: Sink, _chunk: bytes) -> None:
        begun.set()
        time.sleep(0.2)
        ended.append(sink.file.closed)

    async def main(url: str) -> None:
        async with AsyncClient(DIALECT, secrets={}, base_url=url) as client:
            saving = asyncio.create_task(client._download(SOURCE).save(tmp_path / "v.mp4"))
            await asyncio.to_thread(begun.wait)
            saving.cancel()
            with pytest.raises(asyncio.CancelledError):
                await saving
            assert ended[0] is False

    monkeypatch.setattr(Sink, "write", slow)
    with serving(default=breaking(None, len(DATA))) as server:
        asyncio.run(main(server.url))
    assert list(tmp_path.iterdir()) == []


def test_two_that_save_under_one_name_do_not_meet(tmp_path: Path) -> None:
    async def main(url: str) -> None:
        async with AsyncClient(DIALECT, secrets={}, base_url=url) as client:
            path = tmp_path / "v.mp4"
            both = [client._download(SOURCE).save(path, sha256=SHA256) for _ in range(2)]
            assert [saved.size for saved in await asyncio.gather(*both)] == [len(DATA)] * 2

    with serving(default=breaking(None, len(DATA))) as server:
        asyncio.run(main(server.url))
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [DATA]


def test_a_full_disk_is_told_with_the_file(
    make: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_sink: Sink, _chunk: bytes) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Sink, "write", full)
    with serving(default=breaking(None, len(DATA))) as server:
        with pytest.raises(OSError, match=r"No space left on device: .*v\.mp4'"):
            make(server.url).save(SOURCE, tmp_path / "v.mp4")
    assert list(tmp_path.iterdir()) == []


def test_a_bar_shows_how_far_a_download_is(tmp_path: Path) -> None:
    shown = io.StringIO()
    console = Console(file=shown, force_terminal=True, width=100)
    with (
        serving(default=breaking(None, len(DATA))) as server,
        Plain(server.url) as client,
        progress_bar("v.mp4", console=console) as show,
    ):
        client._download(SOURCE).save(tmp_path / "v.mp4", progress=show)

    assert "v.mp4" in shown.getvalue()
    assert "300.0/300.0 kB" in shown.getvalue()


@pytest.mark.parametrize("kind", KINDS)
def test_a_program_tested_without_a_network_can_save(kind: str, tmp_path: Path) -> None:
    """The transport that httpx2 has for tests gives bodies that are read already."""

    def answer(request: httpx2.Request) -> httpx2.Response:
        content = {"content": DATA} if request.url.path.endswith("/content") else {"json": VIDEO}
        media = {"content-type": "video/mp4"} if "content" in content else {}
        return httpx2.Response(200, headers=media, **content)

    http = httpx2.Client if kind == "sync" else httpx2.AsyncClient
    inner: Any = http(transport=httpx2.MockTransport(answer))
    with KINDS[kind]("openai", base_url="http://a", api_key="k", http_client=inner) as client:
        client.download("video_1", tmp_path / "v.mp4")

    assert (tmp_path / "v.mp4").read_bytes() == DATA
