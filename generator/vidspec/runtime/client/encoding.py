"""Writing values on the wire: path segments, query strings, JSON, forms."""

import enum
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, TypeGuard
from urllib.parse import quote

from .errors import Unsupported
from .files import File, as_file, is_file
from .loading import is_model
from .pointers import is_array, is_object

# Not their subclasses: an enum may be one.
_PLAIN = frozenset({str, int, float, bool, type(None)})


def to_wire(value: Any) -> Any:
    """Return ``value`` as JSON values and ``File``: models without their unset fields, enums by value, times as ISO 8601."""
    if type(value) in _PLAIN:
        return value
    match value:
        case _ if is_model(value):
            plain: Any = value.model_dump(mode="json", by_alias=True, exclude_unset=True)
        case enum.Enum():
            plain = value.value
        case datetime():
            plain = value.isoformat()
        case _ if is_object(value):
            plain = {str(name): to_wire(item) for name, item in value.items()}
        case _ if is_file(value):
            plain = as_file(value)
        case _ if _is_series(value):
            plain = [to_wire(item) for item in value]
        case _:
            plain = value
    return plain


def _is_series(value: object) -> TypeGuard[Iterable[Any]]:
    return isinstance(value, list | tuple | set | frozenset)


def json_bytes(value: Any) -> bytes:
    """Return compact UTF-8 JSON. Raises ValueError for NaN and infinities, Unsupported for a file."""
    return json.dumps(
        value, ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=_no_json
    ).encode()


def fill_path(template: str, values: Mapping[str, Any]) -> str:
    """Put percent-encoded ``values`` into ``/videos/{video_id}``.

    Raises ValueError for an empty value and for ``.`` and ``..``, which would change the path.
    """
    path = template
    for name, value in values.items():
        text = scalar(to_wire(value))
        if text in ("", ".", ".."):
            msg = f"{name} must not be empty, '.' or '..'"
            raise ValueError(msg)
        # A filled-in value holds no brace, so it cannot be taken for another parameter.
        path = path.replace(f"{{{name}}}", quote(text, safe=""))
    return path


def query_pairs(values: Mapping[str, Any], comma: Collection[str] = ()) -> list[tuple[str, str]]:
    """Return the pairs of a query: lists repeat their name (or join with commas), objects use ``name[key]``, None is left out."""
    pairs: list[tuple[str, str]] = []
    for name, value in values.items():
        plain = to_wire(value)
        if is_array(plain) and name in comma:
            pairs.append((name, ",".join(scalar(item) for item in plain)))
        else:
            pairs.extend(
                (key, scalar(item)) for key, item in flatten(name, plain) if item is not None
            )
    return pairs


def query_string(pairs: list[tuple[str, str]]) -> str:
    """Return the pairs percent-encoded (RFC 3986, a space is ``%20``)."""
    return "&".join(f"{quote(k, safe='-_.~')}={quote(v, safe='-_.~')}" for k, v in pairs)


def form_parts(values: Mapping[str, Any]) -> list[tuple[str, str | File]]:
    """Return the parts of a form, texts first: objects use ``name[key]``, lists repeat their name.

    Raises Unsupported for null, which a form cannot say.
    """
    texts: list[tuple[str, str | File]] = []
    files: list[tuple[str, str | File]] = []
    for name, value in values.items():
        for key, item in flatten(name, value):
            if item is None:
                msg = f"{key}: a form cannot carry null; leave the argument out"
                raise Unsupported(msg)
            if isinstance(item, File):
                files.append((key, item))
            else:
                texts.append((key, scalar(item)))
    return texts + files


def flatten(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Yield ``(name, leaf)`` for every leaf of ``value``; a list of objects numbers its items."""
    if is_object(value):
        for key, item in value.items():
            yield from flatten(f"{name}[{key}]", item)
    elif is_array(value):
        for index, item in enumerate(value):
            nested = isinstance(item, (list, Mapping))
            yield from flatten(f"{name}[{index}]" if nested else name, item)
    else:
        yield name, value


def scalar(value: Any) -> str:
    """Return a scalar as text: booleans in lower case, everything else as Python writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def holds_file(value: Any) -> bool:
    """Say whether there is a ``File`` anywhere in ``value`` (as ``to_wire`` returns it)."""
    if is_object(value):
        return any(holds_file(item) for item in value.values())
    if is_array(value):
        return any(holds_file(item) for item in value)
    return isinstance(value, File)


def _no_json(value: object) -> Any:
    msg = f"JSON cannot carry {'a file' if isinstance(value, File) else type(value).__name__}"
    raise Unsupported(msg)
