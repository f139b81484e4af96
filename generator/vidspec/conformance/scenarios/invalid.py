"""Creates that must be refused. A gateway that accepts one has made a paid job: after the first, no more are sent."""

from dataclasses import replace
from typing import Any, Final

from vidspec.conformance.reply import Reply
from vidspec.conformance.requests import draft
from vidspec.conformance.samples import job_body
from vidspec.conformance.scenarios.broken import REFUSALS, broken
from vidspec.conformance.scenarios.registry import scenario
from vidspec.conformance.session import Session
from vidspec.conformance.stops import Missing
from vidspec.conformance.verdicts import json_body
from vidspec.contract import Body, Operation

#: Requirement → the bytes that are sent as JSON.
_UNREAD: Final = (
    ("errors-malformed-status", b'{"prompt": "cut off'),
    ("input-empty-body", b""),
    ("input-array-body", b"[]"),
    ("input-not-utf8", b'{"prompt": "\xff\xfe"}'),
)
#: What a gateway refuses first of all.
_SUREST: Final = frozenset({"create-required-refused", "create-wrong-type-refused"})
#: Statuses that say that a body could not be read.
_UNREADABLE: Final = frozenset({400, 415, 422})


@scenario(
    "invalid creates",
    f"{' '.join(REFUSALS)} errors-invalid-status errors-param",
    free=True,
    beside=True,
)
def invalid_creates(session: Session) -> None:
    """Break one documented constraint at a time."""
    create = session.operation("create")
    documented = session.expected_status("invalid_request", "create")
    declared, sound = sound_body(session, create)
    for requirement, body, part in broken(session.dialect, declared, sound):
        if requirement not in session.active and requirement != "create-required-refused":
            continue
        reply = session.send(draft(create, body=body), observed=False)
        if not reply.accepted:
            # What an accepted one is answered with is the gateway's guess; only refusals are judged further.
            session.observer.see(reply, status_judged=True)
        refused = reply.refused and reply.status not in {401, 403, 404} - {documented}
        if reply.status >= 500:
            continue
        if not session.judge(requirement, refused, f"{documented}", reply.said(), reply):
            if reply.accepted:
                # The job that should not be is paid for; it must not stand in the way of the others.
                session.forget(reply)
                break
            continue
        fits = reply.status == documented
        session.judge("errors-invalid-status", fits, f"{documented}", reply.said(), reply)
        if requirement == "create-required-refused" and reply.error("message") is not None:
            named = reply.error("param")
            expected = f"the field {part!r}"
            session.judge("errors-param", part in str(named or ""), expected, repr(named), reply)
    for requirement in (*REFUSALS, "errors-invalid-status", "errors-param"):
        session.cannot(requirement, "an invalid create was accepted before", "not_reached")


def sound_body(session: Session, create: Operation) -> tuple[Body, dict[str, Any]]:
    """Return the body of a create and a valid value for it; raise Missing if it takes none."""
    body = json_body(create)
    if body is None:
        message = "the create operation takes no body"
        raise Missing(message)
    return body, job_body(session.dialect, body, model=session.target.model)[0]


@scenario(
    "unreadable creates",
    """errors-malformed-status errors-media-type-status input-empty-body input-array-body
    input-not-utf8 input-charset""",
    free=True,
    beside=True,
)
def unreadable_creates(session: Session) -> None:
    """Send bodies that cannot be read, or are no object."""
    create = session.operation("create")
    for requirement, raw in _UNREAD:
        if requirement in session.active:
            made = replace(draft(create, body="{}"), body=raw)
            reply = session.send(made, status_judged=True)
            if reply.status < 500:
                _refusal(session, requirement, reply, _UNREADABLE)
            else:
                session.cannot(requirement, f"it was answered with {reply.status}")
    reply = session.send(
        draft(create, body="not a form", media_type="text/plain"), status_judged=True
    )
    documented = session.expected_status("unsupported_media_type", "create")
    if reply.status < 500 and documented is not None:
        _refusal(session, "errors-media-type-status", reply, frozenset({documented}))
    _charset(session, create)


def _charset(session: Session, create: Operation) -> None:
    """Send a create that is refused for its prompt, with the parameter that some clients put behind the media type."""
    if "input-charset" not in session.active:
        return
    declared, sound = sound_body(session, create)
    _, wrong, _ = next(one for one in broken(session.dialect, declared, sound) if one[0] in _SUREST)
    made = draft(create, body=wrong, media_type="application/json; charset=utf-8")
    reply = session.send(made, observed=False)
    if reply.accepted:
        session.forget(reply)
    if reply.status < 500:
        read = reply.status != session.expected_status("unsupported_media_type", "create")
        session.judge("input-charset", read, "a body that is read as JSON", reply.said(), reply)


def _refusal(session: Session, requirement: str, reply: Reply, statuses: frozenset[int]) -> None:
    expected = " or ".join(map(str, sorted(statuses)))
    fits = reply.refused and reply.status in statuses
    session.judge(requirement, fits, expected, reply.said(), reply)
