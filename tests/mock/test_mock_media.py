"""The media that the mock makes: real, exact, the same everywhere, bounded."""

import asyncio
import hashlib
import subprocess
import sys
import time

import pytest

from mock.probing import probe_picture, probe_video
from vidspec.mock.clip import Clip
from vidspec.mock.encoding import ENCODERS, encode_spritesheet, encode_thumbnail, encode_video
from vidspec.mock.media import MEDIA_TYPES, Media, MediaCache


@pytest.mark.parametrize(
    ("width", "height", "seconds"),
    [
        (720, 1280, 4),
        (1280, 720, 8),
        (1792, 1024, 12),
        (321, 241, 3.5),
        (2, 2, 0.5),
        (640, 361, 60),
    ],
)
def test_video_has_the_size_and_length_asked_for(width: int, height: int, seconds: float) -> None:
    """The MP4 decodes to the end, at exactly the size, and within one frame of the length."""
    clip = Clip(width, height, seconds, "a fox")
    data = encode_video(clip)

    found = probe_video(data)
    frames, rate = clip.timing()

    assert (found.codec, found.width, found.height) == ("h264", width, height)
    assert found.seconds == pytest.approx(seconds, abs=float(1 / rate))
    assert found.frames == frames


def test_video_starts_fast() -> None:
    """The index stands before the media, so that a player can start before it has the whole."""
    data = encode_video(Clip(64, 64, 2))

    assert data[4:8] == b"ftyp"
    assert data.index(b"moov") < data.index(b"mdat")


def test_frames_per_second_are_honoured() -> None:
    """A job that asks for 24 frames per second gets them."""
    assert probe_video(encode_video(Clip(64, 64, 2, fps=24))).frames == 48


def test_bytes_are_the_same_in_another_process() -> None:
    """Every process makes the same bytes of the same clip, in every media type."""
    clip = Clip(320, 180, 2, "harbour at dawn")
    script = (
        "import hashlib;from vidspec.mock.clip import Clip;from vidspec.mock.encoding import ENCODERS;"
        "c=Clip(320,180,2,'harbour at dawn');"
        "print([hashlib.sha256(e(c)).hexdigest() for e in ENCODERS.values()])"
    )

    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert run.stdout.strip() == str(
        [hashlib.sha256(encode(clip)).hexdigest() for encode in ENCODERS.values()]
    )


def test_another_prompt_is_another_picture() -> None:
    """The prompt chooses the colours."""
    assert encode_video(Clip(64, 64, 1, "a")) != encode_video(Clip(64, 64, 1, "b"))


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (321, 241)])
def test_thumbnail_and_spritesheet_are_pictures(width: int, height: int) -> None:
    """The thumbnail is a WebP of the video's size; the sprite sheet a JPEG of ten tiles."""
    clip = Clip(width, height, 8, "otters")
    thumbnail, sheet = encode_thumbnail(clip), encode_spritesheet(clip)

    assert (thumbnail[:4], thumbnail[8:12]) == (b"RIFF", b"WEBP")
    assert probe_picture(thumbnail) == (width, height)
    assert sheet[:3] == b"\xff\xd8\xff"
    assert probe_picture(sheet)[0] == 800


def test_what_cannot_be_drawn_is_cut() -> None:
    """Absurd sizes, lengths and rates are bounded before anything is drawn."""
    clip = Clip(100_000, 50_000, 1e9, "", 1e9).bounded()

    assert (clip.width, clip.height, clip.seconds) == (4096, 2048, 600.0)
    assert clip.timing()[0] <= 2400


def test_cache_encodes_once_and_forgets_the_oldest() -> None:
    """The same clip is encoded once, also when asked for at once; the bytes held are bounded."""

    async def scenario() -> None:
        cache = MediaCache(max_bytes=6000)
        first = Clip(64, 64, 1, "first")
        one, two = await asyncio.gather(
            cache.get("video/mp4", first), cache.get("video/mp4", first)
        )
        assert one is two
        for number in range(10):
            await cache.get("video/mp4", Clip(64, 64, 1, str(number)))
        assert cache.held_bytes <= 6000
        again = await cache.get("video/mp4", first)
        assert again is not one
        assert again == one

    asyncio.run(scenario())


def test_event_loop_goes_on_while_a_video_is_encoded() -> None:
    """Encoding happens on a thread: the loop is never held for as long as it takes."""

    async def scenario() -> float:
        cache = MediaCache()
        await cache.get("video/mp4", Clip(64, 64, 1))
        task = asyncio.create_task(cache.get("video/mp4", Clip(1920, 1080, 20)))
        longest = 0.0
        while not task.done():
            before = time.perf_counter()
            await asyncio.sleep(0.001)
            longest = max(longest, time.perf_counter() - before)
        return longest

    assert asyncio.run(scenario()) < 0.25


def test_every_promised_media_type_has_an_encoder() -> None:
    """What the cache promises, the encoders can make."""
    assert frozenset(ENCODERS) == MEDIA_TYPES


def test_etag_is_the_hash_of_the_bytes() -> None:
    """Equal bytes have equal strong tags."""
    one, same, other = (Media.of(data, "video/mp4") for data in (b"a", b"a", b"b"))

    assert one.etag == same.etag
    assert one.etag != other.etag
    assert one.etag.startswith('"')
