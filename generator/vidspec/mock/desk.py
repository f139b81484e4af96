"""Where every operation of a dialect finds jobs, shows them, and words its refusals."""

from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from typing import Any, NoReturn

from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response

from vidspec.contract.model import Dialect, Operation, Surface
from vidspec.errors import UsageError
from vidspec.mock.behaviours import BEHAVIOURS
from vidspec.mock.clip import Clip
from vidspec.mock.course import SCRIPT_HEADER
from vidspec.mock.facts import JobFacts
from vidspec.mock.incidents import Incidents, read_incidents
from vidspec.mock.job import Job
from vidspec.mock.jobs import JobMaker, distorter
from vidspec.mock.media import MediaCache
from vidspec.mock.models import Models
from vidspec.mock.options import MockOptions
from vidspec.mock.outcome import tell_outcome, unsayable, words_of
from vidspec.mock.refusals import refuser
from vidspec.mock.render import JobReplies
from vidspec.mock.scripts import Scripts
from vidspec.mock.serving import as_base64, request_origin
from vidspec.mock.store import JobStore
from vidspec.mock.trouble import Troubled
from vidspec.source import pointer_all, pointer_get, pointer_set
from vidspec_server._runtime.calls import Call
from vidspec_server._runtime.errors import CauseName, ServiceError
from vidspec_server._runtime.replies import JsonReply

#: Which refusal stands in where the dialect has none of the name.
_STAND_INS: Mapping[CauseName, tuple[CauseName, ...]] = {
    "source_not_ready": ("not_ready", "conflict"),
    "not_ready": ("conflict", "not_found"),
    "conflict": ("not_ready",),
    "gone": ("not_found",),
    "moderation": ("forbidden",),
}
#: Role → what a fault of that name forgets after a deletion.
_FORGETS = {"retrieve": "get", "content": "content"}

_UNDER_WAY = frozenset({"queued", "in_progress"})

#: The cause of the refusal in the current request, for faults that choose replies by it.
REFUSED: ContextVar[str | None] = ContextVar("refused", default=None)


