"""What a caller can set on a client, and the sentinel for what the caller left out."""

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal
from urllib.parse import urlsplit


class Omit(enum.Enum):
    """The type of ``OMIT``: an argument that was not given, so is not sent (None would be sent as null)."""

    OMIT = "OMIT"

    def __repr__(self) -> str:
        """Show the name users write."""
        return "OMIT"


#: Marks an argument as left out.
OMIT: Final = Omit.OMIT


def given(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``values`` without those that were left out."""
    return {name: value for name, value in values.items() if value is not OMIT}


def check_header(name: str, value: str) -> None:
    """Raise ValueError, without showing the value, when it holds what a header cannot carry (line breaks, non-ASCII)."""
    if not (value.isascii() and value.isprintable()):
        msg = f"{name} holds characters that a header cannot carry"
        raise ValueError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One sending of a request, as hooks see it; nothing in it is secret."""

    operation_id: str
    method: str
    #: The path template (``/videos/{video_id}``), or ``""`` for a result URL.
    route: str
    #: 1 for the first sending, 2 for the first retry …
    number: int
    paid: bool
    #: Name of the dialect that is spoken.
    dialect: str
    #: Of the gateway, or of the place where a result is.
    host: str
    port: int
    #: The model that is asked for, where the request says so.
    model: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hooks:
    """Functions called around every attempt; they must not block, and what they raise reaches the caller."""

    on_request: Callable[[Attempt], None] | None = None
    #: Attempt, status, reply headers, seconds until the headers came.
    on_response: Callable[[Attempt, int, Mapping[str, str], float], None] | None = None
    #: Attempt, why there is no whole reply, seconds until that was known; also after ``on_response``, when a body breaks off.
    on_error: Callable[[Attempt, Exception, float], None] | None = None
    #: Failed attempt, seconds until the next one, why.
    on_retry: Callable[[Attempt, float, Exception], None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientOptions:
    """How a client sends. Times are seconds.

    Raises ValueError for a base URL that is not http(s), holds a user name, a query or a fragment, and for negative numbers.
    """

    base_url: str
    #: Longest silence of the server while it works or sends.
    timeout: float = 600.0
    connect_timeout: float = 5.0
    #: Longest time for one call with all its attempts, up to the reply (None: no end). The body of a download is not counted.
    deadline: float | None = 600.0
    #: Attempts after the first.
    max_retries: int = 2
    #: Sent with every request to the gateway itself, never to another origin.
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    hooks: Hooks = field(default_factory=Hooks, repr=False)
    #: ``auto`` sends JSON where the document offers it, unless there is a file to send.
    encoding: Literal["auto", "json", "multipart"] = "auto"

    def __post_init__(self) -> None:
        """Refuse what could only fail later."""
        parts = urlsplit(self.base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            msg = "base_url must be an absolute http or https URL"
            raise ValueError(msg)
        if parts.username is not None or parts.query or parts.fragment:
            msg = "base_url must hold no user name, query or fragment"
            raise ValueError(msg)
        for name, value in self.headers.items():
            check_header(name, value)
        times = (self.timeout, self.connect_timeout, self.deadline or 0.0, self.max_retries)
        if min(times) < 0:
            msg = "timeout, connect_timeout, deadline and max_retries must not be negative"
            raise ValueError(msg)
        object.__setattr__(self, "base_url", self.base_url.rstrip("/"))
