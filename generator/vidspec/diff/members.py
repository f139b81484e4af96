"""What an object or an array may hold."""

import difflib
import re

from vidspec.diff.node import Node
from vidspec.diff.view import View, same
from vidspec.diff.visit import Visit
from vidspec.diff.words import shown

#: How alike two names must be for one to be taken for the other's new form.
_ALIKE = 0.6


def compare_members(visit: Visit) -> None:
    """Compare properties, other members, and items."""
    old = {name: node for name, node in visit.old.properties.items() if _travels(visit, node)}
    new = {name: node for name, node in visit.new.properties.items() if _travels(visit, node)}
    renamed = _renamed(visit, old, new)
    for name, node in old.items():
        if name in new:
            _compare_property(visit, name, node, new[name])
        elif name not in renamed and name not in visit.new.properties:
            _removed(visit, name, node)
    for name, node in new.items():
        if name not in old and name not in renamed.values() and name not in visit.old.properties:
            code = "required-property-added" if name in visit.new.required else "property-added"
            word = "a required" if name in visit.new.required else "an optional"
            visit.report(code, f"{shown(name)} is new, {word} property", None, node, below=name)
    _compare_flags(visit)
    _compare_additional(visit)
    _compare_patterns(visit)
    _compare_names(visit)
    _compare_items(visit)


def _travels(visit: Visit, node: Node) -> bool:
    keyword = "readOnly" if visit.direction == "request" else "writeOnly"
    return node.follow().map.get(keyword) is not True and node.map.get(keyword) is not True


def _compare_property(visit: Visit, name: str, old: Node, new: Node) -> None:
    was, now = name in visit.old.required, name in visit.new.required
    if was != now:
        code = "property-became-required" if now else "property-became-optional"
        message = f"{shown(name)} is {'required' if now else 'optional'} now"
        visit.report(code, message, old, new, below=name)
    before, after = old.map.get("deprecated") is True, new.map.get("deprecated") is True
    if before != after:
        code = "property-deprecated" if after else "property-no-longer-deprecated"
        visit.report(
            code,
            f"{shown(name)} is {'' if after else 'no longer '}deprecated",
            old,
            new,
            below=name,
        )
    visit.push(old, new, name)


def _removed(visit: Visit, name: str, node: Node) -> None:
    required = name in visit.old.required
    code = "required-property-removed" if required else "property-removed"
    message = f"{shown(name)} is gone, which was {'required' if required else 'optional'}"
    if visit.direction == "request" and visit.new.closed:
        code = "property-refused"
        message = f"{shown(name)} is gone, and members that are not listed are refused"
    visit.report(code, message, node, None, below=name)


def _renamed(visit: Visit, old: dict[str, Node], new: dict[str, Node]) -> dict[str, str]:
    """Return old name → new name for properties that left and came with one schema and like names."""
    gone = [n for n in old if n not in visit.new.properties]
    come = [n for n in new if n not in visit.old.properties]
    found: dict[str, str] = {}
    if not 0 < len(gone) <= 8 or not 0 < len(come) <= 8:
        return found
    for name in gone:
        for other in come:
            alike = _plain(name) == _plain(other) or _ratio(name, other) >= _ALIKE
            fits = (name in visit.old.required) == (other in visit.new.required)
            if (
                alike
                and fits
                and other not in found.values()
                and _same_schema(old[name], new[other])
            ):
                found[name] = other
                message = f"{shown(name)} is called {shown(other)} now"
                visit.report("property-renamed", message, old[name], new[other], below=name)
                visit.push(old[name], new[other], other)
                break
    return found


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _ratio(name: str, other: str) -> float:
    return difflib.SequenceMatcher(None, _plain(name), _plain(other)).ratio()


def _same_schema(old: Node, new: Node) -> bool:
    words = {"description", "title", "example", "examples"}
    one = {k: v for k, v in old.map.items() if k not in words}
    other = {k: v for k, v in new.map.items() if k not in words}
    return same(one, other)


def _compare_flags(visit: Visit) -> None:
    keyword, word = (
        ("readOnly", "read-only") if visit.direction == "request" else ("writeOnly", "write-only")
    )
    for name, old in visit.old.properties.items():
        new = visit.new.properties.get(name)
        if new is None:
            continue
        for flag, code in (("readOnly", "read-only"), ("writeOnly", "write-only")):
            was, now = old.map.get(flag) is True, new.map.get(flag) is True
            if was != now and (flag == keyword):
                change = f"property-{'became' if now else 'ceased'}-{code}"
                visit.report(
                    change,
                    f"{shown(name)} is {'' if now else 'no longer '}{word}",
                    old,
                    new,
                    below=name,
                )


def _compare_additional(visit: Visit) -> None:
    old, new = visit.old.additional, visit.new.additional
    if old is None and new is None:
        return
    if old and new and old.value is not False and new.value is not False:
        visit.push(old, new, "*")
        return
    rank = (_room(visit.old), _room(visit.new))
    if rank[0] == rank[1]:
        return
    code = "restricted" if rank[1] < rank[0] else "freed"
    words = ("refused", "restricted", "free")
    message = f"members that are not listed were {words[rank[0]]}, are {words[rank[1]]}"
    visit.report(f"additional-properties-{code}", message, old, new)


def _room(side: View) -> int:
    if side.closed:
        return 0
    return 2 if side.additional is None else 1


def _compare_patterns(visit: Visit) -> None:
    old, new = _below(visit.old, "patternProperties"), _below(visit.new, "patternProperties")
    for pattern, node in old.items():
        if pattern in new:
            visit.push(node, new[pattern], f"[{pattern}]")
        else:
            visit.report(
                "pattern-property-removed",
                f"members like {shown(pattern)} have no schema",
                node,
                None,
            )
    for pattern, node in new.items():
        if pattern not in old:
            visit.report(
                "pattern-property-added", f"members like {shown(pattern)} have a schema", None, node
            )


def _below(side: View, keyword: str) -> dict[str, Node]:
    node = side.rest.get(keyword)
    return dict(node.members()) if node else {}


def _compare_names(visit: Visit) -> None:
    old, new = visit.old.rest.get("propertyNames"), visit.new.rest.get("propertyNames")
    if old and new:
        visit.push(old, new, "[name]")
    elif new:
        visit.report("property-names-restricted", "the names of members have a schema", None, new)
    elif old:
        visit.report("property-names-freed", "the names of members have no schema", old, None)


def _compare_items(visit: Visit) -> None:
    old, new = visit.old.rest.get("items"), visit.new.rest.get("items")
    # In drafts before 2020-12 an array of schemas stood here; it is data to us.
    if old and new:
        visit.push(old, new, "[]")
    elif new and new.value not in (True, {}):
        visit.report("items-restricted", "the items have a schema", None, new)
    elif old and old.value not in (True, {}):
        visit.report("items-freed", "the items have no schema", old, None)
    one, other = visit.old.rest.get("prefixItems"), visit.new.rest.get("prefixItems")
    first = list(one.items()) if one else []
    second = list(other.items()) if other else []
    for index, (before, after) in enumerate(zip(first, second, strict=False)):
        visit.push(before, after, f"[{index}]")
    for index, gone in enumerate(first[len(second) :], len(second)):
        visit.report("tuple-item-removed", f"item {index} has no schema of its own", gone, None)
    for index, come in enumerate(second[len(first) :], len(first)):
        visit.report("tuple-item-added", f"item {index} has a schema of its own", None, come)
