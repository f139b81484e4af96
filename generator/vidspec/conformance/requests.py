"""Requests made from the contract alone: an example of the document, with canonical values put in."""

import copy
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote, urlencode

from vidspec.conformance.routes import path_of
from vidspec.contract import Body, Canonical, Dialect, Field, Operation, Parameter
from vidspec.contract.schemas import enum_at, resolve, types_at

JSON: Final = "application/json"
MULTIPART: Final = "multipart/form-data"

#: What a job of the pool is asked for by name, so that its result can be compared.
CHOSEN: Final = ("seconds", "size", "aspect_ratio")


@dataclass(frozen=True, slots=True)
class Draft:
    """A request before it is sent; ``path`` is percent-encoded and lies below the base URL."""

    operation: Operation | None
    method: str
    path: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    #: Canonical values that the request asks for.
    wanted: Mapping[str, Any] = field(default_factory=dict)


def draft(
    operation: Operation,
    *,
    job_id: str | None = None,
    query: Mapping[str, str] | None = None,
    body: Any = None,
    media_type: str = JSON,
    wanted: Mapping[str, Any] | None = None,
) -> Draft:
    """Build a request: path parameters take ``job_id``, ``query`` goes by wire names, ``body`` as ``media_type``."""
    values = {
        parameter.name: quote(job_id or "none", safe="")
        for parameter in operation.parameters
        if parameter.location == "path"
    }
    fixed = {name: value for where, name, value in operation.fixed if where == "query"}
    search = urlencode({**fixed, **(query or {})})
    path = path_of(operation.path, values) + (f"?{search}" if search else "")
    raw, headers = (b"", {}) if body is None else encode(body, media_type)
    return Draft(operation, operation.method.upper(), path, raw, headers, dict(wanted or {}))


def encode(body: Any, media_type: str) -> tuple[bytes, dict[str, str]]:
    """Return the bytes of a body and its Content-Type header; a str is sent as it stands."""
    if media_type == MULTIPART and isinstance(body, Mapping):
        boundary = f"vidspec-{secrets.token_hex(12)}"
        raw = b"".join(
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{_text(value)}\r\n'.encode()
            for name, value in _flat(body)
        )
        return raw + f"--{boundary}--\r\n".encode(), {
            "content-type": f"{MULTIPART}; boundary={boundary}"
        }
    raw = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return raw, {"content-type": media_type}


def job_body(
    dialect: Dialect, body: Body, *, model: str | None, prompt: str | None = None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a cheap valid request body, and the canonical values that it asks for.

    The template is the document's smallest example; length, size and ratio take their documented
    defaults, which every model has.
    """
    made: dict[str, Any] = _smallest(body)
    wanted: dict[str, Any] = {}
    for part in body.fields:
        meaning = part.canonical.name if part.canonical else None
        if meaning in CHOSEN:
            value = cheap_value(dialect, part)
            if value is not None:
                made[part.name] = value
                wanted[meaning] = canonical_value(part.canonical, value)
        elif meaning == "model" and model is not None:
            made[part.name] = wanted[meaning] = model
        elif meaning == "prompt":
            text = prompt or made.get(part.name) or "A calm lake at dawn, slow pan."
            made[part.name] = wanted[meaning] = text
    return made, wanted


def cheap_value(dialect: Dialect, part: Field) -> Any:
    """Return the documented default of a field as a wire value, else the first of its closed set, else None."""
    schema, _ = resolve(dialect.document, part.pointer)
    default = schema.get("default", part.canonical.default if part.canonical else None)
    closed = enum_at(dialect.document, part.pointer) or ()
    if default is None:
        return closed[0] if closed else None
    if "string" in types_at(dialect.document, part.pointer) and not isinstance(default, str):
        return str(default)
    return default


def canonical_value(canonical: Canonical | None, value: Any) -> Any:
    """Return the canonical form of a wire value."""
    return canonical.values.get(str(value), value) if canonical else value


def parameter_of(operation: Operation | None, meaning: str) -> Parameter | None:
    """Return the query parameter with that meaning, or None."""
    return operation.parameter(meaning) if operation else None


def _flat(value: Mapping[str, Any], outer: str = "") -> list[tuple[str, Any]]:
    pairs: list[tuple[str, Any]] = []
    for key, item in value.items():
        name = f"{outer}[{key}]" if outer else key
        if isinstance(item, Mapping):
            pairs += _flat(item, name)
        else:
            pairs += [(name, one) for one in (item if isinstance(item, list) else [item])]
    return pairs


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def json_prompt(operation: Operation) -> dict[str, Any]:
    """Return the smallest example body of an operation that works on a job."""
    body = operation.body(JSON) or (operation.bodies[0] if operation.bodies else None)
    return _smallest(body) if body else {}


def _smallest(body: Body) -> dict[str, Any]:
    examples = [dict(e.value) for e in body.examples if isinstance(e.value, Mapping)]
    return copy.deepcopy(min(examples, key=len)) if examples else {}