class JobDesk:
    """What the operations of one dialect share."""

    def __init__(
        self,
        dialect: Dialect,
        store: JobStore,
        media: MediaCache,
        options: MockOptions,
        *,
        name: str,
        mount: str = "",
        scripts: Scripts | None = None,
        incidents: Incidents | None = None,
    ) -> None:
        """Take the dialect and what it shares with others.

        Its jobs are kept under ``name``; ``mount`` is the path before its own.
        """
        self.dialect, self.store, self.media, self.options = dialect, store, media, options
        self.name, self.mount = name, mount
        self.faults = options.faults
        self._incidents, self._refuse = incidents or Incidents(), refuser(dialect)
        self.distort = distorter(options)
        self.makers = {
            key: JobMaker(
                dialect, surface, store, options, keeper=name, scripts=scripts or Scripts()
            )
            for key, surface in dialect.surfaces.items()
        }
        # A surface in which nothing is made is another view of what is made in the others.
        makes = {o.surface for o in dialect.operations if o.role == "create"}
        self._views = set(dialect.surfaces) - makes
        #: By surface, the header that says how long to wait until asking again.
        self._waits = {key: self._wait(surface) for key, surface in dialect.surfaces.items()}
        self._statuses = {o.id: _success_status(o) for o in dialect.operations}
        #: Operation id → the parameter that names its job.
        self._job_parameters = {o.id: o.parameter("job_id") for o in dialect.operations}
        #: Deleted jobs, remembered only where a fault needs them.
        self.deleted: dict[str, Job] = {}
        self.models = Models(dialect)
        self.facts = JobFacts(dialect, options, self.models, mount)
        #: Told of every job that is made, and by which request.
        self.made: list[Callable[[Job, Request], None]] = []

    def _wait(self, surface: Surface) -> list[tuple[bytes, bytes]]:
        if surface.poll.header is None:
            return []
        wait = min(surface.poll.interval_seconds, max(0.01, self.options.job_seconds / 10))
        told = round(wait * (1000 if surface.poll.unit == "ms" else 1))
        return [(surface.poll.header.lower().encode(), b"%d" % told)]

    def refuse(
        self, operation: Operation, cause: CauseName, message: str, *, param: str | None = None
    ) -> NoReturn:
        """Raise the refusal of that cause, or of the nearest one that the operation has."""
        known = [c for c in (cause, *_STAND_INS.get(cause, ())) if c in operation.causes]
        REFUSED.set(cause)
        raise ServiceError(known[0] if known else "invalid_request", message, param=param)

    def refuser(self, operation: Operation) -> Callable[[str, str | None], NoReturn]:
        """Return what refuses a wrong value: told a message and the field's name."""

        def refuse(message: str, param: str | None) -> NoReturn:
            self.refuse(operation, "invalid_request", message, param=param)

        return refuse

    def reply(
        self,
        operation: Operation,
        value: Any,
        call: Call,
        *,
        status: int | None = None,
    ) -> Response:
        """Answer with a JSON value, and the operation's success status if no other is given.

        The stubs put the request id into the headers; where the body has one too, it is the same.
        """
        pointer = self.dialect.request_id_pointer
        if pointer is not None and pointer_get(value, pointer, None) is not None:
            value = pointer_set(value, pointer, call.request_id)
        # With ``warn_only`` a file may have come where a job shows text, or a number that JSON cannot say.
        raw = to_json(value, bytes_mode="base64", inf_nan_mode="null")
        return JsonReply(raw, status or self._statuses[operation.id])

    def find(self, operation: Operation, call: Call) -> Job:
        """Return the job that the path names; raise the dialect's refusal if there is none."""
        job_id = self.job_id(operation, call)
        job = self.lookup(operation, job_id)
        forgetful = f"{_FORGETS.get(operation.role or '', '')}_after_delete"
        if job is None and forgetful in BEHAVIOURS and self.faults.on(forgetful):
            job = self.deleted.get(job_id)
        emptied = bool(self.deleted) and self.faults.on("delete_takes_all")
        if job is None or emptied or self._too_new(operation, job):
            self.refuse_unknown(operation, job_id)
        return job

    def lookup(self, operation: Operation, job_id: str) -> Job | None:
        """Return the job of that id, or of that id of the caller's own where jobs have one."""
        surface = operation.surface
        job = self.store.get(self.name, job_id)
        if job is None and "external_id" in self.dialect.surfaces[surface].job:
            job = self.store.find(self.name, "external_id", job_id)
        if job is None and operation.needs and self.faults.on("remix_after_delete"):
            makes = operation.role not in {"content", "delete"}
            job = self.deleted.get(job_id) if makes else None
        if job is not None and surface in {job.surface, *self._views}:
            return job
        known = self.faults.on_for("unknown_id_ok", operation.role) and job_id not in self.deleted
        if self.options.lenient_ids or known:
            return self.makers[surface].fixture(job_id)
        return None

    def _too_new(self, operation: Operation, job: Job) -> bool:
        if operation.role != "retrieve" or not self.faults.on("not_found_after_create"):
            return False
        job.polls += 1
        return job.polls == 1

    def refuse_unknown(self, operation: Operation, job_id: str) -> NoReturn:
        """Raise the refusal of an id that names no job."""
        parameter = operation.parameter("job_id")
        name = parameter.name if parameter else None
        self.refuse(operation, "not_found", f"There is no job '{job_id}'.", param=name)

    def listed(self, surface: str) -> str | None:
        """Return the surface whose jobs a list of ``surface`` holds, None for the jobs of all."""
        return None if surface in self._views else surface

    def state(self, job: Job) -> str:
        """Return the canonical state in which the job is shown now."""
        state: str = job.state(self.options.clock.monotonic())
        if state not in {"queued", "in_progress"} and self.faults.on("never_finishes"):
            return "in_progress"
        return state

    def has_outlived(self, job: Job) -> bool:
        """Say whether what the job made is no longer kept, by its state or by the dialect's own retention."""
        clock = self.options.clock
        if job.state(clock.monotonic()) == "expired":
            return True
        kept = self.dialect.surfaces[job.surface].retention_seconds
        ended = job.ended_at(clock.monotonic())
        return kept is not None and ended is not None and clock.wall() > ended + kept

    def retrieved_state(self, job: Job) -> str:
        """Return the state in which a retrieve shows the job now."""
        state = self.state(job)
        if state == "completed" and self.faults.on("terminal_reopens"):
            job.looks_after_end += 1
            return "completed" if job.looks_after_end % 2 else "in_progress"
        if state == "in_progress" and self.faults.on("status_goes_back") and job.polls % 2 == 0:
            return "queued"
        return state

    def job_id(self, operation: Operation, call: Call) -> str:
        """Return the id of the job that the request names, empty if it names none."""
        parameter = self._job_parameters[operation.id]
        if parameter is not None:
            return str(mapping(getattr(call, parameter.location, None)).get(parameter.name, ""))
        field = operation.field("job_id")
        return str(mapping(call.body).get(field.name, "")) if field else ""

    async def job_reply(
        self,
        operation: Operation,
        replies: JobReplies,
        job: Job,
        state: str,
        call: Call,
        *,
        shown_id: str | None = None,
    ) -> Response:
        """Answer with one job, shown in ``state`` (and, by a fault, under another id)."""
        surface = self.dialect.surfaces[operation.surface]
        origin = request_origin(call.request) if surface.name in self.facts.addressed else ""
        facts = self.facts.of(job, surface, state, origin, asked=operation.role == "retrieve")
        if shown_id is not None:
            facts["id"] = shown_id
        value = replies.render(state, facts, self.distort)
        if job.script is not None:
            self.tell_outcomes(surface, [job], [pointer_get(value, operation.job or "")], state)
        if state == "completed" and any(r.kind == "base64" for r in surface.results):
            await self._put_base64(pointer_get(value, operation.job or ""), surface, job.clip)
        reply = self.reply(operation, value, call, status=replies.status(state))
        if state in _UNDER_WAY:
            reply.raw_headers += self._waits[surface.name]
        return reply

    def afflicted(self, reply: Response, job: Job) -> Response:
        """Return the reply to a retrieval with what the job's script lets happen to it."""
        step = job.step(self.options.clock.monotonic())
        if job.script is None or step.incident is None:
            return reply
        incidents = read_incidents(step.incident)
        return Troubled(reply, incidents, self._incidents, self._refuse)

    def check_script(self, operation: Operation, script: str) -> None:
        """Refuse a script that is none, or that ends in a way the dialect has no word for."""
        try:
            surface = self.dialect.surfaces[operation.surface]
            unknown = unsayable(script, surface)
        except UsageError as error:
            self.refuse(operation, "invalid_request", f"{SCRIPT_HEADER}: {error}")
        if unknown is not None:
            message = f"{SCRIPT_HEADER}: this dialect has no word for {unknown!r}; it has: {', '.join(words_of([surface]))}."
            self.refuse(operation, "invalid_request", message)

    def tell_outcomes(
        self, surface: Surface, jobs: Sequence[Job], shown: Sequence[Any], state: str | None = None
    ) -> None:
        """Write what the examples do not know of scripted jobs into the job objects ``shown``."""
        now = self.options.clock.monotonic()
        for job, value in zip(jobs, shown, strict=False):
            if job.script is not None:
                tell_outcome(value, job, surface, state or self.state(job), now)

    async def _put_base64(self, job: Any, surface: Surface, clip: Clip) -> None:
        places = [
            pointer
            for result in surface.results
            if result.kind == "base64" and result.pointer is not None
            for pointer, _ in pointer_all(job, result.pointer)
        ]
        if places:
            text = await as_base64(self.media, clip)
            for pointer in places:
                pointer_set(job, pointer, text)


def _success_status(operation: Operation) -> int:
    status = operation.success.status
    return int(status) if status.isdecimal() else 200


def mapping(value: Any) -> Mapping[str, Any]:
    """Return ``value`` if it is an object, else an empty one."""
    return value if isinstance(value, Mapping) else {}
