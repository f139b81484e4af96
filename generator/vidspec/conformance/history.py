"""What one exchange says about another: rules over everything that was seen, whoever sent it.

The observer looks at replies one by one and at each job over its retrieves; this remembers which jobs were
made, deleted, and served too early. It needs no scenario, so it judges traffic that others cause.
"""

from dataclasses import dataclass, field

from vidspec.conformance.reply import Reply, Verdicts
from vidspec.contract import Dialect, read_job

#: Role of what was asked for a deleted job → the requirement that it must not be answered.
_AFTER_DELETE = {
    "retrieve": "delete-then-retrieve",
    "content": "delete-then-content",
    "delete": "delete-twice",
}
#: Role of what needs a completed job → the requirement that it must wait.
_NEEDS_COMPLETED = {"content": "content-not-before-completion", "remix": "remix-needs-completed"}


@dataclass(slots=True)
class _Job:
    """What is known of one job; moments count replies, None: not yet."""

    made: int
    deleted: int | None = None
    #: Role → the newest reply to a request that needs a completed job.
    answered: dict[str, tuple[int, Reply]] = field(default_factory=dict)


@dataclass(slots=True)
class History:
    """Judges exchanges in the order in which they ended."""

    dialect: Dialect
    judge: Verdicts
    #: Replies so far. Read it when a request is sent, and give it to ``see`` with the reply.
    moment: int = 0
    _jobs: dict[tuple[str, str], _Job] = field(default_factory=dict)

    def see(self, reply: Reply, since: int | None = None) -> None:
        """Judge a reply; ``since`` is the moment at which its request was sent (None: after all others had ended)."""
        sent = self.moment if since is None else since
        self.moment += 1
        operation = reply.operation
        if operation is None or reply.status >= 500 or reply.method != operation.method.upper():
            return
        surface = operation.surface
        if operation.role == "create":
            self._made(surface, reply)
        elif operation.role == "list":
            self._listed(surface, reply, sent)
        elif reply.job_id is not None and operation.role is not None:
            job = self._jobs.get((surface, reply.job_id))
            if job is not None and job.made <= sent:
                self._asked(job, operation.role, reply, sent)

    def recalls(self, reply: Reply) -> bool:
        """Say whether a later exchange may still speak against this one."""
        return reply.operation is not None and reply.operation.role in _NEEDS_COMPLETED

    def _made(self, surface: str, reply: Reply) -> None:
        made = reply.job().id if reply.accepted else None
        if not isinstance(made, str):
            return
        new = (surface, made) not in self._jobs
        # The same key or name of the caller's own may lead to the same job.
        if new or not self._repeats(reply):
            self.judge("create-distinct-ids", new, "an id not given before", made, reply)
        if new:
            self._jobs[surface, made] = _Job(self.moment)

    def _repeats(self, reply: Reply) -> bool:
        operation = reply.operation
        return operation is not None and any(
            operation.parameter(name) or operation.field(name)
            for name in ("idempotency_key", "external_id")
        )

    def _listed(self, surface: str, reply: Reply, sent: int) -> None:
        shown = self.dialect.surfaces[surface]
        for raw in reply.jobs() if reply.accepted else ():
            listed = read_job(shown, raw).id
            job = self._jobs.get((surface, listed)) if isinstance(listed, str) else None
            if job is not None and job.deleted is not None and job.deleted <= sent:
                received = f"{listed} is still listed"
                self.judge("delete-then-list", False, "a list without it", received, reply)

    def _asked(self, job: _Job, role: str, reply: Reply, sent: int) -> None:
        if job.deleted is not None:
            requirement = _AFTER_DELETE.get(role)
            if requirement is not None and job.deleted <= sent:
                self.judge(requirement, not reply.found, "a refusal", reply.said(), reply)
            return
        if role == "delete":
            job.deleted = self.moment if reply.accepted else None
        elif role == "retrieve":
            self._retrieved(job, reply, sent)
        elif role in _NEEDS_COMPLETED:
            job.answered[role] = (self.moment, reply)

    def _retrieved(self, job: _Job, reply: Reply, sent: int) -> None:
        if not reply.found:
            if reply.missing or reply.status == self._not_found(reply):
                self.judge("retrieve-found", False, "the job", reply.said(), reply)
            return
        answered, job.answered = job.answered, {}
        if reply.job().state not in {"queued", "in_progress"}:
            return
        # Asked before, and still not done now: it was not done then.
        for role, (moment, earlier) in answered.items():
            if moment <= sent:
                requirement, received = _NEEDS_COMPLETED[role], earlier.said()
                self.judge(requirement, not earlier.accepted, "a refusal", received, earlier)

    def _not_found(self, reply: Reply) -> int | None:
        cause = reply.operation.causes.get("not_found") if reply.operation else None
        return cause.status if cause else None
