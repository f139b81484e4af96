"""Lifecycle and requirements: ``lifecycle.yaml`` and ``requirements/*.yaml`` against their like."""

from vidspec.diff.finding import Collector
from vidspec.diff.node import Node
from vidspec.diff.view import same
from vidspec.diff.words import shown

_LEVELS = ("MAY", "SHOULD", "MUST")


def compare_lifecycle(collector: Collector, old: Node, new: Node) -> None:
    """Compare the canonical states, and which may follow which."""
    first, second = dict(old.members("states")), dict(new.members("states"))
    for name in [*first, *(n for n in second if n not in first)]:
        one, other = first.get(name), second.get(name)
        where = f"state {shown(name)}"
        if one is None or other is None:
            code = "lifecycle-state-removed" if one else "lifecycle-state-added"
            collector.report(code, where, f"it is {'gone' if one else 'new'}", one, other)
            continue
        was, now = (n.map.get("terminal") is True for n in (one, other))
        if was != now:
            message = f"it is {'final' if now else 'no longer final'}"
            collector.report("lifecycle-terminal-changed", where, message, one, other)
        before, after = ({str(i.value) for i in n.items("next")} for n in (one, other))
        for state in sorted(before - after):
            collector.report(
                "transition-removed", where, f"{shown(state)} may not follow", one, other
            )
        for state in sorted(after - before):
            collector.report("transition-added", where, f"{shown(state)} may follow", one, other)


def compare_requirements(collector: Collector, old: Node | None, new: Node | None) -> None:
    """Compare two chapters of requirements; a chapter that is missing has none."""
    first, second = _by_id(old), _by_id(new)
    for name in [*first, *(n for n in second if n not in first)]:
        one, other = first.get(name), second.get(name)
        if one is None or other is None:
            code = "requirement-removed" if one else "requirement-added"
            collector.report(code, name, f"it is {'gone' if one else 'new'}", one, other)
        else:
            _compare(collector, name, one, other)


def _compare(collector: Collector, name: str, old: Node, new: Node) -> None:
    was, now = old.map.get("level"), new.map.get("level")
    if was != now and was in _LEVELS and now in _LEVELS:
        raised = _LEVELS.index(now) > _LEVELS.index(was)
        code = "requirement-raised" if raised else "requirement-lowered"
        collector.report(code, name, f"it was a {was}, is a {now}", old, new)
    if not same(_words(old), _words(new)):
        message = f"it says: {shown(new.map.get('sentence'))}"
        collector.report("requirement-reworded", name, message, old, new)
    for key in ("dialects", "needs", "excluded"):
        one, other = old.map.get(key), new.map.get(key)
        if not same(one, other):
            message = f"{key} was {shown(one)}, is {shown(other)}"
            collector.report("requirement-scope-changed", name, message, old, new)


def _words(node: Node) -> str:
    # The level stands in the sentence too; a change of it is a change of the level only.
    text = str(node.map.get("sentence", ""))
    for level in _LEVELS:
        text = text.replace(level, "")
    return " ".join(text.split())


def _by_id(root: Node | None) -> dict[str, Node]:
    found = {}
    for node in root.items("requirements") if root else ():
        if isinstance(node.map.get("id"), str):
            found[node.map["id"]] = node
    return found
