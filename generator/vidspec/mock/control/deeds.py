"""What can be done to a running mock, and what can be seen of it, for the control API and for Python."""

from dataclasses import asdict
from typing import Any, Final

from vidspec.contract.model import Surface
from vidspec.errors import UsageError
from vidspec.mock.course import ending, steps_of
from vidspec.mock.holdings import Snapshot
from vidspec.mock.job import Job
from vidspec.mock.journal import Entry
from vidspec.mock.outcome import unsayable, words_of
from vidspec.mock.stage import Stage

#: Deed → the last step of a script that it means; None: it goes another way.
ENDS: Final = {
    "complete": "completed",
    "fail": "failed",
    "cancel": "cancelled",
    "expire": "expired",
}
_SNAPSHOTS = 8
_LONGEST = 500


class Deeds:
    """The deeds, for any thread; what a deed does to a job is kept like any other change."""

    def __init__(self, app: Stage) -> None:
        self._app = app
        self._snapshots: dict[int, Snapshot] = {}
        self._taken = 0

    def job(self, job_id: str, space: str | None = None) -> Job:
        """Return the job of that id (or token); raise UsageError if there is none, or more than one."""
        found = self._app.store.live(job_id, space)
        if not found:
            message = f"there is no job {job_id!r}"
            raise UsageError(message)
        if len(found) > 1:
            message = f"there are {len(found)} jobs {job_id!r}"
            raise UsageError(message, hint="Say in which space.")
        return found[0]

    def do(
        self,
        job: Job,
        deed: str,
        *,
        code: str | None = None,
        message: str | None = None,
        script: str | None = None,
    ) -> None:
        """Move a job: ``advance`` by a step, give it a ``script``, or end it in one of the ENDS.

        Raises UsageError for a deed that there is none of, that cannot be done to a job in its state, or after
        which the job would be in a state that its dialect has no word for.
        """
        now = self._app.options.clock.monotonic()
        if deed == "advance":
            if not job.advance(now):
                text = f"the job {job.id!r} has come to its end"
                raise UsageError(text)
        elif deed == "script":
            steps_of(script or "")
            self._hold_sayable(script or "", job)
            job.follow(script, now)
        elif deed in ENDS:
            if (code or message) and deed != "fail":
                text = "only a failure has a reason"
                raise UsageError(text)
            how = ending(ENDS[deed], code, message)
            self._hold_sayable(how, job)
            job.end(how, now)
        else:
            text = f"no such deed: {deed!r} (there are: advance, script, {', '.join(ENDS)})"
            raise UsageError(text)
        self._app.store.changed(job)

    def _surface(self, job: Job) -> Surface | None:
        """Return whose words a job has, None if a kept one is of a dialect that is not played now."""
        service = self._app.services.get(job.dialect)
        return None if service is None else service.desk.dialect.surfaces[job.surface]

    def _hold_sayable(self, script: str, job: Job) -> None:
        surface = self._surface(job)
        unknown = None if surface is None else unsayable(script, surface)
        if surface is not None and unknown is not None:
            text = f"these jobs of {job.dialect} have no word for {unknown!r}"
            raise UsageError(text, hint=f"They have words for: {', '.join(words_of([surface]))}.")

    def _ends(self, job: Job) -> list[str]:
        surface = self._surface(job)
        return [d for d, s in ENDS.items() if surface is None or unsayable(s, surface) is None]

    def take_snapshot(self) -> int:
        """Remember what there is now; return its number. The oldest of many is forgotten."""
        self._taken += 1
        self._snapshots[self._taken] = self._app.store.snapshot()
        while len(self._snapshots) > _SNAPSHOTS:
            del self._snapshots[min(self._snapshots)]
        return self._taken

    def restore(self, number: int) -> None:
        """Go back to a snapshot; raise UsageError if it is not remembered."""
        if number not in self._snapshots:
            message = f"there is no snapshot {number}"
            raise UsageError(message)
        self._app.restore(self._snapshots[number])

    def clock(self) -> dict[str, Any]:
        """Return the mock's time (seconds since 1970), and whether it stands still."""
        clock = self._app.options.clock
        return {"now": clock.wall(), "frozen": clock.frozen}

    def jobs(self, limit: int, space: str | None = None) -> list[dict[str, Any]]:
        """Return the newest jobs as they are now."""
        now = self._app.options.clock.monotonic()
        return [self.shown(job, now) for job in self._app.store.newest(limit, space)]

    def shown(self, job: Job, now: float | None = None) -> dict[str, Any]:
        """Return one job as the API shows it."""
        if now is None:
            now = self._app.options.clock.monotonic()
        state = job.state(now)
        code, message = job.reason(now)
        return {
            "id": job.id,
            "token": job.token,
            "number": job.number,
            "dialect": job.dialect,
            "surface": job.surface,
            "space": job.space,
            "state": state,
            "ends": self._ends(job),
            "progress": job.progress(now),
            "created_at": job.created_at,
            "ended_at": job.ended_at(now),
            "polls": job.polls,
            "script": job.script,
            "step": job.at,
            "code": code,
            "message": message,
            "model": _text(job.params.get("model")),
            "prompt": _text(job.params.get("prompt")),
            "width": job.clip.width,
            "height": job.clip.height,
            "seconds": job.clip.seconds,
            "video": f"/_media/{job.token}/0.mp4" if state == "completed" else None,
        }

    def journal(self, limit: int, *, invalid: bool = False) -> list[dict[str, Any]]:
        """Return the newest requests, or the newest wrong ones, newest first."""
        chosen = [entry for entry in self._app.journal if not (invalid and entry.valid)]
        return [_entry(entry) for entry in chosen[: -limit - 1 : -1]]

    def deliveries(self, limit: int) -> list[dict[str, Any]]:
        """Return the newest attempts to deliver webhooks, newest first."""
        return [
            asdict(delivery) | {"ok": delivery.ok}
            for delivery in self._app.webhooks.deliveries[: -limit - 1 : -1]
        ]

    def state(self, limit: int) -> dict[str, Any]:
        """Return everything that the page shows."""
        return {
            "dialects": list(self._app.base_paths.items()),
            "clock": self.clock(),
            "total": len(self._app.store),
            "jobs": self.jobs(limit),
            "journal": self.journal(limit),
            "invalid": sum(self._app.journal.invalid.values()),
            "scripts": self._app.scripts.told(),
            "faults": self._app.incidents.told(),
        }


def _entry(entry: Entry) -> dict[str, Any]:
    names = Entry.__slots__
    return {name: getattr(entry, name) for name in names} | {"valid": entry.valid}


def _text(value: Any) -> str | None:
    return value[:_LONGEST] if isinstance(value, str) else None
