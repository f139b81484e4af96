"""A dialect as the stubs' runtime wants it, made in memory: what emitting would write down, without Python types.

Serves where no stubs were emitted: a gateway's own profile, a specification of one's own, a document that a fault changed.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from vidspec.contract.model import Cause, Dialect, Operation, Parameter, Reply
from vidspec.contract.schemas import resolve
from vidspec.source import join_pointer, pointer_get
from vidspec_server._runtime.dialect import (
    BodyInfo,
    CauseInfo,
    DialectInfo,
    OperationInfo,
    ParameterInfo,
    SchemeInfo,
)

#: Name of the one method that a service must have to answer every described operation.
HANDLER: Final = "answer"

_HOLE = re.compile(r"\{([^{}]*)\}")
_ORDER = ("path", "query", "header", "cookie")


def describe(dialect: Dialect) -> DialectInfo:
    """Return what a server must know of the dialect; every operation is answered by the method ``HANDLER``."""
    return DialectInfo(
        name=dialect.name,
        title=dialect.title,
        version=str(dialect.document["info"]["version"]),
        prefix=own_prefix(dialect),
        document=dialect.document,
        schemes=dict(_schemes(dialect)),
        causes={name: _cause(cause) for name, cause in dialect.causes.items()},
        operations=tuple(_operation(dialect, operation) for operation in dialect.operations),
        request_id_headers=dialect.request_id_headers,
        digest=dialect.digest,
    )


def own_prefix(dialect: Dialect) -> str:
    """Return the path of the document's first server, without a slash at the end."""
    return urlsplit(dialect.servers[0]).path.rstrip("/") if dialect.servers else ""


def _operation(dialect: Dialect, operation: Operation) -> OperationInfo:
    names: dict[str, str] = {}

    def place(match: re.Match[str]) -> str:
        identifier = f"path_{len(names)}"
        names[identifier] = match[1]
        return f"{{{identifier}}}"

    route = _HOLE.sub(place, operation.path)
    status = operation.success.status
    ordered = sorted(
        operation.parameters, key=lambda p: (not _required(p), _ORDER.index(p.location))
    )
    return OperationInfo(
        id=operation.id,
        handler=HANDLER,
        method=operation.method,
        route=route,
        route_names=names,
        parameters=tuple(_parameter(dialect, parameter) for parameter in ordered),
        bodies=tuple(
            BodyInfo(
                media_type=body.media_type,
                pointer=body.schema_pointer,
                load=lambda: Any,
                required=body.required,
            )
            for body in operation.bodies
        ),
        security=operation.security,
        fixed=operation.fixed,
        status=int(status) if status.isdecimal() else 200,
        media=_is_media(operation.success),
        causes={
            name: _cause(cause)
            for name, cause in operation.causes.items()
            if cause != dialect.causes.get(name)
        },
    )


def _parameter(dialect: Dialect, parameter: Parameter) -> ParameterInfo:
    said: Mapping[str, Any] = pointer_get(dialect.document, parameter.pointer)
    style = said.get("style", "form" if parameter.location in {"query", "cookie"} else "simple")
    in_query = parameter.location == "query"
    return ParameterInfo(
        name=parameter.name,
        location=parameter.location,
        pointer=f"{parameter.pointer}/schema",
        required=_required(parameter),
        explode=bool(said.get("explode", style == "form")) or not in_query,
    )


def _required(parameter: Parameter) -> bool:
    return parameter.required or parameter.location == "path"


def _schemes(dialect: Dialect) -> Iterator[tuple[str, SchemeInfo]]:
    schemes = dialect.document.get("components", {}).get("securitySchemes", {})
    for name in schemes:
        pointer = join_pointer("components", "securitySchemes", name)
        scheme, _ = resolve(dialect.document, pointer)
        if scheme["type"] == "apiKey":
            yield name, SchemeInfo(location=scheme["in"], name=scheme["name"])
        elif scheme["type"] in {"http", "oauth2", "openIdConnect"}:
            prefix = scheme.get("scheme", "Bearer")
            yield name, SchemeInfo(location="header", name="Authorization", prefix=prefix)


def _cause(cause: Cause) -> CauseInfo:
    return CauseInfo(status=cause.status, body=cause.body, headers=cause.headers)


def _is_media(reply: Reply) -> bool:
    return any(content.binary or not _is_json(content.media_type) for content in reply.contents)


def _is_json(media_type: str) -> bool:
    subtype = media_type.partition(";")[0].strip().lower().rpartition("/")[2]
    return subtype == "json" or subtype.endswith("+json")
