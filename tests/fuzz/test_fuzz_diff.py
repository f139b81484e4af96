"""Any two documents: compared in every form, or refused in words; nothing differs from itself."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuzz.documents import mutants, toy, values, yaml_texts
from fuzz.strength import examples, refused_in_words
from vidspec.diff import FORMATS, adopt, compare, open_side, render
from vidspec.errors import UsageError


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder that all examples of a test share."""
    return tmp_path_factory.mktemp("diff")


def written(path: Path, value: Any) -> str:
    path.write_text(json.dumps(value), encoding="utf-8")
    return str(path)


@examples(100)
@given(old=st.one_of(mutants(), values), new=mutants())
def test_any_two_documents(folder: Path, old: Any, new: Any) -> None:
    one, other = written(folder / "old.json", old), written(folder / "new.json", new)
    try:
        there = compare(open_side(one), open_side(other))
        back = compare(open_side(other), open_side(one))
    except UsageError as error:
        refused_in_words(error)
        return
    assert bool(there.findings) == bool(back.findings)
    for form in FORMATS:
        assert render(there, form, side="both")
    assert not compare(open_side(other), open_side(other)).findings


@examples(50)
@given(theirs=mutants())
def test_any_document_held_against_a_dialect(folder: Path, theirs: Any) -> None:
    ours = open_side(written(folder / "ours.json", toy()))
    try:
        held = adopt(
            ours, open_side(written(folder / "theirs.json", theirs)), name="toy", gateway="any"
        )
    except UsageError as error:
        refused_in_words(error)
    else:
        assert held.summary()
        assert held.files()


@examples(200)
@given(raw=st.one_of(yaml_texts.map(str.encode), st.binary(max_size=80)))
def test_any_bytes_are_no_document(folder: Path, raw: bytes) -> None:
    path = folder / "any.yaml"
    path.write_bytes(raw)
    try:
        side = open_side(str(path))
        compare(side, side)
    except UsageError as error:
        refused_in_words(error)
