"""Generated requests over the prepared pool, before any of it is deleted."""

from contextlib import suppress
from typing import Final

from vidspec.conformance.adapter import generated_requests
from vidspec.conformance.scenarios.registry import scenario
from vidspec.conformance.scenarios.sources import offering, rare_roles
from vidspec.conformance.session import Session
from vidspec.conformance.stops import BudgetSpent, SwitchedOff, Unsupported

_MODES: Final = frozenset({"standard", "deep"})


@scenario("generated requests", "schema-generated-requests")
def generated(session: Session) -> None:
    """Send valid and invalid generated requests to every operation."""
    mode = session.options.mode
    if mode not in _MODES:
        message = f"not part of mode {mode}"
        raise SwitchedOff(message)
    _look_around(session)
    generated_requests(session)


def _look_around(session: Session) -> None:
    """Find out which of the paths are there that many gateways do without: no request is blamed on one that is not."""
    for role in (*rare_roles(session), "models"):
        if session.dialect.by_role(role, session.surface.name) is not None:
            # What cannot be asked stays held for there, as it does in a whole run.
            with suppress(Unsupported, BudgetSpent):
                offering(session, role)
