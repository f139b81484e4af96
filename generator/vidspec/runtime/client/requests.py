"""Requests as values: what is to be sent, before any address, credential or connection."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeAlias
from urllib.parse import urlsplit

from .dialect import OperationInfo
from .encoding import fill_path, form_parts, holds_file, json_bytes, query_pairs, to_wire
from .errors import Unsupported
from .files import File, on_disk, rewindable
from .limits import check_sizes
from .media import shape_media
from .options import given

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
_READING_ROLES = frozenset(
    {"retrieve", "list", "content", "models", "model", "character", "artifacts"}
)
_MULTIPART = "multipart/form-data"
_URLENCODED = "application/x-www-form-urlencoded"

Encoding: TypeAlias = Literal["auto", "json", "multipart"]


@dataclass(frozen=True, slots=True)
class Json:
    """A JSON body, already text."""

    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Form:
    """A form body; ``multipart`` or urlencoded (then without files)."""

    parts: tuple[tuple[str, str | File], ...] = field(repr=False)
    multipart: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One call to a gateway, or to a result's own address when ``url`` is set."""

    operation_id: str
    method: str
    #: Path template, below the base URL.
    path: str = ""
    path_params: Mapping[str, Any] = field(default_factory=dict[str, Any])
    #: Wire names and texts, in order, not yet percent-encoded.
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    body: Json | Form | None = None
    accept: str = "application/json"
    #: Security schemes the operation accepts; empty: send no credentials.
    security: tuple[str, ...] = ()
    paid: bool = False
    #: The reply's body is left to be streamed.
    stream: bool = False
    #: Sending it twice does no more than sending it once.
    idempotent: bool = False
    #: An absolute URL instead of the base URL and ``path``.
    url: str | None = field(default=None, repr=False)
    #: When the thing asked for goes away, where the gateway has said so.
    expires_at: datetime | None = None

    @property
    def filled_path(self) -> str:
        """The path with its parameters percent-encoded; raises ValueError for a value that would change the path."""
        return fill_path(self.path, self.path_params)

    @property
    def shown_path(self) -> str:
        """The path for messages: without query, which may hold a signature."""
        return self.filled_path if self.url is None else urlsplit(self.url).path

    @property
    def files(self) -> list[File]:
        """The files in the body."""
        parts = self.body.parts if isinstance(self.body, Form) else ()
        return [part for _, part in parts if isinstance(part, File)]

    @property
    def rewindable(self) -> bool:
        """Whether the body can be sent a second time."""
        return all(rewindable(file) for file in self.files)

    @property
    def reads_disk(self) -> bool:
        """Whether sending the body means reading files."""
        return isinstance(self.body, Form) and any(on_disk(file) for file in self.files)


def build_request(
    operation: OperationInfo,
    *,
    path: Mapping[str, Any] | None = None,
    query: Mapping[str, Any] | None = None,
    headers: Mapping[str, Any] | None = None,
    body: Mapping[str, Any] | None = None,
    extra_body: Mapping[str, Any] | None = None,
    encoding: Encoding = "auto",
) -> Request:
    """Make the request of ``operation`` from its arguments by wire name; those that are ``OMIT`` are not sent.

    The body is JSON where the document offers it, and multipart when there is a file to send or ``encoding`` says so.
    Sizes are held against the contract, save those in ``extra_body``, which is sent as it is.
    Raises Unsupported for values the dialect has no way to carry, OSError for a file that cannot be read.
    """
    fixed = [(name, value) for location, name, value in operation.fixed if location == "query"]
    asked = _defaults(operation, "query") | given(query or {})
    headers = _defaults(operation, "header") | given(headers or {})
    sent = {name: str(to_wire(value)) for name, value in headers.items()}
    sent |= {name: value for location, name, value in operation.fixed if location == "header"}
    keyed = operation.idempotency_header
    if keyed is not None and keyed.lower() not in (name.lower() for name in sent):
        sent[keyed] = str(uuid.uuid4())
    return Request(
        operation_id=operation.id,
        method=operation.method,
        path=operation.path,
        path_params=dict(path or {}),
        query=(*fixed, *query_pairs(asked, operation.comma)),
        headers=sent,
        body=_build_body(operation, given(body or {}), extra_body or {}, encoding)
        if body is not None or extra_body
        else None,
        accept=", ".join(operation.accept),
        security=operation.security,
        paid=operation.paid,
        stream=operation.stream,
        idempotent=operation.method in _SAFE_METHODS
        or operation.role in _READING_ROLES
        or keyed is not None,
    )


def _defaults(operation: OperationInfo, location: str) -> dict[str, Any]:
    return {name: value for where, name, value in operation.defaults if where == location}


def _build_body(
    operation: OperationInfo,
    own: Mapping[str, Any],
    extra: Mapping[str, Any],
    encoding: Encoding,
) -> Json | Form:
    offered = operation.media_types
    multipart = _MULTIPART in offered and encoding != "json"
    shaped = {
        name: shape_media(value, name, operation.media[name], multipart=multipart)
        if name in operation.media
        else value
        for name, value in {**own, **extra}.items()
    }
    wire = {name: to_wire(value) for name, value in shaped.items()}
    check_sizes(operation, {name: wire[name] for name in own.keys() - extra.keys()})
    has_json = any(media_type.split(";")[0].endswith("json") for media_type in offered)
    if holds_file(wire) and not multipart:
        msg = f"{operation.id} takes no files"
        raise Unsupported(msg)
    if multipart and (encoding == "multipart" or holds_file(wire) or not has_json):
        return Form(tuple(form_parts(wire)))
    if not has_json and _URLENCODED in offered:
        return Form(tuple(form_parts(wire)), multipart=False)
    return Json(json_bytes(wire))
