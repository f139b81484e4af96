"""The neutral meaning of a specification: what clients, stubs, mock, checks and diff all read.

Nothing here knows Python names, templates or HTTP libraries.
A ``pointer`` is a JSON Pointer (RFC 6901).
A *document* pointer (``#/components/schemas/Video`` without the ``#``) leads into ``Dialect.document``,
the bundled OpenAPI document.
A *message* pointer leads into a request or reply body; there the segment ``*`` stands for every item of an array.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

State = Literal["queued", "in_progress", "completed", "failed", "cancelled", "expired"]
TERMINAL: frozenset[str] = frozenset({"completed", "failed", "cancelled", "expired"})

Role = Literal[
    "create",
    "retrieve",
    "list",
    "delete",
    "cancel",
    "content",
    "remix",
    "edit",
    "extend",
    "models",
    "model",
    "character_create",
    "character",
    "artifacts",
]

ParameterIn = Literal["path", "query", "header", "cookie"]


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """The canonical job states and which may follow which (``spec/lifecycle.yaml``)."""

    transitions: Mapping[str, tuple[str, ...]]

    def allows(self, before: str, after: str) -> bool:
        """Say whether a job seen as ``before`` may later be seen as ``after`` (skipped states count)."""
        seen, todo = set[str](), [before]
        while todo:
            state = todo.pop()
            if state == after:
                return True
            if state not in seen:
                seen.add(state)
                todo.extend(self.transitions.get(state, ()))
        return False


@dataclass(frozen=True, slots=True)
class Canonical:
    """What a field or parameter means (``x-video-parameter``)."""

    name: str
    #: The canonical value that holds when the caller leaves the field out (documented in prose, so not a JSON Schema default).
    default: Any = None
    #: Wire value → canonical value, where the two differ (``{"on": true}``; ``{"121": 5}``). Keys are JSON texts of the wire value or plain strings.
    values: Mapping[str, Any] = field(default_factory=dict)
    #: For media inputs: form (``file``, ``url``, ``data_url``, ``base64``, ``file_id``, ``id``) → message pointer inside the field's value (``""`` = the value itself).
    forms: Mapping[str, str] = field(default_factory=dict)
    #: For media inputs that need constant parts around the value: a JSON value in which the string ``{value}`` is replaced.
    template: Any = None
    #: Largest file in bytes; said in prose by the API.
    max_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """A named, realistic message; ``pointer`` is the document pointer of its value."""

    name: str
    value: Any
    pointer: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """One path, query, header or cookie parameter."""

    name: str
    location: ParameterIn
    required: bool
    description: str
    schema: Mapping[str, Any]
    pointer: str
    canonical: Canonical | None


@dataclass(frozen=True, slots=True)
class Field:
    """One top-level property of a request body; ``schema`` may still hold ``$ref`` into the document."""

    name: str
    required: bool
    description: str
    schema: Mapping[str, Any]
    pointer: str
    canonical: Canonical | None
    #: The value may be a file part (``multipart/form-data`` only).
    binary: bool
    #: What else the field can mean beside ``canonical``, for an array whose items differ in meaning.
    further: tuple[Canonical, ...] = ()

    @property
    def meanings(self) -> tuple[Canonical, ...]:
        """Everything the field can mean."""
        return (() if self.canonical is None else (self.canonical,)) + self.further


@dataclass(frozen=True, slots=True)
class Body:
    """A request body in one media type."""

    media_type: str
    required: bool
    #: Document pointer of the schema, after following a top-level ``$ref``.
    schema_pointer: str
    fields: tuple[Field, ...]
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class Content:
    """One media type of a reply. ``schema_pointer`` is None when the media type has no schema."""

    media_type: str
    schema_pointer: str | None
    binary: bool
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class Header:
    """One documented reply header."""

    name: str
    required: bool
    description: str
    schema: Mapping[str, Any]
    pointer: str


@dataclass(frozen=True, slots=True)
class Link:
    """An OpenAPI link: where a reply leads, and which parameters it feeds."""

    name: str
    operation_id: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reply:
    """One documented reply; ``status`` is a code (``"200"``) or a range (``"5XX"``)."""

    status: str
    description: str
    contents: tuple[Content, ...]
    headers: tuple[Header, ...]
    links: tuple[Link, ...]
    pointer: str

    @property
    def ok(self) -> bool:
        """Whether this is a 2xx reply."""
        return self.status.startswith("2")

    def content(self, media_type: str) -> Content | None:
        """Return the content of that media type (parameters such as ``; charset`` are ignored)."""
        wanted = media_type.split(";", maxsplit=1)[0].strip().lower()
        return next((c for c in self.contents if c.media_type.lower() == wanted), None)


@dataclass(frozen=True, slots=True)
class Paging:
    """How a list operation pages; pointers are message pointers into the reply, or None."""

    kind: Literal["cursor", "page"]
    has_more: str | None = None
    first: str | None = None
    last: str | None = None
    total: str | None = None


@dataclass(frozen=True, slots=True)
class Charge:
    """One kind of charge: ``key`` may end in ``*``; ``factor`` turns the listed number into the currency."""

    key: str
    per: Literal["second", "video"]
    factor: float = 1.0
    #: Canonical request values without which it is not charged.
    when: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Prices:
    """Where an entry of a models listing tells what a job costs: at ``pointer``, an object of charge → number."""

    pointer: str
    currency: str
    charges: tuple[Charge, ...]


@dataclass(frozen=True, slots=True)
class Envelope:
    """A 2xx reply is a success only if the value at ``pointer`` equals ``equals``."""

    pointer: str
    equals: Any


@dataclass(frozen=True, slots=True)
class Cause:
    """How the dialect answers one kind of failure.

    ``body`` is a JSON value in which the strings ``{message}``, ``{param}`` and ``{request_id}`` are filled in;
    a string that is exactly one placeholder takes the value itself (so ``{param}`` may become null).
    """

    name: str
    status: int
    body: Any
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation, as a caller sees it.

    Where one HTTP operation hides several (told apart by a query parameter), each is an Operation of its own
    and ``fixed`` holds what selects it: ``(("query", "Action", "CVSync2AsyncSubmitTask"),)``.
    """

    id: str
    role: Role | None
    surface: str
    method: str
    path: str
    summary: str
    description: str
    deprecated: bool
    tags: tuple[str, ...]
    #: A successful call costs money.
    paid: bool
    parameters: tuple[Parameter, ...]
    bodies: tuple[Body, ...]
    replies: tuple[Reply, ...]
    #: Message pointer of the job object in a successful reply (None: the reply holds no single job).
    job: str | None
    #: Message pointer of the array of items in a successful list or models reply.
    items: str | None
    paging: Paging | None
    #: Models: what an entry says about money.
    prices: Prices | None
    #: States in which the source job must be.
    needs: tuple[str, ...]
    #: Content: value of the ``variant`` parameter → media type.
    variants: Mapping[str, str]
    #: Security scheme names, any one of which is enough; empty: open to all.
    security: tuple[str, ...]
    fixed: tuple[tuple[ParameterIn, str, str], ...]
    #: When a 2xx reply of this operation is a success: the surface's rule, else the dialect's.
    envelope: Envelope | None
    #: How this operation answers failures: its own entries over the dialect's.
    causes: Mapping[str, Cause]
    #: Document pointer of the operation object.
    pointer: str

    @property
    def success(self) -> Reply:
        """The documented 2xx reply (lint holds that there is one)."""
        return next(r for r in self.replies if r.ok)

    def reply(self, status: int) -> Reply | None:
        """Return the reply documented for ``status``: the exact code first, then its range."""
        exact = next((r for r in self.replies if r.status == str(status)), None)
        return exact or next((r for r in self.replies if r.status == f"{status // 100}XX"), None)

    def body(self, media_type: str) -> Body | None:
        """Return the request body of that media type."""
        return next((b for b in self.bodies if b.media_type == media_type), None)

    def parameter(self, meaning: str) -> Parameter | None:
        """Return the parameter with that canonical meaning."""
        return next(
            (p for p in self.parameters if p.canonical and p.canonical.name == meaning), None
        )

    def field(self, meaning: str, media_type: str | None = None) -> Field | None:
        """Return the body field with that canonical meaning, in the first body that has it."""
        return next(
            (
                f
                for b in self.bodies
                if media_type in (None, b.media_type)
                for f in b.fields
                if any(c.name == meaning for c in f.meanings)
            ),
            None,
        )


