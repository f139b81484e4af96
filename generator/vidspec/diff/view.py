"""A schema as it works: references followed, allOf put together, null and one-member unions taken for what they are.

So two ways to write the same schema, OpenAPI 3.0's and 3.1's among them, look alike.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeGuard

from vidspec.diff.node import Node

#: Keyword → whether more of it restricts more.
BOUNDS: Final = {
    "minimum": True,
    "maximum": False,
    "minLength": True,
    "maxLength": False,
    "minItems": True,
    "maxItems": False,
    "minProperties": True,
    "maxProperties": False,
}
#: Keywords that are compared as they stand.
CONDITIONS: Final = (
    "not",
    "if",
    "then",
    "else",
    "contains",
    "minContains",
    "maxContains",
    "dependentRequired",
    "dependentSchemas",
    "unevaluatedItems",
    "unevaluatedProperties",
)
_MAX_PARTS = 400


@dataclass(slots=True)
class View:
    """What one schema says."""

    node: Node
    #: Nothing fits it (``false``).
    never: bool = False
    #: None: any type. ``null`` is not among them, see ``nullable``.
    types: frozenset[str] | None = None
    nullable: bool = False
    #: The values of ``enum``, or the one of ``const``; None: any.
    values: list[Any] | None = None
    constant: bool = False
    #: (value, exclusive) by keyword.
    bounds: dict[str, tuple[float, bool]] = field(default_factory=dict)
    patterns: list[str] = field(default_factory=list)
    properties: dict[str, Node] = field(default_factory=dict)
    required: set[str] = field(default_factory=set)
    #: Schema, false, or None for anything.
    additional: Node | None = None
    unions: dict[str, list[Node]] = field(default_factory=dict)
    #: Every other keyword, the first that was met.
    rest: dict[str, Node] = field(default_factory=dict)
    #: A reference that leads nowhere that is read.
    unresolved: str | None = None

    def value(self, keyword: str) -> Any:
        """Return what stands at any other keyword, or None."""
        node = self.rest.get(keyword)
        return node.value if node else None

    @property
    def closed(self) -> bool:
        """Members that are not listed are refused."""
        return self.additional is not None and self.additional.value is False


def view(node: Node) -> View:
    """Return the schema at ``node`` as it works; never raises, whatever stands there."""
    made = View(node.follow())
    typed: list[frozenset[str]] = []
    seen = set[tuple[str, str]]()
    todo = [node]
    while todo and len(seen) < _MAX_PARTS:
        part = todo.pop()
        if part.key in seen:
            continue
        seen.add(part.key)
        if part.value is False:
            made.never = True
        if isinstance(part.value, dict):
            _take(made, part, typed, todo)
    _settle(made, typed)
    return made


def _take(made: View, part: Node, typed: list[frozenset[str]], todo: list[Node]) -> None:
    said = part.map
    if part.reference is not None:
        target = part.target()
        if target is None:
            made.unresolved = part.reference
        else:
            todo.append(target)
    _take_scalars(made, said, typed)
    for name, schema in part.members("properties"):
        made.properties.setdefault(name, schema)
    if isinstance(said.get("required"), list):
        made.required |= {name for name in said["required"] if isinstance(name, str)}
    additional = part.get("additionalProperties")
    if additional is not None and (made.additional is None or additional.value is False):
        made.additional = None if additional.value in (True, {}) else additional
    todo += part.items("allOf")
    for keyword in ("oneOf", "anyOf"):
        members = list(part.items(keyword))
        others = [m for m in members if not _is_null(m)]
        if len(others) < len(members):
            made.nullable = True
        if len(others) == 1:
            todo += others
        elif others:
            made.unions[keyword] = others
    for keyword in said:
        below = part.get(str(keyword))
        if below is not None:
            made.rest.setdefault(str(keyword), below)


def _take_scalars(made: View, said: Mapping[Any, Any], typed: list[frozenset[str]]) -> None:
    kinds = said.get("type")
    if isinstance(kinds, str):
        typed.append(frozenset({kinds}))
    elif isinstance(kinds, list):
        typed.append(frozenset(k for k in kinds if isinstance(k, str)))
    made.nullable = made.nullable or said.get("nullable") is True
    values = said.get("enum")
    if isinstance(values, list):
        made.values = (
            values if made.values is None else [v for v in made.values if same_in(v, values)]
        )
    if "const" in said:
        made.values, made.constant = [said["const"]], True
    if isinstance(said.get("pattern"), str) and said["pattern"] not in made.patterns:
        made.patterns.append(said["pattern"])
    for keyword, lower in BOUNDS.items():
        for value, exclusive in _bound(said, keyword):
            known = made.bounds.get(keyword)
            found = (value, exclusive)
            if known is None or tighter(found, known, lower=lower):
                made.bounds[keyword] = found


def _bound(said: Mapping[Any, Any], keyword: str) -> list[tuple[float, bool]]:
    value = said.get(keyword)
    exclusive = (
        said.get(f"exclusive{keyword.title()}") if keyword in {"minimum", "maximum"} else None
    )
    found: list[tuple[float, bool]] = []
    if _is_number(value):
        found.append((value, exclusive is True))  # 3.0 writes a boolean beside the bound
    if _is_number(exclusive):
        found.append((exclusive, True))
    return found


def _settle(made: View, typed: list[frozenset[str]]) -> None:
    if typed:
        types = frozenset.intersection(*(t | {"integer"} if "number" in t else t for t in typed))
        made.nullable = made.nullable or "null" in types
        made.types = types - ({"null", "integer"} if "number" in types else {"null"})
    elif not made.unions:
        made.types = _implied(made)
    if made.values is not None and None in made.values and not made.constant:
        made.nullable = made.nullable or not typed
        made.values = [v for v in made.values if v is not None]
    if made.types is None and not made.unions and not typed and made.unresolved is None:
        made.nullable = True  # anything is possible


def _implied(made: View) -> frozenset[str] | None:
    if made.values:
        return frozenset(_type_of(v) for v in made.values if v is not None) or None
    if made.properties:
        return frozenset({"object"})
    if "items" in made.rest or "prefixItems" in made.rest:
        return frozenset({"array"})
    return None


def _type_of(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    names = {int: "integer", float: "number", str: "string", list: "array", dict: "object"}
    return names.get(type(value), "string")


def _is_null(node: Node) -> bool:
    said = node.follow().map
    return said.get("type") in ("null", ["null"]) or ("const" in said and said["const"] is None)


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def tighter(one: tuple[float, bool], other: tuple[float, bool], *, lower: bool) -> bool:
    """Say whether a bound leaves less room than another; ``lower`` for bounds from below."""
    if one[0] != other[0]:
        return (one[0] > other[0]) is lower
    return one[1] and not other[1]


def same(one: Any, other: Any) -> bool:
    """Compare JSON values; true is not 1, but 1.0 is."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(v, other[k]) for k, v in one.items())
    return bool(one == other)


def same_in(value: Any, values: list[Any]) -> bool:
    """Say whether a JSON value is in a list."""
    return any(same(value, other) for other in values)
