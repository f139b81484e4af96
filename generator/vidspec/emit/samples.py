"""How the emitted client is called, as Python text: one call for each operation, made of the specification's examples."""

from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import Any

from vidspec.contract.model import Dialect, Field
from vidspec.contract.schemas import enum_at, resolve
from vidspec.emit.client import Method, SurfaceMethods
from vidspec.emit.names import Code
from vidspec.emit.text import literal
from vidspec.emit.view import Argument
from vidspec.source import pointer_get, pointer_set

#: Meanings whose values a program has from an earlier reply: they stand in a call as variables.
VARIABLES = frozenset({"job_id", "character_id", "artifact_key", "model_id"})
#: Stands in a value for what becomes a variable; no specification holds a control character.
_MARK = "\0"


def call_sample(dialect: Dialect, method: Method) -> str:
    """Return a call of the operation; ``client`` is a client, other names are variables of the reader's."""
    call = f"client.{method.operation.name}({_joined(_arguments(dialect, method))})"
    if method.media:
        kind = method.operation.success.media_types[0].rpartition("/")[2]
        suffix = kind if kind.isalnum() else "mp4"
        return f'{call}.save("video.{suffix}")'
    return f"reply = {call}"


def wait_sample(dialect: Dialect, surface: SurfaceMethods) -> str:
    """Return what waits for a job of the surface and, where its own id is enough for that, saves what it made."""
    asked = _joined(_arguments(dialect, surface.retrieve))
    waiting = f"done = client.{surface.wait}({asked}, timeout=600)\n"
    results = dialect.surfaces[surface.surface].results
    if surface.content is None and not any(result.pointer for result in results):
        return waiting
    return (
        f"{waiting}"
        f"for number, result in enumerate(client.{surface.download}(done.job)):\n"
        f'    result.save(f"video-{{number}}.mp4")'
    )


def _joined(arguments: Iterator[tuple[str, Code]]) -> str:
    return ", ".join(f"{name}={value}" for name, value in arguments)


def _arguments(dialect: Dialect, method: Method) -> Iterator[tuple[str, Code]]:
    operation = method.operation
    body = operation.source.bodies[0] if operation.source.bodies else None
    sent = body.examples[0].value if body and body.examples else {}
    fields = {field.name: field for field in body.fields} if body else {}
    for argument in operation.arguments:
        if argument.location != "body":
            if argument.meaning in VARIABLES:
                if argument.required:
                    yield argument.name, Code(argument.name)
            elif argument.required:
                yield argument.name, literal(_value(dialect, argument))
        elif body and argument.wire in sent:
            field = fields[argument.wire]
            yield argument.name, _given(argument, field, sent[argument.wire])


def _value(dialect: Dialect, argument: Argument) -> Any:
    """Return a value that a required parameter can have."""
    said = resolve(dialect.document, argument.pointer)[0]
    known = enum_at(dialect.document, argument.pointer) or said.get("examples") or ["any"]
    return said.get("const", known[0])


def _given(argument: Argument, field: Field, value: Any) -> Code:
    forms: Mapping[str, str] = field.canonical.forms if field.canonical else {}
    if argument.meaning in VARIABLES:
        return Code(argument.name)
    if field.binary and isinstance(value, str) and PurePath(value).suffix:
        return Code(f"Path({literal(value)})")
    # A source that is named by its id is an earlier job.
    place = forms.get("id")
    if place is not None and pointer_get(value, place, None) is not None:
        made = literal(pointer_set(value, place, _MARK))
        return Code(made.replace(literal(_MARK), f"{argument.name}_id"))
    return literal(value)
