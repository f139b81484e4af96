"""What can be called, and how it answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from vidspec.contract.model.messages import Body, Field, Parameter, Reply
from vidspec.contract.model.words import ParameterIn, Role


@dataclass(frozen=True, slots=True)
class Paging:
    """How a list operation pages; pointers are message pointers into the reply, or None."""

    kind: Literal["cursor", "page"]
    has_more: str | None = None
    first: str | None = None
    last: str | None = None
    total: str | None = None


@dataclass(frozen=True, slots=True)
class Charge:
    """One kind of charge: ``key`` may end in ``*``; ``factor`` turns the listed number into the currency."""

    key: str
    per: Literal["second", "video"]
    factor: float = 1.0
    #: Canonical request values without which it is not charged.
    when: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Prices:
    """Where an entry of a models listing tells what a job costs: at ``pointer``, an object of charge → number."""

    pointer: str
    currency: str
    charges: tuple[Charge, ...]


@dataclass(frozen=True, slots=True)
class Envelope:
    """A 2xx reply is a success only if the value at ``pointer`` equals ``equals``."""

    pointer: str
    equals: Any


@dataclass(frozen=True, slots=True)
class Cause:
    """How the dialect answers one kind of failure.

    ``body`` is a JSON value in which the strings ``{message}``, ``{param}`` and ``{request_id}`` are filled in;
    a string that is exactly one placeholder takes the value itself (so ``{param}`` may become null).
    """

    name: str
    status: int
    body: Any
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation, as a caller sees it.

    Where one HTTP operation hides several (told apart by a query parameter), each is an Operation of its own
    and ``fixed`` holds what selects it: ``(("query", "Action", "CVSync2AsyncSubmitTask"),)``.
    """

    id: str
    role: Role | None
    surface: str
    method: str
    path: str
    summary: str
    description: str
    deprecated: bool
    tags: tuple[str, ...]
    #: A successful call costs money.
    paid: bool
    #: A gateway without it breaks nothing.
    optional: bool
    parameters: tuple[Parameter, ...]
    bodies: tuple[Body, ...]
    replies: tuple[Reply, ...]
    #: Message pointer of the job object in a successful reply (None: the reply holds no single job).
    job: str | None
    #: Message pointer of the array of items in a successful list or models reply.
    items: str | None
    paging: Paging | None
    #: Models: what an entry says about money.
    prices: Prices | None
    #: States in which the source job must be.
    needs: tuple[str, ...]
    #: Content: value of the ``variant`` parameter → media type.
    variants: Mapping[str, str]
    #: Security scheme names, any one of which is enough; empty: open to all.
    security: tuple[str, ...]
    fixed: tuple[tuple[ParameterIn, str, str], ...]
    #: When a 2xx reply of this operation is a success: the surface's rule, else the dialect's.
    envelope: Envelope | None
    #: How this operation answers failures: its own entries over the dialect's.
    causes: Mapping[str, Cause]
    #: Document pointer of the operation object.
    pointer: str

    @property
    def success(self) -> Reply:
        """The documented 2xx reply (lint holds that there is one)."""
        return next(r for r in self.replies if r.ok)

    def reply(self, status: int) -> Reply | None:
        """Return the reply documented for ``status``: the exact code first, then its range."""
        exact = next((r for r in self.replies if r.status == str(status)), None)
        return exact or next((r for r in self.replies if r.status == f"{status // 100}XX"), None)

    def body(self, media_type: str) -> Body | None:
        """Return the request body of that media type."""
        return next((b for b in self.bodies if b.media_type == media_type), None)

    def parameter(self, meaning: str) -> Parameter | None:
        """Return the parameter with that canonical meaning."""
        return next(
            (p for p in self.parameters if p.canonical and p.canonical.name == meaning), None
        )

    def field(self, meaning: str, media_type: str | None = None) -> Field | None:
        """Return the body field with that canonical meaning, in the first body that has it."""
        return next(
            (
                f
                for b in self.bodies
                if media_type in (None, b.media_type)
                for f in b.fields
                if any(c.name == meaning for c in f.meanings)
            ),
            None,
        )
