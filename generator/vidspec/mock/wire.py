"""Writing canonical values in a dialect's own way: its units, its words, text or number."""

import json
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from typing import Any

from vidspec.contract.model import JobField

TIMES = frozenset({"created_at", "updated_at", "completed_at", "expires_at"})


def wire_value(place: JobField, value: Any, sample: Any, types: Collection[str]) -> Any:
    """Return ``value`` as the field writes it.

    ``sample`` is what the specification's example has there, ``types`` the JSON types its schema allows.
    Times come as seconds since 1970, lengths as numbers of seconds, progress as whole percent.
    """
    if place.name in TIMES:
        return _time(place, value, as_text=_is_text(sample, types))
    for word, meaning in place.values.items():
        if meaning == value and type(meaning) is type(value):
            return _decoded(word, sample, types)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _number(value, sample, types)
    return value


def wire_writer(place: JobField, sample: Any, types: Collection[str]) -> Callable[[Any], Any]:
    """Return ``wire_value`` for one place, with everything that can be known of it worked out beforehand."""
    as_text = _is_text(sample, types)
    if place.name in TIMES:
        return lambda value: _time(place, value, as_text=as_text)
    plain = not place.values
    percent = isinstance(sample, str) and sample.endswith("%")

    def write(value: Any) -> Any:
        kind = type(value)
        if plain and not percent and (kind is str or kind is int):
            return str(value) if as_text else value
        return wire_value(place, value, sample, types)

    return write


def other_unit(place: JobField, value: Any) -> Any:
    """Return a written time in the unit it should not have."""
    factor = 0.001 if place.unit == "ms" else 1000
    return int(value * factor) if isinstance(value, int | float) else value


def other_type(value: Any) -> Any:
    """Return a written number as text, and text that is a number as a number."""
    if isinstance(value, str):
        return int(value) if value.isdecimal() else value
    return str(value)


def _time(place: JobField, seconds: float, *, as_text: bool) -> Any:
    if place.unit == "iso8601":
        moment = datetime.fromtimestamp(seconds, UTC)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    number = int(seconds * 1000) if place.unit == "ms" else int(seconds)
    return str(number) if as_text else number


def _number(value: float, sample: Any, types: Collection[str]) -> Any:
    number = int(value) if float(value).is_integer() else value
    if isinstance(sample, str) and sample.endswith("%"):
        return f"{number}%"
    return f"{number:g}" if _is_text(sample, types) and isinstance(number, float) else (
        str(number) if _is_text(sample, types) else number
    )  # fmt: skip


def _is_text(sample: Any, types: Collection[str]) -> bool:
    if sample is not None:
        return isinstance(sample, str)
    return "string" in types and not {"integer", "number"} & set(types)


def _decoded(word: str, sample: Any, types: Collection[str]) -> Any:
    """Keys of a ``values`` table are text; the value itself may be a number or a truth value."""
    if _is_text(sample, types):
        return word
    try:
        return json.loads(word)
    except ValueError:
        return word
