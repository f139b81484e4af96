"""One header of a request, without making an object of all of them."""

import functools
from typing import Any, Final

from starlette.requests import Request
from starlette.types import Scope

#: Under this a scope keeps its headers and, by name, the same once more, when one was asked for.
_BY_NAME: Final = "vidspec.headers"


def header(request: Request, name: str) -> str:
    """Return the first value of the header, empty if the request has none of that name."""
    scope = request.scope
    known = scope.get(_BY_NAME)
    values = known[1] if known is not None and known[0] is scope["headers"] else headers_of(scope)
    value = values.get(raw_name(name))
    return "" if value is None else value.decode("latin-1")


def headers_of(scope: Scope) -> dict[bytes, bytes]:
    """Return the headers by name as it stands in a scope, the first of each."""
    headers = scope["headers"]
    known: tuple[Any, dict[bytes, bytes]] | None = scope.get(_BY_NAME)
    # A layer may have handed on a copy of the scope with other headers.
    if known is None or known[0] is not headers:
        known = scope[_BY_NAME] = headers, dict(reversed(headers))
    return known[1]


@functools.cache
def raw_name(name: str) -> bytes:
    """Return the name as it stands in a scope."""
    return name.lower().encode("latin-1")
