"""The bytes of a finished video: by the content operation, or by an address in the job."""

from typing import Final
from urllib.parse import urlsplit

from vidspec.conformance.mp4 import read_film
from vidspec.conformance.reply import Reply
from vidspec.conformance.requests import Draft, draft
from vidspec.conformance.scenarios.following import completed
from vidspec.conformance.scenarios.registry import scenario
from vidspec.conformance.session import Session
from vidspec.conformance.stops import Missing, NoReply
from vidspec.contract import Operation

#: Media type → how such a file begins (offset, bytes).
_BEGINNINGS: Final = {
    "video/mp4": (4, b"ftyp"),
    "image/webp": (8, b"WEBP"),
    "image/jpeg": (0, b"\xff\xd8\xff"),
    "image/png": (0, b"\x89PNG"),
}


@scenario("content", "content-available content-type content-length content-validator")
def whole(session: Session) -> None:
    """Fetch the video of the finished job."""
    job = completed(session)
    content = session.operation("content")
    reply = session.call("content", job.id, status_judged=True)
    documented = sorted(r.status for r in content.replies if r.ok and r.status != "206")
    fits = reply.accepted and str(reply.status) in documented
    session.judge("content-available", fits, " or ".join(documented), reply.said(), reply)
    if not reply.accepted:
        return
    session.video = reply.content
    types = _types(content)
    shown = reply.media_type or "no Content-Type"
    session.judge("content-type", reply.media_type in types, " or ".join(types), shown, reply)
    length = reply.headers.get("content-length")
    said = length or "no Content-Length"
    # A compressed reply has the length of what travelled.
    fits = length == str(len(reply.content)) or (
        "content-encoding" in reply.headers and bool(length)
    )
    session.judge("content-length", fits, str(len(reply.content)), said, reply)
    valid = "etag" in reply.headers or "last-modified" in reply.headers
    session.judge("content-validator", valid, "ETag or Last-Modified", "neither", reply)


@scenario(
    "ranges",
    """content-range content-range-unsatisfiable content-range-header content-range-suffix
    content-range-open content-range-size content-if-range content-if-none-match content-head
    content-head-same""",
)
def ranges(session: Session) -> None:
    """Ask for a piece, for a piece that is not there, and for the headers alone."""
    job = completed(session)
    video = session.video
    if video is None or len(video) < 48:
        message = "the video could not be fetched"
        raise Missing(message)
    start = len(video) // 2
    asked = f"bytes={start}-{start + 15}"
    reply = session.call("content", job.id, headers={"range": asked}, observed=False)
    fits = reply.status == 206 and reply.content == video[start : start + 16]
    received = f"{reply.status} with {len(reply.content)} bytes"
    session.judge("content-range", fits, "206 with those 16 bytes", received, reply)
    if reply.status != 206:
        for requirement in _OF_RANGES:
            session.cannot(requirement, "ranges are not served", "unsupported")
    else:
        _partial(session, job.id, reply, f"bytes {start}-{start + 15}/{len(video)}")
    beyond = {"range": f"bytes={len(video) + 1000}-"}
    reply = session.call("content", job.id, headers=beyond, observed=False)
    if "content-range-unsatisfiable" not in session.settled:
        fits = reply.status == 416
        session.judge("content-range-unsatisfiable", fits, "416", reply.said(), reply)
        if fits:
            said = reply.headers.get("content-range", "no Content-Range")
            expected = f"bytes */{len(video)}"
            session.judge("content-range-size", said == expected, expected, said, reply)
        else:
            session.cannot("content-range-size", "the range was not refused", "unsupported")
    _cached(session, job.id)
    made = draft(session.operation("content"), job_id=job.id)
    head = Draft(made.operation, "HEAD", made.path)
    reply = session.send(head, job_id=job.id, observed=False)
    fits = 200 <= reply.status < 300 and not reply.content
    session.judge("content-head", fits, "2xx without a body", f"{reply.status}", reply)
    if not fits:
        session.cannot("content-head-same", "HEAD is not served", "unsupported")
        return
    whole = session.call("content", job.id, observed=False)
    names = ("content-type", "content-length")
    expected, received = (
        ", ".join(f"{r.headers.get(name)}" for name in names) for r in (whole, reply)
    )
    session.judge("content-head-same", expected == received, expected, received, reply)


#: What can only be seen where ranges are served.
_OF_RANGES: Final = (
    "content-range-unsatisfiable",
    "content-range-header",
    "content-range-suffix",
    "content-range-open",
    "content-range-size",
    "content-if-range",
)


def _partial(session: Session, job_id: str, first: Reply, expected: str) -> None:
    """Judge the first partial reply further, and ask for the other forms of a range."""
    video = session.video or b""
    said = first.headers.get("content-range", "no Content-Range")
    session.judge("content-range-header", said == expected, expected, said, first)
    half = len(video) // 2
    for requirement, asked, wanted in (
        ("content-range-suffix", "bytes=-16", video[-16:]),
        ("content-range-open", f"bytes={half}-", video[half:]),
    ):
        reply = session.call("content", job_id, headers={"range": asked}, observed=False)
        fits = reply.status == 206 and reply.content == wanted
        session.judge(requirement, fits, f"206 with {len(wanted)} bytes", _told(reply), reply)
    other = {"range": "bytes=0-15", "if-range": '"vidspec-another-version"'}
    reply = session.call("content", job_id, headers=other, observed=False)
    fits = reply.accepted and reply.status != 206 and reply.content == video
    session.judge("content-if-range", fits, "the whole", _told(reply), reply)


