"""The two doors of this layer: one for OpenAPI documents, one for every other YAML file."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from vidspec.document.bundle import bundle
from vidspec.document.expansion import expansion_problems
from vidspec.document.model import Document
from vidspec.document.reading import read_file
from vidspec.document.references import Library
from vidspec.document.text import shown_path
from vidspec.document.validate import validation_problems
from vidspec.errors import SpecError, UsageError
from vidspec.source import Location, Problem

_VERSION = re.compile(r"3\.1\.\d+\Z")


def load_yaml(path: Path) -> tuple[Any, Callable[[str], Location]]:
    """Read one YAML or JSON file; return its value and a function from pointers into it to places.

    Raises SpecError with every problem found, UsageError if the file cannot be opened.
    """
    source = read_file(path)
    if source.problems:
        raise SpecError(source.problems)
    return source.value, lambda pointer: source.place.nearest(pointer).location


def load_document(path: Path, *, root: Path, validate: bool = True) -> Document:
    """Read an OpenAPI 3.1 document and every file it refers to, all of them below ``root``.

    ``validate`` also holds it against the OpenAPI specification.
    Raises SpecError with every problem found, UsageError if the file cannot be opened or lies outside ``root``.
    """
    library = Library(root)
    if not path.resolve().is_relative_to(library.root):
        message = f"{shown_path(path)} lies outside {shown_path(root)}"
        raise UsageError(message)
    main = library.open(path)
    if main.value is None and main.problems:
        raise SpecError(main.problems)
    problems = _version_problems(
        main.value, main.place.location, main.place.nearest("/openapi").location
    )
    if problems:
        raise SpecError(library.problems + problems)
    data, place = bundle(library, main)
    document = Document(data, place, path, tuple(source.path for source in library.files.values()))
    problems = list(library.problems) or expansion_problems(document)
    if validate and not problems:
        problems = validation_problems(document)
    if problems:
        raise SpecError(problems)
    return document


def _version_problems(value: Any, start: Location, at: Location) -> list[Problem]:
    if not isinstance(value, dict):
        return [Problem("openapi-document", "the document is not an object", start)]
    version = value.get("openapi")
    if isinstance(version, str) and _VERSION.match(version):
        return []
    said = "does not say its version" if version is None else f"says openapi: {version}"
    hint = "Write openapi: 3.1.0 (3.1.x is read)."
    return [Problem("openapi-version", f"the document {said}", at, hint)]
