import pytest

from conformance.gateway import box, film
from vidspec.conformance.mp4 import read_film


def test_size_seconds_codec_and_order_are_read() -> None:
    found = read_film(film(1280, 720, 8))

    assert found is not None
    assert (found.width, found.height, found.seconds, found.codec) == (1280, 720, 8.0, "avc1")
    assert found.faststart


@pytest.mark.parametrize(
    "data",
    [b"", b"<!doctype html>", film()[:60], box(b"ftyp", b"isom"), b"\xff" * 4000, bytes(4000)],
    ids=["empty", "html", "cut", "no moov", "ones", "zeros"],
)
def test_what_is_no_film_is_none(data: bytes) -> None:
    assert read_film(data) is None


def test_any_cut_of_a_film_is_read_without_an_exception() -> None:
    whole = film()
    for end in range(len(whole)):
        read_film(whole[:end])
