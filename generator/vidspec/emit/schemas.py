"""The schemas of a dialect, made ready for a model generator: named, flat, open or closed.

Every object schema gets a class name here (inline ones are lifted into named ones), so nothing later has to
invent names. What only validates is dropped: the server validates against the document itself, and a client
must not lose a reply because a number moved its bounds.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from vidspec.contract.model import Dialect
from vidspec.emit.names import ClassName, Scope
from vidspec.emit.text import clean
from vidspec.source import join_pointer, pointer_get, split_pointer

#: Names that the head of ``models.py`` imports.
_RESERVED = (
    "Annotated",
    "Any",
    "ConfigDict",
    "Field",
    "Literal",
    "Model",
    "RootModel",
    "TypeAliasType",
    "Upload",
)
_COMPONENTS = "/components/schemas/"
#: A branch that has none of these only validates.
_SHAPES = frozenset(
    {
        "$ref",
        "type",
        "properties",
        "items",
        "enum",
        "const",
        "allOf",
        "anyOf",
        "oneOf",
        "additionalProperties",
        "prefixItems",
    }
)

Schema = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Flavour:
    """How one target wants its models."""

    #: Every enum also allows other values of its type.
    open: bool
    #: Keep ``default``: an absent field takes it.
    defaults: bool
    #: Dotted path of the class that stands for a file; None: plain text.
    upload: str | None
    #: Also make models of what is only ever a whole request body.
    bodies: bool
    #: A required field that may be null may be left out as well: many gateways leave out what they do not know.
    lenient: bool = False


@dataclass(slots=True)
class Schemas:
    """Named schemas, ready for the generator, and the names given to document pointers."""

    named: dict[ClassName, Schema] = field(default_factory=dict)
    classes: dict[str, ClassName] = field(default_factory=dict)

    def is_object(self, name: str) -> bool:
        """Say whether the name is a model class (not an alias of a union, list or enum)."""
        return _is_object(self.named_schema(name))

    def named_schema(self, name: str) -> Schema:
        """Return the simplified schema of that name."""
        return self.named[ClassName(name)]


class Normaliser:
    """Names and simplifies the schemas of one dialect."""

    def __init__(self, dialect: Dialect, flavour: Flavour) -> None:
        """Name every component schema, then simplify each that the flavour wants."""
        self.flavour = flavour
        self.result = Schemas()
        self._document = dialect.document
        self._scope = Scope(_RESERVED)
        self._simplified: dict[str, Schema] = {}
        components = self._document.get("components", {}).get("schemas", {})
        skipped = set() if flavour.bodies else _only_bodies(dialect)
        for name in components:
            pointer = join_pointer("components", "schemas", name)
            self.result.classes[pointer] = self._scope.class_name(name)
        for name, schema in components.items():
            pointer = join_pointer("components", "schemas", name)
            if pointer not in skipped:
                self._define(self.result.classes[pointer], schema)
            else:
                del self.result.classes[pointer]

    def named(self, pointer: str, hint: str) -> Schema:
        """Return the schema at a document pointer as a reference to a model; ``hint`` names it if nothing else does."""
        if pointer not in self.result.classes:
            name = self._scope.class_name(hint)
            self.result.classes[pointer] = name
            self._define(name, pointer_get(self._document, pointer))
        return {"$ref": f"#{_COMPONENTS}{self.result.classes[pointer]}"}

    def inline(self, pointer: str, hint: str) -> Schema:
        """Return the schema at a document pointer simplified; inner objects are lifted out as ``hint`` and ``hintItem``."""
        if pointer not in self._simplified:
            self._simplified[pointer] = self._child(pointer_get(self._document, pointer), hint)
        return self._simplified[pointer]

    def _define(self, name: ClassName, schema: Any) -> None:
        self.result.named[name] = {}  # its place in the order
        made = self._simple(schema, name)
        if _is_object(made) and _nullable(made):
            inner = self._scope.class_name(f"{name}Object")
            self.result.named[inner] = made | {"type": "object"}
            made = {"anyOf": [{"$ref": f"#{_COMPONENTS}{inner}"}, {"type": "null"}]}
        self.result.named[name] = made

    def _child(self, schema: Any, hint: str) -> Schema:
        """Simplify a schema inside another; an object with properties becomes a named one."""
        made = self._simple(schema, hint)
        if not _is_object(made):
            return made
        name = self._scope.class_name(hint)
        nullable = _nullable(made)
        description = made.get("description")
        self.result.named[name] = made | {"type": "object"} if "properties" in made else made
        reference: Schema = {"$ref": f"#{_COMPONENTS}{name}"}
        made = {"anyOf": [reference, {"type": "null"}]} if nullable else reference
        return made | ({"description": description} if description else {})

    def _simple(self, schema: Any, hint: str) -> Schema:
        if not isinstance(schema, Mapping):
            return {}
        if "$ref" in schema:
            return self._reference(schema, hint)
        made = self._kept(schema)
        if "enum" in schema or "const" in schema:
            return made | self._values(schema)
        if "properties" in schema:
            return made | self._object(schema, hint)
        for combiner in ("allOf", "anyOf", "oneOf"):
            branches = [
                b for b in schema.get(combiner, ()) if isinstance(b, Mapping) and _SHAPES & b.keys()
            ]
            if branches:
                return made | self._combined(combiner, branches, hint)
        return made | self._plain(schema, hint)

    def _kept(self, schema: Mapping[str, Any]) -> Schema:
        made: Schema = {}
        text = clean(str(schema.get("description", "")))
        if text:
            made["description"] = text
        if self.flavour.defaults and schema.get("default") is not None:
            made["default"] = schema["default"]
        return made

    def _reference(self, schema: Mapping[str, Any], hint: str) -> Schema:
        pointer = schema["$ref"].removeprefix("#")
        if pointer in self.result.classes:
            target: Schema = {"$ref": f"#{_COMPONENTS}{self.result.classes[pointer]}"}
        elif pointer.startswith(_COMPONENTS) and len(split_pointer(pointer)) == 3:
            target = self.named(pointer, split_pointer(pointer)[-1])
        else:
            target = self.named(pointer, hint)
        return target | self._kept(
            {k: v for k, v in schema.items() if k in {"description", "default"}}
        )

    def _values(self, schema: Mapping[str, Any]) -> Schema:
        listed = [schema["const"]] if "const" in schema else list(schema["enum"])
        values = [v for v in listed if v is not None]
        nullable = len(values) < len(listed) or _nullable(schema)
        kinds = list(dict.fromkeys(_json_type(v) for v in values))
        branches: list[Schema] = []
        if values:
            branches.append(
                {"type": kinds[0], "enum": values} if len(kinds) == 1 else {"enum": values}
            )
        if self.flavour.open:
            branches += [{"type": kind} for kind in kinds]
        if nullable:
            branches.append({"type": "null"})
        return branches[0] if len(branches) == 1 else {"anyOf": branches}

    def _object(self, schema: Mapping[str, Any], hint: str) -> Schema:
        properties = {
            name: self._child(inner, f"{hint}_{name}")
            for name, inner in schema["properties"].items()
        }
        return {
            "type": ["object", "null"] if _nullable(schema) else "object",
            "properties": properties,
            "required": [
                name
                for name in schema.get("required", ())
                if name in properties
                and not (self.flavour.lenient and _takes_null(properties[name]))
            ],
        }

    def _combined(self, combiner: str, branches: list[Mapping[str, Any]], hint: str) -> Schema:
        if combiner == "allOf":
            parts = [self._simple(branch, hint) for branch in branches]
            return parts[0] if len(parts) == 1 else {"allOf": parts}
        objects = sum("properties" in branch for branch in branches)
        made = [
            self._child(
                branch, hint if objects < 2 else f"{hint}_{branch.get('title', f'option_{number}')}"
            )
            for number, branch in enumerate(branches, start=1)
        ]
        return made[0] if len(made) == 1 else {"anyOf": made}

    def _plain(self, schema: Mapping[str, Any], hint: str) -> Schema:
        if schema.get("format") == "binary" and self.flavour.upload:
            return {"type": "string", "customTypePath": self.flavour.upload}
        made: Schema = {"type": schema["type"]} if "type" in schema else {}
        if "items" in schema:
            made["items"] = self._child(schema["items"], f"{hint}_item")
        if (
            isinstance(schema.get("additionalProperties"), Mapping)
            and schema["additionalProperties"]
        ):
            made["additionalProperties"] = self._child(
                schema["additionalProperties"], f"{hint}_value"
            )
        return made


def _is_object(schema: Mapping[str, Any]) -> bool:
    return "properties" in schema or "allOf" in schema


def _takes_null(made: Schema) -> bool:
    return _nullable(made) or any(_nullable(branch) for branch in made.get("anyOf", ()))


def _nullable(schema: Mapping[str, Any]) -> bool:
    declared = schema.get("type")
    return declared == "null" or (isinstance(declared, list) and "null" in declared)


def _json_type(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "integer" if isinstance(value, int) else "number"
    return "string"


def _only_bodies(dialect: Dialect) -> set[str]:
    """Return the component schemas that are request bodies and nothing else."""
    bodies = {body.schema_pointer for o in dialect.operations for body in o.bodies}
    used = {
        content.schema_pointer
        for o in dialect.operations
        for r in o.replies
        for content in r.contents
    }
    used |= {ref.removeprefix("#") for ref in _references(dialect.document, under_body=False)}
    return {pointer for pointer in bodies - used if pointer.startswith(_COMPONENTS)}


def _references(value: Any, *, under_body: bool) -> Iterable[str]:
    """Yield every ``$ref``, but those that only say which schema a request body has."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key == "$ref" and isinstance(inner, str) and not under_body:
                yield inner
            elif key == "schema":
                yield from _references(inner, under_body=under_body)
            else:
                into = key in {"requestBody", "requestBodies"} or (
                    under_body and key != "properties"
                )
                yield from _references(inner, under_body=into and key != "schemas")
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner, under_body=under_body)
