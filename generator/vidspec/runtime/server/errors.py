"""Failures, and how a dialect says them."""

import re
from collections.abc import Mapping
from typing import Any, Final, Literal, TypeAlias

from starlette.responses import JSONResponse

from .dialect import CauseInfo, DialectInfo, OperationInfo

CauseName: TypeAlias = Literal[
    "invalid_request",
    "unauthenticated",
    "payment_required",
    "forbidden",
    "not_found",
    "not_ready",
    "source_not_ready",
    "method_not_allowed",
    "conflict",
    "gone",
    "payload_too_large",
    "unsupported_media_type",
    "moderation",
    "rate_limited",
    "server_error",
    "unimplemented",
    "unavailable",
]

# For causes that a dialect does not speak of: the HTTP status, and the cause whose body is used instead.
_USUAL: Final[Mapping[str, tuple[int, str]]] = {
    "payment_required": (402, "invalid_request"),
    "forbidden": (403, "unauthenticated"),
    "not_ready": (409, "invalid_request"),
    "source_not_ready": (409, "invalid_request"),
    "method_not_allowed": (405, "invalid_request"),
    "conflict": (409, "invalid_request"),
    "gone": (410, "not_found"),
    "payload_too_large": (413, "invalid_request"),
    "unsupported_media_type": (415, "invalid_request"),
    "moderation": (400, "invalid_request"),
    "rate_limited": (429, "invalid_request"),
    "unavailable": (503, "server_error"),
}

_BY_STATUS: Final[Mapping[int, CauseName]] = {
    401: "unauthenticated",
    402: "payment_required",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    410: "gone",
    413: "payload_too_large",
    415: "unsupported_media_type",
    429: "rate_limited",
    501: "unimplemented",
    503: "unavailable",
}

_PLACEHOLDER = re.compile(r"\{(message|param|request_id)\}")


class ServiceError(Exception):
    """Raised by a service to answer a failure in the dialect's own words.

    ``cause`` picks the status and the envelope from the dialect's table; ``param`` names the field that is wrong.
    """

    def __init__(
        self,
        cause: CauseName,
        message: str,
        *,
        param: str | None = None,
        headers: Mapping[str, str] | None = None,
        rule: str | None = None,
    ) -> None:
        """Say what went wrong; ``headers`` are added to the reply (``Retry-After``).

        ``rule`` is the place in the document that the request broke; the caller is not told.
        """
        super().__init__(message)
        self.cause: CauseName = cause
        self.message = message
        self.param = param
        self.rule = rule
        self.headers = dict(headers or {})


def unknown_path(dialect: DialectInfo, message: str) -> ServiceError:
    """Return the refusal of a path that the dialect does not have; its status is 404 whatever the cause says.

    A dialect may tell of a missing job with a 2xx reply; then a missing path is a wrong request.
    """
    said = dialect.causes.get("not_found")
    told = said is None or said.status >= 400
    return ServiceError("not_found" if told else "invalid_request", message)


def cause_for(status: int) -> CauseName:
    """Return the cause that an HTTP status means."""
    return _BY_STATUS.get(status, "server_error" if status >= 500 else "invalid_request")


def error_reply(
    dialect: DialectInfo,
    error: ServiceError,
    request_id: str,
    operation: OperationInfo | None = None,
) -> JSONResponse:
    """Answer ``error`` in the envelope of the dialect, or in the operation's own where it has one."""
    causes = dialect.causes if operation is None else {**dialect.causes, **operation.causes}
    cause = _cause(causes, error.cause)
    message = error.message
    if error.param and error.param not in message and not _has_place(cause.body, "{param}"):
        # Without a place of its own the field is named where there is one for words.
        message = f"{error.param}: {message}"
    values = {"message": message, "param": error.param, "request_id": request_id}
    headers = {name: str(_fill(text, values)) for name, text in cause.headers.items()}
    return JSONResponse(_fill(cause.body, values), cause.status, headers | error.headers)


def _cause(causes: Mapping[str, CauseInfo], name: CauseName) -> CauseInfo:
    spoken = causes.get(name)
    if spoken is not None:
        return spoken
    status, instead = _USUAL.get(name, (500, "server_error"))
    return CauseInfo(status=status, body=causes[instead].body)


def _fill(value: Any, values: Mapping[str, str | None]) -> Any:
    if isinstance(value, str):
        whole = _PLACEHOLDER.fullmatch(value)
        if whole:
            return values[whole[1]]
        return _PLACEHOLDER.sub(lambda match: values[match[1]] or "", value)
    if isinstance(value, Mapping):
        return {key: _fill(inner, values) for key, inner in value.items()}
    if isinstance(value, list):
        return [_fill(inner, values) for inner in value]
    return value


def _has_place(value: Any, name: str) -> bool:
    """Say whether a body has a place for ``name``, such as ``{param}``."""
    if isinstance(value, str):
        return name in value
    if isinstance(value, Mapping):
        return any(_has_place(inner, name) for inner in value.values())
    return isinstance(value, list) and any(_has_place(inner, name) for inner in value)
