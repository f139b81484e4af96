"""A small dialect for the runtime's tests."""

import asyncio
from dataclasses import replace
from typing import Any

from pydantic import BaseModel, ConfigDict

from vidspec.runtime.client.client import AsyncClient, SyncClient
from vidspec.runtime.client.dialect import (
    CredentialInfo,
    DialectInfo,
    EnvelopeInfo,
    ErrorShapeInfo,
    JobFieldInfo,
    MediaInfo,
    OperationInfo,
    PagingInfo,
    PollInfo,
    ResultInfo,
    SurfaceInfo,
)
from vidspec.runtime.client.replies import Decoder, Replies


class Video(BaseModel):
    model_config = ConfigDict(extra="allow")

    id: str
    status: str


class ErrorBody(BaseModel):
    error: dict[str, Any]


VIDEO: Replies[Video] = Replies(
    Decoder(lambda: Video), {"404": Decoder(lambda: ErrorBody), "5XX": Decoder(lambda: ErrorBody)}
)

SURFACE = SurfaceInfo(
    name="videos",
    job={
        "id": JobFieldInfo(pointer="/id"),
        "status": JobFieldInfo(pointer="/status"),
        "progress": JobFieldInfo(pointer="/progress"),
        "seconds": JobFieldInfo(pointer="/frames", values={"121": 5, "241": 10}),
        "created_at": JobFieldInfo(pointer="/created_at", unit="s"),
        "error_code": JobFieldInfo(pointer="/error/code"),
        "error_message": JobFieldInfo(pointer="/error/message"),
    },
    states={
        "queued": "queued",
        "working": "in_progress",
        "succeed": "completed",
        "failed": "failed",
        "stopped": "cancelled",
        "gone": "expired",
    },
    results=(
        ResultInfo(kind="url", pointer="/videos/*/url"),
        ResultInfo(kind="endpoint"),
    ),
    poll=PollInfo(interval_seconds=0.01, header="x-poll-after-ms", unit="ms"),
)

CREATE = OperationInfo(
    id="createVideo",
    method="POST",
    path="/videos",
    role="create",
    paid=True,
    security=("key",),
    media_types=("application/json", "multipart/form-data"),
    media={
        "image": MediaInfo(binary=True, forms={"file": "", "url": "/image_url"}),
        "mask": MediaInfo(forms={"base64": "", "url": ""}),
    },
    job="",
)
GET = OperationInfo(
    id="getVideo", method="GET", path="/videos/{id}", role="retrieve", security=("key",), job=""
)
LIST = OperationInfo(
    id="listVideos",
    method="GET",
    path="/videos",
    role="list",
    security=("key",),
    items="/data",
    paging=PagingInfo(kind="cursor", has_more="/has_more", last="/last_id"),
)
CONTENT = OperationInfo(
    id="getContent",
    method="GET",
    path="/videos/{id}/content",
    role="content",
    security=("key",),
    accept=("video/mp4",),
    stream=True,
)

DIALECT = DialectInfo(
    name="toy",
    title="Toy",
    environment={"api_key": "TOY_API_KEY", "base_url": "TOY_BASE_URL"},
    servers=("https://toy.invalid/v1",),
    credentials=(CredentialInfo(scheme="key", kind="bearer"),),
    surfaces={"videos": SURFACE},
    default_surface="videos",
    operations={operation.id: operation for operation in (CREATE, GET, LIST, CONTENT)},
    request_id_headers=("x-request-id",),
    error_shape=ErrorShapeInfo(message="/error/message", code="/error/code", param="/error/param"),
)

SECRET = "sk-very-secret"


class Blocking:
    """The asyncio client behind a blocking face, so that every test runs on both."""

    def __init__(self, url: str, dialect: DialectInfo = DIALECT, **settings: Any) -> None:
        self._url, self._dialect, self._settings = url, dialect, settings

    def _go(self, name: str, *args: Any, **kwargs: Any) -> Any:
        async def main() -> Any:
            async with AsyncClient(
                self._dialect,
                secrets={"api_key": SECRET},
                base_url=self._url,
                settings=self._settings,  # type: ignore[arg-type]
            ) as inner:
                if name == "_save":
                    return await inner._download(args[0]).save(*args[1:], **kwargs)
                if name == "_pages":
                    return [page async for page in inner._pages(*args)]
                return await getattr(inner, name)(*args, **kwargs)

        return asyncio.run(main())

    def send(self, *args: Any) -> Any:
        return self._go("send", *args)

    def _call(self, *args: Any) -> Any:
        return self._go("_call", *args)

    def _wait(self, *args: Any) -> Any:
        return self._go("_wait", *args)

    def _pages(self, *args: Any) -> Any:
        return self._go("_pages", *args)

    def save(self, *args: Any, **kwargs: Any) -> Any:
        return self._go("_save", *args, **kwargs)


class Plain(SyncClient):
    def __init__(self, url: str, dialect: DialectInfo = DIALECT, **settings: Any) -> None:
        super().__init__(
            dialect,
            secrets={"api_key": SECRET},
            base_url=url,
            settings=settings,  # type: ignore[arg-type]
        )

    def save(self, source: Any, *args: Any, **kwargs: Any) -> Any:
        return self._download(source).save(*args, **kwargs)


def with_envelope(pointer: str, equals: Any) -> DialectInfo:
    envelope = EnvelopeInfo(pointer=pointer, equals=equals)
    operations = {k: replace(o, envelope=envelope) for k, o in DIALECT.operations.items()}
    return replace(DIALECT, operations=operations)
