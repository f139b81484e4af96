"""Naming the job that a video is made from, for operations that name it in their body."""

import re
from typing import Any, Final

from vidspec.conformance.reply import Reply
from vidspec.conformance.requests import JSON, Draft, draft
from vidspec.conformance.samples import smallest, unknown_id
from vidspec.conformance.session import Session
from vidspec.conformance.stops import SwitchedOff, Unsupported
from vidspec.contract import Operation
from vidspec.source import pointer_set

#: A prompt that is only the same if no letter was lost on the way.
PROMPT: Final = "A naïve café on Łódź street, 東京 style ✨"
_PAYING: Final = frozenset({"standard", "deep"})
_ROLES: Final = ("edit", "extend")
#: Role → the one that is asked for in its place. To make a character is not tried out.
_STAND_INS: Final = {"character_create": "character", "model": "models"}
#: Roles that many gateways of a dialect do without.
_RARE: Final = frozenset({*_ROLES, "character", "character_create"})


def about(operation: Operation, job_id: str) -> dict[str, Any]:
    """Return the example body of an operation, with the job as its source."""
    body = operation.body(JSON)
    made = smallest(body) if body else {}
    for field in body.fields if body else ():
        place = field.canonical.forms.get("id") if field.canonical else None
        if place is not None:
            made[field.name] = pointer_set(made.get(field.name, {}), place, job_id)
    return made


def offered(session: Session) -> list[str]:
    """Return the roles that name their source in the body and that the gateway has; of the others it is said."""
    found = []
    for role in _ROLES:
        if session.dialect.by_role(role, session.surface.name) is None:
            continue
        try:
            offering(session, role)
        except Unsupported as stop:
            for requirement in session.active:
                if requirement.startswith(f"{role}-"):
                    session.cannot(requirement, f"{stop}", stop.verdict)
        else:
            found.append(role)
    return found


def offering(session: Session, role: str) -> Operation:
    """Return an operation that many gateways do without; raise Unsupported if this one has no such path.

    Asked once a run.
    """
    operation = session.operation(role)
    asked = _STAND_INS.get(role, role)
    if asked not in session.offers:
        probe = session.operation(asked)
        stranger = unknown_id(session.dialect, session.surface)
        body = about(probe, stranger) if probe.bodies else None
        reply = session.send(draft(probe, job_id=stranger, body=body), observed=False)
        session.offers[asked] = not is_lost(session, reply)
        if reply.accepted and probe.paid:
            # It has cost a call: what it shows is said now, and it is not sent a second time.
            documented = f"{session.expected_status('not_found', asked)}"
            session.judge(f"{asked}-unknown-status", False, documented, reply.said(), reply)
            session.forget(reply)
    if not session.offers[asked]:
        message = f"the gateway has no path {operation.path}"
        raise Unsupported(message)
    return operation


def expected(session: Session, role: str) -> Operation:
    """Return the operation; raise Unsupported where this gateway lacks it and may."""
    operation = session.operation(role)
    return offering(session, role) if _is_rare(operation) else operation


def rare_roles(session: Session) -> list[str]:
    """Return the roles of the surface that a gateway may do without."""
    here = session.surface.name
    return sorted({o.role for o in session.dialect.operations
                   if o.role and o.surface == here and _is_rare(o)})  # fmt: skip


def _is_rare(operation: Operation) -> bool:
    return operation.role in _RARE or operation.optional


def is_absent(session: Session, operation: Operation | None) -> bool:
    """Say whether it was seen that the gateway has no such path, where many do without it."""
    role = (operation.role if operation else None) or ""
    return not session.offers.get(_STAND_INS.get(role, role), True)


def is_lost(session: Session, reply: Reply) -> bool:
    """Say whether a reply is that of a path that is not there: no error of the dialect, or that of any such path."""
    if reply.status != 404:
        return reply.status in {405, 501}
    stray = session.send(Draft(None, "GET", "/vidspec-no-such-path/0"), observed=False)
    return _words(reply) in {"", _words(stray)}


def _words(reply: Reply) -> str:
    """Return what an error says, without the method and the path that it may repeat."""
    message = reply.error("message")
    if not isinstance(message, str):
        return ""
    return re.sub(r"\b(GET|POST)\b|/\S*", "", message).strip()


def must_pay(session: Session) -> None:
    """Raise SwitchedOff in the modes that make no more than the pool."""
    if session.options.mode not in _PAYING:
        message = f"not part of mode {session.options.mode}"
        raise SwitchedOff(message)
