"""What travels: parameters, bodies, replies, and what their fields mean."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from vidspec.contract.model.words import ParameterIn


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
