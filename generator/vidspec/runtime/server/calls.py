"""What a service method is called with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came as a part of a multipart body, held in memory."""

    filename: str
    content_type: str
    data: bytes = field(repr=False)

    @property
    def size(self) -> int:
        """Length of the file in bytes."""
        return len(self.data)


@dataclass(slots=True)  # Not frozen: that takes three times as long to make, in every request.
class Call:
    """One accepted request: authenticated, its parameters and body validated. Not to be written to."""

    operation_id: str
    request: Request = field(repr=False)
    #: Answered in the dialect's request id header, and in errors that name one.
    request_id: str
    path: Mapping[str, str]
    #: Query values by wire name, coerced to the types of their schemas.
    query: Mapping[str, Any]
    #: The decoded JSON, or a dict of form values (files are ``Upload``); None without a body.
    body: Any = field(repr=False)
    #: Media type of the body, without parameters; None without a body.
    media_type: str | None
    #: What ``authenticate`` returned; None where the operation is open to all.
    principal: Any = field(repr=False)

    @property
    def headers(self) -> Mapping[str, str]:
        """Request headers; names compare without regard to case."""
        return self.request.headers
