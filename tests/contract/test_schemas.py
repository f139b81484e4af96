"""Finding one's way in schemas."""

from vidspec.contract.schemas import Validators, enum_at, properties, schemas_at, types_at

DOCUMENT = {
    "paths": {"/jobs/{job}": {"get": {"schema": {"$ref": "#/components/schemas/Job"}}}},
    "components": {
        "schemas": {
            "Job": {
                "allOf": [
                    {
                        "type": "object",
                        "required": ["id"],
                        "properties": {"id": {"type": "string"}},
                    },
                    {"properties": {"next": {"$ref": "#/components/schemas/Job"}}},
                ]
            },
            "Word": {"anyOf": [{"enum": ["a", "b"]}, {"const": None}]},
        }
    },
}


def test_a_template_in_the_pointer_is_no_harm() -> None:
    """Braces of a path template are escaped on their way into a reference."""
    errors = Validators(DOCUMENT).errors("/paths/~1jobs~1{job}/get/schema", {"next": {"id": 1}})

    assert ["", "/next/id"] == sorted(place for place, _ in errors)


def test_properties_come_from_every_part() -> None:
    """Each name once, required where a part that always holds says so."""
    found = {name: needed for name, _, needed in properties(DOCUMENT, "/components/schemas/Job")}

    assert {"id": True, "next": False} == found


def test_places_are_found_through_recursion() -> None:
    """A recursive schema is followed as far as the message goes."""
    assert 1 == len(schemas_at(DOCUMENT, "/components/schemas/Job", "/next/next/id"))
    assert [] == schemas_at(DOCUMENT, "/components/schemas/Job", "/next/name")


def test_closed_values_are_seen_through_alternatives() -> None:
    """An enum beside null is closed; its types are both."""
    place = "/components/schemas/Word"

    assert ("a", "b", None) == enum_at(DOCUMENT, place)
    assert {"string", "null"} == types_at(DOCUMENT, place)
