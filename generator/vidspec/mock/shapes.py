"""What a document's schemas say of places in a message."""

from vidspec.contract.model import Dialect
from vidspec.contract.schemas import properties, schemas_at, types_at


def first_schema(dialect: Dialect, schema: str, message: str) -> str | None:
    """Return the first schema under ``schema`` for that place in a message, None if there is none."""
    return next(iter(schemas_at(dialect.document, schema, message)), None)


def required_of(dialect: Dialect, schema: str | None, holder: str) -> frozenset[str]:
    """Return the names that the schema at the message pointer ``holder`` requires."""
    places = [] if schema is None else schemas_at(dialect.document, schema, holder)
    return frozenset(
        name
        for place in places
        for name, _, required in properties(dialect.document, place)
        if required
    )


def types_of(dialect: Dialect, schema: str | None, message: str) -> frozenset[str]:
    """Return the JSON types that the schema allows at the message pointer."""
    spots = [] if schema is None else schemas_at(dialect.document, schema, message)
    return frozenset(t for spot in spots for t in types_at(dialect.document, spot))
