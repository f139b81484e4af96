"""From what a service method returns to an HTTP reply."""

from typing import Any

from pydantic import TypeAdapter
from starlette.responses import FileResponse, Response

_ANYTHING: TypeAdapter[Any] = TypeAdapter(Any)


def as_response(result: Any, status: int) -> Response:
    """Answer a Response as it is, a model by its set fields, plain data as JSON, None with an empty body."""
    if isinstance(result, Response):
        return result
    if result is None:
        return Response(status_code=status)
    body = _ANYTHING.dump_json(result, by_alias=True, exclude_unset=True)
    return Response(body, status, media_type="application/json")


def head_only(response: Response) -> Response:
    """Return the reply to HEAD: the same status and headers, no body."""
    if isinstance(
        response, FileResponse
    ):  # It knows its length only while it is sent, and sends no body to HEAD.
        return response
    empty = Response(status_code=response.status_code)
    empty.raw_headers = response.raw_headers
    return empty
