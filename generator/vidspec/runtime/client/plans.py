"""What the clients over all dialects do, as plans: shared by the blocking and the asyncio one."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeAlias

from .capabilities import Capabilities, capabilities_of
from .client import Core
from .downloads import Saved, save
from .errors import ApiError
from .interpreter import Interpreter, JobCall, Wishes
from .jobs import VideoJob
from .many import Outcome, Waits, settled
from .paging import Walk
from .pointers import is_object
from .readings import read_items, read_many
from .refusals import ended_by
from .replies import parse, refused_in_body
from .requests import Request
from .sink import Progress
from .steps import Deadline, Plan
from .transport import fetch
from .waiting import Snapshot, WaitOptions, wait
from .webhooks import WebhookEvent, verify_and_parse


@dataclass(frozen=True, slots=True)
class VideoModel:
    """A model that a gateway offers."""

    id: str
    #: The item as it came.
    raw: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False)


VideoModels: TypeAlias = list[VideoModel]
Outcomes: TypeAlias = list[Outcome[VideoJob]]


@dataclass(frozen=True, slots=True)
class Generated:
    """A video that was made and saved."""

    job: VideoJob
    file: Saved


@dataclass(frozen=True, slots=True, kw_only=True)
class Which:
    """Which result of which job."""

    variant: str | None = None
    index: int = 0
    surface: str | None = None
    model: str | None = None


class Plans(Core):
    """What both clients share: plans made of the gateway's data."""

    _interpreter: Interpreter

    @property
    def capabilities(self) -> Capabilities:
        """What the gateway can do."""
        return capabilities_of(self._interpreter.name, self._interpreter.dialect)

    def verify_and_parse(
        self,
        headers: Mapping[str, str],
        body: bytes | str,
        secret: str | Sequence[str],
        *,
        now: datetime | None = None,
    ) -> WebhookEvent[Any]:
        """Return the event in a webhook message: whose job, in which state; ``body`` is the raw body as it came.

        Raises WebhookError when the message is not to be believed, Unsupported when the dialect signs no webhooks.
        """
        return verify_and_parse(self._interpreter.dialect, headers, body, secret, now=now)

    def _create_call(
        self,
        prompt: str | None,
        surface: str | None,
        extra: Mapping[str, Any] | None,
        wishes: Wishes,
    ) -> JobCall:
        said = {"prompt": prompt, **wishes}
        encoding = self._context.options.encoding
        return self._interpreter.create(said, surface=surface, extra_body=extra, encoding=encoding)

    def _ask(self, call: JobCall, deadline: Deadline | None = None) -> Plan[VideoJob]:
        return (yield from self._look(call, deadline)).job

    def _look(self, call: JobCall, deadline: Deadline | None) -> Plan[Snapshot[None]]:
        try:
            exchange = yield from fetch(self._context, call.request, deadline=deadline)
            return Snapshot(None, call.read(exchange), exchange.headers)
        except ApiError as error:
            ended = ended_by(error, call.surface, call.readings[0].operation, call.job_id)
            return Snapshot(None, replace(ended, model=ended.model or call.model), error.headers)

    def _waits_for(
        self, jobs: Iterable[VideoJob | str], surface: str | None, model: str | None
    ) -> Waits[VideoJob]:
        def make(options: WaitOptions) -> list[Plan[Outcome[VideoJob]]]:
            shared = replace(options, clock=Deadline(options.timeout))
            calls = [self._interpreter.retrieve(j, surface=surface, model=model) for j in jobs]
            return [settled(self._wait_for(c, shared), c.job_id or "") for c in calls]

        return make

    def _wait_for(self, call: JobCall, options: WaitOptions) -> Plan[VideoJob]:
        def poll(clock: Deadline) -> Plan[Snapshot[None]]:
            return (yield from self._look(call, clock))

        snapshot = yield from wait(poll, call.surface.poll, options, call.job_id)
        return snapshot.job

    def _save(
        self,
        job: VideoJob | str,
        path: str | os.PathLike[str],
        options: Which,
        progress: Progress | None,
    ) -> Plan[Saved]:
        if isinstance(job, str):
            call = self._interpreter.retrieve(job, surface=options.surface, model=options.model)
            job = yield from self._ask(call)
        source = self._interpreter.source(job, variant=options.variant, index=options.index)
        return (yield from save(self._context, source, path, progress=progress))

    def _remove(self, request: Request) -> Plan[None]:
        exchange = yield from fetch(self._context, request)
        refusal = refused_in_body(self._context.dialect, exchange, request.operation_id)
        if refusal is not None:
            raise refusal

    def _models(self) -> Plan[VideoModels]:
        call = self._interpreter.models()
        exchange = yield from fetch(self._context, call.request)
        items = read_items(call.readings, exchange)
        found = [item for item in items if is_object(item) and item.get("id")]
        return [VideoModel(str(item["id"]), item) for item in found]

    def _turn(
        self, call: JobCall, request: Request, walk: Walk
    ) -> Plan[tuple[list[VideoJob], Request | None]]:
        exchange = yield from fetch(self._context, request)
        return read_many(call.readings, exchange), walk.next(request, parse(exchange.body))

    def _walk_of(self, call: JobCall) -> Walk:
        return Walk(call.readings[0].operation, call.surface.job["id"].pointer)
