"""Where an OpenAPI 3.1 document can hold references: which kind of object stands under which key.

Everything that the table does not name is data (examples, defaults, enums): a ``$ref`` in it is only text.
"""

from collections.abc import Iterator
from typing import Any, Final

from vidspec.source import join_pointer

#: Kind of object → section of ``components`` in which it lives. A path item has one too, but is always inlined.
SECTIONS: Final = {
    "schema": "schemas",
    "response": "responses",
    "parameter": "parameters",
    "example": "examples",
    "requestBody": "requestBodies",
    "header": "headers",
    "securityScheme": "securitySchemes",
    "link": "links",
    "callback": "callbacks",
}

METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

# Kind → key → what stands there: an object of a kind, "[kind]" an array of them, "{kind}" a map of names to them.
_PARAMETER = {"schema": "schema", "content": "{mediaType}", "examples": "{example}"}
_TABLE: Final[dict[str, dict[str, str]]] = {
    "document": {"paths": "{pathItem}", "webhooks": "{pathItem}", "components": "components"},
    "components": {section: f"{{{kind}}}" for kind, section in SECTIONS.items()}
    | {"pathItems": "{pathItem}"},
    "pathItem": dict.fromkeys(METHODS, "operation") | {"parameters": "[parameter]"},
    "operation": {
        "parameters": "[parameter]",
        "requestBody": "requestBody",
        "responses": "{response}",
        "callbacks": "{callback}",
    },
    "requestBody": {"content": "{mediaType}"},
    "response": {"headers": "{header}", "content": "{mediaType}", "links": "{link}"},
    "parameter": _PARAMETER,
    "header": _PARAMETER,
    "mediaType": {"schema": "schema", "examples": "{example}", "encoding": "{encoding}"},
    "encoding": {"headers": "{header}"},
    "schema": {
        **dict.fromkeys(("allOf", "anyOf", "oneOf", "prefixItems"), "[schema]"),
        **dict.fromkeys(
            ("properties", "patternProperties", "dependentSchemas", "$defs", "definitions"),
            "{schema}",
        ),
        **dict.fromkeys(("items", "contains", "additionalProperties", "propertyNames"), "schema"),
        **dict.fromkeys(("unevaluatedItems", "unevaluatedProperties"), "schema"),
        **dict.fromkeys(("not", "if", "then", "else", "contentSchema"), "schema"),
        "discriminator": "discriminator",
    },
    "discriminator": {"mapping": "{mapped}"},
}


def kind_below(kind: str, key: str) -> str:
    """Return what stands under ``key`` of an object of ``kind``; ``""`` is data."""
    if kind.startswith("{"):
        return kind[1:-1]
    if kind == "callback":
        return "" if key.startswith("x-") else "pathItem"
    return _TABLE.get(kind, {}).get(key, "")


def walk(value: Any, kind: str = "document", pointer: str = "") -> Iterator[tuple[str, str, Any]]:
    """Yield ``(kind, pointer, object)`` for every object of a known kind, parents first; data is left out."""
    if isinstance(value, dict):
        if not kind.startswith("{"):
            yield kind, pointer, value
        for key, item in value.items():
            if below := kind_below(kind, key):
                yield from walk(item, below, pointer + join_pointer(key))
    elif isinstance(value, list) and kind.startswith("["):
        for index, item in enumerate(value):
            yield from walk(item, kind[1:-1], f"{pointer}/{index}")
