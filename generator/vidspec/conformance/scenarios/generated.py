"""Generated requests over the prepared pool, before any of it is deleted."""

from typing import Final

from vidspec.conformance.adapter import generated_requests
from vidspec.conformance.scenarios.registry import scenario
from vidspec.conformance.session import Session
from vidspec.conformance.stops import SwitchedOff

_MODES: Final = frozenset({"standard", "deep"})


@scenario("generated requests", "schema-generated-requests")
def generated(session: Session) -> None:
    """Send valid and invalid generated requests to every operation."""
    mode = session.options.mode
    if mode not in _MODES:
        message = f"not part of mode {mode}"
        raise SwitchedOff(message)
    generated_requests(session)
