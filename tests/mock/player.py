"""Speaking to a mock in any dialect and any surface, and holding every reply against the document."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx2

from vidspec.contract import Body, Dialect, JobView, Operation, Surface, read_job
from vidspec.contract.schemas import Validators
from vidspec.mock import MockGateway
from vidspec.mock.describe import describe
from vidspec.source import pointer_get, pointer_set


@dataclass
class Player:
    """A caller of one dialect; every JSON reply it gets is one that the document describes."""

    name: str
    dialect: Dialect
    gateway: MockGateway
    http: httpx2.Client
    validators: Validators = field(init=False)
    #: A credential in every place where the dialect looks for one.
    key: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        """Make ready to judge replies."""
        self.validators = Validators(self.dialect.document)
        schemes = describe(self.dialect).schemes.values()
        self.key = {s.name: f"{s.prefix} anything".strip() for s in reversed([*schemes])}

    def send(
        self,
        operation: Operation,
        said: Mapping[str, Any] | None = None,
        *,
        body: Body | None = None,
        value: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx2.Response:
        """Call an operation with parameters by meaning; ``value`` is its body, of the kind ``body``."""
        path, query = operation.path, {n: v for place, n, v in operation.fixed if place == "query"}
        for parameter in operation.parameters:
            meaning = parameter.canonical.name if parameter.canonical else ""
            given = (said or {}).get(meaning)
            if given is None and parameter.required:
                given = sample(parameter.schema, self.dialect)
            if parameter.location == "path":
                path = path.replace(f"{{{parameter.name}}}", str(given).replace("/", "%2F"))
            elif given is not None:
                query[parameter.name] = str(given)
        sent = {} if body is None else encoded(body, value)
        sent["headers"] = self.key if headers is None else headers
        url = self.gateway.base_urls[self.name] + path
        reply = self.http.request(operation.method, url, params=query, **sent)
        self.judge(operation, reply)
        return reply

    def judge(self, operation: Operation, reply: httpx2.Response) -> None:
        """Hold the reply against what the operation documents for its status."""
        documented = operation.reply(reply.status_code)
        where = f"{operation.id} {reply.status_code} {reply.text[:300]}"
        assert documented is not None, f"undocumented: {where}"
        kind = reply.headers.get("content-type", "")
        content = documented.content(kind)
        assert content is not None, f"undocumented {kind!r}: {where}"
        if not content.binary and content.schema_pointer is not None:
            problems = self.validators.errors(content.schema_pointer, reply.json())
            assert not problems, f"{problems}: {where}"

    def create(
        self, operation: Operation, body: Body, value: Any, said: Mapping[str, Any] | None = None
    ) -> JobView:
        """Make a job."""
        reply = self.send(operation, said, body=body, value=value)
        assert reply.status_code == int(operation.success.status), reply.text
        return self.read(operation, reply)

    def retrieve(self, operation: Operation, identity: str | None) -> httpx2.Response:
        """Ask for a job, wherever the request names it."""
        named = operation.field("job_id")
        if named is None:
            return self.send(operation, {"job_id": identity})
        body = operation.bodies[0]
        return self.send(
            operation, body=body, value={**body.examples[0].value, named.name: identity}
        )

    def read(self, operation: Operation, reply: httpx2.Response) -> JobView:
        """Read the job in a reply."""
        return read_job(self.surface(operation), pointer_get(reply.json(), operation.job or ""))

    def state(self, operation: Operation, message: Any) -> str | None:
        """Return the state of the job in a message, ``unknown`` for a word without a meaning, None without a word."""
        job = read_job(self.surface(operation), pointer_get(message, operation.job or "", None))
        return None if job.word is None else job.state

    def surface(self, operation: Operation) -> Surface:
        """Return the operation's surface."""
        return self.dialect.surfaces[operation.surface]


def sample(schema: Mapping[str, Any], dialect: Dialect) -> Any:
    """Return a value that the schema of a required parameter allows."""
    while "$ref" in schema:
        schema = pointer_get(dialect.document, schema["$ref"].removeprefix("#"))
    values = schema.get("enum") or schema.get("examples") or ["openai"]
    return schema.get("const", values[0])


def encoded(body: Body, value: Any) -> dict[str, Any]:
    """Write a body in its media type; examples name a file by its file name."""
    if "json" in body.media_type:
        return {"json": value}
    files = {f.name for f in body.fields if f.binary}
    parts: list[tuple[str, Any]] = []
    for name, inner in value.items():
        if name in files and isinstance(inner, str):
            parts.append((name, (inner, b"bytes", "image/png")))
        elif isinstance(inner, dict):
            parts += [(f"{name}[{key}]", (None, str(v))) for key, v in inner.items()]
        elif isinstance(inner, list):
            parts += [(f"{name}[]", (None, str(v))) for v in inner]
        else:
            parts.append((name, (None, inner if isinstance(inner, str) else json.dumps(inner))))
    return {"files": parts}


def with_prompt(operation: Operation, body: Body, prompt: str) -> Any:
    """Return the body's first example with another prompt."""
    value = json.loads(json.dumps(body.examples[0].value))
    named = operation.field("prompt", body.media_type)
    assert named is not None
    return pointer_set(value, f"/{named.name}", prompt)
