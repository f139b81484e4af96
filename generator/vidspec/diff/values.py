"""What a value may be: type, null, list of values, bounds, patterns, formats."""

from typing import Any

from vidspec.diff.view import BOUNDS, View, same, same_in, tighter
from vidspec.diff.visit import Visit
from vidspec.diff.words import listed, shown

_TEXT = frozenset({"string", "number", "integer", "boolean"})
_OPEN_ENUM = "x-extensible-enum"
_CODES = {
    "minLength": "min-length",
    "maxLength": "max-length",
    "minItems": "min-items",
    "maxItems": "max-items",
    "minProperties": "min-properties",
    "maxProperties": "max-properties",
}


def compare_values(visit: Visit) -> bool:
    """Compare; say whether the types have enough in common to look further."""
    old, new = visit.old, visit.new
    compare_null(visit)
    if not _compare_types(visit):
        return False
    _compare_enums(visit)
    _compare_open_enums(visit)
    _compare_bounds(visit)
    _compare_patterns(visit)
    _compare_format(visit)
    _compare_multiple(visit)
    was, now = old.value("uniqueItems") is True, new.value("uniqueItems") is True
    if was != now:
        code = "unique-items-added" if now else "unique-items-removed"
        visit.report(code, "items must differ" if now else "items may be equal")
    return True


def compare_null(visit: Visit) -> None:
    """Compare whether null is possible."""
    old, new = visit.old, visit.new
    if old.nullable != new.nullable and not _any_type(old, new):
        code = "null-allowed" if new.nullable else "null-refused"
        visit.report(code, "null is possible now" if new.nullable else "null is no longer possible")


def _any_type(old: View, new: View) -> bool:
    # That a schema without any type takes null too is part of the type's change.
    return (old.types is None and not old.unions) != (new.types is None and not new.unions)


def _compare_types(visit: Visit) -> bool:
    old, new = visit.old.types, visit.new.types
    if (old is None and visit.old.unions) or (new is None and visit.new.unions):
        return True  # the alternatives say the types
    was, now = _wide(old, visit.textual), _wide(new, visit.textual)
    if was == now or old == new:
        return True
    message = f"the type was {_types(old)}, is {_types(new)}"
    if now is None or (was is not None and was < now):
        visit.report("type-widened", message)
    elif was is None or now < was:
        visit.report("type-narrowed", message)
    else:
        visit.report("type-changed", message)
        return False
    return old is not None and new is not None


def _wide(types: frozenset[str] | None, textual: bool) -> frozenset[str] | None:
    if types is None:
        return None
    if "number" in types:
        types |= {"integer"}
    # As text, a string takes whatever any scalar is written as.
    return types | _TEXT if textual and "string" in types else types


def _types(types: frozenset[str] | None) -> str:
    return "any" if types is None else " or ".join(sorted(types)) or "null"


def _compare_enums(visit: Visit) -> None:
    old, new = visit.old, visit.new
    if old.values is None and new.values is None:
        return
    if old.values is None or new.values is None:
        gone = new.values is None
        one = old if gone else new
        word = "const" if one.constant else "enum"
        what = listed(one.values or ())
        message = f"any value is possible, not only {what}" if gone else f"only {what} is possible"
        keyword = one.rest.get(word)
        places = (keyword, None) if gone else (None, keyword)
        visit.report(f"{word}-{'removed' if gone else 'added'}", message, *places)
        return
    if old.constant and new.constant:
        if not same(old.values[0], new.values[0]):
            message = f"the value was {shown(old.values[0])}, is {shown(new.values[0])}"
            visit.report("const-changed", message)
        return
    for value in _missing(old.values, new.values):
        visit.report("enum-value-removed", f"{shown(value)} is gone", *_enums(visit))
    for value in _missing(new.values, old.values):
        visit.report("enum-value-added", f"{shown(value)} is new", *_enums(visit))


def _compare_open_enums(visit: Visit) -> None:
    """Compare lists of values that are not meant to be complete; one that is new or gone allows what it allowed."""
    old, new = visit.old.value(_OPEN_ENUM), visit.new.value(_OPEN_ENUM)
    if not isinstance(old, list) or not isinstance(new, list):
        return
    places = visit.old.rest.get(_OPEN_ENUM), visit.new.rest.get(_OPEN_ENUM)
    for value in _missing(old, new):
        visit.report("extensible-enum-value-removed", f"{shown(value)} is gone", *places)
    for value in _missing(new, old):
        visit.report("extensible-enum-value-added", f"{shown(value)} is new", *places)


def _enums(visit: Visit) -> tuple[Any, Any]:
    return visit.old.rest.get("enum"), visit.new.rest.get("enum")


def _missing(values: list[Any], others: list[Any]) -> list[Any]:
    return [v for v in values if not same_in(v, others)]


def _compare_bounds(visit: Visit) -> None:
    for keyword, lower in BOUNDS.items():
        old, new = visit.old.bounds.get(keyword), visit.new.bounds.get(keyword)
        if old == new:
            continue
        tightened = new is not None and (old is None or tighter(new, old, lower=lower))
        code = f"{_CODES.get(keyword, keyword)}-{'tightened' if tightened else 'loosened'}"
        message = f"{keyword} was {_bound(old)}, is {_bound(new)}"
        exclusive = f"exclusive{keyword.title()}"
        visit.report(
            code,
            message,
            visit.old.rest.get(keyword) or visit.old.rest.get(exclusive),
            visit.new.rest.get(keyword) or visit.new.rest.get(exclusive),
        )


def _bound(bound: tuple[float, bool] | None) -> str:
    return "none" if bound is None else f"{shown(bound[0])}{' (exclusive)' if bound[1] else ''}"


def _compare_patterns(visit: Visit) -> None:
    old, new = visit.old.patterns, visit.new.patterns
    gone, come = [p for p in old if p not in new], [p for p in new if p not in old]
    places = visit.old.rest.get("pattern"), visit.new.rest.get("pattern")
    if gone and come:
        visit.report(
            "pattern-changed", f"the pattern was {listed(gone)}, is {listed(come)}", *places
        )
    elif come:
        visit.report("pattern-added", f"the pattern {listed(come)} is new", *places)
    elif gone:
        visit.report("pattern-removed", f"the pattern {listed(gone)} is gone", *places)


def _compare_format(visit: Visit) -> None:
    old, new = visit.old.value("format"), visit.new.value("format")
    wider = {
        ("int32", "int64"): "removed",
        ("int64", "int32"): "added",
        ("float", "double"): "removed",
    }
    wider[("double", "float")] = "added"
    change = wider.get((old, new)) if isinstance(old, str) and isinstance(new, str) else None
    if change is None:
        visit.keyword("format", "format", "the format")
        return
    places = visit.old.rest.get("format"), visit.new.rest.get("format")
    visit.report(f"format-{change}", f"the format was {old}, is {new}", *places)


def _compare_multiple(visit: Visit) -> None:
    old, new = visit.old.value("multipleOf"), visit.new.value("multipleOf")
    if same(old, new):
        return
    change = "changed"
    if _divides(old, new):
        change = "tightened"
    elif _divides(new, old):
        change = "loosened"
    places = visit.old.rest.get("multipleOf"), visit.new.rest.get("multipleOf")
    visit.report(f"multiple-of-{change}", f"multipleOf was {shown(old)}, is {shown(new)}", *places)


def _divides(part: Any, whole: Any) -> bool:
    if part is None:
        return True
    if not (isinstance(part, int | float) and isinstance(whole, int | float) and part):
        return False
    return abs(whole / part - round(whole / part)) < 1e-9 and whole != part
