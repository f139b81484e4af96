"""One header of a request, without making an object of all of them."""

import functools
from typing import Final

from starlette.requests import Request

#: Under this a scope keeps its headers by name, once one was asked for.
_BY_NAME: Final = "vidspec.headers"


def header(request: Request, name: str) -> str:
    """Return the first value of the header, empty if the request has none of that name."""
    scope = request.scope
    values: dict[bytes, bytes] | None = scope.get(_BY_NAME)
    if values is None:
        values = scope[_BY_NAME] = dict(reversed(scope["headers"]))
    value = values.get(raw_name(name))
    return "" if value is None else value.decode("latin-1")


@functools.cache
def raw_name(name: str) -> bytes:
    """Return the name as it stands in a scope."""
    return name.lower().encode("latin-1")
