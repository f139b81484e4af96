"""Holding a bundled document against the OpenAPI specification and JSON Schema."""

import json
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jsonschema_rs

from vidspec.document.grammar import walk
from vidspec.document.model import Document
from vidspec.document.rules import rule_problems
from vidspec.source import Problem, join_pointer

_META = "https://json-schema.org/draft/2020-12/schema"
_HOME = "urn:vidspec:document"


def validation_problems(document: Document) -> list[Problem]:
    """Return everything that OpenAPI 3.1 and JSON Schema 2020-12 have against the document."""
    problems = [*_structure(document), *_schemas(document), *rule_problems(document)]
    return problems or list(_defaults(document))


def _structure(document: Document) -> Iterator[Problem]:
    if _structure_validator().is_valid(document.data):
        return
    # Its words are better.
    from openapi_spec_validator.schemas import openapi_v31_schema_validator  # noqa: PLC0415 - a third of a second

    for error in openapi_v31_schema_validator.iter_errors(document.data):
        at = document.locate(join_pointer(*error.absolute_path))
        yield Problem("openapi-schema", _first_line(error.message), at)


def _schemas(document: Document) -> Iterator[Problem]:
    outermost = "\0"
    for kind, pointer, value in walk(document.data):
        # What lies inside a schema is judged with it; a schema comes just before what lies inside.
        if kind != "schema" or pointer.startswith(outermost + "/"):
            continue
        outermost = pointer
        for error in _meta_validator().iter_errors(value):
            at = document.locate(pointer + join_pointer(*error.instance_path))
            yield Problem("json-schema", _first_line(error.message), at)


def _defaults(document: Document) -> Iterator[Problem]:
    registry = jsonschema_rs.Registry([(_HOME, document.data)], draft=jsonschema_rs.Draft202012)
    for kind, pointer, value in walk(document.data):
        if kind != "schema" or "default" not in value:
            continue
        schema = {"$ref": f"{_HOME}#{quote(pointer)}"}
        validator = jsonschema_rs.Draft202012Validator(schema, registry=registry)
        for error in validator.iter_errors(value["default"]):
            message = f"the default does not fit its schema: {_first_line(error.message)}"
            yield Problem("schema-default", message, document.locate(f"{pointer}/default"))


def second_opinion(document: Document) -> Iterator[Problem]:
    """Ask the library, after our own rules: they have better places for what both find."""
    from openapi_spec_validator import OpenAPIV31SpecValidator  # noqa: PLC0415 - a third of a second, paid only by lint

    for error in OpenAPIV31SpecValidator(document.data).iter_errors():
        # An error inside a schema has a path from that schema only: then the place is the document.
        path = join_pointer(*error.absolute_path)
        yield Problem("openapi", _first_line(error.message), document.locate(path))


@cache
def _structure_validator() -> Any:
    # The library's own file, found without importing the library.
    spec = find_spec("openapi_spec_validator")
    home = Path(str(spec.origin)).parent if spec else Path()
    schema = json.loads((home / "resources/schemas/v3.1/schema.json").read_bytes())
    return jsonschema_rs.Draft202012Validator(schema)


@cache
def _meta_validator() -> Any:
    return jsonschema_rs.Draft202012Validator({"$ref": _META})


def _first_line(message: str, limit: int = 300) -> str:
    line = message.splitlines()[0] if message else ""
    return line if len(line) <= limit else line[: limit - 1] + "…"
