"""Size limits of the contract, held before anything is sent: a refusal after a long upload costs more."""

from collections.abc import Iterator, Mapping
from typing import Any

from .dialect import FieldInfo, OperationInfo
from .errors import UnsupportedValue
from .files import File, size_of
from .pointers import find_all, is_array


def check_sizes(operation: OperationInfo, wire: Mapping[str, Any]) -> None:
    """Raise UnsupportedValue for a body field (by its wire name) that is larger than the contract lets it be."""
    for field in operation.fields:
        if field.location == "body" and field.name in wire:
            for has, most in _excesses(field, wire[field.name]):
                reason = f"{field.name} has {has}; at most {most} are taken here"
                raise UnsupportedValue(reason, parameter=field.meaning, operation=operation.role)


def check_file(file: File, name: str, max_bytes: int | None) -> File:
    """Return ``file``; raises UnsupportedValue when it is known to be larger, OSError when it cannot be read."""
    size = None if max_bytes is None else size_of(file)
    if size is not None and max_bytes is not None and size > max_bytes:
        reason = f"{name} has {size} bytes; at most {max_bytes} are taken here"
        raise UnsupportedValue(reason, parameter=name)
    return file


def _excesses(field: FieldInfo, value: Any) -> Iterator[tuple[str, int]]:
    for pointer, most in field.max_lengths.items():
        texts = [text for text in find_all(value, pointer) if isinstance(text, str)]
        yield from ((f"{len(text)} characters", most) for text in texts if len(text) > most)
    if field.max_items is not None and is_array(value) and len(value) > field.max_items:
        yield f"{len(value)} items", field.max_items
