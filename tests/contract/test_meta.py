"""The schemas of our extensions and files explain each member: they are the documentation."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from vidspec.document import load_yaml
from vidspec.resources import spec_root

SCHEMAS = sorted((spec_root() / "meta").glob("*.yaml"))


def undescribed(schema: Any, definitions: dict[str, Any], at: str = "") -> Iterator[str]:
    """Yield the places of properties that say nothing about themselves, nor does what they refer to."""
    if isinstance(schema, list):
        for index, item in enumerate(schema):
            yield from undescribed(item, definitions, f"{at}/{index}")
        return
    if not isinstance(schema, dict):
        return
    for name, said in schema.get("properties", {}).items():
        meant = said if isinstance(said, dict) else {}
        referred = definitions.get(str(meant.get("$ref", "")).rpartition("/")[2], {})
        if not (meant.get("description") or referred.get("description")):
            yield f"{at}/properties/{name}"
    for key, below in schema.items():
        if key == "properties":
            for name, said in below.items():
                yield from undescribed(said, definitions, f"{at}/{key}/{name}")
        else:
            yield from undescribed(below, definitions, f"{at}/{key}")


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.name.partition(".")[0])
def test_each_member_is_explained(path: Path) -> None:
    schema, _ = load_yaml(path)
    assert not [*undescribed(schema, schema.get("$defs", {}))]


def test_a_member_without_a_word_is_found() -> None:
    schema = {"properties": {"a": {"properties": {"b": True}}, "c": {"$ref": "#/$defs/c"}}}
    assert [*undescribed(schema, {"c": {"description": "C."}})] == [
        "/properties/a",
        "/properties/a/properties/b",
    ]
