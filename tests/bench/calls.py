"""Run as ``calls.py vidspec|openai|httpx2``: prints seconds of CPU per retrieve, per create and per parse."""

import json
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

import httpx2

warnings.simplefilter("ignore")
VIDEO = json.dumps(
    {
        "id": "video_68d7512d07848190b3e45da0ecbebcde004da08e1e0678d5",
        "object": "video", "created_at": 1790000000, "status": "in_progress", "model": "sora-2",
        "progress": 33, "seconds": "8", "size": "1280x720", "completed_at": None, "error": None,
        "expires_at": None, "prompt": "A lantern keeper walks along a foggy harbour at dawn",
        "remixed_from_video_id": None,
    }
).encode()  # fmt: skip
BASE = "http://127.0.0.1:1/v1"
PROMPT = "A lantern keeper walks along a foggy harbour at dawn"
ONE = "video_68d7512d07848190b3e45da0ecbebcde004da08e1e0678d5"


def answer(request: httpx2.Request) -> httpx2.Response:
    request.read()
    return httpx2.Response(200, content=VIDEO, headers={"content-type": "application/json"})


def seconds_each(call: Callable[[], Any], count: int) -> float:
    for _ in range(count // 10):
        call()
    begun = time.process_time()
    for _ in range(count):
        call()
    return (time.process_time() - begun) / count


def actions(name: str) -> tuple[Callable[[], Any], Callable[[], Any], Callable[[], Any]]:
    transport = httpx2.Client(transport=httpx2.MockTransport(answer))
    if name == "vidspec":
        from vidspec_client.openai import Client, models

        client = Client(api_key="key", base_url=BASE, http_client=transport)
        return (
            lambda: client.get_video(video_id=ONE),
            lambda: client.create_video(prompt=PROMPT, seconds="8"),
            lambda: models.VideoResource.model_validate_json(VIDEO),
        )
    if name == "openai":
        import openai
        from openai.types import Video

        sdk = openai.OpenAI(api_key="key", base_url=BASE, http_client=transport)
        return (
            lambda: sdk.videos.retrieve(ONE),
            lambda: sdk.videos.create(prompt=PROMPT, seconds="8"),
            lambda: Video.construct(**json.loads(VIDEO)),
        )
    headers = {"authorization": "Bearer key"}
    return (
        lambda: transport.get(f"{BASE}/videos/{ONE}", headers=headers).json(),
        lambda: transport.post(f"{BASE}/videos", json={"prompt": PROMPT}, headers=headers).json(),
        lambda: json.loads(VIDEO),
    )


if __name__ == "__main__":
    print(*(seconds_each(action, 2000) for action in actions(sys.argv[1])))
