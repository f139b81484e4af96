"""An example, or several, of each change in ``docs/diff-oasdiff.md``: pairs of small documents."""

from typing import Any, TypeAlias

Doc: TypeAlias = dict[str, Any]
Pair: TypeAlias = tuple[Doc, Doc]


def doc(operation: Doc | None = None, **more: Any) -> Doc:
    """Return a document with one operation, changed by ``operation``; None as a value takes a key away."""
    whole = {
        "operationId": "make",
        "responses": {"200": {"description": "Done."}},
        **(operation or {}),
    }
    whole = {key: value for key, value in whole.items() if value is not None}
    info = {"title": "Example", "version": "1"}
    return {"openapi": "3.1.0", "info": info, "paths": {"/things": {"post": whole}}, **more}


def param(schema: Doc | None = None, place: str = "query", **said: Any) -> Doc:
    """Return a document whose operation has a parameter."""
    one = {"name": "size", "in": place, "schema": schema or {"type": "string"}, **said}
    return doc({"parameters": [one]})


def at(path: str, document: Doc) -> Doc:
    """Return the document with its operation at another path."""
    return document | {"paths": {path: document["paths"]["/things"]}}


def media(schema: Doc, kind: str = "application/json") -> Doc:
    """Return the content of a body or a reply."""
    return {"content": {kind: {"schema": schema}}}


def body(schema: Doc, *, required: bool = True, kind: str = "application/json") -> Doc:
    """Return a document whose operation takes that."""
    return doc({"requestBody": media(schema, kind) | {"required": required}})


def reply(schema: Doc | None = None, kind: str = "application/json", **said: Any) -> Doc:
    """Return a document whose operation answers with that."""
    answer = {"description": "Done.", **(media(schema, kind) if schema else {}), **said}
    return doc({"responses": {"200": answer}})


def thing(required: tuple[str, ...] = (), **properties: Doc) -> Doc:
    """Return an object schema."""
    said: Doc = {"type": "object", "properties": properties}
    return said | ({"required": list(required)} if required else {})


TEXT: Doc = {"type": "string"}
NUMBER: Doc = {"type": "number"}
WHOLE: Doc = {"type": "integer"}
NULLABLE: Doc = {"type": ["string", "null"]}
WORDS: Doc = {"type": "string", "enum": ["a", "b"]}
WORD: Doc = {"type": "string", "enum": ["a"]}
MANY: Doc = {"type": "array", "items": TEXT}
EMPTY = doc() | {
    "paths": {
        "/others": {"get": {"operationId": "look", "responses": {"200": {"description": "x"}}}}
    }
}
BOTH = doc() | {"paths": doc()["paths"] | EMPTY["paths"]}
KEYS: Doc = {
    "securitySchemes": {
        "oauth": {
            "type": "oauth2",
            "flows": {
                "clientCredentials": {
                    "tokenUrl": "https://x.example",
                    "scopes": {"a": "a", "b": "b"},
                }
            },
        }
    }
}


def deprecated(**said: Any) -> Doc:
    """Return a document whose operation is deprecated."""
    return doc({"deprecated": True, **said})


def both_with(change: Doc) -> Doc:
    """Return a document of two operations, the first changed."""
    return doc(change) | {"paths": doc(change)["paths"] | EMPTY["paths"]}


def union(keyword: str, *members: Doc, **said: Any) -> Doc:
    """Return a schema of alternatives."""
    return {keyword: list(members), **said}


def pets(name: str) -> Doc:
    """Return alternatives told apart by the property ``name``."""
    cat = thing(("kind", "type"), kind={"const": "cat"}, type={"const": "cat"})
    dog = thing(("kind", "type"), kind={"const": "dog"}, type={"const": "dog"})
    return union("oneOf", cat, dog, discriminator={"propertyName": name})


def bound(keyword: str, old: Any, new: Any, of: Doc = TEXT) -> tuple[Doc, Doc]:
    """Return two schemas that differ in one keyword (None: it is not there)."""
    return (of if old is None else of | {keyword: old}), of | {keyword: new}


def params(old: Doc, new: Doc) -> Pair:
    """Return documents whose parameters have these schemas."""
    return param(old), param(new)


def bodies(old: Doc, new: Doc) -> Pair:
    """Return documents whose bodies have a property of these schemas."""
    return body(thing(size=old)), body(thing(size=new))


def replies(old: Doc, new: Doc) -> Pair:
    """Return documents whose replies have a required property of these schemas."""
    return reply(thing(("size",), size=old)), reply(thing(("size",), size=new))


def headers(**one: Any) -> Doc:
    """Return a document whose reply has a header."""
    return reply(headers={"x-left": {"schema": WHOLE, **one}})