@dataclass(frozen=True, slots=True)
class JobField:
    """Where a canonical job field stands inside the job object, and how it is written there."""

    name: str
    pointer: str
    unit: Literal["s", "ms", "iso8601"] | None = None
    #: Wire value → canonical value, where the two differ.
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Result:
    """One way to fetch the finished video: by ``endpoint`` (the surface's content operation), ``url`` or ``base64`` in the job."""

    kind: Literal["endpoint", "url", "base64"]
    #: Message pointer inside the job object (``url`` and ``base64`` only).
    pointer: str | None = None


@dataclass(frozen=True, slots=True)
class Poll:
    """How often to ask; ``header`` names a reply header with the server's own wish, in ``unit``."""

    interval_seconds: float
    header: str | None = None
    unit: Literal["s", "ms"] = "s"


@dataclass(frozen=True, slots=True)
class Surface:
    """One family of jobs in a dialect: its job object, its status words, its ways to a result."""

    name: str
    title: str
    default: bool
    job: Mapping[str, JobField]
    #: Status word → canonical state; None for a word that tells nothing (keep asking).
    states: Mapping[str, str | None]
    results: tuple[Result, ...]
    poll: Poll
    retention_seconds: int | None

    def words(self, state: str) -> tuple[str, ...]:
        """Return the status words that mean ``state``, in the document's order."""
        return tuple(word for word, meaning in self.states.items() if meaning == state)


