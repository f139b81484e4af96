"""Where a request takes canonical values: one place per field and meaning, with what the schema lets it be."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from vidspec.contract.model import Canonical, Field, Operation, Parameter
from vidspec.contract.schemas import enum_at, resolve, schemas_at, types_at


@dataclass(frozen=True, slots=True)
class FieldPlace:
    """One field or parameter in one of its meanings."""

    meaning: Canonical
    name: str
    #: ``path``, ``query``, ``header``, ``cookie`` or ``body``.
    location: str
    required: bool
    types: tuple[str, ...]
    choices: tuple[Any, ...]
    minimum: float | None
    maximum: float | None
    binary: bool
    #: Message pointer inside the value → most characters there.
    max_lengths: Mapping[str, int]
    max_items: int | None
    #: Media types whose bodies have the field so.
    media_types: tuple[str, ...] = ()


def field_places(operation: Operation, document: Mapping[str, Any]) -> list[FieldPlace]:
    """Return every place of the operation that has a meaning: parameters first, then body fields in the order of the bodies."""
    made: dict[tuple[str, str], list[FieldPlace]] = {}
    for place in _places(operation, document):
        same = made.setdefault((place.name, place.meaning.name), [])
        for index, known in enumerate(same):
            if replace(known, media_types=()) == replace(place, media_types=()):
                same[index] = replace(known, media_types=known.media_types + place.media_types)
                break
        else:
            same.append(place)
    return [place for places in made.values() for place in places]


def constant(parameter: Parameter, document: Mapping[str, Any]) -> Any:
    """Return what a parameter is when nobody says otherwise: its ``const``, or the default of a required one; else None."""
    schema = resolve(document, f"{parameter.pointer}/schema")[0] if parameter.schema else {}
    if "const" in schema:
        return schema["const"]
    return schema.get("default") if parameter.required else None


def is_json(media_type: str) -> bool:
    """Say whether a media type is JSON (``application/json``, ``application/problem+json``)."""
    subtype = media_type.partition(";")[0].strip().lower().rpartition("/")[2]
    return subtype == "json" or subtype.endswith("+json")


def _places(operation: Operation, document: Mapping[str, Any]) -> Iterator[FieldPlace]:
    for parameter in operation.parameters:
        if parameter.canonical is not None:
            needed = parameter.required and constant(parameter, document) is None
            yield FieldPlace(
                meaning=parameter.canonical,
                name=parameter.name,
                location=parameter.location,
                required=needed or parameter.location == "path",
                **_limits(document, f"{parameter.pointer}/schema", parameter.canonical),
                binary=False,
            )
    for body in operation.bodies:
        for field in body.fields:
            yield from _body_places(field, body.media_type, document)


def _body_places(
    field: Field, media_type: str, document: Mapping[str, Any]
) -> Iterator[FieldPlace]:
    for meaning in field.meanings:
        yield FieldPlace(
            meaning=meaning,
            name=field.name,
            location="body",
            required=field.required,
            **_limits(document, field.pointer, meaning),
            binary=field.binary,
            media_types=(media_type,),
        )


def _limits(document: Mapping[str, Any], pointer: str, meaning: Canonical) -> dict[str, Any]:
    schema = resolve(document, pointer)[0]
    lengths = {
        place: longest
        for place in ("", *meaning.forms.values())
        if (longest := _longest(document, pointer, place)) is not None
    }
    return {
        "max_lengths": lengths,
        "max_items": schema.get("maxItems"),
        "types": tuple(sorted(types_at(document, pointer))),
        "choices": tuple(enum_at(document, pointer) or ()),
        "minimum": schema.get("minimum"),
        "maximum": schema.get("maximum"),
    }


def _longest(document: Mapping[str, Any], pointer: str, place: str) -> int | None:
    """Return the most characters that a text at ``place`` inside the value can have; None: no limit."""
    texts = [
        resolve(document, found)[0]
        for found in schemas_at(document, pointer, place)
        if "string" in types_at(document, found)
    ]
    limits = [text.get("maxLength") for text in texts]
    return max(limits) if limits and None not in limits else None
