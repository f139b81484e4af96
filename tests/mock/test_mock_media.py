"""The media that the mock makes: real, exact, the same everywhere, bounded."""

import asyncio
import hashlib
import io
import subprocess
import sys
import time
from array import array
from dataclasses import replace
from fractions import Fraction
from typing import Any

import av
import httpx2
import pytest

from mock.probing import probe_picture, probe_video
from vidspec.contract import Contract
from vidspec.mock import MockGateway, MockOptions, running
from vidspec.mock.clip import Clip
from vidspec.mock.encoding import ENCODERS, encode_spritesheet, encode_thumbnail, encode_video
from vidspec.mock.font import ADVANCE, HEIGHT, glyph, room, wrapped
from vidspec.mock.letters import DRAWN
from vidspec.mock.media import MEDIA_TYPES, Media, MediaCache
from vidspec.mock.picture import timecode


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
    clip = Clip(320, 180, 2, "harbour at dawn", audio=True)
    script = (
        "import hashlib;from vidspec.mock.clip import Clip;from vidspec.mock.encoding import ENCODERS;"
        "c=Clip(320,180,2,'harbour at dawn',audio=True);"
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

    assert (clip.width, clip.height, clip.seconds) == (5120, 2560, 600.0)
    assert clip.timing()[0] <= 2400
    large = Clip(3840, 2160, 60, "", 60).bounded()
    assert large.timing()[0] * large.width * large.height <= 8_100_000_000
    ordinary = Clip(1920, 1080, 15, "", 60)
    assert ordinary.bounded() == ordinary


def test_a_large_and_long_clip_has_few_frames_and_its_whole_length() -> None:
    clip = Clip(3840, 2160, 600)
    shown = probe_video(encode_video(clip))

    assert shown.frames == clip.timing()[0] < 60
    assert shown.seconds == pytest.approx(600, abs=0.1)
    assert Clip(1280, 720, 12).timing() == (48, Fraction(4))


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
    """Encoding happens on a thread: the loop is never held for 50 ms by it, however large the pictures.

    A busy machine holds a loop by itself, so that one undisturbed run of a few is enough; encoding on the loop
    would take a second in every one.
    """

    async def longest(number: int) -> float:
        cache = MediaCache()
        task = asyncio.create_task(
            cache.get("video/mp4", Clip(3840, 2160, 4, str(number), audio=True))
        )
        found = 0.0
        while not task.done():
            before = time.perf_counter()
            await asyncio.sleep(0.001)
            found = max(found, time.perf_counter() - before)
        return found

    encode_video(Clip(64, 64, 1))  # Loading the codecs is not what is measured.
    assert any(asyncio.run(longest(number)) < 0.05 for number in range(8))


def test_few_are_encoded_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Large pictures take much memory: whoever asks, two at most are encoded at the same time."""
    busy: list[int] = []
    most = 0

    def encode(_: Clip) -> bytes:
        nonlocal most
        busy.append(1)
        most = max(most, len(busy))
        time.sleep(0.02)
        busy.pop()
        return b"x"

    monkeypatch.setitem(ENCODERS, "video/mp4", encode)

    async def scenario() -> None:
        cache = MediaCache()
        clips = [Clip(64, 64, 1, str(number)) for number in range(8)]
        await asyncio.gather(*(cache.get("video/mp4", clip) for clip in clips))

    asyncio.run(scenario())
    assert most == 2


@pytest.mark.parametrize(
    ("width", "height", "scale"), [(1280, 720, 7), (720, 1280, 4), (320, 180, 1)]
)
def test_every_frame_shows_its_time(width: int, height: int, scale: int) -> None:
    """Read back from the decoded pictures, dot by dot, the clock says when each frame is shown."""
    top = round(height * 0.79) - HEIGHT * scale // 2

    seen = []
    with av.open(io.BytesIO(encode_video(Clip(width, height, 2, "a fox", 12))), "r") as container:
        for frame in container.decode(video=0):
            assert frame.time is not None
            seen.append((read_line(frame, ADVANCE * scale, top, scale, 12), frame.time))

    assert len(seen) == 24
    assert [shown for shown, _ in seen] == [timecode(when) for _, when in seen]


def test_prompt_is_written_into_the_picture() -> None:
    """The prompt stands in the picture, broken into lines; accents are dropped, other scripts become boxes."""
    prompt = "A café in the rain, \u96e8, with people who do not talk to each other at all"
    with av.open(io.BytesIO(encode_video(Clip(1280, 720, 1, prompt))), "r") as container:
        frame = next(container.decode(video=0))

    shown = [read_line(frame, 42, 63 * n, 7, 28).strip() for n in (1, 2, 3, 4)]
    assert shown == [
        "A cafe in the rain, \ufffd\ufffd\ufffd,",
        "with people who do not talk",
        "to each other at all",
        "",
    ]


@pytest.mark.parametrize(
    ("text", "columns", "most", "lines"),
    [
        ("one two three", 7, 5, ["one two", "three"]),
        ("one two three four", 8, 2, ["one two", "three..."]),
        ("abcdefghij", 4, 5, ["abcd", "efgh", "ij"]),
        ("  \n\t ", 10, 3, []),
        ("words", 2, 3, []),
        ("words", 20, 0, []),
        ("an aaaaaa", 4, 5, ["an a", "aaaa", "a"]),
        # What has no letter takes the room of three, and a line may end behind it.
        ("\u4e00\u53ea\u7ea2 fox", 7, 5, ["\u4e00\u53ea", "\u7ea2 fox"]),
        ("\u4e00\u53ea\u7ea2\u8272\u7684", 7, 2, ["\u4e00\u53ea", "\u7ea2..."]),
        ("\u4e00", 3, 1, ["\u4e00"]),
        ("\U0001f98a", 3, 1, []),
    ],
)
def test_prompt_is_broken_into_lines(text: str, columns: int, most: int, lines: list[str]) -> None:
    """No line is longer than the picture, and there are no more than fit."""
    assert wrapped(text, columns, most) == lines


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("na\u00efve Stra\u00dfe \u2014 \u201c\u0141\u00f3d\u017a\u201d", 'naive Strasse - "Lodz"'),
        ("\u0421\u043d\u0435\u0433 \u0436\u0438\u0432", "CHE\u0413 \u0416\u0418B"),
        ("\u03ac\u03bb\u03c6\u03b1 \u03c2", "A\u039b\u0424A \u03a3"),
        ("\uff21\uff22\uff0c\u3002", "AB,."),
        ("\u3060", "\u3060"),
    ],
)
def test_letters_lose_accents_or_stay_what_they_are(text: str, drawn: str) -> None:
    """Latin, Cyrillic and Greek are drawn with the letters there are; Japanese is not made another word."""
    assert wrapped(text, 40, 1) == [drawn]


@pytest.mark.parametrize("character", ["\u96e8", "\u0e01", "\U0001f98a", "\U0010ffff", "\x07"])
def test_character_without_letter_is_its_code_point(character: str) -> None:
    """Its hexadecimal digits can be read, underlined, in the room that it takes."""
    lit, digits = dots(character), f"{ord(character):04X}"
    read = ""
    for place in range(len(digits)):
        rows = ["".join("01"[(row, 4 * place + c) in lit] for c in range(3)) for row in range(5)]
        read += DIGITS["".join(str(int(row, 2)) for row in rows)]

    assert read == digits
    assert {column for row, column in lit if row == 6} == set(range(4 * len(digits) - 1))
    assert max(column for _, column in lit) < room(character) * ADVANCE


#: Rows of three dots as digits of eight: 0 to F.
DIGITS = {
    "75557": "0", "26227": "1", "61247": "2", "61216": "3", "55711": "4", "74616": "5", "34757": "6", "71222": "7",
    "75757": "8", "75716": "9", "25755": "A", "65656": "B", "34443": "C", "65556": "D", "74647": "E", "74644": "F",
}  # fmt: skip


def test_letters_differ() -> None:
    """No two letters look the same."""
    assert len({frozenset(dots(letter)) for letter in DRAWN}) == len(DRAWN)


def test_sound_is_as_long_as_the_video_and_beeps_every_second() -> None:
    """A clip with sound has AAC of the video's length: loud for the first tenth of a second, then silent."""
    silent = Clip(64, 64, 3.5, "a fox")
    data = encode_video(replace(silent, audio=True))

    assert probe_video(data).seconds == probe_video(encode_video(silent)).seconds
    loud: dict[int, float] = {}
    with av.open(io.BytesIO(data), "r") as container:
        stream = container.streams.audio[0]
        assert stream.codec_context.name == "aac"
        assert stream.duration is not None
        assert stream.time_base is not None
        assert float(stream.duration * stream.time_base) == pytest.approx(3.5, abs=0.03)
        for heard in container.decode(stream):
            assert heard.time is not None
            samples = array("f", bytes(heard.planes[0])[: 4 * heard.samples])
            for number in range(0, len(samples), 480):
                at = round((heard.time + number / 48000) * 100)
                loud[at] = max(map(abs, samples[number : number + 480]))
    assert all(loud[100 * second + 5] > 0.05 for second in range(3))
    assert all(loud[100 * second + 50] < 0.01 for second in range(3))


def test_job_that_asks_for_sound_gets_it(contract: Contract) -> None:
    """Sound comes with what the job asked for, or with every video where the mock is told so."""
    body = {"model_name": "kling-v2-6", "prompt": "a fox"}
    with running("kling", contract=contract, options=MockOptions(job_seconds=0)) as quiet:
        assert not heard(quiet, body | {"sound": "off"})
        assert heard(quiet, body | {"sound": "on"})
    with running("kling", contract=contract, options=MockOptions(job_seconds=0, tone=True)) as loud:
        assert heard(loud, body | {"sound": "off"})


def heard(gateway: MockGateway, body: dict[str, Any]) -> bool:
    """Make a job and say whether its video has sound."""
    with httpx2.Client(headers={"authorization": "Bearer any"}) as http:
        path = gateway.base_url + "/v1/videos/text2video"
        made = http.post(path, json=body).json()["data"]
        task = http.get(f"{path}/{made['task_id']}").json()["data"]
        data = http.get(task["task_result"]["videos"][0]["url"]).content
    with av.open(io.BytesIO(data), "r") as container:
        return bool(container.streams.audio)


def read_line(frame: av.VideoFrame, left: int, top: int, scale: int, count: int) -> str:
    """Read a line of text out of a decoded picture, from the middle of each dot."""
    plane = frame.planes[0]
    data, stride = memoryview(plane), plane.line_size
    known = {frozenset(dots(chr(code))): chr(code) for code in range(32, 127)}
    text = ""
    for number in range(count):
        lit = {
            (row, column)
            for row in range(HEIGHT)
            for column in range(ADVANCE - 1)
            if data[
                (top + row * scale + scale // 2) * stride
                + left + (number * ADVANCE + column) * scale + scale // 2
            ] > 160
        }  # fmt: skip
        text += known.get(frozenset(lit), "\ufffd")
    return text


def dots(character: str) -> set[tuple[int, int]]:
    """Return the lit dots of a character as (row, column)."""
    return {(row, column) for row, first, end in glyph(character) for column in range(first, end)}


def test_every_promised_media_type_has_an_encoder() -> None:
    """What the cache promises, the encoders can make."""
    assert frozenset(ENCODERS) == MEDIA_TYPES


def test_etag_is_the_hash_of_the_bytes() -> None:
    """Equal bytes have equal strong tags."""
    one, same, other = (Media.of(data, "video/mp4") for data in (b"a", b"a", b"b"))

    assert one.etag == same.etag
    assert one.etag != other.etag
    assert one.etag.startswith('"')
