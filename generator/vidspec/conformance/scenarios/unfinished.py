"""What must wait until a job is done: its content, and remixes of it."""

from vidspec.conformance.reply import Reply
from vidspec.conformance.requests import draft, json_prompt
from vidspec.conformance.scenarios.registry import scenario
from vidspec.conformance.scenarios.sources import about, expected, offered
from vidspec.conformance.session import Session


@scenario("unfinished content", "content-not-before-completion content-not-ready-status")
def unfinished_content(session: Session) -> None:
    """Ask for the content of the first job right after its create."""
    job = session.job("first")
    session.operation("content")
    reply = session.call("content", job.id, status_judged=True)
    judge_refusal(
        session,
        reply,
        "content-not-before-completion",
        "content-not-ready-status",
        session.expected_status("not_ready", "content"),
    )


@scenario("unfinished remix", "remix-needs-completed remix-not-ready-status")
def unfinished_remix(session: Session) -> None:
    """Remix the first job right after its create; a gateway that accepts has spent a paid call."""
    job = session.job("first")
    remix = expected(session, "remix")
    made = draft(remix, job_id=job.id, body=json_prompt(remix))
    reply = session.send(made, job_id=job.id, status_judged=True)
    judge_refusal(
        session,
        reply,
        "remix-needs-completed",
        "remix-not-ready-status",
        session.expected_status("source_not_ready", "remix"),
    )


@scenario(
    "unfinished sources",
    """edit-needs-completed edit-not-ready-status extend-needs-completed
    extend-not-ready-status""",
)
def unfinished_sources(session: Session) -> None:
    """Edit and extend the first job right after its create; a gateway that accepts has spent a paid call."""
    job = session.job("first")
    for role in offered(session):
        operation = session.operation(role)
        body = about(operation, job.id)
        reply = session.send(draft(operation, body=body), status_judged=True)
        documented = session.expected_status("source_not_ready", role)
        judge_refusal(
            session, reply, f"{role}-needs-completed", f"{role}-not-ready-status", documented
        )


def judge_refusal(
    session: Session,
    reply: Reply,
    requirement: str,
    status_requirement: str,
    documented: int | None,
) -> None:
    """Judge that a request about the unfinished first job was refused, and with the ``documented`` status."""
    if reply.status >= 500:
        return
    if reply.accepted and _ended(session):
        for name in (requirement, status_requirement):
            session.cannot(name, "the job had ended before it could be asked", "not_reached")
        return
    if not reply.accepted and not session.call("retrieve", session.job("first").id).found:
        for name in (requirement, status_requirement):
            session.cannot(name, "the job that was just made is not found any more")
        return
    expected = "a refusal" if documented is None else f"{documented}"
    if session.judge(requirement, not reply.accepted, expected, reply.said(), reply):
        fits = reply.status == documented
        session.judge(status_requirement, fits, f"{documented}", reply.said(), reply)


def _ended(session: Session) -> bool:
    job = session.job("first")
    shown = session.call("retrieve", job.id)
    return shown.accepted and session.end_of(shown.job()) is not None
