"""What a client must know of its dialect, as data: the emitted ``_dialect`` module builds one ``DialectInfo``.

A *message pointer* is a JSON Pointer into a request or reply body, where ``*`` stands for every item of an array.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

#: A canonical job state; ``unknown`` is a status word the dialect does not document: neither an end nor an error.
State: TypeAlias = Literal[
    "queued", "in_progress", "completed", "failed", "cancelled", "expired", "unknown"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialInfo:
    """How the secret travels under one security scheme.

    Settings by kind; a *purpose* is a key of ``DialectInfo.environment``, and all but those marked are optional:
    bearer: ``secret`` (purpose, ``api_key``), ``header``, ``prefix``; header: ``name`` (needed), ``secret``, ``prefix``;
    basic: ``username``, ``password`` (purposes of these names); hmac-jwt: ``issuer`` (purpose, ``access_key``),
    ``secret`` (purpose, ``secret_key``), ``lifetime``, ``leeway`` (seconds); volcengine-v4: ``access_key``, ``secret``
    (purposes, as above), ``region``, ``service`` (both needed).
    """

    scheme: str
    kind: Literal["bearer", "header", "basic", "hmac-jwt", "volcengine-v4"]
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvelopeInfo:
    """A 2xx JSON reply is a success only if the value at ``pointer`` equals ``equals``."""

    pointer: str
    equals: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorShapeInfo:
    """Message pointers into an error reply."""

    message: str | None = None
    code: str | None = None
    type: str | None = None
    param: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFieldInfo:
    """Where a canonical job field stands inside the job object, and how it is written there."""

    pointer: str
    unit: Literal["s", "ms", "iso8601"] | None = None
    #: Wire value (as JSON text, or the plain string) → canonical value, where the two differ.
    values: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultInfo:
    """One way to the finished video; ``pointer`` leads into the job object (kinds ``url`` and ``base64``)."""

    kind: Literal["endpoint", "url", "base64"]
    pointer: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PollInfo:
    """How often to ask; ``header`` names a reply header with the server's own wish, in ``unit``."""

    interval_seconds: float
    header: str | None = None
    unit: Literal["s", "ms"] = "s"


