"""Reading replies, without any I/O: typed success, or the error that says it best."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from .dialect import DialectInfo
from .errors import ApiError, DecodingError, ErrorDetail, Exchange, error_class
from .pointers import find, is_object
from .retrying import retry_after

if TYPE_CHECKING:
    from pydantic import TypeAdapter

T = TypeVar("T")

# Where gateways put their message when they leave their dialect: plain FastAPI, OpenAI copies, problem+json.
_USUAL_MESSAGES = ("/error/message", "/message", "/detail", "/error", "/msg", "/title")
_EXCERPT = 200


class MisfitError(ValueError):
    """A body does not have its documented shape; the text says where."""


class Decoder(Generic[T]):
    """Turns a JSON body into a type; the type is looked up, and its validator built, at the first use."""

    def __init__(self, load: Callable[[], Any]) -> None:
        """Take a function that returns the type (``lambda: models.Video``)."""
        self._load = load

    @cached_property
    def _adapter(self) -> "TypeAdapter[T]":
        from pydantic import TypeAdapter  # noqa: PLC0415  # not before a reply is to be read: see ``loading``

        return TypeAdapter(self._load())

    def __call__(self, body: bytes) -> T:
        """Return the typed value; raises MisfitError."""
        adapter = self._adapter
        try:
            return adapter.validate_json(body)
        except ValueError as error:
            raise MisfitError(_first_problem(error)) from error


@dataclass(frozen=True, slots=True)
class Replies(Generic[T]):
    """How to read the replies of one operation."""

    success: Decoder[T]
    #: Status (``"404"``) or range (``"5XX"``) → decoder of the error body.
    errors: Mapping[str, Decoder[Any]] = field(default_factory=dict[str, Decoder[Any]])


def decode_success(
    dialect: DialectInfo, exchange: Exchange, replies: Replies[T], operation_id: str
) -> T:
    """Return the typed body of a 2xx reply.

    Raises ApiError when the operation's envelope says that the call failed, DecodingError when the body does not fit.
    """
    refusal = refused_in_body(dialect, exchange, operation_id)
    if refusal is not None:
        raise refusal
    try:
        return replies.success(exchange.body)
    except MisfitError as error:
        raise DecodingError(str(error), exchange) from error


def refused_in_body(dialect: DialectInfo, exchange: Exchange, operation_id: str) -> ApiError | None:
    """Return the error of a 2xx JSON reply whose envelope does not say success, else None."""
    operation = dialect.operations.get(operation_id)
    envelope = None if operation is None else operation.envelope
    if envelope is None:
        return None
    value = parse(exchange.body)
    if not is_object(value) or find(value, envelope.pointer) == envelope.equals:
        return None
    return build_error(dialect, exchange)


def build_error(
    dialect: DialectInfo, exchange: Exchange, decoders: Mapping[str, Decoder[Any]] | None = None
) -> ApiError:
    """Return the error for a reply that is no success; never raises, whatever the body is."""
    value = parse(exchange.body)
    shape = dialect.error_shape
    detail = ErrorDetail(
        message=_message(value, shape.message) or _excerpt(exchange),
        code=_text(find(value, shape.code)),
        type=_text(find(value, shape.type)),
        param=_text(find(value, shape.param)),
        request_id=request_id(dialect, exchange.headers, value),
        retry_after=retry_after(exchange.headers),
        data=_typed(exchange, decoders or {}),
    )
    return error_class(exchange.status)(exchange, detail)


def request_id(dialect: DialectInfo, headers: Mapping[str, str], value: Any) -> str | None:
    """Return the id the gateway gave the call, from its headers or its body."""
    for name in dialect.request_id_headers:
        if headers.get(name):
            return headers[name]
    return _text(find(value, dialect.request_id_pointer))


def parse(body: bytes) -> Any:
    """Return the JSON value of ``body``, or None when it is not JSON."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def decoded(decoder: Decoder[T], body: bytes) -> T | None:
    """Return the typed body, or None when it has drifted or is not JSON; whoever asks keeps the raw body."""
    try:
        return decoder(body)
    except MisfitError:
        return None


def _typed(exchange: Exchange, decoders: Mapping[str, Decoder[Any]]) -> Any:
    decoder = decoders.get(str(exchange.status)) or decoders.get(f"{exchange.status // 100}XX")
    return None if decoder is None else decoded(decoder, exchange.body)


def _message(value: Any, pointer: str | None) -> str | None:
    for place in (pointer, *_USUAL_MESSAGES):
        text = find(value, place)
        if isinstance(text, str) and text:
            return text
    return None


def _text(value: Any) -> str | None:
    return None if value is None or isinstance(value, dict | list) else str(value)


def _excerpt(exchange: Exchange) -> str:
    text = " ".join(exchange.body[: 4 * _EXCERPT].decode("utf-8", "replace").split())
    return text[:_EXCERPT] or "empty body"


def _first_problem(error: ValueError) -> str:
    from pydantic import ValidationError  # noqa: PLC0415  # loaded by now

    if not isinstance(error, ValidationError):
        return str(error)
    first = error.errors(include_url=False, include_input=False)[0]
    place = "/".join(str(part) for part in first["loc"])
    return f"{place or 'body'}: {first['msg']}"
