"""A document of one's own, or somebody else's with an overlay that annotates it, as a dialect to be played."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from vidspec.contract import understand
from vidspec.contract.model import Dialect
from vidspec.document import apply_overlay, load_document
from vidspec.errors import UsageError

#: Roles whose replies are played from examples.
_PLAYED = frozenset({"create", "remix", "edit", "extend", "retrieve", "list"})


def own_dialect(path: Path, overlays: Sequence[Path] = ()) -> Dialect:
    """Return the dialect in an OpenAPI file, the overlays applied in order.

    Raises SpecError with every problem found, UsageError for files that cannot be read and for a document that says
    too little to be played.
    """
    document = load_document(path, root=path.parent)
    for overlay in overlays:
        document = apply_overlay(document, overlay)
    dialect = understand(document)
    missing = list(_missing(dialect))
    if missing:
        message = f"{path} cannot be played: {'; '.join(missing)}"
        raise UsageError(message, hint="Say it in the document, or in an overlay (--overlay).")
    return dialect


def _missing(dialect: Dialect) -> Iterator[str]:
    """Yield what the mock would have to invent."""
    roles = {operation.role for operation in dialect.operations}
    if not {"create", "retrieve"} <= roles:
        yield "there must be operations of the roles create and retrieve"
    for operation in dialect.operations:
        if not any(reply.ok for reply in operation.replies):
            yield f"{operation.id} documents no successful reply"
        elif operation.role in _PLAYED and not any(
            content.examples for content in operation.success.contents
        ):
            yield f"{operation.id} shows no example of a successful reply"
