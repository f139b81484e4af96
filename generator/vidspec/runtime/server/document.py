"""The bundled OpenAPI document at run time: exact validation, and text made into the types that schemas ask for."""

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import jsonschema_rs
from pydantic_core import from_json

from .calls import Upload

_HOME = "urn:vidspec:document"
# A schema bounds numbers; their texts are bounded so that reading them costs nothing.
_WHOLE = re.compile(r"-?[0-9]{1,100}")
_NUMBER = re.compile(r"-?[0-9]{1,100}(\.[0-9]{1,100})?([eE][+-]?[0-9]{1,3})?")
_BOOLEANS = {"true": True, "false": False}
_COMBINERS = ("allOf", "anyOf", "oneOf")
#: Keywords that refuse no text.
_SAYS_NOTHING = {
    "type", "title", "description", "examples", "example", "default", "deprecated", "readOnly",
    "writeOnly", "x-video-parameter",
}  # fmt: skip
_LONGEST_MESSAGE = 300
_UNSHOWN = "The value"
#: What is wrong with a large value is looked for in this much of its texts first.
_LONG = 64 * 1024
_KINDS = jsonschema_rs.ValidationErrorKind
#: What is wrong with the beginning of a text and is wrong with the whole as well, and what says nothing of the whole.
_SURE = (_KINDS.Type, _KINDS.MaxLength, _KINDS.Enum, _KINDS.Constant, _KINDS.Required)
_UNSURE = (_KINDS.Pattern, _KINDS.Format, _KINDS.MinLength, _KINDS.UniqueItems)
_DEEPEST = 12


@dataclass(frozen=True, slots=True)
class Violation:
    """One way in which a value breaks its schema; ``param`` is the field, as ``image.url`` or ``items[0]``."""

    param: str | None
    message: str
    #: Where the broken keyword stands in the document, as ``#/components/schemas/…/enum``.
    rule: str


@dataclass(frozen=True, slots=True)
class Decoded:
    """A form value that came as JSON and is to be left as it is."""

    value: Any


