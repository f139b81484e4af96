"""Reading job objects."""

from datetime import UTC, datetime

from vidspec.contract import JobField, Lifecycle, Poll, Surface, load_contract, read_job
from vidspec.contract.jobs import as_number


def surface(**job: JobField) -> Surface:
    """Make a surface with these job fields."""
    fields = {"id": JobField("id", "/id"), "status": JobField("status", "/status"), **job}
    return Surface("clips", "Clips", True, fields, {"done": "completed"}, (), Poll(1), None)


def test_unknown_words_are_unknown_not_an_error() -> None:
    """A word that the document does not map keeps its text."""
    view = read_job(surface(), {"id": "a", "status": "dreaming"})

    assert (view.state, view.word, view.terminal) == ("unknown", "dreaming", False)


def test_times_are_read_in_their_unit() -> None:
    """Seconds, milliseconds and ISO 8601 give the same moment."""
    moment = datetime(2026, 11, 1, 10, tzinfo=UTC)
    stamps = {"s": 1793527200, "ms": 1793527200000, "iso8601": "2026-11-01T10:00:00Z"}
    for unit, stamp in stamps.items():
        place = JobField("created_at", "/at", unit)  # type: ignore[arg-type]

        assert {"created_at": moment} == read_job(surface(created_at=place), {"at": stamp}).times


def test_numbers_may_come_as_text() -> None:
    """Percent texts and decimal texts are numbers; words and booleans are not."""
    assert [50.0, 8.0, None, None] == [as_number(v) for v in ("50%", "8", "soon", True)]


def test_a_reply_that_is_no_object_is_an_empty_view() -> None:
    """Nothing is invented for a wrong reply."""
    view = read_job(surface(), ["not", "a", "job"])

    assert (view.id, view.word, view.state) == (None, None, "unknown")


def test_lifecycle_skips_forward_only() -> None:
    """Skipped states are fine, going back is not."""
    lifecycle: Lifecycle = load_contract(dialects=()).lifecycle

    assert lifecycle.allows("queued", "completed")
    assert not lifecycle.allows("completed", "in_progress")
