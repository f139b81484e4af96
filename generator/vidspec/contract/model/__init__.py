"""The neutral meaning of a specification: what clients, stubs, mock, checks and diff all read.

Nothing here knows Python names, templates or HTTP libraries.
A ``pointer`` is a JSON Pointer (RFC 6901).
A *document* pointer (``#/components/schemas/Video`` without the ``#``) leads into ``Dialect.document``,
the bundled OpenAPI document.
A *message* pointer leads into a request or reply body; there the segment ``*`` stands for every item of an array.
"""

from vidspec.contract.model.contract import Contract, Gateway, Requirement
from vidspec.contract.model.dialect import Credentials, Dialect, ErrorShape, Webhooks
from vidspec.contract.model.lifecycle import Lifecycle
from vidspec.contract.model.messages import (
    Body,
    Canonical,
    Content,
    Example,
    Field,
    Header,
    Link,
    Parameter,
    Reply,
)
from vidspec.contract.model.operation import Cause, Charge, Envelope, Operation, Paging, Prices
from vidspec.contract.model.surface import JobField, Poll, Result, Surface
from vidspec.contract.model.words import TERMINAL, ParameterIn, Role, State

__all__ = [
    "TERMINAL",
    "Body",
    "Canonical",
    "Cause",
    "Charge",
    "Content",
    "Contract",
    "Credentials",
    "Dialect",
    "Envelope",
    "ErrorShape",
    "Example",
    "Field",
    "Gateway",
    "Header",
    "JobField",
    "Lifecycle",
    "Link",
    "Operation",
    "Paging",
    "Parameter",
    "ParameterIn",
    "Poll",
    "Prices",
    "Reply",
    "Requirement",
    "Result",
    "Role",
    "State",
    "Surface",
    "Webhooks",
]
