"""Which operation a request means, and the one endpoint that answers it."""

import random
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from .auth import Authenticate, principal_of
from .bounds import HELD
from .calls import Call
from .dialect import DialectInfo, OperationInfo
from .errors import ServiceError, error_reply
from .headers import raw_name
from .reading import BodyReader, ParameterReader, Rules, read_query
from .replies import as_response, head_only

#: Under these a scope says, once it is answered, which operation it meant (its id) and how it was refused
#: (a ServiceError; one without a ``rule`` is the service's own).
OPERATION: Final = "vidspec.operation"
REFUSAL: Final = "vidspec.refusal"

_BRACES = re.compile(r"\{[^{}]*\}")


def new_request_id() -> str:
    """Return a new request id."""
    return f"req_{random.getrandbits(128):032x}"


def with_request_id(response: Response, dialect: DialectInfo, request_id: str) -> Response:
    """Put the request id into the headers the dialect uses for it, unless the service has set one."""
    if dialect.request_id_headers:
        raw = response.raw_headers
        set_already = dict(raw)
        for name in dialect.request_id_headers:
            key = raw_name(name)
            if key not in set_already:
                raw.append((key, request_id.encode("latin-1")))
    return response


def by_path(dialect: DialectInfo) -> Iterator[tuple[str, list[OperationInfo]]]:
    """Yield each route with its operations, so that literal segments come before templates."""
    routes: dict[str, list[OperationInfo]] = {}
    same: dict[str, str] = {}
    for operation in dialect.operations:
        route = same.setdefault(_BRACES.sub("{}", operation.route), operation.route)
        routes.setdefault(route, []).append(operation)
    return iter(sorted(routes.items(), key=lambda item: _rank(item[0])))


def _rank(route: str) -> tuple[tuple[bool, int, str], ...]:
    """Order by segment: literal before template, and of templates those with more literal text first."""
    plain = [(_BRACES.sub("", segment), "{" in segment) for segment in route.split("/")]
    return tuple((template, -len(text) if template else 0, text) for text, template in plain)


class Endpoint:
    """Answers every request to one path: an ASGI application."""

    def __init__(
        self,
        dialect: DialectInfo,
        operations: list[OperationInfo],
        service: Any,
        authenticate: Authenticate,
        rules: Rules,
        *,
        plain: bool = False,
    ) -> None:
        """Take the operations of the path and the service that answers them (``plain``: without typed models)."""
        self._dialect = dialect
        self._service = service
        self._authenticate = authenticate
        self._rules = rules
        self._methods: dict[str, list[OperationInfo]] = {}
        for operation in operations:
            self._methods.setdefault(operation.method, []).append(operation)
            if operation.media and operation.method == "GET":
                self._methods.setdefault("HEAD", []).append(operation)
        self._parameters = {o.id: ParameterReader(o, rules, plain=plain) for o in operations}
        self._bodies = {o.id: BodyReader(o, plain=plain) for o in operations if o.bodies}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        response = await self.respond(Request(scope, receive))
        await response(scope, receive, send)

    async def respond(self, request: Request) -> Response:
        """Return the reply to one request; whatever the service fails with unforeseen is raised."""
        request_id = new_request_id()
        known: OperationInfo | None = None
        accepted = False
        try:
            candidates = self._candidates(request)
            query = read_query(request, self._rules.limits)
            operation = _selected(candidates, request, query)
            known = operation or candidates[0]
            request.scope[OPERATION] = known.id
            call, arguments = await self._accept(request, request_id, query, operation, candidates)
            accepted = True
            result = await getattr(self._service, known.handler)(call, **arguments)
            response = as_response(result, known.status)
        except ServiceError as error:
            # A full server says nothing about the request.
            if not accepted and error.rule is None and error.cause != "unavailable":
                error.rule = error.cause
            # Its frames hold the request's body, and the request would hold its frames.
            error.__context__ = error.__cause__ = None
            request.scope[REFUSAL] = error.with_traceback(None)
            response = error_reply(self._dialect, error, request_id, known)
        finally:
            if HELD in request.scope:
                self._rules.in_flight.release(request)
        with_request_id(response, self._dialect, request_id)
        return head_only(response) if request.method == "HEAD" else response

    def _candidates(self, request: Request) -> list[OperationInfo]:
        candidates = self._methods.get(request.method)
        if candidates is None:
            message = f"{request.method} is not allowed here."
            allow = {"Allow": ", ".join(self._methods)}
            raise ServiceError("method_not_allowed", message, headers=allow)
        return candidates

    async def _accept(
        self,
        request: Request,
        request_id: str,
        query: Mapping[str, Any],
        operation: OperationInfo | None,
        candidates: list[OperationInfo],
    ) -> tuple[Call, dict[str, Any]]:
        """Return the call that a sound request makes, and its typed arguments; raise ServiceError for any other."""
        known = operation or candidates[0]
        principal = await principal_of(self._dialect, known, request, self._authenticate)
        if operation is None:
            _, name, _ = candidates[0].fixed[0]
            values = ", ".join(value for o in candidates for _, _, value in o.fixed[:1])
            message = f"{name!r} must be one of {values}."
            raise ServiceError("invalid_request", message, param=name)
        path, wire, arguments = self._parameters[operation.id].read(request, query)
        media_type, plain, typed = None, None, None
        reader = self._bodies.get(operation.id)
        if reader is not None:
            media_type, plain, typed = await reader.read(request, self._rules)
            arguments["body"] = typed
        call = Call(
            operation_id=operation.id,
            request=request,
            request_id=request_id,
            path=path,
            query=wire,
            body=plain,
            media_type=media_type,
            principal=principal,
        )
        return call, arguments


def _selected(
    candidates: list[OperationInfo], request: Request, query: Mapping[str, Any]
) -> OperationInfo | None:
    """Return the operation whose fixed values the request has; the first without any if there is one."""
    for operation in candidates:
        if not operation.fixed:
            return operation
        if all(
            (query if location == "query" else request.headers).get(name) == value
            for location, name, value in operation.fixed
        ):
            return operation
    return None