class Document:
    """The document; one that is a file is read when it is first needed."""

    def __init__(self, source: Path | Mapping[str, Any]) -> None:
        """Take the document, or the path of its JSON file; nothing is read yet."""
        self._source = source
        self._validators: dict[tuple[str, bool], jsonschema_rs.Draft202012Validator] = {}
        self._any_text: dict[str, bool] = {}

    @cached_property
    def data(self) -> dict[str, Any]:
        """The document."""
        if not isinstance(self._source, Path):
            return dict(self._source)
        value: dict[str, Any] = json.loads(self._source.read_bytes())
        return value

    def violation(
        self, pointer: str, value: Any, *, files: bool = True, large: bool = False
    ) -> Violation | None:
        """Validate ``value`` against the schema at a document pointer; return what is wrong with it, or None.

        ``files=False`` says that there are none in it (it was JSON), which spares a copy; ``large`` that it is not
        shown in the message, which spares several.
        """
        value, validator = _plain(value) if files else value, self._validator(pointer, large=large)
        # An error holds a copy of its value, and while 30 MB of text are looked at no other request is answered.
        in_short = list(validator.iter_errors(_short(value))) if large else []
        error = next((e for e in in_short if isinstance(e.kind, _SURE)), None)
        if error is None:
            if validator.is_valid(value):
                return None
            error = next((e for e in in_short if not isinstance(e.kind, _UNSURE)), None)
            error = error or next(validator.iter_errors(value), None)
        return None if error is None else _violation(error)

    def coerce(self, pointer: str, value: Any) -> Any:
        """Make text (or lists and dicts of text) into what the schema asks for; what does not fit stays as it is."""
        return self._coerce(value, [self._resolve({"$ref": f"#{pointer}"})])

    def takes_array(self, pointer: str) -> bool:
        """Say whether the schema allows an array."""
        return any(
            "array" in _types(s) for s in self._options(self._resolve({"$ref": f"#{pointer}"}))
        )

    def is_any_text(self, pointer: str) -> bool:
        """Say whether the schema allows every text and asks for nothing else, so that none need be checked."""
        known = self._any_text.get(pointer)
        if known is None:
            schema = self._resolve({"$ref": f"#{pointer}"})
            known = schema.get("type") == "string" and set(schema) <= _SAYS_NOTHING
            self._any_text[pointer] = known
        return known

    @cached_property
    def _registry(self) -> jsonschema_rs.Registry:
        return jsonschema_rs.Registry([(_HOME, self.data)])

    def _validator(self, pointer: str, *, large: bool) -> jsonschema_rs.Draft202012Validator:
        made = self._validators.get((pointer, large))
        if made is None:
            made = jsonschema_rs.Draft202012Validator(
                {"$ref": f"{_HOME}#{quote(pointer)}"},
                registry=self._registry,
                validate_formats=True,
                offline=True,
                mask=_UNSHOWN if large else None,
            )
            self._validators[pointer, large] = made
        return made

    def _resolve(self, schema: Any) -> Mapping[str, Any]:
        for _ in range(_DEEPEST):
            if not isinstance(schema, Mapping) or "$ref" not in schema:
                break
            target: Any = self.data
            for segment in schema["$ref"].removeprefix("#").split("/")[1:]:
                key = unquote(segment).replace("~1", "/").replace("~0", "~")
                target = target[int(key)] if isinstance(target, list) else target[key]
            schema = target
        return schema if isinstance(schema, Mapping) else {}

    def _options(self, schema: Mapping[str, Any], depth: int = 0) -> Iterator[Mapping[str, Any]]:
        yield schema
        if depth < _DEEPEST:
            for combiner in _COMBINERS:
                for branch in schema.get(combiner, ()):
                    yield from self._options(self._resolve(branch), depth + 1)

    def _coerce(self, value: Any, schemas: list[Mapping[str, Any]]) -> Any:
        options = [option for schema in schemas for option in self._options(schema)]
        types = {name for option in options for name in _types(option)}
        if isinstance(value, Mapping):
            return self._group(value, options, types)
        if isinstance(value, list):
            return self._items(value, options) if "array" in types else value
        if isinstance(value, Decoded):
            return value.value
        if "array" in types and "string" not in types and not _is_json(value):
            return self._items([value], options)
        if isinstance(value, Upload):
            return _file(value, options, types)
        return _text(value, options, types) if isinstance(value, str) else value

    def _group(
        self, value: Mapping[str, Any], options: list[Mapping[str, Any]], types: set[str]
    ) -> Any:
        if "array" in types and "object" not in types and all(key.isdecimal() for key in value):
            return self._items([value[key] for key in sorted(value, key=int)], options)
        return {key: self._coerce(inner, self._inner(options, key)) for key, inner in value.items()}

    def _items(self, values: list[Any], options: list[Mapping[str, Any]]) -> list[Any]:
        inner = [self._resolve(option["items"]) for option in options if "items" in option]
        return [self._coerce(value, inner) for value in values]

    def _inner(self, options: list[Mapping[str, Any]], key: str) -> list[Mapping[str, Any]]:
        found = [o["properties"][key] for o in options if key in o.get("properties", {})]
        others = [o["additionalProperties"] for o in options if "additionalProperties" in o]
        return [self._resolve(schema) for schema in found or others]


def _types(schema: Mapping[str, Any]) -> tuple[str, ...]:
    declared = schema.get("type")
    if declared is not None:
        return (declared,) if isinstance(declared, str) else tuple(declared)
    values = schema.get("enum", [schema["const"]] if "const" in schema else [])
    return ("string",) if any(isinstance(value, str) for value in values) else ()


def _formats(options: list[Mapping[str, Any]]) -> list[Any]:
    return [option.get("format") for option in options if "string" in _types(option)]


