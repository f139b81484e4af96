"""Emitted clients at work: two unlike dialects from create to a saved file, without the mock."""

import asyncio
import json
from pathlib import Path
from typing import Any

import vidspec_client.kling
import vidspec_client.openai

from .wire import json_reply, reply, serving

VIDEO = {
    "id": "video_1",
    "object": "video",
    "model": "sora-2",
    "status": "queued",
    "progress": 0,
    "created_at": 1700000000,
    "completed_at": None,
    "expires_at": None,
    "prompt": "a fox",
    "size": "720x1280",
    "seconds": "4",
    "remixed_from_video_id": None,
    "error": None,
}


def video(**changes: Any) -> bytes:
    return json_reply(200, json.dumps(VIDEO | changes))


def task(status: str, **more: Any) -> bytes:
    data = {"task_id": "t1", "task_status": status, "created_at": 1700000000000, **more}
    envelope = {"code": 0, "message": "SUCCEED", "request_id": "r", "data": data}
    return json_reply(200, json.dumps(envelope | {"data": {"updated_at": 1700000000000, **data}}))


def test_a_video_is_made_and_saved(tmp_path: Path) -> None:
    content = reply(200, b"mp4" * 1000, content_type="video/mp4", etag='"a"')
    script = [video(), video(status="in_progress", progress=50), video(status="completed"), content]
    states: list[str] = []
    with (
        serving(*script) as server,
        vidspec_client.openai.Client(api_key="k", base_url=f"{server.url}/v1") as client,
    ):
        made = client.create_video(prompt="a fox", input_reference=b"\x89PNG\r\n\x1a\n")
        done = client.wait(
            video_id=made.id, interval=0.01, on_update=lambda job: states.append(job.state)
        )
        client.download(done.job)[0].save(tmp_path / "v.mp4")
        targets = [request.target for request in server.seen]
        assert server.seen[0].headers["content-type"].startswith("multipart/form-data")
    assert states == ["in_progress", "completed"]
    assert targets == ["/v1/videos", *["/v1/videos/video_1"] * 2, "/v1/videos/video_1/content"]
    assert (tmp_path / "v.mp4").stat().st_size == 3000


def test_what_may_be_null_may_be_left_out() -> None:
    known = {name: value for name, value in VIDEO.items() if value is not None}
    with (
        serving(json_reply(200, json.dumps(known))) as server,
        vidspec_client.openai.Client(api_key="k", base_url=server.url) as client,
    ):
        made = client.get_video(video_id="video_1")
    assert (made.completed_at, made.error) == (None, None)
    assert made.model_dump(exclude_unset=True) == known


def test_a_reply_can_be_had_raw() -> None:
    with (
        serving(video(status="limbo", novelty=1)) as server,
        vidspec_client.openai.Client(api_key="k", base_url=server.url) as client,
    ):
        asked = vidspec_client.openai.requests.get_video(
            video_id="video_1", extra_query={"trace": "1"}, extra_headers={"x-trace": "2"}
        )
        exchange = client.send(asked)
        [seen] = server.seen
    assert (seen.target, seen.headers["x-trace"]) == ("/videos/video_1?trace=1", "2")
    assert (exchange.status, json.loads(exchange.body)["novelty"]) == (200, 1)
    assert exchange.headers["content-type"] == "application/json"


def test_a_task_behind_an_envelope_is_made_and_saved(tmp_path: Path) -> None:
    async def main(gateway: str) -> None:
        async with vidspec_client.kling.AsyncClient(
            access_key="AK", secret_key="SK", base_url=gateway
        ) as client:
            made = await client.create_text_to_video(prompt="a fox")
            done = await client.wait(id=made.data.task_id, interval=0.01)
            assert done.job.status == "succeed"
            await client.download(done.job)[0].save(tmp_path / "v.mp4")

    with serving(reply(200, b"mp4", content_type="video/mp4")) as store, serving() as server:
        result = {"videos": [{"id": "1", "url": f"{store.url}/v.mp4", "duration": "5"}]}
        server.script += [task("submitted"), task("succeed", task_result=result)]
        asyncio.run(main(server.url))
        assert server.seen[0].headers["authorization"].count(".") == 2
        assert "authorization" not in store.seen[0].headers
    assert (tmp_path / "v.mp4").read_bytes() == b"mp4"
