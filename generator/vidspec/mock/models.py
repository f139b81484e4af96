"""Models as the mock knows them: what they refuse, and what their videos cost."""

from collections.abc import Callable, Mapping
from typing import Any

from vidspec.contract.catalogue import catalogue
from vidspec.contract.model import Dialect, Operation
from vidspec.mock.job import Job


class Models:
    """The catalogue of one dialect."""

    def __init__(self, dialect: Dialect) -> None:
        self._models = catalogue(dialect)
        self._priced = {name: model for name, model in self._models.items() if model.prices}

    def hold(
        self,
        operation: Operation,
        asked: Mapping[str, Any],
        model: Any,
        refuse: Callable[[str, str | None], Any],
    ) -> None:
        """Call ``refuse`` with a message and the field's name if that model cannot do what is ``asked``."""
        known = self._models.get(model) if isinstance(model, str) else None
        for name, values in known.limits.items() if known else ():
            value = asked.get(name)
            if value is None or value in values or (value is False and not values):
                continue
            field = operation.field(name)
            wire = field.name if field else name
            offered = ", ".join(str(v) for v in values if v is not False) or "none"
            refuse(f"The model {model} does not support this {wire}; it supports: {offered}.", wire)

    def cost(self, job: Job) -> float | None:
        """Return what the job's video costs, None where nothing is said of that."""
        model = job.params.get("model")
        known = self._priced.get(model) if isinstance(model, str) else None
        if known is None:
            return None
        clip = job.clip
        return known.cost(
            {"seconds": clip.seconds, **job.params}, f"{min(clip.width, clip.height)}p"
        )
