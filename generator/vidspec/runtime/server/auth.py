"""Who is calling: the credentials a request shows, and the hook that judges them."""

import functools
import inspect
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

from starlette.requests import Request

from .dialect import DialectInfo, OperationInfo, SchemeInfo
from .errors import ServiceError
from .headers import header

#: Takes the credentials by security scheme name, and the request; returns whom they stand for, or None to refuse.
#: May be async; may raise ServiceError (``forbidden``, ``payment_required``).
Authenticate: TypeAlias = Callable[[Mapping[str, str], Request], Any | Awaitable[Any]]


def any_credential(credentials: Mapping[str, str], request: Request) -> str:
    """Accept whatever credential there is; the principal is its text. The default."""
    del request
    return next(iter(credentials.values()))


async def principal_of(
    dialect: DialectInfo, operation: OperationInfo, request: Request, authenticate: Authenticate
) -> Any:
    """Return what ``authenticate`` makes of the request's credentials; raises ServiceError when it refuses.

    An operation that is open to all has no principal.
    """
    if not operation.security:
        return None
    shown = {
        name: text
        for name in operation.security
        if (text := _credential(dialect.schemes.get(name), request))
    }
    if not shown:
        raise ServiceError("unauthenticated", "The request has no credentials.")
    principal = authenticate(shown, request)
    if not isinstance(principal, str) and inspect.isawaitable(principal):
        principal = await principal
    if principal is None:
        raise ServiceError("unauthenticated", "The credentials are not valid.")
    return principal


def _credential(scheme: SchemeInfo | None, request: Request) -> str:
    if scheme is None:
        return ""
    if scheme.location == "query":
        return request.query_params.get(scheme.name, "").strip()
    if scheme.location == "cookie":
        return request.cookies.get(scheme.name, "").strip()
    return _behind(scheme.prefix, header(request, scheme.name))


@functools.lru_cache(maxsize=256)  # A caller shows the same header again and again.
def _behind(prefix: str, text: str) -> str:
    text = text.strip()
    if not prefix:
        return text
    head, _, rest = text.partition(" ")
    return rest.strip() if head.lower() == prefix.lower() else ""
