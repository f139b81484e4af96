"""Path, query, header and cookie parameters."""

from collections.abc import Callable
from typing import Any

from vidspec.diff.finding import Collector
from vidspec.diff.node import Node
from vidspec.diff.paths import Endpoint
from vidspec.diff.schemas import Comparer, compare_meaning
from vidspec.diff.view import same
from vidspec.diff.words import shown

Say = Callable[[str, str, Node | None, Node | None], None]

#: Headers that OpenAPI says elsewhere.
_NOT_PARAMETERS = frozenset({"accept", "content-type", "authorization"})
_STYLES = {"query": "form", "cookie": "form", "path": "simple", "header": "simple"}


def compare_parameters(
    schemas: Comparer, collector: Collector, old: Endpoint, new: Endpoint
) -> None:
    """Compare the parameters of two operations, those of their path items among them."""
    first, second = _parameters(old), _parameters(new, like=old)
    gone = {key: node for key, node in first.items() if key not in second}
    come = {key: node for key, node in second.items() if key not in first}
    for (place, name), node in list(gone.items()):
        moved = next(
            (key for key in come if key[1] == name and "path" not in (place, key[0])), None
        )
        if moved is not None:
            message = f"{shown(name)} was in {place}, is in {moved[0]}"
            other = come.pop(moved)
            del gone[place, name]
            _say_at(collector, old, name)("parameter-moved", message, node, other)
    for (place, name), node in gone.items():
        # A parameter leaves the path with its path; of that the operation speaks.
        if place != "path":
            _say_at(collector, old, name)(
                "parameter-removed", f"{shown(name)} (in {place}) is gone", node, None
            )
    for (place, name), node in come.items():
        if place != "path":
            required = node.map.get("required") is True
            code = "required-parameter-added" if required else "parameter-added"
            message = (
                f"{shown(name)} (in {place}) is new and {'required' if required else 'optional'}"
            )
            _say_at(collector, old, name)(code, message, None, node)
    for key, node in first.items():
        if key in second:
            _Parameter(schemas, collector, old, *key).compare(node, second[key])


def _say_at(collector: Collector, at: Endpoint, name: str) -> Say:
    where = f"{at.name} parameter {shown(name)}"
    return lambda code, message, old, new: collector.report(
        code, where, message, old, new, operation=at.name
    )


def _parameters(endpoint: Endpoint, like: Endpoint | None = None) -> dict[tuple[str, str], Node]:
    """Return the parameters by place and name; those in the path are called as in the path of ``like``."""
    names = dict(zip(endpoint.templates, (like or endpoint).templates, strict=False))
    found: dict[tuple[str, str], Node] = {}
    for holder in (endpoint.item, endpoint.node):
        for said in holder.items("parameters"):
            node = said.follow()
            place, name = node.map.get("in"), node.map.get("name")
            if not isinstance(place, str) or not isinstance(name, str):
                continue
            if place == "header":
                name = name.lower()
                if name in _NOT_PARAMETERS:
                    continue
            found[place, names.get(name, name) if place == "path" else name] = node
    return found


class _Parameter:
    def __init__(
        self, schemas: Comparer, collector: Collector, at: Endpoint, place: str, name: str
    ) -> None:
        self.schemas, self.collector, self.at = schemas, collector, at
        self.place, self.name = place, name

    def compare(self, old: Node, new: Node) -> None:
        self._flag(old, new, "required", ("parameter-became-optional", "parameter-became-required"))
        self._flag(
            old, new, "deprecated", ("parameter-no-longer-deprecated", "parameter-deprecated")
        )
        if self._style(old) != self._style(new):
            message = f"the style was {shown(self._style(old))}, is {shown(self._style(new))}"
            self._say("parameter-style-changed", message, old, new)
        for flag in ("allowReserved", "allowEmptyValue"):
            was, now = (n.map.get(flag) is True for n in (old, new))
            if was != now:
                self._say("parameter-reserved-changed", f"{flag} is {shown(now)} now", old, new)
        compare_meaning(
            old.get("x-video-parameter"),
            new.get("x-video-parameter"),
            lambda code, message, one, other: self._say(code, message, one or old, other or new),
        )
        self._schemas(old, new)

    def _schemas(self, old: Node, new: Node) -> None:
        one, other = dict(old.members("content")), dict(new.members("content"))
        if one.keys() != other.keys():
            message = (
                f"it was written as {', '.join(one) or 'text'}, is as {', '.join(other) or 'text'}"
            )
            self._say("parameter-content-changed", message, old, new)
            return
        pairs = [(one[t].get("schema"), other[t].get("schema")) for t in one]
        pairs.append((old.get("schema"), new.get("schema")))
        for before, after in pairs:
            if before and after:
                where = f"{self.at.name} parameter {shown(self.name)}"
                self.schemas.compare(before, after, "request", where, self.at.name, textual=not one)

    def _flag(self, old: Node, new: Node, flag: str, codes: tuple[str, str]) -> None:
        was, now = (n.map.get(flag) is True for n in (old, new))
        if was != now and self.place != "path":
            self._say(codes[now], f"it is {'' if now else 'no longer '}{flag}", old, new)

    def _style(self, node: Node) -> Any:
        style = node.map.get("style", _STYLES.get(self.place))
        explode = node.map.get("explode", style == "form")
        return f"{style}{', exploded' if explode else ''}" if _compound(node) else style

    def _say(self, code: str, message: str, old: Node, new: Node) -> None:
        _say_at(self.collector, self.at, self.name)(code, message, old, new)


def _compound(node: Node) -> bool:
    """Say whether ``explode`` matters: a plain value is written the same either way."""
    schema = node.at("schema")
    kinds = schema.map.get("type") if schema else None
    return any(
        same(kinds, k) or (isinstance(kinds, list) and k in kinds) for k in ("array", "object")
    )
