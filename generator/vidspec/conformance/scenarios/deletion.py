"""Deleting the finished job, and what is left of it."""

from vidspec.conformance.scenarios.listing import views_of
from vidspec.conformance.scenarios.registry import scenario
from vidspec.conformance.session import Session
from vidspec.conformance.stops import Missing, NoReply
from vidspec.contract import TERMINAL


@scenario(
    "deletion",
    "delete-accepted delete-then-retrieve delete-then-content delete-then-list delete-twice",
)
def deletion(session: Session) -> None:
    """Delete the first job; then nothing may know it."""
    delete = session.operation("delete")
    job = session.job("first")
    if job.state not in TERMINAL:
        message = f"the job is {job.state}: only ended jobs are deleted"
        raise Missing(message)
    reply = session.call("delete", job.id, status_judged=True)
    documented = sorted(r.status for r in delete.replies if r.ok)
    fits = reply.accepted and str(reply.status) in documented
    session.judge("delete-accepted", fits, " or ".join(documented), reply.said(), reply)
    if not reply.accepted:
        return
    job.deleted = True
    for role, requirement in (
        ("retrieve", "delete-then-retrieve"),
        ("content", "delete-then-content"),
        ("delete", "delete-twice"),
    ):
        if session.dialect.by_role(role, session.surface.name) is not None:
            try:
                after = session.call(role, job.id, status_judged=True)
            except NoReply as stop:
                session.cannot(requirement, f"{stop}", stop.verdict)
                continue
            refused = not after.found
            session.judge(requirement, refused, "a refusal", after.said(), after)
    if session.dialect.by_role("list", session.surface.name) is not None:
        listed = session.call("list")
        gone = all(view.id != job.id for view in views_of(listed))
        session.judge("delete-then-list", gone, "a list without it", "it is still listed", listed)
