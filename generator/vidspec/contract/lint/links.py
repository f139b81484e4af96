"""Rules on links: each leads to an operation and feeds parameters that it has."""

from collections.abc import Iterator

from vidspec.contract.model import Dialect, Link, Operation, Reply
from vidspec.contract.schemas import schemas_at
from vidspec.document import Document
from vidspec.source import Problem, join_pointer

_BODY = "$response.body#"


def link_rules(dialect: Dialect, document: Document) -> Iterator[Problem]:
    """Yield the problems of the dialect's links."""
    for operation in dialect.operations:
        for reply in operation.replies:
            for link in reply.links:
                yield from _link(dialect, operation, reply, link, document)
        yield from _missing(dialect, operation, document)


def _link(
    dialect: Dialect, operation: Operation, reply: Reply, link: Link, document: Document
) -> Iterator[Problem]:
    here = reply.pointer + join_pointer("links", link.name)
    target = next((o for o in dialect.operations if o.id == link.operation_id), None)
    if target is None:
        yield Problem(
            rule="link-target",
            message=f"link '{link.name}' leads to '{link.operation_id}', which does not exist",
            location=document.locate(here),
        )
        return
    names = {p.name for p in target.parameters} | {
        f"{p.location}.{p.name}" for p in target.parameters
    }
    for name, expression in link.parameters.items():
        place = document.locate(here + join_pointer("parameters", name))
        if name not in names:
            yield Problem(
                rule="link-parameter",
                message=f"link '{link.name}': {target.id} has no parameter '{name}'",
                location=place,
            )
        if isinstance(expression, str) and expression.startswith(_BODY):
            content = reply.content("application/json")
            schema = content.schema_pointer if content else None
            pointer = expression.removeprefix(_BODY)
            if schema is not None and not schemas_at(dialect.document, schema, pointer):
                yield Problem(
                    rule="link-expression",
                    message=f"link '{link.name}': '{pointer}' leads nowhere in {operation.id}'s reply",
                    location=place,
                )


def _missing(dialect: Dialect, operation: Operation, document: Document) -> Iterator[Problem]:
    """Yield a create without a link to its retrieval; random chains and readers depend on it."""
    if operation.role not in {"create", "remix", "edit", "extend"} or operation.fixed:
        return
    retrieve = dialect.by_role("retrieve", operation.surface)
    if retrieve is None or retrieve.fixed or not any(r.ok for r in operation.replies):
        return
    if not any(link.operation_id == retrieve.id for link in operation.success.links):
        yield Problem(
            rule="link-missing",
            message=f"{operation.id} has no link to {retrieve.id}",
            location=document.locate(operation.success.pointer),
        )
