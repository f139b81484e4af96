"""One job: its walk through the states, by time or by a script."""

import random
from dataclasses import dataclass, field
from typing import Any

from vidspec.contract.model import State
from vidspec.mock.clip import Clip
from vidspec.mock.course import Step, steps_of
from vidspec.mock.params import clip_of

#: The part of a job's time that it waits in the queue.
_QUEUED_PART = 0.2


def _new_token() -> str:
    return f"{random.getrandbits(144):036x}"


@dataclass(slots=True)
class Job:
    """One video job, in canonical terms."""

    id: str
    #: The name under which its dialect is played.
    dialect: str
    surface: str
    #: The role of the operation that made it (``create``, ``remix`` …).
    role: str
    #: Canonical parameter → canonical value.
    params: dict[str, Any]
    #: Seconds since 1970, and the clock's elapsed time at the same moment.
    created_at: float
    started: float
    #: Seconds until the job ends, and the state in which it ends; a script goes before both.
    duration: float
    outcome: State
    source_id: str | None = None
    #: Its video has a beep every second, whatever was asked for.
    tone: bool = False
    #: Keyless name of its media on this server.
    token: str = field(default_factory=_new_token)
    #: How often it was retrieved.
    polls: int = 0
    #: How often it was looked at after its end (counted for a fault only).
    looks_after_end: int = 0
    #: The caller's space, and how many jobs were made before; the store sets both.
    space: str = ""
    number: int = 0
    #: The course it takes (see ``course``), None: by time, as ``duration`` says.
    script: str | None = None
    #: Which step it is in, how many retrievals that has seen, and the elapsed time at its beginning.
    at: int = 0
    seen: int = 0
    since: float = 0.0
    #: The elapsed time at which a scripted job ended.
    ended: float | None = None

    @property
    def clip(self) -> Clip:
        """What its video shows."""
        return clip_of(self.params, tone=self.tone)

    def follow(self, script: str | None, now: float) -> None:
        """Take a course from its first step on; raise UsageError if it is none."""
        if script is not None:
            steps_of(script)
        self.script, self.at, self.seen, self.since, self.ended = script, 0, 0, now, None
        self._mark_end()

    def end(self, how: str, now: float) -> None:
        """End it now: ``how`` is the last step of a script (``failed:CODE``). Raise UsageError if it cannot end so."""
        state, ended = self.state(now), self.ended_at(now)
        here = f"{min(99, self.progress(now))}%" if state == "in_progress" else state
        steps_of(f"{here}, {how}")
        self.follow(f"{here}, {how}", now)
        self.ended = None if ended is None else self.started + ended - self.created_at
        self._go_on(now)

    def poll(self, now: float) -> bool:
        """Count one retrieval; say whether the job has come into another step by it."""
        self.polls += 1
        if self.script is None:
            return False
        step = self.step(now)
        self.seen += 1
        if step.polls is not None and self.seen > step.polls:
            self._go_on(now)
            self.seen = 1
            return True
        return False

    def step(self, now: float) -> Step:
        """Return the step of its script in which the job is; it must have one."""
        steps = steps_of(self.script or "completed")
        step = steps[self.at]
        while (
            step.seconds is not None
            and self.at + 1 < len(steps)
            and now - self.since >= step.seconds
        ):
            self._go_on(self.since + step.seconds)
            step = steps[self.at]
        return step

    def advance(self, now: float) -> bool:
        """Go on to the next step at once; say whether there was one."""
        if self.script is not None:
            self.step(now)
            return self._go_on(now)
        state = self.state(now)
        if state == "queued":
            self.follow(f"0..99% for {self.duration * (1 - _QUEUED_PART):f}s, {self.outcome}", now)
        elif state == "in_progress":
            self.duration = max(0.0, now - self.started)
        else:
            return False
        return True

    def done(self, now: float) -> float:
        """Return the part of the work that is done (0 to 1) at the clock's elapsed time ``now``."""
        if self.script is not None:
            return 1.0 if self.step(now).terminal else self.progress(now) / 100
        return 1.0 if self.duration <= 0 else min(1.0, (now - self.started) / self.duration)

    def state(self, now: float) -> State:
        """Return the canonical state at the clock's elapsed time ``now``."""
        if self.script is not None:
            return self.step(now).state
        done = self.done(now)
        if done >= 1.0:
            return self.outcome
        return "queued" if done < _QUEUED_PART else "in_progress"

    def progress(self, now: float) -> int:
        """Return whole percent: 0 in the queue, rising to 99, and 100 only when completed."""
        if self.script is not None:
            step = self.step(now)
            first, last = step.progress
            part = 0.0
            if step.polls:
                part = min(1.0, self.seen / step.polls)
            elif step.seconds:
                part = min(1.0, (now - self.since) / step.seconds)
            return round(first + (last - first) * part)
        done = self.done(now)
        if done < _QUEUED_PART:
            return 0
        if done >= 1.0 and self.outcome == "completed":
            return 100
        # A job that fails has come this far and no further.
        part = min(done, 0.6) if done >= 1.0 and self.outcome == "failed" else done
        return min(99, max(0, round(100 * (part - _QUEUED_PART) / (1 - _QUEUED_PART))))

    def ended_at(self, now: float) -> float | None:
        """Return the moment, in seconds since 1970, at which the job ended, None if it goes on."""
        if self.script is not None:
            self.step(now)
            return None if self.ended is None else self.created_at + self.ended - self.started
        if now - self.started < self.duration:
            return None
        return self.created_at + max(0.0, self.duration)

    def reason(self, now: float) -> tuple[str | None, str | None]:
        """Return the code and the message of its failure, as far as its script gives them."""
        if self.script is None:
            return None, None
        step = self.step(now)
        return step.code, step.message

    def _go_on(self, when: float) -> bool:
        if self.at + 1 >= len(steps_of(self.script or "completed")):
            return False
        self.at, self.seen, self.since = self.at + 1, 0, when
        self._mark_end()
        return True

    def _mark_end(self) -> None:
        if (
            self.ended is None
            and self.script is not None
            and steps_of(self.script)[self.at].terminal
        ):
            self.ended = self.since
