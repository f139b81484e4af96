"""What is promised about an operation beside its messages: its day of sunset, how stable it is, its tags."""

from datetime import UTC, date, datetime
from typing import Final

from vidspec.diff.finding import Collector
from vidspec.diff.node import Node
from vidspec.diff.paths import Endpoint
from vidspec.diff.view import same_in
from vidspec.diff.words import shown

_SUNSET: Final = "x-sunset"
_STABILITY: Final = "x-stability-level"
#: The firmest last; an operation of which nothing is said is one to rely on.
_LEVELS: Final = ("draft", "alpha", "beta", "stable")


def compare_promises(collector: Collector, old: Endpoint, new: Endpoint) -> None:
    """Compare the promises of one operation."""
    _compare_sunset(collector, old, new)
    _compare_stability(collector, old, new)
    was, now = (list(e.node.items("tags")) for e in (old, new))
    for code, tags, others in (
        ("operation-tag-removed", was, now),
        ("operation-tag-added", now, was),
    ):
        for tag in tags:
            if not same_in(tag.value, [other.value for other in others]):
                gone = tags is was
                message = f"the tag {shown(tag.value)} is {'gone' if gone else 'new'}"
                places = (tag, new.node) if gone else (old.node, tag)
                collector.report(code, old.name, message, *places, operation=old.name)


def removal(endpoint: Endpoint) -> tuple[str, str]:
    """Return the code, and the message, for an operation that is gone."""
    if endpoint.node.map.get("deprecated") is not True:
        return "operation-removed", "it is gone"
    node = endpoint.node.get(_SUNSET)
    day = _day(node)
    if node is None or day is None:
        return "deprecated-operation-removed", "it is gone"
    # Whether a promise is kept depends on the day; in UTC, so that it does not depend on the place.
    early = day > _today()
    code = "operation-removed-before-sunset" if early else "deprecated-operation-removed"
    return code, f"it is gone, its sunset {'is' if early else 'was'} {day}"


def _compare_sunset(collector: Collector, old: Endpoint, new: Endpoint) -> None:
    first, second = old.node.get(_SUNSET), new.node.get(_SUNSET)
    was, now = _day(first), _day(second)

    def report(code: str, message: str) -> None:
        places = first or old.node, second or new.node
        collector.report(code, old.name, message, *places, operation=old.name)

    if second is not None and now is None:
        if first is None or first.value != second.value:
            report("sunset-unreadable", f"{_SUNSET} {shown(second.value)} is no date")
    elif now is None:
        # An operation that stays for good needs no day.
        if was is not None and new.node.map.get("deprecated") is True:
            report("sunset-removed", f"its sunset was {was}, is not said any more")
    elif was is None:
        report("sunset-added", f"its sunset is {now}")
    elif was != now:
        code = "sunset-earlier" if now < was else "sunset-later"
        report(code, f"its sunset was {was}, is {now}")


def _compare_stability(collector: Collector, old: Endpoint, new: Endpoint) -> None:
    was, now = (e.node.map.get(_STABILITY, _LEVELS[-1]) for e in (old, new))
    if was == now:
        return
    places = (e.node.get(_STABILITY) or e.node for e in (old, new))
    message = f"it was {shown(was)}, is {shown(now)}"
    if now not in _LEVELS:
        code = "stability-unknown"
    else:
        lower = was in _LEVELS and _LEVELS.index(now) < _LEVELS.index(was)
        code = "stability-lowered" if lower else "stability-raised"
    collector.report(code, old.name, message, *places, operation=old.name)


def _day(node: Node | None) -> date | None:
    """Return the date that stands at ``node``, with or without a time behind it; None if there is none."""
    if node is None or not isinstance(node.value, str):
        return None
    try:
        return date.fromisoformat(node.value.partition("T")[0].strip())
    except ValueError:
        return None


def _today() -> date:
    return datetime.now(UTC).date()
