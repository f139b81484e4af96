"""A dialect as the plain OpenAPI document that openapi-python-client can read without losing anything.

Schemas are named and flat, every enum is open, links, callbacks, webhooks and extensions are gone.
An HTTP operation that hides several stays the one that the API has.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from vidspec.contract.model import Dialect, Operation
from vidspec.contract.schemas import resolve
from vidspec.emit.client_fields import is_json
from vidspec.emit.names import ClassName, Scope
from vidspec.emit.schemas import Flavour, Normaliser, Schema
from vidspec.source import join_pointer

_FLAVOUR = Flavour(open=True, defaults=False, upload="file", bodies=True)
_FILE: Schema = {"type": "string", "format": "binary"}
_HOME = "#/components/schemas/"


def plain_document(dialect: Dialect) -> dict[str, Any]:
    """Return the document to generate from: OpenAPI 3.1, all of the dialect's HTTP operations, only schemas in use."""
    reader = _Reader(dialect)
    paths: dict[str, dict[str, Any]] = {}
    for operation in {o.pointer: o for o in reversed(dialect.operations)}.values():
        made = reader.operation(operation)
        paths[operation.path] = {operation.method.lower(): made} | paths.get(operation.path, {})
    named = {str(name): _adapted(schema) for name, schema in reader.schemas().items()}
    paths, named = _without_aliases(dict(reversed(paths.items())), named)
    _name_enums(paths, named)
    info = dialect.document["info"]
    return {
        "openapi": "3.1.0",
        "info": {"title": dialect.name, "version": str(info["version"])},
        "paths": paths,
        "components": {"schemas": _reachable(paths, named)},
    }


class _Reader:
    """Reads the operations of one dialect, naming schemas on the way."""

    def __init__(self, dialect: Dialect) -> None:
        self._document = dialect.document
        self._normaliser = Normaliser(dialect, _FLAVOUR)
        self._copies: dict[ClassName, ClassName] = {}

    def schemas(self) -> dict[ClassName, Schema]:
        """Return every schema named so far."""
        named = self._normaliser.result.named
        return named | {copy: named[name] for copy, name in self._copies.items()}

    def operation(self, source: Operation) -> dict[str, Any]:
        """Return the HTTP operation that ``source`` is, or is a case of."""
        said, _ = resolve(self._document, source.pointer)
        name = said.get("operationId", source.id)
        made: dict[str, Any] = {
            "operationId": name,
            "tags": said.get("tags", [])[:1],
            "summary": said.get("summary", ""),
            "description": said.get("description", ""),
            "security": said.get("security", self._document.get("security", [])),
            "parameters": [*self._parameters(source, name)],
            "responses": {
                str(status): self._reply(f"{source.pointer}/responses/{status}", f"{name}_{status}")
                for status in said["responses"]
            },
        }
        if "requestBody" in said:
            made["requestBody"] = self._body(f"{source.pointer}/requestBody", name)
        return made

    def _parameters(self, source: Operation, name: str) -> Iterator[dict[str, Any]]:
        found: dict[tuple[str, str], dict[str, Any]] = {}
        for holder in (join_pointer("paths", source.path), source.pointer):
            for index in range(len(resolve(self._document, holder)[0].get("parameters", ()))):
                said, home = resolve(self._document, f"{holder}/parameters/{index}")
                found[said["in"], said["name"]] = self._parameter(said, home, name)
        yield from found.values()

    def _parameter(self, said: Mapping[str, Any], home: str, name: str) -> dict[str, Any]:
        wanted = resolve(self._document, f"{home}/schema")[0]
        schema = self._normaliser.inline(f"{home}/schema", f"{name}_{said['name']}")
        required = bool(said.get("required", False))
        text = said.get("description", "")
        settled = wanted.get("const", wanted.get("default") if required else None)
        if settled is not None and said["in"] != "path":
            # The caller need not write what is so anyway.
            schema, required = {"type": wanted.get("type", "string"), "default": settled}, False
        elif wanted.get("type") == "array" and not said.get("explode", True):
            schema, text = {"type": "string"}, f"{text} Several values are joined by commas."
        return {
            "name": said["name"],
            "in": said["in"],
            "required": required,
            "description": text.strip(),
            "schema": _adapted(schema),
        }

    def _body(self, pointer: str, name: str) -> dict[str, Any]:
        said, home = resolve(self._document, pointer)
        content: dict[str, Any] = {}
        taken: set[str] = set()
        for media_type in said["content"]:
            kind = media_type.partition(";")[0].rpartition("/")[2]
            schema = self._schema(
                f"{home}{join_pointer('content', media_type)}/schema", f"{name}_{kind}_body"
            )
            if schema["$ref"] in taken:
                # The encoding is told by the body's class, so each has its own.
                schema = self._copy(schema, f"{name}_{kind}_body")
            taken.add(schema["$ref"])
            content[media_type] = {"schema": schema}
        return {"required": bool(said.get("required", False)), "content": content}

    def _reply(self, pointer: str, hint: str) -> dict[str, Any]:
        said, home = resolve(self._document, pointer)
        made: dict[str, Any] = {"description": said.get("description", "")}
        contents: Mapping[str, Any] = said.get("content", {})
        schemas = [
            self._schema(f"{home}{join_pointer('content', kind)}/schema", hint)
            for kind, inner in contents.items()
            if is_json(kind) and "schema" in inner
        ]
        if any(not is_json(kind) and not kind.startswith("text/") for kind in contents):
            if schemas:
                message = f"{hint}: a reply that is JSON or media"
                raise ValueError(message)
            return made | {"content": {"application/octet-stream": {"schema": _FILE}}}
        if schemas:
            schema = schemas[0] if len(schemas) == 1 else {"anyOf": schemas}
            return made | {"content": {"application/json": {"schema": schema}}}
        return made

    def _schema(self, pointer: str, hint: str) -> Schema:
        return self._normaliser.named(resolve(self._document, pointer)[1], hint)

    def _copy(self, schema: Schema, hint: str) -> Schema:
        name = ClassName.of(hint)
        self._copies[name] = ClassName(schema["$ref"].removeprefix(_HOME))
        return {"$ref": f"{_HOME}{name}"}


