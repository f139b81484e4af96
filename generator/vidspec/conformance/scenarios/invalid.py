"""Creates that must be refused. A gateway that accepts one has made a paid job: after the first, no more are sent."""

from collections.abc import Iterator
from typing import Any, Final

from vidspec.conformance.reply import Reply
from vidspec.conformance.requests import draft
from vidspec.conformance.samples import job_body
from vidspec.conformance.scenarios.registry import scenario
from vidspec.conformance.session import Session
from vidspec.conformance.stops import Missing
from vidspec.conformance.verdicts import constrained, json_body
from vidspec.contract import Field, Operation
from vidspec.contract.schemas import enum_at

_REFUSALS: Final = """create-required-refused create-empty-prompt-refused
    create-unknown-value-refused create-wrong-type-refused"""
#: Statuses that say that a body could not be read.
_UNREADABLE: Final = frozenset({400, 415, 422})


@scenario("invalid creates", f"{_REFUSALS} errors-invalid-status errors-param", free=True)
def invalid_creates(session: Session) -> None:
    """Break one documented constraint at a time."""
    create = session.operation("create")
    documented = session.expected_status("invalid_request", "create")
    for requirement, body, part in _broken(session, create):
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
    for requirement in _REFUSALS.split():
        session.cannot(requirement, "an invalid create was accepted before", "not_reached")


def _broken(session: Session, create: Operation) -> Iterator[tuple[str, dict[str, Any], str]]:
    body = json_body(create)
    if body is None:
        message = "the create operation takes no body"
        raise Missing(message)
    sound, _ = job_body(session.dialect, body, model=session.target.model)
    required = constrained(session.dialect, body, "required")
    if required:
        lacking = {name: value for name, value in sound.items() if name != required[0]}
        yield "create-required-refused", lacking, required[0]
    prompt = _text_field(body.fields)
    long_enough = constrained(session.dialect, body, "minLength")
    if prompt and prompt.name in long_enough:
        yield "create-empty-prompt-refused", {**sound, prompt.name: ""}, prompt.name
    closed = constrained(session.dialect, body, "enum")
    if closed:
        part = next(f for f in body.fields if f.name == closed[0])
        strange = _outside(enum_at(session.dialect.document, part.pointer) or ())
        yield "create-unknown-value-refused", {**sound, part.name: strange}, part.name
    if prompt:
        yield "create-wrong-type-refused", {**sound, prompt.name: ["a", "list"]}, prompt.name


def _outside(closed: tuple[Any, ...]) -> Any:
    # Of the right type, so that the set alone is what refuses it.
    numbers = [v for v in closed if isinstance(v, int | float) and not isinstance(v, bool)]
    return max(numbers) + 1000 if len(numbers) == len(closed) > 0 else "no-such-value"


def _text_field(fields: tuple[Field, ...]) -> Field | None:
    return next((f for f in fields if f.canonical and f.canonical.name == "prompt"), None)


@scenario("unreadable creates", "errors-malformed-status errors-media-type-status", free=True)
def unreadable_creates(session: Session) -> None:
    """Send bodies that cannot be read."""
    create = session.operation("create")
    reply = session.send(draft(create, body='{"prompt": "cut off'), status_judged=True)
    if reply.status < 500:
        _refusal(session, "errors-malformed-status", reply, _UNREADABLE)
    reply = session.send(
        draft(create, body="not a form", media_type="text/plain"), status_judged=True
    )
    documented = session.expected_status("unsupported_media_type", "create")
    if reply.status < 500 and documented is not None:
        _refusal(session, "errors-media-type-status", reply, frozenset({documented}))


def _refusal(session: Session, requirement: str, reply: Reply, statuses: frozenset[int]) -> None:
    expected = " or ".join(map(str, sorted(statuses)))
    fits = reply.refused and reply.status in statuses
    session.judge(requirement, fits, expected, reply.said(), reply)
