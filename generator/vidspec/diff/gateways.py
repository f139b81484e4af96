"""Gateway files and overlays: who speaks which dialect, and how they are said to part from it."""

from collections import Counter
from collections.abc import Callable
from functools import partial

from vidspec.diff.finding import Collector
from vidspec.diff.node import Node
from vidspec.diff.view import same
from vidspec.diff.words import shown

_Action = tuple[str, str, int]


def compare_gateways(collector: Collector, old: Node | None, new: Node | None) -> None:
    """Compare two descriptions of a gateway, of which one may be missing."""
    one = old or new
    where = f"gateway {shown(one.map.get('name'))}" if one else ""
    if old is None or new is None:
        code = "gateway-removed" if old else "gateway-added"
        collector.report(code, where, f"it is {'gone' if old else 'new'}", old, new)
        return
    codes = {
        "dialect": "gateway-dialect-changed",
        "base_url": "gateway-base-url-changed",
        **dict.fromkeys(("name", "title", "summary", "source"), "gateway-text-changed"),
    }
    for key, code in codes.items():
        was, now = old.map.get(key), new.map.get(key)
        if not same(was, now):
            message = f"{key} was {shown(was)}, is {shown(now)}"
            collector.report(code, where, message, old.get(key) or old, new.get(key) or new)
    say = partial(collector.report, where=where)
    _pairs(say, "variable for", _members(old, "environment"), _members(new, "environment"))
    _pairs(say, "overlay of", _overlays(old), _overlays(new))


def compare_overlays(collector: Collector, old: Node, new: Node) -> None:
    """Compare two overlays, action by action; an action is known by its target and by what it does there."""
    was, now = old.map.get("extends"), new.map.get("extends")
    if was != now:
        message = f"it was {shown(was)}, is {shown(now)}"
        nodes = old.get("extends") or old, new.get("extends") or new
        collector.report("overlay-extends-changed", "overlay", message, *nodes)
    first, second = _actions(old), _actions(new)
    for key in [*first, *(k for k in second if k not in first)]:
        one, other = first.get(key), second.get(key)
        where = f"{key[1]} {key[0]}"
        if one is None or other is None:
            code = "overlay-action-removed" if one else "overlay-action-added"
            collector.report(code, where, f"it is {'gone' if one else 'new'}", one, other)
        elif not same(one.map.get(key[1]), other.map.get(key[1])):
            message = "it writes something else"
            collector.report("overlay-action-changed", where, message, one, other)
    before, after = [k for k in first if k in second], [k for k in second if k in first]
    if before != after:
        moved = next(k for k, other in zip(before, after, strict=True) if k != other)
        message = f"{moved[1]} {moved[0]} has another turn"
        one, other = old.get("actions"), new.get("actions")
        collector.report("overlay-actions-reordered", "overlay", message, one, other)


def _pairs(say: Callable[..., None], what: str, old: dict[str, Node], new: dict[str, Node]) -> None:
    kind = f"gateway-{what.split(maxsplit=1)[0]}"
    for name in [*old, *(n for n in new if n not in old)]:
        one, other = old.get(name), new.get(name)
        said = [shown(node.value) for node in (one, other) if node]
        if one is None or other is None:
            code = f"{kind}-{'removed' if one else 'added'}"
            message = f"the {what} {name} {'was' if one else 'is'} {said[0]}"
            say(code, message=message, old=one, new=other)
        elif not same(one.value, other.value):
            message = f"the {what} {name} was {said[0]}, is {said[1]}"
            say(f"{kind}-changed", message=message, old=one, new=other)


def _members(node: Node, key: str) -> dict[str, Node]:
    return dict(node.members(key))


def _overlays(gateway: Node) -> dict[str, Node]:
    """Return the overlay of each profile that has one."""
    found = {name: profile.get("overlay") for name, profile in gateway.members("profiles")}
    return {name: node for name, node in found.items() if node and node.value is not None}


def _actions(overlay: Node) -> dict[_Action, Node]:
    """Return the actions by target, ``update`` or ``remove``, and number among those of the same two."""
    found: dict[_Action, Node] = {}
    seen: Counter[tuple[str, str]] = Counter()
    for node in overlay.items("actions"):
        target = str(node.map.get("target"))
        deed = "remove" if node.map.get("remove") is True else "update"
        seen[target, deed] += 1
        found[target, deed, seen[target, deed]] = node
    return found
