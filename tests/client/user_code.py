"""What applications write: all of the client's face, held by strict type checkers; nothing here is run."""

import logging
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import assert_type

import httpx2

import vidspec_client.kling
import vidspec_client.openai
from vidspec_client import (
    ApiError,
    AsyncVideoClient,
    Attempt,
    Capabilities,
    CreatedJob,
    Expired,
    Generated,
    Hooks,
    JobError,
    Outcome,
    RedactingFilter,
    Saved,
    UnsupportedValue,
    VideoClient,
    VideoJob,
    WaitTimedOut,
    WebhookError,
    WebhookEvent,
    errors,
    progress_bar,
    telemetry,
)
from vidspec_client.openai import OMIT, models, requests, webhooks


def note(attempt: Attempt) -> None:
    print(attempt.route, attempt.number, attempt.paid)


def one_client_over_all(path: Path) -> None:
    hooks = Hooks(on_request=note)
    with VideoClient(
        "openai", api_key="k", timeout=30, hooks=hooks, http_client=httpx2.Client()
    ) as client:
        job = client.create("a fox", seconds=8, size="1280x720", image=path, model=None)
        assert_type(job, CreatedJob)
        assert_type(job.wait(timeout=60), VideoJob)
        assert_type(
            client.wait(job, timeout=60, on_update=lambda seen: print(seen.state)), VideoJob
        )
        assert_type(client.download(job, path, progress=print), Saved)
        with progress_bar("fox.mp4") as show:
            client.download(job, path, progress=show)
        assert_type(client.generate("a fox", path, n=1), Generated)
        assert_type(client.list(limit=3), Iterator[VideoJob])
        assert_type(client.wait_all([job, "video_2"]), list[Outcome[VideoJob]])
        for end in client.as_completed([job.id], concurrency=4):
            assert_type(end, Outcome[VideoJob])
            assert_type(end.unwrap(), VideoJob)
            print(end.ok, end.error)
        assert_type(client.capabilities, Capabilities)
        client.with_options(max_retries=0, headers={"x-tenant": "acme"}).delete(job)


def watched() -> None:
    logging.getLogger().handlers[0].addFilter(RedactingFilter())
    hooks = telemetry.tracing()
    assert_type(hooks, Hooks)
    VideoClient("openai", hooks=replace(hooks, on_request=note)).close()


def errors_hold_what_is_known(client: VideoClient) -> None:
    try:
        client.generate("a fox", "fox.mp4")
    except UnsupportedValue as error:
        print(error.parameter, error.choices)
    except Expired as error:
        print(error.status)
    except ApiError as error:
        assert_type(error.retry_after, float | None)
        assert_type(error.body, bytes)
        assert_type(error.headers, Mapping[str, str])
    except JobError as error:
        assert_type(error.job, VideoJob)
    except WaitTimedOut as error:
        assert_type(error.job_id, str | None)
    except errors.TransportError as error:
        print(error.may_have_arrived, error.paid)


def a_dialects_own_client(path: Path) -> None:
    with vidspec_client.openai.Client(api_key="k") as client:
        made = client.create_video(prompt="a fox", seconds="8", size=OMIT, input_reference=path)
        assert_type(made, models.VideoResource)
        assert_type(made.id, str)
        raw = client.send(requests.get_video(video_id=made.id, extra_headers={"x-trace": "1"}))
        print(raw.status, raw.headers["content-type"], raw.body)
        done = client.wait(video_id=made.id)
        assert_type(done.reply, models.VideoResource)
        assert_type(done.job, VideoJob)
        for result in client.download(done.job):
            assert_type(result.save(path, sha256="0" * 64), Saved)
            with result.stream() as chunks:
                assert_type(b"".join(chunks), bytes)
        for page in client.list_videos_pages(limit=10):
            print(page.data)
        ends = client.wait_all([made.id])
        assert_type(ends[0].unwrap().reply, models.VideoResource)


async def the_same_with_asyncio(path: Path) -> None:
    async with AsyncVideoClient("kling", secrets={"access_key": "a", "secret_key": "s"}) as client:
        job = await client.create("a fox", image=b"", aspect_ratio="16:9")
        assert_type(await client.wait(job), VideoJob)
        assert_type(await job.wait(interval=2), VideoJob)
        assert_type(await client.wait_all([job]), list[Outcome[VideoJob]])
        assert_type(client.as_completed([job]), AsyncIterator[Outcome[VideoJob]])
        async for end in client.as_completed([job]):
            await client.download(end.unwrap(), path)
    async with vidspec_client.kling.AsyncClient(access_key="a", secret_key="s") as own:
        made = await own.create_text_to_video(prompt="a fox", duration="5")
        done = await own.wait(id=made.data.task_id)
        for result in own.download(done.job):
            async with result.stream() as chunks:
                async for chunk in chunks:
                    assert_type(chunk, bytes)


def a_receiver(headers: Mapping[str, str], body: bytes, client: VideoClient) -> str | None:
    try:
        event = webhooks.verify_and_parse(headers, body, ["whsec_new", "whsec_old"])
    except WebhookError:
        return None
    assert_type(event, WebhookEvent[models.VideoEvent])
    if event.state == "completed" and event.job_id is not None:
        client.download(event.job_id, "fox.mp4")
    return event.data.type if event.data is not None else None
