"""A family of jobs: its job object, its status words, its ways to a result."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class JobField:
    """Where a canonical job field stands inside the job object, and how it is written there."""

    name: str
    pointer: str
    unit: Literal["s", "ms", "iso8601"] | None = None
    #: Wire value → canonical value, where the two differ.
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Result:
    """One way to fetch the finished video: by ``endpoint`` (the surface's content operation), ``url`` or ``base64`` in the job."""

    kind: Literal["endpoint", "url", "base64"]
    #: Message pointer inside the job object (``url`` and ``base64`` only).
    pointer: str | None = None


@dataclass(frozen=True, slots=True)
class Poll:
    """How often to ask; ``header`` names a reply header with the server's own wish, in ``unit``."""

    interval_seconds: float
    header: str | None = None
    unit: Literal["s", "ms"] = "s"


@dataclass(frozen=True, slots=True)
class Surface:
    """One family of jobs in a dialect: its job object, its status words, its ways to a result."""

    name: str
    title: str
    default: bool
    job: Mapping[str, JobField]
    #: Status word → canonical state; None for a word that tells nothing (keep asking).
    states: Mapping[str, str | None]
    results: tuple[Result, ...]
    poll: Poll
    retention_seconds: int | None
    #: Code of a refusal → the state of the job that was asked for, where no status word says it.
    refusals: Mapping[str, str] = field(default_factory=dict)

    def words(self, state: str) -> tuple[str, ...]:
        """Return the status words that mean ``state``, in the document's order."""
        return tuple(word for word, meaning in self.states.items() if meaning == state)
