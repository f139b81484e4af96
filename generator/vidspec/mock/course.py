r"""The courses that jobs take, written as one line: ``queued*2, 37%, 80% for 3s, failed:moderation_blocked``.

A script is a list of steps, or the name of one: ``immediate``, ``time 10s``, ``polls 5``, ``manual``.
A step is a state of the lifecycle or a percentage (``37%``, or ``0..99%``: rising), which means in progress, and how
long it lasts: ``*2`` (as many retrievals), ``for 1.5h`` (ms, s, m, h, d), ``hold`` (until it is told to go on); the last
one lasts for good, any other for one retrieval. ``failed:CODE "message"`` says why (``\"`` is a quote in it). ``!status=503`` is no state: the
retrieval that meets it has that incident (see ``incidents``).
"""

import functools
import re
from dataclasses import dataclass
from typing import Final, cast, get_args

from vidspec.contract.lifecycle import load_lifecycle
from vidspec.contract.model import TERMINAL, State
from vidspec.errors import UsageError
from vidspec.mock.incidents import read_incidents
from vidspec.resources import spec_root

#: The request header that gives the job it makes a course of its own.
SCRIPT_HEADER: Final = "x-vidspec-script"

_STATES: Final = frozenset(get_args(State))
_LONGEST: Final = 4096
_MOST_STEPS: Final = 200
_UNITS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)\s*(ms|s|m|h|d)?", re.ASCII)
_QUOTED = r'"(?:[^"\\]|\\.)*"'
_PARTS = re.compile(rf'(?:[^,"]|{_QUOTED})+', re.DOTALL)
_STEP = re.compile(
    r"""\s*(?: (?P<state>[a-z_]+) (?: :(?P<code>[\w.-]+) )? (?: \s*"(?P<message>(?:[^"\\]|\\.)*)" )?
    | (?P<first>\d{1,3}) (?: \.\.(?P<last>\d{1,3}) )? %
    | !(?P<incident>[^*]+) )
    (?: \s*\*\s*(?P<polls>\d{1,6}) | \s+for\s+(?P<seconds>[\d.]+\s*[a-z]*) | \s+(?P<hold>hold) )?\s*""",
    re.VERBOSE | re.ASCII | re.DOTALL,
)
_CODE = re.compile(r"[\w.-]+", re.ASCII)
_NAMED = re.compile(r"\s*(immediate|manual|time|polls)(?:\s+(\S.*?))?\s*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Step:
    """One part of a course; with neither ``polls`` nor ``seconds`` it lasts until something is told."""

    state: State
    #: Percent at its beginning and at its end.
    progress: tuple[int, int]
    polls: int | None = None
    seconds: float | None = None
    code: str | None = None
    message: str | None = None
    #: What happens to the retrieval that meets it, as a script of incidents.
    incident: str | None = None

    @property
    def terminal(self) -> bool:
        """Whether a job in it has ended."""
        return self.state in TERMINAL


@functools.lru_cache(maxsize=4096)
def steps_of(script: str) -> tuple[Step, ...]:
    """Read a script; raise UsageError, naming the step that is wrong."""
    if len(script) > _LONGEST:
        message = f"a script has at most {_LONGEST} characters"
        raise UsageError(message)
    if named := _NAMED.fullmatch(script):
        return steps_of(_written(named[1], named[2]))
    texts = _PARTS.findall(script)
    if not script.strip() or len(texts) != script.count(",") - _quoted_commas(script) + 1:
        raise _wrong(script, "is no list of steps")
    if len(texts) > _MOST_STEPS:
        raise _wrong(script, f"has more than {_MOST_STEPS} steps")
    steps: list[Step] = []
    for number, text in enumerate(texts, 1):
        steps.append(_step(text, steps[-1] if steps else None, last=number == len(texts)))
    return tuple(steps)


def ending(state: str, code: str | None, message: str | None) -> str:
    """Write the last step of a script. Raises UsageError for a code that a script cannot say."""
    if code and not _CODE.fullmatch(code):
        text = f"the code {code!r} is none: it has letters, digits, dots, hyphens and underscores"
        raise UsageError(text)
    said = "" if not message else ' "' + re.sub(r'(["\\])', r"\\\1", message) + '"'
    return state + (f":{code}" if code else "") + said


def duration(text: str) -> float:
    """Read ``90``, ``1.5h``, ``200ms`` as seconds; raise UsageError for anything else."""
    found = _DURATION.fullmatch(text.strip())
    if found is None:
        message = f"{text!r} is no length of time (such as 200ms, 1.5s, 2h, 1d)"
        raise UsageError(message)
    return float(found[1]) * _UNITS[found[2] or "s"]


def _step(text: str, before: Step | None, *, last: bool) -> Step:
    found = _STEP.fullmatch(text)
    if found is None:
        raise _wrong(text, "is no step")
    code, message = found["code"], found["message"]
    if message is not None:
        message = re.sub(r'\\(["\\])', r"\1", message)
    first = before.progress[1] if before else 0
    state: str = before.state if before else "queued"
    if found["first"]:
        state = "in_progress"
    elif found["state"]:
        state = found["state"]
        if state not in _STATES:
            raise _wrong(text, f"names no state (there are: {', '.join(sorted(_STATES))})")
        if (code or message) and state not in TERMINAL - {"completed"}:
            raise _wrong(text, "gives a reason, which only a job that ends without a result has")
    progress = _progress(found, first)
    if before is not None and state != before.state and not _allows(before.state, state):
        raise _wrong(text, f"cannot follow {before.state}")
    polls = None if found["polls"] is None else int(found["polls"])
    seconds = None if found["seconds"] is None else duration(found["seconds"])
    if polls == 0:
        raise _wrong(text, "lasts for no retrieval at all")
    if polls is None and seconds is None and not found["hold"] and not last:
        polls = 1
    if found["incident"]:
        polls = polls or 1
    incident = found["incident"]
    if incident is not None:
        read_incidents(incident.strip())
    return Step(
        cast("State", state), progress, polls, seconds, code, message,
        None if incident is None else incident.strip(),
    )  # fmt: skip


def _progress(found: re.Match[str], before: int) -> tuple[int, int]:
    """Return the percentages at the beginning and the end of a step that follows one which ended at ``before``."""
    if found["first"]:
        first, last = int(found["first"]), int(found["last"] or found["first"])
        if not first <= last <= 100:
            raise _wrong(found[0], "is no percentage that rises to 100 at most")
        return first, last
    if found["state"] == "completed":
        return 100, 100
    return (before, 99) if found["state"] == "in_progress" else (before, before)


def _written(name: str, much: str | None) -> str:
    """Write out a script that was given by its name."""
    if name in {"immediate", "manual"}:
        if much is not None:
            raise _wrong(much, f"is too much: {name} takes no number")
        return "completed" if name == "immediate" else "queued hold, 0..99% hold, completed"
    if much is None:
        raise _wrong(name, "needs a number behind it")
    if name == "time":
        seconds = duration(much)
        if not seconds:
            return "completed"
        return f"queued for {seconds * 0.2:f}s, 0..99% for {seconds * 0.8:f}s, completed"
    if not much.isdecimal() or len(much) > 6:
        raise _wrong(much, "is no number of retrievals")
    polls = int(much)
    parts = ["queued"] if polls else []
    parts += [f"0..99%*{polls - 1}"] if polls > 1 else []
    return ", ".join([*parts, "completed"])


@functools.cache
def _allows(before: str, after: str) -> bool:
    return load_lifecycle(spec_root() / "lifecycle.yaml").allows(before, after)


def _quoted_commas(script: str) -> int:
    return sum(text.count(",") for text in re.findall(_QUOTED, script, re.DOTALL))


def _wrong(text: str, what: str) -> UsageError:
    return UsageError(
        f"in the script, {text.strip()!r} {what}",
        hint='A script is like: queued*2, 37%, 80% for 3s, failed:CODE "why"; or: immediate, time 10s, polls 5, manual.',
    )
