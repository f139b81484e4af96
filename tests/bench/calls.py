"""Run as ``calls.py NAME [FOLDER]``: prints seconds of CPU per retrieve, per create and per parse, over an in-memory transport.

NAME: httpx2, vidspec, openai (the dialect ``openai``); vidspec-openrouter, openrouter; opc, dcg (made by ``peers.py`` in FOLDER).
"""

import json
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any, TypeAlias

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
GENERATION = json.dumps(
    {"id": "gen-vid-1795240800-Qm4tV8rKx2LbNf7PzWc3", "status": "in_progress",
     "polling_url": f"{BASE}/videos/gen-vid-1795240800-Qm4tV8rKx2LbNf7PzWc3"}
).encode()  # fmt: skip
MODEL = "google/veo-3.1"

Call: TypeAlias = Callable[[], Any]
Calls: TypeAlias = tuple[Call, Call, Call]


def http(body: bytes = VIDEO, status: int = 200, library: Any = httpx2, **options: Any) -> Any:
    """Return an HTTP client of ``library`` that answers everything with ``body``, without a socket."""

    def answer(request: Any) -> Any:
        request.read()
        headers = {"content-type": "application/json"}
        return library.Response(status, content=body, headers=headers)

    return library.Client(transport=library.MockTransport(answer), **options)


def seconds_each(call: Call, count: int) -> float:
    for _ in range(count // 10):
        call()
    begun = time.process_time()
    for _ in range(count):
        call()
    return (time.process_time() - begun) / count


def raw() -> Calls:
    client, headers = http(), {"authorization": "Bearer key"}
    return (
        lambda: client.get(f"{BASE}/videos/{ONE}", headers=headers).json(),
        lambda: client.post(f"{BASE}/videos", json={"prompt": PROMPT}, headers=headers).json(),
        lambda: json.loads(VIDEO),
    )


def vidspec() -> Calls:
    from vidspec_client.openai import Client, models

    client = Client(api_key="key", base_url=BASE, http_client=http())
    return (
        lambda: client.get_video(video_id=ONE),
        lambda: client.create_video(prompt=PROMPT, seconds="8"),
        lambda: models.VideoResource.model_validate_json(VIDEO),
    )


def openai() -> Calls:
    import openai as sdk
    from openai.types import Video

    client = sdk.OpenAI(api_key="key", base_url=BASE, http_client=http())
    return (
        lambda: client.videos.retrieve(ONE),
        lambda: client.videos.create(prompt=PROMPT, seconds="8"),
        lambda: Video.construct(**json.loads(VIDEO)),
    )


def vidspec_openrouter() -> Calls:
    from vidspec_client.openrouter import Client, models

    client = Client(api_key="key", base_url=BASE, http_client=http(GENERATION))
    return (
        lambda: client.get_videos(job_id=ONE),
        lambda: client.create_videos(prompt=PROMPT, model=MODEL, duration=8),
        lambda: models.VideoGenerationResponse.model_validate_json(GENERATION),
    )


def openrouter() -> Calls:
    import httpx
    from openrouter import OpenRouter
    from openrouter.components import VideoGenerationResponse

    def client_of(status: int) -> Any:
        inner = http(GENERATION, status, httpx)
        return OpenRouter(api_key="key", server_url=BASE, client=inner).video_generation

    # Its create takes nothing but 202.
    getting, making = client_of(200), client_of(202)
    return (
        lambda: getting.get_generation(job_id=ONE),
        lambda: making.generate(prompt=PROMPT, model=MODEL, duration=8),
        lambda: VideoGenerationResponse.model_validate_json(GENERATION),
    )


def opc() -> Calls:
    import httpx
    from opc_peer import AuthenticatedClient, models
    from opc_peer.api.videos import create_video, get_video

    client = AuthenticatedClient(base_url=BASE, token="key")
    headers = {"authorization": "Bearer key"}
    client.set_httpx_client(http(library=httpx, base_url=BASE, headers=headers))
    body = models.CreateVideoJsonBody(prompt=PROMPT)
    return (
        lambda: get_video.sync(ONE, client=client),
        lambda: create_video.sync(client=client, body=body),
        lambda: models.VideoResource.from_dict(json.loads(VIDEO)),
    )


def dcg() -> Calls:
    import dcg_models
    from dcg_peer import Client

    client = Client(base_url=BASE, api_key_auth="key", http_client=http())
    body = dcg_models.CreateVideoJsonBody(prompt=PROMPT)
    return (
        lambda: client.videos.get_video(video_id=ONE),
        lambda: client.videos.create_video(body=body),
        lambda: dcg_models.VideoResource.model_validate_json(VIDEO),
    )


WHO: dict[str, Callable[[], Calls]] = {
    "httpx2": raw, "vidspec": vidspec, "openai": openai, "vidspec-openrouter": vidspec_openrouter,
    "openrouter": openrouter, "opc": opc, "dcg": dcg,
}  # fmt: skip

if __name__ == "__main__":
    sys.path[:0] = sys.argv[2:]
    print(*(seconds_each(action, 2000) for action in WHO[sys.argv[1]]()))
