"""From canonical arguments to a request of a dialect: every value in its field, or an error before anything is sent."""

from collections.abc import Iterable, Mapping
from typing import Any

from .dialect import FieldInfo, OperationInfo
from .errors import Unsupported, UnsupportedValue
from .files import is_file
from .frames import WAYS, restate
from .pointers import is_array
from .requests import Encoding, Request, build_request
from .values import choices, listing, wire_value

_MULTIPART = "multipart/form-data"


def express(
    operation: OperationInfo,
    wishes: Mapping[str, Any],
    *,
    extra_body: Mapping[str, Any] | None = None,
    encoding: Encoding = "auto",
) -> Request:
    """Return the request that says ``wishes`` (meaning → canonical value; None is not said) to ``operation``.

    Of several media types the first that can carry everything is taken: forms first when there is a file, else JSON.
    Raises UnsupportedValue when none can, OSError for a file that cannot be read.
    """
    said = {meaning: value for meaning, value in wishes.items() if value is not None}
    problem: UnsupportedValue | None = None
    for media_type in _media_types(operation, said, encoding):
        try:
            places = _fill(operation, media_type, said, extra_body or {})
        except UnsupportedValue as error:
            problem = problem or error
            continue
        has_body = bool(operation.media_types or places["body"])
        own = {n: v for n, v in places["body"].items() if n not in (extra_body or {})}
        return build_request(
            operation,
            path=places["path"],
            query=places["query"],
            headers=places["header"],
            body=own if has_body else None,
            extra_body=extra_body,
            encoding="multipart" if media_type == _MULTIPART else "json",
        )
    if problem is None:
        msg = f"{operation.id} has no {encoding} body"
        raise Unsupported(msg, operation=operation.id)
    raise problem


def needs(operation: OperationInfo) -> set[str]:
    """Return the meanings without which the operation cannot be called, whatever its body's media type."""
    found = [
        {f.meaning for f in _fields(operation, kind) if f.required}
        for kind in operation.media_types or ("",)
    ]
    return found[0].intersection(*found)


def _media_types(
    operation: OperationInfo, wishes: Mapping[str, Any], encoding: Encoding
) -> list[str]:
    if not operation.media_types:
        return [""]
    files = any(_holds_file(value) for value in wishes.values())
    ordered = sorted(operation.media_types, key=lambda kind: (kind == _MULTIPART) != files)
    if encoding == "auto":
        return ordered
    return [kind for kind in ordered if (kind == _MULTIPART) == (encoding == "multipart")]


def _holds_file(value: Any) -> bool:
    if is_array(value):
        return any(_holds_file(item) for item in value)
    return is_file(value)


def _fields(operation: OperationInfo, media_type: str) -> list[FieldInfo]:
    return [f for f in operation.fields if f.location != "body" or media_type in f.media_types]


def _fill(
    operation: OperationInfo,
    media_type: str,
    wishes: Mapping[str, Any],
    extra_body: Mapping[str, Any],
) -> dict[str, dict[str, Any]]:
    """Return location → wire name → value."""
    offered: dict[str, list[FieldInfo]] = {}
    for field in _fields(operation, media_type):
        offered.setdefault(field.meaning, []).append(field)
    sizes = [size for field in offered.get("size", ()) for size in field.choices]
    places: dict[str, dict[str, Any]] = {"path": {}, "query": {}, "header": {}, "body": {}}
    for meaning, value in restate(wishes, offered, sizes).items():
        if meaning not in offered:
            raise _no_field(meaning, offered)
        field, wire = _first_fit(offered[meaning], value, multipart=media_type == _MULTIPART)
        place = places[field.location]
        known = place.get(field.name)
        # Two meanings in one field are items of one array.
        place[field.name] = known + wire if isinstance(known, list) else wire
    places["body"] |= extra_body
    for field in _fields(operation, media_type):
        if field.required and field.name not in places[field.location]:
            reason = f"{field.meaning} must be given"
            raise UnsupportedValue(reason, parameter=field.meaning, choices=choices(field))
    return places


def _first_fit(
    fields: Iterable[FieldInfo], value: Any, *, multipart: bool
) -> tuple[FieldInfo, Any]:
    """Return the first of the fields of one meaning that can carry the value, with the value on the wire."""
    problem: UnsupportedValue | None = None
    for field in fields:
        try:
            return field, wire_value(field, value, multipart=multipart)
        except UnsupportedValue as error:
            problem = problem or error
    if problem is None:
        raise LookupError(value)
    raise problem


def _no_field(meaning: str, offered: Mapping[str, list[FieldInfo]]) -> UnsupportedValue:
    """Return the error for a meaning without a field; of the picture's size it says which ways there are."""
    instead = WAYS if meaning in WAYS else ()
    known = [f for way in instead for f in offered.get(way, ())]
    ways = [f"{f.meaning} ({listing(choices(f)) or 'any'})" for f in known]
    other = f"; it has {', '.join(ways)}" if ways else f"; it takes {', '.join(sorted(offered))}"
    return UnsupportedValue(
        f"there is no {meaning} here, and no exact way to say it{other}"
        if ways
        else f"there is no {meaning} here{other}",
        parameter=meaning,
        choices=tuple(f.meaning for f in known) or tuple(sorted(offered)),
    )
