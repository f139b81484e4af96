"""Everybody's tools, at exact versions: how each is given a document, and what it has against it.

A runner takes a bundled document (JSON) and an empty folder and returns complaints: what the tool refuses, warns of, or
silently leaves out. The ``ecosystem`` session installs the tools and says where in these variables:
``VIDSPEC_NPM`` (folder of npm packages), ``VIDSPEC_OPENAPI_GENERATOR`` (its command).
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
QUIET = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "DO_NOT_TRACK": "1"}

Runner = Callable[[Path, Path], list[str]]


def npm_tool(name: str) -> str:
    """Return the path of an installed npm package's command."""
    return str(Path(os.environ["VIDSPEC_NPM"]) / "node_modules" / ".bin" / name)


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a tool to its end."""
    return subprocess.run(
        [str(word) for word in command],
        cwd=cwd, env={**os.environ, **QUIET},
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


def operations(document: Path) -> set[tuple[str, str]]:
    """Return the method and path of every operation."""
    said = json.loads(document.read_text())
    return {(m.upper(), path) for path, item in said["paths"].items() for m in item if m in METHODS}


def lost(document: Path, seen: set[tuple[str, str]]) -> list[str]:
    """Return a complaint for each operation that is not among those seen."""
    return [f"left out: {method} {path}" for method, path in sorted(operations(document) - seen)]


def _failed(done: subprocess.CompletedProcess[str]) -> list[str]:
    text = f"{done.stdout}\n{done.stderr}".strip()
    return [f"exit {done.returncode}: {text[-600:]}"] if done.returncode else []


def openapi_python_client(document: Path, folder: Path) -> list[str]:
    """Its generator in process, because its command line does not say all that it leaves out."""
    from openapi_python_client import Project
    from openapi_python_client.config import Config, ConfigFile, MetaType
    from openapi_python_client.parser import GeneratorData
    from openapi_python_client.parser.errors import GeneratorError

    settings = ConfigFile(post_hooks=[])
    config = Config.from_sources(settings, MetaType.NONE, document, "utf-8", True, folder / "out")
    read = GeneratorData.from_dict(json.loads(document.read_text()), config=config)
    if isinstance(read, GeneratorError):
        return [f"{read.header}: {read.detail}"]
    problems = Project(openapi=read, config=config).build()
    endpoints = [e for c in read.endpoint_collections_by_tag.values() for e in c.endpoints]
    seen = {
        (e.method.upper(), re.sub(r"\{.*?\}", "{}", e.path.get_untrusted_value()))
        for e in endpoints
    }
    wanted = {(m, re.sub(r"\{.*?\}", "{}", p)) for m, p in operations(document)}
    said = [f"{p.header}: {p.detail}".replace("\n", " ") for p in problems]
    return [*said, *(f"left out: {m} {p}" for m, p in sorted(wanted - seen))]


def datamodel_code_generator(document: Path, folder: Path) -> list[str]:
    """Models that import, one for each object schema."""
    done = run(
        sys.executable, "-m", "datamodel_code_generator", "--input", document,
        "--input-file-type", "openapi", "--output-model-type", "pydantic_v2.BaseModel",
        "--formatters", "builtin", "--output", "models.py", cwd=folder,
    )  # fmt: skip
    if complaints := _failed(done) or done.stderr.splitlines():
        return complaints
    text = (folder / "models.py").read_text()
    schemas = json.loads(document.read_text())["components"]["schemas"]
    objects = [name for name, schema in schemas.items() if schema.get("type") == "object"]
    gone = [
        f"left out: {n}" for n in objects if not re.search(rf"^(class )?{n}\b", text, re.MULTILINE)
    ]
    return gone + _failed(run(sys.executable, "models.py", cwd=folder))


def openapi_generator(document: Path, folder: Path) -> list[str]:
    """A Python client with every operation."""
    done = run(
        os.environ["VIDSPEC_OPENAPI_GENERATOR"], "generate", "-i", document, "-g", "python",
        "-o", "out", cwd=folder,
    )  # fmt: skip
    said = [
        line.partition(" - ")[2] or line
        for line in (done.stdout + done.stderr).splitlines()
        if re.search(r"WARN|ERROR|Exception in", line)
    ]
    if done.returncode:
        return said or _failed(done)
    text = "".join(p.read_text() for p in sorted((folder / "out/openapi_client/api").glob("*.py")))
    seen = {(m, p) for m, p in re.findall(r"method='(\w+)',\s+resource_path='([^']+)'", text)}
    return said + lost(document, seen)


def go_module(folder: Path) -> None:
    """Make an empty Go module; skips where Go is not installed."""
    if shutil.which("go") is None:
        pytest.skip("go is not installed")
    runtime = f"github.com/oapi-codegen/runtime v{PINS['go']['github.com/oapi-codegen/runtime']}"
    (folder / "go.mod").write_text(f"module peer\n\ngo 1.24\n\nrequire {runtime}\n")


def oapi_codegen(document: Path, folder: Path, package: str = "peer") -> list[str]:
    """A Go client that compiles."""
    if not (folder / "go.mod").exists():
        go_module(folder)
    (folder / package).mkdir()
    # What only webhooks use is pruned otherwise; a reply's type must not be called as a schema is.
    options = {"skip-prune": True, "response-type-suffix": "Reply"}
    config = folder / package / "config.json"
    config.write_text(json.dumps({
        "package": package, "output": f"{package}/client.go",
        "generate": {"models": True, "client": True}, "output-options": options,
    }))  # fmt: skip
    name = "github.com/oapi-codegen/oapi-codegen/v2"
    command = f"{name}/cmd/oapi-codegen@v{PINS['go'][name]}"
    done = run("go", "run", command, "-config", config, document, cwd=folder)
    if done.returncode == 0:
        done = run("go", "mod", "tidy", cwd=folder)
    return _failed(done) or _failed(run("go", "build", f"./{package}", cwd=folder))


def openapi_typescript(document: Path, folder: Path) -> list[str]:
    """Types that compile, with every operation."""
    done = run(npm_tool("openapi-typescript"), document, "-o", "types.ts", cwd=folder)
    if complaints := _failed(done) or [line for line in done.stderr.splitlines() if "⚠" in line]:
        return complaints
    text = (folder / "types.ts").read_text()
    head, _, _ = text.partition("export type webhooks")
    seen: set[tuple[str, str]] = set()
    for path, item in re.findall(
        r'^    "(/[^"]*)": \{\n(.*?)^    \};', head, re.MULTILINE | re.DOTALL
    ):
        found = re.findall(r"^        (\w+): (?:operations|\{)", item, re.MULTILINE)
        seen |= {(method.upper(), path) for method in found if method in METHODS}
    compiled = run(npm_tool("tsc"), "--noEmit", "--strict", "types.ts", cwd=folder)
    return lost(document, seen) + _failed(compiled)


def hey_api(document: Path, folder: Path) -> list[str]:
    """A TypeScript SDK with every operation."""
    done = run(npm_tool("openapi-ts"), "-i", document, "-o", "./out", cwd=folder)
    said = [
        line for line in f"{done.stdout}{done.stderr}".splitlines() if "⚠" in line or "❌" in line
    ]
    if complaints := _failed(done) or said:
        return complaints
    text = (folder / "out/sdk.gen.ts").read_text()
    pairs = re.findall(r"\.(\w+)<[^;]*?url: '([^']*)'", text, re.DOTALL)
    return lost(document, {(method.upper(), path) for method, path in pairs})


def redocly(document: Path, folder: Path) -> list[str]:
    """What its recommended rules call errors."""
    done = run(npm_tool("redocly"), "lint", "--format=json", document, cwd=folder)
    found = json.loads(done.stdout)["problems"]
    return [f"{p['ruleId']}: {p['message']}" for p in found if p["severity"] == "error"]


def spectral(document: Path, folder: Path) -> list[str]:
    """What its rules for OpenAPI call errors."""
    (folder / "rules.json").write_text('{"extends": ["spectral:oas"]}')
    done = run(
        npm_tool("spectral"), "lint", document, "-r", "rules.json", "-f", "json", "--quiet",
        cwd=folder,
    )  # fmt: skip
    found = json.loads(done.stdout.partition("\n\n")[0] or "[]") if done.stdout.strip() else []
    return [
        f"{p['code']}: {p['message']} at {'.'.join(map(str, p['path']))}"
        for p in found
        if p["severity"] == 0
    ]


def schemathesis(document: Path, folder: Path) -> list[str]:
    """Every operation is read, and a request can be made for each."""
    from schemathesis.openapi import from_path

    seen: set[tuple[str, str]] = set()
    complaints: list[str] = []
    for result in from_path(document).get_all_operations():
        operation: Any = getattr(result, "_value", None) or getattr(result, "_error", result)
        if isinstance(operation, Exception):
            complaints.append(str(operation))
        else:
            seen.add((operation.method.upper(), operation.path))
    return complaints + lost(document, seen)


def lines(process: "subprocess.Popen[str]") -> Iterator[str]:
    """Yield what a server says, until it ends."""
    assert process.stdout is not None
    yield from iter(process.stdout.readline, "")


def specmatic(document: Path, folder: Path) -> list[str]:
    """Its mock starts; what it says of the document on the way."""
    from bench.servers import free_port

    jar = Path(os.environ["VIDSPEC_NPM"]) / "node_modules/specmatic/specmatic.jar"
    command = ["java", "-jar", str(jar), "mock", "--host", "127.0.0.1", "--port", str(free_port())]
    with subprocess.Popen(
        [*command, str(document)],
        cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    ) as process:  # fmt: skip
        complaints, started = [], False
        for line in lines(process):
            if rule := re.match(r"\s*(OAS\d+: .*)", line):
                complaints.append(rule[1].strip())
            if started := "is running on" in line:
                break
        process.kill()
    return sorted({*complaints}) + ([] if started else ["its mock does not start"])


def prism(document: Path, folder: Path) -> list[str]:
    """It starts, and answers an operation with an example of the document."""
    from bench.servers import free_port
    from ecosystem.asking import ask_for_an_example

    port = free_port()
    command = [npm_tool("prism"), "mock", "-h", "127.0.0.1", "-p", str(port), str(document)]
    with subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        said = []
        for line in lines(process):
            said.append(line)
            if "is listening" in line:
                break
        complaints = ask_for_an_example(document, port) if process.poll() is None else said
        process.kill()
    return complaints


#: The versions that the session installs. TypeScript 7 has no programming interface, which two of the tools need.
PINS = json.loads((Path(__file__).parent / "pins.json").read_text())
NPM: dict[str, str] = PINS["npm"]

#: Name → how it is run, the version that is installed, and what it is good for.
TOOLS: dict[str, tuple[Runner, str, str]] = {
    "openapi-python-client": (openapi_python_client, "0.29.1", "Python client"),
    "datamodel-code-generator": (datamodel_code_generator, "0.89.0", "pydantic models"),
    "openapi-generator": (
        openapi_generator,
        PINS["openapi-generator-cli"],
        "clients in 50 languages (Python tried)",
    ),
    "@hey-api/openapi-ts": (
        hey_api,
        NPM["@hey-api/openapi-ts"],
        "TypeScript SDK, which sends JSON where a form is offered too; run against the mock",
    ),
    "openapi-typescript": (
        openapi_typescript,
        NPM["openapi-typescript"],
        "TypeScript types; run against the mock with openapi-fetch",
    ),
    "oapi-codegen": (
        oapi_codegen,
        PINS["go"]["github.com/oapi-codegen/oapi-codegen/v2"],
        "Go client; run against the mock",
    ),
    "Redocly CLI": (redocly, NPM["@redocly/cli"], "lint"),
    "Spectral": (spectral, NPM["@stoplight/spectral-cli"], "lint (spectral:oas)"),
    "Prism": (prism, NPM["@stoplight/prism-cli"], "mock: answers with the examples"),
    "schemathesis": (schemathesis, "4.32", "property tests; run against the mock"),
    "Specmatic": (specmatic, NPM["specmatic"], "mock"),
}

#: Tool → complaints that are known (as a pattern) → whose defect it is, and why our document stays as it is.
KNOWN: dict[str, dict[str, str]] = {
    "openapi-python-client": {
        r"Unsupported content_type video/mp4": "knows no media replies and leaves them out; `vidspec generate --emitter openapi-python-client` streams them",
        r"callbacks\.taskChanged\.\$ref": "refuses a `$ref` to a callback (kling), which OpenAPI allows",
        r"str can't be merged with Literal": "cannot narrow a string to a `const` in `allOf` (events of openrouter)",
    },
    "openapi-generator": {
        r"OpenAPI 3\.1 support is still in beta|Failed to get the schema name: null": "warns that 3.1 is beta",
        r"Codegen property is null|Could not compute datatypeWithEnum": "warns where a value of any kind becomes Any",
        r"not yet supported in getPydanticType.*baseName='(meta)?data'": "ends at a property that is always null (jimeng, newapi as observed)",
    },
    "oapi-codegen": {
        r"TaskChanged\w* (redeclared|already declared)|method TaskChanged": "writes a callback of two operations twice (kling)",
        r"unhandled Schema type": "knows no list of types but with null (three as observed)",
    },
    "Redocly CLI": {
        r"no-path-trailing-slash: `/jimeng/`": "has a rule of style against a real route that ends in a slash (newapi)",
    },
    "Specmatic": {
        r"OAS0031": "knows no status ranges (`5XX`, every document)",
        r"OAS0003": "caps the length of texts at 4 MB (openai, and two as observed)",
        r"OAS0044": "wants no `additionalProperties` beside `allOf` (modelgates, openrouter)",
    },
}


def table() -> str:
    """Return what README shows: each tool, and what it does not do with which document."""
    rows = ["| Tool | Version | For | Every document is accepted |", "| --- | --- | --- | --- |"]
    for name, (_, version, purpose) in TOOLS.items():
        why = "; ".join(KNOWN.get(name, {}).values())
        rows.append(f"| {name} | {version} | {purpose} | {f'but: it {why}' if why else 'yes'} |")
    return "\n".join(rows)
