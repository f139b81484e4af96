"""From what a service method returns to an HTTP reply."""

import functools
from typing import TYPE_CHECKING, Any

from starlette.responses import FileResponse, Response
from starlette.types import Receive, Scope, Send

if TYPE_CHECKING:
    from pydantic import TypeAdapter


def as_response(result: Any, status: int) -> Response:
    """Answer a Response as it is, a model by its set fields, plain data as JSON, None with an empty body."""
    if isinstance(result, Response):
        return result
    if result is None:
        return Response(status_code=status)
    return JsonReply(_anything().dump_json(result, by_alias=True, exclude_unset=True), status)


@functools.cache
def _anything() -> "TypeAdapter[Any]":
    from pydantic import TypeAdapter  # noqa: PLC0415 - slow to load, needless with replies of one's own

    return TypeAdapter(Any)


class JsonReply(Response):
    """A reply whose body is JSON already; cheaper to make than a Response of the same bytes."""

    def __init__(self, body: bytes, status: int = 200) -> None:
        """Take the encoded body."""
        # All that Response does, without asking what is known here.
        self.status_code = status
        self.background = None
        self.body = body
        self.raw_headers = [
            (b"content-length", b"%d" % len(body)),
            (b"content-type", b"application/json"),
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it: what Response does where there is nothing to be done afterwards."""
        del scope, receive
        status, headers = self.status_code, self.raw_headers
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})


def head_only(response: Response) -> Response:
    """Return the reply to HEAD: the same status and headers, no body."""
    if isinstance(
        response, FileResponse
    ):  # It knows its length only while it is sent, and sends no body to HEAD.
        return response
    empty = Response(status_code=response.status_code)
    empty.raw_headers = response.raw_headers
    return empty
