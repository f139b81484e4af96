"""The canonical states of a job."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """The canonical job states and which may follow which (``spec/lifecycle.yaml``)."""

    transitions: Mapping[str, tuple[str, ...]]

    def allows(self, before: str, after: str) -> bool:
        """Say whether a job seen as ``before`` may later be seen as ``after`` (skipped states count)."""
        seen, todo = set[str](), [before]
        while todo:
            state = todo.pop()
            if state == after:
                return True
            if state not in seen:
                seen.add(state)
                todo.extend(self.transitions.get(state, ()))
        return False
