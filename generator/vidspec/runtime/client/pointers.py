"""Reading places in JSON values by JSON Pointer (RFC 6901); the segment ``*`` is every item of an array."""

from collections.abc import Mapping
from typing import Any, TypeGuard


def is_object(value: object) -> TypeGuard[Mapping[str, Any]]:
    """Say whether a JSON value is an object."""
    return isinstance(value, (dict, Mapping))  # a dict is told faster


def is_array(value: object) -> TypeGuard[list[Any]]:
    """Say whether a JSON value is an array."""
    return isinstance(value, list)


def find_all(value: Any, pointer: str) -> list[Any]:
    """Return every value at ``pointer`` (``""`` is the value itself); an absent place gives nothing."""
    found = [value]
    for segment in pointer.split("/")[1:]:
        name = segment.replace("~1", "/").replace("~0", "~")
        found = [child for item in found for child in _children(item, name)]
    return found


def find(value: Any, pointer: str | None) -> Any:
    """Return the first value at ``pointer``, or None when the place is absent or the pointer is None."""
    if pointer is None:
        return None
    return next(iter(find_all(value, pointer)), None)


def wrap(value: Any, pointer: str) -> Any:
    """Return the smallest nest that has ``value`` at ``pointer`` (``wrap(1, "/a/b")`` is ``{"a": {"b": 1}}``).

    The segment ``0`` is the first item of an array.
    """
    for segment in reversed(pointer.split("/")[1:]):
        value = (
            [value] if segment == "0" else {segment.replace("~1", "/").replace("~0", "~"): value}
        )
    return value


def _children(item: Any, name: str) -> list[Any]:
    if is_object(item):
        return [item[name]] if name in item else []
    if is_array(item):
        if name == "*":
            return item
        if name.isascii() and name.isdigit() and int(name) < len(item):
            return [item[int(name)]]
    return []
