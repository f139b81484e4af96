"""Rules of OpenAPI that its JSON Schema cannot express."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from vidspec.document.grammar import METHODS, walk
from vidspec.document.model import Document
from vidspec.source import Problem, join_pointer, pointer_get

_TEMPLATE = re.compile(r"\{([^{}]*)\}")


def rule_problems(document: Document) -> list[Problem]:
    """Return every breach, in the order of the document; a document of the wrong shape gives no more than it can."""
    paths = document.data.get("paths")
    if not isinstance(paths, dict):
        return []
    operations = [
        (path, method, operation)
        for path, item in paths.items()
        if isinstance(item, dict)
        for method in METHODS
        if isinstance(operation := item.get(method), dict)
    ]
    problems = [*_reference_kinds(document), *_duplicate_paths(document, list(paths))]
    seen: dict[str, str] = {}
    for path, method, operation in operations:
        place = join_pointer("paths", path, method)
        problems += _operation_id(document, place, operation, seen)
        problems += _parameters(document, path, place)
        if "responses" not in operation:
            message = f"{method.upper()} {path} lists no responses"
            problems.append(Problem("responses", message, document.locate(f"{place}/responses")))
    return problems


def _reference_kinds(document: Document) -> Iterator[Problem]:
    objects = list(walk(document.data))
    kinds = {pointer: kind for kind, pointer, _ in objects}
    for kind, pointer, value in objects:
        ref = value.get("$ref")
        if not isinstance(ref, str):
            continue
        found = kinds.get(unquote(ref).removeprefix("#"), "")
        # Schemas may be kept anywhere, also under keys that only their author knows.
        if found != kind and (found or kind != "schema"):
            message = f"'{ref}' leads to {found or 'data'} where {kind} is expected"
            yield Problem("ref-kind", message, document.locate(f"{pointer}/$ref"))


def _duplicate_paths(document: Document, paths: list[str]) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for path in paths:
        other = first.setdefault(_TEMPLATE.sub("{}", path), path)
        if other != path:
            message = f"{path} and {other} are the same path: only the names in braces differ"
            yield Problem("path-duplicate", message, document.locate(join_pointer("paths", path)))


def _operation_id(
    document: Document, place: str, operation: dict[str, Any], seen: dict[str, str]
) -> Iterator[Problem]:
    name = operation.get("operationId")
    if isinstance(name, str) and seen.setdefault(name, place) != place:
        message = (
            f"the operationId '{name}' is taken at {document.locate(seen[name] + '/operationId')}"
        )
        yield Problem("operation-id", message, document.locate(f"{place}/operationId"))


def _parameters(document: Document, path: str, place: str) -> Iterator[Problem]:
    declared: set[str] = set()
    wanted = set(_TEMPLATE.findall(path))
    for holder in (join_pointer("paths", path), place):
        seen: set[tuple[str, str]] = set()
        for pointer, parameter in _listed(document, holder):
            name, where = parameter["name"], parameter["in"]
            if (name, where) in seen:
                message = f"the {where} parameter '{name}' stands twice"
                yield Problem("parameter-duplicate", message, document.locate(pointer))
            seen.add((name, where))
            if where == "path":
                declared.add(name)
                if name not in wanted:
                    message = f"the path {path} has no {{{name}}}"
                    yield Problem("path-parameter", message, document.locate(pointer))
    for name in sorted(wanted - declared):
        message = f"{{{name}}} of {path} is not declared as a parameter"
        hint = f"Add {{name: {name}, in: path, required: true, schema: …}}."
        yield Problem("path-parameter", message, document.locate(place), hint)


def _listed(document: Document, holder: str) -> Iterator[tuple[str, dict[str, Any]]]:
    listed = pointer_get(document.data, f"{holder}/parameters", None)
    for index, parameter in enumerate(listed if isinstance(listed, list) else ()):
        found, pointer = parameter, f"{holder}/parameters/{index}"
        # The references were followed once already: they end.
        while isinstance(found, dict) and isinstance(found.get("$ref"), str):
            found = pointer_get(document.data, found["$ref"].removeprefix("#"), None)
        # A parameter without a name or a place is the business of the structure.
        if isinstance(found, dict) and all(isinstance(found.get(k), str) for k in ("name", "in")):
            yield pointer, found
