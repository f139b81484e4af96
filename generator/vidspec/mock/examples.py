"""What the specification shows: the examples of replies, and the states of the jobs in them."""

import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from vidspec.contract.model import Dialect, Operation, Surface
from vidspec.source import pointer_get

#: Which example stands in for a state that the specification has none for.
_STAND_INS: Final[Mapping[str, tuple[str, ...]]] = {
    "unknown": ("queued", "in_progress"),
    "queued": ("in_progress",),
    "in_progress": ("queued",),
    "cancelled": ("failed",),
    "expired": ("failed",),
    "failed": ("cancelled",),
}
#: Stands for a state that the reply does not tell: its word is mapped to none.
UNTOLD: Final = "unknown"


def example_reply(operation: Operation) -> Any:
    """Return a fresh copy of the operation's first JSON example of success, None if it has none."""
    examples = examples_of(operation)
    return json.loads(json.dumps(examples[0][0])) if examples else None


def job_example(dialect: Dialect, surface: Surface, state: str) -> Mapping[str, Any]:
    """Return the job object that the specification shows in ``state`` (or the nearest one)."""
    retrieve = dialect.by_role("retrieve", surface.name)
    found: dict[str, Mapping[str, Any]] = {}
    if retrieve is not None and retrieve.job is not None:
        for example, _ in examples_of(retrieve):
            job = pointer_get(example, retrieve.job)
            if (shown := state_of(surface, job)) is not None:
                found.setdefault(shown, job)
    return found[nearest(state, found)] if found else {}


def id_example(dialect: Dialect, surface: Surface) -> str | None:
    """Return a job id as the surface's examples show it, None if they show none."""
    operations = [o for o in dialect.operations if o.surface == surface.name and o.job is not None]
    found = (
        pointer_get(example, f"{operation.job}{surface.job['id'].pointer}", None)
        for operation in operations
        for example, _ in examples_of(operation)
    )
    return next((identity for identity in found if isinstance(identity, str)), None)


def url_pointers(surface: Surface) -> list[str]:
    """Return the message pointers, inside the job object, of the addresses of results."""
    return [r.pointer for r in surface.results if r.kind == "url" and r.pointer is not None]


def is_content(dialect: Dialect, surface: Surface, address: Any, job_id: Any) -> bool:
    """Say whether ``address``, in an example of the job ``job_id``, is that of its content operation."""
    content = dialect.by_role("content", surface.name)
    parameter = content and content.parameter("job_id")
    if content is None or not parameter or not isinstance(address, str):
        return False
    path = content.path.replace(f"{{{parameter.name}}}", str(job_id))
    return urlsplit(address).path.endswith(path)


def nearest(state: str, shown: Mapping[str, Any]) -> str:
    """Return ``state``, or the shown state that stands in for it."""
    if state in shown:
        return state
    for candidate in _STAND_INS.get(state, ()):
        if candidate in shown:
            return candidate
    return next(iter(shown))


def examples_of(operation: Operation) -> list[tuple[Any, str | None]]:
    """Return the operation's JSON examples of success, each with the document pointer of its schema."""
    return [
        (example.value, content.schema_pointer)
        for content in operation.success.contents
        if not content.binary
        for example in content.examples
    ]


def state_of(surface: Surface, job: Any) -> str | None:
    """Return the canonical state that the job object says it is in, None if it says none."""
    word = word_of(surface, job)
    return None if word is None else surface.states.get(word)


def word_of(surface: Surface, job: Any) -> str | None:
    """Return the dialect's own word for the state of the job object, None if it has none."""
    word = pointer_get(job, surface.job["status"].pointer, None)
    return word if isinstance(word, str) else None
