"""The first job of the pool; every scenario after this one lives on it."""

import json
import secrets
from collections.abc import Mapping
from typing import Final
from urllib.parse import urljoin, urlsplit

from vidspec.conformance.preflight import wrong_model
from vidspec.conformance.reply import Reply
from vidspec.conformance.requests import MULTIPART, Draft, draft
from vidspec.conformance.samples import job_body
from vidspec.conformance.scenarios.observed import as_observed
from vidspec.conformance.scenarios.registry import scenario
from vidspec.conformance.session import PoolJob, Session
from vidspec.conformance.stops import Missing, WrongModel
from vidspec.conformance.verdicts import json_body
from vidspec.conformance.watch import CLOCK_SECONDS, clocks
from vidspec.contract import Body, Operation
from vidspec.source import pointer_get

#: What servers that take nothing but forms say to JSON.
_UNREADABLE: Final = frozenset({400, 415, 422})


@scenario("first job", "create-accepted create-id create-initial-state create-time retrieve-found")
def first_job(session: Session) -> None:
    """Create a job from the document's example and look at it at once."""
    create = session.operation("create")
    body = json_body(create)
    if body is None:
        message = "the create operation takes no body"
        raise Missing(message)
    published, wanted = _create(session, create, body, None)
    other, how = None, "the form that this gateway is seen to take"
    if not published.accepted:
        other = as_observed(session, create, published)
    form = create.body(MULTIPART)
    if other is None and form and form != body and published.status in _UNREADABLE:
        other, how = _create(session, create, form, None), f"the same as {MULTIPART}"
    if other is not None and other[0].accepted:
        # The published form is what is promised; the other one only keeps the rest of the run testable.
        reply, wanted = other
        received = f"{published.said()}; {how} is accepted"
        documented = " or ".join(r.status for r in create.replies if r.ok)
        session.judge("create-accepted", False, documented, received, published)
    else:
        reply = published
        finding = wrong_model(reply, session.target.model)
        if finding is not None:
            raise WrongModel(finding)
        _accepted(session, "create-accepted", create, reply)
    if not reply.accepted:
        session.absent["first"] = f"its create was answered with {reply.said()}"
        return
    job = reply.job()
    raw = (create.job or "") + session.surface.job["id"].pointer
    shown_id = json.dumps(pointer_get(reply.json, raw, None))
    session.judge("create-id", job.id is not None, f"a text at {raw}", shown_id, reply)
    _initial_state(session, reply)
    _now(session, reply)
    if job.id is None:
        session.absent["first"] = "its create was answered without an id"
        return
    session.pool["first"] = PoolJob("first", job.id, wanted, reply)
    session.wire.gate.protected.add(job.id)
    shown = session.call("retrieve", job.id, status_judged=True)
    if session.judge("retrieve-found", shown.found, "the job", shown.said(), shown):
        session.pool["first"].shown = shown


@scenario(
    "second job",
    """create-multipart-accepted create-distinct-ids retrieve-by-external-id
    retrieve-echo-external-id""",
)
def second_job(session: Session) -> None:
    """Create another job: as multipart where that is offered, with the failing prompt where one is given."""
    create = session.operation("create")
    first = session.job("first")
    body = create.body(MULTIPART) or json_body(create)
    if body is None:
        message = "the create operation takes no body"
        raise Missing(message)
    reply, wanted = _create(session, create, body, session.options.fail_prompt, own_id=True)
    if body.media_type == MULTIPART:
        session.judge("create-multipart-accepted", reply.accepted, "a new job", reply.said(), reply)
    job = reply.job()
    if not reply.accepted or job.id is None:
        session.absent["second"] = f"its create was answered with {reply.said()}"
        message = f"the second create was answered with {reply.said()}"
        raise Missing(message)
    distinct = job.id != first.id
    session.judge("create-distinct-ids", distinct, "an id of its own", job.id, reply)
    if distinct:
        session.pool["second"] = PoolJob("second", job.id, wanted, reply)
        session.wire.gate.protected.add(job.id)
        _external_id(session, job.id, wanted)


