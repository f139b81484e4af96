"""Known failures: a file that excuses them one by one, and that must stay true in both directions.

A listed failure is shown as ``known`` and does not count. An unlisted one counts. A listed requirement that passes
again is stale, and an entry past its day has expired: both make the check fail, so that the file never rots.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final

import yaml

from vidspec.conformance.events import Event, Excused, Footer, Lapsed
from vidspec.conformance.run import Run
from vidspec.contract import Contract
from vidspec.document import load_yaml
from vidspec.errors import SpecError, UsageError
from vidspec.source import join_pointer

_KEYS: Final = ("requirement", "reason", "link", "expires", "target")
_EXCUSABLE: Final = ("fail", "untestable", "warn")
#: What counts if nobody excuses it; ``--update-baseline`` lists these.
_COUNTED: Final = ("fail", "untestable")
_HEAD: Final = "# Known failures: vidspec check … --baseline FILE. An entry that is no longer true fails the check.\n"


@dataclass(frozen=True, slots=True)
class Entry:
    """One excuse: this requirement may fail, for this reason, until that day."""

    requirement: str
    reason: str
    link: str | None = None
    #: The last day on which it holds.
    expires: dt.date | None = None
    #: Glob over the base URL of the gateway; None: every gateway.
    target: str | None = None

    def about(self, url: str) -> bool:
        """Say whether the entry speaks of the gateway at this address."""
        return self.target is None or fnmatchcase(url, self.target)


def load_baseline(path: Path, contract: Contract) -> tuple[Entry, ...]:
    """Read the file; raise UsageError, with the place, for all that is not a proper entry."""
    try:
        value, locate = load_yaml(path)
    except SpecError as error:
        raise UsageError(error.render()) from error
    entries = value.get("failures") if isinstance(value, dict) and len(value) == 1 else None
    if not isinstance(entries, list):
        message = f"{path}: a baseline has one key, 'failures', with a list of entries"
        raise UsageError(message)
    known = {requirement.id for requirement in contract.requirements}
    read: list[Entry] = []
    complaints: list[str] = []
    for number, entry in enumerate(entries):
        place = locate(join_pointer("failures", str(number)))
        try:
            read.append(_entry(entry, known))
        except ValueError as error:
            complaints.append(f"{place}: {error}")
    if complaints:
        raise UsageError("\n".join(complaints))
    return tuple(read)


def _entry(value: Any, known: set[str]) -> Entry:
    if not isinstance(value, dict):
        message = "an entry is a mapping"
        raise ValueError(message)  # noqa: TRY004 - the file's content is wrong, not our types
    if odd := sorted(set(value) - set(_KEYS)):
        message = f"unknown key {', '.join(map(repr, odd))} (there are: {', '.join(_KEYS)})"
        raise ValueError(message)
    texts = {key: text for key, text in value.items() if text is not None}
    if wrong := [key for key, text in texts.items() if not isinstance(text, str) or not text]:
        message = f"'{wrong[0]}' must be a text"
        raise ValueError(message)
    for key in ("requirement", "reason"):
        if key not in texts:
            message = f"'{key}' is missing"
            raise ValueError(message)
    if texts["requirement"] not in known:
        message = f"no requirement '{texts['requirement']}'"
        raise ValueError(message)
    day = texts.pop("expires", None)
    return Entry(**texts, expires=dt.date.fromisoformat(day) if day else None)


def apply(run: Run, entries: Sequence[Entry], today: dt.date) -> Run:
    """Return the run with its failures excused, and with every entry that is no longer true."""
    said: list[Event] = []
    verdicts = {outcome.requirement: outcome.verdict for outcome in run.outcomes}
    for entry in entries:
        verdict = verdicts.get(entry.requirement)
        if not entry.about(run.header.url):
            continue
        if verdict == "pass":
            message = "it passes now: take it out of the baseline"
            said.append(Lapsed(entry.requirement, "stale", message))
        elif entry.expires is not None and entry.expires < today:
            message = f"the excuse ended on {entry.expires}: {entry.reason}"
            said.append(Lapsed(entry.requirement, "expired", message))
        elif verdict in _EXCUSABLE:
            expires = None if entry.expires is None else entry.expires.isoformat()
            said.append(Excused(entry.requirement, entry.reason, entry.link, expires))
    footer = [run.events[-1]] if isinstance(run.events[-1], Footer) else []
    return Run.of([*run.events[: len(run.events) - len(footer)], *said, *footer])


def updated(run: Run, entries: Sequence[Entry], today: dt.date) -> tuple[Entry, ...]:
    """Return the entries that make this run pass: old ones that still hold or were not judged, and new ones.

    An entry about another gateway is left alone; one that has expired begins anew without a day.
    """
    verdicts = {outcome.requirement: outcome for outcome in run.outcomes}
    kept = []
    listed = set()
    for entry in entries:
        outcome = verdicts.get(entry.requirement)
        about = entry.about(run.header.url)
        if about and outcome is not None and outcome.verdict == "pass":
            continue
        if about and entry.expires is not None and entry.expires < today:
            continue
        kept.append(entry)
        if about:
            listed.add(entry.requirement)
    new = [
        Entry(o.requirement, f"seen on {today}: {o.reason}")
        for o in run.outcomes
        if o.verdict in _COUNTED and o.requirement not in listed
    ]
    return tuple(sorted([*kept, *new], key=lambda entry: entry.requirement))


def dump_baseline(entries: Sequence[Entry]) -> str:
    """Return the file's text."""
    values = [_plain(entry) for entry in entries]
    return _HEAD + yaml.safe_dump(
        {"failures": values}, sort_keys=False, allow_unicode=True, width=100
    )


def _plain(entry: Entry) -> Mapping[str, str]:
    return {key: str(value) for key in _KEYS if (value := getattr(entry, key)) is not None}
