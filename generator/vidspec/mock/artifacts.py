"""The files of a job by name: their list, and which names there are."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.responses import Response

from vidspec.contract.model import Dialect, Operation
from vidspec.mock.desk import JobDesk
from vidspec.mock.examples import example_reply, id_example
from vidspec.source import pointer_get
from vidspec_server._runtime.calls import Call

_FROM_BODY = "$response.body#"


def artifacts_handler(desk: JobDesk, operation: Operation) -> Callable[[Call], Awaitable[Response]]:
    """Return what answers with the files of a finished job, as the specification's example names them."""
    example = json.dumps(example_reply(operation))
    shown = id_example(desk.dialect, desk.dialect.surfaces[operation.surface])

    async def answer(call: Call) -> Response:
        job = desk.find(operation, call)
        if desk.state(job) not in (operation.needs or ("completed",)):
            desk.refuse(operation, "not_ready", f"The job '{job.id}' is not ready.")
        text = example
        if shown is not None:
            # The example's id also stands inside the addresses of the files.
            text = text.replace(json.dumps(shown)[1:-1], json.dumps(job.id)[1:-1])
        return desk.reply(operation, _below(json.loads(text), desk.mount), call)

    return answer


def artifact_keys(dialect: Dialect, content: Operation) -> frozenset[str]:
    """Return the names of files that the content operation knows: those that its surface's list leads to it with."""
    parameter = content.parameter("artifact_key")
    listing = dialect.by_role("artifacts", content.surface)
    if parameter is None or listing is None:
        return frozenset()
    found: set[str] = set()
    for link in listing.success.links:
        said = link.parameters.get(parameter.name)
        if link.operation_id == content.id and isinstance(said, str):
            # From the pointer of the first item's name to that of any item's.
            within = said.removeprefix(_FROM_BODY).removeprefix(f"{listing.items}/0")
            items = pointer_get(example_reply(listing), listing.items or "", [])
            found |= {str(pointer_get(item, within, "")) for item in items}
    return frozenset(found)


def _below(value: Any, mount: str) -> Any:
    """Put the path ``mount`` before every text that is a path."""
    if isinstance(value, dict):
        return {key: _below(inner, mount) for key, inner in value.items()}
    if isinstance(value, list):
        return [_below(inner, mount) for inner in value]
    return mount + value if isinstance(value, str) and value.startswith("/") else value
