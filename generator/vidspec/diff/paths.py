"""Which operation of the old document is which of the new one."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from vidspec.diff.node import Node
from vidspec.document.grammar import METHODS

_TEMPLATE = re.compile(r"\{[^{}]*\}")


@dataclass(frozen=True, slots=True, eq=False)
class Endpoint:
    """One operation and the path item that it stands in."""

    method: str
    path: str
    item: Node
    node: Node

    @property
    def name(self) -> str:
        """What people call it: ``POST /videos``."""
        return f"{self.method.upper()} {self.path}"

    @property
    def id(self) -> str | None:
        """The operation's id, if it has one."""
        said = self.node.map.get("operationId")
        return said if isinstance(said, str) else None

    @property
    def templates(self) -> list[str]:
        """The names of the path's parameters, in order."""
        return [t[1:-1] for t in _TEMPLATE.findall(self.path)]

    @property
    def shape(self) -> tuple[str, str]:
        """Method and path, whatever the path's parameters are called."""
        return self.method, _TEMPLATE.sub("{}", self.path)


@dataclass(slots=True)
class Matched:
    """The operations of two documents, paired."""

    both: list[tuple[Endpoint, Endpoint]] = field(default_factory=list)
    moved: list[tuple[Endpoint, Endpoint]] = field(default_factory=list)
    removed: list[Endpoint] = field(default_factory=list)
    added: list[Endpoint] = field(default_factory=list)


def endpoints(root: Node, section: str = "paths") -> Iterator[Endpoint]:
    """Yield the operations of a document's ``paths`` or ``webhooks`` (or of any map of path items)."""
    for path, said in root.members(section):
        item = said.follow()
        for method in METHODS:
            node = item.get(method)
            if node is not None and isinstance(node.value, dict):
                yield Endpoint(method, path, item, node)


def match(old: Node, new: Node, section: str = "paths") -> Matched:
    """Pair by method and path; then by path with the server's own prefix; then by operation id (moved)."""
    found = Matched()
    left, right = list(endpoints(old, section)), list(endpoints(new, section))
    prefixes = (_prefix(old), _prefix(new)) if section == "paths" else ("", "")
    for mark_old, mark_new in (
        (lambda e: e.shape, lambda e: e.shape),
        (lambda e: _full(prefixes[0], e), lambda e: _full(prefixes[1], e)),
    ):
        known = {mark_new(e): e for e in reversed(right)}
        pairs = [(e, known[mark_old(e)]) for e in left if mark_old(e) in known]
        found.both += pairs
        left, right = _without(left, right, pairs)
    ids = {e.id: e for e in right if e.id}
    found.moved = [(e, ids[e.id]) for e in left if e.id in ids]
    found.removed, found.added = _without(left, right, found.moved)
    return found


def _without(
    left: list[Endpoint], right: list[Endpoint], pairs: list[tuple[Endpoint, Endpoint]]
) -> tuple[list[Endpoint], list[Endpoint]]:
    gone, taken = {id(e) for e, _ in pairs}, {id(e) for _, e in pairs}
    return [e for e in left if id(e) not in gone], [e for e in right if id(e) not in taken]


def _full(prefix: str, endpoint: Endpoint) -> tuple[str, str]:
    method, path = endpoint.shape
    return method, prefix + path


def _prefix(root: Node) -> str:
    for server in root.items("servers"):
        url = server.map.get("url")
        if isinstance(url, str):
            try:
                return urlsplit(url).path.rstrip("/")
            except ValueError:
                return ""
    return ""
