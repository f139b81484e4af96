"""What a gateway can do, from its dialect's data: for programs that choose, and for messages."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .dialect import DialectInfo, OperationInfo
from .values import choices


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterCapability:
    """What one argument of ``create`` can be."""

    required: bool
    #: The only values; empty: open.
    choices: tuple[Any, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    #: How a picture or a video can be given: ``file``, ``url``, ``data_url``, ``base64``, ``file_id``, ``id``.
    forms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SurfaceCapabilities:
    """What can be done with one family of jobs."""

    #: Roles of its operations: ``create``, ``retrieve``, ``list`` …
    operations: tuple[str, ...]
    #: Argument of ``create`` → what it can be.
    parameters: Mapping[str, ParameterCapability]
    #: What ``download`` can fetch; empty: the video.
    variants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a gateway can do."""

    gateway: str
    dialect: str
    default_surface: str
    surfaces: Mapping[str, SurfaceCapabilities]

    def can(self, operation: str, surface: str | None = None) -> bool:
        """Say whether jobs of that surface (the default one if None) have an operation of that role."""
        return operation in self.surfaces[surface or self.default_surface].operations


def capabilities_of(gateway: str, dialect: DialectInfo) -> Capabilities:
    """Return what a gateway of ``dialect`` can do."""
    return Capabilities(
        gateway=gateway,
        dialect=dialect.name,
        default_surface=dialect.default_surface,
        surfaces={name: _surface(dialect, name) for name in dialect.surfaces},
    )


def _surface(dialect: DialectInfo, name: str) -> SurfaceCapabilities:
    roles = [o.role for o in dialect.operations.values() if o.surface == name and o.role]
    create, content = dialect.by_role("create", name), dialect.by_role("content", name)
    return SurfaceCapabilities(
        operations=tuple(dict.fromkeys(roles)),
        parameters={} if create is None else _parameters(create),
        variants=() if content is None else content.variants,
    )


def _parameters(create: OperationInfo) -> dict[str, ParameterCapability]:
    made: dict[str, ParameterCapability] = {}
    for field in create.fields:
        known = made.get(field.meaning)
        made[field.meaning] = ParameterCapability(
            required=field.required and (known is None or known.required),
            choices=choices(field) or (known.choices if known else ()),
            minimum=field.minimum,
            maximum=field.maximum,
            forms=tuple(dict.fromkeys([*(known.forms if known else ()), *field.forms])),
        )
    return made
