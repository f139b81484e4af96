"""Form bodies: multipart and urlencoded, read while they arrive, with ``a[b]`` names nested."""

import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import unquote_plus

from pydantic_core import from_json
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from .bounds import count_values
from .calls import Upload
from .document import Decoded
from .errors import ServiceError
from .limits import Limits

Pairs = list[tuple[str, Any]]

_NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
_SEGMENT = re.compile(r"\[([^\[\]]*)\]")
_STRUCTURES = (b"{", b"[")
_DEEPEST = 8
#: A part of such a type is a file, even without a file name.
_MEDIA = ("image/", "video/", "audio/", "application/octet-stream")


def parse_pairs(raw: bytes, limits: Limits, what: str) -> Pairs:
    """Read ``a=1&b=2``; raises ServiceError for invalid UTF-8 and for too many fields."""
    parts = [part for part in raw.split(b"&", limits.fields) if part]
    if len(parts) > limits.fields or (parts and b"&" in parts[-1]):
        raise ServiceError("payload_too_large", f"The {what} has more than {limits.fields} fields.")
    try:
        texts = [part.decode("ascii").partition("=") for part in parts]
        return [
            (unquote_plus(name, errors="strict"), unquote_plus(value, errors="strict"))
            for name, _, value in texts
        ]
    except UnicodeDecodeError as error:
        raise ServiceError("invalid_request", f"The {what} is not valid UTF-8.") from error


async def read_multipart(chunks: AsyncIterator[bytes], content_type: str, limits: Limits) -> Pairs:
    """Read a multipart body; files become ``Upload``. Raises ServiceError for what cannot be read."""
    _, options = parse_options_header(content_type)
    boundary = options.get(b"boundary")
    if not boundary:
        raise ServiceError("invalid_request", "The multipart body has no boundary.")
    reader = _PartReader(limits)
    try:
        parser = MultipartParser(boundary, cast("Any", reader.callbacks()))
        async for chunk in chunks:
            parser.write(chunk)
        parser.finalize()
    except FormParserError as error:
        raise ServiceError(
            "invalid_request", f"The multipart body is malformed: {error}"
        ) from error
    if not reader.ended:
        raise ServiceError("invalid_request", "The multipart body ends too early.")
    return reader.pairs


def nest(pairs: Pairs) -> dict[str, Any]:
    """Put pairs into a dict: ``a[b]`` nests, ``a[]`` and repeated names make lists.

    Raises ServiceError where one name is both a value and a holder of values.
    """
    root: dict[str, Any] = {}
    for name, value in pairs:
        match = _NAME.fullmatch(name)
        keys = [match[1], *_SEGMENT.findall(match[2])] if match else [name]
        if len(keys) > _DEEPEST:
            raise ServiceError("invalid_request", "The field is nested too deeply.", param=keys[0])
        _put(root, keys, value)
    return root


def _put(holder: dict[str, Any], keys: list[str], value: Any) -> None:
    head, rest = keys[0], keys[1:]
    if rest == [""]:
        values = holder.setdefault(head, [])
        if not isinstance(values, list):
            raise _clash(head)
        values.append(value)
    elif rest:
        inner = holder.setdefault(head, {})
        if not isinstance(inner, dict):
            raise _clash(head)
        _put(inner, rest, value)
    elif head not in holder:
        holder[head] = value
    elif isinstance(holder[head], dict):
        raise _clash(head)
    elif isinstance(holder[head], list):
        holder[head].append(value)
    else:
        holder[head] = [holder[head], value]


def _clash(name: str) -> ServiceError:
    message = f"The field {name!r} is given both as a value and as a group of values."
    return ServiceError("invalid_request", message, param=name)


@dataclass(slots=True)
class _PartReader:
    """Gathers the parts that the parser reports."""

    limits: Limits
    pairs: Pairs = field(default_factory=list)
    ended: bool = False
    _headers: dict[bytes, bytes] = field(default_factory=dict)
    _name: bytearray = field(default_factory=bytearray)
    _value: bytearray = field(default_factory=bytearray)
    _data: bytearray = field(default_factory=bytearray)
    _field: str = ""
    _filename: str | None = None

    def callbacks(self) -> dict[str, Callable[..., None]]:
        """Return what ``MultipartParser`` calls."""
        return {
            "on_part_begin": self._begin,
            "on_header_field": lambda data, start, end: self._name.extend(data[start:end]),
            "on_header_value": lambda data, start, end: self._value.extend(data[start:end]),
            "on_header_end": self._header,
            "on_headers_finished": self._open,
            "on_part_data": self._more,
            "on_part_end": self._close,
            "on_end": self._end,
        }

    def _begin(self) -> None:
        self._headers, self._data = {}, bytearray()
        if len(self.pairs) >= self.limits.fields:
            message = f"The form has more than {self.limits.fields} fields."
            raise ServiceError("payload_too_large", message)

    def _header(self) -> None:
        self._headers[bytes(self._name).lower()] = bytes(self._value)
        self._name.clear()
        self._value.clear()

    def _open(self) -> None:
        disposition, options = parse_options_header(self._headers.get(b"content-disposition"))
        if disposition != b"form-data" or b"name" not in options:
            raise ServiceError("invalid_request", "A part of the form has no name.")
        self._field = _text(options[b"name"], None)
        filename = options.get(b"filename")
        self._filename = None if filename is None else _text(filename, self._field)

    def _more(self, data: bytes, start: int, end: int) -> None:
        self._data += memoryview(data)[start:end]
        if self._filename is None and len(self._data) > self.limits.text:
            raise ServiceError("payload_too_large", "The field is too long.", param=self._field)

    def _close(self) -> None:
        content_type = self._headers.get(b"content-type", b"").decode("latin-1")
        value: Any
        media_type = content_type.partition(";")[0].strip().lower()
        if self._filename is not None or media_type.startswith(_MEDIA):
            kind = content_type or "application/octet-stream"
            value = Upload(self._filename or "", kind, bytes(self._data))
        elif media_type == "application/json":
            count_values(bytes(self._data), self.limits.values)
            value = Decoded(parse_json(bytes(self._data), self._field))
        else:
            if self._data.lstrip()[:1] in _STRUCTURES:
                # Where the schema asks for it, such a text is read as JSON.
                count_values(bytes(self._data), self.limits.values)
            try:
                value = self._data.decode("utf-8")
            except UnicodeDecodeError:
                # A file may come without a name and a type; whether one is asked for, the schema says.
                value = Upload("", "application/octet-stream", bytes(self._data))
        self.pairs.append((self._field, value))

    def _end(self) -> None:
        self.ended = True


def parse_json(data: bytes, param: str | None = None) -> Any:
    """Read JSON; raises ServiceError for text that is not JSON, not UTF-8, or nested too deeply."""
    try:
        return from_json(data, allow_inf_nan=False)
    except ValueError as error:
        raise ServiceError("invalid_request", f"Not valid JSON: {error}", param=param) from error


def _text(data: bytes, name: str | None) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ServiceError("invalid_request", "The form is not valid UTF-8.", param=name) from error
