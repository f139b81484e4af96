"""Runs in which every text is hostile: what a gateway sends, and what a stream from elsewhere may say."""

import json
from typing import Any

from conformance.story import exchange, told
from vidspec.conformance import Run
from vidspec.conformance.events import Excused, Finding, JobSeen, Sent, read_lines

#: Members whose few values are the stream's own words; a reader refuses others, or counts by them.
_OWN = frozenset({"event", "verdict", "mode", "kind", "format"})
VERDICTS = {"a": "pass", "b": "fail", "c": "warn", "d": "untestable"}


def salted(salt: str, *, unmeasured: bool = False) -> Run:
    """Return a run with ``salt`` in front of every text of it, and each known state and level as it was."""
    finding = Finding("refused", "It refused.", "Look at it.") if unmeasured else None
    plain = told(VERDICTS, body="body", finding=finding)  # type: ignore[arg-type]
    events = list(read_lines(plain.lines().splitlines()))
    events[-1:-1] = [
        Sent(exchange(9)),
        JobSeen("second", "video_2", "in_progress", "in_progress", None, 0.5),
        Excused("b", "known", "https://tracker.test/1", "2099-01-01"),
    ]
    lines = [
        json.dumps(_salt(json.loads(line), salt)) for line in Run.of(events).lines().splitlines()
    ]
    return Run.of(read_lines(lines))


def _salt(value: Any, salt: str, key: str = "") -> Any:
    if isinstance(value, dict):
        return {k: _salt(item, salt, k) for k, item in value.items()}
    if isinstance(value, list):
        return [_salt(item, salt, key) for item in value]
    dated = key == "expires"
    return salt + value if isinstance(value, str) and key not in _OWN and not dated else value
