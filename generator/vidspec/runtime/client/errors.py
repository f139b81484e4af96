"""Everything a call can raise; each error keeps what is known about the exchange, and none shows a secret."""

# ruff: noqa: N818  # users read these names in their own ``except`` lines: ``NotFound`` says it all

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .jobs import VideoJob


class VideoError(Exception):
    """Root of all errors of this package."""


class Unsupported(VideoError):
    """The dialect has no way to do this; nothing was sent."""

    def __init__(
        self, reason: str, *, dialect: str | None = None, operation: str | None = None
    ) -> None:
        """Keep who cannot do what, where it is known."""
        self.dialect = dialect
        self.operation = operation
        super().__init__(reason)


class UnsupportedValue(Unsupported, ValueError):
    """The dialect cannot say this value; nothing was sent. ``choices`` holds what it can say, where that is a list."""

    def __init__(
        self,
        reason: str,
        *,
        parameter: str,
        choices: tuple[Any, ...] = (),
        dialect: str | None = None,
        operation: str | None = None,
    ) -> None:
        """Keep the parameter and what it can be."""
        self.parameter = parameter
        self.choices = choices
        super().__init__(reason, dialect=dialect, operation=operation)


class TransportError(VideoError):
    """No usable reply came.

    When ``may_have_arrived`` is true for a paid request, the job may exist and be billed: look for it before sending again.
    """

    def __init__(
        self, reason: str, *, method: str, path: str, may_have_arrived: bool, paid: bool
    ) -> None:
        """Keep what is known of the request."""
        self.method = method
        self.path = path
        self.may_have_arrived = may_have_arrived
        self.paid = paid
        text = f"{method} {path}: {reason}"
        if may_have_arrived and paid:
            text += " (the request may have arrived and may be billed; it was not sent again)"
        super().__init__(text)


class TimedOut(TransportError):
    """The server was silent for too long, or the deadline of the call passed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One answered request: what every error about a reply holds."""

    method: str
    #: Path of the URL, without query.
    path: str
    status: int
    headers: Mapping[str, str]
    body: bytes


class ReplyError(VideoError):
    """A reply came, and it is not what was wanted; it is kept whole."""

    def __init__(self, reason: str, exchange: Exchange) -> None:
        """Keep the reply."""
        self.exchange = exchange
        self.method = exchange.method
        self.path = exchange.path
        self.status = exchange.status
        self.headers = exchange.headers
        self.body = exchange.body
        super().__init__(reason)


class DecodingError(ReplyError):
    """A successful reply does not have the documented shape."""

    def __init__(self, reason: str, exchange: Exchange) -> None:
        """Say which reply it was."""
        where = f"{exchange.method} {exchange.path} answered {exchange.status}"
        super().__init__(f"{where}, but its body cannot be read: {reason}", exchange)


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorDetail:
    """What an error reply says, gathered from body and headers."""

    message: str
    code: str | None = None
    type: str | None = None
    param: str | None = None
    request_id: str | None = None
    #: Seconds the server asks to wait.
    retry_after: float | None = None
    #: The body as the documented type, when it fits.
    data: Any = None


class ApiError(ReplyError):
    """The API refused or failed. Subclasses name the status."""

    def __init__(self, exchange: Exchange, detail: ErrorDetail) -> None:
        """Keep the reply and what it says."""
        self.detail = detail
        self.message = detail.message
        self.code = detail.code
        self.type = detail.type
        self.param = detail.param
        self.request_id = detail.request_id
        self.retry_after = detail.retry_after
        self.data = detail.data
        notes = [f"{name} {value}" for name, value in _notes(detail) if value]
        suffix = f" ({', '.join(notes)})" if notes else ""
        where = f"{exchange.method} {exchange.path}: {_status_line(exchange.status)}"
        super().__init__(f"{where}: {detail.message}{suffix}", exchange)


class BadRequest(ApiError):
    """400: the request is wrong."""


class Unauthorized(ApiError):
    """401: no credentials, or wrong ones."""


class PaymentRequired(ApiError):
    """402: no credit left."""


class Forbidden(ApiError):
    """403: the credentials do not allow this."""


class NotFound(ApiError):
    """404: no such thing."""


class MethodNotAllowed(ApiError):
    """405: the gateway does not know this method here."""


class RequestTimeout(ApiError):
    """408: the gateway gave up waiting for the request."""


class Conflict(ApiError):
    """409: not in this state."""


class Gone(ApiError):
    """410: it was there and has expired."""


class Expired(Gone):
    """A result has outlived its time: 410, or another refusal of a store whose links end (``status`` says which)."""


class PayloadTooLarge(ApiError):
    """413: the upload is too large."""


class UnsupportedMediaType(ApiError):
    """415: the gateway does not take this encoding."""


class Unprocessable(ApiError):
    """422: the values are not acceptable."""


class RateLimited(ApiError):
    """429: too many requests; ``retry_after`` says when to come back, if the gateway did."""


class ServerError(ApiError):
    """5xx: the gateway or the model behind it failed."""


class NotImplementedByServer(ServerError):
    """501: the gateway does not offer this operation."""


class BadGateway(ServerError):
    """502: the gateway got no proper answer from behind it."""


class Unavailable(ServerError):
    """503: overloaded or in maintenance."""


class GatewayTimeout(ServerError):
    """504: the gateway waited too long for an answer from behind it."""


class RefusedInBody(ApiError):
    """A 2xx reply whose body says that the call failed."""


class WebhookError(VideoError):
    """A webhook message is not to be believed: no signature, a wrong one, or one that is too old or from the future."""


class DownloadError(VideoError):
    """The result's bytes could not be had whole."""


class JobError(VideoError):
    """A job did not end in a video; ``job`` is its last known view."""

    def __init__(self, text: str, job: "VideoJob") -> None:
        """Keep the job."""
        self.job = job
        super().__init__(text)


class JobFailed(JobError):
    """The job failed."""


class JobCancelled(JobError):
    """The job was cancelled."""


class JobExpired(JobError):
    """The job or its result has outlived its time."""


class WaitTimedOut(VideoError):
    """The job was still running when the wait ended; it goes on, and can be waited for again by its id."""

    def __init__(self, text: str, job_id: str | None, job: "VideoJob | None") -> None:
        """Keep the job's id and its last view (None when no poll was answered)."""
        self.job_id = job_id
        self.job = job
        super().__init__(text)


_BY_STATUS: Mapping[int, type[ApiError]] = {
    400: BadRequest,
    401: Unauthorized,
    402: PaymentRequired,
    403: Forbidden,
    404: NotFound,
    405: MethodNotAllowed,
    408: RequestTimeout,
    409: Conflict,
    410: Gone,
    413: PayloadTooLarge,
    415: UnsupportedMediaType,
    422: Unprocessable,
    429: RateLimited,
    501: NotImplementedByServer,
    502: BadGateway,
    503: Unavailable,
    504: GatewayTimeout,
}


def error_class(status: int) -> type[ApiError]:
    """Return the class for a status: its own, ``ServerError`` for 5xx, ``RefusedInBody`` for 2xx, else ``ApiError``."""
    known = _BY_STATUS.get(status)
    if known is not None:
        return known
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return ServerError
    return RefusedInBody if status < HTTPStatus.MULTIPLE_CHOICES else ApiError


def _notes(detail: ErrorDetail) -> list[tuple[str, str | None]]:
    return [("code", detail.code), ("parameter", detail.param), ("request", detail.request_id)]


def _status_line(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)
