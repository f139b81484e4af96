"""A video made from the finished job, and with it the order of the list."""

from collections.abc import Mapping
from typing import Any

from vidspec.conformance.requests import JSON, draft, json_prompt
from vidspec.conformance.scenarios.following import completed
from vidspec.conformance.scenarios.listing import order
from vidspec.conformance.scenarios.registry import scenario
from vidspec.conformance.scenarios.sources import PROMPT, about, expected, offered
from vidspec.conformance.session import PoolJob, Session
from vidspec.conformance.verdicts import constrained
from vidspec.contract import Operation
from vidspec.contract.schemas import enum_at


@scenario(
    "invalid sources",
    "edit-required-refused extend-required-refused extend-seconds-refused remix-required-refused",
)
def invalid_sources(session: Session) -> None:
    """Leave required fields out, and ask for a length outside the documented set."""
    job = completed(session)
    for role in (*offered(session), "remix"):
        if session.dialect.by_role(role, session.surface.name) is None:
            continue
        operation = expected(session, role)
        sound = json_prompt(operation) if role == "remix" else about(operation, job.id)
        body = operation.body(JSON)
        for name in constrained(session.dialect, body, "required"):
            lacking = {key: value for key, value in sound.items() if key != name}
            _refused(session, f"{role}-required-refused", operation, job.id, lacking)
        for name in constrained(session.dialect, body, "enum"):
            pointer = next(f.pointer for f in (body.fields if body else ()) if f.name == name)
            strange = f"{max(map(str, enum_at(session.dialect.document, pointer) or ('',)))}00"
            _refused(
                session, f"{role}-seconds-refused", operation, job.id, {**sound, name: strange}
            )


def _refused(
    session: Session, requirement: str, operation: Operation, job_id: str, body: Mapping[str, Any]
) -> None:
    if requirement not in session.active:
        return
    made = draft(operation, job_id=job_id, body=body)
    reply = session.send(made, observed=False)
    if not reply.accepted:
        session.observer.see(reply, status_judged=True)
    if reply.accepted:
        session.forget(reply)
    if reply.status < 500:
        session.judge(requirement, reply.refused, "a refusal", reply.said(), reply)


@scenario("remix", "remix-accepted remix-new-id remix-source remix-echo-prompt")
def remix_finished(session: Session) -> None:
    """Remix the finished job."""
    source = completed(session)
    remix = expected(session, "remix")
    prompt = remix.field("prompt")
    body = json_prompt(remix) | ({prompt.name: PROMPT} if prompt else {})
    made = draft(remix, job_id=source.id, body=body)
    reply = session.send(made, job_id=source.id, status_judged=True)
    documented = sorted(r.status for r in remix.replies if r.ok)
    fits = reply.accepted and str(reply.status) in documented
    session.judge("remix-accepted", fits, " or ".join(documented), reply.said(), reply)
    job = reply.job()
    if not reply.accepted or job.id is None:
        return
    own = job.id != source.id
    session.judge("remix-new-id", own, "an id of its own", job.id, reply)
    shown = job.texts.get("prompt")
    if shown is None:
        session.cannot("remix-echo-prompt", "the job does not show its prompt", "unsupported")
    else:
        session.judge("remix-echo-prompt", shown == PROMPT, PROMPT, shown, reply)
    place = session.surface.job.get("source_id")
    if place is not None:
        said = reply.source()
        session.judge("remix-source", said == source.id, source.id, f"{said}", reply)
    if own:
        session.pool["remix"] = PoolJob("remix", job.id, {}, reply)
        session.wire.gate.protected.add(job.id)


# After the remix, because jobs made in one second have no order that could be wrong.
scenario("order", "list-order")(order)
