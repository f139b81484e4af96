"""The operations on jobs, each by its role: create (and remix, edit, extend), retrieve, list, delete, cancel."""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.responses import Response

from vidspec.contract.model import TERMINAL, Operation
from vidspec.mock.course import SCRIPT_HEADER
from vidspec.mock.desk import JobDesk, mapping
from vidspec.mock.examples import UNTOLD, example_reply
from vidspec.mock.holdings import Page
from vidspec.mock.job import Job
from vidspec.mock.options import MODERATION_MARKER
from vidspec.mock.params import RequestReader
from vidspec.mock.render import JobReplies, ListReplies
from vidspec.mock.serving import request_origin
from vidspec.source import pointer_get, pointer_set
from vidspec_server._runtime.calls import Call
from vidspec_server._runtime.errors import CauseName
from vidspec_server._runtime.headers import header

Handler = Callable[[Call], Awaitable[Response]]

_PAGE_SIZE = 20
_MULTIPART = "multipart/form-data"


class JobHandlers:
    """Makes, for each operation, the coroutine function that answers it."""

    def __init__(self, desk: JobDesk) -> None:
        self._desk = desk
        self._last_id: str | None = None

    def handler(self, operation: Operation) -> Handler | None:
        """Return what answers ``operation``, None if its role is not one of these."""
        makers: dict[str, Callable[[Operation], Handler]] = {
            "create": self._create,
            "remix": self._create,
            "edit": self._create,
            "extend": self._create,
            "retrieve": self._retrieve,
            "list": self._list,
            "delete": self._delete,
            "cancel": self._cancel,
        }
        make = makers.get(operation.role or "")
        return None if make is None else make(operation)

    def _create(self, operation: Operation) -> Handler:
        reader = RequestReader(self._desk.dialect, operation)
        replies = JobReplies(self._desk.dialect, operation)
        maker = self._desk.makers[operation.surface]
        defaults = reader.defaults
        unasked = maker.unasked(defaults)
        faults, made, options = self._desk.faults, self._desk.made, self._desk.options
        initial = next((s for s in ("queued", "in_progress") if s in replies.states()), "queued")

        async def create(call: Call) -> Response:
            body = call.body if isinstance(call.body, dict) else None
            asked = reader.read(body, call.query)
            if MODERATION_MARKER in str(asked.get("prompt", "")):
                message = "The request was refused by moderation."
                self._desk.refuse(operation, "moderation", message)
            if options.model_limits:
                model = asked.get("model", defaults.get("model"))
                self._desk.models.hold(operation, asked, model, self._desk.refuser(operation))
            if faults and call.media_type == _MULTIPART and faults.on("multipart_refused"):
                self._desk.refuse(operation, "unsupported_media_type", "This takes JSON.")
            source = None
            if operation.role != "create":
                source = self._source(operation, reader, call, body)
            asked.pop("job_id", None)
            script = header(call.request, SCRIPT_HEADER) or None
            if script is not None:
                self._desk.check_script(operation, script)
            job = maker.create(operation, asked, unasked, source, script)
            if operation.paid:
                self._desk.store.count_paid()
            if job.script is not None:
                initial_state: str = self._desk.state(job)
            else:
                initial_state = initial
            for told in made:
                told(job, call.request)
            shown = self._wrong_id(operation, source) if faults else None
            self._last_id = job.id
            return await self._desk.job_reply(
                operation, replies, job, initial_state, call, shown_id=shown
            )

        return create

    def _retrieve(self, operation: Operation) -> Handler:
        replies = JobReplies(self._desk.dialect, operation)
        surface = self._desk.dialect.surfaces[operation.surface]

        async def retrieve(call: Call) -> Response:
            job = self._desk.find(operation, call)
            if job.script is None:
                job.polls += 1
            else:
                moved = job.poll(self._desk.options.clock.monotonic())
                (self._desk.store.changed if moved else self._desk.store.keep)(job)
            state = self._desk.retrieved_state(job)
            if state == "failed" and not surface.words(state):
                # Without a word for it, a failure is told as a refusal.
                cause: CauseName = (
                    "moderation" if "moderation" in operation.causes else "server_error"
                )
                self._desk.refuse(operation, cause, f"The job '{job.id}' has failed.")
            if state == "queued" and job.polls == 1 and UNTOLD in replies.states():
                state = UNTOLD
            reply = await self._desk.job_reply(operation, replies, job, state, call)
            return reply if job.script is None else self._desk.afflicted(reply, job)

        return retrieve

    def _list(self, operation: Operation) -> Handler:
        reader = RequestReader(self._desk.dialect, operation)
        replies = ListReplies(self._desk.dialect, operation)
        surface = self._desk.dialect.surfaces[operation.surface]

        async def list_jobs(call: Call) -> Response:
            said = {**reader.defaults, **reader.read(call.query, mapping(call.body))}
            page = self._page(operation, said)
            origin = request_origin(call.request)
            rendered = [
                (state, self._desk.facts.of(job, surface, state, origin))
                for job in page.items
                for state in (self._desk.state(job),)
            ]
            value = replies.render(
                rendered, has_more=page.has_more, total=page.total, distort=self._desk.distort
            )
            self._desk.tell_outcomes(
                surface, page.items, pointer_get(value, operation.items or "", [])
            )
            return self._desk.reply(operation, value, call)

        return list_jobs

    def _delete(self, operation: Operation) -> Handler:
        place = (operation.job or "") + self._desk.dialect.surfaces[operation.surface].job[
            "id"
        ].pointer
        example = json.dumps(example_reply(operation))

        async def delete(call: Call) -> Response:
            job_id = self._desk.job_id(operation, call)
            again = self._desk.deleted.get(job_id) if self._desk.faults.on("delete_twice") else None
            job = again or self._desk.find(operation, call)
            if operation.needs and self._desk.state(job) not in operation.needs:
                self._desk.refuse(operation, "conflict", f"The job '{job.id}' has not finished.")
            self._desk.store.delete(self._desk.name, job.id)
            if self._desk.faults:
                self._desk.deleted[job.id] = job
            value = json.loads(example)
            if pointer_get(value, place, None) is not None:
                value = pointer_set(value, place, job.id)
            return self._desk.reply(operation, value, call)

        return delete

    def _cancel(self, operation: Operation) -> Handler:
        replies = JobReplies(self._desk.dialect, operation) if operation.job is not None else None

        async def cancel(call: Call) -> Response:
            job = self._desk.find(operation, call)
            now = self._desk.options.clock.monotonic()
            if job.state(now) in TERMINAL:
                self._desk.refuse(operation, "conflict", f"The job '{job.id}' has already ended.")
            job.end("cancelled", now)
            self._desk.store.changed(job)
            if replies is None:
                return self._desk.reply(operation, example_reply(operation), call)
            return await self._desk.job_reply(operation, replies, job, self._desk.state(job), call)

        return cancel

    def _source(
        self,
        operation: Operation,
        reader: RequestReader,
        call: Call,
        body: Mapping[str, Any] | None,
    ) -> Job | None:
        given = reader.source(body)
        parameter = operation.parameter("job_id") or operation.field("video")
        job_id = self._desk.job_id(operation, call) or (given.job_id if given else None)
        if not job_id:
            return None
        name = parameter.name if parameter else None
        job = self._desk.lookup(operation, job_id)
        if job is None:
            message = f"There is no job '{job_id}'."
            self._desk.refuse(operation, "not_found", message, param=name)
        ready = not operation.needs or self._desk.state(job) in operation.needs
        if not ready and not self._desk.faults.on_for("remix_unfinished", operation.role):
            message = f"The job '{job_id}' has not finished."
            self._desk.refuse(operation, "source_not_ready", message, param=name)
        return job

    def _page(self, operation: Operation, said: Mapping[str, Any]) -> Page:
        desk = self._desk
        newest = str(said.get("order", "desc")) != "asc" or desk.faults.on("order_ignored")
        # With ``warn_only`` any of these may be of any type.
        size = said.get("page_size", said.get("limit", _PAGE_SIZE))
        if not isinstance(size, int) or size < 0 or desk.faults.on("limit_ignored"):
            size = desk.options.max_jobs
        ignored = desk.faults.on("cursor_ignored")
        where = desk.name, desk.listed(operation.surface)
        provider = said.get("provider")
        if operation.paging is not None and operation.paging.kind == "page":
            number = said.get("page", 1)
            if ignored or not isinstance(number, int) or number < 1:
                number = 1
            page = desk.store.page(*where, number, size, newest_first=newest, provider=provider)
            return self._distorted(page, size)
        cursor = said.get("cursor")
        cursor = None if ignored or cursor is None else str(cursor)
        found = desk.store.after(*where, cursor, size, newest_first=newest, provider=provider)
        if found is None and (desk.options.lenient_ids or desk.faults.on("unknown_id_ok")):
            found = Page([], has_more=False, total=0)
        if found is None:
            parameter = operation.parameter("cursor")
            message = f"There is no job '{cursor}' to go on behind."
            desk.refuse(
                operation, "invalid_request", message, param=parameter.name if parameter else None
            )
        return self._distorted(found, size)

    def _wrong_id(self, operation: Operation, source: Job | None) -> str | None:
        """Return the id that a fault puts into the reply to a creation, None for the right one."""
        if source is not None and self._desk.faults.on_for("remix_same_id", operation.role):
            return source.id
        repeats = operation.role == "create" and self._desk.faults.on("ids_repeat")
        return self._last_id if repeats else None

    def _distorted(self, page: Page, size: int) -> Page:
        if page.items and len(page.items) < size and self._desk.faults.on("list_duplicates"):
            return Page([*page.items, page.items[-1]], page.has_more, page.total)
        if self._desk.faults.on("list_after_delete"):
            return Page([*self._desk.deleted.values(), *page.items], page.has_more, page.total)
        if not page.items or not self._desk.faults.on("list_omits_new"):
            return page
        newest = max(page.items, key=lambda job: job.started)
        return Page([j for j in page.items if j is not newest], page.has_more, page.total)
