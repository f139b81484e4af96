"""Pointers and the rendering of complaints."""

from pathlib import Path
from typing import Any

import pytest

from vidspec.source import (
    MISSING,
    Location,
    Problem,
    join_pointer,
    pointer_all,
    pointer_get,
    pointer_remove,
    pointer_set,
    split_pointer,
)


def job() -> dict[str, Any]:
    """Return a small message."""
    return {"data": [{"id": "a", "url": None}, {"id": "b"}], "a/b": {"c~d": 1}}


@pytest.mark.parametrize("segments", [(), ("",), ("a/b", "c~d", "~1"), ("paths", "/v1/{id}")])
def test_split_undoes_join(segments: tuple[str, ...]) -> None:
    """Any keys survive the way into a pointer and back."""
    assert segments == split_pointer(join_pointer(*segments))


def test_a_text_without_slash_is_no_pointer() -> None:
    """A pointer is empty or begins with a slash."""
    with pytest.raises(ValueError, match="not a JSON Pointer"):
        split_pointer("data")


@pytest.mark.parametrize(
    ("pointer", "expected"),
    [
        ("/data/0/id", "a"),
        ("/data/0/url", None),
        ("/data/1/url", MISSING),
        ("/data/01", MISSING),
        ("/data/-1", MISSING),
        ("/data/9", MISSING),
        ("/data/*", MISSING),
        ("/data/0/id/0", MISSING),
        ("/a~1b/c~0d", 1),
    ],
)
def test_get(pointer: str, expected: object) -> None:
    """A null is found; a text has no items; an index has no sign and no leading zero."""
    assert expected == pointer_get(job(), pointer)


def test_all_matches_every_item() -> None:
    """The star stands for every item, and an item without the member is left out."""
    assert pointer_all(job(), "/data/*/id") == [("/data/0/id", "a"), ("/data/1/id", "b")]
    assert pointer_all(job(), "/data/*/url") == [("/data/0/url", None)]


def test_set_makes_what_is_missing() -> None:
    """Objects on the way are made, arrays are appended to, the star sets everywhere."""
    value = job()
    pointer_set(value, "/error/code", 5)
    pointer_set(value, "/data/-", {"id": "c"})
    pointer_set(value, "/data/*/n", 1)

    assert value["error"] == {"code": 5}
    assert [item["n"] for item in value["data"]] == [1, 1, 1]
    assert pointer_set(value, "", "new") == "new"


def test_set_refuses_a_barred_way() -> None:
    """A scalar holds nothing, and an array has no gaps."""
    with pytest.raises(LookupError):
        pointer_set(job(), "/data/0/id/x", 1)
    with pytest.raises(LookupError):
        pointer_set(job(), "/data/5", 1)


def test_remove() -> None:
    """Removing says whether anything was there."""
    value = job()

    assert pointer_remove(value, "/data/*/id")
    assert not pointer_remove(value, "/data/*/id")
    assert pointer_remove(value, "/data/0")
    assert value["data"] == [{}]


def test_render_shows_the_line(tmp_path: Path) -> None:
    """The complaint comes with its line, a caret under the column, and the hint."""
    path = tmp_path / "spec.yaml"
    path.write_text("a: 1\nb: no\n")
    problem = Problem(
        "yaml-boolean", "is 'no' a boolean?", Location(str(path), 2, 4), 'Write "no".'
    )

    expected = [
        f"{path}:2:4: [yaml-boolean] is 'no' a boolean?",
        "  2 | b: no",
        "    |    ^",
        '  hint: Write "no".',
    ]
    assert expected == problem.render().splitlines()


def test_render_is_safe_for_a_terminal() -> None:
    """A long line is cut around the column, and control characters are not passed on."""
    line = "x" * 500 + "\x1b[31m" + "y" * 500
    rendered = Problem("r", "m", Location("f", 1, 501), None, line).render().splitlines()

    assert "\x1b" not in rendered[1]
    assert len(rendered[1]) < 130
    assert rendered[1][rendered[2].index("^")] == "\N{REPLACEMENT CHARACTER}"
