"""Rules on examples: there are enough of them, and each fits its schema. The mock plays them."""

from collections.abc import Iterator

from vidspec.contract.jobs import read_job
from vidspec.contract.model import Dialect, Example, Operation, Surface
from vidspec.contract.schemas import Validators
from vidspec.document import Document
from vidspec.source import MISSING, Problem, join_pointer, pointer_get

_JSON = "application/json"
_PLACEHOLDERS = frozenset({"string", "foo", "bar", "lorem ipsum", "test"})


def example_rules(
    dialect: Dialect, document: Document, validators: Validators
) -> Iterator[Problem]:
    """Yield the problems of requests' and replies' examples."""
    for operation in dialect.operations:
        yield from _requests(operation, document, validators)
        yield from _replies(operation, document, validators)
    for surface in dialect.surfaces.values():
        yield from _states(dialect, surface, document)


def _requests(
    operation: Operation, document: Document, validators: Validators
) -> Iterator[Problem]:
    for body in operation.bodies:
        if pointer_get(document.data, body.schema_pointer) is MISSING:
            message = f"{operation.id} does not say what its {body.media_type} body is"
            at = document.locate(body.schema_pointer)
            yield Problem("body-schema", message, at, "Give it a schema.")
            continue
        if not body.examples:
            yield Problem(
                rule="example-missing",
                message=f"{operation.id} has no example of its {body.media_type} body",
                location=document.locate(
                    operation.pointer + join_pointer("requestBody", "content", body.media_type)
                ),
            )
        binary = {field.name for field in body.fields if field.binary}
        for example in body.examples:
            # A file part has no JSON form: its example is the file's name.
            for pointer, message in validators.errors(body.schema_pointer, example.value):
                if pointer.split("/")[1:2] and pointer.split("/")[1] in binary:
                    continue
                yield _unfit(operation, example, pointer, message, document)
            yield from _real(operation, example, document)


def _replies(operation: Operation, document: Document, validators: Validators) -> Iterator[Problem]:
    for reply in operation.replies:
        content = reply.content(_JSON)
        if content is None or content.schema_pointer is None:
            continue
        if not content.examples:
            yield Problem(
                rule="example-missing",
                message=f"{operation.id} has no example of its {reply.status} reply",
                location=document.locate(reply.pointer),
            )
        for example in content.examples:
            for pointer, message in validators.errors(content.schema_pointer, example.value):
                yield _unfit(operation, example, pointer, message, document)
            yield from _real(operation, example, document)


def _unfit(
    operation: Operation, example: Example, pointer: str, message: str, document: Document
) -> Problem:
    return Problem(
        rule="example-schema",
        message=f"{operation.id}: example '{example.name}' does not fit its schema: {message}",
        location=document.locate(example.pointer + pointer),
    )


def _real(operation: Operation, example: Example, document: Document) -> Iterator[Problem]:
    values = example.value if isinstance(example.value, dict) else {}
    for key, value in values.items():
        if isinstance(value, str) and value.lower() in _PLACEHOLDERS:
            yield Problem(
                rule="example-placeholder",
                message=f"{operation.id}: example '{example.name}' says '{value}' for {key}",
                location=document.locate(example.pointer + join_pointer(key)),
                hint="People read examples, and the mock plays them: write a real one.",
            )


def _states(dialect: Dialect, surface: Surface, document: Document) -> Iterator[Problem]:
    retrieve = dialect.by_role("retrieve", surface.name)
    if retrieve is None or retrieve.job is None or not any(r.ok for r in retrieve.replies):
        return
    content = retrieve.success.content(_JSON)
    if content is None:
        return
    shown = {
        read_job(surface, pointer_get(example.value, retrieve.job, None)).state
        for example in content.examples
    }
    for state in dict.fromkeys(surface.states.values()):
        if state is not None and state not in shown:
            yield Problem(
                rule="example-state",
                message=f"{retrieve.id} has no example of a job that is {state}",
                location=document.locate(retrieve.success.pointer),
                hint="The mock plays the example of the state a job is in.",
            )
