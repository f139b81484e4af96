"""What may be said of a job, by canonical name."""

from typing import Any

from vidspec.contract.model import Surface
from vidspec.mock.job import Job

#: What a caller may or may not have said: written though the example lacks it, taken out if unsaid.
ECHOES = frozenset({"external_id", "source_id", "seed", "negative_prompt"})
#: Parameters that are known only if somebody said them; of the others it is known that nobody did.
_ASKED = ("model", "seconds", "size", "resolution", "aspect_ratio", "fps", "n")
_SAID = ("prompt", *sorted(ECHOES - {"source_id"}))


def facts_of(job: Job, surface: Surface, state: str, now: float, wall: float) -> dict[str, Any]:
    """Return what a reply may say of ``job``, shown in ``state`` at that moment, by canonical name."""
    params, clip, created = job.params, job.clip, job.created_at
    ended = job.ended_at(now)
    facts: dict[str, Any] = {
        "id": job.id,
        "progress": job.progress(now),
        "width": clip.width,
        "height": clip.height,
        "created_at": created,
        "updated_at": ended or (created if state == "queued" else wall),
        "completed_at": ended,
        "expires_at": (ended or created) + (surface.retention_seconds or 3600),
        "source_id": job.source_id,
    }
    for name in _SAID:
        facts[name] = params.get(name)
    for name in _ASKED:
        if name in params:
            facts[name] = params[name]
    return facts
