"""A draft of an overlay: what of a comparison can be written down as changes to the old document."""

from typing import Any, Final

from vidspec.diff.finding import Diff, Finding
from vidspec.diff.node import File, Node
from vidspec.source import join_pointer, split_pointer

#: Keywords that a draft takes over from the gateway's document as they stand there.
_KEYWORDS: Final = (
    "type",
    "format",
    "pattern",
    "enum",
    "const",
    "default",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
)
_REMOVALS: Final = (
    "operation-removed",
    "parameter-removed",
    "media-type-removed",
    "status-removed",
    "property-removed",
    "property-refused",
    "union-member-removed",
)
#: Beginnings of the codes of what a keyword says, after ``request-`` or ``reply-``.
_SAID: Final = (
    *("type-", "format-", "pattern-c", "pattern-a", "enum-", "const-", "default-"),
    *("minimum-", "maximum-", "min-length-", "max-length-", "min-items-", "max-items-"),
)


def draft_overlay(
    diff: Diff, old: Node, new: Node, dialect: str, gateway: str
) -> dict[str, Any] | None:
    """Return the overlay that makes the dialect's document say what the gateway's does; None if it would do nothing."""
    unique: dict[tuple[str, str], dict[str, Any]] = {}
    for finding in diff.findings:
        for action in _actions(finding, old, new):
            unique.setdefault((action["target"], repr(action.get("update"))), action)
    if not unique:
        return None
    # An item that goes moves those behind it: items go last, and from the end.
    items = [a for a in unique.values() if "remove" in a and a["target"][-2].isdecimal()]
    items.sort(key=lambda a: _steps(a["target"]), reverse=True)
    actions = [a for a in unique.values() if a not in items] + items
    return {
        "overlay": "1.0.0",
        "info": {"title": f"{gateway} as its own document says (draft)", "version": "1.0"},
        "extends": f"../dialects/{dialect}/openapi.yaml",
        "actions": actions,
    }


def _actions(finding: Finding, old: Node, new: Node) -> list[dict[str, Any]]:
    # Only what stands in the dialect's own file: shared files belong to other dialects too.
    if finding.old is None or finding.old.file != old.file.text.name or not finding.old_pointer:
        return []
    said = f"{finding.where}: {finding.message}."
    segments = split_pointer(finding.old_pointer)
    if finding.code.endswith(_REMOVALS):
        # A whole component stays: others may refer to it.
        kept = len(segments) == 3 and segments[0] == "components"
        action = {"target": path_of(finding.old_pointer), "description": said, "remove": True}
        return [] if kept else [*_no_longer_required(said, segments, old), action]
    if finding.code.endswith("property-became-optional"):
        return _no_longer_required(said, segments, old)
    theirs = finding.new is not None and finding.new.file == new.file.text.name
    if not theirs or not finding.code.partition("-")[2].startswith(_SAID):
        return []
    pointer = finding.new_pointer or ""
    if segments[-1] in _KEYWORDS and split_pointer(pointer)[-1:] != segments[-1:]:
        # The place on their side is the schema, which does not say the keyword.
        target = path_of(finding.old_pointer)
        return [{"target": target, "description": said, "remove": True}]
    holder, value = finding.old_pointer, _value_at(new.file, pointer)
    if segments[-1] in _KEYWORDS:
        holder, value = join_pointer(*segments[:-1]), {segments[-1]: value}
    return _updates(said, holder, _value_at(old.file, holder), value)


def _no_longer_required(said: str, segments: tuple[str, ...], old: Node) -> list[dict[str, Any]]:
    """Strike a property, at ``…/properties/NAME``, from what its schema requires, if that lists it."""
    if segments[-2:-1] != ("properties",):
        return []
    holder = join_pointer(*segments[:-2], "required")
    listed, name = _value_at(old.file, holder), segments[-1]
    if not isinstance(listed, list) or name not in listed:
        return []
    # By its value: other actions strike others from the same list.
    target = f"{path_of(holder)}[?@ == {_quoted(name)}]"
    return [{"target": target, "description": said, "remove": True}]


def _updates(said: str, holder: str, before: Any, value: Any) -> list[dict[str, Any]]:
    actions: list[dict[str, Any]] = []
    if not isinstance(before, dict) or not isinstance(value, dict):
        return actions
    for key, item in value.items():
        if key not in _KEYWORDS or before.get(key) == item:
            continue
        if isinstance(before.get(key), list):  # an update would add to it
            target = path_of(holder + join_pointer(key))
            actions.append({"target": target, "description": said, "remove": True})
        update = {"target": path_of(holder), "description": said, "update": {key: item}}
        actions.append(update)
    return actions


def node_at(file: File, pointer: str) -> Node | None:
    """Return what stands at ``pointer``, or None."""
    node: Node | None = file.root
    for segment in split_pointer(pointer):
        if node is not None and isinstance(node.value, list):
            items = list(node.items())
            node = (
                items[int(segment)] if segment.isdecimal() and int(segment) < len(items) else None
            )
        else:
            node = dict(node.members()).get(segment) if node else None
    return node


def _value_at(file: File, pointer: str) -> Any:
    node = node_at(file, pointer)
    return node.value if node else None


def path_of(pointer: str) -> str:
    """Return the JSONPath of a pointer, as overlays name their targets."""
    steps = []
    for segment in split_pointer(pointer):
        index = segment.isdecimal() and len(segment) < 3
        steps.append(f"[{segment}]" if index else f"[{_quoted(segment)}]")
    return "$" + "".join(steps)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _steps(path: str) -> list[tuple[int, str]]:
    return [(int(s) if s.isdecimal() else -1, s) for s in path.replace("]", "").split("[")]
