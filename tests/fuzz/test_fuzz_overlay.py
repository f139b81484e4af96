"""Any overlay over any document: applied, or refused with a place in the overlay; the document stays as it was."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuzz.documents import TOY, texts, values
from fuzz.strength import examples, refused_in_words
from vidspec.document import Document, apply_overlay, load_document
from vidspec.errors import SpecError

_STEPS = (
    "$", ".paths", ".*", "..*", "['/clips']", "[0]", "[-1]", "[1:0:-1]", "[?@.x]", ".components",
    "..schema", "..[?@.type=='object']", "[?match(@.a,'(a+)+$')]", ".tags", ".info", "[*]",
)  # fmt: skip
targets = st.one_of(
    texts,
    st.lists(
        st.sampled_from(_STEPS),
        max_size=4,
    ).map(lambda parts: "$" + "".join(parts).replace("$", "")),
)
actions = st.fixed_dictionaries(
    {"target": st.one_of(targets, targets, values)},
    optional={
        "update": values,
        "remove": st.one_of(st.booleans(), values),
        "description": texts,
        "odd": values,
    },
)
overlays = st.one_of(
    values,
    st.fixed_dictionaries(
        {
            "overlay": st.just("1.0.0"),
            "info": st.just({"title": "Any", "version": "1"}),
            "actions": st.one_of(st.lists(actions, min_size=1, max_size=3), values),
        },
        optional={"extends": st.one_of(st.just("openapi.yaml"), values), "x-odd": values},
    ),
)


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Document:
    """Give the toy dialect's document, in a folder of its own."""
    folder = tmp_path_factory.mktemp("overlay")
    (folder / "openapi.yaml").write_bytes(TOY.read_bytes())
    return load_document(folder / "openapi.yaml", root=folder)


@examples(200)
@given(overlay=overlays)
def test_any_overlay(document: Document, overlay: Any) -> None:
    path: Path = document.path.parent / "overlay.json"
    path.write_text(json.dumps(overlay), encoding="utf-8")
    before = copy.deepcopy(document.data)

    try:
        after = apply_overlay(document, path)
    except SpecError as error:
        refused_in_words(error)
    else:
        json.dumps(after.data)
        assert after.locate("/paths").line >= 1
    assert document.data == before
