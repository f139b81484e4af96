"""What single models can do and cost, as far as a dialect says it: in its extension, or in its listing of models."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from vidspec.contract.model import Dialect, Prices
from vidspec.contract.prices import Unpriced, price_of
from vidspec.source import pointer_get


@dataclass(frozen=True, slots=True)
class Model:
    """What one model can do."""

    id: str
    #: Canonical parameter → the canonical values it may have; none: it may not be given.
    limits: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    #: Whether it makes sound by itself; None: not said.
    audio: bool | None = None
    #: Its entry in the listing of models, and where that tells prices.
    entry: Any = None
    prices: Prices | None = None

    def cost(self, params: Mapping[str, Any], height_class: str) -> float | None:
        """Return what a video of these canonical parameters costs, None where that is not said.

        ``height_class`` is the short side with a ``p`` behind it.
        """
        if self.prices is None:
            return None
        wanted = {"audio": self.audio, "resolution": height_class, **params}
        try:
            each = price_of(self.prices, self.entry, wanted)
            whole = float(Decimal(str(each)) * Decimal(str(params.get("n", 1))))
        except (Unpriced, InvalidOperation):
            return None
        return whole if math.isfinite(whole) else None


def catalogue(dialect: Dialect) -> dict[str, Model]:
    """Return the models of which the dialect says anything, by id."""
    said = dialect.document["x-video-dialect"].get("models", {})
    found = {model.id: model for model in _listed(dialect, said.get("listing"))}
    for name, limits in said.get("known", {}).items():
        found[name] = Model(name, {key: tuple(values) for key, values in limits.items()})
    return found


def _listed(dialect: Dialect, listing: Mapping[str, Any] | None) -> Iterator[Model]:
    operation = next(dialect.roles("models"), None)
    if listing is None or operation is None:
        return
    for content in operation.success.contents:
        for example in content.examples:
            for item in pointer_get(example.value, operation.items or "", []):
                yield _model(item, listing, operation.prices)


def _model(item: Any, listing: Mapping[str, Any], prices: Prices | None) -> Model:
    limits: dict[str, tuple[Any, ...]] = {}
    for name, pointer in listing.get("limits", {}).items():
        values = pointer_get(item, pointer, None)
        if isinstance(values, list):
            limits[name] = tuple(values)
        elif values is False:
            limits[name] = (False,)
    inputs = listing.get("inputs")
    kinds = None if inputs is None else pointer_get(item, inputs["pointer"], None)
    if inputs is not None and isinstance(kinds, list):
        limits |= {name: () for name, kind in inputs["values"].items() if kind not in kinds}
    audio = pointer_get(item, listing.get("limits", {}).get("audio", "/-"), None)
    return Model(
        id=str(item["id"]),
        limits=limits,
        audio=audio if isinstance(audio, bool) else None,
        entry=item,
        prices=prices,
    )
