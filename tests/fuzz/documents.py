"""Hostile documents: sound ones in which anything may stand anywhere, and texts that are nearly YAML."""

import copy
import json
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from vidspec.document import load_yaml
from vidspec.source import join_pointer, pointer_get, pointer_remove, pointer_set

TOY = Path(__file__).parent.parent / "cases" / "toy" / "dialects" / "toy" / "openapi.yaml"

#: Words with a meaning to one of the readers, and words that look like something else.
WORDS = (
    "$ref", "#", "#/", "#/components/schemas/Clip", "#/components/schemas/Clip/properties/clip",
    "#/paths/~1clips", "../../../../etc/passwd", "/etc/passwd", "file:///etc/passwd",
    "https://example.invalid/a.yaml", "other.yaml#/a", "%2e%2e/x.yaml", "\\\\host\\share", "",
    "~", "~2", "*", "-", "0", "01", "9" * 30, "{", "}", "{clip}", "/{a}{b}", "{{ 7 * 7 }}", "{% raw %}",
    '"""', "'", "\\", "\n", "\r\n", "\u2028", "\u202e", "\ud7ff", "__init__", "class", "None", "<script>",
    "x-video-dialect", "x-video-operation", "x-video-parameter", "queued", "completed", "create",
    "object", "array", "string", "null", "5XX", "200", "2026-11-01T10:00:00Z", "[", "(", "(a+)+$",
    "application/json", "multipart/form-data; boundary=x", "video/mp4", "$.paths", "$..*", "$[?@.a == 1]",
)  # fmt: skip

texts = st.one_of(
    st.sampled_from(WORDS),
    st.text(st.characters(codec="utf-8"), max_size=12),
)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(allow_nan=False, allow_infinity=False),
    texts,
)
values: st.SearchStrategy[Any] = st.recursive(
    scalars,
    lambda below: st.one_of(st.lists(below, max_size=4), st.dictionaries(texts, below, max_size=4)),
    max_leaves=10,
)


def pointers(value: Any, pointer: str = "") -> list[str]:
    """Return the pointer of every value below (and of the whole)."""
    found = [pointer]
    if isinstance(value, dict):
        for key, item in value.items():
            found += pointers(item, pointer + join_pointer(key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            found += pointers(item, f"{pointer}/{index}")
    return found


@cache
def toy_text() -> str:
    """Return the toy dialect as JSON."""
    return json.dumps(load_yaml(TOY)[0])


def toy() -> dict[str, Any]:
    """Return a copy of the toy dialect's document."""
    document: dict[str, Any] = json.loads(toy_text())
    return document


_PLACES = pointers(toy())


@st.composite
def mutants(draw: st.DrawFn, most: int = 3) -> Any:
    """Return the toy document with one to ``most`` places replaced, removed, renamed or put elsewhere."""
    document: Any = toy()
    for _ in range(draw(st.integers(1, most))):
        place = draw(st.sampled_from(_PLACES[1:]))
        holder, _, _ = place.rpartition("/")
        if pointer_get(document, place, None) is None:
            continue  # an earlier change took it away
        change = draw(st.sampled_from(("replace", "replace", "remove", "rename", "graft")))
        if change == "remove":
            pointer_remove(document, place)
        elif change == "rename" and isinstance(pointer_get(document, holder), dict):
            value = pointer_get(document, place)
            pointer_remove(document, place)
            pointer_get(document, holder)[draw(texts)] = value
        elif change == "graft":
            other = pointer_get(document, draw(st.sampled_from(_PLACES)), None)
            pointer_set(document, place, copy.deepcopy(other))
        else:
            pointer_set(document, place, draw(values))
    return document


#: Pieces of YAML, put together at random: most are broken, some are traps.
_PIECES = (
    "a", "b", ": ", ":", "- ", "-", "\n", "\n  ", "\n    ", "\t", "{", "}", "[", "]", ",", "&a ", "*a", "*b",
    "!!python/object/apply:os.system ", "!", "!!binary ", "<<: ", "? ", "|", ">", "|-\n", "'", '"', "#", " ",
    "---\n", "...\n", "%YAML 1.1\n", "yes", "0o7", "0x", "1_0", ".inf", "1:2", "~", "null", "\\", "\\u", "\\x0",
    "é", "\U0001f600", "\ufeff", "\x00", "\x85", "\r", "$ref", "openapi: 3.1.0\n",
)  # fmt: skip

yaml_texts = st.one_of(
    st.lists(st.sampled_from(_PIECES), max_size=30).map("".join),
    st.text(st.characters(codec="utf-8"), max_size=60),
)
