"""What every exchange is judged for, whoever sent it: these rules need no scenario."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from vidspec.conformance.reply import Reply, Verdicts
from vidspec.conformance.schema import Judge, Misfit, binary, media_types
from vidspec.conformance.watch import JobWatch
from vidspec.contract import Dialect, JobView, Lifecycle, Operation, read_job
from vidspec.source import MISSING, pointer_get

#: Requirements that are judged here and nowhere else.
ALWAYS: Final = frozenset(
    """
    errors-no-server-error errors-envelope errors-json errors-message
    schema-status-documented schema-content-type schema-required schema-types transport-request-id
    retrieve-id-stable retrieve-status-known retrieve-status-forward retrieve-terminal-final
    retrieve-progress-range retrieve-progress-monotone retrieve-progress-complete
    retrieve-created-stable retrieve-completed-after-created retrieve-updated-after-created
    retrieve-expires-after-completed retrieve-times-unit retrieve-completed-null
    retrieve-no-error retrieve-seconds-type
    """.split()  # noqa: SIM905 - a list of ids reads better without quotes
)
_BOUNDS: Final = {"s": (1e9, 1e10), "ms": (1e12, 1e13)}
_TIMES: Final = ("created_at", "updated_at", "completed_at", "expires_at")


@dataclass(slots=True)
class Observer:
    """Judges replies one by one, and each job over all its retrieves."""

    dialect: Dialect
    lifecycle: Lifecycle
    judge: Verdicts
    #: Whether the dialect is held to a requirement at all.
    applies: Callable[[str], bool]
    on_job: Callable[[str, JobView], None]
    watches: dict[str, JobWatch] = field(default_factory=dict)
    #: Canonical job fields that some retrieve showed.
    shown: set[str] = field(default_factory=set)
    _schema: Judge = field(init=False)

    def __post_init__(self) -> None:
        self._schema = Judge(self.dialect)

    def see(self, reply: Reply, *, status_judged: bool = False) -> None:
        """Judge a reply; ``status_judged``: its status is somebody else's requirement."""
        status, operation = reply.status, reply.operation
        broken = status >= 500
        self.judge("errors-no-server-error", not broken, "a status below 500", str(status), reply)
        if operation is None or broken or reply.method != operation.method.upper():
            return
        if not status_judged:
            known = operation.reply(status) is not None
            documented = ", ".join(r.status for r in operation.replies)
            self.judge("schema-status-documented", known, documented, str(status), reply)
        if not reply.accepted:
            self._failure(operation, reply)
        elif not binary(operation):
            self._success(operation, reply)

    def _failure(self, operation: Operation, reply: Reply) -> None:
        self.judge(
            "errors-json",
            reply.media_type == "application/json",
            "application/json",
            reply.media_type or "no Content-Type",
            reply,
        )
        body = {} if reply.json is MISSING else reply.json
        places = reply.error_places("message")
        misfits = self._schema.failure(operation, reply.status, body, places)
        self._misfits(misfits, reply)
        if misfits:
            return
        self.judge("errors-envelope", True, "", "", reply)
        if places:
            text = reply.error("message")
            said = isinstance(text, str) and bool(text.strip())
            self.judge("errors-message", said, f"words at {places[0]}", repr(text), reply)

    def _success(self, operation: Operation, reply: Reply) -> None:
        documented = media_types(operation, reply.status)
        self.judge(
            "schema-content-type",
            reply.media_type in documented,
            " or ".join(documented),
            reply.media_type or "no Content-Type",
            reply,
        )
        if reply.json is MISSING:
            self.judge("schema-types", False, "a JSON body", "a body that is not JSON", reply)
            return
        misfits = self._schema.success(operation, reply.status, reply.json)
        misfits += self._schema.headers(operation, reply.status, reply.headers)
        self._misfits(misfits, reply)
        if not misfits:
            for requirement in ("schema-required", "schema-types", "retrieve-seconds-type"):
                self.judge(requirement, True, "", "", reply)
        if operation.role in {"create", "retrieve"}:
            self._request_id(reply)
        for job in reply.jobs():
            self._job(operation, job, reply)
            places = self.dialect.surfaces[operation.surface].job
            if operation.role == "retrieve":
                self.shown |= {
                    name
                    for name, place in places.items()
                    if pointer_get(job, place.pointer, None) is not None
                }
        if operation.role == "retrieve" and reply.job_id is not None and reply.found:
            self._retrieved(operation, reply.job_id, reply)

    def _misfits(self, misfits: list[Misfit], reply: Reply) -> None:
        # One judgement per requirement and reply: a missing object would else be reported field by field.
        for requirement, misfit in {m.requirement: m for m in reversed(misfits)}.items():
            named = requirement if self.applies(requirement) else "schema-types"
            self.judge(named, False, misfit.expected, misfit.received, reply)

    def _request_id(self, reply: Reply) -> None:
        names, pointer = self.dialect.request_id_headers, self.dialect.request_id_pointer
        found = any(reply.headers.get(name.lower()) for name in names)
        if not found and pointer is not None:
            found = bool(pointer_get(reply.json, pointer, None))
        places = ", ".join([*names, *([pointer] if pointer else [])])
        self.judge("transport-request-id", found, f"an id in {places}", "no id", reply)

    def _job(self, operation: Operation, job: Any, reply: Reply) -> None:
        surface = self.dialect.surfaces[operation.surface]
        view = read_job(surface, job)
        # Some dialects answer a create with the id alone; elsewhere a job has a status.
        if view.word is not None or operation.role == "retrieve":
            known = ", ".join(surface.states)
            fits = view.word in surface.states
            self.judge("retrieve-status-known", fits, known, repr(view.word), reply)
        if view.progress is not None:
            fits = 0 <= view.progress <= 100
            self.judge("retrieve-progress-range", fits, "0 to 100", str(view.progress), reply)
        for name in _TIMES:
            place = surface.job.get(name)
            value = pointer_get(job, place.pointer, None) if place else None
            bounds = _BOUNDS.get(place.unit or "s") if place else None
            if bounds is None or isinstance(value, bool) or not isinstance(value, int | float):
                continue
            fits = bounds[0] <= value < bounds[1]
            unit = "seconds" if place and place.unit != "ms" else "milliseconds"
            self.judge("retrieve-times-unit", fits, f"{name} in {unit}", str(value), reply)

    def _retrieved(self, operation: Operation, job_id: str, reply: Reply) -> None:
        surface = self.dialect.surfaces[operation.surface]
        watch = self.watches.get(job_id)
        if watch is None:
            watch = self.watches[job_id] = JobWatch(job_id, surface, self.lifecycle, self.judge)
        if watch.see(reply):
            self.on_job(job_id, watch.last)
