"""One canonical value as one field of a dialect takes it; what cannot be said is refused."""

import base64
import binascii
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from .dialect import FieldInfo, MediaInfo
from .errors import UnsupportedValue
from .files import File, as_file, is_file, sniff, to_base64, to_data_url
from .limits import check_file
from .media import fill, place_media
from .pointers import is_array

_FORM_NAMES: Mapping[str, str] = {
    "file": "a file",
    "url": "an http(s) URL",
    "data_url": "a data URL",
    "base64": "a file",
    "file_id": "the id of an uploaded file",
    "id": "an id",
}

# Meanings whose canonical value is a number, however a dialect writes it.
_NUMBERS = frozenset({"seconds", "width", "height", "fps", "seed", "n", "guidance"})


def wire_value(field: FieldInfo, value: Any, *, multipart: bool) -> Any:
    """Return ``value`` as ``field`` takes it on the wire.

    Raises UnsupportedValue, which lists what the field can be; OSError for a file that cannot be read.
    """
    if field.forms:
        return _media(field, value, multipart=multipart)
    wire = _translated(field, value) if field.values else _typed(field, value)
    if field.choices and wire not in field.choices:
        raise refused(field, value)
    if isinstance(wire, int | float) and not _within(field, wire):
        raise refused(field, value)
    return wire if field.template is None else fill(field.template, wire)


def refused(field: FieldInfo, value: Any) -> UnsupportedValue:
    """Return the error for a value that the field cannot have."""
    can = choices(field)
    limits = [
        f"{word} {limit:g}"
        for word, limit in (("at least", field.minimum), ("at most", field.maximum))
        if limit is not None
    ]
    listed = listing(can) or listing([" or ".join(field.types), *limits])
    reason = f"{field.meaning} cannot be {value!r} here; it can be {listed}"
    return UnsupportedValue(reason, parameter=field.meaning, choices=can)


def choices(field: FieldInfo) -> tuple[Any, ...]:
    """Return the canonical values that a field can have, when they are a list; else nothing."""
    if field.values and not field.choices:
        return tuple(field.values.values())
    known = (field.values.get(_key(choice), choice) for choice in field.choices)
    if field.meaning not in _NUMBERS:
        return tuple(known)
    return tuple(_number(value) if isinstance(value, str) else value for value in known)


def listing(values: Iterable[Any]) -> str:
    """Return values as a list for people."""
    return ", ".join(str(value) for value in values)


def _key(wire: Any) -> str:
    return wire if isinstance(wire, str) else json.dumps(wire)


def _translated(field: FieldInfo, value: Any) -> Any:
    for text, meant in field.values.items():
        # True is 1 in Python, and nowhere else.
        if meant == value and isinstance(meant, bool) == isinstance(value, bool):
            return text if "string" in field.types else json.loads(text)
    raise refused(field, value)


def _typed(field: FieldInfo, value: Any) -> Any:
    """Return ``value`` as one of the field's types, if that is the same value."""
    types = field.types
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not types or _is_one(value, types):
        return value
    if isinstance(value, str) and {"integer", "number"} & set(types):
        number = _number(value)
        if number is not None and _is_one(number, types):
            return number
    if isinstance(value, int | float) and not isinstance(value, bool) and "string" in types:
        return str(value)
    raise refused(field, value)


def _is_one(value: Any, types: tuple[str, ...]) -> bool:
    match value:
        case bool():
            return "boolean" in types
        case int():
            return "integer" in types or "number" in types
        case float():
            return "number" in types
        case str():
            return "string" in types
        case list() | tuple():
            return "array" in types
        case _:
            return "object" in types


def _number(text: str) -> int | float | None:
    try:
        return int(text) if text.isdecimal() else float(text)
    except ValueError:
        return None


def _within(field: FieldInfo, number: float) -> bool:
    low, high = field.minimum, field.maximum
    return (low is None or number >= low) and (high is None or number <= high)


def _media(field: FieldInfo, value: Any, *, multipart: bool) -> Any:
    if is_array(value) and "array" in field.types:
        made = [_media(field, item, multipart=multipart) for item in value]
        return [part for item in made for part in item]
    shaped = _shaped(field, value, multipart=multipart)
    return [shaped] if field.types == ("array",) and not is_array(shaped) else shaped


def _shaped(field: FieldInfo, value: Any, *, multipart: bool) -> Any:
    """Return one picture or video in the first of the field's forms that can carry it."""
    info = MediaInfo(
        binary=field.binary, forms=field.forms, template=field.template, max_bytes=field.max_bytes
    )
    if isinstance(value, str) and value.startswith(("http://", "https://")):
        if "url" in info.forms:
            return place_media(value, info, "url")
        raise _misfit(field, "an http(s) URL")
    if isinstance(value, str) and value.startswith("data:") and "data_url" in info.forms:
        return place_media(value, info, "data_url")
    file = check_file(_file(field, value), field.meaning, field.max_bytes)
    if multipart and field.binary:
        return file
    if "base64" in info.forms:
        return place_media(to_base64(file), info, "base64")
    if "data_url" in info.forms:
        return place_media(to_data_url(file), info, "data_url")
    raise _misfit(field, "a file")


def _file(field: FieldInfo, value: Any) -> File:
    """Return the file that a path, bytes, an open file or a data URL is."""
    if isinstance(value, str) and value.startswith("data:"):
        head, mark, text = value.partition(";base64,")
        try:
            content = base64.b64decode(text, validate=True) if mark else b""
        except binascii.Error:
            content = b""
        if not content:
            raise _misfit(field, "a data URL without base64")
        return File("upload", content, sniff(content[:16]) or head[5:])
    if isinstance(value, str):
        return as_file(Path(value))
    if is_file(value):
        return as_file(value)
    raise _misfit(field, type(value).__name__)


def _misfit(field: FieldInfo, given: str) -> UnsupportedValue:
    can = tuple(dict.fromkeys(_FORM_NAMES[form] for form in field.forms))
    reason = f"{field.meaning} cannot be {given} here; it can be {listing(can)}"
    return UnsupportedValue(reason, parameter=field.meaning, choices=can)
