"""Schemas against schemas, pair by pair: each pair of shared schemas is compared once, so circles end."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from vidspec.diff.finding import Collector, Pair
from vidspec.diff.members import compare_members
from vidspec.diff.node import Node
from vidspec.diff.unions import compare_one_with_many, compare_unions
from vidspec.diff.values import compare_values
from vidspec.diff.view import CONDITIONS, same, view
from vidspec.diff.visit import Direction, Visit, dotted
from vidspec.diff.words import shown


@dataclass(frozen=True, slots=True)
class _Task:
    old: Node
    new: Node
    direction: Direction
    where: str
    textual: bool


class Comparer:
    """Compares schemas, and remembers which pairs it has seen."""

    def __init__(self, collector: Collector) -> None:
        self._collector = collector
        self._seen: set[Pair] = set()
        self._queue: deque[tuple[_Task, Pair]] = deque()

    def compare(
        self,
        old: Node,
        new: Node,
        direction: Direction,
        where: str,
        operation: str,
        *,
        textual: bool = False,
    ) -> None:
        """Compare two schemas and all below them; ``where`` names them where they have no name of their own."""
        self._push(_Task(old, new, direction, where, textual), operation)
        while self._queue:
            self._visit(*self._queue.popleft())

    def _push(self, task: _Task, parent: "Pair | str") -> None:
        pair: Pair = (_bare(task.old).key, _bare(task.new).key, task.direction, task.textual)
        self._collector.edge(parent, pair)
        if pair not in self._seen:
            self._seen.add(pair)
            self._queue.append((task, pair))

    def _visit(self, task: _Task, pair: Pair) -> None:
        old, new = task.old, task.new
        where = _component(new) or _component(old) or task.where

        def push(one: Node, other: Node, below: str) -> None:
            under = _Task(one, other, task.direction, dotted(where, below), task.textual)
            self._push(under, pair)

        visit = Visit(
            view(old), view(new), task.direction, task.textual, where, pair, self._collector, push
        )
        if visit.old.unresolved or visit.new.unresolved:
            if visit.old.unresolved != visit.new.unresolved:
                was, now = visit.old.unresolved, visit.new.unresolved
                visit.report(
                    "reference-unresolved", f"$ref was {was or 'none'}, is {now or 'none'}"
                )
            return
        if visit.old.never or visit.new.never:
            if visit.old.never != visit.new.never:
                code = "schema-refuses-all" if visit.new.never else "schema-no-longer-refuses-all"
                visit.report(code, f"the schema was {shown(old.value)}, is {shown(new.value)}")
            return
        if compare_one_with_many(visit):
            return
        if compare_values(visit):
            compare_members(visit)
            compare_unions(visit)
        _compare_rest(visit)


def _compare_rest(visit: Visit) -> None:
    visit.keyword("default", "default")
    for keyword in CONDITIONS:
        visit.keyword(keyword, "condition")
    for keyword, code in (
        ("contentEncoding", "content-encoding-changed"),
        ("contentMediaType", "content-media-type-changed"),
        ("xml", "xml-changed"),
    ):
        old, new = visit.old.value(keyword), visit.new.value(keyword)
        if not same(old, new):
            visit.report(
                code, f"{keyword} was {shown(old)}, is {shown(new)}", *_places(visit, keyword)
            )
    compare_meaning(
        visit.old.rest.get("x-video-parameter"),
        visit.new.rest.get("x-video-parameter"),
        lambda code, message, old, new: visit.collector.report(
            code,
            visit.where,
            message,
            old or visit.old.node,
            new or visit.new.node,
            pair=visit.pair,
        ),
    )


def compare_meaning(
    old: Node | None, new: Node | None, report: Callable[[str, str, Node | None, Node | None], None]
) -> None:
    """Compare what a field or parameter means (``x-video-parameter``)."""
    before, after = _meaning(old), _meaning(new)
    if same(before, after):
        return
    if old is None:
        report("meaning-added", f"it means {shown(after[0])}", None, new)
    elif new is None:
        report("meaning-removed", f"it meant {shown(before[0])}", old, None)
    elif not same(before[0], after[0]):
        report("meaning-changed", f"it meant {shown(before[0])}, means {shown(after[0])}", old, new)
    else:
        report(
            "meaning-encoding-changed", f"the encoding of {shown(after[0])} has changed", old, new
        )


def _meaning(node: Node | None) -> tuple[Any, Any]:
    said = node.value if node else None
    if isinstance(said, dict):
        return said.get("name"), {k: v for k, v in said.items() if k != "name"}
    if isinstance(said, list):
        return [m.get("name") if isinstance(m, dict) else m for m in said], said
    return said, {}


def _places(visit: Visit, keyword: str) -> tuple[Node | None, Node | None]:
    return visit.old.rest.get(keyword), visit.new.rest.get(keyword)


def _bare(node: Node) -> Node:
    """Follow references that stand alone; one with keywords beside it is a schema of its own."""
    seen = set[tuple[str, str]]()
    while node.map.keys() == {"$ref"} and node.key not in seen:
        seen.add(node.key)
        node = node.target() or node
    return node


def _component(node: Node) -> str | None:
    """Return the name of the shared schema that a reference leads to."""
    end = node.follow()
    if end is node:
        return None
    return end.pointer.rsplit("/", 1)[-1] or end.file.path
