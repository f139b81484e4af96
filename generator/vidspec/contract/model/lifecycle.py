"""The canonical states of a job."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """The canonical job states and which may follow which (``spec/lifecycle.yaml``)."""

    transitions: Mapping[str, tuple[str, ...]]
    #: Words of other APIs for an end → that end.
    elsewhere: Mapping[str, str] = field(default_factory=dict)

    def meant(self, word: str | None) -> str | None:
        """Return the end that a word means in other APIs, whatever its case; None for any other word."""
        return self.elsewhere.get((word or "").lower())

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
