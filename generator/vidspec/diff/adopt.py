"""A gateway's own document against a dialect: what it lacks, has more, or writes otherwise; and a draft to go on from."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import yaml

from vidspec.diff.draft import draft_overlay, node_at
from vidspec.diff.finding import Collector, Diff, Finding
from vidspec.diff.kinds_video import VIDEO_KINDS
from vidspec.diff.node import Node
from vidspec.diff.opening import Side
from vidspec.diff.operations import Documents
from vidspec.diff.paths import Endpoint, endpoints
from vidspec.diff.view import view
from vidspec.errors import UsageError

#: What a third party's document cannot be expected to say, or says in words of its own.
_THEIRS: Final = frozenset(kind.code for kind in VIDEO_KINDS) | {
    "operation-tag-added",
    "operation-tag-removed",
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
    #: Of what their document says nothing, by what it is: neither a difference, nor agreement.
    unsaid: Mapping[str, int]
    #: What our rules say of the draft, each with its place: a person must decide it.
    todo: tuple[str, ...] = ()

    def files(self) -> dict[str, str]:
        """Return the draft: the gateway's file, and the overlay if there is one."""
        name = self.gateway["name"]
        if self.overlay is None:
            gateway = self.gateway | {"profiles": {"published": {"overlay": None}}}
            return {f"{name}.yaml": _yaml(gateway)}
        todo = "".join(f"# TODO: {' '.join(each.split())}\n" for each in self.todo)
        overlay = todo + _yaml(self.overlay)
        return {f"{name}.yaml": _yaml(self.gateway), f"{name}.overlay.yaml": overlay}

    @property
    def file_names(self) -> frozenset[str]:
        """The names of the files that a draft for this gateway can have."""
        return frozenset(f"{self.gateway['name']}{end}" for end in (".yaml", ".overlay.yaml"))

    def summary(self) -> str:
        """Return which operations were found, lack, or are more."""
        lines = [
            f"{len(self.matched)} operations of the dialect are there, {len(self.missing)} are not."
        ]
        lines += [f"  missing  {name}" for name in self.missing]
        lines += [f"  as       {ours}: {theirs}" for ours, theirs in self.matched if ours != theirs]
        lines += [f"  extra    {name}" for name in self.extra]
        lines += [
            f"  unsaid   {number} {what}: their document does not tell, ask the gateway (vidspec check)"
            for what, number in self.unsaid.items()
        ]
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
    findings = []
    unsaid: Counter[str] = Counter()
    for finding in sorted(
        collector.findings(), key=lambda f: (f.kind.client.rank, f.where, f.code)
    ):
        what = _unsaid(finding, new)
        if what:
            unsaid[what] += 1
        else:
            findings.append(finding)
    diff = Diff(name, theirs.label, tuple(findings))
    overlay = draft_overlay(diff, old, new, name, gateway)
    return Adoption(
        diff,
        tuple((a.name, b.name) for a, b in pairs),
        tuple(e.name for e in missing),
        tuple(e.name for e in extra),
        len(left) - len(extra),
        overlay,
        _gateway(new, name, gateway, theirs.label, overlay=overlay is not None),
        dict(sorted(unsaid.items())),
    )


def _unsaid(finding: Finding, new: Node) -> str | None:
    """Return what a finding is about, if their document only leaves it out, as those made from code do."""
    if finding.code in {"reply-error-status-removed", "reply-header-removed"}:
        return "error replies" if "status" in finding.code else "headers of replies"
    if finding.code in {"reply-property-removed", "reply-required-property-removed"}:
        holder = node_at(new.file, finding.new_pointer or "/-")
        said = view(holder) if holder else None
        if said and not (said.properties or said.unions or said.closed):
            return "members of objects that are not described"
    return None


def _root(side: Side) -> Node:
    if not side.single:
        message = f"'{side.label}' is a folder; name the document"
        raise UsageError(message)
    root = side.documents[""].root
    if not str(root.map.get("openapi", "")).startswith("3."):
        what = "a Swagger 2.0" if "swagger" in root.map else "no OpenAPI 3"
        message = f"'{side.label}' is {what} document; OpenAPI 3.0 and 3.1 are read"
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


def _yaml(value: Any) -> str:
    return yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=100)
