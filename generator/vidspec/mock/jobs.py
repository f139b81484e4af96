"""Making jobs: from a request's canonical parameters to a Job in the store."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from vidspec.contract.jobs import as_number
from vidspec.contract.model import Dialect, JobField, Operation, Surface
from vidspec.mock.examples import id_example, job_example
from vidspec.mock.identity import at_provider, id_maker, provider_of
from vidspec.mock.job import Job
from vidspec.mock.options import FAIL_MARKER, MockOptions
from vidspec.mock.outcome import unsayable, words_of
from vidspec.mock.scripts import Scripts
from vidspec.mock.store import JobStore
from vidspec.mock.wire import TIMES, other_type, other_unit
from vidspec.source import pointer_get
from vidspec_server._runtime.errors import CauseName, ServiceError

#: What a job takes from the specification's example when neither caller nor defaults say it.
_FROM_EXAMPLE = ("model", "seconds", "size", "resolution", "aspect_ratio", "fps")

#: What describes the shape of a picture.
_PICTURE = frozenset({"size", "resolution", "aspect_ratio", "width", "height"})

#: Files that a job starts from: many megabytes, which nobody asks for again.
_INPUTS = frozenset({"image", "last_image", "reference_images", "video"})


@dataclass(frozen=True, slots=True)
class Unasked:
    """What a job is made of when its caller says nothing: with a picture's shape, and where the caller says that."""

    whole: Mapping[str, Any]
    faceless: Mapping[str, Any]


class JobMaker:
    """Makes the jobs of one surface."""

    def __init__(
        self,
        dialect: Dialect,
        surface: Surface,
        store: JobStore,
        options: MockOptions,
        *,
        keeper: str,
        scripts: Scripts,
    ) -> None:
        """Work out what a job is made of; jobs are kept under the name ``keeper``."""
        self._scripts = scripts
        self._keeper, self._surface = keeper, surface
        self._store, self._options = store, options
        self._example = job_example(dialect, surface, "completed")
        self._shown = {
            name: value
            for name in (*_FROM_EXAMPLE, "prompt")
            if (value := self._read(name)) is not None
        }
        #: What a job takes from the example, with the picture's shape and without.
        self._said = {n: self._shown[n] for n in _FROM_EXAMPLE if n in self._shown}
        self._faceless = {n: value for n, value in self._said.items() if n not in _PICTURE}
        example = id_example(dialect, surface) or "job_0123456789abcdef01234567"
        self._make_id = id_maker(example)
        self._provider = provider_of(example)

    def unasked(self, defaults: Mapping[str, Any]) -> Unasked:
        """Return what a job is made of where these ``defaults`` hold, worked out once for all calls."""
        # A caller's own id names one job only.
        defaults = {name: value for name, value in defaults.items() if name != "external_id"}
        faceless = {**self._faceless, **defaults}
        # An example's picture is left out where the caller or the defaults describe their own.
        return Unasked(
            {**self._said, **defaults} if _PICTURE.isdisjoint(defaults) else faceless, faceless
        )

    def create(
        self,
        operation: Operation,
        asked: Mapping[str, Any],
        unasked: Unasked,
        source: Job | None,
        script: str | None = None,
    ) -> Job:
        """Make and keep a job of what was ``asked``; ``source`` is the job it starts from.

        ``script`` is the course it takes, whatever its model or the prompt say.
        """
        params = {**(unasked.whole if _PICTURE.isdisjoint(asked) else unasked.faceless)}
        if source is not None:
            params |= source.params
            params.pop("external_id", None)
        params |= asked
        if not _INPUTS.isdisjoint(params):
            for name in _INPUTS:
                params.pop(name, None)
        if operation.role == "extend" and source is not None:
            params["seconds"] = _sum(source.params.get("seconds"), params.get("seconds"))
        identity = self._make_id()
        if self._provider is not None:
            params = _at_provider({"provider": self._provider} | params)
            identity = at_provider(identity, str(params["provider"]))
        prompt = params.get("prompt")
        fails = isinstance(prompt, str) and FAIL_MARKER in prompt
        job = self._job(
            identity, operation.role or "create", params, self._options.job_seconds,
            failed=fails, source_id=source.id if source and operation.role == "remix" else None,
        )  # fmt: skip
        if script is None and not fails:
            script = self._scripts.of(params.get("model"))
            if script is not None and (unknown := unsayable(script, self._surface)) is not None:
                known = ", ".join(words_of([self._surface]))
                message = f"The mock's script: these jobs have no word for {unknown!r}; they have: {known}."
                cause: CauseName = "invalid_request"
                raise ServiceError(cause, message)
        if script is not None:
            job.follow(script, job.started)
        return self._store.add(job)

    def fixture(self, job_id: str) -> Job:
        """Return a finished job of any id, as the specification's example shows it; it is not kept."""
        return self._job(job_id, "create", dict(self._shown), 0.0)

    def _job(
        self,
        job_id: str,
        role: str,
        params: dict[str, Any],
        duration: float,
        *,
        failed: bool = False,
        source_id: str | None = None,
    ) -> Job:
        clock = self._options.clock
        return Job(
            id=job_id,
            dialect=self._keeper,
            surface=self._surface.name,
            role=role,
            params=params,
            created_at=clock.wall(),
            started=clock.monotonic(),
            duration=duration,
            outcome="failed" if failed else "completed",
            source_id=source_id,
            tone=self._options.tone,
        )

    def _read(self, name: str) -> Any:
        place = self._surface.job.get(name)
        if place is None:
            return None
        value = pointer_get(self._example, place.pointer, None)
        if value is not None and isinstance(value, str | int | float):
            value = place.values.get(str(value), value)
        return as_number(value) if name in {"seconds", "fps"} else value


def _at_provider(params: dict[str, Any]) -> dict[str, Any]:
    """Where ids name their provider, a model is asked for as ``provider/model`` and shown without it."""
    provider, slash, model = str(params.get("model", "")).partition("/")
    return {**params, "provider": provider, "model": model} if slash else params


def distorter(options: MockOptions) -> Callable[[JobField, Any], Any] | None:
    """Return what falsifies written job fields under the faults chosen, None if nothing does."""
    faults = options.faults
    wrong = str(faults.setting("echo_wrong", "field") or "") if faults.on("echo_wrong") else ""

    def distort(place: JobField, value: Any) -> Any:
        if place.name in TIMES and faults.on("milliseconds"):
            return other_unit(place, value)
        if place.name == "seconds" and faults.on("seconds_as_integer"):
            return other_type(value)
        if place.name == wrong:
            return _other_value(value)
        return value

    relevant = ("milliseconds", "seconds_as_integer", "echo_wrong")
    return distort if any(map(faults.on, relevant)) else None


def _sum(before: Any, more: Any) -> Any:
    total = (as_number(before) or 0.0) + (as_number(more) or 0.0)
    return int(total) if total.is_integer() else total


def _other_value(value: Any) -> Any:
    if isinstance(value, str) and (number := as_number(value)) is not None:
        return str(int(number) * 2)
    if isinstance(value, int | float):
        return value * 2
    if isinstance(value, str) and "x" in value:
        across, _, down = value.partition("x")
        return f"{down}x{across}"
    return f"another {value}"
