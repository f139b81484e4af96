"""From the paths of a bundled document to Operations."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from vidspec.contract.model import (
    Body,
    Canonical,
    Cause,
    Charge,
    Content,
    Envelope,
    Example,
    Field,
    Header,
    Link,
    Operation,
    Paging,
    Parameter,
    ParameterIn,
    Prices,
    Reply,
)
from vidspec.contract.schemas import is_binary, properties, resolve
from vidspec.source import join_pointer

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_JOB_ROLES = frozenset({"create", "retrieve", "cancel", "remix", "edit", "extend"})
_JSON = "application/json"


@dataclass(frozen=True, slots=True)
class _Source:
    """One HTTP operation of the document, and where it stands."""

    document: Mapping[str, Any]
    path: str
    method: str
    pointer: str
    said: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Dialect:
    """What the dialect says for all of its operations."""

    surface: str
    envelopes: Mapping[str, Envelope | None]
    causes: Mapping[str, Cause]


def read_causes(said: Mapping[str, Any]) -> dict[str, Cause]:
    """Read a table of causes."""
    return {
        name: Cause(name, cause["status"], cause["body"], dict(cause.get("headers", {})))
        for name, cause in said.items()
    }


def read_operations(
    document: Mapping[str, Any],
    default_surface: str,
    envelopes: Mapping[str, Envelope | None],
    causes: Mapping[str, Cause],
) -> Iterator[Operation]:
    """Yield every operation in the document's order; one with ``select`` and ``cases`` yields one for each case.

    ``envelopes`` are by surface; ``causes`` are the dialect's, which an operation may override.
    """
    dialect = _Dialect(default_surface, envelopes, causes)
    for path, item in document.get("paths", {}).items():
        for method in METHODS:
            if method not in item:
                continue
            pointer = join_pointer("paths", path, method)
            source = _Source(document, path, method, pointer, item[method])
            extension = source.said.get("x-video-operation", {"role": "other"})
            if "cases" not in extension:
                yield _operation(source, extension, dialect, None)
                continue
            where, name = extension["select"]["in"], extension["select"]["name"]
            for value, case in extension["cases"].items():
                yield _operation(source, case, dialect, (where, name, value))


def _operation(
    source: _Source,
    extension: Mapping[str, Any],
    dialect: _Dialect,
    fixed: tuple[ParameterIn, str, str] | None,
) -> Operation:
    said, role = source.said, extension["role"]
    surface = extension.get("surface", dialect.surface)
    paging = extension.get("paging")
    request, reply = extension.get("request"), extension.get("reply")
    case = fixed[2] if fixed else None
    bodies = tuple(_bodies(source, request, case))
    replies = tuple(_replies(source, reply, case))
    parameters = tuple(
        p
        for p in _parameters(source)
        if fixed is None or (p.location, p.name) != (fixed[0], fixed[1])
    )
    return Operation(
        id=extension.get("operation_id") or said.get("operationId", ""),
        role=None if role == "other" else role,
        surface=surface,
        method=source.method.upper(),
        path=source.path,
        summary=extension.get("summary") or said.get("summary", ""),
        description=said.get("description", ""),
        deprecated=bool(said.get("deprecated", False)),
        tags=tuple(said.get("tags", ())),
        paid=bool(extension.get("paid", False)),
        optional=bool(extension.get("optional", False)),
        parameters=parameters,
        bodies=bodies,
        replies=replies,
        job=extension.get("job", "" if role in _JOB_ROLES else None),
        items=extension.get("items"),
        paging=Paging(**paging) if paging else None,
        prices=_prices(extension.get("prices")),
        needs=tuple(extension.get("needs", ())),
        variants=dict(extension.get("variants", {})),
        security=_security(source),
        fixed=(fixed,) if fixed else (),
        envelope=dialect.envelopes.get(surface),
        causes={**dialect.causes, **read_causes(extension.get("causes", {}))},
        pointer=source.pointer,
    )


def _prices(said: Mapping[str, Any] | None) -> Prices | None:
    if said is None:
        return None
    charges = tuple(Charge(**charge) for charge in said["charges"])
    return Prices(said["pointer"], said["currency"], charges)


def _parameters(source: _Source) -> Iterator[Parameter]:
    found: dict[tuple[str, str], Parameter] = {}
    shared = join_pointer("paths", source.path)
    for holder in (shared, source.pointer):
        listed = resolve(source.document, holder)[0].get("parameters", ())
        for index in range(len(listed)):
            said, home = resolve(source.document, f"{holder}/parameters/{index}")
            found[said["in"], said["name"]] = Parameter(
                name=said["name"],
                location=cast("ParameterIn", said["in"]),
                required=bool(said.get("required", False)),
                description=said.get("description", ""),
                schema=said.get("schema", {}),
                pointer=home,
                canonical=_canonical(said),
            )
    yield from found.values()


def _canonical(said: Mapping[str, Any]) -> Canonical | None:
    return next(iter(_meanings(said)), None)


def _meanings(said: Mapping[str, Any]) -> tuple[Canonical, ...]:
    extension = said.get("x-video-parameter", ())
    listed = extension if isinstance(extension, list | tuple) else (extension,)
    return tuple(_meaning(one) for one in listed)


def _meaning(extension: str | Mapping[str, Any]) -> Canonical:
    if isinstance(extension, str):
        return Canonical(extension)
    return Canonical(
        name=extension["name"],
        default=extension.get("default"),
        values={str(k): v for k, v in extension.get("values", {}).items()},
        forms=dict(extension.get("forms", {})),
        template=extension.get("template"),
        max_bytes=extension.get("max_bytes"),
    )


def _bodies(source: _Source, request: str | None, case: str | None) -> Iterator[Body]:
    if "requestBody" not in source.said:
        return
    said, home = resolve(source.document, source.pointer + "/requestBody")
    for media_type in said["content"]:
        place = home + join_pointer("content", media_type)
        schema = request.removeprefix("#") if request else place + "/schema"
        pointer = resolve(source.document, schema)[1]
        yield Body(
            media_type=media_type,
            required=bool(said.get("required", False)),
            schema_pointer=pointer,
            fields=tuple(_fields(source.document, pointer)),
            examples=tuple(_examples(source.document, place, case)),
        )


def _fields(document: Mapping[str, Any], pointer: str) -> Iterator[Field]:
    for name, place, required in properties(document, pointer):
        schema, _ = resolve(document, place)
        said = schema if isinstance(schema, Mapping) else {}
        yield Field(
            name=name,
            required=required,
            description=said.get("description", ""),
            schema=said,
            pointer=place,
            canonical=_canonical(said),
            binary=is_binary(document, place),
            further=_meanings(said)[1:],
        )


def _examples(document: Mapping[str, Any], holder: str, case: str | None) -> Iterator[Example]:
    """Yield the examples of a media type; where one operation hides several, only those of ``case``."""
    media = resolve(document, holder)[0]
    for name in media.get("examples", {}):
        said, home = resolve(document, holder + join_pointer("examples", name))
        if case is None or said.get("x-video-case", case) == case:
            yield Example(name, said.get("value"), home + "/value")
    if "example" in media:
        yield Example("example", media["example"], holder + "/example")


def _replies(source: _Source, reply: str | None, case: str | None) -> Iterator[Reply]:
    for status in source.said.get("responses", {}):
        said, home = resolve(source.document, source.pointer + join_pointer("responses", status))
        override = reply if str(status).startswith("2") else None
        yield Reply(
            status=str(status),
            description=said.get("description", ""),
            contents=tuple(_contents(source.document, said, home, override, case)),
            headers=tuple(_headers(source.document, said, home)),
            links=tuple(_links(source.document, said, home)),
            pointer=home,
        )


def _contents(
    document: Mapping[str, Any],
    said: Mapping[str, Any],
    home: str,
    override: str | None,
    case: str | None,
) -> Iterator[Content]:
    for media_type, media in said.get("content", {}).items():
        place = home + join_pointer("content", media_type)
        pointer = None
        if override and media_type == _JSON:
            pointer = resolve(document, override.removeprefix("#"))[1]
        elif "schema" in media:
            pointer = resolve(document, place + "/schema")[1]
        yield Content(
            media_type=media_type,
            schema_pointer=pointer,
            binary=pointer is not None and is_binary(document, pointer),
            examples=tuple(_examples(document, place, case)),
        )


def _headers(document: Mapping[str, Any], said: Mapping[str, Any], home: str) -> Iterator[Header]:
    for name in said.get("headers", {}):
        header, place = resolve(document, home + join_pointer("headers", name))
        yield Header(
            name=name,
            required=bool(header.get("required", False)),
            description=header.get("description", ""),
            schema=header.get("schema", {}),
            pointer=place,
        )


def _links(document: Mapping[str, Any], said: Mapping[str, Any], home: str) -> Iterator[Link]:
    for name in said.get("links", {}):
        link, _ = resolve(document, home + join_pointer("links", name))
        yield Link(name, link.get("operationId", ""), dict(link.get("parameters", {})))


def _security(source: _Source) -> tuple[str, ...]:
    alternatives = source.said.get("security", source.document.get("security", ()))
    if any(not alternative for alternative in alternatives):
        return ()
    return tuple(dict.fromkeys(name for alternative in alternatives for name in alternative))
