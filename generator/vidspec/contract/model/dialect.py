"""A language of video generation."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from vidspec.contract.model.operation import Cause, Envelope, Operation
from vidspec.contract.model.surface import Surface


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
    #: Message pointers to the event's own id and its time, or None.
    event_id: str | None = None
    created_at: str | None = None


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
