"""No text of a specification, wherever it stands, has a say in the structure of the emitted code.

Every position that may hold prose is filled: what OpenAPI and JSON Schema define, and extensions that some reader or
generator somewhere obeys. The code must be that of the same document with harmless words.
"""

import copy
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from emit.test_hostile import HOSTILE, code, shape
from fuzz.documents import texts
from fuzz.strength import examples
from vidspec.contract import Contract, Lifecycle, load_contract
from vidspec.contract.dialect import read_dialect
from vidspec.document.grammar import walk
from vidspec.emit import FileTree, emit

TOY = Path(__file__).parent.parent / "cases" / "toy"

#: Kind of object → the members that are filled with text, in each object of the kind.
_PROSE = {
    "document": ("x-note", "x-logo"),
    "pathItem": ("summary", "description", "x-note"),
    "operation": ("summary", "description", "x-codegen-request-body-name", "x-internal-name", "x-note"),
    "requestBody": ("description", "x-body-name", "x-note"),
    "response": ("description", "x-note"),
    "parameter": ("description", "example", "x-example", "x-variable-name", "x-note"),
    "header": ("description", "x-note"),
    "link": ("description", "x-note"),
    "example": ("summary", "description", "x-note"),
    "securityScheme": ("description", "bearerFormat", "x-note"),
    "schema": (
        "title", "description", "$comment", "externalDocs", "x-note", "x-go-type", "x-python-type",
        "x-class-name", "customTypePath", "customBasePath", "typeName", "x-propertyNames",
    ),
}  # fmt: skip
#: Members of an enum or union that hold a text for each of its values.
_PER_VALUE = (
    "x-enum-varnames", "x-enumNames", "x-enum-descriptions", "x-enumDescriptions", "enumNames",
)  # fmt: skip
Fill = Callable[[str], str]


def filled(document: Mapping[str, Any], text: str) -> dict[str, Any]:
    """Return the document with ``text`` in every position that holds words for people."""
    result = copy.deepcopy(dict(document))
    for kind, _, value in walk(result):
        if "$ref" in value:
            continue
        for key in _PROSE.get(kind, ()):
            value[key] = {"description": text, "url": text} if key == "externalDocs" else text
        if kind == "schema":
            value["examples"] = [text]
            for key in _PER_VALUE if "enum" in value else ():
                value[key] = [text for _ in value["enum"]]
        if kind == "example":
            value["value"] = _every_word(value.get("value"), text)
    result["info"] = {
        **dict.fromkeys(("title", "version", "summary", "description", "termsOfService"), text),
        "contact": dict.fromkeys(("name", "url", "email"), text),
        "license": {"name": text, "identifier": text},
    }
    for tag in result.get("tags", ()):
        tag |= {"description": text, "externalDocs": {"url": text, "description": text}}
    for server in result["servers"]:
        server["description"] = text
    said = result["x-video-dialect"]
    said |= {"title": text, "summary": text, "x-note": text}
    for surface in said["surfaces"].values():
        surface["title"] = text
    return result


def _every_word(value: Any, text: str) -> Any:
    if isinstance(value, dict):
        return {key: _every_word(item, text) for key, item in value.items()}
    if isinstance(value, list):
        return [_every_word(item, text) for item in value]
    return text if isinstance(value, str) else value


@pytest.fixture(scope="module")
def toy() -> dict[str, Any]:
    """Give the toy dialect's document."""
    return dict(load_contract(TOY).dialects["toy"].document)


def emitted(document: Mapping[str, Any]) -> FileTree:
    dialect = read_dialect(document)
    return emit(Contract(Lifecycle({}), {dialect.name: dialect}, ()))


@pytest.fixture(scope="module")
def harmless(toy: dict[str, Any]) -> dict[str, list[str]]:
    """Give the structure of the code with harmless words in every position."""
    tree = emitted(filled(toy, "Plain words."))
    return {path: shape(tree[path], names=True) for path in code(tree)}


def same_structure(tree: FileTree, harmless: Mapping[str, list[str]]) -> None:
    assert code(tree) == list(harmless)
    for path in harmless:
        if "/_runtime/" not in path:
            assert shape(tree[path], names=True) == harmless[path], path


@pytest.mark.parametrize("evil", HOSTILE.values(), ids=HOSTILE.keys())
def test_no_position_changes_the_structure(
    evil: str, toy: dict[str, Any], harmless: Mapping[str, list[str]]
) -> None:
    same_structure(emitted(filled(toy, f"{evil} and {evil}")), harmless)


@examples(8)
@given(evil=texts)
def test_no_text_changes_the_structure(
    toy: dict[str, Any], harmless: Mapping[str, list[str]], evil: str
) -> None:
    # An empty text is no text: with a word in it, its docstring stays.
    same_structure(emitted(filled(toy, f"a{evil}")), harmless)


def test_words_for_people_name_nothing(
    toy: dict[str, Any], harmless: Mapping[str, list[str]]
) -> None:
    """Filled or as written: the same files, the same names of classes, functions and arguments."""
    bare = emitted(toy)
    client = "vidspec_client/toy/client.py"

    assert "name='Client'," in _names(harmless[client])
    assert code(bare) == list(harmless)
    for path in harmless:
        assert _names(shape(bare[path], names=True)) == _names(harmless[path]), path


def _names(lines: list[str]) -> list[str]:
    return [line for line in lines if line.startswith(("name=", "arg=", "id=", "attr="))]
