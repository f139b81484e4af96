"""Creates that break one documented constraint each, made from the document alone."""

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from vidspec.conformance.schema import constraint
from vidspec.conformance.verdicts import constrained
from vidspec.contract import Body, Dialect
from vidspec.contract.schemas import enum_at

#: Requirement, body, and the field that is wrong in it.
Broken = tuple[str, dict[str, Any], str]

#: Texts of which a documented form rules out one or the other.
_STRANGE: Final = ("?no such form?", ":/no such form:", "", " ")
#: Requirement → the keyword that its field carries, and from the keyword's value a value that breaks it (None: we have none).
_LIMITS: Final[tuple[tuple[str, str, Callable[[Any], Any]], ...]] = (
    ("input-too-long-refused", "maxLength", lambda most: "x" * (most + 1)),
    ("input-below-minimum-refused", "minimum", lambda least: least - 1),
    ("input-above-maximum-refused", "maximum", lambda most: most + 1),
    (
        "input-pattern-refused",
        "pattern",
        lambda form: next((text for text in _STRANGE if not re.search(form, text)), None),
    ),
    ("input-format-refused", "format", lambda _: "not an address"),
)
#: Requirement → JSON type of its field, and a value of another.
_TYPES: Final = (
    ("input-number-type-refused", "number", "many"),
    ("input-boolean-type-refused", "boolean", "perhaps"),
    ("input-object-type-refused", "object", 7),
    ("input-array-type-refused", "array", 7),
)
#: Everything that ``broken`` may yield a body for.
REFUSALS: Final = (
    "create-required-refused",
    "create-empty-prompt-refused",
    "create-unknown-value-refused",
    "create-wrong-type-refused",
    *(requirement for requirement, _, _ in (*_LIMITS, *_TYPES)),
)


def broken(dialect: Dialect, body: Body, sound: dict[str, Any]) -> Iterator[Broken]:
    """Yield variants of a ``sound`` body, each wrong in one field; every required and every closed field has its turn."""
    for name in constrained(dialect, body, "required"):
        lacking = {key: value for key, value in sound.items() if key != name}
        yield "create-required-refused", lacking, name
    prompt = next((f for f in body.fields if f.canonical and f.canonical.name == "prompt"), None)
    if prompt and prompt.name in constrained(dialect, body, "minLength"):
        yield "create-empty-prompt-refused", {**sound, prompt.name: ""}, prompt.name
    fields = {field.name: field.pointer for field in body.fields}
    for name in constrained(dialect, body, "enum"):
        strange = _outside(enum_at(dialect.document, fields[name]) or ())
        yield "create-unknown-value-refused", {**sound, name: strange}, name
    if prompt:
        yield "create-wrong-type-refused", {**sound, prompt.name: ["a", "list"]}, prompt.name
    for requirement, keyword, beyond in _LIMITS:
        for name in constrained(dialect, body, keyword):
            wrong = beyond(constraint(dialect, fields[name], keyword))
            if wrong is not None:
                yield requirement, {**sound, name: wrong}, name
    for requirement, kind, wrong in _TYPES:
        for name in constrained(dialect, body, kind):
            yield requirement, {**sound, name: wrong}, name


def _outside(closed: tuple[Any, ...]) -> Any:
    # Of the right type, so that the set alone is what refuses it.
    numbers = [v for v in closed if isinstance(v, int | float) and not isinstance(v, bool)]
    return max(numbers) + 1000 if len(numbers) == len(closed) > 0 else "no-such-value"
