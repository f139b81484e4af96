"""What may be said of a job, by canonical name."""

from typing import Any
from urllib.parse import quote

from vidspec.contract.model import Dialect, Surface
from vidspec.mock.behaviours import RESULT_FAULTS
from vidspec.mock.describe import own_prefix
from vidspec.mock.examples import url_pointers
from vidspec.mock.identity import altered_id
from vidspec.mock.job import Job
from vidspec.mock.models import Models
from vidspec.mock.options import MockOptions

#: What a caller may or may not have said: written though the example lacks it, taken out if unsaid.
ECHOES = frozenset({"external_id", "source_id", "seed", "negative_prompt"})
#: Parameters that are known only if somebody said them; of the others it is known that nobody did.
_ASKED = ("model", "seconds", "size", "resolution", "aspect_ratio", "fps", "n")
_PIXELS = frozenset({"width", "height"})
_SAID = ("prompt", *sorted(ECHOES - {"source_id"}))


def facts_of(job: Job, surface: Surface, state: str, now: float, wall: float) -> dict[str, Any]:
    """Return what a reply may say of ``job``, shown in ``state`` at that moment, by canonical name."""
    params, created = job.params, job.created_at
    ended = job.ended_at(now)
    facts: dict[str, Any] = {
        "id": job.id,
        "progress": job.progress(now),
        "created_at": created,
        "updated_at": ended or (created if state == "queued" else wall),
        "completed_at": ended,
        "expires_at": (ended or created) + (surface.retention_seconds or 3600),
        "source_id": job.source_id,
    }
    if not _PIXELS.isdisjoint(surface.job):
        clip = job.clip
        facts["width"], facts["height"] = clip.width, clip.height
    for name in _SAID:
        facts[name] = params.get(name)
    for name in _ASKED:
        if name in params:
            facts[name] = params[name]
    return facts


class JobFacts:
    """What is said of the jobs of one dialect: with addresses, costs, and what faults make of it."""

    def __init__(self, dialect: Dialect, options: MockOptions, models: Models, mount: str) -> None:
        """Take what prices videos (``models``), and the path before the dialect's own (``mount``)."""
        self._dialect, self._options, self._models, self._mount = dialect, options, models, mount
        self._faults = options.faults
        self._with_addresses = {n for n, s in dialect.surfaces.items() if url_pointers(s)}
        #: The surfaces whose jobs tell addresses, for which the caller's own name of this server must be known.
        self.addressed = self._with_addresses | {
            name for name, surface in dialect.surfaces.items() if "polling_url" in surface.job
        }

    def of(
        self, job: Job, surface: Surface, state: str, origin: str, *, asked: bool = False
    ) -> dict[str, Any]:
        """Return the canonical values of a job shown in ``state``; addresses begin with ``origin``.

        ``asked``: in the reply to whoever asks for this job, where faults may change more.
        """
        clock = self._options.clock
        facts = facts_of(job, surface, state, clock.monotonic(), clock.wall())
        if "cost" in surface.job and (cost := self._models.cost(job)) is not None:
            facts["cost"] = cost
        if surface.name in self._with_addresses:
            facts["output_urls"] = f"{origin}/_media/{job.token}/0.mp4"
            own = origin + self._mount + self._path("content", surface, job.id)
            # Only an address apart from the content operation can be wrong in its own way.
            spoilt = any(map(self._faults.on, RESULT_FAULTS))
            facts["content_url"] = facts["output_urls"] if spoilt else own
        if "polling_url" in surface.job:
            facts["polling_url"] = origin + self._mount + self._path("retrieve", surface, job.id)
        if self._faults:
            self._falsify(facts, job, state, asked=asked)
        return facts

    def _falsify(self, facts: dict[str, Any], job: Job, state: str, *, asked: bool) -> None:
        if state == "in_progress" and self._faults.on("progress_falls"):
            facts["progress"] = 99 - facts["progress"]
        if not asked:
            return
        if self._faults.on("ids_change"):
            facts["id"] = altered_id(job.id)
        if self._faults.on("created_at_drifts"):
            facts["created_at"] -= job.polls - 1
        if self._faults.on("updated_at_falls") and job.polls % 2 == 0:
            facts["updated_at"] = facts["created_at"]

    def _path(self, role: str, surface: Surface, job_id: str) -> str:
        operation = self._dialect.by_role(role, surface.name)
        parameter = operation.parameter("job_id") if operation else None
        if operation is None or parameter is None:
            return ""
        path = operation.path.replace(f"{{{parameter.name}}}", quote(job_id, safe=""))
        return own_prefix(self._dialect) + path
