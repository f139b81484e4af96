"""A small gateway of the `openai` shape, written by hand: it shares no line with the mock."""

import asyncio
import email.parser
import email.policy
import itertools
import json
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

KEY = "sk-live-0123456789abcdef"


def box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def film(width: int = 720, height: int = 1280, seconds: int = 4) -> bytes:
    """Return an MP4 that has all boxes our reader looks at, and no picture."""
    times = struct.pack(">IIII", 0, 0, 1000, seconds * 1000)
    entry = box(b"avc1", bytes(24), struct.pack(">HH", width, height), bytes(50))
    media = box(
        b"mdia",
        box(b"mdhd", bytes(4), struct.pack(">IIII", 0, 0, 1000, seconds * 1000), bytes(4)),
        box(b"hdlr", bytes(8), b"vide", bytes(13)),
        box(b"minf", box(b"stbl", box(b"stsd", bytes(4), struct.pack(">I", 1), entry))),
    )
    moov = box(
        b"moov", box(b"mvhd", bytes(4), times[:8], times[8:], bytes(80)), box(b"trak", media)
    )
    return box(b"ftyp", b"isom", bytes(4), b"isomavc1") + moov + box(b"mdat", bytes(400))


@dataclass
class Gateway:
    """Jobs in a dict; ``habits`` are the ways in which it is not like the others."""

    job_seconds: float = 0.1
    habits: frozenset[str] = frozenset()
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    paid: int = 0
    requests: int = 0
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def error(self, status: int, message: str, param: str | None = None) -> Response:
        inner = {"message": message, "type": "invalid_request_error", "param": param, "code": None}
        return self.reply({"error": inner}, status)

    def reply(self, value: Any, status: int = 200) -> Response:
        return JSONResponse(value, status, {"x-request-id": f"req_{next(self._numbers)}"})

    def app(self) -> ASGIApp:
        routes = [
            Route("/v1/videos", self.guarded(self.videos), methods=["GET", "POST"]),
            Route("/v1/videos/{id}", self.guarded(self.video), methods=["GET", "DELETE"]),
            Route("/v1/videos/{id}/content", self.guarded(self.content), methods=["GET"]),
            Route("/v1/videos/{id}/remix", self.guarded(self.remix), methods=["POST"]),
        ]
        if "no_remix" in self.habits:
            del routes[-1]
        return Starlette(routes=routes)

    def guarded(self, handler: Any) -> Any:
        async def serve(request: Request) -> Response:
            self.requests += 1
            if "echo_key" in self.habits:
                text = f"no such thing for {request.headers.get('authorization')}"
                return self.error(404, text)
            if request.headers.get("authorization") != f"Bearer {KEY}":
                return self.error(401, "Incorrect API key provided.")
            answer: Response = await handler(request)
            return answer

        return serve

    async def videos(self, request: Request) -> Response:
        if request.method == "GET":
            return self.listed(request)
        if "refuses_everything" in self.habits:
            return self.error(400, "not today")
        if "slow_create" in self.habits:
            await asyncio.sleep(0.02)
        body = await self.body(request)
        if "model_wrong" in self.habits:
            return self.error(400, "The model 'sora-2' does not exist.", "model")
        if "accepts_everything" not in self.habits:
            problem = self.problem(body)
            if problem:
                return problem
        return self.created(body if isinstance(body, dict) else {})

    async def body(self, request: Request) -> Any:
        raw, kind = await request.body(), request.headers.get("content-type", "")
        if kind.startswith("multipart/"):
            parser = email.parser.BytesParser(policy=email.policy.HTTP)
            message = parser.parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + raw)
            return {
                str(part.get_param("name", header="content-disposition")): part.get_content()
                for part in message.iter_parts()
            }
        if not kind.startswith("application/json"):
            return None
        try:
            return json.loads(raw)
        except ValueError:
            return "cut off"

    def problem(self, body: Any) -> Response | None:
        if body is None:
            return self.error(415, "Send JSON or a form.")
        if not isinstance(body, dict):
            return self.error(400, "The body is not JSON.")
        prompt = body.get("prompt")
        if not isinstance(prompt, str) or not 0 < len(prompt) <= 32000:
            return self.error(400, "A prompt is needed.", "prompt")
        if not isinstance(body.get("input_reference", {}), dict):
            return self.error(400, "Not a reference.", "input_reference")
        if body.get("seconds", "4") not in {"4", "8", "12"}:
            return self.error(400, "Not a length.", "seconds")
        if body.get("size", "720x1280") not in {"720x1280", "1280x720", "1024x1792", "1792x1024"}:
            return self.error(400, "Not a size.", "size")
        return None

    def created(self, body: dict[str, Any], source: str | None = None) -> Response:
        self.paid += 1
        job_id = f"video_{next(self._numbers):032x}"
        prompt = str(body.get("prompt", ""))
        self.jobs[job_id] = {
            "id": job_id,
            "object": "video",
            "model": body.get("model", "sora-2"),
            "created_at": int(time.time()),
            "prompt": prompt,
            "error": None,
            "size": body.get("size", "720x1280"),
            "seconds": str(body.get("seconds", "4")),
            "remixed_from_video_id": source,
            "began": time.monotonic(),
        }
        return self.reply(self.shown(self.jobs[job_id]))

    def shown(self, job: dict[str, Any]) -> dict[str, Any]:
        share = min(1.0, (time.monotonic() - job["began"]) / self.job_seconds)
        done, failing = share >= 1, "fail please" in job["prompt"]
        word = ("failed" if failing else "completed") if done else "in_progress"
        finished = job["created_at"] + round(self.job_seconds) if done and not failing else None
        error = {"code": "moderation", "message": "It was not to be."} if done and failing else None
        return {
            **{name: value for name, value in job.items() if name != "began"},
            "status": word,
            "progress": int(share * 100),
            "completed_at": finished,
            "expires_at": finished and finished + 3600,
            "error": error,
        }

    def listed(self, request: Request) -> Response:
        query = request.query_params
        if not query.get("limit", "20").isdecimal() or int(query.get("limit", "20")) > 100:
            return self.error(400, "The limit is a number up to 100.", "limit")
        if query.get("order", "desc") not in {"asc", "desc"}:
            return self.error(400, "The order is asc or desc.", "order")
        jobs = list(self.jobs.values())
        if query.get("order", "desc") == "desc":
            jobs.reverse()
        ids = [job["id"] for job in jobs]
        if query.get("after", ids[0] if ids else None) not in ids and "after" in query:
            return self.error(400, "No such video.", "after")
        start = ids.index(query["after"]) + 1 if "after" in query else 0
        end = start + int(query.get("limit", "20"))
        page = [self.shown(job) for job in jobs[start:end]]
        edges = [page[0]["id"], page[-1]["id"]] if page else [None, None]
        return self.reply(
            {
                "object": "list",
                "data": page,
                "has_more": end < len(jobs),
                "first_id": edges[0],
                "last_id": edges[1],
            }
        )

    async def video(self, request: Request) -> Response:
        job = self.jobs.get(request.path_params["id"])
        if job is None:
            return self.error(404, "No such video.")
        if request.method == "DELETE":
            del self.jobs[job["id"]]
            return self.reply({"id": job["id"], "object": "video.deleted", "deleted": True})
        return self.reply(self.shown(job))

    async def content(self, request: Request) -> Response:
        job = self.jobs.get(request.path_params["id"])
        if job is None or self.shown(job)["status"] != "completed":
            return self.error(404, "No such video yet.")
        variant = request.query_params.get("variant", "video")
        if variant == "thumbnail":
            return Response(b"RIFF\0\0\0\0WEBPVP8 ", media_type="image/webp")
        if variant == "spritesheet":
            return Response(b"\xff\xd8\xff\xe0", media_type="image/jpeg")
        width, height = map(int, job["size"].split("x"))
        data = film(width, height, int(job["seconds"]))
        if variant != "video":
            return self.error(400, "No such variant.", "variant")
        headers = {"etag": '"one"', "content-type": "video/mp4"}
        if request.headers.get("if-none-match") == '"one"':
            return Response(status_code=304, headers={"etag": '"one"'})
        wanted = request.headers.get("range", "")
        if request.headers.get("if-range", '"one"') != '"one"':
            wanted = ""
        if not wanted.startswith("bytes="):
            return Response(data, headers=headers)
        start, _, end = wanted.removeprefix("bytes=").partition("-")
        if not start:
            start, end = str(len(data) - int(end)), ""
        if int(start) >= len(data):
            return Response(status_code=416, headers={"content-range": f"bytes */{len(data)}"})
        last = min(int(end or len(data)), len(data) - 1)
        headers["content-range"] = f"bytes {start}-{last}/{len(data)}"
        return Response(data[int(start) : last + 1], 206, headers=headers)

    async def remix(self, request: Request) -> Response:
        job = self.jobs.get(request.path_params["id"])
        if job is None:
            return self.error(404, "No such video.")
        if self.shown(job)["status"] != "completed":
            return self.error(400, "The video is not ready.", "video_id")
        asked = await self.body(request)
        if not isinstance(asked, dict) or not asked.get("prompt"):
            return self.error(400, "A prompt is needed.", "prompt")
        return self.created({**job, **asked}, job["id"])


@contextmanager
def serving(app: ASGIApp) -> Iterator[str]:
    """Serve an ASGI application on loopback; give its origin."""
    config = uvicorn.Config(app, port=0, log_config=None, lifespan="off", ws="none")
    server = uvicorn.Server(config)
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.005)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(5)
