"""A video made from the finished job, and with it the order of the list."""

from vidspec.conformance.requests import draft, json_prompt
from vidspec.conformance.scenarios.following import completed
from vidspec.conformance.scenarios.listing import order
from vidspec.conformance.scenarios.registry import scenario
from vidspec.conformance.session import PoolJob, Session


@scenario("remix", "remix-accepted remix-new-id remix-source")
def remix_finished(session: Session) -> None:
    """Remix the finished job."""
    source = completed(session)
    remix = session.operation("remix")
    made = draft(remix, job_id=source.id, body=json_prompt(remix))
    reply = session.send(made, job_id=source.id, status_judged=True)
    documented = sorted(r.status for r in remix.replies if r.ok)
    fits = reply.accepted and str(reply.status) in documented
    session.judge("remix-accepted", fits, " or ".join(documented), reply.said(), reply)
    job = reply.job()
    if not reply.accepted or job.id is None:
        return
    own = job.id != source.id
    session.judge("remix-new-id", own, "an id of its own", job.id, reply)
    place = session.surface.job.get("source_id")
    if place is not None:
        said = reply.source()
        session.judge("remix-source", said == source.id, source.id, f"{said}", reply)
    if own:
        session.pool["remix"] = PoolJob("remix", job.id, {}, reply)
        session.wire.gate.protected.add(job.id)


# After the remix, because jobs made in one second have no order that could be wrong.
scenario("order", "list-order")(order)
