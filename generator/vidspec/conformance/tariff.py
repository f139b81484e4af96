"""What paid calls cost: one price for all, or what the gateway's listing of models says of the request."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from vidspec.conformance.reply import decode
from vidspec.conformance.samples import canonical_value
from vidspec.contract import Charge, Operation, Prices
from vidspec.source import pointer_get


class Unpriced(Exception):  # noqa: N818 - a reason, not an error
    """What a request costs cannot be told beforehand."""


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


def price_of(prices: Prices, entry: Any, wanted: Mapping[str, Any]) -> float:
    """Return the dearest charge of a listed model that fits the request; raise Unpriced where that is not sure."""
    model = wanted.get("model") or "the default model"
    charges = pointer_get(entry, prices.pointer, None) if entry is not None else None
    if not isinstance(charges, Mapping) or not charges:
        message = f"the listing of models tells no price of {model}"
        raise Unpriced(message)
    found = []
    for name, listed_price in charges.items():
        charge = next((c for c in prices.charges if _named(c, name)), None)
        if charge is None:
            message = f"{model} is charged by {name}, which cannot be told beforehand"
            raise Unpriced(message)
        # A condition that the request leaves open is taken for fulfilled: the estimate is never too low.
        if all(wanted.get(key, value) == value for key, value in charge.when.items()):
            found.append(_amount(name, listed_price) * charge.factor * _times(charge, wanted))
    if not found:
        message = f"no listed price of {model} fits the request"
        raise Unpriced(message)
    return max(found)


def _named(charge: Charge, name: str) -> bool:
    if charge.key.endswith("*"):
        return name.startswith(charge.key[:-1])
    return name == charge.key


def _times(charge: Charge, wanted: Mapping[str, Any]) -> float:
    return (
        _amount("the request's seconds", wanted.get("seconds")) if charge.per == "second" else 1.0
    )


def _amount(what: str, value: Any) -> float:
    try:
        amount = float(value)
    except (TypeError, ValueError):
        amount = -1.0
    if not 0 <= amount < float("inf"):
        message = f"{what} is no amount: {json.dumps(value, default=str)}"
        raise Unpriced(message)
    return amount
