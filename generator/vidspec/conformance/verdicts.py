"""What a run says of each requirement, and which requirements a dialect is held to."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from vidspec.contract import Body, Cause, Contract, Dialect, Field, Operation, Requirement, Surface
from vidspec.contract.schemas import enum_at, resolve, types_at

Verdict = Literal[
    "pass",
    "fail",
    "warn",
    "known",
    "unsupported",
    "disabled",
    "untestable",
    "error",
    "not_reached",
]

#: Kinds of field that are told apart by their JSON types.
_KINDS: Final[Mapping[str, frozenset[str]]] = {
    "number": frozenset({"number", "integer"}),
    "boolean": frozenset({"boolean"}),
    "object": frozenset({"object"}),
    "array": frozenset({"array"}),
}

#: Verdict → what it means, in the order of weight.
VERDICTS: Final[Mapping[Verdict, str]] = {
    "fail": "a MUST is broken",
    "untestable": "it applies, but what its test needs was missing",
    "error": "the network or vidspec itself failed",
    "warn": "a SHOULD or MAY is not followed",
    "known": "it fails, and the baseline says why",
    "not_reached": "the budget, the time or the run ended before",
    "unsupported": "the gateway properly says that it does not offer this",
    "disabled": "switched off by the mode or by you",
    "pass": "held in every exchange that shows it",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """The verdict on one requirement, and what led to it."""

    requirement: str
    verdict: Verdict
    #: Why there is no judgement, or what was wrong; empty for a pass.
    reason: str
    #: How often it was looked at.
    checks: int


def exit_code(verdicts: Iterable[Verdict], *, complete: bool) -> int:
    """Return 0 (conforms), 1 (does not) or 4 (could not be measured).

    What is untestable after an error, or in a run that was cut, is nobody's failure yet.
    """
    seen = set(verdicts)
    if "fail" in seen:
        return 1
    if "error" in seen or not complete or not seen & {"pass", "warn", "known", "untestable"}:
        return 4
    return 1 if "untestable" in seen else 0


def requirements_for(
    contract: Contract, dialect: Dialect, surface: Surface | None = None
) -> tuple[Requirement, ...]:
    """Return the requirements that a gateway of this dialect is held to in a surface (the default one if None), excluded ones among them."""
    judged = surface or dialect.surface
    return tuple(
        requirement
        for requirement in contract.requirements
        if (not requirement.dialects or dialect.name in requirement.dialects)
        and all(has(dialect, judged, need) for need in requirement.needs)
    )


def has(dialect: Dialect, surface: Surface, need: str) -> bool:
    """Say whether the dialect has what an entry of ``needs`` names (spec/requirements/README.md)."""
    family, _, name = need.partition(".")
    if not name:
        known = _PLAIN.get(need)
        return known(dialect, surface) if known else dialect.by_role(need, surface.name) is not None
    return _FAMILIES[family](dialect, surface, name) if family in _FAMILIES else False


def _has_parameter(dialect: Dialect, surface: Surface, name: str) -> bool:
    operations = [o for o in dialect.operations if o.surface == surface.name]
    media = {"cursor", "limit", "order", "page", "page_size"}
    if name not in media:
        # What a job is asked for counts where jobs are made.
        operations = [o for o in operations if o.role == "create"]
    return any(o.parameter(name) or o.field(name) for o in operations)


def _has_paging(dialect: Dialect, surface: Surface, name: str) -> bool:
    listing = dialect.by_role("list", surface.name)
    if listing is None or listing.paging is None:
        return False
    if name in {"cursor", "page"}:
        return listing.paging.kind == name
    return getattr(listing.paging, name, None) is not None


def _has_constraint(dialect: Dialect, surface: Surface, name: str) -> bool:
    create = dialect.by_role("create", surface.name)
    if create is None:
        return False
    body = json_body(create)
    if name == "minLength":
        prompts = {f.name for f in body.fields if _is_prompt(f)} if body else set[str]()
        return not prompts.isdisjoint(constrained(dialect, body, name))
    return bool(constrained(dialect, body, name))


def _is_prompt(field: Field) -> bool:
    return field.canonical is not None and field.canonical.name == "prompt"


def _causes(dialect: Dialect, surface: Surface) -> list[Cause]:
    own = [o for o in dialect.operations if o.surface == surface.name]
    return [cause for operation in own for cause in operation.causes.values()]


def _has_cause(dialect: Dialect, surface: Surface, name: str) -> bool:
    cause_name, _, part = name.partition(".")
    found = [cause for cause in _causes(dialect, surface) if cause.name == cause_name]
    return any(not part or f"{{{part}}}" in json.dumps(cause.body) for cause in found)


def json_body(operation: Operation) -> Body | None:
    """Return the JSON request body of an operation, else its first one."""
    plain = operation.body("application/json")
    return plain or (operation.bodies[0] if operation.bodies else None)


def constrained(dialect: Dialect, body: Body | None, keyword: str) -> Sequence[str]:
    """Return the names of the body's fields that carry a JSON Schema keyword, or that are required."""
    fields = body.fields if body else ()
    if keyword == "required":
        return [f.name for f in fields if f.required]
    if keyword == "enum":
        return [f.name for f in fields if enum_at(dialect.document, f.pointer)]
    if keyword == "type":
        return [f.name for f in fields if types_at(dialect.document, f.pointer) == {"string"}]
    if keyword in _KINDS:
        # A closed set would refuse the value whatever its type.
        return [
            f.name
            for f in fields
            if types_at(dialect.document, f.pointer)
            and types_at(dialect.document, f.pointer) <= _KINDS[keyword]
            and not enum_at(dialect.document, f.pointer)
        ]
    return [f.name for f in fields if keyword in resolve(dialect.document, f.pointer)[0]]


def _content_has(dialect: Dialect, surface: Surface, parameter: str) -> bool:
    content = dialect.by_role("content", surface.name)
    if content is None:
        return False
    return content.parameter(parameter) is not None if parameter else len(content.variants) > 1


_PLAIN: Final[Mapping[str, Callable[[Dialect, Surface], bool]]] = {
    "variants": lambda dialect, surface: _content_has(dialect, surface, ""),
    "content_index": lambda dialect, surface: _content_has(dialect, surface, "index"),
    "webhooks": lambda dialect, _surface: dialect.webhooks is not None,
    "poll_header": lambda _dialect, surface: surface.poll.header is not None,
    "request_id": lambda dialect, _surface: bool(
        dialect.request_id_headers or dialect.request_id_pointer
    ),
}
_FAMILIES: Final[Mapping[str, Callable[[Dialect, Surface, str], bool]]] = {
    "job": lambda _dialect, surface, name: name in surface.job,
    "parameter": _has_parameter,
    "paging": _has_paging,
    "result": lambda _dialect, surface, name: any(r.kind == name for r in surface.results),
    "cause": _has_cause,
    "status": lambda dialect, surface, name: any(
        str(cause.status) == name for cause in _causes(dialect, surface)
    ),
    "error": lambda dialect, _surface, name: getattr(dialect.error_shape, name, None) is not None,
    "media": lambda dialect, surface, name: any(
        body.media_type == f"{name}/form-data"
        for operation in dialect.roles("create")
        if operation.surface == surface.name
        for body in operation.bodies
    ),
    "constraint": _has_constraint,
}
