"""Deleting the finished job, and what is left of it."""

from vidspec.conformance.requests import draft, json_prompt
from vidspec.conformance.scenarios.listing import views_of
from vidspec.conformance.scenarios.registry import scenario
from vidspec.conformance.scenarios.sources import expected, must_pay
from vidspec.conformance.session import Session
from vidspec.conformance.stops import Missing, NoReply
from vidspec.contract import TERMINAL
from vidspec.source import pointer_get


@scenario(
    "deletion",
    """delete-accepted delete-names-job delete-then-retrieve delete-then-content delete-then-list
    delete-twice delete-only-one delete-then-remix""",
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
    place = (delete.job or "") + session.surface.job["id"].pointer
    named = pointer_get(reply.json, place, None)
    session.judge("delete-names-job", named == job.id, job.id, f"{named}", reply)
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
    other = session.pool.get("second")
    if other is not None:
        still = session.call("retrieve", other.id, observed=False)
        session.judge("delete-only-one", still.found, "the second job", still.said(), still)
    if session.dialect.by_role("list", session.surface.name) is not None:
        listed = session.call("list")
        gone = all(view.id != job.id for view in views_of(listed))
        session.judge("delete-then-list", gone, "a list without it", "it is still listed", listed)
    if session.dialect.by_role("remix", session.surface.name) is not None:
        _remix_deleted(session, job.id)


def _remix_deleted(session: Session, job_id: str) -> None:
    """Remix what is gone; a gateway that accepts has spent a paid call, and the gate may let no more through."""
    must_pay(session)
    remix = expected(session, "remix")
    made = draft(remix, job_id=job_id, body=json_prompt(remix))
    reply = session.send(made, job_id=job_id, observed=False)
    if reply.accepted:
        session.forget(reply)
    if reply.status < 500:
        session.judge("delete-then-remix", not reply.accepted, "a refusal", reply.said(), reply)
