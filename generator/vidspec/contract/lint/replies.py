"""Rules on replies: every status that the API uses is listed, with a body that fits what the dialect answers."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from vidspec.contract.model import Cause, Dialect, Operation
from vidspec.contract.schemas import Validators
from vidspec.document import Document
from vidspec.source import Problem, join_pointer

_SAMPLES = {"{message}": "The request was refused.", "{param}": "prompt", "{request_id}": "req_1"}


def fill(template: Any, values: Mapping[str, Any]) -> Any:
    """Fill ``{message}``-like strings in a JSON value; a string that is one placeholder takes the value itself."""
    if isinstance(template, str):
        if template in values:
            return values[template]
        for placeholder, value in values.items():
            template = template.replace(placeholder, "" if value is None else str(value))
        return template
    if isinstance(template, Mapping):
        return {key: fill(value, values) for key, value in template.items()}
    if isinstance(template, list):
        return [fill(value, values) for value in template]
    return template


def reply_rules(dialect: Dialect, document: Document, validators: Validators) -> Iterator[Problem]:
    """Yield the problems of documented replies."""
    for operation in dialect.operations:
        yield from _statuses(operation, document)
        for cause in _causes(operation):
            yield from _cause(operation, cause, document, validators)


def _statuses(operation: Operation, document: Document) -> Iterator[Problem]:
    here = operation.pointer + "/responses"
    for reply in operation.replies:
        place = document.locate(here + join_pointer(reply.status))
        if reply.status == "default":
            yield Problem(
                rule="status-default",
                message=f"{operation.id} has a default reply",
                location=place,
                hint="List each 4xx and write 5XX; generators put default into the success type.",
            )
        elif reply.status in {"4XX", "2XX", "3XX", "1XX"}:
            yield Problem(
                rule="status-range",
                message=f"{operation.id} documents the range {reply.status}",
                location=place,
                hint="List the codes; a range hides undocumented statuses from checks.",
            )
        elif reply.status[0] in "45" and reply.status != "416" and not reply.contents:
            yield Problem(
                rule="error-body",
                message=f"{operation.id} does not say what a {reply.status} carries",
                location=place,
            )
    if not any(reply.ok for reply in operation.replies):
        yield Problem(
            rule="status-success",
            message=f"{operation.id} documents no success",
            location=document.locate(here),
        )
    if not operation.reply(500):
        yield Problem(
            rule="status-server-error",
            message=f"{operation.id} documents no 5XX",
            location=document.locate(here),
        )


def _causes(operation: Operation) -> Iterator[Cause]:
    """Yield the failures that this operation can answer."""
    takes_input = bool(operation.bodies) or any(p.location == "query" for p in operation.parameters)
    addressed = operation.parameter("job_id") or operation.field("job_id")
    applies = {
        "invalid_request": takes_input,
        "unauthenticated": bool(operation.security),
        "not_found": bool(addressed) and operation.role != "list",
        "not_ready": operation.role == "content",
        "source_not_ready": bool(operation.needs) and operation.role != "content",
        "server_error": True,
        "unimplemented": True,
        "rate_limited": operation.paid,
        "payment_required": operation.paid,
        "moderation": operation.role == "create",
    }
    for name, cause in operation.causes.items():
        if applies.get(name):
            yield cause


def _cause(
    operation: Operation, cause: Cause, document: Document, validators: Validators
) -> Iterator[Problem]:
    here = join_pointer("x-video-dialect", "errors", "causes", cause.name)
    reply = operation.reply(cause.status)
    if reply is None:
        yield Problem(
            rule="cause-status",
            message=f"{operation.id} can answer {cause.status} ({cause.name}) but does not list it",
            location=document.locate(operation.pointer + "/responses"),
            hint=f"x-video-dialect says so at {document.locate(here)}.",
        )
        return
    content = reply.content("application/json")
    if content is None or content.schema_pointer is None:
        return
    body = fill(json.loads(json.dumps(cause.body)), _SAMPLES)
    for pointer, message in validators.errors(content.schema_pointer, body):
        yield Problem(
            rule="cause-body",
            message=f"the body of {cause.name} does not fit {operation.id}'s {reply.status}: {message}",
            location=document.locate(here + "/body" + pointer),
        )
