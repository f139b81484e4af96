"""What the gate counts: the paid calls of a run, and what passed."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Passage:
    """What the gate saw of one exchange; bodies are whole, secrets are still in none but the reply."""

    method: str
    #: Path and query below the base URL.
    path: str
    status: int
    #: Why the gate answered by itself, or empty.
    refusal: str
    paid: bool
    seconds: float


@dataclass(slots=True)
class Purse:
    """How many paid calls may be accepted, and how many were."""

    cap: int | None
    spent: int = 0
    #: Calls that the gate refused because nothing was left.
    refused: int = 0

    @property
    def left(self) -> int | None:
        """Paid calls that may still be accepted; None: no limit."""
        return None if self.cap is None else max(0, self.cap - self.spent)