@dataclass(frozen=True, slots=True)
class ErrorShape:
    """Message pointers into an error reply."""

    code: str | None
    message: str | None
    type: str | None
    param: str | None


@dataclass(frozen=True, slots=True)
class Webhooks:
    """How the dialect signs what it sends: see ``webhooks`` in ``spec/meta/x-video-dialect.schema.yaml``."""

    signature_header: str
    signature_format: str
    signed: str
    algorithm: Literal["hmac-sha256"]
    encoding: Literal["base64", "hex"]
    timestamp_header: str | None
    id_header: str | None
    key_prefix: str
    key_encoding: Literal["base64", "raw"]
    tolerance_seconds: int
    #: Message pointers to the event's type and the job's id.
    type: str
    job_id: str
    #: Type of event → canonical state.
    events: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Credentials:
    """How the dialect's secret travels (``kind``), in which security scheme, with the kind's own settings."""

    scheme: str
    kind: Literal["bearer", "header", "basic", "hmac-jwt", "volcengine-v4"]
    settings: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Dialect:
    """One language of video generation: an annotated OpenAPI document, understood."""

    name: str
    title: str
    summary: str
    evidence: Literal["documented", "inferred"]
    #: Purpose (``api_key``, ``base_url``, ``secret_key`` …) → environment variable.
    environment: Mapping[str, str]
    servers: tuple[str, ...]
    credentials: tuple[Credentials, ...]
    envelope: Envelope | None
    request_id_headers: tuple[str, ...]
    request_id_pointer: str | None
    error_shape: ErrorShape
    causes: Mapping[str, Cause]
    surfaces: Mapping[str, Surface]
    operations: tuple[Operation, ...]
    #: The bundled OpenAPI document: one mapping, every ``$ref`` inside it.
    document: Mapping[str, Any]
    #: SHA-256 (hex) of the bundled document's canonical JSON.
    digest: str
    webhooks: Webhooks | None = None
    #: Every file that it was read from; what a cache must watch.
    files: tuple[Path, ...] = field(default=(), compare=False, repr=False)

    @property
    def surface(self) -> Surface:
        """The surface that counts when none is named."""
        return next(s for s in self.surfaces.values() if s.default)

    def operation(self, operation_id: str) -> Operation:
        """Return the operation with that id, or raise KeyError."""
        for operation in self.operations:
            if operation.id == operation_id:
                return operation
        raise KeyError(operation_id)

    def by_role(self, role: str, surface: str | None = None) -> Operation | None:
        """Return the first operation of that role (in that surface, the default one if None)."""
        wanted = surface or self.surface.name
        return next((o for o in self.operations if o.role == role and o.surface == wanted), None)

    def roles(self, role: str) -> Iterator[Operation]:
        """Yield the operations of that role in every surface."""
        return (o for o in self.operations if o.role == role)


@dataclass(frozen=True, slots=True)
class Requirement:
    """One sentence a gateway is held to (``spec/requirements/<chapter>.yaml``)."""

    #: ``<chapter>-<slug>``: stable, never renumbered, never reused.
    id: str
    chapter: str
    level: Literal["MUST", "SHOULD", "MAY"]
    sentence: str
    #: Dialect names; empty: every dialect that has what ``needs`` lists.
    dialects: tuple[str, ...]
    #: Roles (and ``paging``, ``progress`` … job fields as ``job.progress``) without which the requirement does not apply.
    needs: tuple[str, ...]
    #: Where the contract says so: document pointer or URL.
    source: str
    #: How it is tested, in one sentence.
    test: str
    #: Why it is not tested, or None.
    excluded: str | None
    #: The fault the mock commits under ``--break ID``; None when excluded.
    fault: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Contract:
    """Everything ``spec/`` says."""

    lifecycle: Lifecycle
    dialects: Mapping[str, Dialect]
    requirements: tuple[Requirement, ...]


@dataclass(frozen=True, slots=True)
class Gateway:
    """A speaker of a dialect (``spec/gateways/<name>.yaml``): what it promises and what it is seen to do."""

    name: str
    title: str
    summary: str
    #: Where it is if nobody says otherwise.
    base_url: str
    #: Purpose → environment variable, read in place of the dialect's own.
    environment: Mapping[str, str]
    #: The dialect as the gateway publishes it.
    published: Dialect
    #: The dialect as the gateway is seen to speak it; the published one where no difference is known.
    observed: Dialect
    source: str

    def profile(self, name: str) -> Dialect:
        """Return the dialect of the profile ``published`` or ``observed``; raises KeyError for another."""
        return {"published": self.published, "observed": self.observed}[name]
