"""What may be said of a job, by canonical name."""

from typing import Any

from vidspec.contract.model import Surface
from vidspec.mock.job import Job

#: What a caller may or may not have said: written though the example lacks it, taken out if unsaid.
ECHOES = frozenset({"external_id", "source_id", "seed", "negative_prompt"})


def facts_of(job: Job, surface: Surface, state: str, now: float, wall: float) -> dict[str, Any]:
    """Return what a reply may say of ``job``, shown in ``state`` at that moment, by canonical name."""
    params = job.params
    ended = job.ended_at(now)
    facts: dict[str, Any] = {
        name: params[name]
        for name in (
            "model", "prompt", "seconds", "size", "resolution", "aspect_ratio", "fps", "n",
        )
        if name in params
    }  # fmt: skip
    facts |= {name: params.get(name) for name in ECHOES if name != "source_id"}
    if "prompt" not in facts:
        facts["prompt"] = None
    return facts | {
        "id": job.id,
        "progress": job.progress(now),
        "width": job.clip.width,
        "height": job.clip.height,
        "created_at": job.created_at,
        "updated_at": ended or (job.created_at if state == "queued" else wall),
        "completed_at": ended,
        "expires_at": (ended or job.created_at) + (surface.retention_seconds or 3600),
        "source_id": job.source_id,
    }
