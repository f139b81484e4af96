"""Whether the film is the one that was asked for."""

import re
from collections.abc import Mapping

from vidspec.conformance.mp4 import PLAYABLE, Film, film_end, read_film
from vidspec.conformance.scenarios.following import completed
from vidspec.conformance.scenarios.registry import scenario
from vidspec.conformance.session import Session
from vidspec.conformance.stops import Missing

_SECONDS_OFF = 0.5
_RATIO_OFF = 0.03


@scenario(
    "film",
    """media-is-video media-size media-aspect-ratio media-seconds media-codec media-faststart
    media-complete""",
)
def film(session: Session) -> None:
    """Read the boxes of the fetched file."""
    job = completed(session)
    if session.video is None:
        message = "the video could not be fetched"
        raise Missing(message)
    found = read_film(session.video)
    begins = repr(session.video[:24])
    expected = "an MP4 with a video track"
    if not session.judge("media-is-video", found is not None, expected, begins) or found is None:
        message = "the result is no MP4"
        raise Missing(message)
    _shape(session, job.wanted, found)
    seconds = job.wanted.get("seconds")
    if seconds is not None:
        wanted, shown = float(str(seconds)), found.seconds
        near = shown is not None and abs(shown - wanted) <= _SECONDS_OFF
        session.judge("media-seconds", near, f"{wanted:g} s", f"{shown} s")
    plays = found.codec in PLAYABLE
    names = ", ".join(sorted(set(PLAYABLE.values())))
    session.judge("media-codec", plays, names, found.codec)
    whole = film_end(session.video) == len(session.video)
    received = "a last box that is cut off or followed by other bytes"
    session.judge("media-complete", whole, "a file that ends with its last box", received)
    order = "moov before mdat", "mdat before moov"
    session.judge("media-faststart", found.faststart, *order)


def _shape(session: Session, wanted: Mapping[str, object], found: Film) -> None:
    size, resolution, ratio = (wanted.get(n) for n in ("size", "resolution", "aspect_ratio"))
    shown, short = f"{found.width}x{found.height}", min(found.width, found.height)
    lines = re.fullmatch(r"(\d+)p", resolution) if isinstance(resolution, str) else None
    if isinstance(size, str) and re.fullmatch(r"\d+x\d+", size):
        session.judge("media-size", shown == size, size, shown)
    elif lines:
        session.judge("media-size", short == int(lines[1]), f"{lines[1]} on the short side", shown)
    sides = re.fullmatch(r"(\d+):(\d+)", ratio) if isinstance(ratio, str) else None
    if sides and found.height:
        asked = int(sides[1]) / int(sides[2])
        near = abs(found.width / found.height - asked) <= _RATIO_OFF * asked
        session.judge("media-aspect-ratio", near, f"{ratio}", shown)
