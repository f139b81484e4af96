"""What one exchange says about another: rules over everything that was seen, whoever sent it.

The observer looks at replies one by one and at each job over its retrieves; this remembers which jobs were
made, deleted, and served too early. It needs no scenario, so it judges traffic that others cause.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from vidspec.conformance.echo import same, shown
from vidspec.conformance.reply import Reply, Verdicts
from vidspec.conformance.schema import media_types
from vidspec.contract import TERMINAL, Dialect, Operation
from vidspec.source import pointer_get

#: Jobs that are remembered; the oldest are forgotten first.
_MOST_JOBS: Final = 5000
#: Role of what was asked for a deleted job → the requirement that it must not be answered.
_AFTER_DELETE: Final = {
    "retrieve": "delete-then-retrieve",
    "content": "delete-then-content",
    "delete": "delete-twice",
}
#: Role of what needs a completed job → the requirement that it must wait.
_NEEDS_COMPLETED: Final = {
    "content": "content-not-before-completion",
    "remix": "remix-needs-completed",
}
#: Requirements that are judged here, besides by scenarios.
REMEMBERED: Final = frozenset(
    """
    create-accepted create-id create-distinct-ids retrieve-found retrieve-reaches-end
    retrieve-echo-seconds retrieve-echo-size retrieve-echo-prompt retrieve-echo-model
    content-not-before-completion content-available content-type remix-needs-completed
    delete-accepted delete-names-job delete-then-retrieve delete-then-content delete-then-list
    delete-twice list-no-duplicates
    """.split()  # noqa: SIM905 - a list of ids reads better without quotes
)
#: What may make two creates lead to one job.
_OWN_NAMES: Final = ("idempotency_key", "external_id")


@dataclass(slots=True)
class _Job:
    """What is known of one job; times are ends of replies, on the caller's clock."""

    made: float
    #: What it was asked for, by canonical name.
    asked: Mapping[str, object]
    deleted: float | None = None
    #: Role → end and reply of the newest request that needs a completed job.
    answered: dict[str, tuple[float, Reply]] = field(default_factory=dict)


@dataclass(slots=True)
class History:
    """Judges exchanges in the order in which they ended."""

    dialect: Dialect
    judge: Verdicts
    _jobs: dict[tuple[str, str], _Job] = field(default_factory=dict)

    def see(
        self,
        reply: Reply,
        job_id: str | None,
        began: float,
        ended: float,
        asked: Mapping[str, object] | None = None,
    ) -> None:
        """Judge a reply about a job; only what ended before the request ``began`` can speak against it.

        ``asked``: what a create asks for, where its job is to be compared with it.
        """
        operation = reply.operation
        if operation is None or reply.status >= 500 or reply.method != operation.method.upper():
            return
        if operation.role == "create":
            self._made(operation, reply, ended, asked or {})
        elif operation.role == "list":
            self._listed(operation, reply, began)
        elif operation.role is not None and job_id is not None:
            job = self._jobs.get((operation.surface, job_id))
            if job is not None and job.made <= began:
                self._asked(job, job_id, reply, began, ended)

    def _made(
        self, operation: Operation, reply: Reply, ended: float, asked: Mapping[str, object]
    ) -> None:
        if not reply.accepted:
            return
        # A refusal may have its reasons; a success has none to be undocumented.
        if operation.reply(reply.status) is not None:
            self.judge("create-accepted", True, "", reply.said(), reply)
        made = reply.job().id
        raw = self.dialect.surfaces[operation.surface].job["id"].pointer
        self.judge("create-id", isinstance(made, str), f"a text at {raw}", repr(made), reply)
        if not isinstance(made, str):
            return
        key = (operation.surface, made)
        new = key not in self._jobs
        # The same key or name of the caller's own may lead to the same job.
        if new or not any(operation.parameter(n) or operation.field(n) for n in _OWN_NAMES):
            self.judge("create-distinct-ids", new, "an id not given before", made, reply)
        if new:
            self._jobs[key] = _Job(ended, asked)
            if len(self._jobs) > _MOST_JOBS:
                del self._jobs[next(iter(self._jobs))]

    def _listed(self, operation: Operation, reply: Reply, began: float) -> None:
        views = reply.views() if reply.accepted else []
        ids = [view.id for view in views if view.id]
        twice = {id_ for id_ in ids if ids.count(id_) > 1}
        if ids:
            received = f"{sorted(twice)[:1]} more than once"
            self.judge("list-no-duplicates", not twice, "each job once", received, reply)
        for view in views:
            job = self._jobs.get((operation.surface, view.id)) if view.id else None
            if job is not None and job.deleted is not None and job.deleted <= began:
                received = f"{view.id} is still listed"
                self.judge("delete-then-list", False, "a list without it", received, reply)

    def _asked(self, job: _Job, job_id: str, reply: Reply, began: float, ended: float) -> None:
        role = reply.operation.role if reply.operation else None
        if job.deleted is not None:
            requirement = _AFTER_DELETE.get(role or "")
            if requirement is not None and job.deleted <= began:
                self.judge(requirement, not reply.found, "a refusal", reply.said(), reply)
        elif role == "delete":
            job.deleted = ended if reply.accepted else None
            self._deleted(job_id, reply)
        elif role == "retrieve":
            self._retrieved(job, reply, began)
        elif role in _NEEDS_COMPLETED:
            job.answered[role] = (ended, reply)
            if role == "content":
                self._served(reply)

    def _retrieved(self, job: _Job, reply: Reply, began: float) -> None:
        if not reply.found:
            cause = reply.operation.causes.get("not_found") if reply.operation else None
            if reply.missing or (cause is not None and reply.status == cause.status):
                self.judge("retrieve-found", False, "the job", reply.said(), reply)
            return
        self.judge("retrieve-found", True, "", reply.said(), reply)
        answered, job.answered = job.answered, {}
        view = reply.job()
        state = view.state
        if state in TERMINAL:
            self.judge("retrieve-reaches-end", True, "", state, reply)
        if state == "completed":
            for name, wanted in job.asked.items():
                told = shown(view, name)
                if told is not None:
                    fits = same(name, wanted, told)
                    self.judge(f"retrieve-echo-{name}", fits, f"{wanted}", f"{told}", reply)
        if state not in {"queued", "in_progress"}:
            return
        # Asked before, and still not done now: it was not done then.
        for role, (moment, earlier) in answered.items():
            if moment <= began:
                received = (
                    f"{earlier.said()} to {earlier.method} {earlier.exchange.url}, and then {state}"
                )
                ok = not earlier.accepted
                self.judge(
                    _NEEDS_COMPLETED[role], ok, "a refusal until it is done", received, reply
                )

    def _deleted(self, job_id: str, reply: Reply) -> None:
        operation = reply.operation
        if operation is None or not reply.accepted:
            return
        if operation.reply(reply.status) is not None:
            self.judge("delete-accepted", True, "", reply.said(), reply)
        place = self.dialect.surfaces[operation.surface].job["id"].pointer
        named = pointer_get(reply.json, (operation.job or "") + place, None)
        if operation.method.upper() == "DELETE" and named is not None:
            self.judge("delete-names-job", named == job_id, job_id, f"{named}", reply)

    def _served(self, reply: Reply) -> None:
        operation = reply.operation
        if operation is None or not reply.accepted or reply.status not in {200, 206}:
            return
        self.judge("content-available", True, "", reply.said(), reply)
        types = media_types(operation, reply.status)
        told = reply.media_type or "no Content-Type"
        self.judge("content-type", reply.media_type in types, " or ".join(types), told, reply)
