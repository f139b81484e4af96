"""A dialect's routes as one ASGI application with no framework around them: the fast way to serve a dialect alone."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from .auth import Authenticate, any_credential
from .bounds import InFlight
from .dialect import DialectInfo
from .document import Document
from .errors import ServiceError, error_reply, unknown_path
from .limits import Limits
from .reading import Rules
from .routing import REFUSAL, Endpoint, by_path, new_request_id, with_request_id
from .segments import STAND_IN, segmented_path

#: Told a scope (see ``OPERATION`` and ``REFUSAL`` in ``routing``) and the reply to it, whose headers it may add to.
Observe: TypeAlias = Callable[[Scope, Response], None]

_HOLE = re.compile(r"\{([^{}]*)\}")


class BareApp:
    """Serves one dialect, and its document at ``/openapi.json``; ``plain`` spares the typed models.

    With ``plain`` the service's methods are given validated plain values: right for a service that reads
    ``call.body`` and ``call.query`` itself.
    """

    def __init__(
        self,
        dialect: DialectInfo,
        service: Any,
        *,
        authenticate: Authenticate | None = None,
        prefix: str = "",
        validate: bool = True,
        limits: Limits | None = None,
        plain: bool = False,
        observe: Observe | None = None,
        tolerate: Callable[[ServiceError], None] | None = None,
        in_flight: InFlight | None = None,
    ) -> None:
        """Work out every route beforehand.

        ``observe`` is told of every reply before it is sent; ``tolerate`` of what breaks a schema, which is
        then let through; ``in_flight`` counts what large bodies hold, where several applications share it.
        """
        self._observe = observe
        self._dialect = dialect
        self._base = prefix + dialect.prefix
        self._document = Document(dialect.document)
        limits = limits or Limits()
        held = in_flight or InFlight(limits.in_flight)
        rules = Rules(self._document, limits, validate, held, tolerate)
        self._literal: dict[str, Endpoint] = {}
        #: By number of slashes, the routes with holes, most literal first.
        self._holes: dict[int, list[tuple[re.Pattern[str], Endpoint]]] = {}
        for path, operations in by_path(dialect):
            endpoint = Endpoint(
                dialect, operations, service, authenticate or any_credential, rules, plain=plain
            )
            route = self._base + path
            if "{" in route:
                pattern = re.compile("".join(_pattern(route)))
                self._holes.setdefault(route.count("/"), []).append((pattern, endpoint))
            else:
                self._literal[route] = endpoint

    def openapi(self) -> dict[str, Any]:
        """Return the bundled document, its server being this application."""
        return self._document.data | {"servers": [{"url": self._base or "/"}]}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request; what fails unforeseen is answered in the dialect's envelope and raised."""
        endpoint = self._endpoint(scope)
        if endpoint is None:
            await self._seen(scope, self._other(scope))(scope, receive, send)
            return
        try:
            response = await endpoint.respond(Request(scope, receive))
        except Exception:
            error = ServiceError("server_error", "The server failed to answer.")
            await self._seen(scope, self._say(error))(scope, receive, send)
            raise  # The server logs it.
        if self._observe is not None:
            self._observe(scope, response)
        await response(scope, receive, send)

    def _seen(self, scope: Scope, response: Response) -> Response:
        if self._observe is not None:
            self._observe(scope, response)
        return response

    def _endpoint(self, scope: Scope) -> Endpoint | None:
        path = segmented_path(scope)
        found = self._literal.get(path)
        if found is not None:
            scope["path_params"] = {}
            return found
        for pattern, endpoint in self._holes.get(path.count("/"), ()):
            if match := pattern.fullmatch(path):
                values = match.groupdict()
                if STAND_IN in path:
                    values = {k: v.replace(STAND_IN, "/") for k, v in values.items()}
                scope["path_params"] = values
                return endpoint
        return None

    def _other(self, scope: Scope) -> Response:
        if scope["path"] == "/openapi.json" and scope["method"] in {"GET", "HEAD"}:
            return Response(json.dumps(self.openapi()), media_type="application/json")
        message = f"Unknown path: {scope['method']} {Request(scope).url.path}"
        error = scope[REFUSAL] = unknown_path(self._dialect, message)
        error.rule = "unknown_path"
        response = self._say(error)
        response.status_code = 404
        return response

    def _say(self, error: ServiceError) -> Response:
        request_id = new_request_id()
        response = error_reply(self._dialect, error, request_id)
        return with_request_id(response, self._dialect, request_id)


def _pattern(route: str) -> Iterator[str]:
    for number, part in enumerate(_HOLE.split(route)):
        yield f"(?P<{part}>[^/]+)" if number % 2 else re.escape(part)
