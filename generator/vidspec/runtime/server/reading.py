"""From a request to the parameters and the body that its operation documents."""

import functools
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pydantic_core import ValidationError
from starlette.requests import ClientDisconnect, Request

from .bounds import HELD, SMALL, InFlight, ValueCount
from .dialect import BodyInfo, OperationInfo, ParameterInfo
from .document import Document
from .errors import ServiceError
from .forms import nest, parse_json, parse_pairs, read_multipart
from .headers import header
from .limits import Limits

if TYPE_CHECKING:
    from pydantic import TypeAdapter

_MULTIPART = "multipart/form-data"
_URLENCODED = "application/x-www-form-urlencoded"
_FORMS = frozenset({_MULTIPART, _URLENCODED})


@dataclass(frozen=True, slots=True)
class Rules:
    """What a request is held to: the document, the limits, and whether schemas are checked at all."""

    document: Document
    limits: Limits
    validate: bool
    #: What large bodies hold; several applications may share it.
    in_flight: InFlight
    #: Told of what breaks a schema instead of raising it; None: it is raised.
    tolerate: Callable[[ServiceError], None] | None = None

    def check(
        self,
        pointer: str,
        value: Any,
        param: str | None = None,
        *,
        files: bool = True,
        large: bool = False,
    ) -> None:
        """Raise ServiceError when ``value``, which may hold ``files``, breaks the schema at ``pointer``.

        What is wrong with a ``large`` value is told without showing it.
        """
        if not self.validate:
            return
        violation = self.document.violation(pointer, value, files=files, large=large)
        if violation is not None:
            inner = violation.param
            joined = f"{param}.{inner}" if param and inner else param or inner
            error = ServiceError(
                "invalid_request", violation.message, param=joined, rule=violation.rule
            )
            self.refuse(error)

    def refuse(self, error: ServiceError) -> None:
        """Raise what breaks a schema, or only tell of it."""
        if self.tolerate is None:
            raise error
        self.tolerate(error)


class Converter:
    """Makes a typed value of a plain one; the type is looked up at the first use."""

    def __init__(self, info: BodyInfo | ParameterInfo) -> None:
        """Take the information that names the type."""
        self._info = info

    def __call__(self, value: Any, param: str | None = None) -> Any:
        """Return the typed value; raises ServiceError when it does not fit."""
        if self._info.load is None:
            return value
        try:
            return self._adapter.validate_python(value)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = param or ".".join(str(step) for step in first["loc"][:1]) or None
            raise ServiceError("invalid_request", first["msg"], param=where) from error

    @cached_property
    def _adapter(self) -> "TypeAdapter[Any]":
        from pydantic import TypeAdapter  # noqa: PLC0415 - slow to load, needless with plain values

        return TypeAdapter(self._info.load() if self._info.load else Any)


class ParameterReader:
    """Reads the path, query, header and cookie parameters of one operation."""

    def __init__(self, operation: OperationInfo, rules: Rules, *, plain: bool = False) -> None:
        """Take the operation; with ``plain`` the service method is given no typed values."""
        self._names = tuple(operation.route_names.items())
        self._rules = rules
        self._steps = [
            (info, Converter(info) if info.argument and not plain else None)
            for info in operation.parameters
        ]
        self._locations = {info.location for info in operation.parameters}

    def read(
        self, request: Request, query: Mapping[str, Any]
    ) -> tuple[dict[str, str], dict[str, Any], dict[str, Any]]:
        """Return path values and query values by wire name, and the service method's keyword arguments.

        Raises ServiceError for a value that is missing or breaks its schema.
        """
        if not self._steps and not self._names:
            return {}, {}, {}
        given = request.scope["path_params"]
        path = {wire: given[name] for name, wire in self._names}
        said: dict[str, Any] = {}
        arguments: dict[str, Any] = {}
        holders: dict[str, Mapping[str, Any]] = {"path": path, "query": query}
        if "header" in self._locations:
            holders["header"] = request.headers
        if "cookie" in self._locations:
            holders["cookie"] = request.cookies
        for info, converter in self._steps:
            raw = holders[info.location].get(info.name)
            if raw is None:
                if info.required:
                    message = f"The {info.location} parameter {info.name!r} is required."
                    error = ServiceError(
                        "invalid_request", message, param=info.name, rule=f"#{info.pointer}"
                    )
                    self._rules.refuse(error)
                continue
            value = self._value(info, raw)
            if info.location == "query":
                said[info.name] = value
            if info.argument and converter is not None:
                arguments[info.argument] = converter(value, info.name)
        return path, said, arguments

    def _value(self, info: ParameterInfo, raw: Any) -> Any:
        document = self._rules.document
        if isinstance(raw, str) and document.is_any_text(info.pointer):
            return raw
        if isinstance(raw, str) and not info.explode and document.takes_array(info.pointer):
            raw = raw.split(",")
        elif isinstance(raw, list) and not document.takes_array(info.pointer):
            raw = raw[-1]
        value = document.coerce(info.pointer, raw)
        self._rules.check(info.pointer, value, info.name)
        return value


