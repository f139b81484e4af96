"""What single models can do and cost, as far as a dialect says it: in its extension, or in its listing of models."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from vidspec.contract.model import Dialect
from vidspec.source import pointer_get


@dataclass(frozen=True, slots=True)
class Price:
    """Money for each second of a video; ``conditions`` are canonical values that the job must have."""

    per_second: Decimal
    conditions: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Model:
    """What one model can do."""

    id: str
    #: Canonical parameter → the canonical values it may have; none: it may not be given.
    limits: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    prices: tuple[Price, ...] = ()
    #: Whether it makes sound by itself; None: not said.
    audio: bool | None = None

    def cost(self, params: Mapping[str, Any], height_class: str) -> float | None:
        """Return what a video of these canonical parameters costs, None where that is not said.

        ``height_class`` is the short side with a ``p`` behind it.
        """
        said = {"audio": self.audio, "resolution": height_class, **params}
        for price in self.prices:
            if all(said.get(name) == value for name, value in price.conditions.items()):
                try:
                    seconds, count = (Decimal(str(params.get(n, 1))) for n in ("seconds", "n"))
                except InvalidOperation:
                    return None
                return float(price.per_second * seconds * count)
        return None


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
                yield _model(item, listing)


def _model(item: Any, listing: Mapping[str, Any]) -> Model:
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
        prices=tuple(_prices(item, listing.get("prices"))),
        audio=audio if isinstance(audio, bool) else None,
    )


def _prices(item: Any, prices: Mapping[str, Any] | None) -> Iterator[Price]:
    if prices is None:
        return
    for name, text in (pointer_get(item, prices["pointer"], None) or {}).items():
        if not name.startswith(prices["per_second"]):
            continue
        rest = name.removeprefix(prices["per_second"])
        known = prices.get("conditions", {}).get(rest)
        # A condition of no other name is a class of height: ``_720p``.
        conditions = known or ({"resolution": rest.removeprefix("_")} if rest else {})
        yield Price(Decimal(text), conditions)
