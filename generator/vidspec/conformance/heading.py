"""The first event of a run: what is checked, with which versions, against which rules."""

import importlib.metadata
import platform
import time
from collections.abc import Iterable
from typing import Final

from vidspec.conformance.events import Header, Rule
from vidspec.conformance.target import Options
from vidspec.contract import Contract, Dialect, Requirement, Surface
from vidspec.errors import UsageError

_VERSIONS: Final = ("vidspec", "schemathesis", "httpx2", "jsonschema-rs")


def heading(
    dialect: Dialect,
    surface: Surface,
    *,
    url: str,
    mode: str,
    budget: int | None,
    rules: Iterable[Requirement],
) -> Header:
    """Describe a run that begins now."""
    versions = {"python": platform.python_version()}
    for name in _VERSIONS:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            # Run from a source tree that is not installed.
            versions[name] = "not installed"
    return Header(
        dialect=dialect.name,
        surface=surface.name,
        title=dialect.title,
        digest=dialect.digest,
        url=url,
        mode=mode,
        budget=budget,
        versions=versions,
        started=time.time(),
        operations={o.id: f"{o.method.upper()} {o.path}" for o in dialect.operations},
        rules=tuple(
            Rule(r.id, r.level, r.sentence, r.source, r.test, _about(dialect, surface, r))
            for r in rules
        ),
    )


def surface_of(dialect: Dialect, name: str | None) -> Surface:
    """Return a surface by name, the dialect's default one for None; raise UsageError for one it does not have."""
    if name is None:
        return dialect.surface
    found = dialect.surfaces.get(name)
    if found is None:
        known = ", ".join(dialect.surfaces)
        message = f"{dialect.name} has no surface '{name}' (there are: {known})"
        raise UsageError(message)
    return found


def active_of(
    contract: Contract, applicable: tuple[Requirement, ...], options: Options
) -> dict[str, Requirement]:
    """Return the requirements that a run is to judge; raise UsageError for a choice that fits none."""
    known = [requirement.id for requirement in contract.requirements]
    for start in (*options.only, *options.skip):
        if not any(known_id.startswith(start) for known_id in known):
            message = f"no requirement begins with '{start}'"
            raise UsageError(message, hint="See: vidspec list requirements")
    return {r.id: r for r in applicable if options.selects(r.id) and not r.excluded}


def _about(dialect: Dialect, surface: Surface, requirement: Requirement) -> str | None:
    """Return the operation a requirement is mostly about: the last role that it needs."""
    roles = [need for need in requirement.needs if "." not in need]
    for role in reversed(roles):
        operation = dialect.by_role(role, surface.name)
        if operation is not None:
            return operation.id
    return None
