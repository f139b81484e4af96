"""Naming the job that a video is made from, for operations that name it in their body."""

from typing import Any, Final

from vidspec.conformance.requests import JSON
from vidspec.conformance.samples import smallest
from vidspec.conformance.session import Session
from vidspec.conformance.stops import SwitchedOff
from vidspec.contract import Operation
from vidspec.source import pointer_set

#: A prompt that is only the same if no letter was lost on the way.
PROMPT: Final = "A naïve café on Łódź street, 東京 style ✨"
_PAYING: Final = frozenset({"standard", "deep"})
_ROLES: Final = ("edit", "extend")


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
    """Return the roles of the dialect that name their source in the body."""
    return [r for r in _ROLES if session.dialect.by_role(r, session.surface.name) is not None]


def must_pay(session: Session) -> None:
    """Raise SwitchedOff in the modes that make no more than the pool."""
    if session.options.mode not in _PAYING:
        message = f"not part of mode {session.options.mode}"
        raise SwitchedOff(message)
