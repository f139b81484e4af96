"""Every example request of the specification is accepted by the stub of its dialect."""

import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

import vidspec_server
from vidspec.contract import load_contract
from vidspec.contract.model import Operation

CONTRACT = load_contract(dialects=list(vidspec_server.DIALECTS))


def examples() -> Iterator[Any]:
    for dialect in CONTRACT.dialects.values():
        for operation in dialect.operations:
            for body in operation.bodies:
                for example in body.examples:
                    label = f"{dialect.name}-{operation.id}-{body.media_type}-{example.name}"
                    yield pytest.param(dialect.name, operation, body, example.value, id=label)


@pytest.mark.parametrize(("name", "operation", "body", "value"), list(examples()))
def test_an_example_request_is_accepted(
    name: str, operation: Operation, body: Any, value: Any
) -> None:
    stub = importlib.import_module(f"vidspec_server.{vidspec_server.DIALECTS[name]}")
    # Any scheme's credential will do; the unimplemented service answers 501 to what it accepts.
    app = stub.create_app(stub.UnimplementedService(), authenticate=lambda *_: "me")
    path = app.openapi()["servers"][0]["url"].rstrip("/") + filled(operation)
    headers = {"Authorization": "Bearer a.b.c", "x-api-key": "k"}
    encoded = {"json": value} if "json" in body.media_type else form(value)

    reply = TestClient(app).request(
        operation.method, path, headers=headers, params=fixed(operation), **encoded
    )

    cause = CONTRACT.dialects[name].causes["unimplemented"]
    assert (reply.status_code, "does not implement" in reply.text) == (cause.status, True), (
        reply.text
    )


def filled(operation: Operation) -> str:
    path = operation.path
    for parameter in operation.parameters:
        if parameter.location == "path":
            path = path.replace(f"{{{parameter.name}}}", "video_1:openai")
    return path


def fixed(operation: Operation) -> dict[str, str]:
    required = {
        p.name: str(p.schema.get("const", p.schema.get("enum", ["1"])[0]))
        for p in operation.parameters
        if p.location == "query" and p.required
    }
    return required | {name: value for where, name, value in operation.fixed if where == "query"}


def form(value: dict[str, Any]) -> dict[str, Any]:
    """Write an example as multipart; OpenAPI examples name a file by its file name."""
    parts: list[tuple[str, Any]] = []
    for key, inner in value.items():
        if isinstance(inner, list):
            parts += [(f"{key}[]", (None, str(v))) for v in inner]
        elif isinstance(inner, dict):
            parts += [(f"{key}[{k}]", (None, str(v))) for k, v in inner.items()]
        else:
            parts.append((key, (None, inner if isinstance(inner, str) else str(inner).lower())))
    return {"files": parts}


def test_importing_one_dialect_loads_no_other() -> None:
    script = (
        "import sys, vidspec_server.kling;"
        "print(sorted({m.split('.')[1] for m in sys.modules if m.startswith('vidspec_server.')}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=Path(vidspec_server.__file__).parents[1],
        check=True,
        capture_output=True,
        text=True,
    )

    assert done.stdout.strip() == "['_runtime', 'kling']"
