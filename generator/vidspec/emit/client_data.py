"""A dialect as the data its client needs: the text of the constructors in the emitted ``_dialect`` module."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from vidspec.contract.model import (
    Credentials,
    Dialect,
    Envelope,
    Field,
    Gateway,
    JobField,
    Operation,
    Surface,
    Webhooks,
)
from vidspec.emit.client_fields import FieldPlace, constant, field_places, is_json
from vidspec.emit.names import Code
from vidspec.emit.text import literal
from vidspec.source import pointer_get


def dialect_info(source: Dialect) -> Code:
    """Return the expression that builds the dialect's ``DialectInfo``."""
    shape = source.error_shape
    schemes = source.document.get("components", {}).get("securitySchemes", {})
    return _construct(
        "DialectInfo",
        name=source.name,
        title=source.title,
        environment=source.environment,
        servers=source.servers,
        credentials=_items([_credential(c, schemes) for c in source.credentials]),
        surfaces=_table({s.name: _surface(s) for s in source.surfaces.values()}),
        operations=_table({o.id: _operation(o, source.document) for o in source.operations}),
        default_surface=source.surface.name,
        request_id_headers=source.request_id_headers,
        request_id_pointer=source.request_id_pointer,
        error_shape=_construct(
            "ErrorShapeInfo",
            message=shape.message,
            code=shape.code,
            type=shape.type,
            param=shape.param,
        ),
        webhooks=None if source.webhooks is None else _webhooks(source.webhooks),
        digest=source.digest,
    )


def _webhooks(source: Webhooks) -> Code:
    said = asdict(source)
    # There is one algorithm, and the runtime knows it; the rest only a sender needs.
    for unread in ("algorithm", "event_id", "created_at"):
        del said[unread]
    return _construct("WebhookInfo", **said)


def gateway_info(gateway: Gateway, *, published: Code, observed: Code | None) -> Code:
    """Return the expression that builds the gateway's ``GatewayInfo`` from those of its profiles."""
    return _construct(
        "GatewayInfo",
        name=gateway.name,
        title=gateway.title,
        base_url=gateway.base_url,
        environment=gateway.environment,
        published=published,
        observed=observed,
    )


def _credential(credential: Credentials, schemes: Mapping[str, Mapping[str, Any]]) -> Code:
    settings = dict(credential.settings)
    scheme = schemes.get(credential.scheme, {})
    if credential.kind == "header" and "name" in scheme:
        settings.setdefault("name", scheme["name"])
    return _construct(
        "CredentialInfo", scheme=credential.scheme, kind=credential.kind, settings=settings
    )


def _surface(surface: Surface) -> Code:
    poll = surface.poll
    return _construct(
        "SurfaceInfo",
        name=surface.name,
        job=_table({name: _job_field(field) for name, field in surface.job.items()}),
        states=surface.states,
        refusals=surface.refusals,
        results=_items(
            [_construct("ResultInfo", kind=r.kind, pointer=r.pointer) for r in surface.results]
        ),
        poll=_construct(
            "PollInfo",
            interval_seconds=poll.interval_seconds,
            header=poll.header,
            unit=poll.unit,
        ),
    )


def _job_field(field: JobField) -> Code:
    return _construct("JobFieldInfo", pointer=field.pointer, unit=field.unit, values=field.values)


def _operation(source: Operation, document: Mapping[str, Any]) -> Code:
    key = source.parameter("idempotency_key")
    success = source.success.contents
    return _construct(
        "OperationInfo",
        id=source.id,
        method=source.method.upper(),
        path=source.path,
        role=source.role,
        surface=source.surface,
        paid=source.paid,
        security=source.security,
        media_types=tuple(body.media_type for body in source.bodies),
        media=_table(_media(source)),
        comma=tuple(p.name for p in source.parameters if _joined(pointer_get(document, p.pointer))),
        fixed=source.fixed,
        defaults=tuple(
            (p.location, p.name, value)
            for p in source.parameters
            if (value := constant(p, document)) is not None
        ),
        fields=_items([_field(place) for place in field_places(source, document)]),
        variants=tuple(source.variants),
        envelope=_envelope(source.envelope),
        idempotency_header=key.name if key and key.location == "header" else None,
        accept=tuple(content.media_type for content in success),
        stream=any(c.binary or not is_json(c.media_type) for c in success),
        job=source.job,
        items=source.items,
        paging=_paging(source),
    )


def _media(source: Operation) -> dict[str, Code]:
    found: dict[str, list[Field]] = {}
    for body in source.bodies:
        for field in body.fields:
            found.setdefault(field.name, []).append(field)
    made = {}
    for name, fields in found.items():
        said = [f.canonical for f in fields if f.canonical]
        binary = any(f.binary for f in fields)
        forms = {form: place for c in said for form, place in c.forms.items()}
        if binary or forms:
            template = said[0].template if said else None
            made[name] = _construct(
                "MediaInfo",
                binary=binary,
                forms=forms,
                template=template,
                max_bytes=said[0].max_bytes if said else None,
            )
    return made


def _joined(parameter: Mapping[str, Any]) -> bool:
    """Say whether an array in this query parameter is one comma-separated value."""
    style = parameter.get("style", "form")
    return parameter["in"] == "query" and not parameter.get("explode", style == "form")


def _envelope(envelope: Envelope | None) -> Code | None:
    if envelope is None:
        return None
    return _construct("EnvelopeInfo", pointer=envelope.pointer, equals=envelope.equals)


def _field(place: FieldPlace) -> Code:
    return _construct(
        "FieldInfo",
        meaning=place.meaning.name,
        name=place.name,
        location=None if place.location == "body" else place.location,
        media_types=place.media_types,
        required=place.required or None,
        types=place.types,
        choices=place.choices,
        minimum=place.minimum,
        maximum=place.maximum,
        max_lengths=place.max_lengths,
        max_items=place.max_items,
        max_bytes=place.meaning.max_bytes,
        values=place.meaning.values,
        forms=place.meaning.forms,
        template=place.meaning.template,
        binary=place.binary or None,
    )


def _paging(source: Operation) -> Code | None:
    paging = source.paging
    if paging is None:
        return None
    turn = source.parameter("cursor" if paging.kind == "cursor" else "page")
    size = source.parameter("limit") or source.parameter("page_size")
    return _construct(
        "PagingInfo",
        kind=paging.kind,
        has_more=paging.has_more,
        last=paging.last,
        total=paging.total,
        parameter=turn.name if turn else None,
        size_parameter=size.name if size else None,
    )


def _construct(name: str, /, **values: Any) -> Code:
    """Write a constructor call; what is None or empty is left to the constructor's defaults."""
    arguments = ", ".join(
        f"{key}={value if isinstance(value, Code) else literal(value)}"
        for key, value in values.items()
        if key in _NEEDED or value not in (None, "{}", "()", (), {})
    )
    return Code(f"{name}({arguments})")


#: Constructor arguments without a default, which may be empty.
_NEEDED = frozenset({"servers", "environment", "credentials", "operations", "states", "results"})


def _items(parts: list[Code]) -> Code:
    return Code(f"({''.join(f'{part}, ' for part in parts)})")


def _table(parts: Mapping[str, Code]) -> Code:
    return Code(f"{{{', '.join(f'{literal(name)}: {part}' for name, part in parts.items())}}}")