def _takes_file(options: list[Mapping[str, Any]]) -> bool:
    return "binary" in _formats(options)


def _file(file: Upload, options: list[Mapping[str, Any]], types: set[str]) -> Any:
    """Return a part of a form that is not plain text as what the schema asks for: the file, or the text in it.

    openai-java sends the fields of an object as application/octet-stream. Where text is asked for and there is
    none in it, what is said of the file takes its place, for validation to refuse.
    """
    if not types or _takes_file(options):
        return file
    try:
        return _text(file.data.decode("utf-8"), options, types)
    except UnicodeDecodeError:
        return {"filename": file.filename, "content_type": file.content_type}


def _text(text: str, options: list[Mapping[str, Any]], types: set[str]) -> Any:
    formats = _formats(options)
    if "binary" in formats and "object" in types and _is_json(text):
        # async-openai writes the object that may stand for a file as JSON, OpenAPI's way by default.
        told = _structure(text)
        if isinstance(told, Mapping):
            return told
    if formats and all(name == "binary" for name in formats):
        # A file may come as a part without a file name.
        return Upload("", "application/octet-stream", text.encode())
    return _scalar(text, types)


def _scalar(text: str, types: set[str]) -> Any:
    """Read text as one of ``types``; text that is none of them stays text, for validation to refuse."""
    if not types or "string" in types:
        return text
    if "integer" in types and _WHOLE.fullmatch(text):
        return int(text)
    if "number" in types and _NUMBER.fullmatch(text) and math.isfinite(number := float(text)):
        return number
    if "boolean" in types and text in _BOOLEANS:
        return _BOOLEANS[text]
    if "null" in types and text in {"", "null"}:
        return None
    return _structure(text) if types & {"object", "array"} and _is_json(text) else text


def _structure(text: str) -> Any:
    try:
        return from_json(text, allow_inf_nan=False)
    except ValueError:  # Nested too deeply as well.
        return text


def _is_json(value: Any) -> bool:
    return isinstance(value, str) and value.lstrip().startswith(("{", "["))


def _plain(value: Any) -> Any:
    """Put a string in the place of each file: to JSON Schema a file is text."""
    if isinstance(value, Upload):
        return value.filename or "file"
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value


def _short(value: Any) -> Any:
    if isinstance(value, str):
        return value[:_LONG]
    if isinstance(value, dict):
        return {key[:_LONG]: _short(inner) for key, inner in value.items()}
    return [_short(inner) for inner in value] if isinstance(value, list) else value


def _violation(error: jsonschema_rs.ValidationError) -> Violation:
    error = _deepest(error)
    path: list[str | int] = list(error.instance_path)
    kind = error.kind
    if isinstance(kind, jsonschema_rs.ValidationErrorKind.Required):
        path.append(kind.property)
    elif isinstance(kind, jsonschema_rs.ValidationErrorKind.AdditionalProperties):
        path += kind.unexpected[:1]
    param = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).lstrip(
        "."
    )
    message = error.message
    if len(message) > _LONGEST_MESSAGE:
        message = f"{message[:_LONGEST_MESSAGE]}…"
    place = (error.absolute_keyword_location or "").removeprefix(_HOME)
    return Violation(param or None, message, unquote(place))


def _deepest(error: jsonschema_rs.ValidationError) -> jsonschema_rs.ValidationError:
    """Where only one alternative has the right outline, its complaint says more than "none fits"."""
    kind = error.kind
    kinds = jsonschema_rs.ValidationErrorKind
    if not isinstance(kind, (kinds.AnyOf, kinds.OneOfNotValid)):
        return error
    here = len(error.instance_path)
    deeper = [
        branch[0]
        for branch in kind.context
        if branch
        and (len(branch[0].instance_path) > here or isinstance(branch[0].kind, kinds.Required))
    ]
    return _deepest(deeper[0]) if len(deeper) == 1 else error
