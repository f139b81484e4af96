"""From a Dialect to its Python view: where every name and every type of the emitted code is decided."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from vidspec.contract.model import Dialect, Field, Operation, Parameter, Reply
from vidspec.contract.schemas import resolve
from vidspec.emit.annotations import Annotator, names_in, union
from vidspec.emit.client_fields import constant, is_json
from vidspec.emit.memory import ModelMemory
from vidspec.emit.models import CLIENT, write_models
from vidspec.emit.names import Code, PythonIdentifier, Scope
from vidspec.emit.schemas import Flavour, Normaliser
from vidspec.emit.text import Annotation
from vidspec.emit.view import (
    RESERVED_ARGUMENTS,
    RESERVED_METHODS,
    Argument,
    BodyView,
    DialectView,
    OperationView,
    ReplyView,
    SchemeView,
)
from vidspec.source import join_pointer, pointer_get

_IN_BRACES = re.compile(r"\{([^{}]*)\}")
_ORDER = ("path", "query", "header", "cookie", "body")
_TYPING = ("Any", "Literal", "Mapping", "Sequence")
_FILE_FORMS = frozenset({"file", "base64", "data_url"})
_FILE = Annotation("FileInput")


def build_view(dialect: Dialect, flavour: Flavour, memory: ModelMemory) -> DialectView:
    """Decide every name and type of the package emitted for ``dialect`` (``models.CLIENT`` or ``models.SERVER``)."""
    normaliser = Normaliser(dialect, flavour)
    operations = build_operations(dialect, normaliser)
    # Last: the annotations above name the inline schemas that models are needed for.
    models = write_models(normaliser, dialect.name, memory)
    used = {name for o in operations for a in o.arguments for name in names_in(a.annotation)}
    schemes = {
        name: resolve(dialect.document, join_pointer("components", "securitySchemes", name))[0]
        for name in dialect.document.get("components", {}).get("securitySchemes", {})
    }
    prefix = urlsplit(dialect.servers[0]).path.rstrip("/") if dialect.servers else ""
    return DialectView(
        source=dialect,
        module=PythonIdentifier.of(dialect.name, fallback="dialect"),
        origin=f"spec/dialects/{dialect.name}/openapi.yaml",
        version=str(dialect.document["info"]["version"]),
        operations=operations,
        surfaces=tuple(dialect.surfaces.values()),
        prefix=prefix,
        schemes=schemes,
        places=tuple(_places(schemes)),
        typing_names=tuple(Code(name) for name in _TYPING if name in used),
        attributes=models.attributes,
        classes=models.classes,
        models=models.text,
    )


def build_operations(dialect: Dialect, normaliser: Normaliser) -> tuple[OperationView, ...]:
    """Decide names and types of the operations alone; ``normaliser`` names the schemas that they need."""
    methods, classes = Scope(RESERVED_METHODS), Scope()
    return tuple(
        _Operation(dialect, operation, normaliser).view(methods, classes)
        for operation in dialect.operations
    )


class _Operation:
    """Builds the view of one operation."""

    def __init__(self, dialect: Dialect, operation: Operation, normaliser: Normaliser) -> None:
        self._document = dialect.document
        self._source = operation
        self._normaliser = normaliser
        self._annotator = Annotator(normaliser.result)
        self._client = normaliser.flavour == CLIENT

    def view(self, methods: Scope, classes: Scope) -> OperationView:
        source = self._source
        name = methods.identifier(source.id, fallback="operation")
        class_name = classes.class_name(source.id, fallback="Operation")
        arguments = self._arguments()
        route, route_names = _route(source.path, arguments)
        replies = {reply.status: self._reply(reply, class_name) for reply in source.replies}
        success = replies[source.success.status]
        bodies = tuple(self._bodies(class_name))
        return OperationView(
            name=name,
            class_name=class_name,
            source=source,
            docstring=_docstring(source),
            path=source.path,
            route=route,
            route_names=route_names,
            arguments=arguments,
            bodies=bodies,
            success=success,
            errors=tuple(view for status, view in replies.items() if not status.startswith("2")),
            body=_body_type(bodies),
            result=success.annotation if self._client else _result_type(success),
            status=int(success.status) if success.status.isdecimal() else 200,
        )

    def _arguments(self) -> tuple[Argument, ...]:
        scope = Scope(RESERVED_ARGUMENTS)
        ordered = sorted(self._source.parameters, key=lambda p: _ORDER.index(p.location))
        made = [self._parameter(parameter, scope) for parameter in ordered]
        by_name: dict[str, list[Field]] = {}
        for body in self._source.bodies:
            for field in body.fields:
                by_name.setdefault(field.name, []).append(field)
        made += [self._field(fields, scope) for fields in by_name.values()]
        # A stable sort: required first, each half in its own order.
        return tuple(sorted(made, key=lambda a: not a.required))

    def _parameter(self, parameter: Parameter, scope: Scope) -> Argument:
        said = pointer_get(self._document, parameter.pointer)
        style = said.get("style", "form" if parameter.location in {"query", "cookie"} else "simple")
        schema = self._normaliser.inline(
            f"{parameter.pointer}/schema", f"{self._source.id}_{parameter.name}"
        )
        # The client's runtime sends a constant by itself.
        filled = self._client and constant(parameter, self._document) is not None
        return Argument(
            name=scope.identifier(parameter.name, fallback="parameter"),
            wire=parameter.name,
            location=parameter.location,
            annotation=self._annotator.give(schema)
            if self._client
            else self._annotator.read(schema),
            required=parameter.location == "path" or (parameter.required and not filled),
            description=parameter.description,
            meaning=parameter.canonical.name if parameter.canonical else None,
            binary=False,
            forms={},
            template=None,
            explode=bool(said.get("explode", style == "form")),
            pointer=f"{parameter.pointer}/schema",
        )

    def _field(self, fields: list[Field], scope: Scope) -> Argument:
        first = next((f for f in fields if f.canonical), fields[0])
        forms: dict[str, str] = {}
        for field in fields:
            forms |= field.canonical.forms if field.canonical else {}
        return Argument(
            name=scope.identifier(first.name, fallback="field"),
            wire=first.name,
            location="body",
            annotation=union([self._field_type(field) for field in fields]),
            required=len(fields) == len(self._source.bodies)
            and all(field.required for field in fields)
            and all(body.required for body in self._source.bodies),
            description=first.description,
            meaning=first.canonical.name if first.canonical else None,
            binary=any(field.binary for field in fields),
            forms=forms,
            template=first.canonical.template if first.canonical else None,
            explode=True,
            pointer=first.pointer,
        )

    def _field_type(self, field: Field) -> Annotation:
        schema = self._normaliser.inline(field.pointer, f"{self._source.id}_{field.name}")
        forms = field.canonical.forms if field.canonical else {}
        takes_files = self._client and (field.binary or bool(_FILE_FORMS & forms.keys()))
        if takes_files and schema.get("type") == "array":
            item = self._annotator.give(schema.get("items", {}))
            return Annotation(f"Sequence[{union([_FILE, item])}]")
        given = self._annotator.give(schema)
        return union([_FILE, given]) if takes_files else given

    def _bodies(self, class_name: str) -> list[BodyView]:
        made = []
        for body in self._source.bodies:
            annotation = None
            if not self._client:
                kind = body.media_type.rpartition("/")[2].partition(";")[0].partition("-")[0]
                hint = f"{class_name}_{kind}_body"
                annotation = self._annotator.read(self._normaliser.named(body.schema_pointer, hint))
            made.append(
                BodyView(
                    media_type=body.media_type,
                    required=body.required,
                    annotation=annotation,
                    fields=tuple(field.name for field in body.fields),
                    binary=tuple(field.name for field in body.fields if field.binary),
                    pointer=body.schema_pointer,
                )
            )
        return made

    def _reply(self, reply: Reply, class_name: str) -> ReplyView:
        found: list[Annotation] = []
        for content in reply.contents:
            if not is_json(content.media_type):
                continue
            if content.schema_pointer is None:
                found.append(Annotation("Any"))
                continue
            hint = f"{class_name}_{'' if reply.ok else reply.status}_reply"
            found.append(self._annotator.read(self._normaliser.named(content.schema_pointer, hint)))
        return ReplyView(
            status=reply.status,
            description=reply.description,
            annotation=union(found) if found else None,
            media_types=tuple(content.media_type for content in reply.contents),
            binary=any(c.binary or not is_json(c.media_type) for c in reply.contents),
            contents=reply.contents,
        )


def _body_type(bodies: Iterable[BodyView]) -> Annotation | None:
    found = [body.annotation for body in bodies if body.annotation is not None]
    if not found:
        return None
    optional = not all(body.required for body in bodies)
    return union([*found, *([Annotation("None")] if optional else [])])


def _result_type(success: ReplyView) -> Annotation:
    response = Annotation("Response")
    if success.annotation is not None:
        return union([success.annotation, response])
    return response if success.binary else union([Annotation("None"), response])


def _places(schemes: Mapping[str, Mapping[str, Any]]) -> Iterator[SchemeView]:
    for name, scheme in schemes.items():
        if scheme["type"] == "apiKey":
            yield SchemeView(name, scheme["in"], scheme["name"], "")
        elif scheme["type"] == "http":
            yield SchemeView(name, "header", "Authorization", scheme["scheme"])
        elif scheme["type"] in {"oauth2", "openIdConnect"}:
            yield SchemeView(name, "header", "Authorization", "Bearer")


def _docstring(operation: Operation) -> str:
    paid = "A successful call costs money." if operation.paid else ""
    old = "Deprecated." if operation.deprecated else ""
    head = operation.summary.strip() or f"{operation.method} {operation.path}"
    head = head if head.endswith((".", "!", "?", ":")) else f"{head}."
    text = operation.description.strip()
    rest = [
        part for part in (text if text.rstrip(".") != head.rstrip(".") else "", paid, old) if part
    ]
    return "\n\n".join([head, *rest])


def _route(path: str, arguments: tuple[Argument, ...]) -> tuple[str, Mapping[str, str]]:
    names = {a.wire: a.name for a in arguments if a.location == "path"}
    used: dict[str, Any] = {}

    def place(match: re.Match[str]) -> str:
        wire = match[1]
        name = names.get(wire) or PythonIdentifier.of(wire, fallback="parameter")
        used[str(name)] = wire
        return f"{{{name}}}"

    return _IN_BRACES.sub(place, path), used
