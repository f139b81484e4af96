"""Incidents: what goes wrong between a sound gateway and its caller, by chance, by operation, or when told.

An incident is written ``KIND[=VALUE] [OPTION=VALUE …]``, several with ``;`` between them: ``status=429 retry-after=2 rate=0.3``.
"""

import functools
import random
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from vidspec.errors import UsageError

#: The request header that brings incidents upon its request.
FAULT_HEADER: Final = "x-vidspec-fault"

_MEDIA = frozenset({"truncate", "corrupt", "length", "drip", "expired"})
#: Kind → what its value is, and the value that it has if none is given (None: one must be given).
_KINDS: Final = {
    "status": ("a status from 400 to 599", None),
    "latency": ("a length of time", None),
    "reset": ("before or after the headers", "before"),
    "stall": ("before or after the headers", "before"),
    "truncate": ("the part that is left, in percent", "50%"),
    "corrupt": ("the part that is changed, in percent", "1%"),
    "length": ("how many bytes too many are announced", "1000"),
    "drip": ("bytes in a second", None),
    "malformed": ("the part of the JSON that is left, in percent", "50%"),
    "expired": ("nothing", ""),
}
_OPTIONS = ("rate", "on", "times", "after", "jitter", "retry-after", "header")
_LONGEST_WAIT = 3600.0


@dataclass(frozen=True, slots=True)
class Incident:
    """One thing that goes wrong, and for whom."""

    kind: str
    #: Status, seconds, part (0 to 1) or bytes, as the kind has it; ``after`` says that headers are sent first.
    amount: float = 0.0
    after_headers: bool = False
    #: The part of the requests that it happens to.
    rate: float = 1.0
    #: Role or operation id; None: all that the kind can happen to.
    on: str | None = None
    #: How many of the chosen requests are spared at first, and how many are hit then (None: all).
    after: int = 0
    times: int | None = None
    #: Seconds of latency more or less.
    jitter: float = 0.0
    headers: tuple[tuple[str, str], ...] = ()
    text: str = ""

    @property
    def instead(self) -> bool:
        """Whether the request never reaches what would have answered it."""
        replaced = self.kind in {"status", "expired"}
        return replaced or (self.kind in {"reset", "stall"} and not self.after_headers)

    def concerns(self, role: str | None, operation: str | None) -> bool:
        """Say whether it can happen to that operation; keyless addresses of media count as ``content``."""
        if self.on is not None:
            return self.on in {role, operation}
        return self.kind not in _MEDIA or role == "content"


class Incidents:
    """What is to go wrong now; deterministic from the seed and the order of the requests."""

    def __init__(
        self, texts: Iterable[str] = (), seed: int = 0, known: Collection[str] = ()
    ) -> None:
        """Take what goes wrong from the start; raise UsageError for what is no incident.

        ``known`` are the roles and operations that there are (none: any will do).
        """
        self._known = known
        self._first = [found for text in texts for found in self._read(text)]
        self._seed = seed
        self._now: list[Incident] = []
        self._counts: dict[str, int] = {}
        self.reset()

    def __bool__(self) -> bool:
        return bool(self._now)

    def add(self, text: str) -> None:
        """Let this go wrong too; raise UsageError if it is no incident."""
        self._now += self._read(text)

    def clear(self) -> None:
        """Let nothing go wrong any more."""
        self._now = []

    def told(self) -> list[str]:
        """Return what goes wrong now, as it was written."""
        return [incident.text for incident in self._now]

    def reset(self) -> None:
        """Go back to the start, with all counts at nothing."""
        self._now, self._counts = list(self._first), {}

    def due(self, role: str | None, operation: str | None, asked: str = "") -> list[Incident]:
        """Return what happens to the next request of an operation; ``asked`` is what its header wants."""
        chosen = [*self._now, *(self._read(asked) if asked else ())]
        return [i for i in chosen if i.concerns(role, operation) and self._hits(i)]

    def _read(self, text: str) -> tuple[Incident, ...]:
        found = read_incidents(text)
        for incident in found if self._known else ():
            if incident.on is not None and incident.on not in self._known:
                known = ", ".join(sorted(self._known))
                raise _wrong(incident.text, f"is on {incident.on!r}, which is none of: {known}")
        return found

    def chance(self, incident: Incident) -> random.Random:
        """Return the dice of an incident for the request that it has just been due for."""
        number = self._counts.get(incident.text, 0)
        return random.Random(f"{self._seed}:{incident.text}:{number}")  # noqa: S311 - dice, no secret

    def _hits(self, incident: Incident) -> bool:
        # A header may have any text: what is counted for them is bounded.
        if len(self._counts) > 10_000:
            self._counts.clear()
        number = self._counts[incident.text] = self._counts.get(incident.text, 0) + 1
        if number <= incident.after:
            return False
        if incident.times is not None and number > incident.after + incident.times:
            return False
        return incident.rate >= 1 or self.chance(incident).random() < incident.rate


