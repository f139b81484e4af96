"""A gateway's own document against a dialect: what it lacks, has more, or writes otherwise; and a draft to go on from."""

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import yaml

from vidspec.diff.finding import Collector, Diff, Finding
from vidspec.diff.kinds_video import VIDEO_KINDS
from vidspec.diff.node import File, Node
from vidspec.diff.opening import Side
from vidspec.diff.operations import Documents
from vidspec.diff.paths import Endpoint, endpoints
from vidspec.errors import UsageError
from vidspec.source import join_pointer, split_pointer

#: What a third party's document cannot be expected to say, or says in words of its own.
_THEIRS: Final = frozenset(kind.code for kind in VIDEO_KINDS) | {
    "operation-id-added",
    "operation-id-removed",
    "operation-id-changed",
    "path-parameter-renamed",
    "security-alternative-added",
    "security-alternative-removed",
    "link-added",
    "link-removed",
    "link-changed",
}
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


@dataclass(frozen=True, slots=True)
class Adoption:
    """A gateway's document held against a dialect; ``diff`` goes from the dialect to the gateway."""

    diff: Diff
    matched: tuple[tuple[str, str], ...]
    missing: tuple[str, ...]
    #: Operations of theirs in the neighbourhood of the dialect's paths.
    extra: tuple[str, ...]
    #: How many more operations of theirs have nothing to do with the dialect.
    unrelated: int
    overlay: dict[str, Any] | None
    gateway: dict[str, Any]

    def files(self) -> dict[str, str]:
        """Return the draft: the gateway's file, and the overlay if there is one."""
        name = self.gateway["name"]
        written = {f"{name}.yaml": _yaml(self.gateway)}
        if self.overlay is not None:
            written[f"{name}.overlay.yaml"] = _yaml(self.overlay)
        return written

    def summary(self) -> str:
        """Return which operations were found, lack, or are more."""
        lines = [
            f"{len(self.matched)} operations of the dialect are there, {len(self.missing)} are not."
        ]
        lines += [f"  missing  {name}" for name in self.missing]
        lines += [f"  as       {ours}: {theirs}" for ours, theirs in self.matched if ours != theirs]
        lines += [f"  extra    {name}" for name in self.extra]
        if self.unrelated:
            lines.append(
                f"  and {self.unrelated} operations that have nothing to do with the dialect"
            )
        return "\n".join(lines)


def adopt(dialect: Side, theirs: Side, *, name: str, gateway: str) -> Adoption:
    """Hold a gateway's document against the dialect ``name``; raises UsageError if either is no OpenAPI document."""
    old, new = _root(dialect), _root(theirs)
    collector = Collector(off=_THEIRS)
    documents = Documents(old, new, collector)
    left, pairs = list(endpoints(new)), []
    missing = []
    for endpoint in endpoints(old):
        found = _counterpart(endpoint, left)
        if found is None:
            missing.append(endpoint)
            message = "the gateway's document does not have it"
            collector.report(
                "operation-removed",
                endpoint.name,
                message,
                endpoint.node,
                None,
                operation=endpoint.name,
            )
        else:
            left.remove(found)
            pairs.append((endpoint, found))
            documents.compare_operation(endpoint, found)
    words = {word for e, _ in pairs for word in e.path.split("/") if word and "{" not in word}
    extra = [e for e in left if words & set(e.path.split("/"))]
    for endpoint in extra:
        message = "the dialect does not have it"
        collector.report(
            "operation-added", endpoint.name, message, None, endpoint.node, operation=endpoint.name
        )
    findings = sorted(collector.findings(), key=lambda f: (f.kind.client.rank, f.where, f.code))
    diff = Diff(name, theirs.label, tuple(findings))
    overlay = _overlay(diff, old, new, name, gateway)
    return Adoption(
        diff,
        tuple((a.name, b.name) for a, b in pairs),
        tuple(e.name for e in missing),
        tuple(e.name for e in extra),
        len(left) - len(extra),
        overlay,
        _gateway(new, name, gateway, theirs.label, overlay=overlay is not None),
    )


def _root(side: Side) -> Node:
    if not side.single:
        message = f"'{side.label}' is a folder; name the document"
        raise UsageError(message)
    root = side.documents[""].root
    if not str(root.map.get("openapi", "")).startswith("3."):
        message = f"'{side.label}' is no OpenAPI 3 document"
        raise UsageError(message)
    return root


