"""The newest `openai` SDK, sync and async, validating every reply strictly, against the mock."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import openai
import pytest

from vidspec.mock import MockGateway, running

# Every video method of the SDK warns that OpenAI's own service has ended; the shape lives on.
pytestmark = pytest.mark.filterwarnings("ignore:The Sora API:DeprecationWarning")

PROMPT = "A lantern keeper walks along a foggy harbour at dawn"
CLIP = ("clip.mp4", b"\x00\x00\x00\x18ftypmp42", "video/mp4")


@pytest.fixture(scope="module")
def shared() -> Iterator[MockGateway]:
    with running("openai", job_seconds=0.2) as gateway:
        yield gateway


@pytest.fixture
def gateway(shared: MockGateway) -> MockGateway:
    shared.reset()
    return shared


@pytest.fixture
def client(gateway: MockGateway) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(
        base_url=gateway.base_url, api_key="key", max_retries=0, _strict_response_validation=True
    ) as client:
        yield client


def make_async(gateway: MockGateway) -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(
        base_url=gateway.base_url, api_key="key", max_retries=0, _strict_response_validation=True
    )


def test_create_without_a_file(client: openai.OpenAI, gateway: MockGateway) -> None:
    video = client.videos.create(prompt=PROMPT, model="sora-2-pro", seconds="8", size="1792x1024")

    assert (video.object, video.status, video.progress) == ("video", "queued", 0)
    assert (video.model, video.seconds, video.size) == ("sora-2-pro", "8", "1792x1024")
    assert video.prompt == PROMPT
    assert gateway.paid_calls == 1


def test_create_with_a_file(client: openai.OpenAI) -> None:
    reference = ("first.png", b"\x89PNG\r\n\x1a\n", "image/png")
    video = client.videos.create(prompt=PROMPT, input_reference=reference)

    assert (video.status, video.seconds, video.size) == ("queued", "4", "720x1280")


def test_create_and_poll(client: openai.OpenAI, gateway: MockGateway) -> None:
    video = client.videos.create_and_poll(prompt=PROMPT)

    assert (video.status, video.progress) == ("completed", 100)
    assert video.completed_at is not None
    assert video.expires_at is not None
    assert gateway.paid_calls == 1


def test_poll_of_a_job_that_fails(client: openai.OpenAI) -> None:
    video = client.videos.create_and_poll(prompt="A storm [fail]")

    assert video.status == "failed"
    assert video.error is not None
    assert video.error.code


def test_retrieve(client: openai.OpenAI) -> None:
    made = client.videos.create(prompt=PROMPT)

    assert client.videos.retrieve(made.id).id == made.id


def test_list_pages_by_itself(client: openai.OpenAI) -> None:
    made = [client.videos.create(prompt=f"{PROMPT} {n}").id for n in range(5)]

    assert [video.id for video in client.videos.list(limit=2)] == made[::-1]
    assert [video.id for video in client.videos.list(limit=2, order="asc")] == made
    assert client.videos.list(limit=2, after=made[2]).last_id == made[0]


def test_remix(client: openai.OpenAI) -> None:
    source = client.videos.create_and_poll(prompt=PROMPT, seconds="12", size="1280x720")
    video = client.videos.remix(source.id, prompt="Let it snow")

    assert (video.remixed_from_video_id, video.prompt) == (source.id, "Let it snow")
    assert (video.seconds, video.size) == ("12", "1280x720")


def test_remix_of_a_running_job_is_refused(client: openai.OpenAI) -> None:
    source = client.videos.create(prompt=PROMPT)

    with pytest.raises(openai.BadRequestError):
        client.videos.remix(source.id, prompt="Let it snow")


def test_edit_and_extend_a_file(client: openai.OpenAI) -> None:
    edited = client.videos.edit(prompt="Clear light", video=CLIP)
    extended = client.videos.extend(prompt="He goes on", seconds="12", video=CLIP)

    assert (edited.status, edited.prompt) == ("queued", "Clear light")
    assert (extended.status, extended.seconds) == ("queued", "12")


def test_characters(client: openai.OpenAI) -> None:
    made = client.videos.create_character(name="Captain Pebble", video=CLIP)
    assert made.id is not None

    found = client.videos.get_character(made.id)
    assert (found.id, found.name, found.created_at) == (made.id, made.name, made.created_at)
    assert made.name == "Captain Pebble"


def test_every_variant_is_downloaded(client: openai.OpenAI, tmp_path: Path) -> None:
    video = client.videos.create_and_poll(prompt=PROMPT)
    starts: dict[Literal["video", "thumbnail", "spritesheet"], bytes] = {
        "video": b"ftyp", "thumbnail": b"WEBP", "spritesheet": b"\xff\xd8\xff",
    }  # fmt: skip
    for variant, start in starts.items():
        path = tmp_path / variant
        client.videos.download_content(video.id, variant=variant).write_to_file(path)

        assert start in path.read_bytes()[:16]
    assert (tmp_path / "video").read_bytes() == client.videos.download_content(video.id).read()


def test_delete(client: openai.OpenAI) -> None:
    video = client.videos.create_and_poll(prompt=PROMPT)
    deleted = client.videos.delete(video.id)

    assert (deleted.id, deleted.deleted, deleted.object) == (video.id, True, "video.deleted")
    with pytest.raises(openai.NotFoundError):
        client.videos.retrieve(video.id)


def test_bad_request_is_typed(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client.videos.create(prompt=PROMPT, seconds="5")  # type: ignore[arg-type]

    assert (caught.value.param, caught.value.type) == ("seconds", "invalid_request_error")
    assert caught.value.request_id


def test_moderation_is_typed(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client.videos.create(prompt="[moderated]")

    assert caught.value.code == "moderation_blocked"


def test_wrong_key_is_typed() -> None:
    with (
        running("openai", api_key="right") as gateway,
        openai.OpenAI(base_url=gateway.base_url, api_key="wrong") as client,
        pytest.raises(openai.AuthenticationError),
    ):
        client.videos.list()


def test_unknown_job_is_typed(client: openai.OpenAI) -> None:
    for call in (
        client.videos.retrieve,
        client.videos.delete,
        client.videos.download_content,
        client.videos.get_character,
    ):
        with pytest.raises(openai.NotFoundError):
            call("video_0")


def test_async_client_does_it_all(gateway: MockGateway) -> None:
    async def scenario() -> None:
        async with make_async(gateway) as client:
            reference = ("first.png", b"\x89PNG\r\n\x1a\n", "image/png")
            await client.videos.create(prompt=PROMPT, input_reference=reference)
            video = await client.videos.create_and_poll(prompt=PROMPT)
            assert video.status == "completed"
            assert (await client.videos.retrieve(video.id)) == video
            remix = await client.videos.remix(video.id, prompt="Let it snow")
            assert remix.remixed_from_video_id == video.id
            edited = await client.videos.edit(prompt="Clear light", video=CLIP)
            extended = await client.videos.extend(prompt="On", seconds="8", video=CLIP)
            character = await client.videos.create_character(name="Pebble", video=CLIP)
            assert (await client.videos.get_character(str(character.id))).name == "Pebble"
            listed = [item.id async for item in client.videos.list(limit=2)]
            assert listed[:4] == [extended.id, edited.id, remix.id, video.id]
            for variant in ("video", "thumbnail", "spritesheet"):
                content = await client.videos.download_content(video.id, variant=variant)
                assert len(content.content) > 100
            assert (await client.videos.delete(video.id)).deleted

    asyncio.run(scenario())


def test_async_errors_are_typed(gateway: MockGateway) -> None:
    async def scenario() -> None:
        async with make_async(gateway) as client:
            with pytest.raises(openai.BadRequestError):
                await client.videos.create(prompt=PROMPT, size="1x1")  # type: ignore[arg-type]
            with pytest.raises(openai.NotFoundError):
                await client.videos.retrieve("video_0")
        with running("openai", api_key="right") as strict:
            async with make_async(strict) as client:
                with pytest.raises(openai.AuthenticationError):
                    await client.videos.list()

    asyncio.run(scenario())
