"""What the gate counts: the paid calls of a run and their price, and what passed."""

from dataclasses import dataclass
from typing import Final

#: Prices are decimal fractions: three times 0.1 must fit into 0.3.
_ROUNDING: Final = 1e-9


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
    """How many paid calls may be accepted and what they may cost, and how many were.

    A call is reserved before it is sent, so that any number of them under way at once keeps within the caps.
    """

    cap: int | None
    #: The most that all calls may cost; None: no limit.
    most: float | None = None
    spent: int = 0
    #: What the accepted calls cost, by the prices that were known.
    cost: float = 0.0
    #: Calls that the gate refused because nothing was left.
    refused: int = 0
    #: Calls that are under way, and what they will cost.
    reserved: int = 0
    pledged: float = 0.0

    @property
    def left(self) -> int | None:
        """Paid calls that may still be accepted; None: no limit."""
        return None if self.cap is None else max(0, self.cap - self.spent)

    def reserve(self, price: float) -> bool:
        """Put a call's price aside; False where count or money does not allow the call."""
        if self.cap is not None and self.spent + self.reserved >= self.cap:
            return False
        if self.most is not None and self.cost + self.pledged + price > self.most + _ROUNDING:
            return False
        self.reserved += 1
        self.pledged += price
        return True

    def settle(self, price: float, *, accepted: bool) -> None:
        """Pay what was reserved, or give it back."""
        self.reserved -= 1
        # What is under way is nothing again once nothing is: no rounding gathers.
        self.pledged = self.pledged - price if self.reserved else 0.0
        if accepted:
            self.spent += 1
            self.cost += price
