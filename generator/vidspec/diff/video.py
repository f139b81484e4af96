"""The vidspec extensions: what an operation does to a job, and how a dialect shows its jobs."""

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from typing import Any

from vidspec.diff.finding import Collector
from vidspec.diff.node import Node
from vidspec.diff.paths import Endpoint
from vidspec.diff.view import same
from vidspec.diff.words import shown

_Say = Callable[[str, str, Node | None, Node | None], None]


def compare_operation_extension(collector: Collector, old: Endpoint, new: Endpoint) -> None:
    """Compare ``x-video-operation``, in its plain form and case by case."""
    one, other = old.node.get("x-video-operation"), new.node.get("x-video-operation")
    if one is None and other is None:
        return

    def say_at(where: str) -> _Say:
        return lambda code, message, a, b: collector.report(
            code, where, message, a or one, b or other, operation=old.name
        )

    first, second = _cases(one), _cases(other)
    for name in [*first, *(n for n in second if n not in first)]:
        _compare_case(say_at(f"{old.name} {name}".strip()), first.get(name), second.get(name))


def _cases(node: Node | None) -> dict[str, Node]:
    if node is None:
        return {}
    return dict(node.members("cases")) if "cases" in node.map else {"": node}


def _compare_case(say: _Say, old: Node | None, new: Node | None) -> None:
    if old is None or new is None:
        one = old or new
        role = one.map.get("role") if one else None
        if old is None:
            say("role-added", f"its role is {shown(role)}", None, new)
        else:
            say("role-removed", f"its role was {shown(role)}", old, None)
        return
    changed(say, "role-changed", "the role", old, new, key="role")
    changed(say, "operation-surface-changed", "the surface", old, new, key="surface")
    changed(say, "job-place-changed", "the job's place", old, new, key="job")
    changed(say, "items-place-changed", "the items' place", old, new, key="items")
    changed(say, "paging-changed", "the paging", old, new, key="paging")
    was, now = old.map.get("paid") is True, new.map.get("paid") is True
    if was != now:
        code = "operation-became-paid" if now else "operation-became-free"
        say(code, f"a call {'costs money now' if now else 'no longer costs money'}", old, new)
    _compare_needs(say, old, new)
    _compare_map(
        say,
        "variant",
        "the variant",
        old.get("variants"),
        new.get("variants"),
        change="variant-type-changed",
    )
    _compare_causes(say, old, new)


def _compare_needs(say: _Say, old: Node, new: Node) -> None:
    before, after = ([str(item.value) for item in node.items("needs")] for node in (old, new))
    if not before or not after:
        return  # no list: any state will do, or none is needed; the role says which
    for word in before:
        if word not in after:
            say("source-state-removed", f"the state {shown(word)} is gone", old, None)
    for word in after:
        if word not in before:
            say("source-state-added", f"the state {shown(word)} is new", None, new)


def changed(say: _Say, code: str, what: str, old: Node, new: Node, *, key: str) -> None:
    """Report ``code`` if what stands at ``key`` differs."""
    was, now = old.map.get(key), new.map.get(key)
    if not same(was, now):
        say(
            code,
            f"{what} was {shown(was)}, is {shown(now)}",
            old.get(key) or old,
            new.get(key) or new,
        )


def _compare_map(
    say: _Say, code: str, what: str, old: Node | None, new: Node | None, *, change: str
) -> None:
    """Report members that came, went, or hold something else."""
    first, second = dict(old.members()) if old else {}, dict(new.members()) if new else {}
    for name, node in first.items():
        if name not in second:
            say(f"{code}-removed", f"{what} {shown(name)} is gone", node, None)
        elif not same(node.value, second[name].value):
            message = (
                f"{what} {shown(name)} was {shown(node.value)}, is {shown(second[name].value)}"
            )
            say(change, message, node, second[name])
    for name, node in second.items():
        if name not in first:
            say(f"{code}-added", f"{what} {shown(name)} is new", None, node)


def compare_dialect(collector: Collector, old: Node, new: Node) -> None:
    """Compare the root extension ``x-video-dialect``."""
    one, other = old.get("x-video-dialect"), new.get("x-video-dialect")
    if one is None or other is None:
        return

    def say_at(where: str) -> _Say:
        return lambda code, message, a, b: collector.report(code, where, message, a, b)

    say = say_at("dialect")
    changed(say, "evidence-changed", "the evidence", one, other, key="evidence")
    changed(say, "envelope-changed", "the envelope", one, other, key="envelope")
    changed(say, "request-id-place-changed", "the request id's place", one, other, key="request_id")
    _compare_map(
        say,
        "environment",
        "the variable for",
        *_shared(one, other, "environment"),
        change="environment-changed",
    )
    _compare_credentials(say, one, other)
    before, after = one.at("errors"), other.at("errors")
    if before and after:
        changed(say, "error-shape-changed", "the shape of errors", before, after, key="shape")
        _compare_causes(say, before, after)
    _compare_surfaces(say_at, one, other)


def _shared(old: Node, new: Node, key: str) -> tuple[Node | None, Node | None]:
    """Return both members without what stands on one side only: of an environment only changes count."""
    one, other = old.get(key), new.get(key)
    if one is None or other is None:
        return None, None
    common = one.map.keys() & other.map.keys()
    return _only(one, common), _only(other, common)


