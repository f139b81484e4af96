"""Videos made from the finished job by edits and extensions, and characters made of it; accepted ones cost money."""

from dataclasses import replace
from typing import Any, Final

from vidspec.conformance.requests import MULTIPART, Draft, draft, encode
from vidspec.conformance.scenarios.following import completed
from vidspec.conformance.scenarios.registry import scenario
from vidspec.conformance.scenarios.sources import PROMPT, about, must_pay, offering
from vidspec.conformance.schema import constraint
from vidspec.conformance.session import Session
from vidspec.conformance.stops import Missing
from vidspec.contract import Operation
from vidspec.source import pointer_get

_NAME: Final = "Captain Pebble"


@scenario("edit", "edit-accepted edit-new-id edit-echo-prompt")
def edit(session: Session) -> None:
    """Edit the finished job."""
    _derive(session, "edit")


@scenario("extend", "extend-accepted extend-new-id")
def extend(session: Session) -> None:
    """Extend the finished job."""
    _derive(session, "extend")


def _derive(session: Session, role: str) -> None:
    must_pay(session)
    source, operation = completed(session), offering(session, role)
    body = about(operation, source.id)
    prompt = operation.field("prompt")
    if prompt is not None:
        body[prompt.name] = PROMPT
    reply = session.send(draft(operation, body=body), status_judged=True)
    documented = sorted(r.status for r in operation.replies if r.ok)
    fits = reply.accepted and str(reply.status) in documented
    session.judge(f"{role}-accepted", fits, " or ".join(documented), reply.said(), reply)
    job = reply.job()
    if not reply.accepted or job.id is None:
        return
    session.judge(f"{role}-new-id", job.id != source.id, "an id of its own", job.id, reply)
    shown = job.texts.get("prompt")
    if shown is None:
        session.cannot(f"{role}-echo-prompt", "the job does not show its prompt", "unsupported")
    else:
        session.judge(f"{role}-echo-prompt", shown == PROMPT, PROMPT, shown, reply)
    if job.id != source.id:
        session.forget(reply)


@scenario("character", "character-name-refused character-accepted character-found")
def character(session: Session) -> None:
    """Make a character of the finished video, and look it up."""
    make = offering(session, "character_create")
    must_pay(session)
    if session.video is None:
        message = "the video could not be fetched"
        raise Missing(message)
    _too_long(session, make, session.video)
    reply = session.send(_character(make, _NAME, session.video), status_judged=True)
    documented = sorted(r.status for r in make.replies if r.ok)
    fits = reply.accepted and str(reply.status) in documented
    session.judge("character-accepted", fits, " or ".join(documented), reply.said(), reply)
    identity = pointer_get(reply.json, "/id", None) if reply.accepted else None
    if not isinstance(identity, str):
        message = f"the new character was answered with {reply.said()}"
        raise Missing(message)
    shown = session.send(draft(session.operation("character"), job_id=identity))
    said = [pointer_get(shown.json, place, None) for place in ("/id", "/name")]
    fits = shown.accepted and said == [identity, _NAME]
    session.judge("character-found", fits, f"{identity} {_NAME}", f"{said}", shown)


def _too_long(session: Session, make: Operation, video: bytes) -> None:
    named = make.field("character_name")
    most = constraint(session.dialect, named.pointer, "maxLength") if named else None
    if not isinstance(most, int):
        session.cannot("character-name-refused", "no greatest length is documented", "unsupported")
        return
    reply = session.send(_character(make, "x" * (most + 1), video), observed=False)
    if not reply.accepted:
        session.observer.see(reply, status_judged=True)
    if reply.status < 500:
        session.judge("character-name-refused", reply.refused, "a refusal", reply.said(), reply)


def _character(make: Operation, name: str, video: bytes) -> Draft:
    named = make.field("character_name")
    clip = make.field("video")
    values: dict[str, Any] = {named.name: name} if named else {}
    if clip is not None:
        values[clip.name] = video
    raw, headers = encode(values, MULTIPART)
    return replace(draft(make), body=raw, headers=headers)
