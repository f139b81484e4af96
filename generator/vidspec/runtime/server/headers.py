"""One header of a request, without making an object of all of them."""

import functools

from starlette.requests import Request


def header(request: Request, name: str) -> str:
    """Return the first value of the header, empty if the request has none of that name."""
    wanted = _raw(name)
    for key, value in request.scope["headers"]:
        if key == wanted:
            text: str = value.decode("latin-1")
            return text
    return ""


@functools.cache
def _raw(name: str) -> bytes:
    return name.lower().encode("latin-1")