def _counterpart(ours: Endpoint, theirs: list[Endpoint]) -> Endpoint | None:
    """Return the operation whose path is the same but for a prefix; the longest agreement wins."""
    method, path = ours.shape
    best: tuple[int, Endpoint] | None = None
    for endpoint in theirs:
        other_method, other = endpoint.shape
        if method != other_method or not (_ends(path, other) or _ends(other, path)):
            continue
        # Of several, the one whose prefix is the shortest.
        distance = abs(len(path) - len(other))
        if best is None or distance < best[0]:
            best = distance, endpoint
    if best is None and path == "/":
        # The root ends every path: it is found only where there is nothing to choose from.
        only = [e for e in theirs if e.method == method]
        return only[0] if len(only) == 1 else None
    return best[1] if best else None


def _ends(path: str, tail: str) -> bool:
    tail, path = tail.rstrip("/"), path.rstrip("/")
    # A tail that is only a parameter ends every path.
    return path.endswith(tail) and any(s and s != "{}" for s in tail.split("/"))


def _gateway(new: Node, dialect: str, name: str, source: str, *, overlay: bool) -> dict[str, Any]:
    upper = name.upper().replace("-", "_")
    title = new.at("info", "title")
    return {
        "name": name,
        "title": str(title.value) if title and title.value else name,
        "summary": "A draft: say in one sentence what it is.",
        "dialect": dialect,
        "base_url": _base_url(new),
        "environment": {"api_key": f"{upper}_API_KEY", "base_url": f"{upper}_BASE_URL"},
        "profiles": {"published": {"overlay": f"{name}.overlay.yaml" if overlay else None}},
        "source": f"Its own document, {source}",
    }


def _base_url(new: Node) -> str:
    for server in new.items("servers"):
        url = server.map.get("url")
        if isinstance(url, str) and urlsplit(url).scheme in {"http", "https"}:
            return url.rstrip("/")
    return "http://127.0.0.1:8000"


def _overlay(diff: Diff, old: Node, new: Node, dialect: str, gateway: str) -> dict[str, Any] | None:
    unique: dict[tuple[str, str], dict[str, Any]] = {}
    for finding in diff.findings:
        for action in _actions(finding, old, new):
            unique.setdefault((action["target"], repr(action.get("update"))), action)
    if not unique:
        return None
    # An item that goes moves those behind it: items go last, and from the end.
    items = [a for a in unique.values() if "remove" in a and not a["target"].endswith("']")]
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
        action = {"target": _path(finding.old_pointer), "description": said, "remove": True}
        return [] if kept else [action]
    if not finding.code.partition("-")[2].startswith(_SAID):
        return []
    if finding.new is None or finding.new.file != new.file.text.name:
        return []
    holder, value = finding.old_pointer, _at(new.file, finding.new_pointer or "")
    if segments[-1] in _KEYWORDS:
        holder, value = join_pointer(*segments[:-1]), {segments[-1]: value}
    return _updates(said, holder, _at(old.file, holder), value)


def _updates(said: str, holder: str, before: Any, value: Any) -> list[dict[str, Any]]:
    actions: list[dict[str, Any]] = []
    if not isinstance(before, dict) or not isinstance(value, dict):
        return actions
    for key, item in value.items():
        if key not in _KEYWORDS or before.get(key) == item:
            continue
        if isinstance(before.get(key), list):  # an update would add to it
            target = _path(holder + join_pointer(key))
            actions.append({"target": target, "description": said, "remove": True})
        update = {"target": _path(holder), "description": said, "update": {key: item}}
        actions.append(update)
    return actions


def _at(file: File, pointer: str) -> Any:
    node: Node | None = file.root
    for segment in split_pointer(pointer):
        if node is not None and isinstance(node.value, list):
            items = list(node.items())
            node = (
                items[int(segment)] if segment.isdecimal() and int(segment) < len(items) else None
            )
        else:
            node = dict(node.members()).get(segment) if node else None
    return node.value if node else None


def _path(pointer: str) -> str:
    """Return the JSONPath of a pointer."""
    steps = []
    for segment in split_pointer(pointer):
        quoted = segment.replace("\\", "\\\\").replace("'", "\\'")
        steps.append(
            f"[{segment}]" if segment.isdecimal() and len(segment) < 3 else f"['{quoted}']"
        )
    return "$" + "".join(steps)


def _steps(path: str) -> list[tuple[int, str]]:
    return [(int(s) if s.isdecimal() else -1, s) for s in path.replace("]", "").split("[")]


def _yaml(value: Any) -> str:
    return yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=100)
