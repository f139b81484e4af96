"""Requests made from the contract alone: an example of the document, with canonical values put in."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote, urlencode

from vidspec.conformance.routes import path_of
from vidspec.conformance.samples import job_question, smallest
from vidspec.contract import Operation, Parameter

JSON: Final = "application/json"
MULTIPART: Final = "multipart/form-data"


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
    model: str | None = None,
) -> Draft:
    """Build a request: path parameters take ``job_id``, ``query`` goes by wire names, ``body`` as ``media_type``.

    What the document fixes or requires beside them is filled in; an operation that names the job in its body
    gets one, with ``model`` where that is asked for as well.
    """
    values = {
        parameter.name: quote(_needed(parameter, job_id) or job_id or "none", safe="")
        for parameter in operation.parameters
        if parameter.location == "path"
    }
    search = urlencode({**_fixed(operation, job_id), **(query or {})})
    path = path_of(operation.path, values) + (f"?{search}" if search else "")
    if body is None and job_id is not None and operation.field("job_id") is not None:
        body = job_question(operation, job_id, model)
    raw, headers = (b"", {}) if body is None else encode(body, media_type)
    return Draft(operation, operation.method.upper(), path, raw, headers, dict(wanted or {}))


def _fixed(operation: Operation, job_id: str | None) -> dict[str, str]:
    """Return the query parameters that no request of the operation goes without."""
    needed = {
        parameter.name: value
        for parameter in operation.parameters
        if parameter.location == "query" and parameter.required
        if (value := _needed(parameter, job_id)) is not None
    }
    return needed | {name: value for where, name, value in operation.fixed if where == "query"}


def _needed(parameter: Parameter, job_id: str | None) -> str | None:
    """Return a value for a required parameter: what the job's id says, else what the document shows."""
    meaning = parameter.canonical.name if parameter.canonical else None
    if meaning == "job_id":
        return job_id
    provider = (job_id or "").partition(":")[2]
    if meaning == "provider" and provider:
        return provider
    schema = parameter.schema
    shown = (schema.get("const"), schema.get("default"), *schema.get("enum", ()))
    found = (value for value in (*shown, schema.get("example"), *schema.get("examples", ())))
    first = next((value for value in found if value is not None), None)
    return None if first is None else _text(first)


def encode(body: Any, media_type: str) -> tuple[bytes, dict[str, str]]:
    """Return the bytes of a body and its Content-Type header; a str is sent as it stands, bytes in a form as a video file."""
    if media_type == MULTIPART and isinstance(body, Mapping):
        boundary = f"vidspec-{secrets.token_hex(12)}"
        raw = b"".join(
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"'.encode()
            + _part(value)
            + b"\r\n"
            for name, value in _flat(body)
        )
        return raw + f"--{boundary}--\r\n".encode(), {
            "content-type": f"{MULTIPART}; boundary={boundary}"
        }
    raw = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return raw, {"content-type": media_type}


def _part(value: Any) -> bytes:
    if isinstance(value, bytes):
        return b'; filename="clip.mp4"\r\nContent-Type: video/mp4\r\n\r\n' + value
    return b"\r\n\r\n" + _text(value).encode()


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
    return smallest(body) if body else {}
