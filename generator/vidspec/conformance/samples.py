"""What to ask for: values and ids that the document's examples, defaults and closed sets give."""

import copy
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from vidspec.contract import Body, Canonical, Dialect, Field, Operation, Surface
from vidspec.contract.schemas import enum_at, resolve, types_at
from vidspec.source import pointer_get

#: What a job of the pool is asked for by name, so that its result can be compared.
CHOSEN: Final = ("seconds", "size", "aspect_ratio", "resolution")
#: A well-formed id that no gateway has given, where the document shows none.
UNKNOWN: Final = "unknown-0000000000000000000000000000"

_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_NO_UUID: Final = "00000000-0000-4000-8000-000000000000"
#: A shorter tail of an id is a word of its own.
_SHORTEST_TAIL: Final = 8


def job_body(
    dialect: Dialect, body: Body, *, model: str | None, prompt: str | None = None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a cheap valid request body, and the canonical values that it asks for.

    The template is the document's smallest example; length, size and ratio take their documented
    defaults, which every model has, else what an example for the same model asks for.
    """
    made: dict[str, Any] = smallest(body)
    wanted: dict[str, Any] = {}
    for part in body.fields:
        meaning = part.canonical.name if part.canonical else None
        if meaning in CHOSEN:
            value = cheap_value(dialect, part, body)
            if value is not None:
                made[part.name] = value
                wanted[meaning] = canonical_value(part.canonical, value)
        elif meaning == "model" and (named := model or made.get(part.name)):
            made[part.name] = wanted[meaning] = named
        elif meaning == "prompt":
            text = prompt or made.get(part.name) or "A calm lake at dawn, slow pan."
            made[part.name] = wanted[meaning] = text
    if {"aspect_ratio", "resolution", "size"} <= wanted.keys():
        # The size stands for the other two: to ask for it as well would be to ask twice.
        del wanted["size"], made[_named(body, "size")]
    return made, wanted


def smallest(body: Body) -> dict[str, Any]:
    """Return a copy of the smallest example of a body; empty if there is none."""
    examples = _examples(body)
    return copy.deepcopy(min(examples, key=len)) if examples else {}


def cheap_value(dialect: Dialect, part: Field, body: Body | None = None) -> Any:
    """Return a wire value that is sure to be known, or None.

    That is the documented default of a field, else what examples show of it, else the first of its closed set.
    """
    schema, _ = resolve(dialect.document, part.pointer)
    default = schema.get("default", part.canonical.default if part.canonical else None)
    if default is None:
        closed = enum_at(dialect.document, part.pointer) or ()
        told = (*schema.get("examples", ()), *closed)
        shown = [*_shown(part, body), *told, *_shown(part, body, any_model=True)]
        return shown[0] if shown else None
    if "string" in types_at(dialect.document, part.pointer) and not isinstance(default, str):
        return str(default)
    return default


def canonical_value(canonical: Canonical | None, value: Any) -> Any:
    """Return the canonical form of a wire value."""
    return canonical.values.get(str(value), value) if canonical else value


def unknown_id(dialect: Dialect, surface: Surface) -> str:
    """Return an id in the form of the document's examples that was never given."""
    example = example_id(dialect, surface)
    if example is None:
        return UNKNOWN
    if _UUID.search(example):
        return _UUID.sub(_NO_UUID, example)
    # What follows a colon says where the job lives; the random part stands before it.
    stem, colon, place = example.partition(":")
    match = re.search(r"[0-9A-Za-z]*$", stem)
    tail = match[0] if match else ""
    zeros = "0" * (len(tail) if len(tail) >= _SHORTEST_TAIL else 32)
    return f"{stem.removesuffix(tail)}{zeros}{colon}{place}"


def example_id(dialect: Dialect, surface: Surface) -> str | None:
    """Return the id of a job in the document's examples, or None."""
    for role in ("create", "retrieve"):
        operation = dialect.by_role(role, surface.name)
        if operation is None or operation.job is None:
            continue
        pointer = operation.job + surface.job["id"].pointer
        for content in operation.success.contents:
            for example in content.examples:
                found = pointer_get(example.value, pointer, None)
                if isinstance(found, str) and found:
                    return found
    return None


def job_question(operation: Operation, job_id: str, model: str | None) -> dict[str, Any]:
    """Return the body of an operation that asks about a job in its body."""
    for body in operation.bodies:
        made = smallest(body)
        for part in body.fields:
            meaning = part.canonical.name if part.canonical else None
            if meaning == "job_id":
                made[part.name] = job_id
            elif meaning == "model" and model is not None:
                made[part.name] = model
        return made
    return {}


def _examples(body: Body) -> list[dict[str, Any]]:
    return [dict(e.value) for e in body.examples if isinstance(e.value, Mapping)]


def _shown(part: Field, body: Body | None, *, any_model: bool = False) -> Iterator[Any]:
    """Yield what examples of the body have for a field: those that ask the same model as the smallest, or any."""
    if body is None:
        return
    model = _named(body, "model")
    wanted = smallest(body).get(model)
    for example in _examples(body):
        same = any_model or example.get(model) == wanted
        if same and example.get(part.name) is not None:
            yield example[part.name]


def _named(body: Body, meaning: str) -> str:
    fields = (f.name for f in body.fields if f.canonical and f.canonical.name == meaning)
    return next(fields, "")