def _cached(session: Session, job_id: str) -> None:
    whole = session.call("content", job_id, observed=False)
    tag = whole.headers.get("etag")
    if tag is None:
        session.cannot("content-if-none-match", "the video has no entity tag", "unsupported")
        return
    reply = session.call("content", job_id, headers={"if-none-match": tag}, observed=False)
    session.judge("content-if-none-match", reply.status == 304, "304", reply.said(), reply)


@scenario("variants", "content-variants content-variant-unknown")
def variants(session: Session) -> None:
    """Fetch every documented variant but the first, which is the video itself."""
    job = completed(session)
    content = session.operation("content")
    parameter = content.parameter("variant")
    if parameter is None:
        message = "the content operation takes no variant"
        raise Missing(message)
    for variant, media_type in list(content.variants.items())[1:]:
        reply = session.call("content", job.id, query={parameter.name: variant}, status_judged=True)
        offset, beginning = _BEGINNINGS.get(media_type, (0, b""))
        begins = reply.content[offset : offset + len(beginning)] == beginning
        fits = reply.accepted and reply.media_type == media_type and begins
        received = f"{reply.status} {reply.media_type} beginning {reply.content[:12]!r}"
        session.judge("content-variants", fits, f"{variant} as {media_type}", received, reply)
    query = {parameter.name: "no-such-variant"}
    reply = session.call("content", job.id, query=query, observed=False)
    if reply.status < 500:
        refused = not reply.accepted
        session.judge("content-variant-unknown", refused, "a refusal", reply.said(), reply)


@scenario("outputs", "content-index-unknown")
def outputs(session: Session) -> None:
    """Ask for an output that the finished job does not have."""
    job = completed(session)
    parameter = session.operation("content").parameter("index")
    if parameter is None:
        message = "the content operation takes no index"
        raise Missing(message)
    reply = session.call("content", job.id, query={parameter.name: "999"}, status_judged=True)
    if reply.status < 500:
        refused = not reply.accepted
        session.judge("content-index-unknown", refused, "a refusal", reply.said(), reply)


@scenario(
    "result address",
    "content-result-url content-result-fetchable content-result-type content-result-same",
)
def result_address(session: Session) -> None:
    """Fetch the video by the address in the finished job."""
    job = completed(session)
    if job.shown is None or not any(r.kind == "url" for r in session.surface.results):
        message = "the job holds no address"
        raise Missing(message)
    urls = job.shown.job().output_urls
    parts = urlsplit(urls[0]) if urls else None
    absolute = parts is not None and parts.scheme in {"http", "https"} and bool(parts.netloc)
    received = urls[0] if urls else "no address"
    session.judge("content-result-url", absolute, "an http(s) address", received, job.shown)
    if not absolute:
        return
    if _is_content(session, job.id, urls[0]):
        # It asks for the key as the operation does, and the scenarios above judge what it serves.
        for requirement in ("fetchable", "type", "same"):
            said = "the content operation"
            session.judge(f"content-result-{requirement}", True, "the video", said, job.shown)
        return
    try:
        reply = session.fetch(urls[0])
    except NoReply as problem:
        session.judge("content-result-fetchable", False, "the video", str(problem), job.shown)
        return
    fits = reply.status == 200 and bool(reply.content)
    session.judge("content-result-fetchable", fits, "200 with the video", _told(reply), reply)
    if not fits:
        return
    kind = reply.media_type or "no Content-Type"
    session.judge("content-result-type", kind.startswith("video/"), "video/…", kind, reply)
    if session.video is None:
        session.video = reply.content
        return
    films = read_film(session.video), read_film(reply.content)
    if films[0] is None:
        session.cannot("content-result-same", "the content operation serves no MP4", "untestable")
        return
    expected, received = (f"{f.width}x{f.height}, {f.seconds} s" if f else "no MP4" for f in films)
    session.judge("content-result-same", expected == received, expected, received, reply)


def _is_content(session: Session, job_id: str, address: str) -> bool:
    if session.dialect.by_role("content", session.surface.name) is None:
        return False
    own, given = urlsplit(session.target.url), urlsplit(address)
    path = urlsplit(session.draft("content", job_id).path).path
    here = (own.scheme, own.netloc, own.path.rstrip("/") + path)
    return here == (given.scheme, given.netloc, given.path)


def _told(reply: Reply) -> str:
    return f"{reply.said()} with {len(reply.content)} bytes"


def _types(content: Operation) -> tuple[str, ...]:
    variants = tuple(content.variants.values())[:1]
    return variants or tuple(c.media_type for c in content.success.contents if c.binary)
