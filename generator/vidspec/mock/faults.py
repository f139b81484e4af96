"""Faults on purpose: what a mock does wrong under ``--break ID``, read from the requirements.

A fault is a mapping, in one of two forms.
A *rewrite* changes replies on their way out: ``role``, ``status`` (``ok``, ``error`` or a code), ``cause``,
``state`` (of the job in the reply) and ``variant`` choose them, each one value or a list, ``asked`` is a regular
expression found in the request as ``told`` writes it, and all must hold;
``set``, ``put``, ``remove``, ``shift``, ``flip``, ``headers``, ``reply_status``, ``content_type`` and ``body`` say
what becomes of them, at the places that ``places`` describes. ``query`` and ``request_headers`` change the request
instead, before it is served; then only ``role`` and ``asked`` choose.
A *behaviour* is one of BEHAVIOURS by name, with its own settings beside it.
A list under ``all`` commits several at once.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from vidspec.contract.model import Requirement
from vidspec.errors import UsageError
from vidspec.mock.behaviours import BEHAVIOURS

_REWRITE = frozenset(
    {
        "role", "status", "cause", "state", "variant", "set", "put", "remove", "shift", "flip",
        "headers", "reply_status", "content_type", "body", "asked", "query", "request_headers",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rewrite:
    """Which replies to change, and how; None or empty means: any, or no change."""

    roles: frozenset[str] = frozenset()
    statuses: frozenset[str] = frozenset()
    causes: frozenset[str] = frozenset()
    states: frozenset[str] = frozenset()
    variants: frozenset[str] = frozenset()
    #: Place → canonical value, and place → JSON value.
    set: Mapping[str, Any] = field(default_factory=dict)
    put: Mapping[str, Any] = field(default_factory=dict)
    remove: tuple[str, ...] = ()
    #: Place → seconds.
    shift: Mapping[str, float] = field(default_factory=dict)
    flip: tuple[str, ...] = ()
    #: Name → new value; None takes the header away.
    headers: Mapping[str, str | None] = field(default_factory=dict)
    reply_status: int | None = None
    content_type: str | None = None
    body: Any = None
    #: Found in the request; None: in every one.
    asked: re.Pattern[str] | None = None
    #: Canonical name of a query parameter → what the mock reads in its stead; None: nothing.
    query: Mapping[str, str | None] = field(default_factory=dict)
    #: Name in lower case → what the mock reads in its stead; None: nothing.
    request_headers: Mapping[str, str | None] = field(default_factory=dict)

    @property
    def changes_body(self) -> bool:
        """Whether it changes places in the body."""
        return bool(self.set or self.put or self.remove or self.shift or self.flip)

    def chooses_request(self, role: str | None, request: str) -> bool:
        """Say whether the request, as ``told`` writes it, is to be changed."""
        return (
            bool(self.query or self.request_headers)
            and (not self.roles or role in self.roles)
            and (self.asked is None or self.asked.search(request) is not None)
        )

    def chooses(self, seen: "Seen") -> bool:
        """Say whether the reply that was seen is to be changed."""
        kind = "ok" if 200 <= seen.status < 300 else "error" if seen.status >= 400 else "other"
        return (
            (not self.statuses or bool(self.statuses & {kind, str(seen.status)}))
            and (not self.roles or seen.role in self.roles)
            and (not self.causes or seen.cause in self.causes)
            and (not self.states or bool(self.states & seen.states))
            and (not self.variants or bool(self.variants & seen.variants))
            and (self.asked is None or self.asked.search(seen.request) is not None)
        )


@dataclass(frozen=True, slots=True)
class Seen:
    """What a rewrite chooses a reply by."""

    status: int
    role: str | None
    cause: str | None
    #: The states of the jobs in the reply.
    states: frozenset[str]
    #: The variant asked for, by name and, if it is the first, also as ``default``.
    variants: frozenset[str]
    #: The request, as ``told`` writes it.
    request: str = ""


def told(method: str, target: str, headers: Iterable[tuple[str, str]], body: bytes) -> str:
    """Write a request as text for ``asked``: method and target, a line for each header, an empty line, the body."""
    lines = [f"{method} {target}", *(f"{name.lower()}: {value}" for name, value in headers)]
    return "\n".join(lines) + "\n\n" + body.decode("latin-1")


@dataclass(frozen=True, slots=True)
class Faults:
    """Everything a mock does wrong on purpose: nothing, as a rule."""

    behaviours: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    rewrites: tuple[Rewrite, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.behaviours or self.rewrites)

    def on(self, behaviour: str) -> bool:
        """Say whether that behaviour is committed; raise KeyError if there is no such behaviour."""
        if behaviour not in BEHAVIOURS:
            raise KeyError(behaviour)
        return behaviour in self.behaviours

    def on_for(self, behaviour: str, role: str | None) -> bool:
        """Say whether the behaviour is committed in that role: it names the role, or none at all."""
        named = self.setting(behaviour, "role")
        return self.on(behaviour) and (named is None or role in _words(named))

    def setting(self, behaviour: str, name: str) -> Any:
        """Return a setting of a committed behaviour, None if it is not set."""
        return self.behaviours.get(behaviour, {}).get(name)


def read_faults(faults: Iterable[Mapping[str, Any]]) -> Faults:
    """Read fault mappings; raise UsageError for a key or behaviour that does not exist."""
    behaviours: dict[str, Mapping[str, Any]] = {}
    rewrites: list[Rewrite] = []
    for fault in _flat(faults):
        if "behaviour" not in fault:
            rewrites.append(_rewrite(fault))
            continue
        settings = {key: value for key, value in fault.items() if key != "behaviour"}
        name = str(fault["behaviour"])
        if name not in BEHAVIOURS:
            message = f"no such behaviour: {name} (there are: {', '.join(BEHAVIOURS)})"
            raise UsageError(message)
        _known(settings, BEHAVIOURS[name][1], f"the behaviour {name}")
        behaviours[name] = settings
    return Faults(behaviours, tuple(rewrites))


def faults_of(requirements: Iterable[Requirement], ids: Iterable[str]) -> Faults:
    """Return the faults that the requirements of these ids forbid; raise UsageError if there is none."""
    known = {requirement.id: requirement for requirement in requirements}
    chosen: list[Mapping[str, Any]] = []
    for wanted in ids:
        requirement = known.get(wanted)
        if requirement is None:
            message = f"no such requirement: {wanted}"
            raise UsageError(message)
        if requirement.fault is None:
            message = f"{wanted} names no fault: {requirement.excluded or 'none is declared'}"
            raise UsageError(message)
        chosen.append(requirement.fault)
    return read_faults(chosen)


def _flat(faults: Iterable[Mapping[str, Any]]) -> Iterable[Mapping[str, Any]]:
    for fault in faults:
        if "all" in fault:
            _known(fault, frozenset({"all"}), "a list of faults")
            yield from _flat(fault["all"])
        else:
            yield fault


def _rewrite(fault: Mapping[str, Any]) -> Rewrite:
    _known(fault, _REWRITE, "a rewrite")
    return Rewrite(
        roles=_words(fault.get("role")),
        statuses=_words(fault.get("status")),
        causes=_words(fault.get("cause")),
        states=_words(fault.get("state")),
        variants=_words(fault.get("variant")),
        set=dict(fault.get("set", {})),
        put=dict(fault.get("put", {})),
        remove=tuple(fault.get("remove", ())),
        shift=dict(fault.get("shift", {})),
        flip=tuple(fault.get("flip", ())),
        headers=dict(fault.get("headers", {})),
        reply_status=fault.get("reply_status"),
        content_type=fault.get("content_type"),
        body=fault.get("body"),
        asked=_pattern(fault["asked"]) if "asked" in fault else None,
        query=dict(fault.get("query", {})),
        request_headers=dict(fault.get("request_headers", {})),
    )


def _pattern(text: Any) -> re.Pattern[str]:
    try:
        return re.compile(str(text), re.MULTILINE)
    except re.error as error:
        message = f"not a regular expression: {text} ({error})"
        raise UsageError(message) from error


def _words(value: Any) -> frozenset[str]:
    if value is None:
        return frozenset()
    return frozenset(map(str, value)) if isinstance(value, list) else frozenset({str(value)})


def _known(given: Iterable[str], known: frozenset[str], what: str) -> None:
    unknown = sorted(set(given) - known)
    if unknown:
        message = f"{what} takes no {', '.join(unknown)} (it takes: {', '.join(sorted(known))})"
        raise UsageError(message)
