"""The FastAPI application of a dialect, or its routes alone."""

from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter, FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .auth import Authenticate, any_credential
from .bounds import InFlight
from .dialect import DialectInfo
from .document import Document
from .errors import ServiceError, cause_for, error_reply, unknown_path
from .limits import Limits
from .reading import Rules
from .routing import Endpoint, by_path, new_request_id, with_request_id
from .segments import SegmentRoute

_DEFAULT_LIMITS = Limits()


class DialectApp(FastAPI):
    """An application that speaks one dialect and publishes that dialect's own document."""

    def __init__(self, dialect: DialectInfo, prefix: str, document: Document) -> None:
        """Make an application without routes; its failures are said in the dialect's envelope."""
        super().__init__(
            title=dialect.title,
            version=dialect.version,
            redirect_slashes=False,
            exception_handlers={HTTPException: self._refused, Exception: self._failed},
        )
        self._dialect = dialect
        self._base = prefix + dialect.prefix
        self._document = document

    def openapi(self) -> dict[str, Any]:
        """Return the bundled document, its server being this application."""
        return self._document.data | {"servers": [{"url": self._base or "/"}]}

    async def _refused(self, request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        detail = str(error.detail) if isinstance(error, HTTPException) else "Internal error."
        headers = error.headers if isinstance(error, HTTPException) else None
        if status == 404:
            message = f"Unknown path: {request.method} {request.url.path}"
            response = self._say(unknown_path(self._dialect, message))
        else:
            response = self._say(ServiceError(cause_for(status), detail, headers=headers))
        response.status_code = status
        return response

    async def _failed(self, request: Request, error: Exception) -> Response:
        del request, error  # Starlette logs it; a caller must not read it.
        return self._say(ServiceError("server_error", "The server failed to answer."))

    def _say(self, error: ServiceError) -> Response:
        request_id = new_request_id()
        response = error_reply(self._dialect, error, request_id)
        return with_request_id(response, self._dialect, request_id)


def make_app(
    dialect: DialectInfo,
    service: Any,
    *,
    authenticate: Authenticate | None,
    prefix: str,
    validate: bool,
    limits: Limits | None,
) -> FastAPI:
    """Make the application that answers with ``service``, its paths below ``prefix`` and the dialect's own prefix."""
    document = Document(dialect.document)
    app = DialectApp(dialect, prefix, document)
    rules = _rules(document, limits, validate=validate)
    app.router.routes += _routes(dialect, service, authenticate, rules, prefix)
    return app


def make_router(
    dialect: DialectInfo,
    service: Any,
    *,
    authenticate: Authenticate | None,
    prefix: str,
    validate: bool,
    limits: Limits | None,
) -> APIRouter:
    """Make the routes alone, to be included in an application of one's own."""
    router = APIRouter()
    rules = _rules(Document(dialect.document), limits, validate=validate)
    router.routes += _routes(dialect, service, authenticate, rules, prefix)
    return router


def _rules(document: Document, limits: Limits | None, *, validate: bool) -> Rules:
    limits = limits or _DEFAULT_LIMITS
    return Rules(document, limits, validate, InFlight(limits.in_flight))


def _routes(
    dialect: DialectInfo,
    service: Any,
    authenticate: Authenticate | None,
    rules: Rules,
    prefix: str,
) -> Iterator[Route]:
    for path, operations in by_path(dialect):
        endpoint = Endpoint(dialect, operations, service, authenticate or any_credential, rules)
        # No methods: an endpoint answers 405 itself, for it knows every method of its path.
        yield SegmentRoute(prefix + dialect.prefix + path, endpoint, include_in_schema=False)
