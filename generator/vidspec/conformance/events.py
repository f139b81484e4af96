"""What a run says, as it happens: frozen events, written as JSON lines and read back.

The stream is the run: a header (what was checked, with which versions), then what was sent, seen and judged,
then a footer that says whether the run came to its end. Every report is made from it alone.
No event holds a secret.
"""

import dataclasses
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias, get_args

from vidspec.conformance.exchange import Exchange
from vidspec.conformance.verdicts import Verdict
from vidspec.errors import UsageError

#: Grows when an older reader could not read the stream any more.
FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class Rule:
    """A requirement as it stood when the run was made."""

    id: str
    level: str
    sentence: str
    source: str
    test: str
    #: The operation it is mostly about, or None for the API as a whole.
    operation: str | None


@dataclass(frozen=True, slots=True)
class Header:
    """What is checked: the first event."""

    dialect: str
    title: str
    #: SHA-256 of the bundled dialect document.
    digest: str
    url: str
    mode: str
    #: The most accepted paid calls; None: no limit.
    budget: int | None
    versions: Mapping[str, str]
    #: Seconds since the epoch.
    started: float
    #: The documented operations: id → ``METHOD /path``.
    operations: Mapping[str, str]
    rules: tuple[Rule, ...]
    #: The family of jobs that is judged; empty in streams from before there was a choice.
    surface: str = ""
    format: int = FORMAT
    #: What the check's own create costs, and the most that all paid calls may cost; None: not known, no limit.
    price: float | None = None
    max_cost: float | None = None
    #: ISO 4217, or empty.
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """Why the gateway could not be measured: one thing, said once, and what to do."""

    code: str
    message: str
    hint: str
    #: It is a verdict by itself: the gateway does not conform, and nothing further needs to be measured.
    conclusive: bool = False


@dataclass(frozen=True, slots=True)
class Started:
    """A scenario begins; it is number ``number`` of ``total``."""

    scenario: str
    number: int
    total: int


@dataclass(frozen=True, slots=True)
class Ended:
    """A scenario is over; ``reason`` is empty if it came to its end."""

    scenario: str
    reason: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Sent:
    """A request of a scenario and its reply."""

    exchange: Exchange


@dataclass(frozen=True, slots=True)
class Judged:
    """A requirement was looked at: its first failures and its first pass in each operation."""

    requirement: str
    ok: bool
    expected: str
    received: str
    #: Number of the exchange that shows it, or None.
    exchange: int | None
    operation: str | None


@dataclass(frozen=True, slots=True)
class JobSeen:
    """A job was seen in another state or with another progress."""

    job: str
    id: str
    state: str
    word: str
    progress: float | None
    #: Seconds since the run began.
    at: float


@dataclass(frozen=True, slots=True)
class Unjudged:
    """A requirement that applies was not judged, and why."""

    requirement: str
    verdict: Verdict
    reason: str


@dataclass(frozen=True, slots=True)
class Excused:
    """A failure that the baseline lists: it is known, and does not count."""

    requirement: str
    reason: str
    link: str | None
    #: The last day on which the excuse holds, as ISO 8601, or None.
    expires: str | None


@dataclass(frozen=True, slots=True)
class Lapsed:
    """An entry of the baseline that is no longer true; it makes the check fail."""

    requirement: str
    kind: Literal["stale", "expired"]
    message: str


@dataclass(frozen=True, slots=True)
class Footer:
    """How the run ended: the last event."""

    #: ``incomplete``: it came to its end, and yet did not look at all that it promised.
    state: Literal["complete", "incomplete", "truncated"]
    reason: str
    seconds: float
    requests: int
    #: Paid calls that the gateway accepted.
    paid: int
    #: How often any requirement was looked at.
    checks: int
    #: Requirement → how often it was looked at.
    counts: Mapping[str, int] = field(default_factory=dict)
    #: Exchanges that were seen and not judged: none of the dialect's, or of a body that could not be read.
    ignored: int = 0
    unread: int = 0
    #: What the accepted paid calls cost by the prices that were known, an estimate; None: not known.
    cost: float | None = None


Event: TypeAlias = (
    Header
    | Finding
    | Started
    | Ended
    | Sent
    | Judged
    | JobSeen
    | Unjudged
    | Excused
    | Lapsed
    | Footer
)
_KINDS: Final[Mapping[str, type[Event]]] = {kind.__name__.lower(): kind for kind in get_args(Event)}


def to_line(event: Event) -> str:
    """Return the event as one line of JSON, without the line's end."""
    value = {"event": type(event).__name__.lower(), **dataclasses.asdict(event)}
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def read_lines(lines: Iterable[str]) -> Iterator[Event]:
    """Read a stream back; raise UsageError for a line that is no event of this format."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
            yield _event(_KINDS[value.pop("event")], value)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            message = f"line {number} is not an event of a vidspec run: {error}"
            raise UsageError(message) from error


def _event(kind: type[Event], value: dict[str, Any]) -> Event:
    if kind is Header:
        value["rules"] = tuple(Rule(**rule) for rule in value["rules"])
    if kind is Sent:
        exchange = value["exchange"]
        for name in ("request_headers", "response_headers"):
            exchange[name] = tuple((key, text) for key, text in exchange[name])
        value["exchange"] = Exchange(**exchange)
    return kind(**value)
