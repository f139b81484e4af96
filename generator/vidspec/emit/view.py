"""The Python view of a dialect: everything a template prints, decided and named; templates decide nothing.

Three kinds of values reach a template:

* ``PythonIdentifier``, ``ClassName`` and ``Annotation`` are checked and print as they are;
* plain text and JSON-like data print only through ``|literal``, ``|docstring`` or ``|comment``;
* ``source`` leads to the Contract's own object, for data that goes through ``|literal``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vidspec.contract.model import Cause, Content, Dialect, Operation, Surface
from vidspec.emit.names import ClassName, Code, PythonIdentifier
from vidspec.emit.text import Annotation


@dataclass(frozen=True, slots=True)
class Argument:
    """A keyword argument of an emitted method: a parameter, or a property of the request body."""

    #: Unique within the operation; never one of ``RESERVED_ARGUMENTS``.
    name: PythonIdentifier
    #: Name on the wire.
    wire: str
    #: ``path``, ``query``, ``header``, ``cookie`` or ``body``.
    location: str
    #: Type of a value to pass; ``FileInput`` stands for a file (client only).
    annotation: Annotation
    #: Must be given (for a body property: in every media type that the operation takes).
    required: bool
    description: str
    #: Canonical meaning (``prompt``, ``seconds`` …), if the spec says one.
    meaning: str | None
    #: May be a file part of a multipart body.
    binary: bool
    #: How a media input is written (``file``, ``url`` …) → message pointer inside the value.
    forms: Mapping[str, str]
    #: JSON value around a media input, in which the string ``{value}`` is replaced.
    template: Any
    #: Query arrays: ``true`` for ``a=1&a=2``, ``false`` for ``a=1,2``.
    explode: bool
    #: Document pointer of the parameter's or property's schema.
    pointer: str

    @property
    def typed(self) -> bool:
        """Whether the annotation speaks of models, so that a plain value must be converted."""
        return "models." in self.annotation


@dataclass(frozen=True, slots=True)
class BodyView:
    """A request body in one media type."""

    media_type: str
    required: bool
    #: Type of the whole body (server: ``models.<Class>``; client: None, its bodies are arguments).
    annotation: Annotation | None
    #: Wire names of the properties that this media type knows.
    fields: tuple[str, ...]
    #: Those of them that may be files.
    binary: tuple[str, ...]
    #: Document pointer of the schema.
    pointer: str


@dataclass(frozen=True, slots=True)
class ReplyView:
    """A documented reply; ``status`` is a code (``"404"``) or a range (``"5XX"``)."""

    status: str
    description: str
    #: Type of the JSON body: ``models.<Class>``, ``Any`` without a schema; None when there is no JSON body.
    annotation: Annotation | None
    media_types: tuple[str, ...]
    #: The body may be something else than JSON: raw bytes to stream.
    binary: bool
    contents: tuple[Content, ...]


@dataclass(frozen=True, slots=True)
class OperationView:
    """One operation as an emitted method."""

    name: PythonIdentifier
    #: For names derived from the operation (``CreateVideo`` + ``Request``), unique in the dialect.
    class_name: ClassName
    source: Operation
    #: The docstring's text: summary, description, whether it costs money, arguments not included.
    docstring: str
    #: Path below the server's URL with wire names in braces.
    path: str
    #: The same with identifiers in the braces, safe as a Starlette route.
    route: str
    #: Identifier in ``route`` → wire name.
    route_names: Mapping[str, str]
    #: All arguments, required ones first: path, query, header, cookie, then body properties.
    arguments: tuple[Argument, ...]
    bodies: tuple[BodyView, ...]
    success: ReplyView
    #: Documented failures, exact codes and ranges.
    errors: tuple[ReplyView, ...]
    #: Type of the body (server: what the method gets; client: None).
    body: Annotation | None
    #: Type of what the method returns (server: may also be a Response; client: the JSON reply, or None).
    result: Annotation | None
    #: Status of a success (200 for ``2XX``).
    status: int

    def own_causes(self, dialect: Dialect) -> tuple[Cause, ...]:
        """Return the failures that the operation answers otherwise than its dialect."""
        causes = self.source.causes.values()
        return tuple(cause for cause in causes if cause != dialect.causes.get(cause.name))

    def placed(self, *locations: str) -> tuple[Argument, ...]:
        """Return the arguments of those locations, in order."""
        return tuple(a for a in self.arguments if a.location in locations)


@dataclass(frozen=True, slots=True)
class SchemeView:
    """Where a security scheme's credential stands: after ``prefix`` in a header, query parameter or cookie."""

    name: str
    location: str
    key: str
    prefix: str


@dataclass(frozen=True, slots=True)
class DialectView:
    """One dialect as an emitted package."""

    source: Dialect
    #: Package name.
    module: PythonIdentifier
    #: File that the package is emitted from, as its first line says it.
    origin: str
    #: Version of the dialect's document.
    version: str
    operations: tuple[OperationView, ...]
    surfaces: tuple[Surface, ...]
    #: Path part of the first server URL: ``/v1`` or empty.
    prefix: str
    #: Security scheme name → its OpenAPI object.
    schemes: Mapping[str, Mapping[str, Any]]
    #: Where the credential of each scheme stands.
    places: tuple[SchemeView, ...]
    #: Names of ``typing`` and ``collections.abc`` used by the arguments' annotations.
    typing_names: tuple[Code, ...]
    #: Class (or alias) name → wire property name → attribute name.
    attributes: Mapping[str, Mapping[str, str]]
    #: Document pointer of a schema → its class (or alias) name.
    classes: Mapping[str, str]
    #: Text of the package's ``models.py``.
    models: str


#: Names that emitted methods use for themselves.
RESERVED_ARGUMENTS = frozenset(
    {
        "self", "call", "body", "timeout", "options", "request", "encoding",
        "extra_headers", "extra_query", "extra_body", "models", "interval", "on_update",
    }
)  # fmt: skip

#: Names that emitted clients have beside their operations.
RESERVED_METHODS = frozenset(
    {
        "aclose", "close", "wait", "wait_all", "as_completed", "watch", "download", "save", "pages",
        "base_url", "dialect", "with_options", "raw", "options", "from_env", "send", "models", "request",
        # Annotations in the class would take the method for the type.
        "bool", "dict", "float", "int", "list", "str",
    }
)  # fmt: skip
