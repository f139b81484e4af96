"""Scenarios by name, each with the requirements it judges."""

from collections.abc import Callable
from dataclasses import dataclass

from vidspec.conformance.session import Session

Body = Callable[[Session], None]


@dataclass(frozen=True, slots=True)
class Scenario:
    """A piece of the run; ``judges`` is a promise: what it leaves out must be explained."""

    name: str
    judges: frozenset[str]
    run: Body
    #: It asks questions that need no job, and makes none.
    free: bool = False
    #: It shares nothing with its neighbours but the gateway, and may run at the same time.
    beside: bool = False


_ALL: list[Scenario] = []


def scenario(
    name: str, judges: str, *, free: bool = False, beside: bool = False
) -> Callable[[Body], Body]:
    """Register a function as a scenario; ``judges`` lists requirement ids, parted by white space."""

    def register(run: Body) -> Body:
        _ALL.append(Scenario(name, frozenset(judges.split()), run, free, beside))
        return run

    return register


def registered() -> tuple[Scenario, ...]:
    """Return all scenarios in the order of the run."""
    return tuple(_ALL)
