"""A gateway of the `openai` dialect on the emitted stubs: its own store, its own films."""

import itertools
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from conformance.films import film, still
from conformance.gateway import KEY
from vidspec_server import openai
from vidspec_server.openai import models

_MODELS = ("sora-2", "sora-2-pro")


@dataclass
class Order:
    """What somebody asked for, and when."""

    id: str
    prompt: str
    model: str
    size: models.VideoSize
    seconds: int
    source: str | None
    number: int
    began: float = field(default_factory=time.monotonic)
    made_at: int = field(default_factory=lambda: int(time.time()))


@dataclass
class Studio(openai.UnimplementedService):
    """Videos, their list, their content, and what is made from them; no characters."""

    job_seconds: float = 1.1
    orders: dict[str, Order] = field(default_factory=dict)
    paid: int = 0
    _numbers: Any = field(default_factory=itertools.count)

    def app(self) -> Any:
        """Return the application; one key opens it."""
        return openai.create_app(self, authenticate=self._caller)

    def _caller(self, credentials: Mapping[str, str], request: Request) -> str | None:
        return "caller" if KEY in credentials.values() else None

    async def list_models(self, call: openai.Call) -> models.ModelListResource:
        return models.ModelListResource(object="list", data=[_model(name) for name in _MODELS])

    async def retrieve_model(self, call: openai.Call, *, model: str) -> models.ModelResource:
        if model not in _MODELS:
            raise openai.ServiceError("not_found", f"No model {model}.", param="model")
        return _model(model)

    async def create_video(
        self,
        call: openai.Call,
        body: models.CreateVideoMultipartBody | models.CreateVideoJsonBody,
    ) -> models.VideoResource:
        if body.model not in {None, *_MODELS}:
            raise openai.ServiceError("invalid_request", f"No model {body.model}.", param="model")
        return self._take(
            body.prompt, body.model or "sora-2", body.size or "720x1280", int(body.seconds or 4)
        )

    async def create_video_remix(
        self, call: openai.Call, body: models.CreateVideoRemixBody, *, video_id: str
    ) -> models.VideoResource:
        source = self._finished(video_id, "video_id")
        return self._take(body.prompt, source.model, source.size, source.seconds, source.id)

    async def create_video_edit(
        self,
        call: openai.Call,
        body: models.CreateVideoEditMultipartBody | models.CreateVideoEditJsonBody,
    ) -> models.VideoResource:
        source = self._named(body.video)
        return self._take(body.prompt, source.model, source.size, source.seconds)

    async def create_video_extend(
        self,
        call: openai.Call,
        body: models.CreateVideoExtendMultipartBody | models.CreateVideoExtendJsonBody,
    ) -> models.VideoResource:
        source = self._named(body.video)
        length = source.seconds + int(body.seconds)
        return self._take(body.prompt, source.model, source.size, length)

    async def list_videos(
        self,
        call: openai.Call,
        *,
        after: str | None = None,
        limit: int | None = None,
        order: models.OrderEnum | None = None,
    ) -> models.VideoListResource:
        sign = 1 if order == "asc" else -1
        found = sorted(self.orders.values(), key=lambda made: sign * made.number)
        if after is not None:
            last = self._known(after, "after", "invalid_request")
            found = [made for made in found if sign * made.number > sign * last.number]
        size = 20 if limit is None else limit
        page = [self._shown(made) for made in found[:size]]
        return models.VideoListResource(
            object="list",
            data=page,
            first_id=page[0].id if page else None,
            last_id=page[-1].id if page else None,
            has_more=len(found) > size,
        )

    async def get_video(self, call: openai.Call, *, video_id: str) -> models.VideoResource:
        return self._shown(self._known(video_id, "video_id"))

    async def delete_video(
        self, call: openai.Call, *, video_id: str
    ) -> models.DeletedVideoResource:
        made = self._known(video_id, "video_id")
        if self._share(made) < 1:
            raise openai.ServiceError("conflict", "The video is still being made.")
        del self.orders[video_id]
        return models.DeletedVideoResource(id=video_id, object="video.deleted", deleted=True)

    async def retrieve_video_content(
        self,
        call: openai.Call,
        *,
        video_id: str,
        variant: models.VideoContentVariant | None = None,
    ) -> Response:
        made = self._known(video_id, "video_id")
        if self._shown(made).status != "completed":
            raise openai.ServiceError("not_ready", "The video is not ready.", param="video_id")
        width, height = map(int, made.size.split("x"))
        if variant == "thumbnail":
            return _file(call, still("libwebp", width, height), "image/webp")
        if variant == "spritesheet":
            return _file(call, still("mjpeg", 800, 400), "image/jpeg")
        return _file(call, film(width, height, made.seconds), "video/mp4")

    def _take(
        self,
        prompt: str,
        model: str,
        size: models.VideoSize,
        seconds: int,
        source: str | None = None,
    ) -> models.VideoResource:
        self.paid += 1
        number = next(self._numbers)
        made = Order(f"video_{number:024x}", prompt, model, size, seconds, source, number)
        self.orders[made.id] = made
        return self._shown(made)

    def _known(self, video_id: str, param: str, cause: Any = "not_found") -> Order:
        made = self.orders.get(video_id)
        if made is None:
            raise openai.ServiceError(cause, f"No video {video_id}.", param=param)
        return made

    def _finished(self, video_id: str, param: str) -> Order:
        source = self._known(video_id, param)
        if self._shown(source).status != "completed":
            raise openai.ServiceError("source_not_ready", "Not finished.", param=param)
        return source

    def _named(self, video: Any) -> Order:
        if not isinstance(video, models.VideoReference):
            raise openai.ServiceError("unimplemented", "Uploads are not taken.")
        return self._finished(video.id, "video")

    def _share(self, made: Order) -> float:
        return min(1.0, (time.monotonic() - made.began) / self.job_seconds)

    def _shown(self, made: Order) -> models.VideoResource:
        share = self._share(made)
        failed = share >= 1 and "fail please" in made.prompt
        status: models.VideoStatus = "in_progress" if share > 0.2 else "queued"
        if share >= 1:
            status = "failed" if failed else "completed"
        done = made.made_at + round(self.job_seconds) if share >= 1 and not failed else None
        why = models.VideoCreateError(code="not_made", message="It was not to be.")
        return models.VideoResource(
            id=made.id,
            object="video",
            model=made.model,
            status=status,
            progress=int(share * 100),
            created_at=made.made_at,
            completed_at=done,
            expires_at=done and done + 3600,
            prompt=made.prompt,
            size=made.size,
            seconds=str(made.seconds),
            remixed_from_video_id=made.source,
            error=why if failed else None,
        )


def _model(name: str) -> models.ModelResource:
    return models.ModelResource(id=name, object="model", created=1_790_000_000, owned_by="studio")


def _file(call: openai.Call, path: Path, media_type: str) -> Response:
    whole = FileResponse(path, media_type=media_type, stat_result=path.stat())
    tag = whole.headers["etag"]
    if call.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers={"etag": tag})
    return whole
