"""Alternatives (oneOf, anyOf): which of the old ones is which of the new ones, and what tells them apart."""

import json

from vidspec.diff.node import Node
from vidspec.diff.values import compare_null
from vidspec.diff.view import View, same, view
from vidspec.diff.visit import Visit
from vidspec.diff.words import shown


def compare_unions(visit: Visit) -> None:
    """Compare the alternatives of two schemas, in either spelling."""
    old, new = _members(visit.old), _members(visit.new)
    if old and new:
        if visit.old.unions.keys() != visit.new.unions.keys():
            was, now = "+".join(visit.old.unions), "+".join(visit.new.unions)
            visit.report("union-kind-changed", f"it was {was}, is {now}")
        _match(visit, old, new)
    elif new:
        _appeared(visit, new, added=True)
    elif old:
        _appeared(visit, old, added=False)
    _compare_discriminator(visit)


def _members(side: View) -> list[Node]:
    return [member for members in side.unions.values() for member in members]


def _match(visit: Visit, old: list[Node], new: list[Node]) -> None:
    left, right = list(old), list(new)
    for how in (_name, _form, _shape):
        known: dict[str, Node] = {}
        for node in right:
            known.setdefault(how(node), node)
        for node in list(left):
            mark = how(node)
            other = known.pop(mark, None) if mark else None
            if other is not None:
                left.remove(node)
                right.remove(other)
                visit.push(node, other, f"[{_called(other, new)}]")
    for node in left:
        visit.report(
            "union-member-removed", f"the alternative {_called(node, old)} is gone", node, None
        )
    for node in right:
        visit.report(
            "union-member-added", f"the alternative {_called(node, new)} is new", None, node
        )


def compare_one_with_many(visit: Visit) -> bool:
    """Compare a plain schema with alternatives of which it is one; say whether it is."""
    old, new = _members(visit.old), _members(visit.new)
    if bool(old) == bool(new):
        return False
    plain, union, members = (visit.old, visit.new, new) if new else (visit.new, visit.old, old)
    if union.types is not None or union.properties:
        return False
    member = _like(plain, members)
    if member is None:
        return False
    compare_null(visit)
    if new:
        visit.push(plain.node, member, f"[{_called(member, members)}]")
    else:
        visit.push(member, plain.node, f"[{_called(member, members)}]")
    for other in members:
        if other is not member:
            code, word = ("added", "new") if new else ("removed", "gone")
            places = (None, other) if new else (other, None)
            message = f"the alternative {_called(other, members)} is {word}"
            visit.report(f"union-member-{code}", message, *places)
    return True


def _like(plain: View, members: list[Node]) -> Node | None:
    """Return the alternative that is the plain schema: of its name, its text, or its scalar types."""
    name = plain.node.pointer.rpartition("/components/schemas/")[2]
    for member in members:
        if (name and _name(member) == name) or same(member.follow().value, plain.node.value):
            return member
    if plain.types is None or plain.types & {"object", "array"}:
        return None
    return next((member for member in members if view(member).types == plain.types), None)


def _appeared(visit: Visit, members: list[Node], *, added: bool) -> None:
    keyword = next(iter((visit.new if added else visit.old).unions))
    places = visit.old.rest.get(keyword), visit.new.rest.get(keyword)
    code = "union-added" if added else "union-removed"
    message = f"there {'are' if added else 'were'} {len(members)} alternatives"
    visit.report(code, message, *places)


def _name(node: Node) -> str:
    ref = node.reference
    return ref.rsplit("/", 1)[-1] if ref else str(node.map.get("title") or "")


def _form(node: Node) -> str:
    try:
        return json.dumps(node.value, sort_keys=True, default=str)
    except (TypeError, RecursionError):
        return ""


def _shape(node: Node) -> str:
    """Return the constant that tells an object from its siblings, or the types of anything else."""
    seen = view(node)
    for name, schema in seen.properties.items():
        below = view(schema)
        if below.values is not None and len(below.values) == 1:
            return f"{name}={below.values[0]!r}"
    return " ".join(sorted(seen.types)) if seen.types else ""


def _called(node: Node, members: list[Node]) -> str:
    return (
        _name(node) or _shape(node) or str(next((i for i, m in enumerate(members) if m is node), 0))
    )


def _compare_discriminator(visit: Visit) -> None:
    old, new = visit.old.rest.get("discriminator"), visit.new.rest.get("discriminator")
    if old is None and new is None:
        return
    was = old.map.get("propertyName") if old else None
    now = new.map.get("propertyName") if new else None
    if old is None:
        visit.report("discriminator-added", f"{shown(now)} tells the alternatives apart", None, new)
    elif new is None:
        visit.report(
            "discriminator-removed",
            f"{shown(was)} no longer tells the alternatives apart",
            old,
            None,
        )
    elif not same(was, now):
        message = f"{shown(was)} told the alternatives apart, {shown(now)} does"
        visit.report("discriminator-changed", message, old, new)
    elif not same(old.map.get("mapping"), new.map.get("mapping")):
        visit.report("discriminator-mapping-changed", "the mapping is another one", old, new)
