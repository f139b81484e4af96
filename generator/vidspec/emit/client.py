"""The client of a dialect, rendered from its view."""

from collections.abc import Iterable
from dataclasses import dataclass

from vidspec.contract.model import Dialect, Gateway
from vidspec.contract.schemas import enum_at, resolve, schemas_at
from vidspec.emit.client_data import dialect_info, gateway_info
from vidspec.emit.names import Code, PythonIdentifier, Scope
from vidspec.emit.rendering import Templates
from vidspec.emit.text import Annotation
from vidspec.emit.view import RESERVED_METHODS, Argument, DialectView, OperationView
from vidspec.source import join_pointer

_ROOT_FILES = {
    "__init__.py": "root.py.jinja",
    "_gateways/__init__.py": "gateways.py.jinja",
    "_video.py": "video.py.jinja",
}
_FILES = ("__init__.py", "_dialect.py", "_replies.py", "_requests.py", "client.py")


@dataclass(frozen=True, slots=True)
class Method:
    """One operation as a method of the client."""

    operation: OperationView
    #: Summary, description and arguments.
    docstring: str
    #: Type of the typed reply; None when the reply has no JSON body.
    reply: Annotation | None
    #: The reply is media: the method returns a download.
    media: bool
    #: Method that walks through the pages, for lists.
    pages: PythonIdentifier | None


@dataclass(frozen=True, slots=True)
class SurfaceMethods:
    """What a client offers for the jobs of one surface."""

    surface: str
    wait: PythonIdentifier
    download: PythonIdentifier
    #: Names of the methods for many jobs; None when a job is not found by its id alone.
    wait_all: PythonIdentifier | None
    as_completed: PythonIdentifier | None
    retrieve: Method
    #: The path argument of ``retrieve`` that is the job's id, if it has one.
    job_id: Argument | None
    #: The content operation and its argument for the job's id, when nothing else must be given.
    content: Method | None
    content_id: Argument | None


def client_files(view: DialectView, templates: Templates) -> dict[str, str]:
    """Return the package's Python files by name, not yet formatted."""
    methods, surfaces = client_methods(view.source, view.operations)
    purposes = sorted(
        {"api_key", *view.source.environment} - {"base_url"}, key=lambda p: (p != "api_key", p)
    )
    taken = Scope({"self", "base_url", "http_client", "settings"})
    secrets = [(taken.identifier(purpose, fallback="secret"), purpose) for purpose in purposes]
    rendered = {
        name: templates.render(
            f"client/{name}.jinja",
            view=view,
            methods=methods,
            surfaces=surfaces,
            secrets=secrets,
            dialect_info=dialect_info(view.source),
            takes_models=any(
                "models." in str(argument.annotation)
                for method in methods
                for argument in method.operation.arguments
            ),
        )
        for name in _FILES
    }
    if view.source.webhooks is not None:
        rendered["webhooks.py"] = templates.render(
            "client/webhooks.py.jinja",
            view=view,
            events=_events(view),
        )
    return rendered | {"models.py": view.models}


def client_methods(
    dialect: Dialect, operations: Iterable[OperationView]
) -> tuple[list[Method], list[SurfaceMethods]]:
    """Return the methods of the client of ``dialect``: one for each operation, and what each surface of jobs has."""
    operations = list(operations)
    scope = Scope({*RESERVED_METHODS, *(str(o.name) for o in operations)})
    methods = [_method(operation, scope) for operation in operations]
    found = (_surface(name, dialect, methods, scope) for name in dialect.surfaces)
    return methods, [surface for surface in found if surface]


def _events(view: DialectView) -> dict[str, Annotation]:
    """Return the model of each type of event that the document's ``webhooks`` describe."""
    webhooks, document = view.source.webhooks, view.source.document
    found: dict[str, Annotation] = {}
    for name in document.get("webhooks", {}) if webhooks else ():
        body = join_pointer("webhooks", name, "post", "requestBody", "content", "application/json")
        where = resolve(document, f"{body}/schema")[1]
        if webhooks is None or where not in view.classes:
            continue
        for place in schemas_at(document, where, webhooks.type):
            for value in enum_at(document, place) or ():
                if value in webhooks.events:
                    found.setdefault(str(value), Annotation(f"models.{view.classes[where]}"))
    return found


def gateway_text(gateway: Gateway, dialect: Dialect, templates: Templates) -> str:
    """Return the module that describes a gateway of ``dialect``, not yet formatted; a profile that is the dialect itself is imported from there."""
    module = PythonIdentifier.of(dialect.name, fallback="dialect")
    own = gateway.published.digest != dialect.digest
    differs = gateway.observed.digest != gateway.published.digest
    info = gateway_info(
        gateway,
        published=Code("PUBLISHED" if own else "DIALECT"),
        observed=Code("OBSERVED") if differs else None,
    )
    return templates.render(
        "client/gateway.py.jinja",
        gateway=gateway,
        module=module,
        info=info,
        published=dialect_info(gateway.published) if own else None,
        observed=dialect_info(gateway.observed) if differs else None,
    )


def client_root_files(
    names: list[str], gateways: list[str], templates: Templates
) -> dict[str, str]:
    """Return the files of the package that holds all clients, and the client over all of them."""
    modules = [PythonIdentifier.of(name, fallback="dialect") for name in names]
    return {
        name: templates.render(f"client/{template}", modules=modules, gateways=gateways)
        for name, template in _ROOT_FILES.items()
    }


def _method(operation: OperationView, scope: Scope) -> Method:
    arguments = [
        f"    - {a.name}: {' '.join(a.description.split())}"
        for a in operation.arguments
        if a.description
    ]
    described = "\n\nArguments:\n" + "\n".join(arguments) if arguments else ""
    pages = scope.identifier(f"{operation.name}_pages") if operation.source.paging else None
    media = operation.success.binary
    return Method(
        operation=operation,
        docstring=operation.docstring + described,
        reply=None if media else operation.success.annotation,
        media=media,
        pages=pages,
    )


def _surface(
    name: str, dialect: Dialect, methods: list[Method], scope: Scope
) -> SurfaceMethods | None:
    retrieve = _by_role(methods, "retrieve", name)
    if retrieve is None or retrieve.reply is None:
        return None
    content = _by_role(methods, "content", name)
    content_id = None if content is None else _job_argument(content.operation)
    alone = content is not None and [a for a in content.operation.arguments if a.required] == [
        content_id
    ]
    job_id = _job_argument(retrieve.operation)
    by_id = job_id and [a for a in retrieve.operation.arguments if a.required] == [job_id]
    default = name == dialect.surface.name

    def method(stem: str) -> PythonIdentifier:
        return PythonIdentifier(stem) if default else scope.identifier(f"{stem}_{name}")

    return SurfaceMethods(
        surface=name,
        wait=method("wait"),
        download=method("download"),
        wait_all=method("wait_all") if by_id else None,
        as_completed=method("as_completed") if by_id else None,
        retrieve=retrieve,
        job_id=job_id,
        content=content if alone else None,
        content_id=content_id if alone else None,
    )


def _by_role(methods: list[Method], role: str, surface: str) -> Method | None:
    return next(
        (
            m
            for m in methods
            if m.operation.source.role == role and m.operation.source.surface == surface
        ),
        None,
    )


def _job_argument(operation: OperationView) -> Argument | None:
    return next((a for a in operation.arguments if a.meaning == "job_id"), None)
