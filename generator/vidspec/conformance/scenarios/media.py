"""Whether the film is the one that was asked for."""

import re

from vidspec.conformance.mp4 import PLAYABLE, Film, read_film
from vidspec.conformance.scenarios.following import completed
from vidspec.conformance.scenarios.registry import scenario
from vidspec.conformance.session import Session
from vidspec.conformance.stops import Missing

_SECONDS_OFF = 0.5
_RATIO_OFF = 0.03


@scenario(
    "film",
    "media-is-video media-size media-aspect-ratio media-seconds media-codec media-faststart",
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
    _shape(session, job.wanted.get("size"), job.wanted.get("aspect_ratio"), found)
    seconds = job.wanted.get("seconds")
    if seconds is not None:
        wanted, shown = float(str(seconds)), found.seconds
        near = shown is not None and abs(shown - wanted) <= _SECONDS_OFF
        session.judge("media-seconds", near, f"{wanted:g} s", f"{shown} s")
    plays = found.codec in PLAYABLE
    names = ", ".join(sorted(set(PLAYABLE.values())))
    session.judge("media-codec", plays, names, found.codec)
    order = "moov before mdat", "mdat before moov"
    session.judge("media-faststart", found.faststart, *order)


def _shape(session: Session, size: object, ratio: object, found: Film) -> None:
    shown = f"{found.width}x{found.height}"
    if isinstance(size, str) and re.fullmatch(r"\d+x\d+", size):
        session.judge("media-size", shown == size, size, shown)
    sides = re.fullmatch(r"(\d+):(\d+)", ratio) if isinstance(ratio, str) else None
    if sides and found.height:
        wanted = int(sides[1]) / int(sides[2])
        near = abs(found.width / found.height - wanted) <= _RATIO_OFF * wanted
        session.judge("media-aspect-ratio", near, f"{ratio}", shown)
