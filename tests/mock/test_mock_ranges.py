"""Ranges, HEAD and entity tags, as players and resuming downloads use them."""

import pytest

from vidspec.mock.media import Media
from vidspec.mock.ranges import media_response

MEDIA = Media.of(b"0123456789", "video/mp4")


@pytest.mark.parametrize(
    ("wanted", "body", "content_range"),
    [
        ("bytes=0-3", b"0123", "bytes 0-3/10"),
        ("bytes=4-", b"456789", "bytes 4-9/10"),
        ("bytes=-3", b"789", "bytes 7-9/10"),
        ("bytes=-50", b"0123456789", "bytes 0-9/10"),
        ("bytes=8-50", b"89", "bytes 8-9/10"),
        ("bytes=0-9", b"0123456789", "bytes 0-9/10"),
    ],
)
def test_range_is_answered_in_part(wanted: str, body: bytes, content_range: str) -> None:
    """One satisfiable range gives 206 with just these bytes."""
    response = media_response(MEDIA, {"range": wanted})

    assert (response.status_code, response.body) == (206, body)
    assert response.headers["content-range"] == content_range
    assert response.headers["content-length"] == str(len(body))


@pytest.mark.parametrize("wanted", ["bytes=10-", "bytes=99-100", "bytes=-0"])
def test_range_outside_is_refused(wanted: str) -> None:
    """A range beyond the end gives 416 with the length."""
    response = media_response(MEDIA, {"range": wanted})

    assert response.status_code == 416
    assert response.headers["content-range"] == "bytes */10"


@pytest.mark.parametrize("wanted", ["bytes=0-1,4-5", "lines=1-2", "bytes=5-2", "bytes=a-b", ""])
def test_range_not_understood_is_ignored(wanted: str) -> None:
    """Several ranges, other units and nonsense give the whole."""
    response = media_response(MEDIA, {"range": wanted})

    assert (response.status_code, response.body) == (200, b"0123456789")
    assert "content-range" not in response.headers


def test_whole_is_described() -> None:
    """A plain GET says that ranges are served, how long the file is and which it is."""
    response = media_response(MEDIA, {})

    assert response.status_code == 200
    assert response.headers["accept-ranges"] == "bytes"
    assert response.headers["content-length"] == "10"
    assert response.headers["content-type"] == "video/mp4"
    assert response.headers["etag"] == MEDIA.etag


def test_head_has_the_headers_alone() -> None:
    """HEAD gives the length of the whole and no bytes, also with a range."""
    response = media_response(MEDIA, {"range": "bytes=0-3"}, "HEAD")

    assert (response.status_code, response.body) == (200, b"")
    assert response.headers["content-length"] == "10"


@pytest.mark.parametrize("condition", [MEDIA.etag, "*", f'"x", W/{MEDIA.etag}'])
def test_known_content_is_not_sent_again(condition: str) -> None:
    """If-None-Match with the current tag gives 304."""
    assert media_response(MEDIA, {"if-none-match": condition}).status_code == 304


def test_other_content_is_sent() -> None:
    """If-None-Match with another tag gives the whole."""
    assert media_response(MEDIA, {"if-none-match": '"x"'}).status_code == 200


@pytest.mark.parametrize(
    ("condition", "status"),
    [(MEDIA.etag, 206), ('"other"', 200), ("Mon, 01 Jan 2024 00:00:00 GMT", 200)],
)
def test_resuming_needs_the_same_content(condition: str, status: int) -> None:
    """If-Range gives a part of the same content and the whole of any other."""
    headers = {"range": "bytes=2-", "if-range": condition}

    assert media_response(MEDIA, headers).status_code == status


def test_ranges_may_be_ignored_on_purpose() -> None:
    """The fault serves the whole and does not promise ranges."""
    response = media_response(MEDIA, {"range": "bytes=0-3"}, ranges=False)

    assert response.status_code == 200
    assert "accept-ranges" not in response.headers