@functools.lru_cache(maxsize=1024)
def read_incidents(text: str) -> tuple[Incident, ...]:
    """Read incidents with ``;`` between them; raise UsageError, naming the one that is wrong."""
    return tuple(_read(part.strip()) for part in text.split(";"))


def _read(text: str) -> Incident:
    head, *options = text.split()[:20] or [""]
    kind, _, value = head.partition("=")
    if kind not in _KINDS:
        raise _wrong(text, f"is no incident (there are: {', '.join(_KINDS)})")
    said = value or _KINDS[kind][1]
    if said is None or (kind == "expired" and value):
        raise _wrong(text, f"must say {_KINDS[kind][0]}: {kind}=…")
    given: dict[str, str] = {}
    headers: list[tuple[str, str]] = []
    for option in options:
        name, equals, content = option.partition("=")
        if name not in _OPTIONS or not equals or not content:
            raise _wrong(text, f"has a wrong option {option!r} (there are: {', '.join(_OPTIONS)})")
        if name == "header":
            headers.append(_header(text, content))
        elif name == "retry-after":
            headers.append(("retry-after", str(_number(text, content, 0, 1e6, whole=True))))
        else:
            given[name] = content
    if (headers and kind != "status") or ("jitter" in given and kind != "latency"):
        raise _wrong(text, "has an option of another kind of incident")
    return Incident(
        kind=kind,
        amount=_amount(text, kind, said),
        after_headers=said == "after",
        rate=float(_number(text, given.get("rate", "1"), 0, 1)),
        on=given.get("on"),
        after=int(_number(text, given.get("after", "0"), 0, 1e9, whole=True)),
        times=int(_number(text, given["times"], 0, 1e9, whole=True)) if "times" in given else None,
        jitter=_seconds(text, given.get("jitter", "0")),
        headers=tuple(headers),
        text=text,
    )


def _amount(text: str, kind: str, said: str) -> float:
    if kind == "status":
        return _number(text, said, 400, 599, whole=True)
    if kind == "latency":
        return _seconds(text, said)
    if kind in {"length", "drip"}:
        return _number(text, said.removeprefix("+"), 1, 1e9, whole=True)
    if kind in {"truncate", "corrupt", "malformed"}:
        return _number(text, said.removesuffix("%"), 0, 100) / 100
    if kind in {"reset", "stall"} and said not in {"before", "after"}:
        raise _wrong(text, f"must say {_KINDS[kind][0]}")
    return 0.0


def _seconds(text: str, said: str) -> float:
    for unit, factor in (("ms", 0.001), ("s", 1.0), ("", 1.0)):
        if said.endswith(unit):
            return _number(text, said.removesuffix(unit), 0, _LONGEST_WAIT / factor) * factor
    raise AssertionError  # Every text ends in nothing.


def _number(text: str, said: str, least: float, most: float, *, whole: bool = False) -> float:
    try:
        number = int(said) if whole else float(said)
    except ValueError:
        number = float("nan")
    if not least <= number <= most:
        raise _wrong(text, f"has {said!r} where a number from {least:g} to {most:g} belongs")
    return number


def _header(text: str, content: str) -> tuple[str, str]:
    name, colon, value = content.partition(":")
    sound = name.replace("-", "").replace("_", "").isalnum() and content.isascii()
    if not colon or not sound or not value.isprintable():
        raise _wrong(text, "has a header that is not NAME:VALUE")
    return name.lower(), value


def _wrong(text: str, what: str) -> UsageError:
    return UsageError(
        f"the fault {text!r} {what}",
        hint="A fault is like: status=503 rate=0.3 on=create, latency=200ms jitter=50ms, reset=after, truncate=50%.",
    )
