"""What one exchange says about another: rules over everything that was seen, whoever sent it.

The observer looks at replies one by one and at each job over its retrieves; this remembers which jobs were
made, deleted, and served too early. It needs no scenario, so it judges traffic that others cause.
"""

from dataclasses import dataclass, field
from typing import Final

from vidspec.conformance.reply import Reply, Verdicts
from vidspec.contract import Dialect, Operation

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
#: What may make two creates lead to one job.
_OWN_NAMES: Final = ("idempotency_key", "external_id")


@dataclass(slots=True)
class _Job:
    """What is known of one job; times are ends of replies, on the caller's clock."""

    made: float
    deleted: float | None = None
    #: Role → end and reply of the newest request that needs a completed job.
    answered: dict[str, tuple[float, Reply]] = field(default_factory=dict)


@dataclass(slots=True)
class History:
    """Judges exchanges in the order in which they ended."""

    dialect: Dialect
    judge: Verdicts
    _jobs: dict[tuple[str, str], _Job] = field(default_factory=dict)

    def see(self, reply: Reply, job_id: str | None, began: float, ended: float) -> None:
        """Judge a reply about a job; only what ended before the request ``began`` can speak against it."""
        operation = reply.operation
        if operation is None or reply.status >= 500 or reply.method != operation.method.upper():
            return
        if operation.role == "create":
            self._made(operation, reply, ended)
        elif operation.role == "list":
            self._listed(operation, reply, began)
        elif operation.role is not None and job_id is not None:
            job = self._jobs.get((operation.surface, job_id))
            if job is not None and job.made <= began:
                self._asked(job, operation.role, reply, began, ended)

    def _made(self, operation: Operation, reply: Reply, ended: float) -> None:
        made = reply.job().id if reply.accepted else None
        if not isinstance(made, str):
            return
        key = (operation.surface, made)
        new = key not in self._jobs
        # The same key or name of the caller's own may lead to the same job.
        if new or not any(operation.parameter(n) or operation.field(n) for n in _OWN_NAMES):
            self.judge("create-distinct-ids", new, "an id not given before", made, reply)
        if new:
            self._jobs[key] = _Job(ended)
            if len(self._jobs) > _MOST_JOBS:
                del self._jobs[next(iter(self._jobs))]

    def _listed(self, operation: Operation, reply: Reply, began: float) -> None:
        for view in reply.views() if reply.accepted else ():
            job = self._jobs.get((operation.surface, view.id)) if view.id else None
            if job is not None and job.deleted is not None and job.deleted <= began:
                received = f"{view.id} is still listed"
                self.judge("delete-then-list", False, "a list without it", received, reply)

    def _asked(self, job: _Job, role: str, reply: Reply, began: float, ended: float) -> None:
        if job.deleted is not None:
            requirement = _AFTER_DELETE.get(role)
            if requirement is not None and job.deleted <= began:
                self.judge(requirement, not reply.found, "a refusal", reply.said(), reply)
        elif role == "delete":
            job.deleted = ended if reply.accepted else None
        elif role == "retrieve":
            self._retrieved(job, reply, began)
        elif role in _NEEDS_COMPLETED:
            job.answered[role] = (ended, reply)

    def _retrieved(self, job: _Job, reply: Reply, began: float) -> None:
        if not reply.found:
            cause = reply.operation.causes.get("not_found") if reply.operation else None
            if reply.missing or (cause is not None and reply.status == cause.status):
                self.judge("retrieve-found", False, "the job", reply.said(), reply)
            return
        answered, job.answered = job.answered, {}
        state = reply.job().state
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
