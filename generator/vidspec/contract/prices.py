"""What a video costs, as an entry of a models listing tells it (``prices`` of the operation that lists them)."""

import json
from collections.abc import Mapping
from typing import Any

from vidspec.contract.model import Charge, Prices
from vidspec.source import pointer_get


class Unpriced(Exception):  # noqa: N818 - a reason, not an error
    """What a request costs cannot be told beforehand."""


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
    except (TypeError, ValueError, OverflowError):
        amount = -1.0
    if not 0 <= amount < float("inf"):
        message = f"{what} is no amount: {json.dumps(value, default=str)}"
        raise Unpriced(message)
    return amount
