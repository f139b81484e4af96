"""A small dialect built in memory, in which every name and every text can be made hostile."""

from collections.abc import Callable
from typing import Any

from vidspec.contract.dialect import read_dialect
from vidspec.contract.model import Contract, Dialect, Lifecycle

Words = Callable[[str], str]


def same(word: str) -> str:
    return word


def before(prefix: str) -> Words:
    return lambda word: f"{prefix}{word}"


def dialect(name: Words = same, text: Words = same) -> Dialect:
    """Return the toy dialect; ``name`` rewrites every name in it, ``text`` every description and value."""
    return read_dialect(document(name, text))


def contract(*dialects: Dialect) -> Contract:
    return Contract(Lifecycle({}), {d.name: d for d in dialects}, ())


def document(name: Words = same, text: Words = same) -> dict[str, Any]:
    return {
        "openapi": "3.1.0",
        "info": {"title": text("Toy"), "version": text("1")},
        "servers": [{"url": "https://toy.example/v1"}],
        "security": [{name("Key"): []}],
        "x-video-dialect": _extension(name, text),
        "paths": _paths(name, text),
        "components": {
            "securitySchemes": {name("Key"): {"type": "http", "scheme": "bearer"}},
            "schemas": _schemas(name, text),
        },
    }


def _extension(name: Words, text: Words) -> dict[str, Any]:
    body = {name("error"): {name("message"): "{message}", name("hint"): text("Hint")}}
    return {
        "name": name("toy"),
        "title": text("Toy"),
        "summary": text("A toy."),
        "evidence": "documented",
        "environment": {"api_key": text("TOY_API_KEY")},
        "credentials": [{"scheme": name("Key"), "kind": "bearer"}],
        "errors": {
            "shape": {"message": f"/{name('error')}"},
            "causes": {
                "invalid_request": {"status": 400, "body": body},
                "unauthenticated": {"status": 401, "body": body},
                "not_found": {"status": 404, "body": body},
                "server_error": {"status": 500, "body": body},
                "unimplemented": {"status": 501, "body": body},
            },
        },
        "surfaces": {
            "videos": {
                "title": text("Videos"),
                "job": {"id": f"/{name('id')}", "status": f"/{name('status')}"},
                "states": {text("waiting"): "queued", text("done"): "completed"},
                "results": [{"kind": "endpoint"}],
                "poll": {"interval_seconds": 2, "header": name("Poll")},
            }
        },
    }


def _paths(name: Words, text: Words) -> dict[str, Any]:
    segment = name("job").replace("/", "").replace("{", "").replace("}", "")
    parameter = name("jobId").replace("{", "").replace("}", "").replace("/", "")
    schema = {"$ref": f"#/components/schemas/{_escaped(name('Job'))}"}
    reply = {"description": text("The job."), "content": {"application/json": {"schema": schema}}}
    failure = {
        "description": text("No."),
        "content": {
            "application/json": {
                "schema": {"type": "object", "properties": {name("error"): {"type": "string"}}}
            }
        },
    }
    request = {"$ref": f"#/components/schemas/{_escaped(name('Request'))}"}
    return {
        f"/{segment}": {
            "post": {
                "operationId": name("createJob"),
                "summary": text("Make a job."),
                "description": text("Makes it."),
                "x-video-operation": {"role": "create", "paid": True},
                "parameters": [
                    {
                        "name": name("Trace"),
                        "in": "header",
                        "description": text("Trace."),
                        "schema": {"type": "string"},
                    }
                ],
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {"schema": request},
                        "multipart/form-data": {"schema": request},
                    },
                },
                "responses": {"201": reply, "400": failure, "5XX": failure},
            }
        },
        f"/{segment}/{{{parameter}}}": {
            "get": {
                "operationId": name("getJob"),
                "summary": text("Get a job."),
                "x-video-operation": {"role": "retrieve"},
                "parameters": [
                    {
                        "name": parameter,
                        "in": "path",
                        "required": True,
                        "x-video-parameter": "job_id",
                        "schema": {"type": "string"},
                    },
                    {
                        "name": name("view"),
                        "in": "query",
                        "description": text("View."),
                        "schema": {"type": "string", "enum": [text("short"), text("long")]},
                    },
                ],
                "responses": {"200": reply, "404": failure},
            }
        },
        f"/{segment}/{{{parameter}}}/media": {
            "get": {
                "operationId": name("getMedia"),
                "x-video-operation": {"role": "content"},
                "parameters": [
                    {
                        "name": parameter,
                        "in": "path",
                        "required": True,
                        "x-video-parameter": "job_id",
                        "schema": {"type": "string"},
                    }
                ],
                "responses": {
                    "200": {
                        "description": text("Bytes."),
                        "content": {
                            "video/mp4": {"schema": {"type": "string", "format": "binary"}}
                        },
                    },
                    "404": failure,
                },
            }
        },
    }


def _schemas(name: Words, text: Words) -> dict[str, Any]:
    return {
        name("Job"): {
            "type": "object",
            "description": text("A job."),
            "required": [name("id"), name("status")],
            "properties": {
                name("id"): {"type": "string", "description": text("Its id.")},
                name("status"): {
                    "type": "string",
                    "enum": [text("waiting"), text("done")],
                    "description": text("Its status."),
                },
                name("error"): {
                    "type": ["object", "null"],
                    "description": text("Why."),
                    "properties": {name("code"): {"type": ["string", "null"]}},
                },
                name("kind"): {"const": text("job")},
                name("note"): {"type": "string", "default": text("none")},
            },
        },
        name("Request"): {
            "type": "object",
            "required": [name("prompt")],
            "properties": {
                name("prompt"): {
                    "type": "string",
                    "description": text("What."),
                    "x-video-parameter": "prompt",
                },
                name("speed"): {
                    "type": ["string", "null"],
                    "enum": [text("slow"), text("fast"), None],
                },
                name("picture"): {
                    "anyOf": [
                        {"type": "string", "format": "binary"},
                        {"type": "object", "properties": {name("url"): {"type": "string"}}},
                    ],
                    "x-video-parameter": {"name": "image", "forms": {"file": ""}},
                },
                name("frames"): {"type": "integer"},
                name("flag"): {"type": "boolean"},
                name("tags"): {"type": "array", "items": {"type": "string"}},
            },
        },
    }


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
