"""What paid calls cost: one price for all, or what the gateway's listing of models says of the request."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from vidspec.conformance.reply import decode
from vidspec.conformance.samples import canonical_value
from vidspec.contract import Operation, Prices
from vidspec.contract.prices import Unpriced, price_of


@dataclass(frozen=True, slots=True)
class Tariff:
    """What one call of the check's own making costs, and from that what any other does."""

    usual: float
    #: ISO 4217; empty: the unit of who named the price.
    currency: str = ""
    prices: Prices | None = None
    #: Model → entry of the listing.
    entries: Mapping[str, Any] = field(default_factory=dict)
    #: Canonical values of the check's own request.
    asked: Mapping[str, Any] = field(default_factory=dict)

    def of(self, operation: Operation | None, body: bytes) -> float:
        """Return the price of a request; the usual one where the request does not tell more."""
        if self.prices is None or operation is None:
            return self.usual
        wanted = {**self.asked, **canonical_of(operation, decode(body))}
        try:
            found = price_of(self.prices, self.entries.get(str(wanted.get("model"))), wanted)
        except Unpriced:
            # No known model, or a length that is none: it will be refused, or taken for the usual one.
            return self.usual
        # Nothing is made for nothing where the usual request costs: a length of 0 is an invalid one.
        return found or self.usual

    def told(self, amount: float) -> str:
        """Return an amount with its currency."""
        return f"{amount:.2f} {self.currency}".rstrip()


def canonical_of(operation: Operation, body: Any) -> dict[str, Any]:
    """Return what a JSON body says, by canonical name."""
    if not isinstance(body, Mapping):
        return {}
    fields = {part.name: part.canonical for b in operation.bodies for part in b.fields}
    return {
        meaning.name: canonical_value(meaning, value)
        for name, value in body.items()
        if (meaning := fields.get(name)) is not None and value is not None
    }
