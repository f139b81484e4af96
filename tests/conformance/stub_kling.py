"""A gateway of the `kling` dialect on the emitted stubs: pages by number, results by address, times in ms."""

import itertools
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Mount, Route

from conformance.films import film
from conformance.gateway import KEY
from vidspec_server import kling
from vidspec_server.kling import models

_SIDES = {"16:9": (1280, 720), "9:16": (720, 1280), "1:1": (720, 720)}


@dataclass
class Errand:
    """A task that somebody gave."""

    id: str
    kind: str
    prompt: str
    ratio: str
    seconds: int
    own_name: str | None
    began: float = field(default_factory=time.monotonic)
    made_at: int = field(default_factory=lambda: int(time.time() * 1000))


@dataclass
class Workshop(kling.UnimplementedService):
    """Both kinds of task in one dict; the results lie beside the API, open to all."""

    job_seconds: float = 0.5
    errands: dict[str, Errand] = field(default_factory=dict)
    paid: int = 0
    _numbers: Any = field(default_factory=itertools.count)

    def app(self) -> Starlette:
        """Return the API with the results beside it."""
        api = kling.create_app(self, authenticate=self._caller)
        return Starlette(routes=[Route("/files/{id}.mp4", self._file), Mount("/", api)])

    def _caller(self, credentials: Mapping[str, str], request: Request) -> str | None:
        return "caller" if KEY in credentials.values() else None

    async def _file(self, request: Request) -> Response:
        task = self.errands.get(request.path_params["id"])
        if task is None:
            return Response(status_code=404)
        return FileResponse(film(*_SIDES[task.ratio], task.seconds), media_type="video/mp4")

    async def create_text_to_video(
        self, call: kling.Call, body: models.TextToVideoRequest
    ) -> models.TaskReply:
        return self._take(call, "text", body, body.prompt, body.aspect_ratio)

    async def create_image_to_video(
        self, call: kling.Call, body: models.ImageToVideoRequest
    ) -> models.TaskReply:
        return self._take(call, "image", body, body.prompt or "", "16:9")

    async def get_text_to_video(self, call: kling.Call, *, id: str) -> models.TaskReply:  # noqa: A002 - the stub's name
        return self._found(call, "text", id)

    async def get_image_to_video(self, call: kling.Call, *, id: str) -> models.TaskReply:  # noqa: A002 - the stub's name
        return self._found(call, "image", id)

    async def list_text_to_video(
        self, call: kling.Call, *, page_num: int | None = None, page_size: int | None = None
    ) -> models.TaskListReply:
        return self._page(call, "text", page_num or 1, page_size or 30)

    async def list_image_to_video(
        self, call: kling.Call, *, page_num: int | None = None, page_size: int | None = None
    ) -> models.TaskListReply:
        return self._page(call, "image", page_num or 1, page_size or 30)

    def _take(
        self, call: kling.Call, kind: str, body: Any, prompt: str, ratio: str
    ) -> models.TaskReply:
        if not body.model_name.startswith("kling-"):
            raise kling.ServiceError("invalid_request", f"No model_name {body.model_name}.")
        self.paid += 1
        name = f"{next(self._numbers):019d}"
        task = Errand(name, kind, prompt, ratio, int(body.duration or 5), body.external_task_id)
        self.errands[task.id] = task
        return self._reply(call, self._shown(call, task))

    def _found(self, call: kling.Call, kind: str, name: str) -> models.TaskReply:
        mine = [task for task in self.errands.values() if task.kind == kind]
        task = next((t for t in mine if name in {t.id, t.own_name}), None)
        if task is None:
            raise kling.ServiceError("not_found", f"No task {name}.")
        return self._reply(call, self._shown(call, task))

    def _page(self, call: kling.Call, kind: str, number: int, size: int) -> models.TaskListReply:
        mine = [task for task in reversed(self.errands.values()) if task.kind == kind]
        page = mine[(number - 1) * size : number * size]
        return models.TaskListReply(
            code=0,
            message="SUCCEED",
            request_id=call.request_id,
            data=[self._shown(call, task) for task in page],
        )

    def _reply(self, call: kling.Call, task: models.Task) -> models.TaskReply:
        return models.TaskReply(code=0, message="SUCCEED", request_id=call.request_id, data=task)

    def _shown(self, call: kling.Call, task: Errand) -> models.Task:
        share = (time.monotonic() - task.began) / self.job_seconds
        word = "succeed" if share >= 1 else "processing" if share > 0.2 else "submitted"
        if share >= 1 and "fail please" in task.prompt:
            word = "failed"
        shown = {
            "task_id": task.id,
            "task_status": word,
            "task_info": {"external_task_id": task.own_name} if task.own_name else {},
            "created_at": task.made_at,
            "updated_at": task.made_at + int(min(share, 1.0) * self.job_seconds * 1000),
        }
        if word == "failed":
            shown["task_status_msg"] = "It was not to be."
        if word == "succeed":
            url = f"{call.request.base_url}files/{task.id}.mp4"
            video = {"id": f"v{task.id}", "url": url, "duration": str(task.seconds)}
            shown["task_result"] = {"videos": [video]}
        return models.Task.model_validate(shown)
