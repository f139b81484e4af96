"""Any bytes and any tree of values: the reader gives a value, or problems with their places."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuzz.documents import mutants, values, yaml_texts
from fuzz.strength import examples, refused_in_words
from vidspec.contract import load_dialect
from vidspec.document import load_document, load_yaml
from vidspec.errors import SpecError, VidspecError


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder that all examples of a test share."""
    return tmp_path_factory.mktemp("fuzz")


@examples(300)
@given(
    raw=st.one_of(yaml_texts.map(str.encode), st.binary(max_size=80)),
    suffix=st.sampled_from((".yaml", ".json")),
)
def test_any_bytes(folder: Path, raw: bytes, suffix: str) -> None:
    path = folder / f"any{suffix}"
    path.write_bytes(raw)

    try:
        value, locate = load_yaml(path)
    except SpecError as error:
        refused_in_words(error)
    else:
        json.dumps(value)
        assert locate("").line >= 1


@examples(200)
@given(value=values)
def test_any_json_is_read_as_json_reads_it(folder: Path, value: Any) -> None:
    path = folder / "value.json"
    path.write_text(json.dumps(value), encoding="utf-8")

    try:
        read, _ = load_yaml(path)
    except SpecError as error:
        refused_in_words(error)
    else:
        assert read == value


@examples(150)
@given(document=mutants())
def test_any_document_is_understood_or_refused(folder: Path, document: Any) -> None:
    path = folder / "openapi.json"
    path.write_text(json.dumps(document), encoding="utf-8")

    for validate in (False, True):
        try:
            load_document(path, root=folder, validate=validate)
        except SpecError as error:
            refused_in_words(error)
    for lint in (False, True):
        try:
            load_dialect(path, root=folder, lint=lint)
        except VidspecError as error:
            refused_in_words(error)