@scenario("polling address", "retrieve-polling-url")
def polling_address(session: Session) -> None:
    """Ask for the first job at the address that its create was answered with."""
    job = session.job("first")
    place = session.surface.job.get("polling_url")
    shown = (
        pointer_get(next(iter(job.created.jobs()), None), place.pointer, None) if place else None
    )
    if not isinstance(shown, str):
        session.cannot(
            "retrieve-polling-url", "the create reply has no polling address", "unsupported"
        )
        return
    # A gateway may be known by several names; credentials go to the one under test alone.
    home = urlsplit(session.target.url).path.rstrip("/")
    path = urlsplit(urljoin(f"{session.target.url}/", shown)).path
    if not path.startswith(f"{home}/"):
        session.judge("retrieve-polling-url", False, f"a path below {home}", shown, job.created)
        return
    made = Draft(session.operation("retrieve"), "GET", path[len(home) :])
    reply = session.send(made, observed=False)
    plain = session.call("retrieve", job.id)
    found = reply.job().id if reply.found else None
    received = f"the job {found}" if found else reply.said()
    same = reply.found and found == plain.job().id
    session.judge("retrieve-polling-url", same, f"the job {job.id}", received, reply)


def _external_id(session: Session, job_id: str, wanted: Mapping[str, object]) -> None:
    own = wanted.get("external_id")
    place = session.surface.job.get("external_id")
    if not isinstance(own, str) or place is None:
        return
    plain = session.call("retrieve", job_id)
    if not plain.found:
        message = "the job is not found under its own id either"
        raise Missing(message)
    shown = pointer_get(plain.job().raw, place.pointer, None)
    session.judge("retrieve-echo-external-id", shown == own, own, repr(shown), plain)
    reply = session.call("retrieve", own, observed=False)
    found = reply.found and reply.job().id == plain.job().id
    session.judge("retrieve-by-external-id", found, f"the job {job_id}", reply.said(), reply)


def _create(
    session: Session, create: Operation, body: Body, prompt: str | None, *, own_id: bool = False
) -> tuple[Reply, dict[str, object]]:
    made, wanted = job_body(session.dialect, body, model=session.target.model, prompt=prompt)
    field = create.field("external_id")
    if own_id and field is not None:
        made[field.name] = wanted["external_id"] = f"vidspec-{secrets.token_hex(8)}"
    request = draft(create, body=made, media_type=body.media_type, wanted=wanted)
    return session.send(request, status_judged=True), wanted


def _accepted(session: Session, requirement: str, create: Operation, reply: Reply) -> None:
    documented = {r.status for r in create.replies if r.ok}
    fits = reply.accepted and str(reply.status) in documented
    session.judge(requirement, fits, " or ".join(sorted(documented)), reply.said(), reply)


def _initial_state(session: Session, reply: Reply) -> None:
    job, requirement = reply.job(), "create-initial-state"
    if job.word is None:
        session.cannot(requirement, "the create reply shows no status", "unsupported")
    elif job.state == "unknown":
        session.cannot(requirement, f"nobody knows what {job.word!r} means")
    else:
        sound = job.state not in {"failed", "cancelled", "expired"}
        session.judge(requirement, sound, "a state that leads on", job.state, reply)


def _now(session: Session, reply: Reply) -> None:
    created = reply.job().times.get("created_at")
    if created is None or not 2001 <= created.year < 2286:
        session.cannot("create-time", "the create reply has no time that reads as one")
        return
    known = clocks(reply)
    near = any(abs((clock - created).total_seconds()) <= CLOCK_SECONDS for clock in known)
    session.judge("create-time", near, f"about {known[0]:%Y-%m-%d %H:%M:%S}Z", str(created), reply)