def _adapted(value: Any) -> Any:
    """Write files as OpenAPI does, and say of every array what is in it."""
    if isinstance(value, list):
        return [_adapted(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "customTypePath" in value:
        return {k: v for k, v in value.items() if k != "customTypePath"} | _FILE
    made = {key: _adapted(inner) for key, inner in value.items()}
    if "anyOf" in made:
        made["anyOf"] = [b for b in made["anyOf"] if len(b.get("enum", "--")) > 1]
    kinds = made.get("type", ())
    if kinds == "array" or (isinstance(kinds, list) and "array" in kinds):
        made.setdefault("items", {})
    return made


def _name_enums(paths: Mapping[str, Any], named: Mapping[str, Any]) -> None:
    """Give the known values of an open enum a class name, which the generator puts behind its owner's."""
    scope = Scope(name for name, schema in named.items() if "anyOf" not in schema)

    def entitle(schema: Any, owner: str, hint: str) -> None:
        for branch in schema.get("anyOf", ()):
            if "enum" in branch:
                full = scope.class_name(f"{owner}_{hint}")
                branch["title"] = full.removeprefix(ClassName.of(owner)) if owner else str(full)
        if "items" in schema:
            entitle(schema["items"], owner, f"{hint}_item")
        for name, inner in schema.get("properties", {}).items():
            entitle(inner, owner or hint, name)

    for name, schema in named.items():
        entitle(schema, "", name)
    for item in paths.values():
        for said in item.values():
            for parameter in said["parameters"]:
                entitle(parameter["schema"], said["operationId"], parameter["name"])


def _without_aliases(
    paths: dict[str, Any], named: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Replace names for what has a name already: the generator refuses a schema that is only a reference."""
    aliases = {
        f"{_HOME}{name}": schema["$ref"] for name, schema in named.items() if "$ref" in schema
    }

    def followed(value: Any) -> Any:
        if isinstance(value, list):
            return [followed(item) for item in value]
        if not isinstance(value, dict):
            return value
        made = {key: followed(inner) for key, inner in value.items()}
        seen = set[str]()
        while isinstance(made.get("$ref"), str) and made["$ref"] in aliases.keys() - seen:
            seen.add(made["$ref"])
            made["$ref"] = aliases[made["$ref"]]
        return made

    kept = {name: followed(s) for name, s in named.items() if "$ref" not in s}
    return followed(paths), kept


def _reachable(paths: Mapping[str, Any], named: Mapping[str, Any]) -> dict[str, Any]:
    found: set[str] = set()
    todo = [*_references(paths)]
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo.extend(_references(named[name]))
    return json.loads(json.dumps({n: s for n, s in named.items() if n in found}))  # type: ignore[no-any-return]  # JSON in, the same JSON out


def _references(value: Any) -> Iterable[str]:
    if isinstance(value, Mapping):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"].removeprefix(_HOME)
        for inner in value.values():
            yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)
