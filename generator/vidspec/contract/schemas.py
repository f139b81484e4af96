"""JSON Schema inside a bundled document: following references, finding properties, validating values."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

import jsonschema_rs

from vidspec.source import join_pointer, pointer_get, split_pointer

_HOME = "urn:vidspec:document"
_COMBINERS = ("allOf", "oneOf", "anyOf")


def resolve(document: Mapping[str, Any], pointer: str) -> tuple[Any, str]:
    """Follow ``$ref`` at ``pointer`` until a value without one; return it with its own document pointer.

    Keywords beside a ``$ref`` (legal in 3.1) are merged over the target's.
    """
    value = pointer_get(document, pointer)
    seen = {pointer}
    beside: dict[str, Any] = {}
    while isinstance(value, Mapping) and isinstance(value.get("$ref"), str):
        beside = {k: v for k, v in value.items() if k != "$ref"} | beside
        pointer = value["$ref"].removeprefix("#")
        if pointer in seen:
            break
        seen.add(pointer)
        value = pointer_get(document, pointer)
    if beside and isinstance(value, Mapping):
        value = {**value, **beside}
    return value, pointer


def properties(
    document: Mapping[str, Any], pointer: str, *, _depth: int = 0
) -> Iterator[tuple[str, str, bool]]:
    """Yield ``(name, document pointer, required)`` for each property of the schema, its ``allOf`` and alternatives.

    A property of one alternative only counts as optional; each name comes once.
    """
    schema, home = resolve(document, pointer)
    if not isinstance(schema, Mapping) or _depth > 8:
        return
    required = set(schema.get("required", ()))
    seen = set()
    for name in schema.get("properties", {}):
        seen.add(name)
        yield name, home + join_pointer("properties", name), name in required
    for combiner in _COMBINERS:
        for index in range(len(schema.get(combiner, ()))):
            branch = home + join_pointer(combiner, str(index))
            for name, place, needed in properties(document, branch, _depth=_depth + 1):
                if name not in seen:
                    seen.add(name)
                    yield name, place, (needed and combiner == "allOf") or name in required


def schemas_at(document: Mapping[str, Any], pointer: str, message: str) -> list[str]:
    """Return the document pointers of the schemas that describe the value at ``message`` inside the schema's instances.

    Alternatives are all followed, so there may be several; none means that the schema does not know the place.
    """
    found = [pointer]
    for segment in split_pointer(message):
        found = [step for place in found for step in _steps(document, place, segment)]
    return list(dict.fromkeys(found))


def _steps(
    document: Mapping[str, Any], pointer: str, segment: str, _depth: int = 0
) -> Iterator[str]:
    schema, home = resolve(document, pointer)
    if not isinstance(schema, Mapping) or _depth > 8:
        return
    known = schema.get("properties", {})
    if segment in known:
        yield home + join_pointer("properties", segment)
    elif (segment == "*" or segment.isdecimal()) and "items" in schema:
        yield home + "/items"
    elif isinstance(schema.get("additionalProperties"), Mapping) and schema["additionalProperties"]:
        yield home + "/additionalProperties"
    for combiner in _COMBINERS:
        for index in range(len(schema.get(combiner, ()))):
            yield from _steps(
                document, home + join_pointer(combiner, str(index)), segment, _depth + 1
            )


def types_at(document: Mapping[str, Any], pointer: str) -> frozenset[str]:
    """Return the JSON types a schema allows, looking through alternatives; empty if it does not say."""
    schema, home = resolve(document, pointer)
    if not isinstance(schema, Mapping):
        return frozenset()
    declared = schema.get("type")
    types = {declared} if isinstance(declared, str) else set(declared or ())
    values = [schema["const"]] if "const" in schema else schema.get("enum", [])
    if not types:
        types = {_json_type(value) for value in values}
    for combiner in _COMBINERS:
        for index in range(len(schema.get(combiner, ()))):
            types |= types_at(document, home + join_pointer(combiner, str(index)))
    return frozenset(types)


def enum_at(document: Mapping[str, Any], pointer: str) -> tuple[Any, ...] | None:
    """Return the closed set of values a schema allows, looking through alternatives; None if it is open."""
    schema, home = resolve(document, pointer)
    if not isinstance(schema, Mapping):
        return None
    if "const" in schema:
        return (schema["const"],)
    if "enum" in schema:
        return tuple(schema["enum"])
    for combiner in ("oneOf", "anyOf"):
        branches = [
            enum_at(document, home + join_pointer(combiner, str(i)))
            for i in range(len(schema.get(combiner, ())))
        ]
        closed = [branch for branch in branches if branch is not None]
        if closed and len(closed) == len(branches):
            return tuple(value for branch in closed for value in branch)
    for index in range(len(schema.get("allOf", ()))):
        branch = enum_at(document, home + join_pointer("allOf", str(index)))
        if branch is not None:
            return branch
    return None


def is_binary(document: Mapping[str, Any], pointer: str) -> bool:
    """Say whether a schema allows raw bytes (``format: binary``)."""
    schema, home = resolve(document, pointer)
    if not isinstance(schema, Mapping):
        return False
    if schema.get("format") == "binary":
        return True
    return any(
        is_binary(document, home + join_pointer(combiner, str(index)))
        for combiner in _COMBINERS
        for index in range(len(schema.get(combiner, ())))
    )


def _json_type(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float):
        return "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"


class Validators:
    """Compiled validators for the schemas of one bundled document, made on first use."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        """Take the bundled document; nothing is compiled yet."""
        self._registry = jsonschema_rs.Registry([(_HOME, dict(document))])
        self._made: dict[str, jsonschema_rs.Draft202012Validator] = {}

    def at(self, pointer: str) -> jsonschema_rs.Draft202012Validator:
        """Return the validator of the schema at a document pointer."""
        made = self._made.get(pointer)
        if made is None:
            made = jsonschema_rs.Draft202012Validator(
                {"$ref": f"{_HOME}#{quote(pointer)}"},
                registry=self._registry,
                validate_formats=True,
                offline=True,
            )
            self._made[pointer] = made
        return made

    def errors(self, pointer: str, value: Any) -> list[tuple[str, str]]:
        """Validate ``value``; return ``(message pointer, message)`` for each violation."""
        return [
            (join_pointer(*map(str, error.instance_path)), error.message)
            for error in self.at(pointer).iter_errors(value)
        ]
