"""What every exchange is judged for, whoever sent it: these rules need no scenario."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
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
    errors-no-internals
    schema-status-documented schema-content-type schema-required schema-types transport-request-id
    transport-error-request-id transport-request-id-unique transport-charset
    retrieve-id-stable retrieve-status-known retrieve-status-forward retrieve-terminal-final
    retrieve-progress-range retrieve-progress-monotone retrieve-progress-complete
    retrieve-created-stable retrieve-completed-after-created retrieve-updated-after-created
    retrieve-expires-after-completed retrieve-times-unit retrieve-completed-null
    retrieve-no-error retrieve-seconds-type retrieve-completed-past retrieve-updated-forward
    retrieve-not-cached retrieve-cost retrieve-same-as-create
    """.split()  # noqa: SIM905 - a list of ids reads better without quotes
)
_BOUNDS: Final = {"s": (1e9, 1e10), "ms": (1e12, 1e13)}
#: How stacks of calls look in Python, Java, Go and JavaScript.
_STACKS: Final = re.compile(
    rb"Traceback \(most recent call last\)|\bat [\w.$]+\([\w]+\.java:\d+\)|goroutine \d+ \[|"
    rb"\bat [^\n\"]{1,200}\.[cm]?js:\d+:\d+"
)
_CHARSET: Final = re.compile(r"charset\s*=\s*\"?([^\s;\"]+)", re.IGNORECASE)
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
    #: Request ids of the replies so far.
    request_ids: set[str] = field(default_factory=set)
    #: Job id → the creation time in the reply to its create.
    created: dict[str, datetime] = field(default_factory=dict)
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
        redirected = 300 <= status < 400 and "location" in reply.headers
        if redirected and reply.method in {"GET", "HEAD"}:
            # Clients go where it leads; what lies there is the answer.
            return
        if not status_judged:
            known = operation.reply(status) is not None
            documented = ", ".join(r.status for r in operation.replies)
            self.judge("schema-status-documented", known, documented, str(status), reply)
        self._charset(reply)
        if redirected:
            return
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
        places = reply.error_places("message")
        misfits = self._schema.failure(operation, reply.status, reply.json, places)
        stack = _STACKS.search(reply.content)
        shown = repr(stack[0]) if stack else ""
        self.judge("errors-no-internals", stack is None, "no stack of calls", shown, reply)
        self._misfits(misfits, reply)
        if misfits:
            return
        if operation.role in {"create", "retrieve"}:
            self._request_id("transport-error-request-id", reply)
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
            self.judge("schema-types", False, "a JSON body", _no_json(reply), reply)
            return
        misfits = self._schema.success(operation, reply.status, reply.json)
        misfits += self._schema.headers(operation, reply.status, reply.headers)
        self._misfits(misfits, reply)
        if not misfits:
            for requirement in ("schema-required", "schema-types", "retrieve-seconds-type"):
                self.judge(requirement, True, "", "", reply)
        if operation.role in {"create", "retrieve"}:
            self._request_id("transport-request-id", reply)
        for job in reply.jobs():
            self._job(operation, job, reply)
            places = self.dialect.surfaces[operation.surface].job
            if operation.role == "retrieve":
                self.shown |= {
                    name
                    for name, place in places.items()
                    if pointer_get(job, place.pointer, None) is not None
                }
        if operation.role == "create" and (view := reply.job()).id and "created_at" in view.times:
            self.created[view.id] = view.times["created_at"]
        if operation.role == "retrieve" and reply.job_id is not None and reply.found:
            self._retrieved(operation, reply.job_id, reply)

    def _misfits(self, misfits: list[Misfit], reply: Reply) -> None:
        # One judgement per requirement and reply: a missing object would else be reported field by field.
        for requirement, misfit in {m.requirement: m for m in reversed(misfits)}.items():
            named = requirement if self.applies(requirement) else "schema-types"
            self.judge(named, False, misfit.expected, misfit.received, reply)

    def _charset(self, reply: Reply) -> None:
        if reply.json is MISSING:
            return
        named = _CHARSET.search(reply.headers.get("content-type", ""))
        charset = named[1].lower() if named else "utf-8"
        fits = charset in {"utf-8", "utf8", "us-ascii"}
        self.judge("transport-charset", fits, "utf-8", charset, reply)

    def _request_id(self, requirement: str, reply: Reply) -> None:
        names, pointer = self.dialect.request_id_headers, self.dialect.request_id_pointer
        found = next((id_ for name in names if (id_ := reply.headers.get(name.lower()))), None)
        if not found and pointer is not None and reply.json is not MISSING:
            found = pointer_get(reply.json, pointer, None)
        places = ", ".join([*names, *([pointer] if pointer else [])])
        self.judge(requirement, bool(found), f"an id in {places}", "no id", reply)
        if found:
            new = str(found) not in self.request_ids
            self.request_ids.add(str(found))
            expected = "an id that no answer before had"
            self.judge("transport-request-id-unique", new, expected, str(found), reply)

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
            watch = self.watches[job_id] = JobWatch(
                job_id, surface, self.lifecycle, self.judge, born=self.created.get(job_id)
            )
        if watch.see(reply):
            self.on_job(job_id, watch.last)


def _no_json(reply: Reply) -> str:
    return (
        f"{reply.status} with a body that is not JSON"
        if reply.content
        else f"{reply.status} without a body"
    )
