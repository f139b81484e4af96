"""Rules on operations: every role has what it needs."""

from collections.abc import Iterator

from vidspec.contract.model import Dialect, Operation
from vidspec.contract.schemas import schemas_at
from vidspec.document import Document
from vidspec.source import Problem, join_pointer

_ADDRESSED = frozenset({"retrieve", "delete", "cancel", "content", "remix"})
_NAMED = {"model": "model_id", "character": "character_id"}
_CURSOR, _PAGE = ("cursor", "limit"), ("page", "page_size")


def operation_rules(dialect: Dialect, document: Document) -> Iterator[Problem]:
    """Yield the problems of the dialect's operations."""
    ids: dict[str, str] = {}
    for operation in dialect.operations:
        if operation.id in ids:
            yield Problem(
                rule="operation-id",
                message=f"operationId '{operation.id}' is used twice",
                location=document.locate(operation.pointer),
                hint=f"The other stands at {document.locate(ids[operation.id])}.",
            )
        ids[operation.id] = operation.pointer
        # One HTTP operation may hide several: its tags speak for them all.
        paid = any(o.paid for o in dialect.operations if o.pointer == operation.pointer)
        yield from _basics(operation, document, paid=paid)
        yield from _surface(dialect, operation, document)
        yield from _role(operation, document)
        yield from _priced(dialect, operation, document)
    yield from _servers(dialect, document)


def _basics(operation: Operation, document: Document, *, paid: bool) -> Iterator[Problem]:
    here = document.locate(operation.pointer)
    if not operation.summary:
        yield Problem(
            rule="operation-summary",
            message=f"{operation.id} has no summary",
            location=here,
        )
    if paid != ("paid" in operation.tags):
        yield Problem(
            rule="paid-tag",
            message=f"{operation.id}: the tag 'paid' and x-video-operation.paid disagree",
            location=here,
            hint="Other people's tools filter by the tag; ours read the extension.",
        )
    if operation.role == "create" and not operation.bodies:
        yield Problem(
            rule="role-create",
            message=f"{operation.id} creates a job but takes no body",
            location=here,
        )


def _surface(dialect: Dialect, operation: Operation, document: Document) -> Iterator[Problem]:
    if operation.surface not in dialect.surfaces:
        yield Problem(
            rule="surface-unknown",
            message=f"{operation.id} belongs to the surface '{operation.surface}', which does not exist",
            location=document.locate(operation.pointer + "/x-video-operation/surface"),
            hint=f"Surfaces: {', '.join(dialect.surfaces)}.",
        )


def _role(operation: Operation, document: Document) -> Iterator[Problem]:
    here = document.locate(operation.pointer + "/x-video-operation")
    wanted = "job_id" if operation.role in _ADDRESSED else _NAMED.get(operation.role or "")
    if wanted and not operation.parameter(wanted) and not operation.field(wanted):
        yield Problem(
            rule="role-address",
            message=f"{operation.id} has the role {operation.role}, but nothing in it means {wanted}",
            location=here,
            hint=f"Put x-video-parameter: {wanted} on the parameter that names it.",
        )
    if operation.role in {"list", "models"} and operation.items is None:
        yield Problem(
            rule="role-items",
            message=f"{operation.id} lists, but x-video-operation.items is missing",
            location=here,
            hint="items is the pointer of the array in the reply, for example /data.",
        )
    if operation.paging:
        for meaning in _CURSOR if operation.paging.kind == "cursor" else _PAGE:
            if not operation.parameter(meaning):
                yield Problem(
                    rule="role-paging",
                    message=f"{operation.id} pages by {operation.paging.kind}, but no parameter means {meaning}",
                    location=here,
                )
    if operation.variants and not operation.parameter("variant"):
        yield Problem(
            rule="role-variants",
            message=f"{operation.id} has variants, but no parameter means variant",
            location=here,
        )


def _priced(dialect: Dialect, operation: Operation, document: Document) -> Iterator[Problem]:
    prices, here = operation.prices, operation.pointer + "/x-video-operation/prices"
    if prices is None:
        return
    content = operation.success.content("application/json")
    schema = content.schema_pointer if content else None
    entry = f"{operation.items}/*{prices.pointer}"
    if operation.role != "models" or not (schema and schemas_at(dialect.document, schema, entry)):
        yield Problem(
            rule="role-prices",
            message=f"{operation.id} lists no model with prices at '{prices.pointer}'",
            location=document.locate(here),
            hint="The pointer leads into an entry of the operation that lists the models.",
        )
    known = {
        meaning.name
        for other in dialect.operations
        if other.paid
        for body in other.bodies
        for part in body.fields
        for meaning in part.meanings
    }
    for index, charge in enumerate(prices.charges):
        place = document.locate(f"{here}/charges/{index}")
        for name in charge.when.keys() - known:
            yield Problem(
                rule="role-prices",
                message=f"the charge '{charge.key}' depends on '{name}', which no paid request says",
                location=place,
            )
        if any(
            c.key[-1] == "*" and charge.key.startswith(c.key[:-1]) for c in prices.charges[:index]
        ):
            yield Problem(
                rule="role-prices",
                message=f"the charge '{charge.key}' comes after one that covers it",
                location=place,
            )


def _servers(dialect: Dialect, document: Document) -> Iterator[Problem]:
    if not dialect.servers:
        yield Problem(
            rule="servers",
            message="the document names no server",
            location=document.locate("/servers"),
            hint="The path part of the first server's URL is the prefix that stubs and mock serve.",
        )
    schemes = dialect.document.get("components", {}).get("securitySchemes", {})
    for index, credential in enumerate(dialect.credentials):
        if credential.scheme not in schemes:
            yield Problem(
                rule="credentials-scheme",
                message=f"credentials name the security scheme '{credential.scheme}', which does not exist",
                location=document.locate(f"/x-video-dialect/credentials/{index}/scheme"),
            )
    for operation in dialect.operations:
        for name in operation.security:
            if name not in schemes:
                yield Problem(
                    rule="security-scheme",
                    message=f"{operation.id} names the security scheme '{name}', which does not exist",
                    location=document.locate(operation.pointer + join_pointer("security")),
                )
