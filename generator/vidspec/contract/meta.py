"""The shape of our own extensions and files, held by the JSON Schemas in ``spec/meta/``."""

from collections.abc import Callable
from functools import cache
from typing import Any

import jsonschema_rs

from vidspec.document import load_yaml
from vidspec.resources import spec_root
from vidspec.source import Location, Problem, join_pointer


@cache
def _validator(name: str) -> jsonschema_rs.Draft202012Validator:
    schema, _ = load_yaml(spec_root() / "meta" / f"{name}.schema.yaml")
    return jsonschema_rs.Draft202012Validator(schema, offline=True)


def meta_problems(
    name: str, value: Any, locate: Callable[[str], Location], pointer: str = ""
) -> list[Problem]:
    """Hold ``value``, which stands at ``pointer``, against ``spec/meta/<name>.schema.yaml``."""
    problems = []
    for error in _validator(name).iter_errors(value):
        place = pointer + join_pointer(*map(str, error.instance_path))
        problems.append(
            Problem(
                rule=name,
                message=_first_line(error.message),
                location=locate(place),
                hint=f"spec/meta/{name}.schema.yaml says what may stand here.",
            )
        )
    return problems


def _first_line(message: str, limit: int = 300) -> str:
    line = message.splitlines()[0] if message else ""
    return line if len(line) <= limit else line[: limit - 1] + "…"
