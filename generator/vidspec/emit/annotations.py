"""From a simplified schema to the text of a type annotation."""

import ast
from collections.abc import Iterable, Mapping
from typing import Any

from vidspec.emit.names import Code
from vidspec.emit.schemas import Schemas
from vidspec.emit.text import Annotation, literal

_PLAIN = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
_ANY = Annotation("Any")


class Annotator:
    """Writes annotations that use ``models.<Class>``; the names ``Any``, ``Literal``, ``Mapping`` and ``Sequence`` must be in scope."""

    def __init__(self, schemas: Schemas) -> None:
        """Take the named schemas that references lead to."""
        self._schemas = schemas

    def read(self, schema: Mapping[str, Any]) -> Annotation:
        """Return the type of a value received: model classes, ``list``, ``dict``."""
        return Annotation(" | ".join(self._parts(schema, given=False, seen=())))

    def give(self, schema: Mapping[str, Any]) -> Annotation:
        """Return the type of a value to pass: also mappings for models, any ``Sequence`` for a list."""
        return Annotation(" | ".join(self._parts(schema, given=True, seen=())))

    def _parts(self, schema: Mapping[str, Any], *, given: bool, seen: tuple[str, ...]) -> list[str]:
        if "$ref" in schema:
            return self._reference(schema["$ref"].rsplit("/", 1)[1], given=given, seen=seen)
        branches = schema.get("anyOf")
        if branches:
            return list(
                dict.fromkeys(p for b in branches for p in self._parts(b, given=given, seen=seen))
            )
        if "enum" in schema:
            return [f"Literal[{', '.join(literal(value) for value in schema['enum'])}]"]
        declared = schema.get("type")
        if declared is None:
            return ["Any"]
        kinds = [declared] if isinstance(declared, str) else declared
        return [self._kind(kind, schema, given=given, seen=seen) for kind in kinds]

    def _reference(self, name: str, *, given: bool, seen: tuple[str, ...]) -> list[str]:
        named = f"models.{name}"
        if not given or name in seen:
            return [named]
        if self._schemas.is_object(name):
            return [named, "Mapping[str, Any]"]
        inner = self._parts(self._schemas.named_schema(name), given=True, seen=(*seen, name))
        # An alias that holds no object says more by its name.
        return inner if any("[" in p and not p.startswith("Literal") for p in inner) else [named]

    def _kind(
        self, kind: str, schema: Mapping[str, Any], *, given: bool, seen: tuple[str, ...]
    ) -> str:
        if kind == "array":
            inner = " | ".join(self._parts(schema.get("items", {}), given=given, seen=seen))
            return f"{'Sequence' if given else 'list'}[{inner}]"
        if kind == "object":
            value = schema.get("additionalProperties", {})
            inner = " | ".join(self._parts(value, given=given, seen=seen))
            return f"{'Mapping' if given else 'dict'}[str, {inner}]"
        return _PLAIN.get(kind, "Any")


def union(annotations: Iterable[Annotation]) -> Annotation:
    """Join annotations with ``|``, each alternative once; ``None`` for none at all."""
    parts = dict.fromkeys(
        part for a in annotations for part in _alternatives(ast.parse(a, mode="eval").body)
    )
    if "Any" in parts:
        return _ANY
    return Annotation(" | ".join(parts) or "None")


def _alternatives(node: ast.expr) -> list[str]:
    if isinstance(node, ast.BinOp):
        return _alternatives(node.left) + _alternatives(node.right)
    return [ast.unparse(node)]


def names_in(annotation: Code) -> frozenset[str]:
    """Return the bare names an annotation uses, to know what to import."""
    tree = ast.parse(str(annotation), mode="eval")
    return frozenset(node.id for node in ast.walk(tree) if isinstance(node, ast.Name))
