"""Between canonical calls and one gateway: which operation, which request, and how the reply is read. Nothing is sent here."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, BinaryIO, Literal, TypeAlias, TypedDict, cast

from .dialect import DialectInfo, GatewayInfo, OperationInfo, SurfaceInfo
from .downloads import Source, result_sources
from .errors import DownloadError, Exchange, Unsupported, UnsupportedValue
from .files import File
from .jobs import VideoJob
from .parameters import express, needs
from .readings import Reading, read_one
from .requests import Encoding, Request

#: Whether requests follow what a gateway is seen to do, or what it publishes.
Profile: TypeAlias = Literal["observed", "published"]
#: A picture or video to start from: a path, an http(s) or data URL, bytes, an open binary file, or a ``File``.
Media: TypeAlias = str | os.PathLike[str] | bytes | BinaryIO | File

_MEDIA = frozenset({"image", "last_image", "reference_images", "video"})


class Wishes(TypedDict, total=False):
    """What can be asked of a video; None is the same as left out, and what the dialect has no field for is an error."""

    model: str | None
    #: Length of the video.
    seconds: float | None
    #: Width and height in pixels: ``1280x720``.
    size: str | None
    #: ``16:9``.
    aspect_ratio: str | None
    #: ``720p``.
    resolution: str | None
    fps: int | None
    #: First frame.
    image: Media | None
    last_image: Media | None
    reference_images: Sequence[Media] | None
    #: A video to start from.
    video: Media | None
    negative_prompt: str | None
    seed: int | None
    #: How many videos.
    n: int | None
    audio: bool | None
    #: Address that the gateway calls when the job has ended.
    callback_url: str | None
    user: str | None
    #: Your own name for the job.
    external_id: str | None
    quality_mode: str | None
    guidance: float | None
    watermark: bool | None


@dataclass(frozen=True, slots=True)
class JobCall:
    """A request whose reply holds a job, and how to read it."""

    request: Request
    readings: tuple[Reading, ...]
    job_id: str | None = None
    model: str | None = None

    @property
    def surface(self) -> SurfaceInfo:
        """The family of jobs that the reply speaks of."""
        return self.readings[0].surface

    def read(self, exchange: Exchange) -> VideoJob:
        """Return the job in the reply; raises ApiError, DecodingError."""
        return read_one(self.readings, exchange, job_id=self.job_id, model=self.model)


class Interpreter:
    """Speaks one gateway's dialect, in one of its profiles; understands both."""

    def __init__(self, gateway: GatewayInfo, profile: Profile = "observed") -> None:
        """Take the gateway, and the profile that requests follow."""
        observed = gateway.observed or gateway.published
        own, other = observed, gateway.published
        if profile == "published":
            own, other = other, own
        self.name = gateway.name
        #: The dialect that is spoken, with the gateway's own address and environment.
        self.dialect = replace(
            own,
            environment=gateway.environment,
            servers=(gateway.base_url,) if gateway.base_url else (),
        )
        self._understood: tuple[DialectInfo, ...] = (own,) if own is other else (own, other)

    def create(
        self,
        wishes: Mapping[str, Any],
        *,
        surface: str | None,
        extra_body: Mapping[str, Any] | None,
        encoding: Encoding,
    ) -> JobCall:
        """Return the call that makes a job; raises Unsupported, UnsupportedValue, OSError."""
        said = {name: _listed(value) for name, value in wishes.items()}
        operation = self.operation("create", surface or self._surface_for(said))
        request = self._express(operation, said, extra_body=extra_body, encoding=encoding)
        return JobCall(request, self.readings(operation), model=wishes.get("model"))

    def retrieve(
        self, job: VideoJob | str, *, surface: str | None = None, model: str | None = None
    ) -> JobCall:
        """Return the call that looks at a job; raises Unsupported, UnsupportedValue."""
        return self._about("retrieve", job, {}, surface=surface, model=model)

    def remix(
        self, job: VideoJob | str, wishes: Mapping[str, Any], *, surface: str | None
    ) -> JobCall:
        """Return the call that makes a job from a job; raises Unsupported, UnsupportedValue."""
        return self._about("remix", job, wishes, surface=surface, model=wishes.get("model"))

    def delete(self, job: VideoJob | str, *, surface: str | None) -> Request:
        """Return the request that removes a job; raises Unsupported."""
        operation = self.operation("delete", _surface_of(job, surface))
        return self._express(operation, {"job_id": _id_of(job)})

    def list(self, wishes: Mapping[str, Any], *, surface: str | None) -> JobCall:
        """Return the call that lists jobs; raises Unsupported, UnsupportedValue."""
        operation = self.operation("list", surface)
        asked = dict(wishes)
        limit = asked.pop("limit", None)
        size = next((f for f in operation.fields if f.meaning in ("limit", "page_size")), None)
        if limit is not None and size is not None:
            # More than fits on one page is asked for in pages of the largest size.
            asked[size.meaning] = int(min(limit, size.maximum or limit))
        return JobCall(self._express(operation, asked), self.readings(operation))

    def models(self) -> JobCall:
        """Return the call that lists the models; raises Unsupported."""
        operation = self.operation("models", None)
        return JobCall(self._express(operation, {}), self.readings(operation))

    def source(self, job: VideoJob, *, variant: str | None, index: int) -> Source:
        """Return where a result of a completed job is. Raises Unsupported, DownloadError when the job has no such result."""
        surface = job.surface or self.dialect.default_surface
        if variant is not None:
            return self._content(job, {"variant": variant, "index": index or None})
        for dialect in self._understood:
            if surface not in dialect.surfaces:
                continue
            info = dialect.surfaces[surface]
            found = result_sources(info, job, self._endpoint(job, info, index))
            if len(found) == 1 and isinstance(found[0], Request) and found[0].url is None:
                return found[0]
            if index < len(found):
                return found[index]
        msg = f"job {job.id} ({job.status or job.state}) has no result {index}"
        raise DownloadError(msg)

    def operation(self, role: str, surface: str | None) -> OperationInfo:
        """Return the operation of that role on that surface (the default one if None); raises Unsupported."""
        name = surface or self.dialect.default_surface
        if name not in self.dialect.surfaces:
            there = ", ".join(self.dialect.surfaces)
            msg = f"{self.name} has no surface {name!r}; it has {there}"
            raise Unsupported(msg, dialect=self.dialect.name, operation=role)
        found = self.dialect.by_role(role, name)
        if found is None:
            where = f" for jobs of its surface {name}" if len(self.dialect.surfaces) > 1 else ""
            msg = f"{self.name} (dialect {self.dialect.name}) has no {role!r}{where}"
            raise Unsupported(msg, dialect=self.dialect.name, operation=role)
        return found

    def readings(self, operation: OperationInfo) -> tuple[Reading, ...]:
        """Return how the replies of an operation can be read, the likeliest way first."""
        surface = operation.surface or self.dialect.default_surface
        same = ((d, d.by_role(operation.role or "", surface)) for d in self._understood)
        return tuple(Reading(dialect, found) for dialect, found in same if found is not None)

    def _about(
        self,
        role: str,
        job: VideoJob | str,
        wishes: Mapping[str, Any],
        *,
        surface: str | None,
        model: str | None,
    ) -> JobCall:
        operation = self.operation(role, _surface_of(job, surface))
        known = model or (job.model if isinstance(job, VideoJob) else None)
        said = {**wishes, "job_id": _id_of(job)}
        if "model" in needs(operation):
            # Some dialects find a job only with the name of its model.
            said["model"] = known
        request = self._express(operation, said)
        asked = _id_of(job) if role == "retrieve" else None
        return JobCall(request, self.readings(operation), asked, known)

    def _surface_for(self, wishes: Mapping[str, Any]) -> str:
        """Return the surface that cannot do without the media given, or else the default one."""
        given = {name for name, value in wishes.items() if name in _MEDIA and value is not None}
        for name in self.dialect.surfaces if given else ():
            create = self.dialect.by_role("create", name)
            needed = needs(create) & _MEDIA if create is not None else set[str]()
            if needed and needed <= given:
                return name
        return self.dialect.default_surface

    def _endpoint(self, job: VideoJob, surface: SurfaceInfo, index: int) -> Request | None:
        first = next(iter(surface.results), None)
        if not any(result.kind == "endpoint" for result in surface.results):
            return None
        try:
            return self._content(job, {"index": index or None})
        except Unsupported:
            if first is not None and first.kind == "endpoint" and len(surface.results) == 1:
                raise
            return None

    def _content(self, job: VideoJob, wishes: Mapping[str, Any]) -> Request:
        operation = self.operation("content", job.surface)
        return self._express(operation, {**wishes, "job_id": job.id})

    def _express(
        self,
        operation: OperationInfo,
        wishes: Mapping[str, Any],
        *,
        extra_body: Mapping[str, Any] | None = None,
        encoding: Encoding = "auto",
    ) -> Request:
        """Return the request; an error also says whose it is."""
        try:
            return express(operation, wishes, extra_body=extra_body, encoding=encoding)
        except UnsupportedValue as error:
            msg = f"{self.name}, {operation.role}: {error}"
            raise UnsupportedValue(
                msg,
                parameter=error.parameter,
                choices=error.choices,
                dialect=self.dialect.name,
                operation=operation.role,
            ) from None


def _listed(value: Any) -> Any:
    """Return a tuple as the list that stands for several values, and what else there is as it is."""
    return list(cast("Iterable[Any]", value)) if isinstance(value, tuple) else value


def _id_of(job: VideoJob | str) -> str:
    return job if isinstance(job, str) else job.id


def _surface_of(job: VideoJob | str, surface: str | None) -> str | None:
    return surface or (None if isinstance(job, str) else job.surface)