class BodyReader:
    """Reads the body of one operation in any of its media types."""

    def __init__(self, operation: OperationInfo, *, plain: bool = False) -> None:
        """Take the operation; with ``plain`` there is no typed body."""
        self._plain = plain
        self._bodies = {body.media_type.lower(): body for body in operation.bodies}
        if _MULTIPART in self._bodies:
            # Whoever takes a form takes it without files too.
            self._bodies.setdefault(_URLENCODED, self._bodies[_MULTIPART])
        self._converters = {name: Converter(body) for name, body in self._bodies.items()}
        self._required = any(body.required for body in operation.bodies)

    async def read(self, request: Request, rules: Rules) -> tuple[str | None, Any, Any]:
        """Return media type, plain body and typed body (None, None, None without a body).

        Raises ServiceError for a body that is missing, too large, of another type, unreadable or invalid.
        """
        media_type = _media_type(header(request, "content-type"))
        info = self._bodies.get(media_type)
        if info is None:
            if not media_type and await _is_empty(request, rules):
                if self._required:
                    raise ServiceError("invalid_request", "The request has no body.")
                return None, None, None
            offered = ", ".join(self._bodies)
            message = f"The body is {media_type or 'of no named type'}; this takes {offered}."
            raise ServiceError("unsupported_media_type", message)
        is_form = media_type in _FORMS
        if is_form:
            value = await self._read_form(request, media_type, info, rules)
        else:
            limits = rules.limits
            value = parse_json(await _read(request, limits.json, rules.in_flight, limits.values))
        rules.check(info.pointer, value, files=is_form, large=HELD in request.scope)
        return media_type, value, value if self._plain else self._converters[media_type](value)

    async def _read_form(
        self, request: Request, media_type: str, info: BodyInfo, rules: Rules
    ) -> Any:
        limits = rules.limits
        if media_type == _MULTIPART:
            chunks = _limited(request, limits.body, rules.in_flight)
            content_type = request.headers["content-type"]
            pairs = await read_multipart(chunks, content_type, limits)
        else:
            pairs = parse_pairs(await _read(request, limits.text, rules.in_flight), limits, "form")
        return rules.document.coerce(info.pointer, nest(pairs))


@functools.lru_cache(maxsize=256)
def _media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def read_query(request: Request, limits: Limits) -> dict[str, Any]:
    """Return the query by wire name: text, or a list where a name is repeated, or a dict for ``a[b]``."""
    raw: bytes = request.scope.get("query_string", b"")
    return nest(parse_pairs(raw, limits, "query")) if raw else {}


def _declared(request: Request, limit: int) -> int:
    """Return the length that the request declares (0: none); raise ServiceError when it is too long."""
    text = header(request, "content-length")
    declared = int(text) if text.isdecimal() else 0
    if declared > limit:
        raise _too_large(limit)
    return declared


async def _limited(request: Request, limit: int, in_flight: InFlight) -> AsyncIterator[bytes]:
    declared = _declared(request, limit)
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise _too_large(limit)
        if chunk:
            in_flight.hold(request, len(chunk), declared)
            yield chunk


async def _read(
    request: Request, limit: int, in_flight: InFlight, values: int | None = None
) -> bytes:
    """Return a whole body, which if it is not small holds at most so many JSON ``values``."""
    declared = _declared(request, limit)
    # Most bodies come in one message, which needs no generators to be read.
    message = await request.receive()
    if message["type"] == "http.request" and not message.get("more_body", False):
        whole: bytes = message.get("body", b"")
        if len(whole) <= min(limit, SMALL):
            return whole
    count = None if values is None else ValueCount(values)
    chunks: list[bytes] = []
    size = 0
    while True:
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise _too_large(limit)
        in_flight.hold(request, len(chunk), declared)
        if count is not None:
            count.more(chunk)
        chunks.append(chunk)
        if not message.get("more_body", False):
            break
        message = await request.receive()
    if message["type"] == "http.disconnect":
        raise ClientDisconnect
    return b"".join(chunks)


async def _is_empty(request: Request, rules: Rules) -> bool:
    async for _ in _limited(request, rules.limits.body, rules.in_flight):
        return False
    return True


def _too_large(limit: int) -> ServiceError:
    return ServiceError("payload_too_large", f"The body is larger than {limit} bytes.")
