"""Reading a dialect's job object: the canonical view that checks and the mock share."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from vidspec.contract.model import TERMINAL, JobField, Surface
from vidspec.source import MISSING, pointer_all, pointer_get

_TIMES = ("created_at", "updated_at", "completed_at", "expires_at")
_TEXTS = ("prompt", "model", "size", "aspect_ratio", "resolution", "error_code", "error_message")
_PER_SECOND = {"s": 1.0, "ms": 1000.0}


@dataclass(frozen=True, slots=True)
class JobView:
    """What a reply says of a job. ``state`` is canonical, or ``unknown`` for a word no document maps."""

    id: str | None
    word: str | None
    state: str
    progress: float | None
    seconds: float | None
    times: Mapping[str, datetime]
    texts: Mapping[str, str]
    output_urls: tuple[str, ...]
    raw: Mapping[str, Any] = field(repr=False)

    @property
    def terminal(self) -> bool:
        """Whether nothing further will happen to the job (expiry apart)."""
        return self.state in TERMINAL


def read_job(surface: Surface, job: Any) -> JobView:
    """Read a job object by the surface's pointers; what is absent or of the wrong kind is None."""
    raw: Mapping[str, Any] = job if isinstance(job, Mapping) else {}
    values = {name: _value(place, raw) for name, place in surface.job.items()}
    word = values.get("status")
    identity = values.get("id")
    outputs = surface.job.get("output_urls")
    return JobView(
        id=identity if isinstance(identity, str) and identity else None,
        word=word if isinstance(word, str) else None,
        state=(surface.states.get(word) if isinstance(word, str) else None) or "unknown",
        progress=as_number(values.get("progress")),
        seconds=as_number(values.get("seconds")),
        times={
            name: moment
            for name in _TIMES
            if (moment := as_time(values.get(name), surface.job.get(name))) is not None
        },
        texts={name: v for name in _TEXTS if isinstance(v := values.get(name), str)},
        output_urls=tuple(_urls(surface, raw, outputs)),
        raw=raw,
    )


def as_number(value: Any) -> float | None:
    """Read a finite number that may come as text, with or without a percent sign (``"50%"``); None for anything else."""
    if value is None or isinstance(value, bool):
        return None
    try:
        number = float(value if isinstance(value, (int, float)) else str(value).removesuffix("%"))
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def as_time(value: Any, place: JobField | None) -> datetime | None:
    """Read a point in time in the field's documented unit; None if it does not read as one."""
    if place is None or value is None or isinstance(value, bool):
        return None
    try:
        if place.unit == "iso8601":
            moment = datetime.fromisoformat(str(value))
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        stamp = float(value)
        # Zero is how some servers write "not yet".
        return (
            datetime.fromtimestamp(stamp / _PER_SECOND[place.unit or "s"], UTC) if stamp else None
        )
    except (ValueError, OverflowError, OSError, TypeError):
        return None


def _value(place: JobField, raw: Mapping[str, Any]) -> Any:
    value = pointer_get(raw, place.pointer, MISSING)
    if value is MISSING:
        return None
    if place.values and isinstance(value, str | int | float | bool):
        return place.values.get(str(value), value)
    return value


def _urls(surface: Surface, raw: Mapping[str, Any], outputs: JobField | None) -> list[str]:
    patterns = [r.pointer for r in surface.results if r.kind == "url" and r.pointer is not None]
    if outputs is not None:
        patterns.append(outputs.pointer)
    found = [v for pattern in patterns for _, v in pointer_all(raw, pattern) if isinstance(v, str)]
    return list(dict.fromkeys(url for url in found if url))
