"""What a server must know of its dialect, as data: the emitted ``_dialect`` module builds one ``DialectInfo``."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseInfo:
    """How the dialect answers one kind of failure.

    In ``body`` and ``headers`` the strings ``{message}``, ``{param}`` and ``{request_id}`` are filled in;
    a string that is exactly one of them takes the value itself, so ``{param}`` may become null.
    """

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemeInfo:
    """Where a security scheme's credential stands: after ``prefix`` in a header, query parameter or cookie."""

    location: Literal["header", "query", "cookie"]
    name: str
    prefix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterInfo:
    """One parameter; ``argument`` is what the service method calls it (None: it is not passed)."""

    name: str
    location: Literal["path", "query", "header", "cookie"]
    #: Document pointer of its schema.
    pointer: str
    argument: str | None = None
    required: bool = False
    #: Arrays in the query: ``a=1&a=2`` (True) or ``a=1,2`` (False).
    explode: bool = True
    #: The Python type, where a model is to be made of the value.
    load: Callable[[], Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyInfo:
    """A request body in one media type: the document pointer of its schema, and its Python type."""

    media_type: str
    pointer: str
    load: Callable[[], Any]
    required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationInfo:
    """One operation: how to recognise it, how to read it, and which method of the service answers."""

    id: str
    #: Name of the service's method.
    handler: str
    method: str
    #: Path below the prefix, with identifiers in its braces.
    route: str
    #: Identifier in ``route`` → wire name.
    route_names: Mapping[str, str] = field(default_factory=dict)
    parameters: tuple[ParameterInfo, ...] = ()
    bodies: tuple[BodyInfo, ...] = ()
    #: Security schemes, any one of which is enough; empty: open to all.
    security: tuple[str, ...] = ()
    #: What tells this operation from others on the same path and method: ``(location, name, value)``.
    fixed: tuple[tuple[str, str, str], ...] = ()
    #: Status of a success.
    status: int = 200
    #: A success is media, so HEAD is answered as well.
    media: bool = False
    #: Failures that it answers otherwise than the dialect does.
    causes: Mapping[str, CauseInfo] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DialectInfo:
    """One language of video generation, as a server sees it."""

    name: str
    title: str
    version: str
    #: Path part of the document's first server URL.
    prefix: str
    #: The bundled OpenAPI document, or the path of its JSON file.
    document: Path | Mapping[str, Any]
    schemes: Mapping[str, SchemeInfo]
    causes: Mapping[str, CauseInfo]
    operations: tuple[OperationInfo, ...]
    request_id_headers: tuple[str, ...] = ()
    #: SHA-256 (hex) of the specification this was emitted from.
    digest: str = ""