OPERATIONS: dict[str, list[Pair]] = {
    "operation or path removed, not deprecated before": [(BOTH, EMPTY)],
    "deprecated operation removed before its sunset": [
        (both_with({"deprecated": True, "x-sunset": "9999-12-31"}), EMPTY)
    ],
    "deprecated with a policy: sunset missing, invalid or too early": [
        (doc(), deprecated()), (deprecated(), deprecated(**{"x-sunset": "soon"})),
    ],
    "sunset of a deprecated operation removed or invalid": [
        (deprecated(**{"x-sunset": "9999-12-31"}), deprecated()),
        (deprecated(**{"x-sunset": "9999-12-31"}), deprecated(**{"x-sunset": "soon"})),
    ],
    "sunset of a deprecated operation earlier": [
        (deprecated(**{"x-sunset": "9999-12-31"}), deprecated(**{"x-sunset": "9998-12-31"}))
    ],
    "stability level lowered or invalid": [
        (doc({"x-stability-level": "stable"}), doc({"x-stability-level": "beta"})),
        (doc({"x-stability-level": "stable"}), doc({"x-stability-level": "gamma"})),
    ],
    "operation id removed or changed (optional)": [
        (doc(), doc({"operationId": None})), (doc(), doc({"operationId": "other"})),
    ],
    "tag removed or changed (optional)": [(doc({"tags": ["a"]}), doc())],
    "schema removed from components (optional)": [(doc(components={"schemas": {"A": TEXT}}), doc())],
    "callback changes": [
        (doc(), doc({"callbacks": {"done": {"{$request.query.url}": doc()["paths"]["/things"]}}})),
        (doc({"callbacks": {"done": {"{$request.query.url}": doc()["paths"]["/things"]}}}), doc()),
    ],
}  # fmt: skip
PARAMETERS: dict[str, list[Pair]] = {
    "new required query, header or cookie parameter": [
        (doc(), param(required=True, place=place)) for place in ("query", "header", "cookie")
    ],
    "path parameter declared that was not": [
        (at("/things/{size}", doc()), at("/things/{size}", param(required=True, place="path"))),
    ],
    "new required parameter with a default": [(doc(), param({"type": "string", "default": "a"}, required=True))],
    "parameter removed without deprecation, or before its sunset": [(param(), doc())],
    "parameter became required": [(param(), param(required=True))],
    "default of an optional parameter changed": [params(*bound("default", "a", "b"))],
    "default of an optional parameter added or removed": [
        params(*bound("default", None, "b")), params(*bound("default", None, "b")[::-1]),
    ],
    "parameter became an enum": [params(TEXT, WORDS)],
    "enum value of a parameter removed": [params(WORDS, WORD)],
    "value of an x-extensible-enum removed": [params(*bound("x-extensible-enum", ["a", "b"], ["a"]))],
    "parameter's type narrowed (number to integer) or changed": [
        # A number is a text on the way: from text to number is narrower.
        params(NUMBER, WHOLE), params(TEXT, WHOLE), params({"type": "boolean"}, WHOLE),
    ],
    "pattern of a parameter added": [params(*bound("pattern", None, "^a"))],
    "pattern of a parameter changed": [params(*bound("pattern", "^b", "^a"))],
    "maximum lowered, minimum raised": [
        params(*bound("maximum", 9, 8, WHOLE)), params(*bound("minimum", 1, 2, WHOLE)),
    ],
    "maxLength or maxItems lowered or set": [
        params(*bound("maxLength", 9, 8)), params(*bound("maxLength", None, 8)),
        params(*bound("maxItems", 9, 8, MANY)), params(*bound("maxItems", None, 8, MANY)),
    ],
    "minItems raised or set": [params(*bound("minItems", 1, 2, MANY)), params(*bound("minItems", None, 2, MANY))],
    "style or explode changed": [
        (param(MANY), param(MANY, style="spaceDelimited", explode=False)), (param(MANY), param(MANY, explode=False)),
    ],
}  # fmt: skip
REQUESTS: dict[str, list[Pair]] = {
    "required body added": [(doc(), body(thing()))],
    "optional body became required": [(body(thing(), required=False), body(thing()))],
    "body removed": [(body(thing()), doc())],
    "media type removed": [
        (doc({"requestBody": {"content": {"application/json": {"schema": TEXT}, "text/plain": {"schema": TEXT}}}}),
         doc({"requestBody": media(TEXT)})),
    ],
    "new required property": [(body(thing()), body(thing(("size",), size=TEXT)))],
    "property became required (also in items, anyOf, nested)": [
        (body(thing(size=TEXT)), body(thing(("size",), size=TEXT))),
        bodies(thing(size=TEXT), thing(("size",), size=TEXT)),
        bodies({"type": "array", "items": thing(size=TEXT)}, {"type": "array", "items": thing(("size",), size=TEXT)}),
        bodies(union("anyOf", thing(size=TEXT), WHOLE), union("anyOf", thing(("size",), size=TEXT), WHOLE)),
    ],
    "required property removed": [(body(thing(("size",), size=TEXT)), body(thing()))],
    "optional property removed": [(body(thing(size=TEXT)), body(thing()))],
    "property or body became not nullable": [
        bodies(NULLABLE, TEXT), (body({"type": ["object", "null"]}), body({"type": "object"})),
    ],
    "property or body became an enum": [bodies(TEXT, WORDS), (body(TEXT), body(WORDS))],
    "enum value removed": [bodies(WORDS, WORD)],
    "type narrowed": [bodies(NUMBER, WHOLE)],
    "type changed": [bodies(TEXT, WHOLE)],
    "format set with a narrower type (number to integer/int32)": [bodies(NUMBER, WHOLE | {"format": "int32"})],
    "pattern added": [bodies(*bound("pattern", None, "^a"))],
    "pattern changed": [bodies(*bound("pattern", "^b", "^a"))],
    "maxLength lowered or set": [bodies(*bound("maxLength", 9, 8)), bodies(*bound("maxLength", None, 8))],
    "minItems raised": [bodies(*bound("minItems", 1, 2, MANY))],
    "max lowered": [bodies(*bound("maximum", 9, 8, WHOLE))],
    "member added to allOf": [
        bodies({"allOf": [thing(size=TEXT)]}, {"allOf": [thing(size=TEXT), {"required": ["size"]}]}),
        bodies({"allOf": [NUMBER]}, {"allOf": [NUMBER, WHOLE]}),
    ],
    "member removed from allOf": [
        bodies({"allOf": [thing(size=TEXT), thing(kind=TEXT)]}, {"allOf": [thing(size=TEXT)]}),
    ],
    "member removed from oneOf or anyOf": [
        bodies(union(k, TEXT, thing(size=TEXT), MANY), union(k, TEXT, thing(size=TEXT))) for k in ("oneOf", "anyOf")
    ],
    "discriminator changed": [bodies(pets("kind"), pets("type"))],
}  # fmt: skip
REPLIES: dict[str, list[Pair]] = {
    "success status removed": [
        (doc({"responses": {"200": {"description": "x"}, "201": {"description": "x"}}}), doc()),
    ],
    "error status removed (optional)": [
        (doc({"responses": {"200": {"description": "Done."}, "404": {"description": "x"}}}), doc()),
    ],
    "media type removed": [
        (reply(content={"application/json": {"schema": TEXT}, "text/plain": {"schema": TEXT}}), reply(TEXT)),
    ],
    "media type became more general": [(reply(TEXT, "image/png"), reply(TEXT, "image/*"))],
    "required header removed": [(headers(required=True), reply())],
    "optional header removed": [(headers(), reply())],
    "header became optional": [(headers(required=True), headers())],
    "required property removed (also under allOf)": [
        (reply(thing(("size",), size=TEXT)), reply(thing())),
        (reply({"allOf": [thing(("size",), size=TEXT), thing(kind=TEXT)]}), reply({"allOf": [thing(kind=TEXT)]})),
    ],
    "optional property removed": [(reply(thing(size=TEXT)), reply(thing()))],
    "property became optional (also in allOf, anyOf, oneOf)": [
        (reply(thing(("size",), size=TEXT)), reply(thing(size=TEXT))),
        *(
            (reply(union(k, thing(("size",), size=TEXT))), reply(union(k, thing(size=TEXT))))
            for k in ("allOf", "anyOf", "oneOf")
        ),
    ],
    "required property is no longer write-only": [replies(TEXT | {"writeOnly": True}, TEXT)],
    "property or body became nullable": [
        replies(TEXT, NULLABLE), (reply({"type": "object"}), reply({"type": ["object", "null"]})),
    ],
    "type widened (integer to number)": [replies(WHOLE, NUMBER)],
    "type changed": [replies(TEXT, WHOLE)],
    "type of additional properties changed": [
        (reply({"type": "object", "additionalProperties": TEXT}), reply({"type": "object", "additionalProperties": WHOLE})),
    ],
    "member added to oneOf": [replies(union("oneOf", TEXT, WHOLE), union("oneOf", TEXT, WHOLE, MANY))],
    "maxLength raised": [replies(*bound("maxLength", 8, 9))],
    "maxLength removed": [replies(*bound("maxLength", None, 9)[::-1])],
    "minLength or minItems lowered": [replies(*bound("minLength", 2, 1)), replies(*bound("minItems", 2, 1, MANY))],
    "enum value added": [replies(WORD, WORDS)],
    "enum value removed (optional)": [replies(WORDS, WORD)],
}  # fmt: skip
SECURITY: dict[str, list[Pair]] = {
    "scheme added to an operation that was open": [
        (doc(components=KEYS), doc({"security": [{"oauth": ["a"]}]}, components=KEYS)),
    ],
    "scope added": [
        (doc({"security": [{"oauth": ["a"]}]}, components=KEYS), doc({"security": [{"oauth": ["a", "b"]}]}, components=KEYS)),
    ],
}  # fmt: skip
#: Section of the page → change → pairs.
EXAMPLES = {
    "Operations": OPERATIONS,
    "Parameters": PARAMETERS,
    "Request bodies": REQUESTS,
    "Replies": REPLIES,
    "Security": SECURITY,
}
