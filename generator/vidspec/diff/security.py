"""Credentials and servers."""

from typing import Any

from vidspec.diff.finding import Collector
from vidspec.diff.node import Node
from vidspec.diff.paths import Endpoint
from vidspec.diff.view import same
from vidspec.diff.words import shown

#: One way to be let in: scheme → scopes; all are needed. No scheme: open to all.
_Way = dict[str, frozenset[str]]


def compare_security(
    collector: Collector, old_root: Node, new_root: Node, old: Endpoint, new: Endpoint
) -> None:
    """Compare who may call an operation."""
    first, second = _ways(old_root, old), _ways(new_root, new)
    places = _place(old_root, old), _place(new_root, new)

    def say(code: str, message: str) -> None:
        collector.report(code, old.name, message, *places, operation=old.name)

    if {} in first and {} in second:
        return
    if {} in first or {} in second:
        opened = {} in second
        say(
            "security-removed" if opened else "security-added",
            "no credentials are needed any more"
            if opened
            else f"credentials are needed: {_words(second)}",
        )
        return
    known = {tuple(sorted(way)): way for way in second}
    for way in first:
        other = known.pop(tuple(sorted(way)), None)
        if other is None:
            say("security-alternative-removed", f"{_words([way])} no longer does")
            continue
        for scheme in way:
            for scope in sorted(other[scheme] - way[scheme]):
                say("security-scope-added", f"{shown(scheme)} needs the scope {shown(scope)}")
            for scope in sorted(way[scheme] - other[scheme]):
                say(
                    "security-scope-removed",
                    f"{shown(scheme)} no longer needs the scope {shown(scope)}",
                )
    for way in known.values():
        say("security-alternative-added", f"{_words([way])} does as well")


def _place(root: Node, endpoint: Endpoint) -> Node:
    return endpoint.node.get("security") or root.get("security") or endpoint.node


def _ways(root: Node, endpoint: Endpoint) -> list[_Way]:
    said = endpoint.node.get("security") or root.get("security")
    ways = [
        {
            str(name): frozenset(map(str, scopes)) if isinstance(scopes, list) else frozenset()
            for name, scopes in way.map.items()
        }
        for way in (said.items() if said else ())
    ]
    return ways or [{}]


def _words(ways: list[_Way]) -> str:
    return " or ".join(" and ".join(map(shown, sorted(way))) or "nothing" for way in ways)


def compare_schemes(collector: Collector, old: Node, new: Node) -> None:
    """Compare how credentials travel, for schemes of one name."""
    section = ("components", "securitySchemes")
    first, second = old.at(*section), new.at(*section)
    others = dict(second.members()) if second else {}
    for name, node in first.members() if first else ():
        one, other = node.follow(), others[name].follow() if name in others else None
        if other and not same(_travel(one), _travel(other)):
            message = f"{shown(name)} was {shown(_travel(one))}, is {shown(_travel(other))}"
            collector.report(
                "security-scheme-changed", f"security scheme {shown(name)}", message, one, other
            )


def _travel(node: Node) -> dict[str, Any]:
    words = ("type", "scheme", "in", "name", "openIdConnectUrl")
    said = {k: v for k, v in node.map.items() if k in words}
    return {k: v.lower() if k == "scheme" and isinstance(v, str) else v for k, v in said.items()}


def compare_servers(collector: Collector, old: Node, new: Node) -> None:
    """Compare the addresses of a document."""
    first = {_url(server): server for server in old.items("servers")}
    second = {_url(server): server for server in new.items("servers")}
    for url, node in first.items():
        if url not in second:
            collector.report("server-removed", "servers", f"{url} is gone", node, None)
            continue
        one, other = node.map.get("variables"), second[url].map.get("variables")
        if not same(one, other):
            collector.report(
                "server-variable-changed",
                "servers",
                f"the variables of {url} have changed",
                node,
                second[url],
            )
    for url, node in second.items():
        if url not in first:
            collector.report("server-added", "servers", f"{url} is new", None, node)
    if first and second:
        was, now = next(iter(first)), next(iter(second))
        if was != now and was in second and now in first:
            message = f"{was} was the first, {now} is"
            collector.report("server-default-changed", "servers", message, first[was], second[now])


def _url(server: Node) -> str:
    url = server.map.get("url")
    return shown(url.rstrip("/") or "/") if isinstance(url, str) else "an address that is no text"
