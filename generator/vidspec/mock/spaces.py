"""Separate worlds on one server: callers of one space see no job of another."""

import functools
import hashlib
from contextvars import ContextVar
from typing import Final

#: The request header that names a space.
SPACE_HEADER: Final = "vidspec-space"

#: The space of the request that is being answered; the empty one is everybody's.
SPACE: Final[ContextVar[str]] = ContextVar("space", default="")


@functools.lru_cache(maxsize=1024)
def space_of(principal: str | None) -> str:
    """Return the space of everybody who shows that credential; the credential cannot be read from it."""
    return "" if principal is None else f"key-{hashlib.sha256(principal.encode()).hexdigest()[:16]}"