def _only(node: Node, names: AbstractSet[str]) -> Node:
    return Node({k: v for k, v in node.map.items() if k in names}, node.file, node.pointer)


def _compare_credentials(say: _Say, old: Node, new: Node) -> None:
    first = {_credential(n): n for n in old.items("credentials")}
    second = {_credential(n): n for n in new.items("credentials")}
    for name, node in first.items():
        if name not in second:
            say("credentials-removed", f"{name} is gone", node, None)
        elif not same(node.value, second[name].value):
            say("credentials-changed", f"the settings of {name} have changed", node, second[name])
    for name, node in second.items():
        if name not in first:
            say("credentials-added", f"{name} is new", None, node)


def _credential(node: Node) -> str:
    return f"{shown(node.map.get('kind'))} by {shown(node.map.get('scheme'))}"


def _compare_causes(say: _Say, old: Node, new: Node) -> None:
    first, second = dict(old.members("causes")), dict(new.members("causes"))
    for name, node in first.items():
        if name not in second:
            say("cause-removed", f"the cause {shown(name)} is gone", node, None)
            continue
        other = second[name]
        changed(
            say, "cause-status-changed", f"the status for {shown(name)}", node, other, key="status"
        )
        plain = [{k: v for k, v in n.map.items() if k != "status"} for n in (node, other)]
        if not same(*plain):
            say("cause-body-changed", f"the answer to {shown(name)} has another body", node, other)
    for name, node in second.items():
        if name not in first:
            say("cause-added", f"the cause {shown(name)} is new", None, node)


def _compare_surfaces(say_at: Callable[[str], _Say], old: Node, new: Node) -> None:
    first, second = dict(old.members("surfaces")), dict(new.members("surfaces"))
    say = say_at("dialect")
    for name, node in first.items():
        if name in second:
            _compare_surface(say_at(f"surface {shown(name)}"), node, second[name])
        else:
            say("surface-removed", f"the surface {shown(name)} is gone", node, None)
    for name, node in second.items():
        if name not in first:
            say("surface-added", f"the surface {shown(name)} is new", None, node)
    was, now = _default(first), _default(second)
    if was != now and was in second and now in first:
        say(
            "default-surface-changed",
            f"{shown(was)} was the default, {shown(now)} is",
            first[was],
            second[now],
        )


def _default(surfaces: dict[str, Node]) -> str:
    chosen = (n for n, s in surfaces.items() if s.map.get("default") is True)
    return next(chosen, next(iter(surfaces), ""))


def _compare_surface(say: _Say, old: Node, new: Node) -> None:
    _compare_map(
        say,
        "status-word",
        "the word",
        old.get("states"),
        new.get("states"),
        change="status-word-changed",
    )
    _compare_map(
        say,
        "status-word",
        "the code of a refusal",
        old.get("refusals"),
        new.get("refusals"),
        change="status-word-changed",
    )
    _compare_job(say, old, new)
    first, second = _results(old), _results(new)
    for name, node in first.items():
        if name not in second:
            say("result-removed", f"the result by {name} is gone", node, None)
    for name, node in second.items():
        if name not in first:
            say("result-added", f"the result by {name} is new", None, node)
    _compare_poll(say, old, new)
    was, now = old.map.get("retention_seconds"), new.map.get("retention_seconds")
    if not same(was, now):
        shorter = isinstance(now, int) and (not isinstance(was, int) or now < was)
        code = "retention-shortened" if shorter else "retention-lengthened"
        say(code, f"videos were kept for {shown(was)} s, are for {shown(now)} s", old, new)


def _results(node: Node) -> dict[str, Node]:
    return {
        f"{shown(r.map.get('kind'))} {shown(r.map.get('pointer') or '')}".replace(' ""', ""): r
        for r in node.items("results")
    }


def _compare_poll(say: _Say, old: Node, new: Node) -> None:
    one, other = old.get("poll"), new.get("poll")
    if one is None or other is None:
        return
    was, now = one.map.get("interval_seconds"), other.map.get("interval_seconds")
    if isinstance(was, int | float) and isinstance(now, int | float) and was != now:
        code = "poll-interval-raised" if now > was else "poll-interval-lowered"
        say(code, f"the interval was {shown(was)} s, is {shown(now)} s", one, other)
    hints = [{k: n.map.get(k) for k in ("header", "unit")} for n in (one, other)]
    if not same(*hints):
        say(
            "poll-hint-changed", f"the hint was {shown(hints[0])}, is {shown(hints[1])}", one, other
        )


def _compare_job(say: _Say, old: Node, new: Node) -> None:
    first, second = dict(old.members("job")), dict(new.members("job"))
    for name, node in first.items():
        if name not in second:
            say("job-field-removed", f"the field {shown(name)} is gone", node, None)
            continue
        other = second[name]
        was, now = _field(node), _field(other)
        for key, code in (
            ("pointer", "job-field-moved"),
            ("unit", "job-field-unit-changed"),
            ("values", "job-field-values-changed"),
        ):
            if not same(was.get(key), now.get(key)):
                message = (
                    f"{key} of {shown(name)} was {shown(was.get(key))}, is {shown(now.get(key))}"
                )
                say(code, message, node, other)
    for name, node in second.items():
        if name not in first:
            say("job-field-added", f"the field {shown(name)} is new", None, node)


def _field(node: Node) -> dict[str, Any]:
    return node.map if isinstance(node.value, dict) else {"pointer": node.value}