@dataclass(frozen=True, slots=True, kw_only=True)
class SurfaceInfo:
    """One family of jobs: its job object, its status words, its ways to a result."""

    name: str
    job: Mapping[str, JobFieldInfo]
    #: Status word → canonical state; None for a word that tells nothing.
    states: Mapping[str, State | None]
    results: tuple[ResultInfo, ...]
    poll: PollInfo
    #: Code of a refusal → the end of the job that was asked for, where no status word says it.
    refusals: Mapping[str, State] = field(default_factory=dict[str, State])


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookInfo:
    """How the gateway signs what it sends, and what its events mean."""

    signature_header: str
    #: One signature in that header; there may be several. With ``{signature}``, and ``{timestamp}`` where it stands there too.
    signature_format: str
    #: What is signed: a text with ``{body}`` (raw), ``{timestamp}`` and ``{id}``.
    signed: str
    encoding: Literal["base64", "hex"]
    timestamp_header: str | None = None
    id_header: str | None = None
    key_prefix: str = ""
    #: What follows the prefix.
    key_encoding: Literal["base64", "raw"] = "raw"
    #: How far the clocks may be apart, either way.
    tolerance_seconds: int = 300
    #: Message pointers to the event's type and the job's id.
    type: str = "/type"
    job_id: str = "/data/id"
    #: Type of event → the job's state.
    events: Mapping[str, State] = field(default_factory=dict[str, State])


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaInfo:
    """How a body field takes a picture or a video.

    ``forms`` maps a form (``file``, ``url``, ``data_url``, ``base64``, ``file_id``, ``id``) to the message pointer
    inside the field's value; ``template`` is a JSON value around it in which the string ``{value}`` is replaced.
    """

    #: The field may be a file part of a multipart body.
    binary: bool = False
    forms: Mapping[str, str] = field(default_factory=dict[str, str])
    template: Any = None
    #: Largest file.
    max_bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldInfo:
    """A place in a request for a canonical value (``prompt``, ``seconds`` …): a parameter, or a field of the body."""

    meaning: str
    #: Name on the wire.
    name: str
    location: Literal["path", "query", "header", "cookie", "body"] = "body"
    #: Media types whose bodies have the field.
    media_types: tuple[str, ...] = ()
    required: bool = False
    #: JSON types of the value on the wire; empty: any.
    types: tuple[str, ...] = ()
    #: The only values on the wire; empty: open.
    choices: tuple[Any, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    #: Message pointer inside the field's value → most characters of the text there.
    max_lengths: Mapping[str, int] = field(default_factory=dict[str, int])
    max_items: int | None = None
    #: As in ``MediaInfo``.
    max_bytes: int | None = None
    #: Wire value (as JSON text, or the plain string) → canonical value, where the two differ.
    values: Mapping[str, Any] = field(default_factory=dict[str, Any])
    #: As in ``MediaInfo``, and so are the next two.
    forms: Mapping[str, str] = field(default_factory=dict[str, str])
    template: Any = None
    binary: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PagingInfo:
    """How a list pages: message pointers into the reply, and the wire names of the query parameters."""

    kind: Literal["cursor", "page"]
    has_more: str | None = None
    last: str | None = None
    total: str | None = None
    #: Query parameter that takes the cursor (kind ``cursor``) or the page number (kind ``page``).
    parameter: str = "after"
    #: Query parameter that takes the size of a page.
    size_parameter: str = "limit"


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationInfo:
    """One operation, as far as sending it and reading its reply need it."""

    id: str
    method: str
    path: str
    role: str | None = None
    surface: str | None = None
    #: A successful call costs money.
    paid: bool = False
    #: Security scheme names, any one of which is enough; empty: no credentials are sent.
    security: tuple[str, ...] = ()
    #: Request media types the document offers, preferred first.
    media_types: tuple[str, ...] = ()
    #: Body fields that take media.
    media: Mapping[str, MediaInfo] = field(default_factory=dict[str, MediaInfo])
    #: Query parameters written as one comma-separated value.
    comma: tuple[str, ...] = ()
    #: What selects this operation among several on one path: ``(location, name, value)``.
    fixed: tuple[tuple[str, str, str], ...] = ()
    #: Parameters sent unless the caller says otherwise: ``(location, name, value)``.
    defaults: tuple[tuple[str, str, Any], ...] = ()
    #: Where canonical values go.
    fields: tuple[FieldInfo, ...] = ()
    #: What a content operation can give.
    variants: tuple[str, ...] = ()
    envelope: EnvelopeInfo | None = None
    #: Header that carries an idempotency key, when the dialect has one.
    idempotency_header: str | None = None
    #: Media types of the success reply, for the Accept header.
    accept: tuple[str, ...] = ("application/json",)
    #: The success reply is binary and is streamed.
    stream: bool = False
    #: Message pointer of the job object in the success reply.
    job: str | None = None
    #: Message pointer of the array of items in the success reply.
    items: str | None = None
    paging: PagingInfo | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DialectInfo:
    """One language of video generation, as a client sees it."""

    name: str
    title: str
    #: Purpose (``api_key``, ``base_url``, ``secret_key`` …) → environment variable.
    environment: Mapping[str, str]
    servers: tuple[str, ...]
    credentials: tuple[CredentialInfo, ...]
    surfaces: Mapping[str, SurfaceInfo]
    operations: Mapping[str, OperationInfo]
    default_surface: str
    request_id_headers: tuple[str, ...] = ()
    request_id_pointer: str | None = None
    error_shape: ErrorShapeInfo = field(default_factory=ErrorShapeInfo)
    webhooks: WebhookInfo | None = None
    #: SHA-256 (hex) of the specification this was emitted from.
    digest: str = ""

    def by_role(self, role: str, surface: str) -> OperationInfo | None:
        """Return the first operation of that role on that surface."""
        found = (o for o in self.operations.values() if o.role == role and o.surface == surface)
        return next(found, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayInfo:
    """A speaker of a dialect: where it is, what it promises, and what it is seen to do where that differs."""

    name: str
    title: str
    #: Where it is if nobody says otherwise; empty when there is no such place.
    base_url: str
    #: Purpose → environment variable.
    environment: Mapping[str, str]
    published: DialectInfo
    observed: DialectInfo | None = None
