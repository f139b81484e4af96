"""Run as ``heavy.py ACTION WHO URL PATH``: prints seconds passed, seconds of CPU and bytes by which memory grew at most.

ACTION: download (1 GB to PATH), upload (200 MB from PATH), jobs (1,000 of them awaited at once, 3 polls each).
"""

import asyncio
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2

from bench.calls import VIDEO

GIGABYTE = 10**9
JOBS, POLLS = 1000, 3


def peak() -> int:
    """Return the most bytes of memory that the process has had since ``forget``."""
    status = Path("/proc/self/status").read_text()
    return 1024 * int(status.partition("VmHWM:")[2].split()[0])


def forget() -> None:
    """Begin to watch the peak anew."""
    Path("/proc/self/clear_refs").write_text("5")


def raw_download(url: str, path: Path, size: int) -> None:
    with (
        httpx2.Client() as client,
        client.stream("GET", f"{url}/{size}") as response,
        path.open("wb") as file,
    ):
        for chunk in response.iter_bytes():
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())


def vidspec_download(url: str, path: Path, size: int) -> None:
    from vidspec_client.openai import Client

    with Client(api_key="k", base_url=url) as client:
        client._download(_source(f"{url}/{size}")).save(path)


def vidspec_async_download(url: str, path: Path, size: int) -> None:
    from vidspec_client.openai import AsyncClient

    async def main() -> None:
        async with AsyncClient(api_key="k", base_url=url) as client:
            await client._download(_source(f"{url}/{size}")).save(path)

    asyncio.run(main())


def raw_async_download(url: str, path: Path, size: int) -> None:
    async def main() -> None:
        async with (
            httpx2.AsyncClient() as client,
            client.stream("GET", f"{url}/{size}") as response,
        ):
            with path.open("wb") as file:  # what a plain program does
                async for chunk in response.aiter_bytes():
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())

    asyncio.run(main())


def _source(url: str) -> Any:
    from vidspec_client._runtime.downloads import url_source

    return url_source(url)


def vidspec_upload(url: str, path: Path, _size: int) -> None:
    from vidspec_client.openai import Client

    with Client(api_key="k", base_url=url) as client:
        client.create_video(prompt="a fox", input_reference=path)


def vidspec_async_upload(url: str, path: Path, _size: int) -> None:
    from vidspec_client.openai import AsyncClient

    async def main() -> None:
        async with AsyncClient(api_key="k", base_url=url) as client:
            await client.create_video(prompt="a fox", input_reference=path)

    asyncio.run(main())


def openai_upload(url: str, path: Path, _size: int) -> None:
    import openai

    with openai.OpenAI(api_key="k", base_url=url) as client:
        client.videos.create(prompt="a fox", input_reference=path)


class Gateway:
    """In memory: a job is completed at its third poll."""

    def __init__(self) -> None:
        self.seen: Counter[str] = Counter()

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        job_id = request.url.path.rpartition("/")[2]
        self.seen[job_id] += 1
        status = "completed" if self.seen[job_id] >= POLLS else "in_progress"
        return httpx2.Response(200, json=json.loads(VIDEO) | {"id": job_id, "status": status})

    async def answer_async(self, request: httpx2.Request) -> httpx2.Response:
        return self.answer(request)


def vidspec_jobs(_url: str, _path: Path, size: int) -> None:
    from vidspec_client import VideoClient

    http = httpx2.Client(transport=httpx2.MockTransport(Gateway().answer))
    with VideoClient("openai", api_key="k", http_client=http) as client:
        ends = client.wait_all([f"video_{n}" for n in range(size)], interval=0.2)
    assert all(end.ok for end in ends)


def vidspec_async_jobs(_url: str, _path: Path, size: int) -> None:
    from vidspec_client import AsyncVideoClient

    async def main() -> None:
        http = httpx2.AsyncClient(transport=httpx2.MockTransport(Gateway().answer_async))
        async with AsyncVideoClient("openai", api_key="k", http_client=http) as client:
            ends = await client.wait_all([f"video_{n}" for n in range(size)], interval=0.2)
        assert all(end.ok for end in ends)

    asyncio.run(main())


WHAT: dict[str, dict[str, Callable[[str, Path, int], None]]] = {
    "download": {
        "httpx2": raw_download, "vidspec": vidspec_download,
        "vidspec-async": vidspec_async_download, "httpx2-async": raw_async_download,
    },
    "upload": {"vidspec": vidspec_upload, "vidspec-async": vidspec_async_upload, "openai": openai_upload},
    "jobs": {"vidspec": vidspec_jobs, "vidspec-async": vidspec_async_jobs},
}  # fmt: skip


def main(action: str, who: str, url: str, path: Path) -> None:
    do = WHAT[action][who]
    # A little of it first: what is loaded at the first use is not what is measured.
    small = path.with_name("warm.png")
    small.write_bytes(b"\x89PNG\r\n\x1a\n")
    do(url, small, 1000 if action == "download" else 2)
    forget()
    before, begun, spent = peak(), time.perf_counter(), time.process_time()
    do(url, path, GIGABYTE if action == "download" else JOBS)
    print(time.perf_counter() - begun, time.process_time() - spent, peak() - before)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], Path(sys.argv[4]))
