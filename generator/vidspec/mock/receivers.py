"""Who is sent webhooks, how often, and what became of it."""

import ipaddress
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from vidspec.errors import UsageError

#: Seconds before each further attempt.
_BACK_OFF: Final = (0.5, 1.0, 2.0, 4.0, 8.0)


@dataclass(frozen=True, slots=True)
class WebhookOptions:
    """Where webhooks go beside the addresses that requests name, and what is done wrong on purpose."""

    #: Told of every job; None: only those whose request names an address.
    url: str | None = None
    #: With what messages are signed, where the dialect signs them; None: they are not signed.
    secret: str | None = None
    #: Hosts that may be called beside this machine and the host of ``url``.
    hosts: frozenset[str] = frozenset()
    back_off: tuple[float, ...] = _BACK_OFF
    timeout_seconds: float = 10.0
    #: How many of the messages (0 to 1) come twice, and how many come after the one that follows them.
    duplicates: float = 0.0
    disorder: float = 0.0
    #: Decides which.
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse an address that cannot be called, and parts that are none."""
        if self.url is not None and not _host(self.url):
            message = f"webhooks cannot be sent to {self.url}"
            raise UsageError(message)
        if not (0 <= self.duplicates <= 1 and 0 <= self.disorder <= 1):
            message = "how many webhooks are doubled or held back is said as a part: 0 to 1"
            raise UsageError(message)

    def allows(self, url: str) -> bool:
        """Say whether that address may be called: this machine's, and hosts that were named."""
        host = _host(url)
        named = {name.lower() for name in self.hosts}
        if self.url is not None:
            named.add(_host(self.url))
        return bool(host) and (host in named or _is_loopback(host))


@dataclass(frozen=True, slots=True)
class Delivery:
    """One attempt to deliver a message."""

    #: The same for every attempt and for a duplicate.
    message_id: str
    #: The type of event, or the canonical state where messages have no type.
    event: str
    job_id: str
    #: Without a signed query.
    url: str
    #: From 1; 0: there was none, because the address is not allowed.
    attempt: int
    #: Seconds since 1970, by the mock's clock.
    at: float
    #: What the receiver answered; None: nothing, and ``error`` says why.
    status: int | None
    error: str | None = None

    @property
    def ok(self) -> bool:
        """Whether the receiver has taken it."""
        return self.status is not None and 200 <= self.status < 300


def _host(url: str) -> str:
    """Return the host of a web address in lower case, empty if it is none."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return ""
    return (parts.hostname or "") if parts.scheme in {"http", "https"} else ""


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False  # A name: it may lead anywhere.
